package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"suraag/custody"
	"suraag/fault"
	"suraag/sighting"
)

// AddSource records a sealed original. It tells whether the original is new;
// bringing it again records only who brought it again.
func (d *DB) AddSource(ctx context.Context, tx *sql.Tx, s custody.Source) (added bool, err error) {
	id, err := raw(s.ID, 32)
	if err != nil {
		return false, err
	}
	if _, err := d.insert(ctx, tx, "handin", []string{"source", "authority", "brought_by", "name", "at_ns"},
		[][]any{{id, s.Authority, s.BroughtBy, s.Name, ns(s.SealedAt)}}); err != nil {
		return false, err
	}
	n, err := d.insert(ctx, tx, "source",
		[]string{"id", "name", "size", "brought_by", "authority", "sealed_ns", "purpose", "options", "state", "problem", "result", "read_ns"},
		[][]any{{id, s.Name, s.Size, s.BroughtBy, s.Authority, ns(s.SealedAt), s.Purpose, string(s.Options), s.State, "", "", int64(0)}})
	return n > 0, err
}

const sourceColumns = `SELECT id, name, size, brought_by, authority, sealed_ns, purpose, options, state, problem, result, read_ns FROM source`

func scanSource(scan func(...any) error) (custody.Source, error) {
	var s custody.Source
	var id []byte
	var sealed, read int64
	var options, result string
	err := scan(&id, &s.Name, &s.Size, &s.BroughtBy, &s.Authority, &sealed, &s.Purpose, &options, &s.State, &s.Problem, &result, &read)
	s.ID, s.SealedAt, s.ReadAt = hex.EncodeToString(id), fromNS(sealed), fromNS(read)
	s.Options, s.Result = json.RawMessage(options), json.RawMessage(result)
	return s, err
}

// Source gives one source by its whole ID.
func (d *DB) Source(ctx context.Context, id string) (custody.Source, error) {
	b, err := raw(id, 32)
	if err != nil {
		return custody.Source{}, err
	}
	s, err := scanSource(d.QueryRowContext(ctx, sourceColumns+` WHERE id = $1`, b).Scan)
	if err == sql.ErrNoRows {
		return custody.Source{}, fault.Newf(fault.NotFound, "source %s is not in the record", id)
	}
	return s, sorted(err)
}

// FindSource gives the one source whose ID begins with the given hex digits, at
// least 6 of them.
func (d *DB) FindSource(ctx context.Context, prefix string) (custody.Source, error) {
	if len(prefix) == 64 {
		return d.Source(ctx, prefix)
	}
	first, last, err := span(prefix)
	if err != nil {
		return custody.Source{}, err
	}
	var found []custody.Source
	err = each(ctx, d, sourceColumns+` WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 2`, []any{first, last}, func(r *sql.Rows) error {
		s, err := scanSource(r.Scan)
		found = append(found, s)
		return err
	})
	switch {
	case err != nil:
		return custody.Source{}, err
	case len(found) == 0:
		return custody.Source{}, fault.Newf(fault.NotFound, "source %s… is not in the record", prefix)
	case len(found) > 1:
		return custody.Source{}, fault.Newf(fault.Conflict, "source %s… is more than one: %s and %s", prefix, found[0].ID, found[1].ID)
	}
	return found[0], nil
}

// Sources gives all sources in the order in which they were sealed.
func (d *DB) Sources(ctx context.Context) ([]custody.Source, error) {
	var out []custody.Source
	err := each(ctx, d, sourceColumns+` ORDER BY sealed_ns, id`, nil, func(r *sql.Rows) error {
		s, err := scanSource(r.Scan)
		out = append(out, s)
		return err
	})
	return out, err
}

// HandIns gives every occasion on which a source was brought.
func (d *DB) HandIns(ctx context.Context, id string) ([]custody.HandIn, error) {
	b, err := raw(id, 32)
	if err != nil {
		return nil, err
	}
	var out []custody.HandIn
	err = each(ctx, d, `SELECT authority, brought_by, name, at_ns FROM handin WHERE source = $1 ORDER BY at_ns`, []any{b}, func(r *sql.Rows) error {
		var h custody.HandIn
		var at int64
		err := r.Scan(&h.Authority, &h.BroughtBy, &h.Name, &at)
		h.At = fromNS(at)
		out = append(out, h)
		return err
	})
	slices.SortFunc(out, func(a, b custody.HandIn) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Authority, b.Authority), strings.Compare(a.BroughtBy, b.BroughtBy), strings.Compare(a.Name, b.Name))
	})
	return out, err
}

