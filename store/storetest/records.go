package storetest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/sighting"
	"suraag/store"
)

func putTwice(t *testing.T, db *store.DB) {
	b := sighting.Batch{
		Sightings: []sighting.Sighting{seen("letter", 1, MD5("a"), SHA1("a")), seen("letter", 2)},
		Leases:    []sighting.Lease{{Origin: origin("letter", 3), Kind: sighting.NAT, Who: []sighting.Identifier{{Kind: sighting.Phone, Value: "+910000000001"}}}},
	}
	equal(t, "added at first", put(t, db, b), 3)
	before := Dump(t, db, "dirty")
	equal(t, "added again", put(t, db, b), 0)
	equal(t, "the record", Dump(t, db, "dirty"), before)
	equal(t, "has", must(db.Has(ctx, []string{b.Sightings[0].ID, b.Leases[0].ID, origin("letter", 9).ID}))(t), 2)
	same(t, "sighting", must(db.Sighting(ctx, b.Sightings[0].ID))(t), b.Sightings[0])
}

func putSameThing(t *testing.T, db *store.DB) {
	b := sighting.Batch{Sightings: []sighting.Sighting{seen("letter", 1, MD5("a")), seen("letter", 2, MD5("a")), seen("letter", 3, MD5("a"))}}
	equal(t, "added", put(t, db, b), 3)
	equal(t, "dirty", must(db.Dirty(ctx))(t), 1)
}

func supersede(t *testing.T, db *store.DB) {
	old := seen("letter", 1, MD5("a"))
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{old}})
	newer := old
	newer.Version, newer.Service, newer.Who = 2, "Example", []sighting.Identifier{{Kind: sighting.Account, Service: "example", Value: "2"}}
	equal(t, "added", put(t, db, sighting.Batch{Sightings: []sighting.Sighting{newer}}), 1)
	same(t, "now", must(db.Sighting(ctx, old.ID))(t), newer)
	equal(t, "by the old identifier", len(must(db.SightingsBy(ctx, old.Who[0], 0))(t)), 0)
	equal(t, "by the new identifier", len(must(db.SightingsBy(ctx, newer.Who[0], 0))(t)), 1)
	gone := must(db.SupersededOf(ctx, old.ID))(t)
	if len(gone) != 1 {
		t.Fatalf("superseded: %d", len(gone))
	}
	var kept sighting.Sighting
	if err := json.Unmarshal(gone[0].Doc, &kept); err != nil {
		t.Fatal(err)
	}
	same(t, "superseded", kept, old)
	equal(t, "superseded at", gone[0].At, day)
}

func olderReader(t *testing.T, db *store.DB) {
	newer := seen("letter", 1, MD5("a"))
	newer.Version = 2
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{newer}})
	old := newer
	old.Version, old.Service = 1, "wrong"
	equal(t, "added", put(t, db, sighting.Batch{Sightings: []sighting.Sighting{old}}), 0)
	same(t, "now", must(db.Sighting(ctx, old.ID))(t), newer)
	equal(t, "superseded", len(must(db.SupersededOf(ctx, old.ID))(t)), 0)
}

func retireOlder(t *testing.T, db *store.DB) {
	kept, gone, other := seen("letter", 1, MD5("a")), seen("letter", 2, MD5("b")), seen("another", 1, MD5("c"))
	lease := sighting.Lease{Origin: origin("letter", 3), Kind: sighting.NAT}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{kept, gone}, Leases: []sighting.Lease{lease}})
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{other}})
	kept.Version = 2
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{kept}})
	retire := func(versions map[string]int) {
		tx(t, db, func(tx *sql.Tx) error { return db.RetireOlder(ctx, tx, SourceID("letter"), versions, day) })
	}
	same(t, "one row", must(db.Lease(ctx, lease.ID))(t), lease)
	retire(map[string]int{"another/reader": 9})
	equal(t, "nothing of another reader", len(must(db.SightingsIn(ctx, SourceID("letter"), 0))(t)), 2)
	retire(map[string]int{"made/rows": 2})
	equal(t, "left", sightingIDs(must(db.SightingsIn(ctx, SourceID("letter"), 0))(t)), kept.ID[:6])
	equal(t, "leases left", len(must(db.LeasesIn(ctx, SourceID("letter")))(t)), 0)
	if _, err := db.Lease(ctx, lease.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a row that is gone: %v", err)
	}
	equal(t, "another source's", len(must(db.SightingsIn(ctx, SourceID("another"), 0))(t)), 1)
	for _, id := range []string{gone.ID, lease.ID} {
		equal(t, "superseded", len(must(db.SupersededOf(ctx, id))(t)), 1)
	}
}

