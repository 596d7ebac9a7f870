package match_test

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suraag/fault"
	"suraag/match"
)

// every index must do the same.
var indexes = map[string]func() match.Index{
	"scan":        match.NewScan,
	"bands":       match.NewBands,
	"small bands": func() match.Index { return match.NewBandsSealedAt(64) }, // many segments, often joined
}

func eachIndex(t *testing.T, test func(t *testing.T, x match.Index)) {
	for name, make := range indexes {
		t.Run(name, func(t *testing.T) { test(t, make()) })
	}
}

type pair struct {
	id   uint64
	code match.Code
}

// naive counts bits one by one: slow, and plainly right.
func naive(held []pair, q match.Code, radius int) []match.Hit {
	var hits []match.Hit
	for _, p := range held {
		d := 0
		for bit := range 256 {
			if (p.code[bit/8]^q[bit/8])>>(bit%8)&1 == 1 {
				d++
			}
		}
		if d <= radius {
			hits = append(hits, match.Hit{ID: p.id, Distance: d})
		}
	}
	return sorted(hits)
}

func sorted(hits []match.Hit) []match.Hit {
	slices.SortFunc(hits, func(a, b match.Hit) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Distance, b.Distance))
	})
	return hits
}

func search(t interface{ Fatal(...any) }, x match.Index, q match.Code, radius int) []match.Hit {
	var hits []match.Hit
	err := x.Search(context.Background(), q, radius, func(h match.Hit) bool {
		hits = append(hits, h)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return sorted(hits)
}

func TestNeedlesInHaystack(t *testing.T) {
	needles, haystack := read(t, "needles.txt"), read(t, "haystack.txt")
	var held []pair
	for i, c := range haystack {
		held = append(held, pair{uint64(i), c})
	}
	eachIndex(t, func(t *testing.T, x match.Index) {
		for _, p := range held {
			x.Add(p.id, p.code)
		}
		hits := 0
		for _, q := range needles {
			for _, radius := range []int{0, 31, 60} {
				want := naive(held, q, radius)
				if diff := gocmp.Diff(want, search(t, x, q, radius)); diff != "" {
					t.Fatalf("%x within %d (-naive +got)\n%s", q, radius, diff)
				}
				hits += len(want)
			}
		}
		if hits == 0 {
			t.Fatal("no needle is in the haystack: nothing was tested")
		}
	})
}

// An index of one entry must find it. The index of the reference once did not
// (facebook/ThreatExchange issue 1318).
func TestOneEntry(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		c := match.Code{0: 0xf8, 31: 0x22}
		x.Add(7, c)
		near := c
		near[3] ^= 0xff
		for radius, want := range map[int][]match.Hit{0: nil, 7: nil, 8: {{ID: 7, Distance: 8}}, 31: {{ID: 7, Distance: 8}}, 256: {{ID: 7, Distance: 8}}} {
			if diff := gocmp.Diff(want, search(t, x, near, radius)); diff != "" {
				t.Errorf("radius %d (-want +got)\n%s", radius, diff)
			}
		}
	})
}

func TestPairsAreHeldOnce(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		a, b := match.Code{1}, match.Code{2}
		x.Add(1, a)
		x.Add(1, a)
		x.Add(1, b)
		x.Add(2, a)
		if x.Len() != 3 {
			t.Errorf("%d entries, want 3", x.Len())
		}
		if diff := gocmp.Diff([]match.Hit{{ID: 1}, {ID: 2}}, search(t, x, a, 0)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRemovedIsNotFound(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		c := match.Code{1, 2, 3}
		x.Add(1, c)
		x.Add(2, c)
		if x.Remove(1, match.Code{}) || x.Remove(3, c) {
			t.Error("removed what was not held")
		}
		if !x.Remove(1, c) || x.Remove(1, c) {
			t.Error("want held at first, then not")
		}
		if diff := gocmp.Diff([]match.Hit{{ID: 2}}, search(t, x, c, 256)); diff != "" {
			t.Error(diff)
		}
		x.Remove(2, c)
		if x.Len() != 0 || len(search(t, x, c, 256)) != 0 {
			t.Error("want nothing left")
		}
	})
}

func TestManyRemoved(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		r := rand.New(rand.NewPCG(3, 4))
		var held []pair
		for i := range 12000 {
			held = append(held, pair{uint64(i), random(r)})
			x.Add(held[i].id, held[i].code)
		}
		for _, p := range held[:11000] {
			if !x.Remove(p.id, p.code) {
				t.Fatalf("%d was not held", p.id)
			}
		}
		held = held[11000:]
		if x.Len() != len(held) {
			t.Errorf("%d entries, want %d", x.Len(), len(held))
		}
		if diff := gocmp.Diff(naive(held, match.Code{}, 256), search(t, x, match.Code{}, 256)); diff != "" {
			t.Errorf("(-naive +got)\n%s", diff)
		}
	})
}

