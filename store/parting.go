package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"suraag/actor"
	"suraag/fault"
)

// AddParting keeps a person's word on two identifiers.
func (d *DB) AddParting(ctx context.Context, tx *sql.Tx, w actor.Word) error {
	id, doc, err := partingRow(w)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "parting", id)
	_, err = d.insert(ctx, tx, "parting", []string{"id", "at_ns", "doc"}, [][]any{{id, ns(w.At), doc}})
	return err
}

// UndoParting keeps who took a word back, and why. One that was taken back before is
// fault.Conflict, one that is not there fault.NotFound.
func (d *DB) UndoParting(ctx context.Context, tx *sql.Tx, w actor.Word) error {
	id, doc, err := partingRow(w)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "parting", id)
	old, err := documents[actor.Word](ctx, tx, "parting", `SELECT doc FROM parting WHERE id = $1`, []any{id})
	if err != nil {
		return err
	}
	if len(old) == 0 {
		return fault.Newf(fault.NotFound, "no word on identifiers with ID %q", w.ID)
	}
	if !old[0].Holds() {
		return fault.Newf(fault.Conflict, "word %q was taken back by %s before", w.ID, old[0].UndoneBy)
	}
	_, err = exec(ctx, tx, `UPDATE parting SET doc = $2 WHERE id = $1`, id, doc)
	return err
}

func partingRow(w actor.Word) (id []byte, doc string, err error) {
	if id, err = raw(w.ID, 16); err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(w)
	return id, string(text), fault.As(fault.Internal, err)
}

// Partings gives every word, the oldest first.
func (d *DB) Partings(ctx context.Context) ([]actor.Word, error) {
	return documents[actor.Word](ctx, d, "parting", `SELECT doc FROM parting ORDER BY at_ns, id`, nil)
}
