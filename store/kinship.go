package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"suraag/casework"
	"suraag/digest"
	"suraag/fault"
)

// AddKinship keeps a person's word on two contents.
func (d *DB) AddKinship(ctx context.Context, tx *sql.Tx, k casework.Kinship) error {
	id, err := raw(k.ID, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(k)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "kinship", id)
	d.wrote(ctx, tx, "kinship_digest", digestKey(k.A), id)
	d.wrote(ctx, tx, "kinship_digest", digestKey(k.B), id)
	if _, err := d.insert(ctx, tx, "kinship", []string{"id", "at_ns", "doc"}, [][]any{{id, ns(k.At), string(doc)}}); err != nil {
		return err
	}
	_, err = d.insert(ctx, tx, "kinship_digest", []string{"digest", "kinship"}, [][]any{{digestKey(k.A), id}, {digestKey(k.B), id}})
	return err
}

// UndoKinship keeps who undid a word, and why. It is an error of kind fault.Conflict to undo one twice, and of
// kind fault.NotFound to undo one that is not there.
func (d *DB) UndoKinship(ctx context.Context, tx *sql.Tx, k casework.Kinship) error {
	id, err := raw(k.ID, 16)
	if err != nil {
		return err
	}
	old, err := documents[casework.Kinship](ctx, tx, "kinship", `SELECT doc FROM kinship WHERE id = $1`, []any{id})
	if err != nil {
		return err
	}
	if len(old) == 0 {
		return fault.Newf(fault.NotFound, "no word on a family with ID %q", k.ID)
	}
	if !old[0].Holds() {
		return fault.Newf(fault.Conflict, "word %q was undone by %s before", k.ID, old[0].UndoneBy)
	}
	doc, err := json.Marshal(k)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "kinship", id)
	_, err = exec(ctx, tx, `UPDATE kinship SET doc = $2 WHERE id = $1`, id, string(doc))
	return err
}

// Kinships gives every word, the oldest first.
func (d *DB) Kinships(ctx context.Context) ([]casework.Kinship, error) {
	return documents[casework.Kinship](ctx, d, "kinship", `SELECT doc FROM kinship ORDER BY at_ns, id`, nil)
}

// KinshipsOf gives the words that speak of one of the digests, the oldest first.
func (d *DB) KinshipsOf(ctx context.Context, digests []digest.Digest) ([]casework.Kinship, error) {
	var args []any
	for _, x := range digests {
		if x.Kind().Exact() && len(args) < rowsPerInsert {
			args = append(args, digestKey(x))
		}
	}
	if len(args) == 0 {
		return nil, nil
	}
	return documents[casework.Kinship](ctx, d, "kinship", fmt.Sprintf(`SELECT doc FROM kinship WHERE id IN
		(SELECT kinship FROM kinship_digest WHERE digest IN (%s)) ORDER BY at_ns, id`, holders(1, len(args))), args)
}
