package storetest

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/sighting"
	"suraag/store"
)

func addSource(t *testing.T, db *store.DB, s custody.Source) (added bool) {
	t.Helper()
	tx(t, db, func(tx *sql.Tx) (err error) {
		added, err = db.AddSource(ctx, tx, s)
		return err
	})
	return added
}

func sourceTwice(t *testing.T, db *store.DB) {
	s := Source("letter")
	equal(t, "new at first", addSource(t, db, s), true)
	again := s
	again.BroughtBy, again.Authority, again.Name, again.SealedAt = "colleague", "FIR 2/2025", "copy.txt", day.Add(time.Hour)
	equal(t, "new again", addSource(t, db, again), false)
	equal(t, "new a third time", addSource(t, db, again), false)
	got := must(db.Source(ctx, s.ID))(t)
	equal(t, "the first receipt stays", got.Receipt, s.Receipt)
	same(t, "hand-ins", must(db.HandIns(ctx, s.ID))(t), []custody.HandIn{
		{Authority: "FIR 1/2025", BroughtBy: "officer", Name: "letter.txt", At: day},
		{Authority: "FIR 2/2025", BroughtBy: "colleague", Name: "copy.txt", At: day.Add(time.Hour)},
	})
	equal(t, "sources", len(must(db.Sources(ctx))(t)), 1)
}

func findSource(t *testing.T, db *store.DB) {
	s := Source("letter")
	twin := Source("twin")
	twin.ID = s.ID[:10] + strings.Repeat("0", 54)
	addSource(t, db, s)
	addSource(t, db, twin)
	equal(t, "by whole ID", must(db.FindSource(ctx, s.ID))(t).Name, s.Name)
	equal(t, "by 11 digits", must(db.FindSource(ctx, s.ID[:11]))(t).Name, s.Name)
	for _, c := range []struct {
		prefix string
		want   fault.Kind
	}{
		{s.ID[:10], fault.Conflict}, {s.ID[:5], fault.Invalid}, {"zzzzzz", fault.Invalid}, {"", fault.Invalid},
		{strings.Repeat("1", 64), fault.NotFound}, {"123456", fault.NotFound}, {strings.Repeat("1", 65), fault.Invalid},
	} {
		_, err := db.FindSource(ctx, c.prefix)
		equal(t, "prefix "+c.prefix, fault.KindOf(err), c.want)
	}
	if _, err := db.Source(ctx, strings.Repeat("1", 64)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("source that is not there: %v", err)
	}
}

func finishSource(t *testing.T, db *store.DB) {
	s := Source("letter")
	addSource(t, db, s)
	s.State, s.Problem, s.Result, s.ReadAt = custody.Unread, "it is empty", json.RawMessage(`{"a":1}`), day.Add(time.Minute)
	tx(t, db, func(tx *sql.Tx) error { return db.FinishSource(ctx, tx, s) })
	same(t, "source", must(db.Source(ctx, s.ID))(t), s)
	tx(t, db, func(tx *sql.Tx) error { return db.SetOptions(ctx, tx, s.ID, json.RawMessage(`{"zone":"IST"}`)) })
	got := must(db.Source(ctx, s.ID))(t)
	equal(t, "state", got.State, custody.Sealed)
	equal(t, "options", string(got.Options), `{"zone":"IST"}`)
}

func problems(t *testing.T, db *store.DB) {
	id := SourceID("letter")
	list := []sighting.Problem{
		{Seq: 0, Kind: "bad", Place: sighting.Place{Start: 4, End: 9, Locator: "row 1"}, Reason: "no time"},
		{Seq: 1, Kind: "note", Place: sighting.Place{Member: "a!b.zip!c.csv", Start: 0, End: 0}, Reason: "unknown column"},
		{Seq: 2, Kind: "bad", Place: sighting.Place{Start: 10, End: 19}, Reason: "no address"},
	}
	for range 2 {
		tx(t, db, func(tx *sql.Tx) error { return db.AddProblems(ctx, tx, id, list) })
	}
	same(t, "all", must(db.Problems(ctx, id, 0, 10))(t), list)
	same(t, "from the second on", must(db.Problems(ctx, id, 1, 1))(t), list[1:2])
	list[0].Reason = "no time that a later reader understands"
	tx(t, db, func(tx *sql.Tx) error { return db.AddProblems(ctx, tx, id, list[:1]) })
	same(t, "a later reading's words", must(db.Problems(ctx, id, 0, 10))(t), list)
	tx(t, db, func(tx *sql.Tx) error { return db.TrimProblems(ctx, tx, id, 1) })
	same(t, "after a reading that found one", must(db.Problems(ctx, id, 0, 10))(t), list[:1])
}

func hostileText(t *testing.T, db *store.DB) {
	s := Source("letter")
	s.Name = "a\x00b\xff.txt"
	addSource(t, db, s)
	equal(t, "name", must(db.Source(ctx, s.ID))(t).Name, "a\ufffdb\ufffd.txt")
	x := seen("letter", 1, MD5("a"))
	x.Who = []sighting.Identifier{{Kind: sighting.Handle, Service: "example", Value: "a\x00\xff"}}
	x.Extra = []sighting.Field{{Name: "x\x00", Value: "\xff"}}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{x}})
	equal(t, "by identifier", len(must(db.SightingsBy(ctx, x.Who[0], 0))(t)), 1)
	s.State, s.Problem = custody.Unread, "bytes \x00\xff"
	tx(t, db, func(tx *sql.Tx) error { return db.FinishSource(ctx, tx, s) })
	equal(t, "problem", must(db.Source(ctx, s.ID))(t).Problem, "bytes \ufffd\ufffd")
}

func waiting(t *testing.T, db *store.DB) {
	a, b, n := Source("a"), Source("b"), Source("n")
	n.Purpose = custody.ForNetwork
	for _, s := range []custody.Source{a, b, n} {
		addSource(t, db, s)
	}
	equal(t, "all", must(db.Waiting(ctx, nil))(t), 2)
	equal(t, "of one", must(db.Waiting(ctx, []string{a.ID}))(t), 1)
	a.State = custody.Read
	tx(t, db, func(tx *sql.Tx) error { return db.FinishSource(ctx, tx, a) })
	equal(t, "all after one was read", must(db.Waiting(ctx, nil))(t), 1)
	equal(t, "of the read one", must(db.Waiting(ctx, []string{a.ID}))(t), 0)
	equal(t, "of both", must(db.Waiting(ctx, []string{a.ID, b.ID}))(t), 1)
}
