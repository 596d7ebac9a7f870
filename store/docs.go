package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"reflect"

	"suraag/sighting"
)

// Docs gives every stored record of a source as it was written, for verify. A
// record whose columns, by which it is found, no longer are what its text says
// comes with an empty text.
func (d *DB) Docs(ctx context.Context, source string, yield func(kind, id, doc string) error) error {
	b, err := raw(source, 32)
	if err != nil {
		return err
	}
	for _, t := range (&batchRows{}).tables() {
		if !t.counts {
			continue
		}
		last := len(t.columns) - 1 // the text
		err := each(ctx, d, `SELECT `+list(t.columns)+` FROM `+t.name+` WHERE source = $1 ORDER BY id`, []any{b}, func(r *sql.Rows) error {
			row, into := make([]any, last+1), make([]any, last+1)
			for n := range row {
				into[n] = &row[n]
			}
			var doc string
			into[last] = &doc
			if err := r.Scan(into...); err != nil {
				return err
			}
			row[last] = doc
			if !asWritten(t.name, doc, row) {
				doc = ""
			}
			return yield(t.name, hex.EncodeToString(row[0].([]byte)), doc)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// asWritten writes the row of a text again and compares it with what is stored.
func asWritten(table, doc string, row []any) bool {
	again := &batchRows{}
	var rows *[][]any
	var err error
	switch table {
	case "sighting":
		var s sighting.Sighting
		if err = json.Unmarshal([]byte(doc), &s); err == nil {
			err, rows = again.sighting(s, things{}), &again.sightings
		}
	default:
		var l sighting.Lease
		if err = json.Unmarshal([]byte(doc), &l); err == nil {
			err, rows = again.lease(l), &again.leases
		}
	}
	if err != nil || len(*rows) != 1 {
		return false
	}
	for n, want := range (*rows)[0] {
		if b, is := want.([]byte); is {
			got, _ := row[n].([]byte)
			if !bytes.Equal(got, b) {
				return false
			}
		} else if !reflect.DeepEqual(storable(want), row[n]) {
			return false
		}
	}
	return true
}
