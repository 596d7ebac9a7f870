package storetest

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/store"
)

// entry says something of a subject.
func entry(subject, words string) custody.Entry {
	record, err := json.Marshal(map[string]string{"words": words})
	if err != nil {
		panic(err) // text is text
	}
	return custody.Entry{Kind: custody.View, Subject: subject, By: "officer", At: day, Record: record}
}

type logRow struct {
	record     string
	salt, leaf []byte
}

func logRows(t *testing.T, db *store.DB) (out []logRow) {
	t.Helper()
	rows, err := db.QueryContext(ctx, `SELECT record, salt, leaf FROM log_entry ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r logRow
		if err := rows.Scan(&r.record, &r.salt, &r.leaf); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func logWithData(t *testing.T, db *store.DB) {
	stop := errors.New("the data could not be written")
	err := db.InTx(ctx, func(tx *sql.Tx) error {
		if err := db.Log(ctx, tx, entry("letter", "lost")); err != nil {
			return err
		}
		return stop
	})
	equal(t, "error", err, stop)
	equal(t, "entries without data", len(logRows(t, db)), 0)
	tx(t, db, func(tx *sql.Tx) error { return db.Log(ctx, tx, entry("letter", "a\x00b")) })
	got := logRows(t, db)
	equal(t, "entries", len(got), 1)
	leaf := custody.Leaf(got[0].salt, []byte(got[0].record))
	equal(t, "leaf follows from what is stored", bytes.Equal(leaf[:], got[0].leaf), true)
}

func logOrder(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.Log(ctx, tx, entry("letter", "1"), entry("letter", "2")); err != nil {
			return err
		}
		return db.Log(ctx, tx, entry("letter", "3"))
	})
	for n, r := range logRows(t, db) {
		e, err := custody.Parse([]byte(r.record))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "entry", string(e.Record), `{"words":"`+string(rune('1'+n))+`"}`)
	}
}

func logRefuses(t *testing.T, db *store.DB) {
	e := entry("letter", "1")
	e.By = ""
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.Log(ctx, tx, e) })
	equal(t, "nobody did it", fault.KindOf(err), fault.Internal)
}

// logged writes n entries about a subject.
func logged(t *testing.T, db *store.DB, subject string, n int) {
	t.Helper()
	for range n {
		tx(t, db, func(tx *sql.Tx) error { return db.Log(ctx, tx, entry(subject, "words")) })
	}
}

func place(t *testing.T, db *store.DB, limit int) int {
	t.Helper()
	return must(db.PlaceEntries(ctx, limit, day))(t)
}

func placeEntries(t *testing.T, db *store.DB) {
	equal(t, "of none", place(t, db, 10), 0)
	logged(t, db, "letter", 5)
	equal(t, "waiting", must(db.WaitingEntries(ctx))(t), 5)
	equal(t, "at first", place(t, db, 3), 3)
	equal(t, "placed", must(db.PlacedEntries(ctx))(t), 3)
	equal(t, "then", place(t, db, 3), 2)
	equal(t, "again", place(t, db, 3), 0)
	leaves := must(db.Leaves(ctx, 0, 10))(t)
	equal(t, "leaves", len(leaves), 5)
	for n, r := range logRows(t, db) {
		equal(t, "leaf in the order of writing", bytes.Equal(leaves[n], r.leaf), true)
	}
	equal(t, "leaves from the third on", len(must(db.Leaves(ctx, 2, 2))(t)), 2)
}

func missingEntry(t *testing.T, db *store.DB) {
	logged(t, db, "letter", 3)
	place(t, db, 10)
	tx(t, db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM log_entry WHERE place = 1`)
		return err
	})
	_, err := db.Leaves(ctx, 0, 10)
	equal(t, "a row was removed", fault.KindOf(err), fault.Corrupt)
}