func retireMarks(t *testing.T, db *store.DB) {
	old := seen("letter", 1, MD5("a"))
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{old}})
	takeAll(t, db)
	newer := old
	newer.Version, newer.Content.Digests = 2, []digest.Digest{MD5("b")}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{newer}})
	equal(t, "both contents wait", must(db.Dirty(ctx))(t), 2)
	takeAll(t, db)
	tx(t, db, func(tx *sql.Tx) error {
		return db.RetireOlder(ctx, tx, SourceID("letter"), map[string]int{"made/rows": 3}, day)
	})
	equal(t, "the retired one waits", must(db.Dirty(ctx))(t), 1)
}

func sightingsOf(t *testing.T, db *store.DB) {
	late, early, timeless := seen("letter", 9, MD5("a")), seen("letter", 1, MD5("a"), SHA1("a")), seen("letter", 5, MD5("a"))
	timeless.When.At, timeless.When.Until = time.Time{}, time.Time{}
	early.When = at(-1e9) // before 1970 is a time too
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{late, timeless, early, seen("letter", 2, MD5("other"))}})
	both := []string{thing(MD5("a")), thing(MD5("a"), SHA1("a"))}
	all := must(db.SightingsOf(ctx, both, 0))(t)
	equal(t, "all", sightingIDs(all), sightingIDs([]sighting.Sighting{early, late, timeless}))
	equal(t, "first two", sightingIDs(must(db.SightingsOf(ctx, both, 2))(t)), sightingIDs([]sighting.Sighting{early, late}))
	equal(t, "of nothing", len(must(db.SightingsOf(ctx, nil, 0))(t)), 0)
	var one []sighting.Sighting // some at a time gives the same
	for last := (sighting.Sighting{}); ; last = one[len(one)-1] {
		page := must(db.SightingsAfter(ctx, both, last, 1))(t)
		if len(page) == 0 || len(one) > len(all) {
			break
		}
		one = append(one, page...)
	}
	equal(t, "one by one", sightingIDs(one), sightingIDs(all))
	equal(t, "after the first", sightingIDs(must(db.SightingsAfter(ctx, both, all[0], 0))(t)), sightingIDs(all[1:]))
	for _, who := range all[0].Who {
		by := must(db.SightingsBy(ctx, who, 0))(t)
		equal(t, "by whom, one by one", sightingIDs(must(db.SightingsByAfter(ctx, who, by[0], 0))(t)), sightingIDs(by[1:]))
	}
}

func sightingsOfMany(t *testing.T, db *store.DB) {
	var b sighting.Batch
	var things []string
	for n := range 250 {
		x := seen("letter", n, MD5(fmt.Sprint(n)))
		x.When = at(1000 - n)
		b.Sightings = append(b.Sightings, x)
		things = append(things, thing(MD5(fmt.Sprint(n))))
	}
	put(t, db, b)
	got := must(db.SightingsOf(ctx, things, 3))(t)
	equal(t, "the first three of all", sightingIDs(got), sightingIDs([]sighting.Sighting{b.Sightings[249], b.Sightings[248], b.Sightings[247]}))
	equal(t, "all", len(must(db.SightingsOf(ctx, things, 0))(t)), 250)
}

func sightingsBy(t *testing.T, db *store.DB) {
	me := sighting.Identifier{Kind: sighting.Account, Service: "example", Value: "me"}
	who, to, via, none := seen("letter", 4), seen("letter", 3), seen("letter", 2), seen("letter", 1)
	who.Who, to.To, via.Via = []sighting.Identifier{me, me}, []sighting.Identifier{me}, []sighting.Identifier{me}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{who, to, via, none}})
	equal(t, "all", sightingIDs(must(db.SightingsBy(ctx, me, 0))(t)), sightingIDs([]sighting.Sighting{via, to, who}))
	equal(t, "first", sightingIDs(must(db.SightingsBy(ctx, me, 1))(t)), sightingIDs([]sighting.Sighting{via}))
	me.Service = "other"
	equal(t, "another service's account", len(must(db.SightingsBy(ctx, me, 0))(t)), 0)
}

func sightingsFrom(t *testing.T, db *store.DB) {
	withPort, without, other := seen("letter", 1), seen("letter", 2), seen("letter", 3)
	without.From.Port, other.From.Port = 0, 9
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{withPort, without, other}})
	from := withPort.From
	equal(t, "with port", sightingIDs(must(db.SightingsFrom(ctx, from, 0))(t)), sightingIDs([]sighting.Sighting{withPort}))
	from.Port = 0
	equal(t, "whole address", len(must(db.SightingsFrom(ctx, from, 0))(t)), 3)
	equal(t, "limit", len(must(db.SightingsFrom(ctx, from, 2))(t)), 2)
	from.IP = netip.MustParseAddr("2001:db8::7")
	equal(t, "another address", len(must(db.SightingsFrom(ctx, from, 0))(t)), 0)
}

