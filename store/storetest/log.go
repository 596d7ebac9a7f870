package storetest

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"testing"

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
