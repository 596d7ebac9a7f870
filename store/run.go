package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"suraag/hashset"
	"suraag/sighting"
)

// BeginRun records that a list is to be held against everything seen, from the
// beginning.
func (d *DB) BeginRun(ctx context.Context, tx *sql.Tx, set, cause string, now time.Time) error {
	id, err := raw(set, 16)
	if err != nil {
		return err
	}
	if _, err := exec(ctx, tx, `DELETE FROM list_run WHERE hash_set = $1 AND cause = $2`, id, cause); err != nil {
		return err
	}
	_, err = d.insert(ctx, tx, "list_run", []string{"hash_set", "cause", "position", "done", "total", "touched", "begun_ns", "ended_ns"},
		[][]any{{id, cause, []byte{}, int64(0), int64(0), int64(0), ns(now), int64(0)}})
	return err
}

// StepRun records how far a run has come. Of two workers on one run the one that
// is behind changes nothing.
func (d *DB) StepRun(ctx context.Context, tx *sql.Tx, r hashset.Run) error {
	id, err := raw(r.Set, 16)
	if err != nil {
		return err
	}
	after, err := hex.DecodeString(r.After)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `UPDATE list_run SET position = $3, done = $4, total = $5, touched = $6, ended_ns = $7
		WHERE hash_set = $1 AND cause = $2 AND begun_ns = $8 AND ended_ns = 0 AND position <= $3`,
		id, r.Cause, after, r.Done, r.Total, r.Touched, ns(r.Ended), ns(r.Begun))
	return err
}

// Runs gives the runs of lists, those that go on first, then by their beginning.
func (d *DB) Runs(ctx context.Context) ([]hashset.Run, error) {
	var out []hashset.Run
	err := each(ctx, d, `SELECT hash_set, cause, position, done, total, touched, begun_ns, ended_ns FROM list_run`, nil, func(r *sql.Rows) error {
		var x hashset.Run
		var set, after []byte
		var begun, ended int64
		err := r.Scan(&set, &x.Cause, &after, &x.Done, &x.Total, &x.Touched, &begun, &ended)
		x.Set, x.After, x.Begun, x.Ended = hex.EncodeToString(set), hex.EncodeToString(after), fromNS(begun), fromNS(ended)
		out = append(out, x)
		return err
	})
	slices.SortFunc(out, func(a, b hashset.Run) int {
		return cmp.Or(a.Ended.Compare(b.Ended), a.Begun.Compare(b.Begun), strings.Compare(a.Set, b.Set), strings.Compare(a.Cause, b.Cause))
	})
	return out, err
}

// Running counts the runs that are not at their end.
func (d *DB) Running(ctx context.Context) (n int64, err error) {
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM list_run WHERE ended_ns = 0`).Scan(&n)
	return n, sorted(err)
}

// CountThings counts the sighted things.
func (d *DB) CountThings(ctx context.Context) (n int64, err error) {
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM thing`).Scan(&n)
	return n, sorted(err)
}

// ThingsAfter gives the sighted things whose IDs come after one, in order. Their IDs
// are those under which they are stored, so that whoever goes on from the last one
// comes to an end, whatever their texts say.
func (d *DB) ThingsAfter(ctx context.Context, after string, limit int) ([]sighting.Thing, error) {
	id, err := hex.DecodeString(after)
	if err != nil {
		return nil, err
	}
	return d.thingsOf(ctx, `SELECT id, doc FROM thing WHERE id > $1 ORDER BY id LIMIT $2`, []any{id, limit})
}

// MarkDirty marks things whose leads have to be weighed again.
func (d *DB) MarkDirty(ctx context.Context, tx *sql.Tx, thingIDs []string) error {
	ids, err := rawAll(thingIDs, 16)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, id := range ids {
		rows = append(rows, []any{id})
	}
	_, err = d.insert(ctx, tx, "dirty", []string{"thing"}, rows)
	return err
}
