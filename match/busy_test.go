package match_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suraag/match"
)

// Eight goroutines add, remove and ask at once. Each has entries of its own, so it
// knows what must be found; in the end the index answers as a scan of what is left.
func TestEightAtOnce(t *testing.T) {
	x := match.NewBandsSealedAt(256)
	left := make([][]pair, 8)
	var wg sync.WaitGroup
	for g := range left {
		wg.Go(func() { left[g] = day(t, x, uint64(g)) })
	}
	wg.Wait()
	plain := match.NewScan()
	for _, p := range slices.Concat(left...) {
		plain.Add(p.id, p.code)
	}
	match.Settled(x)
	for _, p := range slices.Concat(left...)[:100] {
		sameAnswers(t, plain, x, p.code, 31)
	}
}

// day plays one goroutine's day and gives what it has left in the index.
func day(t *testing.T, x match.Index, g uint64) []pair {
	r := rand.New(rand.NewPCG(g, 1))
	var held []pair
	for i := range uint64(4000) {
		switch {
		case i%4 < 2:
			p := pair{g<<32 | i, random(r)}
			held = append(held, p)
			x.Add(p.id, p.code)
		case i%4 == 2:
			at := r.IntN(len(held))
			p := held[at]
			held = slices.Delete(held, at, at+1)
			if !x.Remove(p.id, p.code) || x.Remove(p.id, p.code) {
				t.Errorf("entry %x was held, but Remove did not let go of it just once", p.id)
			}
			if hits := search(t, x, p.code, 40); slices.Contains(hits, match.Hit{ID: p.id}) {
				t.Errorf("entry %x is found after it was removed", p.id)
			}
		default:
			p := held[r.IntN(len(held))]
			want := []match.Hit{{ID: p.id, Distance: 2}}
			q := p.code
			q[0], q[31] = q[0]^1, q[31]^128
			if diff := gocmp.Diff(want, search(t, x, q, 31)); diff != "" {
				t.Errorf("entry %x (-want +got)\n%s", p.id, diff)
			}
		}
	}
	return held
}

// However many entries come and go, the index holds memory for those it has.
func TestMemoryStaysFlat(t *testing.T) {
	x := match.NewBandsSealedAt(256)
	r := rand.New(rand.NewPCG(2, 2))
	var held []pair
	next := uint64(0)
	churn := func(n int) uint64 {
		for range n {
			p := pair{next, random(r)}
			next++
			x.Add(p.id, p.code)
			if held = append(held, p); len(held) > 2000 {
				x.Remove(held[0].id, held[0].code)
				held = slices.Clone(held[1:])
			}
		}
		match.Settled(x)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	early := churn(4000)
	late := churn(20_000)
	if late > early+early/2+4<<20 {
		t.Errorf("%d bytes after 24,000 additions, %d after 4,000, with 2,000 entries both times", late, early)
	}
	if x.Len() != 2000 {
		t.Errorf("%d entries, want 2000", x.Len())
	}
	runtime.KeepAlive(x)
}

// Segments are joined, so that there are few, but no join needs more than a
// quarter of all the memory once again.
func TestSegmentsAreFew(t *testing.T) {
	x := match.NewBandsSealedAt(16)
	r := rand.New(rand.NewPCG(3, 3))
	const n = 30_000
	for i := range uint64(n) {
		x.Add(i, random(r))
	}
	sizes := match.Settled(x)
	if len(sizes) > 16 {
		t.Errorf("%d segments, want at most 16: %v", len(sizes), sizes)
	}
	for _, size := range sizes {
		if size > n/4+64*16 {
			t.Errorf("a segment holds %d of %d entries, so joining it would need more than a quarter again", size, n)
		}
	}
}
