package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/digest"
	"suraag/instant"
	"suraag/sighting"
	"suraag/store"
	"suraag/store/pgtest"
	"suraag/store/storetest"
)

var today = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

// row is sighting n of a source; every third shares its content with others.
func row(source string, n, version int) sighting.Sighting {
	o := sighting.Origin{Source: storetest.SourceID(source), Reader: "made/rows", Version: version, Place: sighting.Place{Start: int64(n), End: int64(n) + 1}}
	o.ID = o.Identify()
	when := today.Add(time.Duration(n) * time.Second)
	return sighting.Sighting{
		Origin: o, Act: sighting.Upload, When: instant.Instant{At: when, Until: when}, Standing: sighting.ProviderCapture,
		Who:     []sighting.Identifier{{Kind: sighting.Account, Service: "example", Value: fmt.Sprint(n % 7)}, {Kind: sighting.Phone, Value: fmt.Sprint("+9100000000", n%11)}},
		Content: sighting.Content{Digests: []digest.Digest{storetest.MD5(fmt.Sprint(n / 3)), storetest.SHA1(fmt.Sprint(n / 3)), storetest.PDQ(byte(n / 3))}},
	}
}

func rows(source string, from, to, version int) (b sighting.Batch) {
	for n := from; n < to; n++ {
		b.Sightings = append(b.Sightings, row(source, n, version))
	}
	return b
}

func put(db *store.DB, b sighting.Batch) error {
	return db.InTx(context.Background(), func(tx *sql.Tx) error {
		_, err := db.Put(context.Background(), tx, b, today)
		return err
	})
}

// follow asks for what came since, over and over, until it is told to end, and gives
// the things whose PDQ values it was given.
func follow(db *store.DB) (end func() (map[string]bool, error)) {
	stop, done := make(chan bool), make(chan error, 1)
	seen, place := map[string]bool{}, int64(0)
	next := func() error {
		return db.CodesSince(context.Background(), place, func(at int64, _ digest.Digest, thing string) error {
			place, seen[thing] = at, true
			return nil
		})
	}
	go func() {
		for {
			select {
			case <-stop:
				done <- next()
				return
			default:
				if err := next(); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	return func() (map[string]bool, error) {
		close(stop)
		err := <-done
		return seen, err
	}
}

// Workers that write overlapping batches at once neither wait for each other in
// a ring nor lose a row.
func TestOverlappingBatches(t *testing.T) {
	want := openSQLite(t)
	for _, s := range []string{"a", "b"} {
		if err := put(want, rows(s, 0, 400, 1)); err != nil {
			t.Fatal(err)
		}
	}
	expected := storetest.Dump(t, want, "dirty")
	for name, db := range map[string]*store.DB{"sqlite": openSQLite(t), "postgres": open(t, pgtest.Start(t).New(t))} {
		t.Run(name, func(t *testing.T) {
			const workers = 8
			follower := follow(db)
			errs := make(chan error, workers*16)
			var all sync.WaitGroup
			for w := range workers {
				all.Go(func() {
					draw := rand.New(rand.NewPCG(1, uint64(w)))
					for _, part := range draw.Perm(8) {
						for _, s := range []string{"a", "b"} {
							b := rows(s, 50*part, min(50*part+120, 400), 1)
							draw.Shuffle(len(b.Sightings), func(i, j int) { b.Sightings[i], b.Sightings[j] = b.Sightings[j], b.Sightings[i] })
							errs <- put(db, b)
						}
					}
				})
			}
			all.Wait()
			close(errs)
			for err := range errs {
				if err != nil {
					t.Fatal(err)
				}
			}
			seen, err := follower()
			if err != nil || len(seen) != 134 {
				t.Errorf("who followed the PDQ values while they came has %d of 134, %v", len(seen), err)
			}
			if diff := cmp.Diff(strings.Split(expected, "\n"), strings.Split(storetest.Dump(t, db, "dirty"), "\n")); diff != "" {
				t.Errorf("one writer (-) and eight (+) differ:\n%s", diff)
			}
		})
	}
}

// Two machines with different readers read one source at once: the newer reader's
// records stay, whoever commits first.
func TestTwoVersionsAtOnce(t *testing.T) {
	db := open(t, pgtest.Start(t).New(t))
	ctx := context.Background()
	source := storetest.Source("a")
	if err := db.InTx(ctx, func(tx *sql.Tx) error { _, err := db.AddSource(ctx, tx, source); return err }); err != nil {
		t.Fatal(err)
	}
	older, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Put(ctx, older, rows("a", 0, 10, 1), today); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- put(db, rows("a", 0, 10, 2)) }()
	waitForLock(t, db, 1)
	if err := older.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	got, err := db.SightingsIn(ctx, source.ID, 0)
	if err != nil || len(got) != 10 {
		t.Fatalf("%d sightings, %v", len(got), err)
	}
	for _, s := range got {
		if s.Version != 2 {
			t.Errorf("sighting %s is of version %d", s.ID, s.Version)
		}
	}
}

// waitForLock returns when n transactions wait for another's lock.
func waitForLock(t *testing.T, db *store.DB, n int) {
	t.Helper()
	for range 2000 {
		var waiting int
		if err := db.QueryRowContext(context.Background(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting >= n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no transaction waits")
}

// What TakeDirty promises: whoever learns something of a thing while it is being
// weighed has it weighed again, even where the thing was on the list already.
func TestMarkIsNotLostWhileWeighing(t *testing.T) {
	db := open(t, pgtest.Start(t).New(t))
	ctx := context.Background()
	if err := put(db, rows("a", 0, 1, 1)); err != nil {
		t.Fatal(err)
	}
	learning, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Put(ctx, learning, rows("b", 0, 1, 1), today); err != nil {
		t.Fatal(err)
	}
	thing, _ := sighting.ThingOf(row("a", 0, 1).Content.Digests, nil)
	seen := 0
	err = db.InTx(ctx, func(tx *sql.Tx) error {
		taken, err := db.TakeDirty(ctx, tx, 10)
		if err != nil || len(taken) != 1 {
			return fmt.Errorf("%d things taken, %w", len(taken), err)
		}
		got, err := db.SightingsOf(ctx, []string{thing.ID}, 0)
		seen = len(got)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := learning.Commit(); err != nil {
		t.Fatal(err)
	}
	left, err := db.Dirty(ctx)
	if err != nil || left != 1 || seen != 1 {
		t.Errorf("%d sightings were weighed, %d things left to weigh, %v", seen, left, err)
	}
}

// Only one transaction has the turn.
func TestTurnIsTakenByOne(t *testing.T) {
	db := open(t, pgtest.Start(t).New(t))
	ctx := context.Background()
	first, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.TakeTurn(ctx, first, "leads", today); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- db.InTx(ctx, func(tx *sql.Tx) error { return db.TakeTurn(ctx, tx, "leads", today) })
	}()
	waitForLock(t, db, 1)
	select {
	case err := <-done:
		t.Fatalf("two had the turn: %v", err)
	default:
	}
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// Every stage that holds a transaction also reads: many at once must not starve
// each other of connections.
func TestManyStagesReadInsideTheirTransactions(t *testing.T) {
	db := open(t, pgtest.Start(t).New(t))
	ctx := context.Background()
	var all sync.WaitGroup
	errs := make(chan error, 40)
	for range 40 {
		all.Go(func() {
			errs <- db.InTx(ctx, func(tx *sql.Tx) error {
				if err := db.TakeTurn(ctx, tx, "leads", today); err != nil {
					return err
				}
				_, err := db.Closure(ctx, []digest.Digest{storetest.MD5("x")}, nil, nil)
				return err
			})
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
