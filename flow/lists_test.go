package flow_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/flow"
	"suraag/hashset"
	lists "suraag/hashset/files"
)

// listFiles gives the files in which the entries of a house's lists lie.
func (h *house) listFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(h.lists, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// many gives n observations of contents of their own.
func many(n int) []byte {
	var b strings.Builder
	for i := range n {
		b.WriteString(observed(i%60, "198.51.100.7", md5of(fmt.Sprint("content ", i))))
	}
	return []byte(b.String())
}

// dying is a record whose worker dies at its nth transaction.
type dying struct {
	flow.Record
	left int
}

var errDead = errors.New("the worker is dead")

func (d *dying) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	if d.left--; d.left < 0 {
		return errDead
	}
	return d.Record.InTx(ctx, f)
}

// A new list is held against everything ever seen by a job that survives the death
// of its worker: the next one goes on where it was, and nothing is missed.
func TestListIsHeldAgainstEverythingSeen(t *testing.T) {
	for name, where := range engines(t) {
		t.Run(name, func(t *testing.T) {
			h := houseOn(t, where)
			h.operators(t)
			h.handIn(t, "seen.jsonl", many(100))
			s := h.receive(t, flow.HandIn{Name: "list.csv", BroughtBy: "officer", Authority: "FIR 1/2025", List: hashset.Set{Name: "known", From: "an authority"}},
				[]byte("md5\n"+strings.TrimPrefix(md5of("content 3"), "md5:")+"\n"+strings.TrimPrefix(md5of("content 77"), "md5:")+"\n"+strings.TrimPrefix(md5of("never seen"), "md5:")+"\n"))
			h.reads = nil
			if err := h.ReadSource(ctx, s.ID); err != nil {
				t.Fatal(err)
			}
			run := h.runs[0]
			h.Limits.Step = 30
			whole := h.Record
			h.Record = &dying{whole, 2}
			if err := h.RunList(ctx, run[0], run[1]); !errors.Is(err, errDead) {
				t.Fatalf("the worker lives: %v", err)
			}
			h.Record = whole
			half := h.progress(t)
			if half.Done != 60 || half.Total != 100 || !half.Ended.IsZero() {
				t.Fatalf("at the worker's death: %+v", half)
			}
			h.settle(t)
			if end := h.progress(t); end.Done != 100 || end.Touched != 2 || end.Ended.IsZero() || end.After <= half.After {
				t.Fatalf("at the end: %+v", end)
			}
			if n := len(h.queue(t)); n != 2 {
				t.Errorf("%d leads, want 2", n)
			}
			if _, err := h.Retract(ctx, "known", "officer", "a test"); err != nil {
				t.Fatal(err)
			}
			h.settle(t)
			if n := len(h.queue(t)); n != 0 {
				t.Errorf("%d leads after the list was retracted", n)
			}
		})
	}
}

func (h *house) progress(t *testing.T) hashset.Run {
	t.Helper()
	runs, err := h.db.Runs(ctx)
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	return runs[0]
}

// What a list says is the same whether its entries are at hand, were lost, or were
// damaged: they are made again from the sealed original, on this machine or another.
func TestEntriesAreMadeAgain(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"), pdq(0))))
	h.list(t, "known", "list.csv", plain(md5of("a"), sha256of("a")))
	h.list(t, "near", "near.csv", plain(pdq(9)))
	for _, file := range []string{"vics_2_0_hashset.json", "icse.csv"} {
		h.list(t, file, file, sample(t, file))
	}
	traces := func() string {
		return words(t, h.trace(t, md5of("a"))) + words(t, h.trace(t, synthetic1))
	}
	want := traces()
	if !strings.Contains(want, `"known"`) || !strings.Contains(want, `"near"`) || !strings.Contains(want, "vics_2_0_hashset") {
		t.Fatal("the trace does not tell of the lists")
	}
	for _, path := range h.listFiles(t) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	h.reopenLists(t)
	if got := traces(); got != want {
		t.Errorf("after the entries were lost:\n%s\nwant\n%s", got, want)
	}
	for _, path := range h.listFiles(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/3] ^= 4
		if err := errors.Join(os.Remove(path), os.WriteFile(path, data, 0o400)); err != nil {
			t.Fatal(err)
		}
	}
	h.reopenLists(t)
	if got := traces(); got != want {
		t.Errorf("after the entries were damaged:\n%s\nwant\n%s", got, want)
	}
	v, err := h.Verify(ctx, func(int, int) {})
	if err != nil || len(v.Differences) > 0 {
		t.Errorf("verify: %v, %v", v.Differences, err)
	}
}

// reopenLists forgets what is open and remembered, as another machine has never known it.
func (h *house) reopenLists(t *testing.T) {
	t.Helper()
	entries, err := lists.In(h.lists)
	if err != nil {
		t.Fatal(err)
	}
	old := h.House
	h.House = &flow.House{Record: old.Record, Originals: old.Originals, Lists: entries, Formats: old.Formats, Policy: old.Policy, Limits: old.Limits, Now: old.Now, Log: old.Log, Queue: h}
}

