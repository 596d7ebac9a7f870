package flow_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/flow"
	"suraag/intake"
)

func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		harm      func(t *testing.T, h *house, original string)
		want      string // a part of what is said; empty: nothing differs
	}{
		{"nothing was touched", ``, nil, ""},
		{"a byte of the original", ``, func(t *testing.T, h *house, id string) { harmOriginal(t, h, id) }, "changed after sealing"},
		{"the original is gone", ``, func(t *testing.T, h *house, id string) { os.Remove(originalOf(t, h, id)) }, "is not in"},
		{"a stored row", `UPDATE sighting SET doc = replace(doc, '198.51.100.77', '198.51.100.78')`, nil, "not what the original states"},
		{"the column by which a row is found", `UPDATE sighting SET ip = NULL WHERE ip IS NOT NULL`, nil, "not what the original states"},
		{"a missing row", `DELETE FROM sighting WHERE id = (SELECT min(id) FROM sighting)`, nil, "is not stored"},
		{"an extra row", `INSERT INTO sighting SELECT X'00000000000000000000000000000001', source, reader, version, thing, at_ns, ip, port, doc FROM sighting LIMIT 1`, nil, "does not state"},
		{"an original of which the record says nothing", `DELETE FROM source`, nil, "record says nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			s := h.handIn(t, "tip.json", sample(t, "cybertip_100000001.json"))
			if c.harm != nil {
				c.harm(t, h, s.ID)
			}
			if c.sql != "" {
				h.change(t, c.sql)
			}
			got := h.verify(t)
			if c.want == "" {
				if len(got.Differences) != 0 || got.Originals != 1 || got.Records == 0 {
					t.Errorf("%s", words(t, got))
				}
				return
			}
			if len(got.Differences) == 0 || !strings.Contains(words(t, got.Differences), c.want) {
				t.Errorf("want %q in %s", c.want, words(t, got))
			}
		})
	}
}

func (h *house) verify(t *testing.T) flow.Verified {
	t.Helper()
	got, err := h.Verify(ctx, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (h *house) change(t *testing.T, text string) {
	t.Helper()
	err := h.db.InTx(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, text)
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n == 0 {
			t.Fatalf("%s changes nothing", text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func originalOf(t *testing.T, h *house, id string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(h.dir, "??", id))
	if len(found) != 1 {
		t.Fatalf("original %s: %v", id, found)
	}
	return found[0]
}

func harmOriginal(t *testing.T, h *house, id string) {
	t.Helper()
	file := originalOf(t, h, id)
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	body[len(body)/2] ^= 1
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A newer reader is run over the sealed original; what the older one made is
// counted as older, not as a difference, and then goes to the superseded.
func TestNewerReader(t *testing.T) {
	h := newHouse(t)
	tip := sample(t, "cybertip_100000001.json")
	s := h.handIn(t, "tip.json", tip)
	before, _ := h.db.Count(ctx)
	formats := append([]intake.Format(nil), h.Formats...)
	for n := range formats {
		formats[n].Version++
	}
	h.Formats = formats
	if got := h.verify(t); len(got.Differences) != 0 || got.Older != before.Sightings {
		t.Errorf("before reading again: %s", words(t, got))
	}
	// Bringing the same bytes has them read by the newer reader.
	h.handIn(t, "tip.json", tip)
	if got := h.verify(t); len(got.Differences) != 0 || got.Older != 0 {
		t.Errorf("after reading again: %s", words(t, got))
	}
	if after, _ := h.db.Count(ctx); after != before {
		t.Errorf("%+v, before %+v", after, before)
	}
	all, err := h.db.SightingsIn(ctx, s.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	old, err := h.db.SupersededOf(ctx, all[0].ID)
	if err != nil || len(old) != 1 {
		t.Errorf("superseded: %v, %v", old, err)
	}
}

// A newer reader that breaks off does not take the older one's records with it.
func TestBrokenReaderRetiresNothing(t *testing.T) {
	h := newHouse(t)
	tip := sample(t, "cybertip_100000001.json")
	s := h.handIn(t, "tip.json", tip)
	before, _ := h.db.Count(ctx)
	formats := append([]intake.Format(nil), h.Formats...)
	for n := range formats {
		formats[n].Version++
		formats[n].Read = func(*intake.Input, intake.Sink) error { panic("a defect") }
	}
	h.Formats = formats
	h.handIn(t, "tip.json", tip)
	if after, _ := h.db.Count(ctx); after.Sightings != before.Sightings {
		t.Errorf("%d sightings, before %d", after.Sightings, before.Sightings)
	}
	bad, err := h.db.Problems(ctx, s.ID, 0, 10)
	if err != nil || len(bad) == 0 {
		t.Errorf("the defect is not listed: %v %v", bad, err)
	}
}

// Whoever keeps a verification within a share of the machine is asked often, also
// within one long document.
func TestVerifyTicksWithinASource(t *testing.T) {
	h := newHouse(t)
	var rows strings.Builder
	rows.WriteString("observed_at,act,ip,port\n")
	for n := range 3000 {
		fmt.Fprintf(&rows, "2025-02-01T10:00:00Z,offer,192.0.2.7,%d\n", 1024+n)
	}
	h.handIn(t, "log.csv", []byte(rows.String()))
	asked := 0
	got, err := h.Verify(ctx, func(int, int) { asked++ })
	if err != nil || got.Records != 3000 {
		t.Fatalf("%d records, %v", got.Records, err)
	}
	if asked < 10 {
		t.Errorf("asked %d times during %d records", asked, got.Records)
	}
}
