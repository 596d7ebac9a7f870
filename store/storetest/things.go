package storetest

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"suraag/digest"
	"suraag/hashset"
	"suraag/sighting"
	"suraag/store"
)

func closure(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{
		seen("a", 1, MD5("x")), seen("a", 2, MD5("x"), SHA1("x")), seen("a", 3, SHA1("x"), SHA256("x")),
		seen("a", 4, MD5("y")), seen("a", 5, PDQ(1)),
	}})
	want := "3"
	for _, d := range []digest.Digest{MD5("x"), SHA1("x"), SHA256("x")} {
		got := must(db.Closure(ctx, []digest.Digest{d}, nil))(t)
		equal(t, "from "+d.String(), fmt.Sprint(len(got)), want)
	}
	for n := 1; n < 3; n++ {
		got := must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil))(t)
		if got[n-1].ID >= got[n].ID {
			t.Errorf("not in order of ID: %s", thingIDs(got))
		}
	}
	equal(t, "a near value asked for alone", len(must(db.Closure(ctx, []digest.Digest{PDQ(1)}, nil))(t)), 1)
	equal(t, "nothing", len(must(db.Closure(ctx, []digest.Digest{MD5("z")}, nil))(t)), 0)

	// Two files that share an MD5 on purpose: the closure gives both, and
	// digest.Unite holds them apart.
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("b", 1, MD5("c"), SHA256("c1")), seen("b", 2, MD5("c"), SHA256("c2"))}})
	got := must(db.Closure(ctx, []digest.Digest{MD5("c")}, nil))(t)
	var sets [][]digest.Digest
	for _, x := range got {
		sets = append(sets, x.Digests)
	}
	groups, conflicts := digest.Unite(sets)
	if len(got) != 2 || groups[0] == groups[1] || len(conflicts) != 1 || conflicts[0].Shared != MD5("c") {
		t.Errorf("collision: %d things, groups %v, conflicts %v", len(got), groups, conflicts)
	}
}

func closureRefs(t *testing.T, db *store.DB) {
	a, b := seen("a", 1, MD5("x")), seen("a", 2)
	a.Content.Refs, b.Content.Refs = []string{"kik:0000"}, []string{"kik:0000", "kik:0001"}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{a, b, seen("a", 3, MD5("y"))}})
	equal(t, "from the digest", len(must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil))(t)), 2)
	equal(t, "from a name", len(must(db.Closure(ctx, nil, []string{"kik:0001"}))(t)), 2)
}

// MISP issue 2108: a file name made two files one although their hashes differ.
func fileName(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), seen("a", 2, MD5("y"))}})
	equal(t, "closure", len(must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil))(t)), 1)
}

// ThreatExchange issue 1318: an index with one hash found nothing.
func oneHash(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, PDQ(7))}})
	equal(t, "codes", values(t, db, digest.PDQ), PDQ(7).Hex()[:4])
	equal(t, "closure", len(must(db.Closure(ctx, []digest.Digest{PDQ(7)}, nil))(t)), 1)
}

func values(t *testing.T, db *store.DB, k digest.Kind) (out string) {
	t.Helper()
	err := db.Codes(ctx, k, func(v digest.Digest, thing string) error {
		if out != "" {
			out += " "
		}
		out += v.Hex()[:4]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// list makes a live list of a source.
func list(t *testing.T, db *store.DB, name, source string) hashset.Set {
	t.Helper()
	s := hashset.Set{ID: hashset.Identify(name, SourceID(source)), Name: name, From: "an authority", Source: SourceID(source), State: hashset.StateImporting, Imported: day}
	tx(t, db, func(tx *sql.Tx) error { _, err := db.AddSet(ctx, tx, s); return err })
	return state(t, db, s, hashset.StateLive)
}

func state(t *testing.T, db *store.DB, s hashset.Set, to string) hashset.Set {
	t.Helper()
	s.State = to
	tx(t, db, func(tx *sql.Tx) error { return db.UpdateSet(ctx, tx, s) })
	return s
}

func closureRetracted(t *testing.T, db *store.DB) {
	// The list alone ties the MD5 to the SHA-1.
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), seen("a", 2, SHA1("x"))},
		Listings: []sighting.Listing{listing("list", 1, MD5("x"), SHA1("x"), PDQ(3))}})
	s := list(t, db, "known", "list")
	count := func() int { return len(must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil))(t)) }
	equal(t, "while the list lives", count(), 3)
	equal(t, "a near value while the list lives", len(must(db.Closure(ctx, []digest.Digest{PDQ(3)}, nil))(t)), 3)
	state(t, db, s, hashset.StateRetracted)
	equal(t, "after it was retracted", count(), 1)
	equal(t, "a near value after it was retracted", len(must(db.Closure(ctx, []digest.Digest{PDQ(3)}, nil))(t)), 0)
}

