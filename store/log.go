package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"suraag/custody"
	"suraag/fault"
)

// Log writes what was done beside the data it was done to, in the same
// transaction: neither is ever there without the other. The entries get their
// place in the custody log later (custody/log).
func (d *DB) Log(ctx context.Context, tx *sql.Tx, entries ...custody.Entry) error {
	_, err := d.logAll(ctx, tx, entries)
	return err
}

// LogOne is Log for one entry, whose ID it gives: who has to find this very entry
// again finds it by nothing else, because others may say the same of the same.
func (d *DB) LogOne(ctx context.Context, tx *sql.Tx, e custody.Entry) (id string, err error) {
	ids, err := d.logAll(ctx, tx, []custody.Entry{e})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(ids[0]), nil
}

func (d *DB) logAll(ctx context.Context, tx *sql.Tx, entries []custody.Entry) (ids [][]byte, err error) {
	last, err := lastEntryID(ctx, tx)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	if entries, err = d.stating(ctx, tx, entries, last == nil); err != nil {
		return nil, err
	}
	rows := make([][]any, 0, len(entries))
	for _, e := range entries {
		c, err := custody.Commit(e, rand.Reader)
		if err != nil {
			return nil, err
		}
		id := custody.EntryID(c.Leaf[:], e.At, custody.Turn(e.At, last), d.logged.Add(1))
		last, ids = id, append(ids, id)
		rows = append(rows, []any{id, e.Kind, e.Subject, e.By, ns(e.At), string(c.Canonical), c.Salt, c.Leaf[:], nil})
	}
	n, err := d.insert(ctx, tx, "log_entry", []string{"id", "kind", "subject", "by_whom", "at_ns", "record", "salt", "leaf", "place"}, rows)
	if err == nil && n != int64(len(rows)) {
		err = fault.Newf(fault.Internal, "%d of %d log entries were written", n, len(rows))
	}
	return ids, err
}

