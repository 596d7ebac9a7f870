package storetest

import (
	"database/sql"
	"testing"
	"time"

	"suraag/actor"
	"suraag/fault"
	"suraag/sighting"
	"suraag/store"
)

func partings(t *testing.T, db *store.DB) {
	at := time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)
	word := func(number string) actor.Word {
		w, err := actor.Apart(sighting.Identifier{Kind: sighting.Phone, Value: number}, sighting.Identifier{Kind: sighting.Email, Value: "a@example.org"}, "officer", "given out anew", at)
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Hour)
		tx(t, db, func(tx *sql.Tx) error { return db.AddParting(ctx, tx, w) })
		return w
	}
	first, second := word("+910000000001"), word("+910000000002")
	undone, err := second.TakenBack("other", "it was not", at)
	if err != nil {
		t.Fatal(err)
	}
	tx(t, db, func(tx *sql.Tx) error { return db.UndoParting(ctx, tx, undone) })
	all := must(db.Partings(ctx))(t)
	equal(t, "all, the oldest first", all[0].ID+all[1].ID, first.ID+second.ID)
	equal(t, "taken back", all[1], undone)
	err = db.InTx(ctx, func(tx *sql.Tx) error { return db.UndoParting(ctx, tx, undone) })
	equal(t, "taken back twice", fault.KindOf(err), fault.Conflict)
	undone.ID = first.ID[:31] + "0"
	err = db.InTx(ctx, func(tx *sql.Tx) error { return db.UndoParting(ctx, tx, undone) })
	equal(t, "one that is not there", fault.KindOf(err), fault.NotFound)
}