// FinishSource records what came of reading a source.
func (d *DB) FinishSource(ctx context.Context, tx *sql.Tx, s custody.Source) error {
	id, err := raw(s.ID, 32)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `UPDATE source SET state = $2, problem = $3, result = $4, read_ns = $5 WHERE id = $1`,
		id, s.State, s.Problem, string(s.Result), ns(s.ReadAt))
	return err
}

// SetOptions records what was declared for a source, and that it waits to be read.
func (d *DB) SetOptions(ctx context.Context, tx *sql.Tx, id string, options json.RawMessage) error {
	b, err := raw(id, 32)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `UPDATE source SET options = $2, state = $3 WHERE id = $1`, b, string(options), custody.Sealed)
	return err
}

// TrimProblems forgets the bad rows and notes of an earlier reading that the
// latest one, which found as many as given, did not find.
func (d *DB) TrimProblems(ctx context.Context, tx *sql.Tx, source string, from int64) error {
	id, err := raw(source, 32)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `DELETE FROM problem WHERE source = $1 AND seq >= $2`, id, from)
	return err
}

// AddProblems records bad rows and notes, in the place of those that an earlier
// reading gave the same numbers. Two readings at once write the same.
func (d *DB) AddProblems(ctx context.Context, tx *sql.Tx, source string, problems []sighting.Problem) error {
	id, err := raw(source, 32)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		return nil
	}
	if _, err := exec(ctx, tx, `DELETE FROM problem WHERE source = $1 AND seq >= $2 AND seq <= $3`, id, problems[0].Seq, problems[len(problems)-1].Seq); err != nil {
		return err
	}
	var rows [][]any
	for _, p := range problems {
		rows = append(rows, []any{id, p.Seq, p.Kind, p.Place.String(), p.Place.Locator, p.Reason})
	}
	_, err = d.insert(ctx, tx, "problem", []string{"source", "seq", "kind", "place", "words", "reason"}, rows)
	return err
}

// Problems gives the bad rows and notes of a source, from a sequence number on; a
// limit of 0 gives all.
func (d *DB) Problems(ctx context.Context, source string, from int64, limit int) ([]sighting.Problem, error) {
	id, err := raw(source, 32)
	if err != nil {
		return nil, err
	}
	var out []sighting.Problem
	err = each(ctx, d, `SELECT seq, kind, place, words, reason FROM problem WHERE source = $1 AND seq >= $2 ORDER BY seq LIMIT $3`, []any{id, from, all(limit)}, func(r *sql.Rows) error {
		var p sighting.Problem
		var place, words string
		if err := r.Scan(&p.Seq, &p.Kind, &place, &words, &p.Reason); err != nil {
			return err
		}
		p.Place, err = sighting.ParsePlace(place)
		p.Place.Locator = words
		out = append(out, p)
		return err
	})
	return out, err
}

// raw reads an ID of n bytes from hex.
func raw(id string, n int) ([]byte, error) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != n {
		return nil, fault.Newf(fault.Invalid, "ID %q is not %d hex digits", id, 2*n)
	}
	return b, nil
}

// rawAll reads IDs of n bytes from hex, as the values of a query.
func rawAll(ids []string, n int) ([]any, error) {
	out := make([]any, 0, len(ids))
	for _, id := range ids {
		b, err := raw(id, n)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// span gives the first and last 32-byte ID that begin with some hex digits.
func span(prefix string) (first, last []byte, err error) {
	if len(prefix) < 6 || len(prefix) > 64 {
		return nil, nil, fault.Newf(fault.Invalid, "ID %q has not between 6 and 64 hex digits", prefix)
	}
	const zeros, effs = "0000000000000000000000000000000000000000000000000000000000000000", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	first, err1 := hex.DecodeString(prefix + zeros[len(prefix):])
	last, err2 := hex.DecodeString(prefix + effs[len(prefix):])
	if err1 != nil || err2 != nil {
		return nil, nil, fault.Newf(fault.Invalid, "ID %q has other characters than hex digits", prefix)
	}
	return first, last, nil
}