// A content is tied to a list also through what another list says of both: the
// second list alone says nothing of the content's MD5.
func TestListTiedThroughAnother(t *testing.T) {
	for _, c := range []struct {
		name  string
		first []byte
	}{{"exactly", plain(md5of("a"), "sha1:"+strings.Repeat("5a", 20))}, {"nearly", plain(pdq(9), "sha1:"+strings.Repeat("5a", 20))}} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.operators(t)
			h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"), pdq(0))+observed(2, "198.51.100.2", md5of("b"))))
			h.list(t, "first", "first.csv", c.first)
			h.list(t, "second", "second.csv", plain("sha1:"+strings.Repeat("5a", 20), sha256of("whatever")))
			leads := h.queue(t)
			if len(leads) != 1 || len(leads[0].Listed) != 2 {
				t.Fatalf("%s", words(t, leads))
			}
			if _, err := h.Retract(ctx, "second", "officer", "a test"); err != nil {
				t.Fatal(err)
			}
			h.settle(t)
			if leads := h.queue(t); len(leads) != 1 || len(leads[0].Listed) != 1 {
				t.Errorf("after the second was retracted: %s", words(t, leads))
			}
		})
	}
}

// Bad rows are listed and stop nothing (ThreatExchange issue 1609), and a list of
// one entry is found (issue 1318).
func TestBadHashesStopNothing(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"))))
	rows := "md5,pdq\nnot a hash,\n,zz\n" + strings.TrimPrefix(md5of("a"), "md5:") + ",\n" + strings.Repeat("0", 31) + ",\n"
	for n := range 9 {
		rows += strings.TrimPrefix(md5of(fmt.Sprint("other ", n)), "md5:") + ",\n"
	}
	s := h.list(t, "known", "list.csv", []byte(rows))
	if s.State != "read" || !strings.Contains(string(s.Result), `"bad":3`) {
		t.Errorf("state %q, result %s", s.State, s.Result)
	}
	sets, err := h.db.Sets(ctx)
	if err != nil || len(sets) != 1 || sets[0].State != hashset.StateLive || sets[0].Entries != 10 {
		t.Fatalf("%+v, %v", sets, err)
	}
	if got := h.trace(t, md5of("a")); len(got.Family[0].Listed) != 1 {
		t.Errorf("the good entry between them is not found: %s", words(t, got.Family))
	}
}

// A file name that an entry and a sighting share ties nothing (MISP issue 2108).
func TestFileNamesTieNothing(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"))))
	h.list(t, "known", "list.csv", []byte("md5,file name,ref\n"+strings.TrimPrefix(md5of("b"), "md5:")+",picture.jpg,picture.jpg\n"))
	if got := h.trace(t, md5of("a")); len(got.Family[0].Listed) != 0 || len(got.Family) != 1 {
		t.Errorf("%s", words(t, got.Family))
	}
}

// What kind of thing a list holds makes no difference to what it matches (Aleph
// issue 3062): every reader of lists ends in the same way to be found.
func TestEveryKindOfListMatches(t *testing.T) {
	raw := strings.TrimPrefix(md5of("a"), "md5:")
	for name, body := range map[string]string{
		"plain.txt": raw + "\n",
		"table.csv": "hash,type\n" + raw + ",MD5\n",
		"set.json":  `{"odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media","value":[{"MediaID":1,"Category":1,"MD5":"` + raw + `"}]}`,
		"icse.csv":  "Image ID;Baseline;MD5\n7;yes;" + raw + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"))))
			s := h.list(t, "known", name, []byte(body))
			if got := h.trace(t, md5of("a")); len(got.Family[0].Listed) != 1 || got.Family[0].Listed[0].Place.End == 0 {
				t.Errorf("read as %s: %s", s.Result, words(t, got.Family))
			}
		})
	}
}

// An entry that its own list takes back later says nothing any more, and what rested
// on it is weighed again; another list's entry of the same number stays.
func TestWithdrawnEntry(t *testing.T) {
	h := newHouse(t)
	h.operators(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"))))
	raw := strings.TrimPrefix(md5of("a"), "md5:")
	update := func(list string, when int, gone bool) {
		h.list(t, list, "updates.json", []byte(fmt.Sprintf(`{"data":[{"id":"7","indicator":%q,"type":"HASH_MD5","last_updated":%d,"should_delete":%v,"status":"MALICIOUS"}]}`, raw, when, gone)))
	}
	update("feed", 1740767400, false)
	update("another", 1740767401, false)
	if n := len(h.trace(t, md5of("a")).Family[0].Listed); n != 2 {
		t.Fatalf("%d entries", n)
	}
	update("feed", 1740767500, true)
	got := h.trace(t, md5of("a")).Family[0].Listed
	if len(got) != 1 || got[0].SetName != "another" {
		t.Errorf("after it was taken back: %s", words(t, got))
	}
	if leads := h.queue(t); len(leads) != 1 || len(leads[0].Listed) != 1 {
		t.Errorf("leads: %s", words(t, leads))
	}
}