// lastEntryID gives the ID of the latest entry that the transaction can see; nil if
// there is none. Whoever changed a row before this transaction did has committed,
// since the row was locked: his entry is seen, and ours comes after it.
func lastEntryID(ctx context.Context, tx *sql.Tx) (id []byte, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id FROM log_entry ORDER BY id DESC LIMIT 1`).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return id, sorted(err)
}

// inOrderOfLog is the order of the entries in the log, and then of those that wait
// for their place.
const inOrderOfLog = ` ORDER BY CASE WHEN place IS NULL THEN 1 ELSE 0 END, place, id`

// PlaceEntries gives waiting entries the next places in the custody log, in the
// order in which they were written, and tells how many. The places are on disk
// before the log holds their leaves, so that a death between the two can neither
// lose an entry nor log one twice.
func (d *DB) PlaceEntries(ctx context.Context, limit int, now time.Time) (placed int, err error) {
	waiting, err := d.WaitingEntries(ctx)
	if err != nil || waiting == 0 {
		return 0, err
	}
	err = d.InTx(ctx, func(tx *sql.Tx) error {
		if err := d.TakeTurn(ctx, tx, "log", now); err != nil {
			return err
		}
		next, err := number(tx.QueryRowContext(ctx, countPlaced))
		if err != nil {
			return err
		}
		var ids [][]byte
		err = each(ctx, tx, `SELECT id FROM log_entry WHERE place IS NULL ORDER BY id LIMIT $1`, []any{limit}, func(r *sql.Rows) error {
			var id []byte
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return err
		}
		for n, id := range ids {
			if _, err := exec(ctx, tx, `UPDATE log_entry SET place = $2 WHERE id = $1`, id, next+int64(n)); err != nil {
				return err
			}
		}
		placed = len(ids)
		return nil
	})
	return placed, err
}

const countPlaced = `SELECT coalesce(max(place) + 1, 0) FROM log_entry`

func number(row *sql.Row) (n int64, err error) {
	err = row.Scan(&n)
	return n, sorted(err)
}

// PlacedEntries counts the entries that have a place in the log.
func (d *DB) PlacedEntries(ctx context.Context) (int64, error) {
	return number(d.QueryRowContext(ctx, countPlaced))
}

// WaitingEntries counts the entries that have no place in the log yet.
func (d *DB) WaitingEntries(ctx context.Context) (int64, error) {
	return number(d.QueryRowContext(ctx, `SELECT count(*) FROM log_entry WHERE place IS NULL`))
}

// Leaves gives the leaves of the log as the record has them, from a place on, at
// most as many as asked. A place that the record lacks is an error: every place
// has its row, for ever.
func (d *DB) Leaves(ctx context.Context, from int64, limit int) ([][]byte, error) {
	var out [][]byte
	err := each(ctx, d, `SELECT place, leaf FROM log_entry WHERE place >= $1 ORDER BY place LIMIT $2`, []any{from, limit}, func(r *sql.Rows) error {
		var place int64
		var leaf []byte
		if err := r.Scan(&place, &leaf); err != nil {
			return err
		}
		if want := from + int64(len(out)); place != want {
			return fault.Newf(fault.Corrupt, "log entry at place %d is missing from the record", want)
		}
		out = append(out, leaf)
		return nil
	})
	return out, err
}

const entryColumns = `SELECT id, kind, subject, by_whom, at_ns, record, salt, leaf, place FROM log_entry`

func scanEntry(r *sql.Rows) (l custody.Logged, err error) {
	var id []byte
	var at int64
	var record string
	var place sql.NullInt64
	err = r.Scan(&id, &l.Kind, &l.Subject, &l.By, &at, &record, &l.Salt, &l.Leaf, &place)
	l.ID, l.At, l.Canonical, l.Place = hex.EncodeToString(id), fromNS(at), []byte(record), -1
	if place.Valid {
		l.Place = place.Int64
	}
	return l, err
}

// EntryAt gives the entry at a place of the log.
func (d *DB) EntryAt(ctx context.Context, place int64) (custody.Logged, error) {
	found, err := d.entries(ctx, entryColumns+` WHERE place = $1`, place)
	if err == nil && len(found) == 0 {
		err = fault.Newf(fault.NotFound, "the log has no entry %d", place)
	}
	if err != nil {
		return custody.Logged{}, err
	}
	return found[0], nil
}

// LatestEntry gives the last entry of a kind about a subject, if there is one.
func (d *DB) LatestEntry(ctx context.Context, kind custody.Kind, subject string) (l custody.Logged, there bool, err error) {
	found, err := d.entries(ctx, entryColumns+` WHERE subject = $1 AND kind = $2 ORDER BY CASE WHEN place IS NULL THEN 0 ELSE 1 END, place DESC, id DESC LIMIT 1`, subject, kind)
	if err != nil || len(found) == 0 {
		return l, false, err
	}
	return found[0], true, nil
}

// EntriesAbout gives the entries about a subject, oldest first.
func (d *DB) EntriesAbout(ctx context.Context, subject string) ([]custody.Logged, error) {
	return d.entries(ctx, entryColumns+` WHERE subject = $1`+inOrderOfLog, subject)
}

// LastEntries gives the newest entries, newest first; no limit gives all.
func (d *DB) LastEntries(ctx context.Context, limit int) ([]custody.Logged, error) {
	return d.entries(ctx, entryColumns+` ORDER BY id DESC LIMIT $1`, all(limit))
}

// Entries gives the entries that a query asks for, newest first.
func (d *DB) Entries(ctx context.Context, q custody.Query) ([]custody.Logged, error) {
	before := bytes.Repeat([]byte{0xff}, 16)
	if q.Before != "" {
		var err error
		if before, err = raw(q.Before, 16); err != nil {
			return nil, err
		}
	}
	return d.entries(ctx, entryColumns+` WHERE id < $1 AND (CAST($2 AS TEXT) = '' OR kind = $2) AND lower(by_whom) LIKE $3 ESCAPE '!' AND lower(subject) LIKE $4 ESCAPE '!'
		ORDER BY id DESC LIMIT $5`, before, q.Kind, "%"+escaped(q.By)+"%", escaped(q.Subject)+"%", all(q.Limit))
}

// escaped makes words that LIKE takes for themselves.
func escaped(words string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(words))
}

// EachEntry gives every entry in the order of the log.
func (d *DB) EachEntry(ctx context.Context, yield func(custody.Logged) error) error {
	return each(ctx, d, entryColumns+inOrderOfLog, nil, func(r *sql.Rows) error {
		l, err := scanEntry(r)
		if err != nil {
			return err
		}
		return yield(l)
	})
}

func (d *DB) entries(ctx context.Context, query string, args ...any) (out []custody.Logged, err error) {
	err = each(ctx, d, query, args, func(r *sql.Rows) error {
		l, err := scanEntry(r)
		out = append(out, l)
		return err
	})
	return out, err
}

// TakeLost gives places to leaves that the log holds and the record lacks, because it
// was put back. An entry that waits for its place may be one of them; of the others
// nothing is known but the leaf. It tells how many those are.
func (d *DB) TakeLost(ctx context.Context, tx *sql.Tx, from int64, leaves [][]byte, now time.Time) (lost int64, err error) {
	if err := d.TakeTurn(ctx, tx, "log", now); err != nil {
		return 0, err
	}
	if next, err := number(tx.QueryRowContext(ctx, countPlaced)); err != nil || next != from {
		return 0, errors.Join(err, fault.Newf(fault.Conflict, "the record has got other entries meanwhile"))
	}
	last, err := lastEntryID(ctx, tx)
	if err != nil {
		return 0, err
	}
	var rows [][]any
	for n, leaf := range leaves {
		place := from + int64(n)
		found, err := exec(ctx, tx, `UPDATE log_entry SET place = $2 WHERE leaf = $1 AND place IS NULL`, leaf, place)
		if err != nil {
			return 0, err
		}
		if found > 0 {
			continue
		}
		last = custody.EntryID(leaf, now, custody.Turn(now, last), d.logged.Add(1))
		rows = append(rows, []any{last, custody.Lost, "", "", ns(now), "", []byte{}, leaf, place})
	}
	return d.insert(ctx, tx, "log_entry", []string{"id", "kind", "subject", "by_whom", "at_ns", "record", "salt", "leaf", "place"}, rows)
}

// EraseEntry removes the words of an entry, and with its salt every means of
// finding out what they were. Its leaf and place stay. That it was erased has to
// be logged in the same transaction.
func (d *DB) EraseEntry(ctx context.Context, tx *sql.Tx, place int64) error {
	if err := d.restate(ctx, tx, `place = $1`, place); err != nil {
		return err
	}
	n, err := exec(ctx, tx, `UPDATE log_entry SET subject = '', by_whom = '', record = '', salt = $2 WHERE place = $1`, place, []byte{})
	if err == nil && n != 1 {
		err = fault.Newf(fault.NotFound, "the log has no entry %d", place)
	}
	return err
}

// AddCheckpoint records a signed checkpoint that the log published.
func (d *DB) AddCheckpoint(ctx context.Context, c custody.Checkpoint) error {
	return d.InTx(ctx, func(tx *sql.Tx) error {
		before, err := number(tx.QueryRowContext(ctx, `SELECT coalesce(max(size), 0) FROM log_checkpoint`))
		if err != nil {
			return err
		}
		_, err = d.insert(ctx, tx, "log_checkpoint", []string{"size", "before", "note", "at_ns", "token"}, [][]any{{c.Size, before, c.Note, ns(c.At), []byte{}}})
		return err
	})
}

// SetToken records the time stamp of a checkpoint.
func (d *DB) SetToken(ctx context.Context, tx *sql.Tx, size int64, token []byte) error {
	n, err := exec(ctx, tx, `UPDATE log_checkpoint SET token = $2 WHERE size = $1`, size, token)
	if err == nil && n != 1 {
		err = fault.Newf(fault.NotFound, "no checkpoint of size %d", size)
	}
	return err
}

// LastStamp gives when the newest checkpoint that has a time stamp was recorded;
// the zero time if none has.
func (d *DB) LastStamp(ctx context.Context) (time.Time, error) {
	at, err := number(d.QueryRowContext(ctx, `SELECT coalesce(max(at_ns), 0) FROM log_checkpoint WHERE length(token) > 0`))
	return fromNS(at), err
}

// Checkpoints gives every checkpoint by size.
func (d *DB) Checkpoints(ctx context.Context) (out []custody.Checkpoint, err error) {
	err = each(ctx, d, `SELECT size, before, note, at_ns, token FROM log_checkpoint ORDER BY size`, nil, func(r *sql.Rows) error {
		var c custody.Checkpoint
		var at int64
		err := r.Scan(&c.Size, &c.Before, &c.Note, &at, &c.Token)
		c.At = fromNS(at)
		out = append(out, c)
		return err
	})
	return out, err
}

// LastCheckpoint gives the checkpoint of the greatest size, or one of size 0.
func (d *DB) LastCheckpoint(ctx context.Context) (c custody.Checkpoint, err error) {
	var at int64
	err = d.QueryRowContext(ctx, `SELECT size, before, note, at_ns, token FROM log_checkpoint ORDER BY size DESC LIMIT 1`).Scan(&c.Size, &c.Before, &c.Note, &at, &c.Token)
	c.At = fromNS(at)
	if errors.Is(err, sql.ErrNoRows) {
		return custody.Checkpoint{}, nil
	}
	return c, sorted(err)
}
