package storetest

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/custody"
	"suraag/custody/retain"
	"suraag/fault"
	"suraag/people/door"
	"suraag/sighting"
	"suraag/store"
)

func endedThings(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error {
		for _, f := range []func() error{
			func() error { return db.AddPass(ctx, tx, pass(door.Session, 1, "over")) },
			func() error { return db.PutDraft(ctx, tx, "d", "one", []byte("x"), day) },
			func() error { return db.PutVictim(ctx, tx, "victim-1", []byte("x"), day) },
		} {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	})
	equal(t, "passes that still hold", len(must(db.EndedPasses(ctx, day))(t)), 0)
	ended := must(db.EndedPasses(ctx, day.Add(2*time.Hour)))(t)
	id := passID("over")
	equal(t, "when a pass ended by itself", ended[id], day.Add(time.Hour))
	equal(t, "when a draft was last changed", must(db.AllDrafts(ctx))(t)["d"], day)
	equal(t, "victims", must(db.AllVictims(ctx))(t)["victim-1"], true)
	for name, f := range map[string]func(*sql.Tx) error{
		"pass":   func(tx *sql.Tx) error { return db.ErasePass(ctx, tx, id) },
		"draft":  func(tx *sql.Tx) error { return db.EraseDraft(ctx, tx, "d") },
		"victim": func(tx *sql.Tx) error { return db.EraseVictim(ctx, tx, "victim-1") },
	} {
		tx(t, db, f)
		if err := db.InTx(ctx, f); !fault.Is(err, fault.Conflict) {
			t.Errorf("a %s that is gone: %v", name, err)
		}
	}
	equal(t, "rows that are left", Dump(t, db, "turn", "log_entry"), "")
}

// letter is a source with everything that can come of one.
func letter(t *testing.T, db *store.DB, word string, port int) custody.Source {
	t.Helper()
	s := Source(word)
	addSource(t, db, s)
	x := seen(word, 1, MD5("shared"), SHA1("shared"))
	own := seen(word, 2, MD5(word))
	own.Who = []sighting.Identifier{{Kind: sighting.Account, Service: "example", Value: word}}
	l := lease(port, "198.51.100.7", "100.64.10.5", 1, 2)
	l.Origin = origin(word, port)
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{x, own}, Leases: []sighting.Lease{l}})
	x.Version = 2
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{x}})
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddProblems(ctx, tx, s.ID, []sighting.Problem{{Kind: "bad", Reason: "no time"}}); err != nil {
			return err
		}
		return db.Log(ctx, tx, custody.Entry{Kind: custody.SourceSealed, Subject: s.ID, By: "one", At: day}, custody.Entry{Kind: custody.View, Subject: s.ID, By: "two", At: day})
	})
	return s
}

func eraseSource(t *testing.T, db *store.DB) {
	letter(t, db, "stays", 1)
	without := []string{"dirty", "log_entry", "turn"}
	before := Dump(t, db, without...)
	s := letter(t, db, "goes", 2)
	tx(t, db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM dirty`); err != nil {
			return err
		}
		n, err := db.EraseSource(ctx, tx, s.ID)
		equal(t, "records", n, 3)
		if err != nil {
			return err
		}
		leaves, err := db.ForgetEntries(ctx, tx, s.ID, custody.SourceSealed, custody.SourceRead)
		equal(t, "entries whose words went", len(leaves), 1)
		return err
	})
	same(t, "record without it", strings.Split(Dump(t, db, without...), "\n"), strings.Split(before, "\n"))
	if !strings.Contains(Dump(t, db), "dirty thing="+thing(MD5("shared"), SHA1("shared"))) {
		t.Error("what another source says of the same content is not weighed again")
	}
	kept := must(db.EntriesAbout(ctx, s.ID))(t)
	if len(kept) != 1 || kept[0].Kind != custody.View {
		t.Errorf("entries that are left: %+v", kept)
	}
	if err := db.CheckRows(ctx, func(table, row, what string) error { t.Errorf("%s %s: %s", table, row, what); return nil }); err != nil {
		t.Fatal(err)
	}
}

func neededSources(t *testing.T, db *store.DB) {
	idle, led, cased, told := letter(t, db, "idle", 1), Source("led"), Source("cased"), Source("told")
	for _, s := range []custody.Source{led, cased, told} {
		addSource(t, db, s)
	}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("led", 1, MD5("led"))}})
	of := thing(MD5("led"))
	c := docket(1, "FIR 1")
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddCase(ctx, tx, c); err != nil {
			return err
		}
		if err := db.AddToCase(ctx, tx, c.ID, cased.ID, "one", day, nil); err != nil {
			return err
		}
		if err := db.Log(ctx, tx, custody.Entry{Kind: custody.Export, Subject: "x", By: "one", At: day, Record: []byte(`{"sources":["` + told.ID + `"]}`)}); err != nil {
			return err
		}
		_, err := db.PutLeads(ctx, tx, []string{of}, []casework.Lead{lead(1, of)})
		return err
	})
	needed := must(db.NeededSources(ctx, nil))(t)
	for name, id := range map[string]string{"a lead's": led.ID, "a case's": cased.ID, "an export's": told.ID} {
		equal(t, name, needed[id], true)
	}
	equal(t, "nobody's", needed[idle.ID], false)
}

func whileUnknown(t *testing.T, db *store.DB) {
	s := Source("letter")
	ran := 0
	run := func() error { ran++; return nil }
	if err := db.WhileUnknown(ctx, s.ID, run); err != nil || ran != 1 {
		t.Fatalf("a source that is not there: %v, ran %d times", err, ran)
	}
	if _, err := db.Source(ctx, s.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("what kept others out stayed: %v", err)
	}
	addSource(t, db, s)
	if err := db.WhileUnknown(ctx, s.ID, run); !fault.Is(err, fault.Conflict) || ran != 1 {
		t.Errorf("a source that is there: %v, ran %d times", err, ran)
	}
}

func proposals(t *testing.T, db *store.DB) {
	p := retain.Proposal{ID: "plan", By: "one", At: day, Items: []retain.Item{{Kind: retain.Source, ID: SourceID("x")}}}
	for range 2 {
		tx(t, db, func(tx *sql.Tx) error { return db.PutProposal(ctx, tx, p) })
	}
	same(t, "proposal", must(db.Proposal(ctx, "plan"))(t), p)
	tx(t, db, func(tx *sql.Tx) error { return db.EndProposal(ctx, tx, "plan") })
	if _, err := db.Proposal(ctx, "plan"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a proposal that was done: %v", err)
	}
}
