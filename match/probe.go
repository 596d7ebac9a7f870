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
	slots  [4096]uint32
	close  []uint32 // slots whose first half is within the radius
}

type span struct{ start, end uint32 }

// question is what one search of one segment is about.
type question struct {
	ctx    context.Context
	code   shuffled
	radius int
	within []int8
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
func (s *segment) search(ctx context.Context, c *shuffled, radius int, w *work, found func(Hit) bool) (bool, error) {
	q := &question{ctx: ctx, code: *c, radius: radius, found: found}
	if radius > farthest || s.plans[radius].within == nil {
		return s.scan(q)
	}
	for i := range s.bands {
		q.keys[i] = s.bands[i].key(c)
	}
	p := s.plans[radius]
	cost := s.direct(q, p, w)
	if cost > 4*p.cost+10*costOfProbe*1000 || cost > s.scanCost() {
		if p = s.dealAnew(q, w); p.within == nil {
			return s.scan(q)
		}
		if s.direct(q, p, w) > s.scanCost() {
			return s.scan(q)
		}
	}
	from := 0
	for i, to := range w.ends {
		if on, err := s.lookUp(q, i, w.spans[from:to], w); !on || err != nil {
			return on, err
		}
		from = to
	}
	return true, nil
}

// direct looks all keys of a plan up in the directories and tells what the rest will cost.
func (s *segment) direct(q *question, p plan, w *work) float64 {
	q.within = p.within
	if cap(w.spans) < p.probes {
		w.spans = make([]span, p.probes)
	}
	w.ends, w.counts = w.ends[:0], w.counts[:0]
	spans, n, all := w.spans[:cap(w.spans)], 0, 0
	for i, r := range p.within {
		count := 0
		if r >= 0 {
			n, count = s.bands[i].direct(q.keys[i], int(r), spans, n)
		}
		w.ends, w.counts = append(w.ends, n), append(w.counts, count)
		all += count
	}
	w.spans = spans
	return float64(p.probes)*costOfProbe + float64(all)*costOfCandidate
}

// direct writes the spans of all keys within r of one, but for empty ones.
func (b *band) direct(key uint32, r int, spans []span, n int) (after, count int) {
	masks := b.flips.masks[:b.flips.rings[r]]
	for _, m := range masks {
		start, end := b.dir.at(key ^ m)
		spans[n] = span{start, end}
		count += int(end - start)
		if end != start {
			n++
		}
	}
	return n, count
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
	}
	p, ok := deal(all, q.radius, perKey)
	if !ok || p.cost > s.scanCost() {
		return plan{}
	}
	return p
}

// lookUp gathers the slots of one band and looks at their codes, some thousand at
// a time, and tells whether to go on.
func (s *segment) lookUp(q *question, i int, spans []span, w *work) (bool, error) {
	n := 0
	for _, sp := range spans {
		for sp.start < sp.end {
			if n == len(w.slots) {
				if on, err := s.verify(q, i, w.slots[:n], w); !on || err != nil {
					return on, err
				}
				n = 0
			}
			step := min(sp.end-sp.start, uint32(len(w.slots)-n))
			n += s.bands[i].gather(w.slots[n:], sp.start, sp.start+step)
			sp.start += step
		}
	}
	return s.verify(q, i, w.slots[:n], w)
}

func (b *band) gather(to []uint32, start, end uint32) int {
	if b.slots == nil {
		for at := start; at < end; at++ {
			to[at-start] = at
		}
		return int(end - start)
	}
	return copy(to, b.slots[start:end])
}

// verify gives those of a band's slots that are within the radius and to which no
// earlier band has led.
func (s *segment) verify(q *question, i int, slots []uint32, w *work) (bool, error) {
	a, b := q.code[0], q.code[1]
	near := w.close[:0]
	for _, slot := range slots {
		h := &s.first[slot]
		if bits.OnesCount64(h[0]^a)+bits.OnesCount64(h[1]^b) <= q.radius {
			near = append(near, slot)
		}
	}
	w.close = near
	for _, slot := range near {
		c := s.code(int(slot))
		d := c.distance(&q.code)
		if d > q.radius || s.earlier(q, i, &c) {
			continue
		}
		if on, err := s.give(q, int(slot), d); !on || err != nil {
			return on, err
		}
	}
	return true, nil
}

// earlier tells whether a band before this one has led to the same code already.
func (s *segment) earlier(q *question, i int, c *shuffled) bool {
	for j, r := range q.within[:i] {
		if bits.OnesCount32(q.keys[j]^s.bands[j].key(c)) <= int(r) {
			return true
		}
	}
	return false
}

// give hands over all living entries of a code and tells whether to go on.
func (s *segment) give(q *question, code, distance int) (bool, error) {
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
	a, b := q.code[0], q.code[1]
	for start := 0; start < len(s.first); start += blockSize {
		if err := ended(q.ctx, start, len(s.first)); err != nil {
			return false, err
		}
		for i, h := range s.first[start:min(start+blockSize, len(s.first))] {
			if bits.OnesCount64(h[0]^a)+bits.OnesCount64(h[1]^b) > q.radius {
				continue
			}
			c := s.code(start + i)
			if d := c.distance(&q.code); d <= q.radius {
				if on, err := s.give(q, start+i, d); !on || err != nil {
					return on, err
				}
			}
		}
	}
	return true, nil
}
