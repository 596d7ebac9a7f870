package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"

	"suraag/custody"
	"suraag/fault"
)

// Log writes what was done beside the data it was done to, in the same
// transaction: neither is ever there without the other. The entries get their
// place in the custody log later (custody/log).
func (d *DB) Log(ctx context.Context, tx *sql.Tx, entries ...custody.Entry) error {
	rows := make([][]any, 0, len(entries))
	for _, e := range entries {
		c, err := custody.Commit(e, rand.Reader)
		if err != nil {
			return err
		}
		id, err := d.entryID(e)
		if err != nil {
			return err
		}
		rows = append(rows, []any{id, e.Kind, e.Subject, e.By, ns(e.At), string(c.Canonical), c.Salt, c.Leaf[:], nil})
	}
	n, err := d.insert(ctx, tx, "log_entry", []string{"id", "kind", "subject", "by_whom", "at_ns", "record", "salt", "leaf", "place"}, rows)
	if err == nil && n != int64(len(rows)) {
		err = fault.Newf(fault.Internal, "%d of %d log entries were written", n, len(rows))
	}
	return err
}

// entryID is 16 bytes that order entries by time, those of one moment as this
// process wrote them: 8 bytes of nanoseconds, 4 of a count, 4 of chance.
func (d *DB) entryID(e custody.Entry) ([]byte, error) {
	id := binary.BigEndian.AppendUint64(nil, uint64(ns(e.At)))
	id = binary.BigEndian.AppendUint32(id, d.logged.Add(1))
	id = append(id, 0, 0, 0, 0)
	if _, err := rand.Read(id[12:]); err != nil {
		return nil, fault.Newf(fault.Unavailable, "chance for an ID: %w", err)
	}
	return id, nil
}
