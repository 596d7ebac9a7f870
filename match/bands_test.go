package match_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"suraag/match"
)

// The exactness of bands rests on this sum; see NewBands.
func TestPlansAddUp(t *testing.T) {
	for _, codes := range []int{1, 1000, 5000, 100_000, 1_000_000, 4_000_000, 10_000_000, 100_000_000} {
		widths, plans := match.Plans(codes)
		bits := 0
		for _, w := range widths {
			bits += w
		}
		if bits != 256 {
			t.Errorf("%d codes: bands of %d bits, want all 256", codes, bits)
		}
		for radius, within := range plans {
			sum := 0
			for _, r := range within {
				sum += int(r) + 1
			}
			if sum != radius+1 {
				t.Errorf("%d codes, radius %d: %v adds up to %d, want %d", codes, radius, within, sum, radius+1)
			}
		}
	}
}

// Each bit goes to a place of its own.
func TestShuffleKeepsDistances(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		a, b := random(r), random(r)
		if got, want := match.ShuffledDistance(a, b), match.Distance(a, b); got != want {
			t.Fatalf("%x and %x differ in %d bits, %d once shuffled", a, b, want, got)
		}
	}
	for bit := range 256 {
		var c match.Code
		c[bit/8] = 1 << (bit % 8)
		if d := match.ShuffledDistance(c, match.Code{}); d != 1 {
			t.Errorf("bit %d becomes %d bits", bit, d)
		}
	}
}

// A near copy must be found whichever bits it lost: all in one place, or spread.
func TestBandsMissNoNearCopy(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	x := match.NewBandsSealedAt(5000)
	for i := range uint64(5000) {
		x.Add(i, random(r))
	}
	for i := range uint64(3000) {
		x.Add(1_000_000+i, random(r))
	}
	for trial := range uint64(2000) {
		c, d := random(r), r.IntN(41)
		x.Add(2_000_000+trial, c)
		near := c
		for _, bit := range r.Perm(256)[:d] {
			near[bit/8] ^= 1 << (bit % 8)
		}
		if hits := search(t, x, near, d); !slices.Contains(hits, match.Hit{ID: 2_000_000 + trial, Distance: d}) {
			t.Fatalf("a copy %d bits away is missed", d)
		}
		if d > 0 && slices.Contains(search(t, x, near, d-1), match.Hit{ID: 2_000_000 + trial, Distance: d}) {
			t.Fatalf("a copy %d bits away is found within %d", d, d-1)
		}
	}
}
