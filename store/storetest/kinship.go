package storetest

import (
	"database/sql"
	"testing"
	"time"

	"suraag/casework"
	"suraag/digest"
	"suraag/fault"
	"suraag/store"
)

func kinships(t *testing.T, db *store.DB) {
	at := time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)
	word := func(kind string, a, b digest.Digest) casework.Kinship {
		k, err := casework.Decide(kind, a, b, "officer", "why", at)
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Hour)
		tx(t, db, func(tx *sql.Tx) error { return db.AddKinship(ctx, tx, k) })
		return k
	}
	first, second := word(casework.Apart, MD5("x"), SHA1("y")), word(casework.Together, MD5("x"), MD5("z"))
	equal(t, "of x", len(must(db.KinshipsOf(ctx, []digest.Digest{MD5("x"), PDQ(1)}))(t)), 2)
	equal(t, "of y", must(db.KinshipsOf(ctx, []digest.Digest{SHA1("y")}))(t)[0].ID, first.ID)
	equal(t, "of a stranger", len(must(db.KinshipsOf(ctx, []digest.Digest{MD5("w")}))(t)), 0)
	second.UndoneBy, second.UndoneWhy, second.UndoneAt = "other", "why not", at
	tx(t, db, func(tx *sql.Tx) error { return db.UndoKinship(ctx, tx, second) })
	all := must(db.Kinships(ctx))(t)
	equal(t, "all, the oldest first", all[0].ID+all[1].ID, first.ID+second.ID)
	equal(t, "undone", all[1].UndoneBy, "other")
	err := db.InTx(ctx, func(tx *sql.Tx) error { return db.UndoKinship(ctx, tx, second) })
	equal(t, "undone twice", fault.KindOf(err), fault.Conflict)
	second.ID = first.ID[:31] + "0"
	err = db.InTx(ctx, func(tx *sql.Tx) error { return db.UndoKinship(ctx, tx, second) })
	equal(t, "one that is not there", fault.KindOf(err), fault.NotFound)
}
