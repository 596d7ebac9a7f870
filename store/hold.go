package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
)

// AddNegative puts a digest on the negative list.
func (d *DB) AddNegative(ctx context.Context, tx *sql.Tx, n hashset.Negative) error {
	d.wrote(ctx, tx, "list_negative", n.Digest.String(), ns(n.Added))
	added, err := d.insert(ctx, tx, "list_negative", []string{"digest", "added_ns", "by_whom", "reason", "ended_ns", "ended_by", "ended_reason"},
		[][]any{{n.Digest.String(), ns(n.Added), n.By, n.Reason, int64(0), "", ""}})
	if err == nil && added == 0 {
		err = fault.Newf(fault.Conflict, "digest %s was put on the negative list in this very moment", n.Digest)
	}
	return err
}

// EndNegative takes a digest off the negative list; its row stays.
func (d *DB) EndNegative(ctx context.Context, tx *sql.Tx, n hashset.Negative) error {
	d.wrote(ctx, tx, "list_negative", n.Digest.String(), ns(n.Added))
	_, err := exec(ctx, tx, `UPDATE list_negative SET ended_ns = $3, ended_by = $4, ended_reason = $5 WHERE digest = $1 AND added_ns = $2 AND ended_ns = 0`,
		n.Digest.String(), ns(n.Added), ns(n.Ended), n.EndedBy, n.EndedOn)
	return err
}

// Negatives gives the negative list with what was taken off it, those that stand
// first, then by day and digest.
func (d *DB) Negatives(ctx context.Context) ([]hashset.Negative, error) {
	var out []hashset.Negative
	err := each(ctx, d, `SELECT digest, added_ns, by_whom, reason, ended_ns, ended_by, ended_reason FROM list_negative`, nil, func(r *sql.Rows) error {
		var n hashset.Negative
		var text string
		var added, ended int64
		if err := r.Scan(&text, &added, &n.By, &n.Reason, &ended, &n.EndedBy, &n.EndedOn); err != nil {
			return err
		}
		var err error
		n.Digest, err = digest.Parse(text)
		n.Added, n.Ended = fromNS(added), fromNS(ended)
		out = append(out, n)
		return err
	})
	slices.SortFunc(out, func(a, b hashset.Negative) int {
		return cmp.Or(a.Ended.Compare(b.Ended), a.Added.Compare(b.Added), a.Digest.Compare(b.Digest))
	})
	return out, err
}

// PutQuarantine records an entry's value that matched too much, or what was decided
// of it.
func (d *DB) PutQuarantine(ctx context.Context, tx *sql.Tx, q hashset.Quarantine) error {
	doc, err := json.Marshal(q)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "list_quarantine", q.Value.String())
	if _, err := exec(ctx, tx, `DELETE FROM list_quarantine WHERE value = $1`, q.Value.String()); err != nil {
		return err
	}
	_, err = d.insert(ctx, tx, "list_quarantine", []string{"value", "state", "doc"}, [][]any{{q.Value.String(), q.State, string(doc)}})
	return err
}

// HeldEntries gives the values that matched too much, those that wait first, then by
// day and value.
func (d *DB) HeldEntries(ctx context.Context) ([]hashset.Quarantine, error) {
	out, err := documents[hashset.Quarantine](ctx, d, "quarantined entry", `SELECT doc FROM list_quarantine`, nil)
	waits := func(q hashset.Quarantine) int { return len(strings.TrimPrefix(q.State, hashset.Waiting)) }
	slices.SortFunc(out, func(a, b hashset.Quarantine) int {
		return cmp.Or(cmp.Compare(waits(a), waits(b)), a.Held.Compare(b.Held), a.Value.Compare(b.Value))
	})
	return out, err
}
