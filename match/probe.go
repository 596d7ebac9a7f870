package match

import (
	"context"
	"math/bits"
)

// work is what one search needs to write on. It is used again by later ones.
type work struct {
	spans  []span // of slots to look at, band by band
	ends   []int  // by band: where its spans end
	counts []int  // by band: how many slots they hold
	slots  [chunk + 4]uint32
	upTo   [32]int       // by band: where its slots end
	far    [chunk]uint8  // by slot: how far the first half of its code is
	near   [chunk]uint32 // which slots' codes have a first half within the radius
}

// chunk is how many slots are gathered before their codes are looked at.
const chunk = 4096

type span struct{ start, end uint32 }

// question is what one search of one segment is about.
type question struct {
	ctx    context.Context
	code   shuffled
	radius int
	within []int8
	had    []int8 // what the first bands were looked up within already; see searchMany
	keys   [32]uint32
	found  func(Hit) bool
}

// search gives the living entries within the radius and tells whether to go on.
//
// It has three phases, each a loop of reads that do not wait for one another:
// the directories tell how much there is to look at, the slots are gathered, and the
// first halves of their codes are compared; of unrelated codes one in 10⁸ passes that.
// If there is more to look at than a scan would cost, which skewed or hostile
// codes can bring about, the plan is dealt anew without the crowded bands; if that
// does not help, the segment is scanned.
func (s *segment) search(q *question, w *work) (bool, error) {
	p, ok := s.planFor(q.radius)
	if !ok {
		return s.scan(q)
	}
	s.cut(q)
	if count := s.direct(q, p, w); p.costs(count, costOfCandidate) > s.dear(p) {
		if p = s.dealAnew(q, w); p.within == nil {
			return s.scan(q)
		}
		if p.costs(s.direct(q, p, w), costOfCrowded) > s.scanCost() {
			return s.scan(q)
		}
	}
	return s.lookUp(q, w)
}

// planFor gives the plan for evenly spread codes, if there is one better than a scan.
func (s *segment) planFor(radius int) (plan, bool) {
	if radius > farthest || s.plans[radius].within == nil {
		return plan{}, false
	}
	return s.plans[radius], true
}

// cut makes the keys of a question.
func (s *segment) cut(q *question) {
	for i := range s.bands {
		q.keys[i] = s.bands[i].key(&q.code)
	}
}

// dear is the cost of a plan from which on it pays to look for another.
func (s *segment) dear(p plan) float64 { return min(4*p.cost+120_000, s.scanCost()) }

// direct looks all keys of a plan up in the directories and counts their slots.
func (s *segment) direct(q *question, p plan, w *work) (count int) {
	q.within = p.within
	spans, n, all := w.room(p), 0, 0
	for i, r := range p.within {
		count := 0
		if r >= 0 {
			n, count = s.bands[i].direct(q.keys[i], int(r), spans, n)
		}
		w.ends, w.counts = append(w.ends, n), append(w.counts, count)
		all += count
	}
	return all
}

// room makes w fit for a plan.
func (w *work) room(p plan) []span {
	if len(w.spans) < p.probes {
		w.spans = make([]span, p.probes)
	}
	w.ends, w.counts = w.ends[:0], w.counts[:0]
	return w.spans
}

// direct writes the spans of all keys within r of one, but for empty ones, behind the
// n there are.
//
// Where a span is written must not depend on what was read for those before it: a processor
// that does not know where a write goes may hold all later reads back, and these are
// to go on side by side. So every span is written in its turn, and then they are moved
// together, by sums instead of branches, which would be gambles.
func (b *band) direct(key uint32, r int, spans []span, n int) (after, count int) {
	base, off := b.dir.base, b.dir.off
	masks := b.flips.masks[:b.flips.rings[r]]
	spans = spans[n : n+len(masks)]
	for i, m := range masks {
		k := key ^ m
		g, next := k/crowd, k+1
		first := base[g]
		start, end := first+uint32(off[k]), base[next/crowd]+uint32(off[next])
		if base[g+1]-first > 255 {
			start, end = b.dir.crowded(k)
		}
		spans[i] = span{start, end}
	}
	full := 0
	for _, sp := range spans {
		spans[full] = sp
		count += int(sp.end - sp.start)
		full += int((uint64(sp.start) - uint64(sp.end)) >> 63)
	}
	return n + full, count
}

// dealAnew makes a plan from what the directories have shown: what a key of
// each band holds near this question, or what even spread would give it if more.
func (s *segment) dealAnew(q *question, w *work) plan {
	all, perKey := make([]*flips, len(s.bands)), make([]float64, len(s.bands))
	for i := range s.bands {
		b := &s.bands[i]
		all[i] = b.flips
		perKey[i] = float64(len(s.first)) / float64(int(1)<<b.width)
		if r := q.within[i]; r >= 0 {
			perKey[i] = max(perKey[i], float64(w.counts[i])/float64(b.flips.rings[r]))
		}
		perKey[i] *= float64(costOfCrowded) / costOfCandidate
	}
	p, ok := deal(all, q.radius, perKey)
	if !ok || p.cost > s.scanCost() {
		return plan{}
	}
	return p
}

