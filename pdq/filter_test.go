package pdq

import (
	"image"
	"math/rand/v2"
	"testing"
)

// TestReduceIsTheReferenceFilter holds the shortened filter against the published
// one, which blurs the whole picture in memory, bit for bit.
func TestReduceIsTheReferenceFilter(t *testing.T) {
	sizes := []image.Point{{5, 5}, {6, 300}, {63, 64}, {64, 65}, {128, 128}, {129, 127}, {255, 257}, {512, 384}, {385, 769}, {1000, 90}, {511, 513}, {90, 1000}, {700, 641}, {770, 900}, {5, 2000}}
	for _, size := range sizes {
		luma := chance(size)
		got := reduce(func(dst []lanes, lane, y int, cols []int) {
			for i, x := range cols {
				dst[i][lane] = luma[y*size.X+x]
			}
		}, steps(size.X, size.X), steps(size.Y, size.Y))
		if want := wholeBlur(luma, size); *got != *want {
			t.Errorf("%v: the tile differs from the reference filter's", size)
		}
	}
}

func TestReduceTakes64x64AsItIs(t *testing.T) {
	luma := chance(image.Pt(64, 64))
	got := reduce(func(dst []lanes, lane, y int, cols []int) {
		for _, x := range cols {
			dst[x][lane] = luma[64*y+x]
		}
	}, steps(64, 64), steps(64, 64))
	for i, v := range luma {
		if got[i/64][i%64] != v {
			t.Fatalf("value %d is %v, want %v", i, got[i/64][i%64], v)
		}
	}
}

func chance(size image.Point) []float32 {
	r := rand.New(rand.NewPCG(uint64(size.X), uint64(size.Y)))
	luma := make([]float32, size.X*size.Y)
	for i := range luma {
		luma[i] = weigh(uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()))
	}
	return luma
}

// wholeBlur is the filter as published: two passes, rows then columns, each a
// running sum, then one value out of each of 64×64 shares.
func wholeBlur(luma []float32, size image.Point) *tile {
	a, b := append([]float32(nil), luma...), make([]float32, len(luma))
	for range 2 {
		for y := range size.Y {
			line(b[y*size.X:], a[y*size.X:], size.X, 1)
		}
		for x := range size.X {
			line(a[x:], b[x:], size.Y, size.X)
		}
	}
	t := new(tile)
	for i := range t {
		for j := range t[i] {
			y, x := int((float64(i)+0.5)*float64(size.Y)/64), int((float64(j)+0.5)*float64(size.X)/64)
			t[i][j] = a[y*size.X+x]
		}
	}
	return t
}

func line(out, in []float32, n, stride int) {
	window := (n + 127) / 128
	half := (window + 2) / 2
	var sum float32
	count, enter, leave, write := 0, 0, 0, 0
	for place := -(half - 1); place < n; place++ {
		if enter < n {
			sum += in[enter*stride]
			enter++
			count++
		}
		if enter-leave > window || place+half > n {
			sum -= in[leave*stride]
			leave++
			count--
		}
		if place >= 0 {
			out[write*stride] = sum / float32(count)
			write++
		}
	}
}
