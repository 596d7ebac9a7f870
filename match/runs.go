package match

import (
	"math/bits"
	"sort"
)

// runs tells which entries belong to which code where some codes have several. It is a
// bit for each entry, set where a code begins, and a count for every 512.
type runs struct {
	starts []uint64
	before []uint32 // by 512 entries: how many codes begin before
}

const wordsPerCount = 8

func newRuns(starts []uint64) runs {
	r := runs{starts: starts}
	n := 0
	for i, word := range starts {
		if i%wordsPerCount == 0 {
			r.before = append(r.before, uint32(n))
		}
		n += bits.OnesCount64(word)
	}
	return r
}

// at gives where a code's entries begin and end, of as many as there are.
func (r *runs) at(code, entries int) (from, to int) {
	block := sort.Search(len(r.before), func(i int) bool { return int(r.before[i]) > code }) - 1
	left := code - int(r.before[block])
	w := block * wordsPerCount
	for ; bits.OnesCount64(r.starts[w]) <= left; w++ {
		left -= bits.OnesCount64(r.starts[w])
	}
	word := r.starts[w]
	for range left {
		word &= word - 1
	}
	from = w*64 + bits.TrailingZeros64(word)
	word &= word - 1
	for word == 0 {
		if w++; w == len(r.starts) {
			return from, entries
		}
		word = r.starts[w]
	}
	return from, w*64 + bits.TrailingZeros64(word)
}
