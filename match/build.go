package match

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"sort"

	"suraag/fault"
)

// Build makes an index like NewBands's that holds n entries from the start, much
// faster than adding them one by one. It asks for each entry twice, in order, so as to
// need no second copy of them; at must answer alike both times. Where it is seen not
// to, the error is of kind fault.Invalid, as it is for more than 2³²-1 entries. If ctx
// ends first the error is of kind fault.Unavailable.
func Build(ctx context.Context, n int, at func(i int) (id uint64, c Code)) (Index, error) {
	if n < 0 || uint64(n) >= 1<<32 {
		return nil, fault.Newf(fault.Invalid, "index of %d entries: it holds 0 to 2³²-1", n)
	}
	x := newBands(tailLength)
	if n == 0 {
		return x, nil
	}
	s, err := buildSegment(n, at, func() error {
		if cause := context.Cause(ctx); cause != nil {
			return fault.Newf(fault.Unavailable, "building an index of %d entries stopped: %w", n, cause)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	x.now.Store(&layers{segments: []*segment{s}, tails: []*scan{newScan()}})
	return x, nil
}

// stop gives an error when work is to end early.
type stop func() error

func never() error { return nil }

// buildSegment puts entries in the order of their shuffled codes: first into some
// hundred heaps by their leading bits, so that each heap fits a near cache, then heap by heap.
func buildSegment(n int, at func(i int) (uint64, Code), stop stop) (*segment, error) {
	leading := min(max(bits.Len(uint(n))-12, 0), 11)
	place := make([]uint32, 1<<leading+1)
	for i := range n {
		if i%blockSize == 0 {
			if err := stop(); err != nil {
				return nil, err
			}
		}
		_, code := at(i)
		place[leadingBits(&code, leading)+1]++
	}
	for k := range 1 << leading {
		place[k+1] += place[k]
	}
	s := newBare(n)
	if err := s.scatter(leading, place, at, stop); err != nil {
		return nil, err
	}
	start := uint32(0) // scatter has moved each place to its end
	var scratch heapScratch
	for _, end := range place[:1<<leading] {
		if err := stop(); err != nil {
			return nil, err
		}
		s.orderHeap(int(start), int(end), leading, &scratch)
		start = end
	}
	if err := s.finish(stop); err != nil {
		return nil, err
	}
	return s, nil
}

// leadingBits gives the first bits of a code once shuffled.
func leadingBits(c *Code, leading int) uint64 {
	t := places()
	var first uint64
	for i, v := range c {
		first |= t.set[i][v][0]
	}
	return first >> (64 - leading)
}

// scatter puts each entry behind those with the same leading bits.
func (s *segment) scatter(leading int, place []uint32, at func(i int) (uint64, Code), stop stop) error {
	limit := slices.Clone(place[1:])
	for i := range s.ids {
		if i%blockSize == 0 {
			if err := stop(); err != nil {
				return err
			}
		}
		id, code := at(i)
		c := shuffle(code)
		k := c[0] >> (64 - leading)
		if place[k] == limit[k] {
			return fault.Newf(fault.Invalid, "entry %d of %d: its code %x was another when it was first asked for, or an earlier one's was", i, len(s.ids), code)
		}
		s.set(int(place[k]), id, &c)
		place[k]++
	}
	return nil
}

// heapScratch is where a heap is copied while it is sorted.
type heapScratch struct {
	first, second []half
	ids           []uint64
	place         []uint32
}

// orderHeap sorts the entries from start to end, whose codes share their leading bits,
// by the bits that follow those and then each few that share these too.
func (s *segment) orderHeap(start, end, leading int, t *heapScratch) {
	const most = 1 << 17 // more only come together where codes are skewed
	if end-start > most {
		s.order(start, end)
		return
	}
	more := max(bits.Len(uint(end-start))-1, 1)
	t.place = append(t.place[:0], make([]uint32, 1<<more+1)...)
	key := func(h *half) uint64 { return h[0] << leading >> (64 - more) }
	for i := range s.first[start:end] {
		t.place[key(&s.first[start+i])+1]++
	}
	for k := range 1 << more {
		t.place[k+1] += t.place[k]
	}
	t.first = append(t.first[:0], s.first[start:end]...)
	t.second = append(t.second[:0], s.second[start:end]...)
	t.ids = append(t.ids[:0], s.ids[start:end]...)
	for i := range t.first {
		p := &t.place[key(&t.first[i])]
		to := start + int(*p)
		s.first[to], s.second[to], s.ids[to] = t.first[i], t.second[i], t.ids[i]
		*p++
	}
	from := start
	for _, to := range t.place[:1<<more] {
		s.order(from, start+int(to))
		from = start + int(to)
	}
}

// order sorts the entries from start to end by code and number.
func (s *segment) order(start, end int) {
	const few = 16
	if end-start > few {
		sort.Sort(&stretch{s, start, end - start})
		return
	}
	for i := start + 1; i < end; i++ {
		first, second, id := s.first[i], s.second[i], s.ids[i]
		j := i
		for ; j > start && s.after(j-1, first, second, id); j-- {
			s.first[j], s.second[j], s.ids[j] = s.first[j-1], s.second[j-1], s.ids[j-1]
		}
		if j < i {
			s.first[j], s.second[j], s.ids[j] = first, second, id
		}
	}
}

// after tells whether entry i comes after one of the given code and number.
func (s *segment) after(i int, first, second half, id uint64) bool {
	if s.first[i][0] != first[0] { // as a rule this decides
		return s.first[i][0] > first[0]
	}
	return cmp.Or(cmp.Compare(s.first[i][1], first[1]), s.second[i].compare(second), cmp.Compare(s.ids[i], id)) > 0
}

// stretch is a part of a segment that is being sorted.
type stretch struct {
	s        *segment
	start, n int
}

func (t *stretch) Len() int { return t.n }

func (t *stretch) Less(i, j int) bool {
	i += t.start
	return t.s.after(t.start+j, t.s.first[i], t.s.second[i], t.s.ids[i])
}

func (t *stretch) Swap(i, j int) {
	s := t.s
	i, j = t.start+i, t.start+j
	s.first[i], s.first[j] = s.first[j], s.first[i]
	s.second[i], s.second[j] = s.second[j], s.second[i]
	s.ids[i], s.ids[j] = s.ids[j], s.ids[i]
}
