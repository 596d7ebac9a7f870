package match

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"sync"
)

// shuffled is a code with its bits in a fixed random order. Neighbouring bits of a
// PDQ hash are neighbouring frequencies and go together, so bands of neighbours
// would crowd some keys; shuffled bits spread nearly evenly.
type shuffled [4]uint64

func (c *shuffled) distance(o *shuffled) int {
	return bits.OnesCount64(c[0]^o[0]) + bits.OnesCount64(c[1]^o[1]) + bits.OnesCount64(c[2]^o[2]) + bits.OnesCount64(c[3]^o[3])
}

// places tells where each bit of a code goes: for each byte at each place, the bits
// that it sets. The order is drawn once from a fixed seed. Never changed.
var places = sync.OnceValue(func() (t *shuffleTable) {
	t = new(shuffleTable)
	order := rand.New(rand.NewPCG(0x5072, 0x4151)).Perm(256)
	for at, to := range order {
		for v := range 256 {
			if v>>(at%8)&1 == 1 {
				t.set[at/8][v][to/64] |= 1 << (to % 64)
			}
		}
	}
	return t
})

type shuffleTable struct {
	set [32][256]shuffled
}

func shuffle(c Code) shuffled {
	t := places()
	var s shuffled
	for i, v := range c {
		for w, word := range t.set[i][v] {
			s[w] |= word
		}
	}
	return s
}

// compare orders codes by their first differing bit.
func (c *shuffled) compare(o *shuffled) int {
	for i := range c {
		if c[i] != o[i] {
			return cmp.Compare(c[i], o[i])
		}
	}
	return 0
}

func (h half) compare(o half) int {
	return cmp.Or(cmp.Compare(h[0], o[0]), cmp.Compare(h[1], o[1]))
}
