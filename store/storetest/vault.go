package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"suraag/custody/vault"
	"suraag/fault"
	"suraag/store"
)

// vaultItem is a made item of the case that docket(1, …) makes.
func vaultItem(n byte) vault.Item {
	return vault.Item{
		ID: strings.Repeat("0", 30) + hexOf(n), Case: docket(1, "FIR 1").ID, Name: "picture.jpg", MediaType: "image/jpeg", Size: 10, SHA256: SourceID("content"),
		SealedSize: 200, SealedSHA256: SourceID("sealed" + hexOf(n)), At: day.Add(time.Duration(n) * time.Minute), By: "SI a", Ground: "section 94 BNSS", Wrapped: []byte{n, 0, 255},
	}
}

func hexOf(n byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[n>>4], digits[n&15]})
}

// putItems records items of one case.
func putItems(t *testing.T, db *store.DB, items ...vault.Item) {
	t.Helper()
	tx(t, db, func(tx *sql.Tx) error {
		if err := db.AddCase(ctx, tx, docket(1, "FIR 1")); err != nil {
			return err
		}
		return addItems(ctx, db, tx, items...)
	})
}

func addItems(ctx context.Context, db *store.DB, tx *sql.Tx, items ...vault.Item) error {
	for _, i := range items {
		if err := db.AddVaultItem(ctx, tx, i); err != nil {
			return err
		}
	}
	return nil
}

func vaultItemsKept(t *testing.T, db *store.DB) {
	first, second := vaultItem(1), vaultItem(2)
	if err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddVaultItem(ctx, tx, first) }); !fault.Is(err, fault.NotFound) {
		t.Errorf("an item of a case that is not there: %v", err)
	}
	putItems(t, db, second, first)
	same(t, "items of the case, in the order in which they came", must(db.VaultItems(ctx, first.Case))(t), []vault.Item{first, second})
	same(t, "items of another case", must(db.VaultItems(ctx, strings.Repeat("f", 32)))(t), []vault.Item{})
	same(t, "all items", must(db.VaultItems(ctx, ""))(t), []vault.Item{first, second})
	got := must(db.VaultItem(ctx, first.ID))(t)
	same(t, "one item", got, first)
	if !bytes.Equal(got.Wrapped, first.Wrapped) {
		t.Errorf("its key is %x", got.Wrapped)
	}
	again := vaultItem(1)
	again.ID = vaultItem(3).ID
	for what, i := range map[string]vault.Item{"the same ID": first, "the same stored bytes": again} {
		if err := db.InTx(ctx, func(tx *sql.Tx) error { return db.AddVaultItem(ctx, tx, i) }); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s twice: %v", what, err)
		}
	}
	if _, err := db.VaultItem(ctx, vaultItem(9).ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("an item that is not there: %v", err)
	}
}

func vaultItemDropped(t *testing.T, db *store.DB) {
	i := vaultItem(1)
	putItems(t, db, i)
	i.DroppedAt, i.DroppedBy, i.DroppedWhy, i.Wrapped = day.Add(time.Hour), "SI b", "returned to the owner", nil
	drop := func(tx *sql.Tx) error { return db.DropVaultItem(ctx, tx, i) }
	tx(t, db, drop)
	got := must(db.VaultItem(ctx, i.ID))(t)
	same(t, "the item", got, i)
	equal(t, "bytes of its key", len(got.Wrapped), 0)
	if err := db.InTx(ctx, drop); !fault.Is(err, fault.Conflict) {
		t.Errorf("dropped twice: %v", err)
	}
	// Whoever changes the unit's key read the item before it was dropped.
	again := vault.Sealed{Table: "vault_item", ID: i.ID, Bytes: []byte("its key, encrypted to another")}
	if err := db.InTx(ctx, func(tx *sql.Tx) error { return db.Reseal(ctx, tx, again) }); !fault.Is(err, fault.Conflict) {
		t.Errorf("encrypted anew when it was dropped: %v", err)
	}
	equal(t, "bytes of its key then", len(must(db.VaultItem(ctx, i.ID))(t).Wrapped), 0)
}

func whileNoItem(t *testing.T, db *store.DB) {
	i := vaultItem(1)
	ran := 0
	run := func() error { ran++; return nil }
	if err := db.WhileNoItem(ctx, i.SealedSHA256, run); err != nil || ran != 1 {
		t.Fatalf("bytes that no item has: %v, ran %d times", err, ran)
	}
	equal(t, "rows that kept others out and stayed", len(must(db.VaultItems(ctx, ""))(t)), 0)
	putItems(t, db, i)
	if err := db.WhileNoItem(ctx, i.SealedSHA256, run); !fault.Is(err, fault.Conflict) || ran != 1 {
		t.Errorf("bytes that an item has: %v, ran %d times", err, ran)
	}
}

func unitKeys(t *testing.T, db *store.DB) {
	same(t, "a key that was never changed", must(db.UnitKey(ctx))(t), vault.UnitKey{})
	is := func(public string) error {
		return db.InTx(ctx, func(tx *sql.Tx) error { return db.SameUnitKey(ctx, tx, public) })
	}
	if err := is("age1any"); err != nil {
		t.Errorf("before it was changed: %v", err)
	}
	for n, public := range []string{"age1first", "age1other"} {
		tx(t, db, func(tx *sql.Tx) error {
			first, err := db.FirstUnitKey(ctx, tx, vault.UnitKey{Public: public, Kind: "file", At: day, By: "SI a"})
			equal(t, "first", first, n == 0)
			return err
		})
	}
	if err := is("age1first"); err != nil {
		t.Error(err)
	}
	if err := is("age1other"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a key that came second: %v", err)
	}
	for _, public := range []string{"age1one", "age1two"} {
		k := vault.UnitKey{Public: public, Kind: "file", At: day, By: "SI a"}
		tx(t, db, func(tx *sql.Tx) error {
			if err := db.HoldUnitKey(ctx, tx); err != nil {
				return err
			}
			return db.SetUnitKey(ctx, tx, k)
		})
		same(t, "the key", must(db.UnitKey(ctx))(t), k)
	}
	if err := is("age1two"); err != nil {
		t.Error(err)
	}
	if err := is("age1one"); !fault.Is(err, fault.Conflict) {
		t.Errorf("the key before: %v", err)
	}
}
