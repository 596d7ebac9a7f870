package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"suraag/fault"
	"suraag/people/look"
	"suraag/people/wall"
)

// AddMode records that media mode was turned on for a case.
func (d *DB) AddMode(ctx context.Context, tx *sql.Tx, m look.Mode) error {
	keys, err := rawAll([]string{m.ID, m.Case, m.Person}, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(m)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "media_mode", keys[0])
	_, err = d.insert(ctx, tx, "media_mode", []string{"id", "docket", "person", "from_ns", "until_ns", "ended_ns", "seen_ns", "doc"},
		[][]any{append(keys, ns(m.From), ns(m.Until), ns(m.Ended), ns(m.SeenAt), string(doc))})
	return err
}

// EndMode records that media mode was ended before its time. It tells whether
// nobody did before.
func (d *DB) EndMode(ctx context.Context, tx *sql.Tx, m look.Mode) (first bool, err error) {
	return d.changeMode(ctx, tx, m, `ended_ns`, ns(m.Ended))
}

// SeeMode records that another supervisor took notice. It tells whether that was
// the first.
func (d *DB) SeeMode(ctx context.Context, tx *sql.Tx, m look.Mode) (first bool, err error) {
	return d.changeMode(ctx, tx, m, `seen_ns`, ns(m.SeenAt))
}

// changeMode sets one of two times. What the other says is read anew, since both may
// come at once.
func (d *DB) changeMode(ctx context.Context, tx *sql.Tx, m look.Mode, column string, at int64) (bool, error) {
	id, err := raw(m.ID, 16)
	if err != nil {
		return false, err
	}
	d.wrote(ctx, tx, "media_mode", id)
	n, err := exec(ctx, tx, `UPDATE media_mode SET `+column+` = $2 WHERE id = $1 AND `+column+` = 0`, id, at)
	if err != nil || n == 0 {
		return false, err
	}
	is, err := one[look.Mode](ctx, tx, "media mode", `SELECT doc FROM media_mode WHERE id = $1`, id)
	if err != nil {
		return false, err
	}
	if column == "ended_ns" {
		is.Ended, is.EndedBy = m.Ended, m.EndedBy
	} else {
		is.SeenAt, is.SeenBy = m.SeenAt, m.SeenBy
	}
	doc, err := json.Marshal(is)
	if err != nil {
		return false, fault.As(fault.Internal, err)
	}
	_, err = exec(ctx, tx, `UPDATE media_mode SET doc = $2 WHERE id = $1`, id, string(doc))
	return true, err
}

// Modes gives when media mode was on for a case, the last first.
func (d *DB) Modes(ctx context.Context, caseID string, limit int) ([]look.Mode, error) {
	id, err := raw(caseID, 16)
	if err != nil {
		return nil, err
	}
	return documents[look.Mode](ctx, d, "media mode", `SELECT doc FROM media_mode WHERE docket = $1 ORDER BY from_ns DESC, id LIMIT $2`, []any{id, all(limit)})
}

// LastModes gives the latest of all cases; those of which no other supervisor took
// notice stand before all others.
func (d *DB) LastModes(ctx context.Context, limit int) ([]look.Mode, error) {
	return documents[look.Mode](ctx, d, "media mode", `SELECT doc FROM media_mode ORDER BY CASE WHEN seen_ns = 0 THEN 0 ELSE 1 END, from_ns DESC, id LIMIT $1`, []any{all(limit)})
}

// CountModeNotices counts those of which no other supervisor took notice yet,
// leaving out those of one person: nobody takes notice of their own.
func (d *DB) CountModeNotices(ctx context.Context, except string) (n int64, err error) {
	id, err := raw(except, 16)
	if err != nil {
		return 0, err
	}
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM media_mode WHERE seen_ns = 0 AND person <> $1`, id).Scan(&n)
	return n, sorted(err)
}

// LookTurn keeps everybody else from changing what one person looks at until the
// transaction ends.
func (d *DB) LookTurn(ctx context.Context, tx *sql.Tx, person string) error {
	id, err := raw(person, 16)
	if err != nil {
		return err
	}
	n, err := exec(ctx, tx, `UPDATE person SET ended_ns = ended_ns WHERE id = $1`, id)
	if err == nil && n == 0 {
		err = fault.Newf(fault.NotFound, "no such person")
	}
	return err
}

// AddLook records a look that begins. A second one of the same person is
// fault.Conflict while the first may still be on a screen.
func (d *DB) AddLook(ctx context.Context, tx *sql.Tx, r look.Reveal) error {
	keys, err := rawAll([]string{r.ID, r.Person, r.Case}, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(r)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "media_look", keys[0])
	n, err := d.insert(ctx, tx, "media_look", []string{"id", "person", "docket", "at_ns", "until_ns", "ended_ns", "doc"},
		[][]any{append(keys, ns(r.At), ns(r.Until), ns(r.Ended), string(doc))})
	if err == nil && n == 0 {
		err = fault.WithHint(fault.Newf(fault.Conflict, "another picture is uncovered for you"), "cover it first, in whatever tab or browser it is")
	}
	return err
}

// EndLook records that a picture was covered. It tells whether that was not said
// before.
func (d *DB) EndLook(ctx context.Context, tx *sql.Tx, r look.Reveal) (first bool, err error) {
	id, err := raw(r.ID, 16)
	if err != nil {
		return false, err
	}
	doc, err := json.Marshal(r)
	if err != nil {
		return false, fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "media_look", id)
	n, err := exec(ctx, tx, `UPDATE media_look SET ended_ns = $2, doc = $3 WHERE id = $1 AND ended_ns = 0`, id, ns(r.Ended), string(doc))
	return n > 0, err
}

// Looks gives the looks of a person that count for a time since then, oldest first, as
// the transaction sees them.
func (d *DB) Looks(ctx context.Context, tx *sql.Tx, person string, since time.Time) ([]look.Reveal, error) {
	id, err := raw(person, 16)
	if err != nil {
		return nil, err
	}
	return documents[look.Reveal](ctx, tx, "look", `SELECT doc FROM media_look WHERE person = $1 AND until_ns > $2 ORDER BY at_ns, id`, []any{id, ns(since)})
}

// AllLooks gives the looks of everybody that count for a time since then, oldest first.
func (d *DB) AllLooks(ctx context.Context, since time.Time) ([]look.Reveal, error) {
	return documents[look.Reveal](ctx, d, "look", `SELECT doc FROM media_look WHERE until_ns > $1 ORDER BY at_ns, id`, []any{ns(since)})
}

// AddLimit records for how long somebody may look in a day.
func (d *DB) AddLimit(ctx context.Context, tx *sql.Tx, l look.Limit) error {
	keys, err := rawAll([]string{l.ID, ofUnit(l.Person)}, 16)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(l)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	d.wrote(ctx, tx, "media_limit", keys[0])
	_, err = d.insert(ctx, tx, "media_limit", []string{"id", "person", "at_ns", "from_ns", "doc"}, [][]any{append(keys, ns(l.At), ns(l.From), string(doc))})
	return err
}

// ofUnit is whose limit is kept in the place of nobody's.
func ofUnit(person string) string {
	if person == "" {
		return wall.Unit
	}
	return person
}

// Limits gives every limit that was set, oldest first.
func (d *DB) Limits(ctx context.Context) ([]look.Limit, error) {
	return documents[look.Limit](ctx, d, "viewing limit", `SELECT doc FROM media_limit ORDER BY at_ns, id`, nil)
}
