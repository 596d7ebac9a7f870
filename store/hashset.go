package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"suraag/fault"
	"suraag/hashset"
)

// AddSet records that a list is being imported. It tells whether it is new.
func (d *DB) AddSet(ctx context.Context, tx *sql.Tx, s hashset.Set) (bool, error) {
	id, err := raw(s.ID, 16)
	if err != nil {
		return false, err
	}
	source, err := raw(s.Source, 32)
	if err != nil {
		return false, err
	}
	n, err := d.insert(ctx, tx, "hash_set",
		[]string{"id", "name", "from_whom", "source", "state", "imported_ns", "entries", "retracted_ns", "retracted_by", "reason", "replaces"},
		[][]any{{id, s.Name, s.From, source, s.State, ns(s.Imported), s.Entries, ns(s.Retracted), s.RetractedBy, s.Reason, flag(s.Replaces)}})
	return n > 0, err
}

// UpdateSet records a new state of a list. A list that was retracted stays so,
// whatever a reading that began before still has to say of it.
func (d *DB) UpdateSet(ctx context.Context, tx *sql.Tx, s hashset.Set) error {
	id, err := raw(s.ID, 16)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `UPDATE hash_set SET state = $2, entries = $3, retracted_ns = $4, retracted_by = $5, reason = $6 WHERE id = $1
		AND (state <> '`+hashset.StateRetracted+`' OR CAST($2 AS TEXT) = '`+hashset.StateRetracted+`')`,
		id, s.State, s.Entries, ns(s.Retracted), s.RetractedBy, s.Reason)
	return err
}

// Sets gives every list, by name and day of import.
func (d *DB) Sets(ctx context.Context) ([]hashset.Set, error) {
	out, err := d.sets(ctx, d)
	hashset.Number(out)
	return out, err
}

// SetsOf gives the lists that were imported from a source.
func (d *DB) SetsOf(ctx context.Context, source string) ([]hashset.Set, error) {
	all, err := d.Sets(ctx)
	return slices.DeleteFunc(all, func(s hashset.Set) bool { return s.Source != source }), err
}

func (d *DB) sets(ctx context.Context, q querier) ([]hashset.Set, error) {
	var out []hashset.Set
	err := each(ctx, q, `SELECT id, name, from_whom, source, state, imported_ns, entries, retracted_ns, retracted_by, reason, replaces FROM hash_set`, nil, func(r *sql.Rows) error {
		var s hashset.Set
		var id, source []byte
		var imported, retracted, replaces int64
		err := r.Scan(&id, &s.Name, &s.From, &source, &s.State, &imported, &s.Entries, &retracted, &s.RetractedBy, &s.Reason, &replaces)
		s.ID, s.Source = hex.EncodeToString(id), hex.EncodeToString(source)
		s.Imported, s.Retracted, s.Replaces = fromNS(imported), fromNS(retracted), replaces != 0
		out = append(out, s)
		return err
	})
	// Not by the database: the two engines order words differently.
	slices.SortFunc(out, func(a, b hashset.Set) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), a.Imported.Compare(b.Imported), strings.Compare(a.ID, b.ID))
	})
	return out, err
}

// DirtyAll marks every sighted thing with an address: address data changed.
func (d *DB) DirtyAll(ctx context.Context, tx *sql.Tx) error {
	_, err := exec(ctx, tx, `INSERT INTO dirty (thing) SELECT DISTINCT thing FROM sighting WHERE thing IS NOT NULL AND ip IS NOT NULL`)
	return err
}

// DirtyByLeases marks every thing sighted at an address of which a source's
// leases speak, or of which they speak through the operator's translation: an
// operator's reply came.
func (d *DB) DirtyByLeases(ctx context.Context, tx *sql.Tx, source string) error {
	b, err := raw(source, 32)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `INSERT INTO dirty (thing)
		SELECT DISTINCT s.thing FROM sighting s WHERE s.thing IS NOT NULL AND s.ip IN (
			SELECT public FROM lease WHERE source = $1
			UNION SELECT private FROM lease WHERE source = $1
			UNION SELECT n.public FROM lease l JOIN lease n ON n.private = l.private WHERE l.source = $1
			UNION SELECT n.public FROM lease l JOIN lease n ON n.private = l.public WHERE l.source = $1)`, b)
	return err
}

// TakeTurn waits until this transaction is the only one in a stage, and holds
// the turn until it ends. SQLite has one writer anyway.
func (d *DB) TakeTurn(ctx context.Context, tx *sql.Tx, stage string, now time.Time) error {
	n, err := exec(ctx, tx, `UPDATE turn SET taken = taken + 1 WHERE stage = $1`, stage)
	if err == nil && n != 1 {
		err = fault.Newf(fault.Internal, "stage %q has no turn to take", stage)
	}
	return err
}
