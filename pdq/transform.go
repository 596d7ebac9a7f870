package pdq

import (
	"math"
	"slices"
	"sync"
)

// spectrum holds the 16×16 lowest frequencies of a tile, the constant left out.
type spectrum [16][16]float32

// cosines gives the 16 rows of the 64-point cosine transform that are used:
// frequencies 1 to 16. Computed once, never changed.
var cosines = sync.OnceValue(func() *[16][64]float32 {
	scale := float64(float32(math.Sqrt(2.0 / 64)))
	m := new([16][64]float32)
	for i := range m {
		for j := range m[i] {
			m[i][j] = float32(scale * math.Cos(math.Pi/2/64*float64(i+1)*float64(2*j+1)))
		}
	}
	return m
})

// transform takes the cosine transform of a tile in both directions. The
// conversions keep products and sums apart; see weigh.
func transform(t *tile) *spectrum {
	m := cosines()
	var half [16][64]float32
	for i := range half {
		for k := 0; k < len(t); k += 4 { // four rows at a time, added in order
			c0, c1, c2, c3 := m[i][k], m[i][k+1], m[i][k+2], m[i][k+3]
			t0, t1, t2, t3 := &t[k], &t[k+1], &t[k+2], &t[k+3]
			for j, v := range half[i] {
				v += float32(c0 * t0[j])
				v += float32(c1 * t1[j])
				v += float32(c2 * t2[j])
				v += float32(c3 * t3[j])
				half[i][j] = v
			}
		}
	}
	f := new(spectrum)
	for i := range f {
		for j := range f[i] {
			var sum float32
			for k, c := range m[j] {
				sum += float32(half[i][k] * c)
			}
			f[i][j] = sum
		}
	}
	return f
}

// hash sets a bit for each frequency above the median. Of 256 values the
// reference takes the 128th from below as the median, so 128 bits are set unless
// some values are equal.
func (f *spectrum) hash() Hash {
	var all [256]float32
	for i := range f {
		copy(all[16*i:], f[i][:])
	}
	sorted := all
	slices.Sort(sorted[:])
	median := sorted[127]

	var h Hash
	for k, v := range all {
		if v > median {
			h[31-k/8] |= 1 << (k % 8) // the written form begins with the last bit
		}
	}
	return h
}

// quality sums the steps between neighbours in the tile, each in hundredths of the
// whole range and cut to an integer so that slight noise counts for nothing.
// The divisor 90 was found by trial by the algorithm's authors (hashing.pdf).
func quality(t *tile) int {
	sum := 0
	for i := range t {
		for j := range t[i] {
			if i+1 < len(t) {
				sum += contrast(t[i][j], t[i+1][j])
			}
			if j+1 < len(t[i]) {
				sum += contrast(t[i][j], t[i][j+1])
			}
		}
	}
	return min(sum/90, 100)
}

func contrast(u, v float32) int {
	d := int(float32((u-v)*100) / 255)
	return max(d, -d)
}
