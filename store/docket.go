package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/wall"
)

// AddCase records a new case. A number that is taken is fault.Conflict.
func (d *DB) AddCase(ctx context.Context, tx *sql.Tx, c people.Case) error {
	id, err := raw(c.ID, 16)
	if err != nil {
		return err
	}
	doc, err := docOfCase(c)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "docket", id)
	n, err := d.insert(ctx, tx, "docket", []string{"id", "number", "doc"}, [][]any{{id, c.Number, doc}})
	if err == nil && n == 0 {
		err = fault.WithHint(fault.Newf(fault.Conflict, "case %q is there already", c.Number), "ask who is on it to put you on it, or give the number as your station writes it")
	}
	return err
}

// UpdateCase records who is in charge of a case and whether it is sealed.
func (d *DB) UpdateCase(ctx context.Context, tx *sql.Tx, c people.Case) error {
	id, err := raw(c.ID, 16)
	if err != nil {
		return err
	}
	doc, err := docOfCase(c)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "docket", id)
	_, err = exec(ctx, tx, `UPDATE docket SET doc = $2 WHERE id = $1`, id, doc)
	return err
}

// docOfCase leaves out what other tables hold.
func docOfCase(c people.Case) (string, error) {
	c.Members, c.Openings = nil, nil
	doc, err := json.Marshal(c)
	return string(doc), fault.As(fault.Internal, err)
}

// SetMember puts a person on a case, or takes the person off it.
func (d *DB) SetMember(ctx context.Context, tx *sql.Tx, caseID, person string, on bool, by string, now time.Time) error {
	keys, err := rawAll([]string{caseID, person}, 16)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "docket_member", slices.Clone(keys)...)
	if !on {
		_, err = exec(ctx, tx, `DELETE FROM docket_member WHERE docket = $1 AND person = $2`, keys...)
		return err
	}
	_, err = d.insert(ctx, tx, "docket_member", []string{"docket", "person", "by_who", "at_ns"}, [][]any{append(keys, by, ns(now))})
	return err
}

// AddToCase puts a source into a case, with the hand-in by which it came there,
// where it was handed in for it.
func (d *DB) AddToCase(ctx context.Context, tx *sql.Tx, caseID, source, by string, now time.Time, in *custody.HandIn) error {
	id, err := raw(caseID, 16)
	if err != nil {
		return err
	}
	src, err := raw(source, 32)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "docket_source", src, id)
	if _, err := d.insert(ctx, tx, "docket_source", []string{"source", "docket", "by_who", "at_ns"}, [][]any{{src, id, by, ns(now)}}); err != nil || in == nil {
		return err
	}
	d.wrote(ctx, tx, "docket_handin", src, id, in.Authority, in.BroughtBy, in.Name)
	_, err = d.insert(ctx, tx, "docket_handin", []string{"source", "docket", "authority", "brought_by", "name"}, [][]any{{src, id, in.Authority, in.BroughtBy, in.Name}})
	return err
}

