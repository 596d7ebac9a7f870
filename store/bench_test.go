package store_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"

	"suraag/digest"
	"suraag/sighting"
	"suraag/store"
	"suraag/store/storetest"
)

// batchSize is what flow writes in one transaction.
const batchSize = 1000

func madePDQ(n int) digest.Digest {
	sum := storetest.SHA256(fmt.Sprint("pdq", n))
	d, err := digest.Of(digest.PDQ, sum.Bytes())
	if err != nil {
		panic(err) // 32 bytes are 32 bytes
	}
	return d
}

func madeSightings(from, n int) (b sighting.Batch) {
	for i := from; i < from+n; i++ {
		s := row("bench", i, 1)
		s.From = sighting.Endpoint{Port: uint16(i)}
		s.From.IP = addr(i)
		s.Content.Digests = append(s.Content.Digests, madePDQ(i/3))
		b.Sightings = append(b.Sightings, s)
	}
	return b
}

func BenchmarkPut(b *testing.B) {
	for name, made := range map[string]func(from, n int) sighting.Batch{"sightings": madeSightings} {
		b.Run(name, func(b *testing.B) {
			db := openBench(b)
			b.ResetTimer()
			for n := range b.N {
				b.StopTimer()
				batch := made(n*batchSize, batchSize)
				b.StartTimer()
				if err := put(db, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*batchSize)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func openBench(b *testing.B) *store.DB {
	b.Helper()
	db, err := store.Open(context.Background(), filepath.Join(b.TempDir(), "record.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

// BenchmarkAsk asks a record of 50 000 sightings.
func BenchmarkAsk(b *testing.B) {
	ctx := context.Background()
	db := openBench(b)
	const size = 50_000
	for n := 0; n < size; n += batchSize {
		if err := put(db, madeSightings(n, batchSize)); err != nil {
			b.Fatal(err)
		}
	}
	run := func(name string, f func(n int) error) {
		b.Run(name, func(b *testing.B) {
			for n := range b.N {
				if err := f(n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("Closure", func(n int) error {
		_, err := db.Closure(ctx, []digest.Digest{storetest.MD5(fmt.Sprint(n % (size / 3)))}, nil, nil)
		return err
	})
	run("SightingsOf", func(n int) error {
		ds := madeSightings(n%size, 1).Sightings[0].Content.Digests
		t, _ := sighting.ThingOf(ds, nil)
		_, err := db.SightingsOf(ctx, []string{t.ID}, 0)
		return err
	})
	run("SightingsBy of a busy account", func(n int) error {
		_, err := db.SightingsBy(ctx, sighting.Identifier{Kind: sighting.Account, Service: "example", Value: fmt.Sprint(n % 7)}, 200)
		return err
	})
	none := func(int64, digest.Digest, string) error { return nil }
	run("CodesSince the last", func(n int) error { return db.CodesSince(ctx, size, none) })
	run("CodesSince the first", func(n int) error { return db.CodesSince(ctx, 0, none) })
	inTx := func(f func(*sql.Tx) error) error { return db.InTx(ctx, f) }
	run("TakeDirty", func(n int) error {
		return inTx(func(tx *sql.Tx) error { _, err := db.TakeDirty(ctx, tx, 50); return err })
	})
}

// addr is one of the addresses for documentation, RFC 3849.
func addr(n int) netip.Addr {
	b := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	binary.BigEndian.PutUint32(b[12:], uint32(n))
	return netip.AddrFrom16(b)
}
