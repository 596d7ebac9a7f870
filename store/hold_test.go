package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"suraag/people"
	"suraag/store"
	"suraag/store/pgtest"
)

// Two handles, as two processes have them, each change one case and one person a
// hundred times: no change is lost, because each holds what it changes.
func TestWhatIsHeldIsNotLost(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "record.db") },
		"PostgreSQL": func(t *testing.T) string { return pgtest.Start(t).New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, at := context.Background(), where(t)
			handles := make([]*store.DB, 2)
			for n := range handles {
				db, err := store.Open(ctx, at)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { db.Close() })
				handles[n] = db
			}
			c, p := people.Case{ID: people.NewID(), Number: "FIR 1", Made: today}, people.Person{ID: people.NewID(), Login: "a", Role: people.Officer, Made: today}
			err := handles[0].InTx(ctx, func(tx *sql.Tx) error {
				if err := handles[0].AddCase(ctx, tx, c); err != nil {
					return err
				}
				return handles[0].AddPerson(ctx, tx, p)
			})
			if err != nil {
				t.Fatal(err)
			}
			const times = 50
			var wg sync.WaitGroup
			for _, db := range handles {
				wg.Go(func() {
					for range times {
						err := db.InTx(ctx, func(tx *sql.Tx) error {
							c, err := db.HoldCase(ctx, tx, c.ID, today)
							if err != nil {
								return err
							}
							c.Title += "x"
							if err := db.UpdateCase(ctx, tx, c); err != nil {
								return err
							}
							p, err := db.HoldPerson(ctx, tx, p.ID)
							if err != nil {
								return err
							}
							p.Name += "x"
							return db.UpdatePerson(ctx, tx, p)
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			all, err := handles[0].Cases(ctx, today)
			if err != nil {
				t.Fatal(err)
			}
			got, err := handles[0].Person(ctx, p.ID)
			if want := strings.Repeat("x", 2*times); err != nil || all[0].Title != want || got.Name != want {
				t.Errorf("of %d changes %d of the case and %d of the person are kept", len(want), len(all[0].Title), len(got.Name))
			}
		})
	}
}