// lookUp gathers the slots of all spans and looks at their codes, some thousand at a
// time, and tells whether to go on.
func (s *segment) lookUp(q *question, w *work) (bool, error) {
	n, from := 0, 0
	for i, to := range w.ends {
		b := &s.bands[i]
		for _, sp := range w.spans[from:to] {
			for chunk-n < int(sp.end-sp.start) {
				part := span{sp.start, sp.start + uint32(chunk-n)}
				n += b.gather(w.slots[n:], part)
				sp.start, w.upTo[i] = part.end, n
				if on, err := s.verify(q, w, n); !on || err != nil {
					return on, err
				}
				clear(w.upTo[:])
				n = 0
			}
			n += b.gather(w.slots[n:], sp)
		}
		w.upTo[i], from = n, to
	}
	return s.verify(q, w, n)
}

// gather copies the slots of a span to the front of a list. Most spans are short, and four
// slots are copied as fast as one, so both lists have room for four more.
func (b *band) gather(to []uint32, sp span) int {
	n := int(sp.end - sp.start)
	switch {
	case b.slots == nil:
		for i := range n {
			to[i] = sp.start + uint32(i)
		}
	case n <= 4:
		*(*[4]uint32)(to) = *(*[4]uint32)(b.slots[sp.start:])
	default:
		copy(to, b.slots[sp.start:sp.end])
	}
	return n
}

// verify gives those of the first n gathered slots that are within the radius and to
// which no earlier band has led.
func (s *segment) verify(q *question, w *work, n int) (bool, error) {
	a, b := q.code[0], q.code[1]
	for i, slot := range w.slots[:n] { // two steps, as in band.direct
		h := &s.first[slot]
		w.far[i&(chunk-1)] = uint8(bits.OnesCount64(h[0]^a) + bits.OnesCount64(h[1]^b))
	}
	near := 0
	for i, d := range w.far[:n] {
		w.near[near&(chunk-1)] = uint32(i)
		near += atMost(int(d), q.radius)
	}
	i := 0
	for _, at := range w.near[:near] {
		for int(at) >= w.upTo[i] {
			i++
		}
		slot := int(w.slots[at])
		d := s.distance(slot, &q.code)
		if d > q.radius || s.earlier(q, q.within[:i], slot) {
			continue
		}
		if on, err := s.give(q, slot, d); !on || err != nil {
			return on, err
		}
	}
	return true, ended(q.ctx, 0, len(s.ids))
}

// earlier tells whether one of the first bands, looked up within these, leads to a code.
func (s *segment) earlier(q *question, within []int8, slot int) bool {
	c := s.code(slot)
	for j, r := range within {
		if bits.OnesCount32(q.keys[j]^s.bands[j].key(&c)) <= int(r) {
			return true
		}
	}
	return false
}

// give hands over all living entries of a code and tells whether to go on.
func (s *segment) give(q *question, code, distance int) (bool, error) {
	if len(q.had) > 0 && s.earlier(q, q.had, code) {
		return true, nil
	}
	from, to := s.entriesOf(code)
	for at := from; at < to; at++ {
		if (at-from)%blockSize == blockSize-1 {
			if err := ended(q.ctx, at, len(s.ids)); err != nil {
				return false, err
			}
		}
		if s.lives(at) && !q.found(Hit{s.ids[at], distance}) {
			return false, nil
		}
	}
	return true, nil
}

// scan looks at every code in turn.
func (s *segment) scan(q *question) (bool, error) {
	var far [blockSize]uint8
	var near [blockSize]uint32
	a, b := q.code[0], q.code[1]
	for start := 0; start < len(s.first); start += blockSize {
		if err := ended(q.ctx, start, len(s.first)); err != nil {
			return false, err
		}
		block := s.first[start:min(start+blockSize, len(s.first))]
		for i := range block {
			far[i&(blockSize-1)] = uint8(bits.OnesCount64(block[i][0]^a) + bits.OnesCount64(block[i][1]^b))
		}
		n := 0
		for i, d := range far[:len(block)] {
			near[n&(blockSize-1)] = uint32(start + i)
			n += atMost(int(d), q.radius)
		}
		for _, slot := range near[:n] {
			if d := s.distance(int(slot), &q.code); d <= q.radius {
				if on, err := s.give(q, int(slot), d); !on || err != nil {
					return on, err
				}
			}
		}
	}
	return true, nil
}

// atMost is 1 if d is at most radius, else 0: the sign of a difference, since the
// compiler makes a branch of any if.
func atMost(d, radius int) int { return int(uint64(d-radius-1) >> 63) }
