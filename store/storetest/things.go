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
		got := must(db.Closure(ctx, []digest.Digest{d}, nil, nil))(t)
		equal(t, "from "+d.String(), fmt.Sprint(len(got)), want)
	}
	for n := 1; n < 3; n++ {
		got := must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil, nil))(t)
		if got[n-1].ID >= got[n].ID {
			t.Errorf("not in order of ID: %s", thingIDs(got))
		}
	}
	equal(t, "a near value asked for alone", len(must(db.Closure(ctx, []digest.Digest{PDQ(1)}, nil, nil))(t)), 1)
	equal(t, "nothing", len(must(db.Closure(ctx, []digest.Digest{MD5("z")}, nil, nil))(t)), 0)

	// Two files that share an MD5 on purpose: the closure gives both, and
	// digest.Unite holds them apart.
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("b", 1, MD5("c"), SHA256("c1")), seen("b", 2, MD5("c"), SHA256("c2"))}})
	got := must(db.Closure(ctx, []digest.Digest{MD5("c")}, nil, nil))(t)
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
	equal(t, "from the digest", len(must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil, nil))(t)), 2)
	equal(t, "from a name", len(must(db.Closure(ctx, nil, []string{"kik:0001"}, nil))(t)), 2)
}

// MISP issue 2108: a file name made two files one although their hashes differ.
func fileName(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), seen("a", 2, MD5("y"))}})
	equal(t, "closure", len(must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil, nil))(t)), 1)
}

// ThreatExchange issue 1318: an index with one hash found nothing.
func oneHash(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, PDQ(7))}})
	equal(t, "codes", values(t, db, digest.PDQ), PDQ(7).Hex()[:4])
	equal(t, "closure", len(must(db.Closure(ctx, []digest.Digest{PDQ(7)}, nil, nil))(t)), 1)
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

func closureListed(t *testing.T, db *store.DB) {
	// A list alone ties the MD5 to the SHA-1.
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, MD5("x")), seen("a", 2, SHA1("x"))}})
	tie, _ := sighting.ThingOf([]digest.Digest{MD5("x"), SHA1("x"), PDQ(3)}, nil)
	asked := map[digest.Digest]int{}
	says := func(ds []digest.Digest) (out []sighting.Thing, err error) {
		for _, d := range ds {
			if asked[d]++; d == MD5("x") || d == SHA1("x") || d == PDQ(3) {
				out = append(out, tie)
			}
		}
		return out, nil
	}
	equal(t, "by lists", len(must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil, says))(t)), 3)
	equal(t, "a near value by lists", len(must(db.Closure(ctx, []digest.Digest{PDQ(3)}, nil, says))(t)), 3)
	equal(t, "without lists", len(must(db.Closure(ctx, []digest.Digest{MD5("x")}, nil, nil))(t)), 1)
	equal(t, "times a digest is asked of lists", asked[SHA1("x")], 2)
}

func codes(t *testing.T, db *store.DB) {
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, PDQ(9)), seen("a", 2, PDQ(1), MD5("x")), seen("a", 3, PhotoDNA(4)), seen("a", 4, MD5("y"))}})
	equal(t, "PDQ", values(t, db, digest.PDQ), "0101 0909")
	equal(t, "PhotoDNA", values(t, db, digest.PhotoDNA), "0404")
	equal(t, "TMK", values(t, db, digest.TMK), "")
	film, _, err := digest.Read("vpdq", "a text, however long")
	if err != nil {
		t.Fatal(err)
	}
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 5, film, MD5("z"))}})
	equal(t, "vPDQ", values(t, db, digest.VPDQ), "a te")
	err = db.Codes(ctx, "no such kind", nil)
	if err == nil {
		t.Error("an unknown kind has codes")
	}
}

// Whoever follows the PDQ values gets each once, in the order in which they came; what
// came before is not given again because a batch names it again.
func codesSince(t *testing.T, db *store.DB) {
	addSource(t, db, Source("a"))
	place := int64(0)
	next := func() (out string) {
		err := db.CodesSince(ctx, place, func(at int64, v digest.Digest, _ string) error {
			if at <= place {
				t.Errorf("place %d comes after %d", at, place)
			}
			place, out = at, out+" "+v.Hex()[:4]
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	equal(t, "of an empty record", next(), "")
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, PDQ(9), MD5("x")), seen("a", 2, MD5("y"))}})
	equal(t, "the first", next(), " 0909")
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 1, PDQ(9), MD5("x")), seen("a", 3, PDQ(4)), seen("a", 4, PDQ(2))}})
	equal(t, "and then", next(), " 0202 0404")
	equal(t, "no more", next(), "")
	tx(t, db, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE turn SET taken = 1 WHERE stage = 'near'`)
		return err
	})
	put(t, db, sighting.Batch{Sightings: []sighting.Sighting{seen("a", 5, PDQ(7))}})
	equal(t, "after the turn was put back by other hands", next(), " 0707")
	err := db.CheckRows(ctx, func(table, row, what string) error { return fmt.Errorf("%s %s: %s", table, row, what) })
	if err != nil {
		t.Error(err)
	}
	for n, spoil := range []string{`UPDATE thing_digest SET came = NULL WHERE came = 1`, `UPDATE thing_digest SET came = 900 WHERE came IS NULL AND length(digest) = 17`, `UPDATE thing_digest SET came = 3 WHERE came = 2`} {
		tx(t, db, func(tx *sql.Tx) error {
			if _, err := tx.Exec(spoil); err != nil {
				return err
			}
			return nil
		})
		found := 0
		if err := db.CheckRows(ctx, func(_, _, _ string) error { found++; return nil }); err != nil || found <= n {
			t.Errorf("after %q, the spoiled row %d, the check finds %d, %v", spoil, n+1, found, err)
		}
	}
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