// KeepForUnit marks a source that belongs to no case as the whole unit's, before
// it is handed in for a case: what everybody could see is not taken from them
// because somebody brought it again.
func (d *DB) KeepForUnit(ctx context.Context, tx *sql.Tx, source, by string, now time.Time) error {
	src, err := raw(source, 32)
	if err != nil {
		return err
	}
	var n int64
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM docket_source WHERE source = $1`, src).Scan(&n); err != nil || n > 0 {
		return sorted(err)
	}
	return d.AddToCase(ctx, tx, wall.Unit, source, by, now, nil)
}

// MoveSource takes a source out of one case and puts it into another, with the
// hand-ins that were made for the first.
func (d *DB) MoveSource(ctx context.Context, tx *sql.Tx, from, to, source, by string, now time.Time) error {
	if err := d.AddToCase(ctx, tx, to, source, by, now, nil); err != nil {
		return err
	}
	keys, err := rawAll([]string{from, to}, 16)
	if err != nil {
		return err
	}
	src, err := raw(source, 32)
	if err != nil {
		return err
	}
	var ins [][]any
	err = each(ctx, tx, `SELECT authority, brought_by, name FROM docket_handin WHERE source = $1 AND docket = $2`, []any{src, keys[0]}, func(r *sql.Rows) error {
		var authority, broughtBy, name string
		err := r.Scan(&authority, &broughtBy, &name)
		ins = append(ins, []any{src, keys[1], authority, broughtBy, name})
		return err
	})
	if err != nil {
		return err
	}
	for _, in := range ins {
		d.wrote(ctx, tx, "docket_handin", slices.Clone(in)...)
	}
	if _, err := d.insert(ctx, tx, "docket_handin", []string{"source", "docket", "authority", "brought_by", "name"}, ins); err != nil {
		return err
	}
	for _, table := range []string{"docket_source", "docket_handin"} {
		if err := d.wroteAll(ctx, tx, table, `source = $1 AND docket = $2`, src, keys[0]); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, `DELETE FROM `+table+` WHERE source = $1 AND docket = $2`, src, keys[0]); err != nil {
			return err
		}
	}
	return nil
}

// HoldCase locks a case until the transaction ends, and gives it as it is then.
// Whoever changes a case, or who is on it, holds it first.
func (d *DB) HoldCase(ctx context.Context, tx *sql.Tx, caseID string, now time.Time) (people.Case, error) {
	id, err := raw(caseID, 16)
	if err != nil {
		return people.Case{}, err
	}
	if _, err := exec(ctx, tx, `UPDATE docket SET number = number WHERE id = $1`, id); err != nil {
		return people.Case{}, err
	}
	found, err := dockets(ctx, tx, now, ` AND id = $2`, ` AND docket = $2`, id)
	if err == nil && len(found) == 0 {
		err = fault.Newf(fault.NotFound, "no such case")
	}
	if err != nil {
		return people.Case{}, err
	}
	return found[0], nil
}

// Cases gives every case with its members and with the openings that hold, by
// number.
func (d *DB) Cases(ctx context.Context, now time.Time) ([]people.Case, error) {
	return dockets(ctx, d, now, "", "")
}

// dockets reads cases, and of their members and openings those of a condition.
func dockets(ctx context.Context, q querier, now time.Time, which, whose string, args ...any) ([]people.Case, error) {
	args = append([]any{ns(now)}, args...) // the first is used by each query, so that one list serves all
	cases, err := documents[people.Case](ctx, q, "case", `SELECT doc FROM docket WHERE CAST($1 AS BIGINT) > 0`+which+` ORDER BY id`, args)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for n, c := range cases {
		at[c.ID] = n
	}
	err = each(ctx, q, `SELECT docket, person FROM docket_member WHERE CAST($1 AS BIGINT) > 0`+whose+` ORDER BY docket, at_ns, person`, args, func(r *sql.Rows) error {
		var id, person []byte
		err := r.Scan(&id, &person)
		if n, known := at[hex.EncodeToString(id)]; known {
			cases[n].Members = append(cases[n].Members, hex.EncodeToString(person))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	openings, err := documents[people.Opening](ctx, q, "opening", `SELECT doc FROM opening WHERE until_ns > $1`+whose+` ORDER BY at_ns, id`, args)
	for _, o := range openings {
		if n, known := at[o.Case]; known {
			cases[n].Openings = append(cases[n].Openings, o)
		}
	}
	// Not by the database: the two engines order words differently.
	slices.SortFunc(cases, func(a, b people.Case) int {
		return cmp.Or(strings.Compare(a.Number, b.Number), strings.Compare(a.ID, b.ID))
	})
	return cases, err
}

// CasesOf gives the IDs of the cases to which each source belongs. A source that
// belongs to none is left out.
func (d *DB) CasesOf(ctx context.Context, sources []string) (map[string][]string, error) {
	out := map[string][]string{}
	for part := range slices.Chunk(sources, rowsPerInsert) {
		args, err := rawAll(part, 32)
		if err != nil {
			return nil, err
		}
		err = each(ctx, d, `SELECT source, docket FROM docket_source WHERE source IN (`+holders(1, len(part))+`) ORDER BY source, docket`, args, func(r *sql.Rows) error {
			var source, id []byte
			err := r.Scan(&source, &id)
			key := hex.EncodeToString(source)
			out[key] = append(out[key], hex.EncodeToString(id))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SourcesIn gives the IDs of the sources of a case, in the order in which they
// came to it.
func (d *DB) SourcesIn(ctx context.Context, caseID string) ([]string, error) {
	id, err := raw(caseID, 16)
	if err != nil {
		return nil, err
	}
	var out []string
	err = each(ctx, d, `SELECT source FROM docket_source WHERE docket = $1 ORDER BY at_ns, source`, []any{id}, func(r *sql.Rows) error {
		var source []byte
		err := r.Scan(&source)
		out = append(out, hex.EncodeToString(source))
		return err
	})
	return out, err
}

// HandInCases tells for which cases a source was handed in, and how.
func (d *DB) HandInCases(ctx context.Context, source string) (map[custody.HandIn][]string, error) {
	src, err := raw(source, 32)
	if err != nil {
		return nil, err
	}
	out := map[custody.HandIn][]string{}
	err = each(ctx, d, `SELECT docket, authority, brought_by, name FROM docket_handin WHERE source = $1 ORDER BY docket`, []any{src}, func(r *sql.Rows) error {
		var id []byte
		var in custody.HandIn
		err := r.Scan(&id, &in.Authority, &in.BroughtBy, &in.Name)
		out[in] = append(out[in], hex.EncodeToString(id))
		return err
	})
	return out, err
}

// AddOpening records that someone looks into a case, and why.
func (d *DB) AddOpening(ctx context.Context, tx *sql.Tx, o people.Opening) error {
	keys, err := rawAll([]string{o.ID, o.Case, o.Person}, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(o)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "opening", keys[0])
	_, err = d.insert(ctx, tx, "opening", []string{"id", "docket", "person", "emergency", "at_ns", "until_ns", "seen_ns", "doc"},
		[][]any{append(keys, flag(o.Emergency), ns(o.At), ns(o.Until), ns(o.SeenAt), string(doc))})
	return err
}

// SeeOpening records that a supervisor took notice of broken glass. It tells
// whether the supervisor was the first.
func (d *DB) SeeOpening(ctx context.Context, tx *sql.Tx, o people.Opening) (first bool, err error) {
	id, err := raw(o.ID, 16)
	if err != nil {
		return false, err
	}
	doc, err := json.Marshal(o)
	if err != nil {
		return false, fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "opening", id)
	n, err := exec(ctx, tx, `UPDATE opening SET seen_ns = $2, doc = $3 WHERE id = $1 AND seen_ns = 0`, id, ns(o.SeenAt), string(doc))
	return n > 0, err
}

// BrokenGlass gives the latest emergencies, the newest first; those that no
// supervisor took notice of stand before all others.
func (d *DB) BrokenGlass(ctx context.Context, limit int) ([]people.Opening, error) {
	return documents[people.Opening](ctx, d, "opening",
		`SELECT doc FROM opening WHERE emergency = 1 ORDER BY CASE WHEN seen_ns = 0 THEN 0 ELSE 1 END, at_ns DESC, id LIMIT $1`, []any{all(limit)})
}

// CountNotices counts the emergencies of which no supervisor took notice yet,
// leaving out those of one person: nobody takes notice of their own.
func (d *DB) CountNotices(ctx context.Context, except string) (n int64, err error) {
	id, err := raw(except, 16)
	if err != nil {
		return 0, err
	}
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM opening WHERE emergency = 1 AND seen_ns = 0 AND person <> $1`, id).Scan(&n)
	return n, sorted(err)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
