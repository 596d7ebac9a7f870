package store

import (
	"context"
	"database/sql"
	"errors"

	"suraag/custody/vault"
	"suraag/fault"
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
	for _, hold := range []bool{false, true} { // held only where it is needed: everybody else waits
		if hold {
			if err := d.HoldUnitKey(ctx, tx); err != nil {
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
