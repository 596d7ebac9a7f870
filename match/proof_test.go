package match_test

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"suraag/match"
)

var proof = flag.Int("proof", 0, "how many codes of each kind and operations the proofs take, such as 1000000; they take few otherwise")

// Every code within the radius is found, and no other, for every radius that bands serve, among
// codes of every kind: built at once, opened from a snapshot, and with a part that was added and
// another that was taken out later. The plain truth is a scan of its own storage.
//
//	go test ./match -run TestNoCodeIsMissed -proof 1000000 -timeout 2h
func TestNoCodeIsMissed(t *testing.T) {
	n := max(*proof, 10_000)
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			held := made(kind, n)
			late := n / 50 // added one by one, and as many taken out
			plain, x := match.NewScan(), built(t, held[late:])
			again, err := opened(t, saved(t, x))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range held {
				plain.Add(p.id, p.code)
			}
			for _, p := range held[:late] {
				x.Add(p.id, p.code)
				again.Add(p.id, p.code)
			}
			for _, p := range held[late : 2*late] {
				plain.Remove(p.id, p.code)
				x.Remove(p.id, p.code)
				again.Remove(p.id, p.code)
			}
			found := 0
			r := rand.New(rand.NewPCG(11, 12))
			for radius := range 41 {
				for _, q := range []match.Code{flip(r, held[r.IntN(n)].code, radius), flip(r, held[r.IntN(n)].code, 2*radius), random(r)} {
					found += sameHits(t, q, radius, plain, x, again)
				}
			}
			if found == 0 {
				t.Error("no question found anything: nothing was tested")
			}
		})
	}
}

// sameHits asks all indexes and compares what they give, in one pass over as many hits as there
// may be, and counts them.
func sameHits(t *testing.T, q match.Code, radius int, indexes ...match.Index) int {
	t.Helper()
	want := search(t, indexes[0], q, radius)
	for i, x := range indexes[1:] {
		if got := search(t, x, q, radius); !slices.Equal(want, got) {
			t.Fatalf("%x within %d: index %d gives %d hits, the scan %d", q, radius, i+1, len(got), len(want))
		}
	}
	return len(want)
}

// However many operations an index has seen, it holds memory for the entries it has.
//
//	go test ./match -run TestMemoryOverManyOperations -proof 10000000 -timeout 2h
func TestMemoryOverManyOperations(t *testing.T) {
	const entries, sealAt = 20_000, 1024
	operations := max(*proof, 200_000)
	x := match.NewBandsSealedAt(sealAt)
	r := rand.New(rand.NewPCG(21, 22))
	ring := make([]pair, entries) // the entries that are held: the eldest is taken out
	next, most := uint64(0), uint64(0)
	var first uint64
	for done := 0; done < operations; {
		for range operations / 20 {
			p := &ring[next%entries]
			if next >= entries && !x.Remove(p.id, p.code) {
				t.Fatalf("entry %d was held, but Remove did not let go of it", p.id)
			}
			*p = pair{next, random(r)}
			x.Add(p.id, p.code)
			if next%16 == 0 {
				if hits := search(t, x, p.code, 31); !slices.Contains(hits, match.Hit{ID: next}) {
					t.Fatalf("entry %d is not found", next)
				}
			}
			next++
			done += 2
		}
		if next < 2*entries {
			continue
		}
		match.Settled(x)
		live := liveHeap()
		if first == 0 {
			first = live
		}
		most = max(most, live)
	}
	if most > first+first/2+4<<20 {
		t.Errorf("%d bytes at most, %d at first, with %d entries all the while", most, first, entries)
	}
	if x.Len() != entries {
		t.Errorf("%d entries, want %d", x.Len(), entries)
	}
	t.Logf("%d operations: live heap %d bytes at first, %d at most", operations, first, most)
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC() // the first lets cleanups run
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// One entry that is unfit does not stop an index from being built of the rest: whatever 256 bits are,
// they are a code, and all-zero and all-one ones, of pictures without detail, are
// held and found like any other (facebook/ThreatExchange issue 1609: one bad hash stopped the
// build of the whole index).
func TestOneBadCodeStopsNothing(t *testing.T) {
	held := made("random", 5000)
	var ones match.Code
	for i := range ones {
		ones[i] = 0xff
	}
	bad := []pair{{1 << 63, match.Code{}}, {1<<64 - 1, ones}, {0, match.Code{}}}
	x := built(t, slices.Concat(held[:2500], bad, held[2500:]))
	for _, p := range slices.Concat(bad, held[:50], held[4950:]) {
		if !slices.Contains(search(t, x, p.code, 31), match.Hit{ID: p.id}) {
			t.Errorf("entry %d with code %x is not found", p.id, p.code)
		}
	}
	for _, p := range bad {
		if !x.Remove(p.id, p.code) {
			t.Errorf("entry %d could not be taken out", p.id)
		}
	}
}

// A change of the list makes no reader load or wait for a whole new index
// (facebook/ThreatExchange issue 1813: all workers reload at once): what is added is found by the
// next search, and searches go on, each to its end, while segments are made of what came.
func TestAdditionsNeedNoReload(t *testing.T) {
	base := made("random", 20_000)
	x := built(t, base)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for g := range 4 {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 5))
			for {
				select {
				case <-stop:
					return
				default:
				}
				p := base[r.IntN(len(base))]
				if !slices.Contains(search(t, x, p.code, 31), match.Hit{ID: p.id}) {
					t.Errorf("entry %d is missed while others are added", p.id)
					return
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(6, 6))
	for i := range uint64(40_000) { // more than two segments' worth
		p := pair{1<<40 | i, random(r)}
		x.Add(p.id, p.code)
		if i%500 == 0 && !slices.Contains(search(t, x, p.code, 0), match.Hit{ID: p.id}) {
			t.Errorf("entry %x is not found by the search after its addition", p.id)
		}
	}
	close(stop)
	readers.Wait()
	match.Settled(x)
	if x.Len() != len(base)+40_000 {
		t.Errorf("%d entries, want %d", x.Len(), len(base)+40_000)
	}
}

// A snapshot whose rows are corrupt is refused, and the index built anew from the entries answers
// as before; no damaged row is ever an index error in a search.
func TestDamagedSnapshotIsBuiltAnew(t *testing.T) {
	held := made("clustered", 3000)
	x := built(t, held)
	snapshot := saved(t, x)
	snapshot[len(snapshot)/2] ^= 0x10
	again, err := opened(t, snapshot)
	if err == nil {
		t.Fatal("the damaged snapshot is opened")
	}
	if again != nil {
		t.Fatal("a refused snapshot gives an index")
	}
	again = built(t, held)
	for _, p := range held[:100] {
		sameHits(t, p.code, 31, x, again)
	}
}