func codes(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, PDQ(9)), seen("a", 2, PDQ(1), MD5("x")), seen("a", 3, PhotoDNA(4)), seen("a", 4, MD5("y"))},
		Listings: []sighting.Listing{listing("list", 1, PDQ(5)), listing("gone", 2, PDQ(6))}})
	equal(t, "PDQ", values(t, db, digest.PDQ), "0101 0505 0606 0909")
	equal(t, "PDQ values", must(db.CountCodes(ctx, digest.PDQ))(t), 4)
	equal(t, "PhotoDNA", values(t, db, digest.PhotoDNA), "0404")
	equal(t, "TMK values", must(db.CountCodes(ctx, digest.TMK))(t), 0)
	err := db.Codes(ctx, "no such kind", nil)
	if err == nil {
		t.Error("an unknown kind has codes")
	}
}

func listingsOf(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Listings: []sighting.Listing{listing("list", 2, MD5("x")), listing("list", 1, MD5("x")), listing("list", 3, MD5("y"))}})
	x := []string{thing(MD5("x"))}
	equal(t, "no list", len(must(db.ListingsOf(ctx, x))(t)), 0)
	b := list(t, db, "b", "list")
	list(t, db, "a", "list")
	got := must(db.ListingsOf(ctx, x))(t)
	equal(t, "two lists, two entries", len(got), 4)
	equal(t, "in order of list", got[0].Set.Name+got[1].Set.Name+got[2].Set.Name+got[3].Set.Name, "aabb")
	if got[0].Listing.ID >= got[1].Listing.ID {
		t.Error("entries are not in order")
	}
	equal(t, "thing", got[0].Thing, x[0])
	state(t, db, b, hashset.StateRetracted)
	equal(t, "after one was retracted", len(must(db.ListingsOf(ctx, x))(t)), 2)
	var n int64
	tx(t, db, func(tx *sql.Tx) (err error) { n, err = db.CountListings(ctx, tx, SourceID("list")); return err })
	equal(t, "entries", n, 3)
}

func retractedStays(t *testing.T, db *store.DB) {
	s := list(t, db, "known", "list")
	s = state(t, db, s, hashset.StateRetracted)
	state(t, db, s, hashset.StateLive) // a reading that began before ends now
	equal(t, "state", must(db.Sets(ctx))(t)[0].State, hashset.StateRetracted)
}

func sets(t *testing.T, db *store.DB) {
	names := []string{"b", "Z", "a", "É", "a b", "a-b", "ab", "_"}
	for _, n := range names {
		list(t, db, n, "list "+n)
	}
	got := must(db.Sets(ctx))(t)
	equal(t, "by bytes, not by a language's alphabet", ids(got, func(s hashset.Set) string { return (s.Name + "      ")[:6] }),
		"Z      _      a      a b    a-b    ab     b      É    ")
	equal(t, "of a source", len(must(db.SetsOf(ctx, SourceID("list a")))(t)), 1)
	s := got[0]
	tx(t, db, func(tx *sql.Tx) error {
		added, err := db.AddSet(ctx, tx, s)
		equal(t, "new again", added, false)
		return err
	})
	s.Retracted, s.RetractedBy, s.Reason, s.State = day.Add(time.Hour), "officer", "sent by mistake", hashset.StateRetracted
	tx(t, db, func(tx *sql.Tx) error { return db.UpdateSet(ctx, tx, s) })
	same(t, "set", must(db.Sets(ctx))(t)[0], s)
}
