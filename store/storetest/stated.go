package storetest

import (
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"suraag/custody"
	"suraag/people"
	"suraag/store"
)

// rowsOf gives what every entry states of rows, in the order of the log.
func rowsOf(t *testing.T, db *store.DB) (out [][]custody.Row, kinds []string) {
	t.Helper()
	err := db.EachEntry(ctx, func(l custody.Logged) error {
		if l.IsErased() {
			return nil
		}
		e, err := custody.Parse(l.Canonical)
		out, kinds = append(out, e.Rows), append(kinds, e.Kind)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, kinds
}

// statedNow gives what verify compares with the entries.
func statedNow(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := db.StatedRows(ctx, func(row, sum string) error { out[row] = sum; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func entriesInOrder(t *testing.T, db *store.DB) {
	// A clock that stands still, and one that was put back.
	for n, at := range []time.Time{day, day, day.Add(-time.Hour), day.Add(-time.Hour), day.Add(time.Minute)} {
		tx(t, db, func(tx *sql.Tx) error {
			e := entry("letter", string(rune('1'+n)))
			e.At = at
			return db.Log(ctx, tx, e)
		})
	}
	inOrder := func(what string) {
		t.Helper()
		last := ""
		for n, l := range must(db.EntriesAbout(ctx, "letter"))(t) {
			e, err := custody.Parse(l.Canonical)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, what, string(e.Record), `{"words":"`+string(rune('1'+n))+`"}`)
			equal(t, what+": what is wrong with it", l.Check(), "")
			equal(t, what+": its ID comes after the one before", l.ID > last, true)
			last = l.ID
		}
	}
	inOrder("entry")
	place(t, db, 3)
	inOrder("entry, three of which have a place")
	latest, _, err := db.LatestEntry(ctx, custody.View, "letter")
	equal(t, "the latest waits", latest.Place, -1)
	equal(t, "error", err, nil)
	place(t, db, 10)
	inOrder("entry with a place")
	latest, _, _ = db.LatestEntry(ctx, custody.View, "letter")
	equal(t, "the latest", latest.Place, 4)
}

func statedRows(t *testing.T, db *store.DB) {
	anna, ben := person(1, "anna"), person(2, "ben")
	row := "person " + anna.ID
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddPerson(ctx, tx, anna); err != nil {
			return err
		}
		return db.Log(ctx, tx, entry(anna.ID, "invited"))
	})
	first := statedNow(t, db)[row]
	anna.Role = people.Supervisor
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.UpdatePerson(ctx, tx, anna); err != nil {
			return err
		}
		if err := db.UpdatePerson(ctx, tx, anna); err != nil { // nothing new
			return err
		}
		if err := db.Log(ctx, tx, entry(anna.ID, "supervisor")); err != nil {
			return err
		}
		return db.AddPerson(ctx, tx, ben) // and no entry
	})
	now := statedNow(t, db)
	tx(t, db, func(tx *sql.Tx) error { return db.UpdatePerson(ctx, tx, ben) }) // as it was: nothing to state
	got, kinds := rowsOf(t, db)
	equal(t, "entries", len(got), 3)
	same(t, "kinds", kinds, []string{custody.View, custody.View, custody.RowsWritten})
	same(t, "invited", got[0], []custody.Row{{Row: row, SHA256: first}})
	same(t, "promoted", got[1], []custody.Row{{Row: row, Was: first, SHA256: now[row]}})
	same(t, "by itself", got[2], []custody.Row{{Row: "person " + ben.ID, SHA256: now["person "+ben.ID]}})
	equal(t, "the row and its statement changed", first != now[row], true)

	tx(t, db, func(tx *sql.Tx) error { return db.PutDraft(ctx, tx, "d", "anna", []byte("sealed"), day) })
	draft := statedNow(t, db)["draft d"]
	tx(t, db, func(tx *sql.Tx) error { return db.DropDraft(ctx, tx, "d", "anna") })
	got, _ = rowsOf(t, db)
	same(t, "taken away", got[4], []custody.Row{{Row: "draft d", Was: draft}})
	err := db.InTx(ctx, func(tx *sql.Tx) error { // what fails leaves nothing to be stated later
		if err := db.PutDraft(ctx, tx, "lost", "anna", []byte("x"), day); err != nil {
			return err
		}
		return sql.ErrTxDone
	})
	equal(t, "error", err, sql.ErrTxDone)
	after, _ := rowsOf(t, db)
	equal(t, "entries after a failure", len(after), len(got))
}

func restated(t *testing.T, db *store.DB) {
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddPerson(ctx, tx, person(1, "anna")); err != nil {
			return err
		}
		return db.Log(ctx, tx, entry("anna", "invited"))
	})
	place(t, db, 1)
	old := must(db.EntryAt(ctx, 0))(t)
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.EraseEntry(ctx, tx, 0); err != nil {
			return err
		}
		return db.Log(ctx, tx, entry("leaf", "erased"))
	})
	got, _ := rowsOf(t, db)
	row := "person " + personID(1)
	same(t, "restated", got[0], []custody.Row{{Row: row, SHA256: statedNow(t, db)[row], AsOf: old.ID}})
}

func stateOlder(t *testing.T, db *store.DB) {
	equal(t, "of a new record", must(db.StateOlder(ctx))(t), 0)
	equal(t, "entries of a new record", len(logRows(t, db)), 0)
	tx(t, db, func(tx *sql.Tx) error {
		if err := fillPeople(ctx, db, tx); err != nil {
			return err
		}
		return db.Log(ctx, tx, entry("letter", "1"))
	})
	equal(t, "of a record that states from the beginning", must(db.StateOlder(ctx))(t), 0)
	// Rows that were changed by other hands do not become right when the first entry
	// lost its words.
	place(t, db, 1)
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.EraseEntry(ctx, tx, 0); err != nil {
			return err
		}
		return db.Log(ctx, tx, entry("leaf", "erased"))
	})
	equal(t, "of one whose first entry was erased", must(db.StateOlder(ctx))(t), 0)
	tx(t, db, func(tx *sql.Tx) error { // as an earlier program left it
		_, err := tx.ExecContext(ctx, `DELETE FROM log_entry`)
		return err
	})
	now := statedNow(t, db)
	tx(t, db, func(tx *sql.Tx) error { return db.Log(ctx, tx, entry("record", "verified")) }) // which does not say that nothing is older
	equal(t, "stated", must(db.StateOlder(ctx))(t), len(now))
	equal(t, "again", must(db.StateOlder(ctx))(t), 0)
	rows, kinds := rowsOf(t, db)
	same(t, "kinds", kinds, []string{custody.View, custody.RowsWritten})
	for _, r := range rows[1] {
		equal(t, r.Row, r.SHA256, now[r.Row])
	}
	var of store.Baseline
	e, err := custody.Parse([]byte(logRows(t, db)[1].record))
	if err != nil || json.Unmarshal(e.Record, &of) != nil {
		t.Fatal(err)
	}
	equal(t, "it says that the rows are older", of.Baseline, true)
}
