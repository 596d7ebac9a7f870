package match

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Batch searches an index for many codes at once, on all processors, in less time for
// each than alone. It gives each hit with the place of its question in the list, in no
// promised order, and never two at a time, until found returns false. Otherwise it
// is as Index.Search.
func Batch(ctx context.Context, x Index, questions []Code, radius int, found func(question int, h Hit) bool) error {
	if err := checkRadius(radius); err != nil {
		return err
	}
	workers := min(runtime.GOMAXPROCS(0), len(questions))
	b := &batch{x: x, questions: questions, radius: radius, found: found}
	b.group = min(4096, (len(questions)+workers)/max(workers, 1))
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { b.answer(ctx) })
	}
	wg.Wait()
	return b.err
}

// batch is many questions, taken group by group by several goroutines.
type batch struct {
	x         Index
	questions []Code
	radius    int
	group     int
	next      atomic.Int64
	stopped   atomic.Bool

	mu    sync.Mutex // guards the rest, and the calls of found
	found func(int, Hit) bool
	err   error // the first
}

// hits are kept back for a while, so that no goroutine waits for another as it searches.
type hits struct {
	of   *batch
	list []struct {
		question int
		hit      Hit
	}
}

// add keeps a hit and tells whether to go on.
func (h *hits) add(question int, hit Hit) bool {
	const many = 1 << 12
	h.list = append(h.list, struct {
		question int
		hit      Hit
	}{question, hit})
	if len(h.list) == many {
		h.hand()
	}
	return !h.of.stopped.Load()
}

// hand gives the kept hits to found.
func (h *hits) hand() {
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	for _, e := range h.list {
		if h.of.stopped.Load() {
			break
		}
		if !h.of.found(e.question, e.hit) {
			h.of.stopped.Store(true)
		}
	}
	h.list = h.list[:0]
}

func (b *batch) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil && !b.stopped.Swap(true) {
		b.err = err
	}
}

// answer takes groups of questions until there are no more.
func (b *batch) answer(ctx context.Context) {
	h := &hits{of: b}
	for !b.stopped.Load() {
		from := int(b.next.Add(int64(b.group))) - b.group
		if from >= len(b.questions) {
			return
		}
		to := min(from+b.group, len(b.questions))
		var err error
		if x, ok := b.x.(*bands); ok {
			err = x.searchMany(ctx, b.questions[from:to], b.radius, func(i int, hit Hit) bool { return h.add(from+i, hit) })
		} else {
			for i := from; i < to && err == nil && !b.stopped.Load(); i++ {
				err = b.x.Search(ctx, b.questions[i], b.radius, func(hit Hit) bool { return h.add(i, hit) })
			}
		}
		h.hand()
		b.fail(err)
	}
}

// searchMany answers a group of questions, segment by segment.
func (x *bands) searchMany(ctx context.Context, codes []Code, radius int, found func(int, Hit) bool) error {
	now := x.now.Load()
	defer runtime.KeepAlive(now) // and with it what is mapped
	w := x.scratch.Get().(*work)
	defer x.scratch.Put(w)
	group := make([]question, len(codes))
	for i, c := range codes {
		group[i] = question{ctx: ctx, code: shuffle(c), radius: radius, found: func(h Hit) bool { return found(i, h) }}
	}
	for _, s := range now.segments {
		if on, err := s.searchMany(group, radius, w); !on || err != nil {
			return err
		}
	}
	for _, t := range now.tails {
		for i, c := range codes {
			on := true
			if err := t.Search(ctx, c, radius, func(h Hit) bool { on = found(i, h); return on }); !on || err != nil {
				return err
			}
		}
	}
	return ended(ctx, now.length(), now.length())
}

// searchMany asks all questions of one band before it goes on to the next, so that the
// band's directory stays in the cache. A question for which that becomes dear is
// asked alone instead, but for what the bands before have led to.
func (s *segment) searchMany(group []question, radius int, w *work) (bool, error) {
	p, _ := s.planFor(radius) // without one, all are asked alone
	spent := make([]float64, len(group))
	for i := range group {
		s.cut(&group[i])
		group[i].had, group[i].within = nil, p.within
	}
	alone := make([]bool, len(group))
	for i, r := range p.within {
		for n := range group {
			q := &group[n]
			if r < 0 || alone[n] {
				continue
			}
			end, count := s.bands[i].direct(q.keys[i], int(r), w.room(p), 0)
			spent[n] += costOfProbe*float64(s.bands[i].flips.rings[r]) + costOfCandidate*float64(count)
			if alone[n] = spent[n] > s.dear(p); alone[n] {
				q.had = p.within[:i]
				continue
			}
			for range i {
				w.ends = append(w.ends, 0)
			}
			w.ends = append(w.ends, end)
			if on, err := s.lookUp(q, w); !on || err != nil {
				return on, err
			}
		}
	}
	for n := range group {
		if alone[n] || p.within == nil {
			if on, err := s.search(&group[n], w); !on || err != nil {
				return on, err
			}
		}
	}
	return true, nil
}