func mappedAddress(t *testing.T, db *store.DB) {
	x := seen("letter", 1)
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{x}})
	got := must(db.SightingsFrom(ctx, sighting.Endpoint{IP: netip.MustParseAddr("::ffff:198.51.100.7")}, 0))(t)
	equal(t, "found", len(got), 1)
}

// lease is row n with a public and a private address, from and to seconds after
// the day; a negative second is not stated.
func lease(n int, public, private string, from, to int) sighting.Lease {
	l := sighting.Lease{Origin: origin("reply", n), Kind: sighting.NAT}
	if public != "" {
		l.Public = sighting.Endpoint{IP: netip.MustParseAddr(public), Port: 51602}
	}
	if private != "" {
		l.Private = sighting.Endpoint{IP: netip.MustParseAddr(private), Port: 40001}
	}
	if from >= 0 {
		l.From = at(from)
	}
	if to >= 0 {
		l.To = at(to)
	}
	return l
}

func leasesOf(t *testing.T, db *store.DB) {
	const public, private = "198.51.100.7", "100.64.10.5"
	put(t, db, sighting.Batch{Leases: []sighting.Lease{
		lease(1, public, private, 100, 200), lease(2, public, "", -1, 200), lease(3, public, "", 100, -1), lease(4, public, "", -1, -1),
		lease(5, "", public, 100, 200), lease(6, "203.0.113.9", "", 100, 200), lease(7, "2001:db8::7", "", 100, 200),
	}})
	for _, c := range []struct {
		name        string
		addr        string
		from, until int
		want        int
	}{
		{"inside", public, 150, 160, 5},
		{"touches the first second", public, 50, 100, 5},
		{"touches the last second", public, 200, 300, 5},
		{"before: only what states no start", public, 0, 99, 2},
		{"after: only what states no end", public, 201, 300, 2},
		{"private side", private, 150, 150, 1},
		{"IPv6", "2001:db8::7", 150, 150, 1},
		{"nobody's", "192.0.2.1", 150, 150, 0},
	} {
		got := must(db.LeasesOf(ctx, netip.MustParseAddr(c.addr), at(c.from).At, at(c.until).At))(t)
		equal(t, c.name, len(got), c.want)
	}
	equal(t, "no bounds", len(must(db.LeasesOf(ctx, netip.MustParseAddr(public), time.Time{}, time.Time{}))(t)), 5)
}

func leasesBy(t *testing.T, db *store.DB) {
	phone := sighting.Identifier{Kind: sighting.Phone, Value: "+910000000001"}
	a, b := lease(1, "198.51.100.7", "", 1, 2), lease(2, "198.51.100.7", "", 1, 2)
	a.Who = []sighting.Identifier{phone, phone}
	put(t, db, sighting.Batch{Leases: []sighting.Lease{a, b}})
	equal(t, "leases", leaseIDs(must(db.LeasesBy(ctx, phone))(t)), a.ID[:6])
}

func gather(t *testing.T, db *store.DB, source string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := db.Docs(ctx, SourceID(source), func(kind, id, doc string) error { out[kind+" "+id] = doc; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func docs(t *testing.T, db *store.DB) {
	x, l := seen("reply", 9, MD5("a")), lease(1, "198.51.100.7", "", 1, 2)
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{x, seen("other", 1)}, Leases: []sighting.Lease{l}})
	want := map[string]string{}
	for key, record := range map[string]any{"sighting " + x.ID: x, "lease " + l.ID: l} {
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		want[key] = string(text)
	}
	same(t, "docs", gather(t, db, "reply"), want)
}

func docsTampered(t *testing.T, db *store.DB) {
	for _, c := range []struct{ name, change string }{
		{"the address", `UPDATE sighting SET ip = NULL`},
		{"the time", `UPDATE sighting SET at_ns = at_ns + 1`},
		{"the content", `UPDATE sighting SET thing = NULL`},
		{"the port of no lease", `UPDATE lease SET public = NULL`},
	} {
		tx(t, db, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM sighting`)
			_, err2 := tx.ExecContext(ctx, `DELETE FROM lease`)
			return first(err, err2)
		})
		put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("reply", 9, MD5("a"))}, Leases: []sighting.Lease{lease(1, "198.51.100.7", "", 1, 2)}})
		tx(t, db, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, c.change); return err })
		empty := 0
		for _, doc := range gather(t, db, "reply") {
			if doc == "" {
				empty++
			}
		}
		equal(t, c.name+": records that no longer are what they say", empty, 1)
	}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
