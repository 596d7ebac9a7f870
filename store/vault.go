package store

import (
	"context"
	"database/sql"
	"encoding/hex"

	"suraag/custody/vault"
	"suraag/fault"
)

// vaultColumns are those of an item, in the order of vaultRow and scanVaultItem.
var vaultColumns = []string{"id", "docket", "name", "media_type", "size", "sha256", "sealed_size", "sealed_sha256", "wrapped", "at_ns", "by_whom", "ground", "dropped_ns", "dropped_by", "dropped_why"}

// AddVaultItem records an item of the vault. A case that is not there is
// fault.NotFound.
func (d *DB) AddVaultItem(ctx context.Context, tx *sql.Tx, i vault.Item) error {
	ids, err := rawAll([]string{i.ID, i.Case}, 16)
	if err != nil {
		return err
	}
	sums, err := rawAll([]string{i.SHA256, i.SealedSHA256}, 32)
	if err != nil {
		return err
	}
	n, err := number(tx.QueryRowContext(ctx, `SELECT count(*) FROM docket WHERE id = $1`, ids[1]))
	if err == nil && n == 0 {
		err = fault.WithHint(fault.Newf(fault.NotFound, "no case %s in the record", i.Case), "content is held for a case only; open one first (suraag case new)")
	}
	if err != nil {
		return err
	}
	n, err = d.insert(ctx, tx, "vault_item", vaultColumns, [][]any{{ids[0], ids[1], i.Name, i.MediaType, i.Size, sums[0], i.SealedSize, sums[1],
		bytesOf(i.Wrapped), ns(i.At), i.By, i.Ground, ns(i.DroppedAt), i.DroppedBy, i.DroppedWhy}})
	if err == nil && n != 1 {
		err = fault.Newf(fault.Conflict, "item %s, or what is stored of it, is in the record already", i.ID)
	}
	return err
}

// bytesOf gives no bytes as such, since a column may not be NULL.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// DropVaultItem removes the key of an item for good, and records when, by whom and
// why. SQLite writes zeros over it.
func (d *DB) DropVaultItem(ctx context.Context, tx *sql.Tx, i vault.Item) error {
	id, err := raw(i.ID, 16)
	if err != nil {
		return err
	}
	if err := d.eraseForGood(ctx, tx); err != nil {
		return err
	}
	n, err := exec(ctx, tx, `UPDATE vault_item SET wrapped = $2, dropped_ns = $3, dropped_by = $4, dropped_why = $5 WHERE id = $1 AND dropped_ns = 0`,
		id, []byte{}, ns(i.DroppedAt), i.DroppedBy, i.DroppedWhy)
	return gone(n, err)
}

// eraseForGood has SQLite write zeros where something was, from here on, in this
// connection (sqlite.org/pragma.html#pragma_secure_delete).
func (d *DB) eraseForGood(ctx context.Context, tx *sql.Tx) error {
	if d.Dialect != SQLite {
		return nil
	}
	_, err := exec(ctx, tx, `PRAGMA secure_delete = ON`)
	return err
}

// Scrub has SQLite write its pages to their place and empty its log of pages,
// which still holds what they said before. Where others just read, a part stays
// until the next time; PostgreSQL does so when it vacuums.
func (d *DB) Scrub(ctx context.Context) {
	if d.Dialect == SQLite {
		d.ExecContext(context.WithoutCancel(ctx), `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
}

// VaultItem gives an item, also one that was dropped.
func (d *DB) VaultItem(ctx context.Context, id string) (vault.Item, error) {
	b, err := raw(id, 16)
	if err != nil {
		return vault.Item{}, err
	}
	found, err := d.vaultItems(ctx, ` WHERE id = $1`, b)
	if err == nil && len(found) == 0 {
		err = fault.WithHint(fault.Newf(fault.NotFound, "the vault has no item %s", id), "suraag vault list shows what it holds")
	}
	if err != nil {
		return vault.Item{}, err
	}
	return found[0], nil
}

// VaultItems gives the items of a case in the order in which they came, those that
// were dropped too; without a case, those of all.
func (d *DB) VaultItems(ctx context.Context, caseID string) ([]vault.Item, error) {
	if caseID == "" {
		return d.vaultItems(ctx, ` ORDER BY at_ns, id`)
	}
	b, err := raw(caseID, 16)
	if err != nil {
		return nil, err
	}
	return d.vaultItems(ctx, ` WHERE docket = $1 ORDER BY at_ns, id`, b)
}

func (d *DB) vaultItems(ctx context.Context, where string, args ...any) ([]vault.Item, error) {
	return vaultItems(ctx, d, where, args...)
}

func vaultItems(ctx context.Context, q querier, where string, args ...any) ([]vault.Item, error) {
	out := []vault.Item{}
	err := each(ctx, q, `SELECT `+list(vaultColumns)+` FROM vault_item`+where, args, func(r *sql.Rows) error {
		var i vault.Item
		var id, docket, sha, sealed []byte
		var at, droppedAt int64
		err := r.Scan(&id, &docket, &i.Name, &i.MediaType, &i.Size, &sha, &i.SealedSize, &sealed, &i.Wrapped, &at, &i.By, &i.Ground, &droppedAt, &i.DroppedBy, &i.DroppedWhy)
		i.ID, i.Case, i.SHA256, i.SealedSHA256 = hex.EncodeToString(id), hex.EncodeToString(docket), hex.EncodeToString(sha), hex.EncodeToString(sealed)
		i.At, i.DroppedAt = fromNS(at), fromNS(droppedAt)
		if len(i.Wrapped) == 0 {
			i.Wrapped = nil
		}
		out = append(out, i)
		return err
	})
	return out, err
}

// WhileNoItem runs f while nobody can record an item whose stored bytes have this
// SHA-256, or says that there is one. A put of them waits until f is done.
func (d *DB) WhileNoItem(ctx context.Context, sealed string, f func() error) error {
	b, err := raw(sealed, 32)
	if err != nil {
		return err
	}
	row := []any{b[:16], make([]byte, 16), "", "", int64(0), b, int64(0), b, []byte{}, int64(0), "", "", int64(0), "", ""}
	return d.whileNoRow(ctx, "vault_item", vaultColumns, row, func() error { return fault.Newf(fault.Conflict, "an item of the vault is stored as %s", sealed) }, f)
}
