package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"suraag/custody/vault"
	"suraag/people"
	"suraag/store"
)

// The key of an item that was dropped is nowhere in SQLite's files, also not where
// rows lay before others took their place.
func TestNothingIsLeftOfADroppedKey(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	db, err := store.Open(ctx, filepath.Join(dir, "suraag.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	in := func(f func(tx *sql.Tx) error) {
		t.Helper()
		if err := db.InTx(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	kase := people.Case{ID: people.NewID(), Number: "FIR 1", Title: "t", Station: "PS", Made: today}
	in(func(tx *sql.Tx) error { return db.AddCase(ctx, tx, kase) })
	var items []vault.Item
	for n := range 300 {
		sum := make([]byte, 64)
		rand.Read(sum)
		i := vault.Item{
			ID: people.NewID(), Case: kase.ID, Name: fmt.Sprint(n), MediaType: "image/jpeg", SHA256: hex.EncodeToString(sum[:32]), SealedSHA256: hex.EncodeToString(sum[32:]),
			At: today, By: "SI a", Ground: "section 94 BNSS", Wrapped: make([]byte, 300),
		}
		rand.Read(i.Wrapped)
		items = append(items, i)
		in(func(tx *sql.Tx) error { return db.AddVaultItem(ctx, tx, i) })
	}
	for _, i := range items {
		gone := i
		gone.DroppedAt, gone.DroppedBy, gone.DroppedWhy = today.Add(time.Hour), "SI b", "judgment is final"
		in(func(tx *sql.Tx) error { return db.DropVaultItem(ctx, tx, gone) })
	}
	db.Scrub(ctx)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			if bytes.Contains(body, i.Wrapped) {
				left++
			}
		}
	}
	if left > 0 {
		t.Errorf("%d keys of %d are still in %v", left, len(items), files)
	}
}
