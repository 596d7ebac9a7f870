package match

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"sync/atomic"
)

// segment is a fixed set of entries, ordered by their shuffled codes, with a directory
// for each band. Its parts do not change, but for the marks on removed entries.
//
// Codes that are equal are kept once: a list may hold one code a million times
// over, under as many numbers, and a question still looks at it once.
type segment struct {
	first, second []half   // the halves of each code, in ascending order
	ids           []uint64 // by entry: code by code, ascending for each
	runs          runs     // which entries belong to a code

	bands []band
	plans []plan // by radius, for codes that are spread evenly

	dead []atomic.Uint64 // a bit for each entry that was removed
	gone atomic.Int64    // how many

	kept *mapping // what its parts lie in, if in a file
}

func (s *segment) code(i int) shuffled {
	return shuffled{s.first[i][0], s.first[i][1], s.second[i][0], s.second[i][1]}
}

func (s *segment) distance(i int, c *shuffled) int {
	a, b := &s.first[i], &s.second[i]
	return bits.OnesCount64(a[0]^c[0]) + bits.OnesCount64(a[1]^c[1]) + bits.OnesCount64(b[0]^c[2]) + bits.OnesCount64(b[1]^c[3])
}

func (s *segment) set(i int, id uint64, c *shuffled) {
	s.first[i], s.second[i], s.ids[i] = half{c[0], c[1]}, half{c[2], c[3]}, id
}

// newBare makes room for n entries.
func newBare(n int) *segment {
	return &segment{first: hugeWords[half](n), second: hugeWords[half](n), ids: hugeWords[uint64](n)}
}

// finish takes a segment whose entries lie in order and makes all that is looked
// up. Pairs held twice are dropped. It gives up as soon as stop gives an error.
func (s *segment) finish(stop stop) error {
	s.dropTwins()
	s.dead = make([]atomic.Uint64, (len(s.ids)+63)/64)
	from := 0
	known := map[int]*flips{}
	scratch := &bandScratch{low: hugeWords[uint32](len(s.first))}
	widths := widthsFor(len(s.first))
	in := newSlab(roomForBands(widths, len(s.first)))
	for _, w := range widths {
		if err := stop(); err != nil {
			return err
		}
		if known[w] == nil {
			known[w] = newFlips(w)
		}
		s.bands = append(s.bands, s.newBand(from, w, known[w], in, scratch))
		from += w
	}
	for _, b := range [][]byte{asBytes(s.first), asBytes(s.second), asBytes(in.all)} {
		collapse(b)
	}
	s.makePlans()
	return nil
}

// makePlans deals every radius out for evenly spread codes. A plan without bands
// stands for a scan.
func (s *segment) makePlans() {
	var all []*flips
	var perKey []float64
	for _, b := range s.bands {
		all = append(all, b.flips)
		perKey = append(perKey, float64(len(s.first))/float64(int(1)<<b.width))
	}
	s.plans = make([]plan, farthest+1)
	for radius := range s.plans {
		p, ok := deal(all, radius, perKey)
		if ok && p.cost < s.scanCost() {
			s.plans[radius] = p
		}
	}
}

func (s *segment) scanCost() float64 { return costOfScan * float64(len(s.first)) }

// dropTwins leaves each pair once and each code once.
func (s *segment) dropTwins() {
	codes, entries := 0, 0
	starts := make([]uint64, (len(s.ids)+63)/64)
	for i, id := range s.ids {
		same := codes > 0 && s.first[i] == s.first[codes-1] && s.second[i] == s.second[codes-1]
		if same && s.ids[entries-1] == id {
			continue
		}
		if !same {
			s.first[codes], s.second[codes] = s.first[i], s.second[i]
			codes++
			starts[entries/64] |= 1 << (entries % 64)
		}
		s.ids[entries] = id
		entries++
	}
	s.first, s.second, s.ids = fit(s.first, codes), fit(s.second, codes), fit(s.ids, entries)
	if codes < entries {
		s.runs = newRuns(starts[:(entries+63)/64])
	}
}

// fit shortens a list and lets go of the room if much is left.
func fit[T uint64 | half](list []T, n int) []T {
	if len(list)-n < len(list)/16 {
		return list[:n]
	}
	short := hugeWords[T](n)
	copy(short, list)
	return short
}

// find looks for one living entry.
func (s *segment) find(id uint64, c *shuffled) (at int, held bool) {
	start, end := s.bands[0].dir.at(s.bands[0].key(c))
	i := int(start) + sort.Search(int(end-start), func(i int) bool {
		o := s.code(int(start) + i)
		return o.compare(c) >= 0
	})
	if i == int(end) || s.code(i) != *c {
		return 0, false
	}
	from, to := s.entriesOf(i)
	at, held = slices.BinarySearchFunc(s.ids[from:to], id, cmp.Compare[uint64])
	return from + at, held && s.lives(from+at)
}

// entriesOf gives where a code's entries begin and end.
func (s *segment) entriesOf(code int) (from, to int) {
	if s.runs.starts == nil {
		return code, code + 1
	}
	return s.runs.at(code, len(s.ids))
}

func (s *segment) lives(at int) bool { return s.dead[at/64].Load()>>(at%64)&1 == 0 }

// bury marks an entry as removed. Only one goroutine may write at a time.
func (s *segment) bury(at int) {
	word := &s.dead[at/64]
	word.Store(word.Load() | 1<<(at%64))
	s.gone.Add(1)
}

func (s *segment) alive() int { return len(s.ids) - int(s.gone.Load()) }
