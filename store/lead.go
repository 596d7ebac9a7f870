package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"

	"suraag/casework"
	"suraag/fault"
	"suraag/sighting"
)

// TakeDirty takes at most limit things whose leads have to be weighed again off
// the list, before anything about them is read. Whoever learns something of one
// of them meanwhile marks it anew: a mark becomes visible together with what was
// learned, and only marks that are visible are taken off.
func (d *DB) TakeDirty(ctx context.Context, tx *sql.Tx, limit int) ([]sighting.Thing, error) {
	var ids [][]byte
	err := each(ctx, tx, `DELETE FROM dirty WHERE thing IN (SELECT DISTINCT thing FROM dirty ORDER BY thing LIMIT $1) RETURNING thing`, []any{limit}, func(r *sql.Rows) error {
		var id []byte
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(ids, bytes.Compare)
	ids = slices.CompactFunc(ids, bytes.Equal)
	var out []sighting.Thing
	for part := range slices.Chunk(ids, rowsPerInsert) {
		args := []any{}
		for _, id := range part {
			args = append(args, id)
		}
		got, err := documents[sighting.Thing](ctx, tx, "thing", `SELECT doc FROM thing WHERE id IN (`+holders(1, len(part))+`) ORDER BY id`, args)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// Dirty counts the things that wait to be weighed.
func (d *DB) Dirty(ctx context.Context) (n int64, err error) {
	err = d.QueryRowContext(ctx, `SELECT count(DISTINCT thing) FROM dirty`).Scan(&n)
	return n, sorted(err)
}

// PutLeads replaces all leads of the things, and tells which came, became others
// and went.
func (d *DB) PutLeads(ctx context.Context, tx *sql.Tx, thingIDs []string, leads []casework.Lead) ([]casework.LeadChange, error) {
	changes, err := d.AddLeads(ctx, tx, leads)
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{}
	for _, l := range leads {
		kept[l.ID] = true
	}
	err = d.DropLeads(ctx, tx, thingIDs, kept, func(gone []casework.LeadChange) error {
		changes = append(changes, gone...)
		return nil
	})
	return changes, err
}

// AddLeads puts leads into the queue, or in the place of what they were, and tells
// which came and became others.
func (d *DB) AddLeads(ctx context.Context, tx *sql.Tx, leads []casework.Lead) ([]casework.LeadChange, error) {
	var all []string
	for _, l := range leads {
		all = append(all, l.ID)
	}
	before, err := leadTexts(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	var rows, ties [][]any
	var changes []casework.LeadChange
	for _, l := range leads {
		id, err := raw(l.ID, 16)
		if err != nil {
			return nil, err
		}
		thing, err := raw(l.Thing, 16)
		if err != nil {
			return nil, err
		}
		doc, err := json.Marshal(l)
		if err != nil {
			return nil, fault.As(fault.Internal, err)
		}
		// The same moment may have stood under another content before.
		if err := dropLead(ctx, tx, id); err != nil {
			return nil, err
		}
		rows = append(rows, []any{id, l.SortKey, string(doc)})
		ties = append(ties, []any{thing, id})
		if old, known := before[l.ID]; !known || old != string(doc) {
			changes = append(changes, casework.LeadChange{Lead: l, Known: known})
		}
	}
	if _, err := d.insert(ctx, tx, "lead", []string{"id", "sort_key", "doc"}, rows); err != nil {
		return nil, err
	}
	_, err = d.insert(ctx, tx, "lead_thing", []string{"thing", "lead"}, ties)
	return changes, err
}

func dropLead(ctx context.Context, tx *sql.Tx, id []byte) error {
	for _, old := range []string{`DELETE FROM lead WHERE id = $1`, `DELETE FROM lead_thing WHERE lead = $1`} {
		if _, err := exec(ctx, tx, old, id); err != nil {
			return err
		}
	}
	return nil
}

// DropLeads takes the leads of things that are not kept out of the queue, and tells
// which went, some at a time.
func (d *DB) DropLeads(ctx context.Context, tx *sql.Tx, thingIDs []string, kept map[string]bool, some func([]casework.LeadChange) error) error {
	var gone []string
	for part := range slices.Chunk(thingIDs, rowsPerInsert) {
		args, err := rawAll(part, 16)
		if err != nil {
			return err
		}
		err = each(ctx, tx, `SELECT lead FROM lead_thing WHERE thing IN (`+holders(1, len(part))+`)`, args, func(r *sql.Rows) error {
			var id []byte
			err := r.Scan(&id)
			if text := hex.EncodeToString(id); !kept[text] {
				gone = append(gone, text)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	slices.Sort(gone)
	for part := range slices.Chunk(slices.Compact(gone), rowsPerInsert) {
		before, err := leadTexts(ctx, tx, part)
		if err != nil {
			return err
		}
		var changes []casework.LeadChange
		for _, text := range part {
			id, err := raw(text, 16)
			if err != nil {
				return err
			}
			if err := dropLead(ctx, tx, id); err != nil {
				return err
			}
			doc, known := before[text]
			if !known {
				continue
			}
			change := casework.LeadChange{Known: true, Gone: true}
			if err := json.Unmarshal([]byte(doc), &change.Lead); err != nil {
				return fault.Newf(fault.Corrupt, "stored lead %s: %w", text, err)
			}
			changes = append(changes, change)
		}
		if err := some(changes); err != nil {
			return err
		}
	}
	return nil
}

// leadTexts gives the texts of leads that stand in the queue.
func leadTexts(ctx context.Context, tx *sql.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for part := range slices.Chunk(ids, rowsPerInsert) {
		args, err := rawAll(part, 16)
		if err != nil {
			return nil, err
		}
		err = each(ctx, tx, `SELECT id, doc FROM lead WHERE id IN (`+holders(1, len(part))+`)`, args, func(r *sql.Rows) error {
			var id []byte
			var doc string
			err := r.Scan(&id, &doc)
			out[hex.EncodeToString(id)] = doc
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Leads gives the queue in order; no limit gives all.
func (d *DB) Leads(ctx context.Context, limit int) ([]casework.Lead, error) {
	return d.leadsOf(ctx, `SELECT doc FROM lead ORDER BY sort_key LIMIT $1`, all(limit))
}

// LeadsOf gives the leads of things, in the order of the queue.
func (d *DB) LeadsOf(ctx context.Context, thingIDs []string) ([]casework.Lead, error) {
	var out []casework.Lead
	for part := range slices.Chunk(thingIDs, rowsPerInsert) {
		args, err := rawAll(part, 16)
		if err != nil {
			return nil, err
		}
		got, err := d.leadsOf(ctx, `SELECT doc FROM lead WHERE id IN (SELECT lead FROM lead_thing WHERE thing IN (`+holders(1, len(part))+`))`, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	casework.Sort(out)
	return out, nil
}

func (d *DB) leadsOf(ctx context.Context, query string, args ...any) ([]casework.Lead, error) {
	return documents[casework.Lead](ctx, d, "lead", query, args)
}

// CountLeads counts the queue.
func (d *DB) CountLeads(ctx context.Context) (n int64, err error) {
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM lead`).Scan(&n)
	return n, sorted(err)
}

// FindLead gives the one lead whose ID begins with the given hex digits, at
// least 6 of them.
func (d *DB) FindLead(ctx context.Context, prefix string) (casework.Lead, error) {
	first, last, err := span(prefix)
	if err == nil && len(prefix) > 32 {
		err = fault.Newf(fault.Invalid, "lead %q has more than 32 hex digits", prefix)
	}
	if err != nil {
		return casework.Lead{}, err
	}
	found, err := d.leadsOf(ctx, `SELECT doc FROM lead WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 2`, first[:16], last[:16])
	switch {
	case err != nil:
		return casework.Lead{}, err
	case len(found) == 0:
		err := fault.Newf(fault.NotFound, "lead %s is not in the queue", prefix)
		return casework.Lead{}, fault.WithHint(err, "see suraag lead list; a lead goes when its list is retracted or its address proves to be no one's")
	case len(found) > 1:
		return casework.Lead{}, fault.Newf(fault.Conflict, "lead %s is more than one: %s and %s", prefix, found[0].ID, found[1].ID)
	}
	return found[0], nil
}

// Waiting counts the sources that are not read yet, of those given or of all.
func (d *DB) Waiting(ctx context.Context, ids []string) (n int64, err error) {
	if len(ids) == 0 {
		err = d.QueryRowContext(ctx, `SELECT count(*) FROM source WHERE state = 'sealed' AND purpose <> 'network'`).Scan(&n)
		return n, sorted(err)
	}
	for part := range slices.Chunk(ids, rowsPerInsert) {
		args, err := rawAll(part, 32)
		if err != nil {
			return 0, err
		}
		var m int64
		if err := d.QueryRowContext(ctx, `SELECT count(*) FROM source WHERE state = 'sealed' AND id IN (`+holders(1, len(part))+`)`, args...).Scan(&m); err != nil {
			return 0, sorted(err)
		}
		n += m
	}
	return n, nil
}

// Totals counts what the record holds.
type Totals struct {
	Sources   int64 `json:"sources"`
	Sightings int64 `json:"sightings"`
	Leases    int64 `json:"leases"`
	Listings  int64 `json:"listings"`
	Leads     int64 `json:"leads"`
}

// Count counts what the record holds.
func (d *DB) Count(ctx context.Context) (t Totals, err error) {
	for table, n := range map[string]*int64{"source": &t.Sources, "sighting": &t.Sightings, "lease": &t.Leases, "lead": &t.Leads} {
		if err := d.QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(n); err != nil {
			return t, sorted(err)
		}
	}
	err = d.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM (SELECT MAX(entries) AS n FROM hash_set GROUP BY source) AS each_source`).Scan(&t.Listings)
	return t, sorted(err)
}
