package flow_test

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"suraag/digest"
	"suraag/flow"
	"suraag/instant"
	"suraag/sighting"
	"suraag/store"
)

// made is sighting n: ten of them share a content, a hundred an account.
func made(n int) sighting.Sighting {
	o := sighting.Origin{Source: fmt.Sprintf("%064x", 1), Reader: "made/rows", Version: 1, Place: sighting.Place{Start: int64(n), End: int64(n) + 1}}
	o.ID = o.Identify()
	when := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	ip := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	binary.BigEndian.PutUint32(ip[12:], uint32(n))
	s := sighting.Sighting{Origin: o, Act: sighting.Upload, When: instant.Instant{At: when, Until: when}, Standing: sighting.ProviderCapture, Service: "example",
		Who: []sighting.Identifier{{Kind: sighting.Account, Service: "example", Value: fmt.Sprint(n / 100)}}, From: sighting.Endpoint{IP: netip.AddrFrom16(ip), Port: 443}}
	for _, text := range []string{md5of(fmt.Sprint(n / 10)), "pdq:" + sha256of(fmt.Sprint(n / 10))[len("sha256:"):]} {
		d, err := digest.Parse(text)
		if err != nil {
			panic(err) // a digest of the kind's own length
		}
		s.Content.Digests = append(s.Content.Digests, d)
	}
	return s
}

// BenchmarkTrace asks a record of 200 000 sightings.
func BenchmarkTrace(b *testing.B) {
	db, err := store.Open(ctx, filepath.Join(b.TempDir(), "record.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	const size = 200_000
	for n := 0; n < size; n += 1000 {
		var batch sighting.Batch
		for i := range 1000 {
			batch.Sightings = append(batch.Sightings, made(n+i))
		}
		if err := db.InTx(ctx, func(tx *sql.Tx) error { _, err := db.Put(ctx, tx, batch, time.Now()); return err }); err != nil {
			b.Fatal(err)
		}
	}
	h := &flow.House{Record: db, Policy: flow.DefaultPolicy(), Limits: flow.DefaultLimits(), Now: time.Now}
	for name, target := range map[string]func(n int) string{
		"digest":     func(n int) string { return md5of(fmt.Sprint(n % (size / 10))) },
		"identifier": func(n int) string { return fmt.Sprint("account:example:", n%(size/100)) },
		"address":    func(n int) string { return fmt.Sprintf("2001:db8::%x", n%60000) },
	} {
		b.Run(name, func(b *testing.B) {
			for n := range b.N {
				t, err := h.Trace(ctx, target(n), time.UTC)
				if err != nil || len(t.Sightings) == 0 {
					b.Fatal(len(t.Sightings), err)
				}
			}
		})
	}
}

// BenchmarkNear asks for near copies in a record of 200 000 PDQ values: with no
// index in memory yet, and after one more value came.
func BenchmarkNear(b *testing.B) {
	db, err := store.Open(ctx, filepath.Join(b.TempDir(), "record.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	put := func(from, n int) {
		var batch sighting.Batch
		for i := range n {
			batch.Sightings = append(batch.Sightings, made(10*(from+i)))
		}
		if err := db.InTx(ctx, func(tx *sql.Tx) error { _, err := db.Put(ctx, tx, batch, time.Now()); return err }); err != nil {
			b.Fatal(err)
		}
	}
	size := 200_000
	for n := 0; n < size; n += 1000 {
		put(n, 1000)
	}
	house := func() *flow.House {
		return &flow.House{Record: db, Policy: flow.DefaultPolicy(), Limits: flow.DefaultLimits(), Now: time.Now}
	}
	ask := func(h *flow.House, n int) {
		if t, err := h.Trace(ctx, "pdq:"+sha256of(fmt.Sprint(n))[len("sha256:"):], time.UTC); err != nil || len(t.Sightings) == 0 {
			b.Fatal(len(t.Sightings), err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for n := range b.N {
			ask(house(), n)
		}
	})
	h := house()
	ask(h, 0)
	b.Run("one more", func(b *testing.B) {
		for n := range b.N {
			b.StopTimer()
			put(size, 1)
			size++
			b.StartTimer()
			ask(h, n)
		}
	})
}