func eraseEntry(t *testing.T, db *store.DB) {
	logged(t, db, "+910000000001", 2)
	place(t, db, 10)
	before := must(db.EntryAt(ctx, 1))(t)
	equal(t, "whole", before.Check(), "")
	tx(t, db, func(tx *sql.Tx) error { return db.EraseEntry(ctx, tx, 1) })
	after := must(db.EntryAt(ctx, 1))(t)
	equal(t, "erased", after.IsErased(), true)
	equal(t, "subject, by", after.Subject+after.By, "")
	equal(t, "leaf", bytes.Equal(after.Leaf, before.Leaf), true)
	equal(t, "still whole", after.Check(), "")
	equal(t, "found by subject", len(must(db.EntriesAbout(ctx, "+910000000001"))(t)), 1)
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.EraseEntry(ctx, tx, 7) })
	equal(t, "a place that is not there", fault.KindOf(err), fault.NotFound)
}

func findEntries(t *testing.T, db *store.DB) {
	logged(t, db, "letter", 2)
	logged(t, db, "other", 1)
	equal(t, "about", len(must(db.EntriesAbout(ctx, "letter"))(t)), 2)
	last := must(db.LastEntries(ctx, 2))(t)
	equal(t, "newest first", last[0].Subject+" "+last[1].Subject, "other letter")
	equal(t, "waits", last[0].Place, -1)
	latest, there, err := db.LatestEntry(ctx, custody.View, "letter")
	equal(t, "latest", latest.ID == last[1].ID && there, true)
	equal(t, "error", err, nil)
	_, there, _ = db.LatestEntry(ctx, custody.Export, "letter")
	equal(t, "of another kind", there, false)
	n := 0
	equal(t, "each", db.EachEntry(ctx, func(l custody.Logged) error { n++; return nil }), nil)
	equal(t, "entries", n, 3)
	_, err = db.EntryAt(ctx, 0)
	equal(t, "not placed yet", fault.KindOf(err), fault.NotFound)
	own := map[string]string{}
	for _, by := range []string{"SI a", "SI b"} { // two say the same of the same at one moment
		tx(t, db, func(tx *sql.Tx) error {
			e := entry("twice", "1")
			e.By = by
			id, err := db.LogOne(ctx, tx, e)
			own[id] = by
			return err
		})
	}
	for _, l := range must(db.EntriesAbout(ctx, "twice"))(t) {
		equal(t, "whose entry it is", l.By, own[l.ID])
	}
	equal(t, "entries that are found by their own IDs", len(own), 2)
}

func tamperedEntry(t *testing.T, db *store.DB) {
	logged(t, db, "letter", 1)
	place(t, db, 1)
	for _, change := range []string{
		`subject = 'another'`, `kind = 'export'`, `by_whom = 'nobody'`, `at_ns = at_ns + 1`, `record = replace(record, 'words', 'wards')`,
	} {
		tx(t, db, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, `UPDATE log_entry SET `+change); return err })
		if l := must(db.EntryAt(ctx, 0))(t); l.Check() == "" {
			t.Errorf("%s: nothing is said", change)
		}
		tx(t, db, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, `DELETE FROM log_entry`); return err })
		logged(t, db, "letter", 1)
		place(t, db, 1)
	}
}

func checkpoints(t *testing.T, db *store.DB) {
	equal(t, "of none", must(db.LastCheckpoint(ctx))(t).Size, 0)
	for _, size := range []int64{3, 9} {
		equal(t, "adding", db.AddCheckpoint(ctx, custody.Checkpoint{Size: size, Note: "note", At: day.Add(time.Duration(size))}), nil)
	}
	equal(t, "last stamp of none", must(db.LastStamp(ctx))(t).IsZero(), true)
	stamp := func(size int64) error {
		return db.InTx(ctx, func(tx *sql.Tx) error { return db.SetToken(ctx, tx, size, []byte("token")) })
	}
	equal(t, "stamping", stamp(3), nil)
	equal(t, "stamping what is not there", fault.KindOf(stamp(4)), fault.NotFound)
	equal(t, "last stamp", must(db.LastStamp(ctx))(t), day.Add(3))
	equal(t, "last", must(db.LastCheckpoint(ctx))(t).Size, 9)
	all := must(db.Checkpoints(ctx))(t)
	equal(t, "all", len(all), 2)
	equal(t, "each names the one before", all[0].Before == 0 && all[1].Before == 3, true)
	equal(t, "token", string(all[0].Token)+"|"+string(all[1].Token), "token|")
}
