package match

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// bands is an index of sealed segments, each searched by its bands, and short
// tails of newer entries that are scanned. A search works on what one pointer shows it
// and waits for nobody. Additions and removals wait for one another, but not for the
// making of segments, which goes on behind them.
type bands struct {
	sealAt  int // entries at which a tail is closed, to become a segment
	now     atomic.Pointer[layers]
	scratch sync.Pool // of *work

	writing  sync.Mutex // guards the rest, and who may store now
	sealed   *sync.Cond // told whenever a tail has become a segment
	tending  bool       // whether a goroutine is making segments
	inMaking []*segment // what it is making one of
	removed  []entry    // removed from those, or from closed tails, meanwhile
}

// layers are never changed, but for the tails, which guard themselves, and the marks
// on removed entries.
type layers struct {
	segments []*segment // largest first
	tails    []*scan    // the last takes additions; the others are closed, oldest first
}

const (
	tailLength = 1 << 14 // a scan of so many costs less than looking up one segment
	mostTails  = 4       // closed tails that may wait; more, and additions wait
)

// NewBands makes an empty index that is as exact as NewScan's and much faster on
// many entries, for radii up to 40; beyond, it scans. See Build for many at once.
//
// It cuts the code into bands and looks each band up with few bits flipped
// (multi-index hashing: Norouzi, Punjani and Fleet, "Fast Exact Search in Hamming
// Space with Multi-Index Hashing", 2014). Band i is looked up within rᵢ where the
// sum of rᵢ+1 is the radius plus one. If a code differed by more than rᵢ in every band, it
// would differ by at least that sum in all, which is more than the radius; so
// no code within the radius is missed.
//
// Segments are joined while searches go on. One is joined only if the outcome is small
// or at most a quarter of all, so that never more than a quarter is held twice.
func NewBands() Index { return newBands(tailLength) }

func newBands(sealAt int) *bands {
	x := &bands{sealAt: sealAt}
	x.sealed = sync.NewCond(&x.writing)
	x.scratch.New = func() any { return new(work) }
	x.now.Store(&layers{tails: []*scan{newScan()}})
	return x
}

func (x *bands) Add(id uint64, c Code) {
	x.writing.Lock()
	defer x.writing.Unlock()
	for len(x.now.Load().tails) > 1+mostTails {
		x.sealed.Wait()
	}
	now := x.now.Load()
	if now.holds(id, c) {
		return
	}
	open := now.tails[len(now.tails)-1]
	open.Add(id, c)
	if open.Len() >= x.sealAt {
		x.now.Store(&layers{segments: now.segments, tails: append(slices.Clone(now.tails), newScan())})
		x.tend()
	}
}

func (x *bands) Remove(id uint64, c Code) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	now := x.now.Load()
	if s, at, held := now.find(id, c); held {
		s.bury(at)
		if slices.Contains(x.inMaking, s) {
			x.removed = append(x.removed, entry{id, c})
		}
		if s.wasted() {
			x.tend()
		}
		return true
	}
	for i, t := range now.tails {
		if t.Remove(id, c) {
			if i < len(now.tails)-1 {
				x.removed = append(x.removed, entry{id, c})
			}
			return true
		}
	}
	return false
}

// find tells which segment holds the entry, and where.
func (l *layers) find(id uint64, c Code) (s *segment, at int, held bool) {
	if len(l.segments) == 0 {
		return nil, 0, false
	}
	code := shuffle(c)
	for _, s := range l.segments {
		if at, held := s.find(id, &code); held {
			return s, at, true
		}
	}
	return nil, 0, false
}

func (l *layers) holds(id uint64, c Code) bool {
	if _, _, held := l.find(id, c); held {
		return true
	}
	return slices.ContainsFunc(l.tails, func(t *scan) bool { return t.holds(id, c) })
}

func (x *bands) Len() int { return x.now.Load().length() }

func (l *layers) length() int {
	n := 0
	for _, t := range l.tails {
		n += t.Len()
	}
	for _, s := range l.segments {
		n += s.alive()
	}
	return n
}

func (x *bands) Search(ctx context.Context, q Code, radius int, found func(Hit) bool) error {
	if err := checkRadius(radius); err != nil {
		return err
	}
	now := x.now.Load()
	defer runtime.KeepAlive(now) // and with it what is mapped
	w := x.scratch.Get().(*work)
	defer x.scratch.Put(w)
	question := &question{ctx: ctx, code: shuffle(q), radius: radius, found: found}
	seen, all, on := 0, now.length(), true
	for _, s := range now.segments {
		if err := ended(ctx, seen, all); err != nil {
			return err
		}
		if on, err := s.search(question, w); !on || err != nil {
			return err
		}
		seen += s.alive()
	}
	for _, t := range now.tails {
		err := t.Search(ctx, q, radius, func(h Hit) bool { on = found(h); return on })
		if !on || err != nil {
			return err
		}
	}
	return ended(ctx, all, all)
}
