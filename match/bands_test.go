package match_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"suraag/match"
)

// The exactness of bands rests on this sum; see NewBands.
func TestSharesAddUp(t *testing.T) {
	for bands := 9; bands <= 32; bands++ {
		for radius := range 41 {
			sum := 0
			for _, r := range match.Share(bands, radius) {
				if r < -1 {
					t.Errorf("%d bands, radius %d: a band's radius is %d", bands, radius, r)
				}
				sum += r + 1
			}
			if sum != radius+1 {
				t.Errorf("%d bands, radius %d: shares add up to %d, want %d", bands, radius, sum, radius+1)
			}
		}
	}
}

func TestShuffleLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		if c := random(r); match.Shuffled(c) != c {
			t.Errorf("%x came back as %x", c, match.Shuffled(c))
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
