package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"suraag/sighting"
)

// versionsOf gives the ID and reader version of each record.
func versionsOf[R any](records []R, origin func(R) sighting.Origin) map[string]int {
	out := map[string]int{}
	for _, r := range records {
		o := origin(r)
		out[o.ID] = o.Version
	}
	return out
}

// supersede moves the rows that an older reader version wrote under the same IDs
// to the superseded.
func supersede(ctx context.Context, tx *sql.Tx, table string, ids map[string]int, now time.Time) error {
	keys := make([][]byte, 0, len(ids))
	for id := range ids {
		b, err := raw(id, 16)
		if err != nil {
			return err
		}
		keys = append(keys, b)
	}
	slices.SortFunc(keys, bytes.Compare)
	for part := range slices.Chunk(keys, rowsPerInsert) {
		args := []any{}
		for _, k := range part {
			args = append(args, k)
		}
		var old [][]byte
		err := each(ctx, tx, `SELECT id, version FROM `+table+` WHERE id IN (`+holders(1, len(part))+`)`, args, func(r *sql.Rows) error {
			var id []byte
			var version int
			err := r.Scan(&id, &version)
			if version < ids[hex.EncodeToString(id)] {
				old = append(old, id)
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := retire(ctx, tx, table, old, now); err != nil {
			return err
		}
	}
	return nil
}

// spoken gives the things about which a record of each table says something:
// when it goes, their leads have to be weighed again.
var spoken = map[string]string{
	"sighting": `SELECT thing FROM sighting WHERE id = $1 AND thing IS NOT NULL`,
	"lease":    `SELECT DISTINCT s.thing FROM sighting s JOIN lease l ON l.public = s.ip WHERE l.id = $1 AND s.thing IS NOT NULL`,
}

// retire moves rows to the superseded and removes what points to them.
func retire(ctx context.Context, tx *sql.Tx, table string, ids [][]byte, now time.Time) error {
	slices.SortFunc(ids, bytes.Compare)
	for _, id := range ids {
		if _, err := exec(ctx, tx, `INSERT INTO dirty (thing) `+spoken[table], id); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, `INSERT INTO superseded (id, version, kind, doc, superseded_ns, source)
			SELECT id, version, '`+table+`', doc, CAST($2 AS BIGINT), source FROM `+table+` WHERE id = $1 ON CONFLICT DO NOTHING`, id, ns(now)); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, `DELETE FROM `+table+`_identifier WHERE `+table+` = $1`, id); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, `DELETE FROM `+table+` WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

// RetireOlder moves what older versions of a reader made of a source, and the
// newer one no longer makes, to the superseded.
func (d *DB) RetireOlder(ctx context.Context, tx *sql.Tx, source string, versions map[string]int, now time.Time) error {
	id, err := raw(source, 32)
	if err != nil {
		return err
	}
	if err := holdSource(ctx, tx, id); err != nil {
		return err
	}
	for _, table := range []string{"sighting", "lease"} {
		var old [][]byte
		err := each(ctx, tx, `SELECT id, reader, version FROM `+table+` WHERE source = $1`, []any{id}, func(r *sql.Rows) error {
			var id []byte
			var reader string
			var version int
			err := r.Scan(&id, &reader, &version)
			if now, still := versions[reader]; still && version < now {
				old = append(old, id)
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := retire(ctx, tx, table, old, now); err != nil {
			return err
		}
	}
	return nil
}

// SupersededOf gives the earlier versions of a record.
func (d *DB) SupersededOf(ctx context.Context, id string) ([]sighting.Superseded, error) {
	b, err := raw(id, 16)
	if err != nil {
		return nil, err
	}
	var out []sighting.Superseded
	err = each(ctx, d, `SELECT version, kind, doc, superseded_ns FROM superseded WHERE id = $1 ORDER BY version`, []any{b}, func(r *sql.Rows) error {
		s := sighting.Superseded{ID: id}
		var doc string
		var at int64
		err := r.Scan(&s.Version, &s.Kind, &doc, &at)
		s.Doc, s.At = json.RawMessage(doc), fromNS(at)
		out = append(out, s)
		return err
	})
	return out, err
}

// CountSuperseded counts the records of a source that a newer reader replaced.
func (d *DB) CountSuperseded(ctx context.Context, source string) (n int64, err error) {
	b, err := raw(source, 32)
	if err != nil {
		return 0, err
	}
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM superseded WHERE source = $1`, b).Scan(&n)
	return n, sorted(err)
}

// SupersededSum counts the superseded records of a source, and gives SHA-256 over
// all of them by ID and version: of each a line "ID version kind nanoseconds" and
// its text, each ended by a line feed. Within a transaction it sees what that has
// written; without one (nil), what is committed.
func (d *DB) SupersededSum(ctx context.Context, tx *sql.Tx, source string) (records int64, sum string, err error) {
	b, err := raw(source, 32)
	if err != nil {
		return 0, "", err
	}
	var q querier = d
	if tx != nil {
		q = tx
	}
	h := sha256.New()
	err = each(ctx, q, `SELECT id, version, kind, doc, superseded_ns FROM superseded WHERE source = $1 ORDER BY id, version`, []any{b}, func(r *sql.Rows) error {
		var id []byte
		var version, at int64
		var kind, doc string
		if err := r.Scan(&id, &version, &kind, &doc, &at); err != nil {
			return err
		}
		records++
		fmt.Fprintf(h, "%x %d %s %d\n%s\n", id, version, kind, at, doc)
		return nil
	})
	return records, hex.EncodeToString(h.Sum(nil)), err
}
