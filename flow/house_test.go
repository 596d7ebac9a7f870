package flow_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/casework/complaint"
	"suraag/custody"
	"suraag/custody/files"
	"suraag/custody/vault"
	"suraag/flow"
	"suraag/hashset"
	lists "suraag/hashset/files"
	"suraag/intake"
	"suraag/intake/all"
	"suraag/network"
	"suraag/store"
	"suraag/store/pgtest"
)

// synthetic1 is the MD5 of the content that the sources in testdata share.
const synthetic1 = "4bc93fb481892c12606a481fc53a0ad9"

var ctx = context.Background()

// house is a House whose jobs run when the test says so.
type house struct {
	*flow.House
	db    *store.DB
	dir   string
	lists string
	reads []string
	runs  [][2]string
}

func (h *house) Read(_ context.Context, _ *sql.Tx, source string) error {
	h.reads = append(h.reads, source)
	return nil
}

func (h *house) Weigh(context.Context, *sql.Tx) error { return nil }

func (h *house) Run(_ context.Context, _ *sql.Tx, set, cause string) error {
	h.runs = append(h.runs, [2]string{set, cause})
	return nil
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return houseOn(t, filepath.Join(t.TempDir(), "record.db"))
}

func houseOn(t *testing.T, where string) *house {
	t.Helper()
	dir := t.TempDir()
	originals, err := files.In(dir)
	if err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(t.TempDir(), "lists")
	entries, err := lists.In(below)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	held, err := files.In(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{db: db, dir: dir, lists: below}
	codes, err := complaint.Shipped(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	key, err := vault.OpenKey(filepath.Join(dir, "unit.key"))
	if err != nil {
		t.Fatal(err)
	}
	h.House = &flow.House{
		Record: db, Originals: originals, Lists: entries, Formats: all.Formats(), Policy: flow.DefaultPolicy(), Limits: flow.DefaultLimits(),
		Now: func() time.Time { return time.Date(2025, 3, 10, 0, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler), Queue: h,
		Tables: codes, Unit: key, Vault: &vault.Vault{Book: db, Store: held, Unit: key, Limit: 1 << 20, Now: func() time.Time { return h.Now() }},
	}
	return h
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// handIn hands bytes in and runs the jobs that follow.
func (h *house) handIn(t *testing.T, name string, body []byte) custody.Source {
	t.Helper()
	s := h.receive(t, flow.HandIn{Name: name, BroughtBy: "officer", Authority: "FIR 1/2025"}, body)
	h.settle(t)
	return h.source(t, s.ID)
}

func (h *house) receive(t *testing.T, in flow.HandIn, body []byte) custody.Source {
	t.Helper()
	s, _, err := h.Receive(ctx, in, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// list hands a list of known digests in and runs the jobs that follow.
func (h *house) list(t *testing.T, name, file string, body []byte) custody.Source {
	t.Helper()
	s := h.receive(t, flow.HandIn{Name: file, BroughtBy: "officer", Authority: "FIR 1/2025", List: hashset.Set{Name: name, From: "an authority"}}, body)
	h.settle(t)
	return h.source(t, s.ID)
}

func (h *house) source(t *testing.T, id string) custody.Source {
	t.Helper()
	s, err := h.db.Source(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// settle runs every job that waits.
func (h *house) settle(t *testing.T) {
	t.Helper()
	for len(h.reads) > 0 {
		id := h.reads[0]
		h.reads = h.reads[1:]
		if err := h.ReadSource(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	h.run(t)
	h.weigh(t)
}

// run holds lists that came or went against what was seen.
func (h *house) run(t *testing.T) {
	t.Helper()
	for _, r := range h.runs {
		if err := h.RunList(ctx, r[0], r[1]); err != nil {
			t.Fatal(err)
		}
	}
	h.runs = nil
}

func (h *house) weigh(t *testing.T) {
	t.Helper()
	if err := h.WeighLeads(ctx); err != nil {
		t.Fatal(err)
	}
}

func (h *house) trace(t *testing.T, target string) casework.Trace {
	t.Helper()
	got, err := h.Trace(ctx, target, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// operators says whose the addresses of the samples are.
func (h *house) operators(t *testing.T) {
	t.Helper()
	for kind, text := range map[network.DataKind]string{
		network.KindASN:     "198.51.100.0,198.51.100.255,64500,Example Net\n203.0.113.0,203.0.113.255,64501,Example Other\n",
		network.KindCountry: "198.51.100.0,198.51.100.255,IN\n203.0.113.0,203.0.113.255,IN\n",
	} {
		_, bad, err := h.ImportNetwork(ctx, flow.AddressData{Kind: kind, Name: "example " + string(kind), AsOf: time.Date(2025, 2, 25, 0, 0, 0, 0, time.UTC), Authority: "published", BroughtBy: "officer"}, strings.NewReader(text))
		if err != nil || len(bad) > 0 {
			t.Fatal(err, bad)
		}
	}
}

// queue is all leads, as people see them.
func (h *house) queue(t *testing.T) []casework.Lead {
	t.Helper()
	leads, err := h.db.Leads(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	return leads
}

func words(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// engines gives an address of an empty record on each engine.
func engines(t *testing.T) map[string]string {
	return map[string]string{"sqlite": filepath.Join(t.TempDir(), "record.db"), "postgres": pgtest.Start(t).New(t)}
}

func without(body []byte, old, new string) []byte {
	return bytes.ReplaceAll(body, []byte(old), []byte(new))
}

func (h *house) dryRun(t *testing.T, body []byte) flow.Preview {
	t.Helper()
	sum := sha256.Sum256(body)
	src := intake.Source{ID: hex.EncodeToString(sum[:]), Name: "file", Size: int64(len(body)), Bytes: bytes.NewReader(body)}
	got, err := h.DryRun(ctx, src, flow.Declared{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