func TestRadiusOutsideIsInvalid(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		for _, radius := range []int{-1, 257} {
			err := x.Search(context.Background(), match.Code{}, radius, func(match.Hit) bool { return true })
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("radius %d: error %v, want kind invalid", radius, err)
			}
		}
	})
}

func TestSearchStops(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		for i := range uint64(5000) {
			x.Add(i, match.Code{})
		}
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		err := x.Search(ctx, match.Code{}, 0, func(match.Hit) bool { calls++; return calls < 3 })
		if err != nil || calls != 3 {
			t.Errorf("found was called %d times (%v), want 3 and no error", calls, err)
		}
		err = x.Search(ctx, match.Code{}, 0, func(match.Hit) bool { cancel(); return true })
		if !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want cancelled, of kind unavailable", err)
		}
	})
}

// TestAnyHistory plays chance additions, removals and questions against a plain list.
func TestAnyHistory(t *testing.T) {
	for name, make := range indexes {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { playHistory(t, make()) })
		})
	}
}

func playHistory(t *rapid.T, x match.Index) {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	centre := random(r)
	var held []pair
	for range rapid.IntRange(1, 600).Draw(t, "steps") {
		p := pair{r.Uint64N(50), flip(r, centre, r.IntN(40))}
		switch r.IntN(4) {
		case 0:
			if len(held) > 0 {
				p = held[r.IntN(len(held))]
			}
			at := slices.Index(held, p)
			if got := x.Remove(p.id, p.code); got != (at >= 0) {
				t.Fatalf("Remove gives %v, held at %d", got, at)
			}
			if at >= 0 {
				held = slices.Delete(held, at, at+1)
			}
		case 1, 2:
			if x.Add(p.id, p.code); !slices.Contains(held, p) {
				held = append(held, p)
			}
		default:
			radius := r.IntN(64) // past 40, where bands give way to a scan
			if diff := gocmp.Diff(naive(held, p.code, radius), search(t, x, p.code, radius)); diff != "" {
				t.Fatalf("within %d (-naive +got)\n%s", radius, diff)
			}
		}
	}
	if x.Len() != len(held) {
		t.Fatalf("%d entries, want %d", x.Len(), len(held))
	}
}

// Entries that stay must be found by every search while others come and go.
func TestSearchWhileAdding(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		stays := match.Code{31: 1}
		for i := range uint64(3000) {
			x.Add(i, random(rand.New(rand.NewPCG(i, 9))))
		}
		x.Add(1_000_000, stays)
		var wg sync.WaitGroup
		for w := range uint64(2) {
			wg.Go(func() {
				for i := range uint64(3000) {
					c := random(rand.New(rand.NewPCG(i, 9)))
					x.Add(10_000*(w+1)+i, c)
					if w == 0 {
						x.Remove(i, c)
					}
				}
			})
			wg.Go(func() {
				for range 100 {
					if hits := search(t, x, stays, 31); !slices.Contains(hits, match.Hit{ID: 1_000_000}) {
						t.Errorf("hits %v lack the entry that stays", hits)
					}
				}
			})
		}
		wg.Wait()
		if x.Len() != 6001 {
			t.Errorf("%d entries, want 6001", x.Len())
		}
	})
}

func TestFoundMayUseTheIndex(t *testing.T) {
	eachIndex(t, func(t *testing.T, x match.Index) {
		x.Add(1, match.Code{})
		err := x.Search(context.Background(), match.Code{}, 0, func(h match.Hit) bool {
			x.Add(h.ID+1, match.Code{})
			return x.Remove(h.ID, match.Code{})
		})
		if err != nil || x.Len() != 1 {
			t.Errorf("%d entries (%v), want 1", x.Len(), err)
		}
	})
}

func TestDistance(t *testing.T) {
	if d := match.Distance(match.Code{0: 0xff}, match.Code{31: 0x0f}); d != 12 {
		t.Errorf("distance %d, want 12", d)
	}
}

func random(r *rand.Rand) (c match.Code) {
	for i := range c {
		c[i] = byte(r.Uint32())
	}
	return c
}

func flip(r *rand.Rand, c match.Code, n int) match.Code {
	for range n {
		bit := r.IntN(256)
		c[bit/8] ^= 1 << (bit % 8)
	}
	return c
}

func read(t *testing.T, name string) []match.Code {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var codes []match.Code
	for _, line := range strings.Fields(string(text)) {
		raw, err := hex.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, match.Code(raw))
	}
	if len(codes) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return codes
}
