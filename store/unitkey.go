package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"

	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people/door"
)

// SameUnitKey refuses what was encrypted to a unit key that was changed meanwhile.
// Until the transaction ends, nobody can change it.
func (d *DB) SameUnitKey(ctx context.Context, tx *sql.Tx, public string) error {
	var now string
	err := tx.QueryRowContext(ctx, `SELECT public FROM unit_key`).Scan(&now)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && now != public {
		err := fault.Newf(fault.Conflict, "the unit's key was changed to %s, and this was encrypted to %s", now, public)
		return fault.WithHint(err, "do it again; if it stays so, put the unit's present key in its place (suraag vault key)")
	}
	return sorted(err)
}

// HoldUnitKey keeps everybody from encrypting to the unit's key, and waits for
// those who just do, until the transaction ends. SQLite has one writer anyway.
func (d *DB) HoldUnitKey(ctx context.Context, tx *sql.Tx) error {
	if d.Dialect == SQLite {
		return nil
	}
	_, err := exec(ctx, tx, `LOCK TABLE unit_key IN ACCESS EXCLUSIVE MODE`)
	return err
}

// FirstUnitKey records the unit's key where none is recorded yet, and tells so.
func (d *DB) FirstUnitKey(ctx context.Context, tx *sql.Tx, k vault.UnitKey) (first bool, err error) {
	for _, hold := range []bool{false, true} { // held only where it is needed
		if hold && d.Dialect == PostgreSQL { // against others who write; who has just read, as all do here, is not waited for
			if _, err := exec(ctx, tx, `LOCK TABLE unit_key IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return false, err
			}
		}
		if n, err := number(tx.QueryRowContext(ctx, `SELECT count(*) FROM unit_key`)); err != nil || n > 0 {
			return false, err
		}
	}
	return true, d.SetUnitKey(ctx, tx, k)
}

// SetUnitKey records the key to which everything is encrypted from now on.
func (d *DB) SetUnitKey(ctx context.Context, tx *sql.Tx, k vault.UnitKey) error {
	if _, err := exec(ctx, tx, `DELETE FROM unit_key`); err != nil {
		return err
	}
	_, err := d.insert(ctx, tx, "unit_key", []string{"public", "kind", "at_ns", "by_whom"}, [][]any{{k.Public, k.Kind, ns(k.At), k.By}})
	return err
}

// UnitKey gives what was recorded; the zero value: nothing was put into the vault
// yet, and the key never changed.
func (d *DB) UnitKey(ctx context.Context) (k vault.UnitKey, err error) {
	var at int64
	err = d.QueryRowContext(ctx, `SELECT public, kind, at_ns, by_whom FROM unit_key`).Scan(&k.Public, &k.Kind, &at, &k.By)
	if errors.Is(err, sql.ErrNoRows) {
		return k, nil
	}
	k.At = fromNS(at)
	return k, sorted(err)
}

// sealed are the rows that hold something encrypted to the unit's key. A row of a
// draft is found by its ID alone, which is made by chance.
var sealed = []struct{ table, key, column, where string }{
	{"vault_item", "id", "wrapped", "dropped_ns = 0"},
	{"victim", "ref", "sealed", "1 = 1"},
	{"draft", "id", "sealed", "1 = 1"},
}

// EachSealed gives every row that holds something encrypted to the unit's key.
// Within a transaction it sees what that has written, and yield may not write.
func (d *DB) EachSealed(ctx context.Context, tx *sql.Tx, yield func(vault.Sealed) error) error {
	var q querier = d
	if tx != nil {
		q = tx
	}
	for _, t := range sealed {
		err := each(ctx, q, `SELECT `+t.key+`, `+t.column+` FROM `+t.table+` WHERE `+t.where+` ORDER BY `+t.key, nil, func(r *sql.Rows) error {
			var id, b []byte
			if err := r.Scan(&id, &b); err != nil {
				return err
			}
			s := vault.Sealed{Table: t.table, ID: string(id), Bytes: b}
			if t.table == "vault_item" {
				s.ID = hex.EncodeToString(id)
			}
			return yield(s)
		})
		if err != nil {
			return err
		}
	}
	return eachCode(ctx, q, yield)
}

// codes is the table in whose documents the secrets of code devices are.
const codes = "credential"

// eachCode gives the secret of every code device.
func eachCode(ctx context.Context, q querier, yield func(vault.Sealed) error) error {
	return each(ctx, q, `SELECT id, doc FROM credential WHERE kind = $1 ORDER BY id`, []any{string(door.Password)}, func(r *sql.Rows) error {
		var id []byte
		var doc string
		if err := r.Scan(&id, &doc); err != nil {
			return err
		}
		b, err := door.SealedCode([]byte(doc))
		if err != nil || len(b) == 0 {
			return err // of an earlier version, and not encrypted yet
		}
		return yield(vault.Sealed{Table: codes, ID: hex.EncodeToString(id), Bytes: b})
	})
}

// resealCode puts the secret of a code device, encrypted to another key, into its
// document.
func (d *DB) resealCode(ctx context.Context, tx *sql.Tx, s vault.Sealed) error {
	id, err := hex.DecodeString(s.ID)
	if err != nil {
		return fault.Newf(fault.Invalid, "ID %q of a credential is not hex", s.ID)
	}
	var doc string
	if err := tx.QueryRowContext(ctx, `SELECT doc FROM credential WHERE id = $1`, id).Scan(&doc); err != nil {
		return sorted(err)
	}
	next, err := door.WithSealedCode([]byte(doc), s.Bytes)
	if err != nil {
		return err
	}
	d.wrote(ctx, tx, "credential", id)
	// Whoever signed in meanwhile wrote another document: then all of it is undone.
	return gone(exec(ctx, tx, `UPDATE credential SET doc = $2 WHERE id = $1 AND doc = $3`, id, string(next), doc))
}

// Reseal puts what is encrypted to another key in the place of what was, for good.
func (d *DB) Reseal(ctx context.Context, tx *sql.Tx, s vault.Sealed) error {
	if err := d.eraseForGood(ctx, tx); err != nil {
		return err
	}
	if s.Table == codes {
		return d.resealCode(ctx, tx, s)
	}
	for _, t := range sealed {
		if t.table != s.Table {
			continue
		}
		var key any = s.ID
		if t.table == "vault_item" {
			b, err := raw(s.ID, 16)
			if err != nil {
				return err
			}
			key = b
		} else {
			d.wrote(ctx, tx, t.table, key)
		}
		// An item that was dropped meanwhile must not get its key back.
		return gone(exec(ctx, tx, `UPDATE `+t.table+` SET `+t.column+` = $2 WHERE `+t.key+` = $1 AND `+t.where, key, s.Bytes))
	}
	return fault.Newf(fault.Internal, "table %q holds nothing that is encrypted to the unit's key", s.Table)
}
