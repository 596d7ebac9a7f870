package match_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suraag/fault"
	"suraag/match"
)

// kinds of codes, each with a way to make the next one. All but the first are unkind to
// an index that hopes for even spread.
var kinds = map[string]func(r *rand.Rand) func() match.Code{
	"random": func(r *rand.Rand) func() match.Code {
		return func() match.Code { return random(r) }
	},
	"clustered": func(r *rand.Rand) func() match.Code {
		centre := random(r)
		return func() match.Code {
			if r.IntN(20) == 0 {
				centre = random(r)
			}
			return flip(r, centre, r.IntN(40))
		}
	},
	"few bits set": func(r *rand.Rand) func() match.Code {
		return func() match.Code { return flip(r, match.Code{}, 30) }
	},
	"half shared": func(r *rand.Rand) func() match.Code {
		shared := random(r)
		return func() match.Code {
			c := random(r)
			copy(c[:16], shared[:16])
			return c
		}
	},
	"one crowd": func(r *rand.Rand) func() match.Code {
		centre := random(r)
		return func() match.Code { return flip(r, centre, r.IntN(12)) }
	},
	"all equal": func(r *rand.Rand) func() match.Code {
		c := random(r)
		return func() match.Code { return c }
	},
}

func made(kind string, n int) []pair {
	r := rand.New(rand.NewPCG(uint64(n), uint64(len(kind))))
	next := kinds[kind](r)
	held := make([]pair, n)
	for i := range held {
		held[i] = pair{r.Uint64N(uint64(n)), next()} // some numbers twice, some pairs too
	}
	return held
}

func built(t interface{ Fatal(...any) }, held []pair) match.Index {
	x, err := match.Build(context.Background(), len(held), func(i int) (uint64, match.Code) { return held[i].id, held[i].code })
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Whatever the codes and the radius, a built index answers as a plain scan does.
func TestBuiltAnswersAsScan(t *testing.T) {
	for kind := range kinds {
		for _, n := range []int{1, 3000, 30_000} {
			t.Run(kind, func(t *testing.T) {
				held := made(kind, n)
				plain, x := match.NewScan(), built(t, held)
				for _, p := range held {
					plain.Add(p.id, p.code)
				}
				r := rand.New(rand.NewPCG(7, 7))
				for radius := range 41 {
					sameAnswers(t, plain, x, flip(r, held[r.IntN(n)].code, r.IntN(60)), radius)
				}
				sameAnswers(t, plain, x, held[0].code, 80)
			})
		}
	}
}

// Candidates beyond what is gathered at once are looked at too.
func TestManyCandidates(t *testing.T) {
	const n = 390_000 // as many as 16 bands serve, so that keys are shared by six
	r := rand.New(rand.NewPCG(8, 8))
	held := make([]pair, n)
	for i := range held {
		held[i] = pair{uint64(i), random(r)}
	}
	x := built(t, held)
	for radius := 30; radius <= 40; radius++ {
		for range 20 {
			p := held[r.IntN(n)]
			q := p.code
			for _, bit := range r.Perm(256)[:radius] {
				q[bit/8] ^= 1 << (bit % 8)
			}
			if diff := gocmp.Diff([]match.Hit{{ID: p.id, Distance: radius}}, search(t, x, q, radius)); diff != "" {
				t.Fatalf("within %d (-want +got)\n%s", radius, diff)
			}
		}
	}
}

func sameAnswers(t *testing.T, plain, x match.Index, q match.Code, radius int) {
	t.Helper()
	if diff := gocmp.Diff(search(t, plain, q, radius), search(t, x, q, radius)); diff != "" {
		t.Fatalf("%x within %d (-scan +got)\n%s", q, radius, diff)
	}
	if plain.Len() != x.Len() {
		t.Fatalf("%d entries, want %d", x.Len(), plain.Len())
	}
}

// A built index goes on to take and let go of entries.
func TestBuiltGoesOn(t *testing.T) {
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				held := made(kind, rapid.IntRange(0, 40).Draw(rt, "n"))
				plain, x := match.NewScan(), built(rt, held)
				for _, p := range held {
					plain.Add(p.id, p.code)
				}
				for i, p := range append(held, made(kind, 10)...) {
					if i%3 == 0 {
						plain.Add(p.id+1, p.code)
						x.Add(p.id+1, p.code)
					} else if was, is := plain.Remove(p.id, p.code), x.Remove(p.id, p.code); was != is {
						rt.Fatalf("Remove gives %v, want %v", is, was)
					}
					radius := rapid.IntRange(0, 40).Draw(rt, "radius")
					sameAnswers(t, plain, x, p.code, radius)
				}
			})
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	one := func(int) (uint64, match.Code) { return 1, match.Code{} }
	if _, err := match.Build(t.Context(), -1, one); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v, want invalid", err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	fickle := func(int) (uint64, match.Code) { return 1, random(r) }
	if _, err := match.Build(t.Context(), 100_000, fickle); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v, want invalid", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := match.Build(ctx, 10, one); !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled, of kind unavailable", err)
	}
}
