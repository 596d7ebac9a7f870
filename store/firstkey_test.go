package store_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"

	"suraag/custody/vault"
	"suraag/store"
	"suraag/store/pgtest"
)

// Many who put something into the vault for the first time at one moment wait for
// each other, and one of them records the key.
func TestManyFirstUnitKeysAtOnce(t *testing.T) {
	ctx := context.Background()
	server := pgtest.Start(t)
	for range 3 {
		db, err := store.Open(ctx, server.New(t))
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		firsts := 0
		for range 16 {
			all.Go(func() {
				err := db.InTx(ctx, func(tx *sql.Tx) error {
					first, err := db.FirstUnitKey(ctx, tx, vault.UnitKey{Public: "age1one", Kind: vault.InFile, At: today, By: "SI a"})
					if first {
						mu.Lock()
						firsts++
						mu.Unlock()
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if firsts != 1 {
			t.Errorf("%d were the first", firsts)
		}
		db.Close()
	}
}
