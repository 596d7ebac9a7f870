package network

import (
	"cmp"
	"net/netip"
	"slices"

	"suraag/fault"
)

// MaxRanges bounds a data set. The largest public list seen has some 650,000
// ranges. A range takes 168 bytes, strings aside, and is held twice while it is
// flattened: two million take 700 MiB.
const MaxRanges = 2_000_000

// Flatten turns ranges that overlap into ranges that do not, in order of their
// first address: at every address the most specific (smallest) range wins, of
// equal ones the last in the file. An overlap was seen in a published list of
// autonomous systems; a plain binary search over it answers wrongly.
//
// Rows that carry times (Tor sightings, the moments of lists) hide nothing and
// are all kept. Where they overlap others, all are cut at each other's ends, so
// that any two rows given back are of equal extent or apart, whatever came in:
// the rows with the greatest first address at or before an address are the only
// ones that can cover it. Of rows of equal extent the most specific comes last.
// The slice given is used up. It works in memory, with room for a second slice
// like the first, and more only where ranges with times overlap.
func Flatten(ranges []Range) ([]Range, error) {
	if len(ranges) > MaxRanges {
		return nil, fault.Newf(fault.TooLarge, "data set has %d ranges, more than %d", len(ranges), MaxRanges)
	}
	plain := ranges[:0] // never runs ahead of what is still to be looked at
	var timed []Range
	for n, r := range ranges {
		if !r.First.IsValid() || r.First.BitLen() != r.Last.BitLen() || r.Last.Less(r.First) {
			return nil, fault.Newf(fault.Invalid, "range %d runs from %q to %q", n+1, r.First, r.Last)
		}
		if r.From.IsZero() && r.Until.IsZero() {
			plain = append(plain, r)
		} else {
			timed = append(timed, r)
		}
	}
	// By first address, the larger first, so that a range comes after those that
	// hold it; the sort is stable, so the later of two equals comes later.
	slices.SortStableFunc(plain, func(a, b Range) int {
		return cmp.Or(a.First.Compare(b.First), b.Last.Compare(a.Last))
	})
	s := sweep{out: make([]Range, 0, len(plain))}
	for _, r := range plain {
		s.add(r)
	}
	s.close(netip.Addr{})
	if len(timed) == 0 {
		return s.out, nil
	}
	return cut(append(s.out, timed...))
}

// cut divides ranges at each other's ends.
func cut(ranges []Range) ([]Range, error) {
	slices.SortStableFunc(ranges, func(a, b Range) int {
		return cmp.Or(a.First.Compare(b.First), compareSize(b, a))
	})
	starts := make([]netip.Addr, 0, 2*len(ranges)) // where some range begins or has just ended
	for _, r := range ranges {
		starts = append(starts, r.First)
		if next := r.Last.Next(); next.IsValid() {
			starts = append(starts, next)
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	type piece struct {
		Range
		whole Range
	}
	var pieces []piece
	for _, r := range ranges {
		at, _ := slices.BinarySearchFunc(starts, r.First, netip.Addr.Compare)
		for ; at < len(starts) && r.Covers(starts[at]); at++ {
			p := piece{r, r}
			p.First = starts[at]
			if at+1 < len(starts) && r.Covers(starts[at+1]) {
				p.Last = starts[at+1].Prev()
			}
			if pieces = append(pieces, p); len(pieces) > MaxRanges {
				return nil, fault.Newf(fault.TooLarge, "ranges with times overlap so much that more than %d pieces are left", MaxRanges)
			}
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(a.First.Compare(b.First), compareSize(b.whole, a.whole))
	})
	out := make([]Range, len(pieces))
	for n, p := range pieces {
		out[n] = p.Range
	}
	return out, nil
}

// sweep walks the ranges by first address. open holds the ranges that reach the
// current address, the most specific last; next is the first address of which
// nothing has been said yet.
type sweep struct {
	open []Range
	next netip.Addr
	out  []Range
}

func (s *sweep) add(r Range) {
	s.close(r.First)
	at := len(s.open)
	for at > 0 && smaller(s.open[at-1], r) {
		at--
	}
	if at == len(s.open) { // from here on r is the most specific
		s.emit(r.First.Prev())
		s.next = r.First
	}
	s.open = slices.Insert(s.open, at, r)
}

// close ends the open ranges that do not reach the limit; an invalid limit ends
// all.
func (s *sweep) close(limit netip.Addr) {
	for len(s.open) > 0 {
		top := s.open[len(s.open)-1]
		if limit.IsValid() && top.Last.BitLen() == limit.BitLen() && !top.Last.Less(limit) {
			// A wider range below the top ends later or is hidden; it is looked at
			// when the top has ended.
			return
		}
		s.emit(top.Last)
		s.open = slices.DeleteFunc(s.open, func(o Range) bool { return !s.next.IsValid() || o.Last.Less(s.next) })
	}
}

// emit says what holds from next up to the given last address.
func (s *sweep) emit(last netip.Addr) {
	if len(s.open) == 0 || !s.next.IsValid() || !last.IsValid() || last.Less(s.next) || last.BitLen() != s.next.BitLen() {
		return
	}
	top := s.open[len(s.open)-1]
	top.First, top.Last = s.next, last
	s.next = last.Next()
	s.out = append(s.out, top)
}

// smaller tells whether a holds fewer addresses than b.
func smaller(a, b Range) bool {
	return compareSize(a, b) < 0
}

func compareSize(a, b Range) int {
	x, y := size(a), size(b)
	return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
}

// size is the number of addresses less one, as two halves of 128 bits.
func size(r Range) [2]uint64 {
	first, last := halves(r.First), halves(r.Last)
	low := last[1] - first[1]
	high := last[0] - first[0]
	if last[1] < first[1] {
		high--
	}
	return [2]uint64{high, low}
}

func halves(a netip.Addr) [2]uint64 {
	b := a.As16()
	var h [2]uint64
	for n := range 8 {
		h[0] = h[0]<<8 | uint64(b[n])
		h[1] = h[1]<<8 | uint64(b[n+8])
	}
	return h
}
