package match

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// bands is an index of sealed segments, each searched by its bands, and a short
// tail of newer entries that is scanned. A search works on what one pointer shows it
// and waits for nobody; additions and removals wait for one another.
type bands struct {
	sealAt int // entries at which the tail becomes a segment

	writing sync.Mutex
	now     atomic.Pointer[layers]
}

// layers are never changed, but for the tail, which guards itself, and the marks
// on removed entries.
type layers struct {
	segments []*segment // each larger than the next
	tail     *scan
}

// NewBands makes an empty index that is as exact as NewScan's and much faster on
// many entries, for radii up to 40; beyond, it scans.
//
// It cuts the code into bands and looks each band up with few bits flipped
// (multi-index hashing: Norouzi, Punjani and Fleet, "Fast Exact Search in Hamming
// Space with Multi-Index Hashing", 2014). Band i is looked up within rᵢ where the
// sum of rᵢ+1 is the radius plus one. If a code differed by more than rᵢ in every band, it
// would differ by at least that sum in all, which is more than the radius; so
// no code within the radius is missed.
func NewBands() Index {
	const tail = 1 << 14 // a scan of so many costs about as much as looking up one segment
	return newBands(tail)
}

func newBands(sealAt int) *bands {
	x := &bands{sealAt: sealAt}
	x.now.Store(&layers{tail: newScan()})
	return x
}

func (x *bands) Add(id uint64, c Code) {
	x.writing.Lock()
	defer x.writing.Unlock()
	now := x.now.Load()
	e := entry{id, c}
	if _, _, held := now.find(e); held {
		return
	}
	now.tail.Add(id, c)
	if now.tail.Len() >= x.sealAt {
		x.seal(now)
	}
}

// seal makes a segment of the tail and joins segments of like size, so that there
// are few of them and each entry is joined only a few times. Searches go on on the
// old layers meanwhile; whoever adds waits, in all some microseconds for each entry.
func (x *bands) seal(now *layers) {
	segments := slices.Clone(now.segments)
	segments = append(segments, newSegment(now.tail.entries()))
	for n := len(segments); n > 1 && segments[n-2].alive() <= 4*segments[n-1].alive(); n = len(segments) {
		joined := newSegment(slices.Concat(segments[n-2].entries(), segments[n-1].entries()))
		segments = append(segments[:n-2], joined)
	}
	x.now.Store(&layers{segments: segments, tail: newScan()})
}

func (x *bands) Remove(id uint64, c Code) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	now := x.now.Load()
	i, slot, held := now.find(entry{id, c})
	if !held {
		return now.tail.Remove(id, c)
	}
	s := now.segments[i]
	s.bury(slot)
	if s.alive() < len(s.ids)/2 {
		x.shrink(now, i)
	}
	return true
}

// shrink builds one segment anew without its removed entries.
func (x *bands) shrink(now *layers, i int) {
	segments := slices.Clone(now.segments)
	segments[i] = newSegment(segments[i].entries())
	if segments[i].alive() == 0 {
		segments = append(segments[:i], segments[i+1:]...)
	}
	x.now.Store(&layers{segments: segments, tail: now.tail})
}

// find tells which segment holds the entry, and where.
func (l *layers) find(e entry) (segment int, slot uint32, held bool) {
	for i, s := range l.segments {
		if slot, held := s.find(e); held {
			return i, slot, true
		}
	}
	return 0, 0, false
}

func (x *bands) Len() int { return x.now.Load().length() }

func (l *layers) length() int {
	n := l.tail.Len()
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
	on := true
	once := func(h Hit) bool {
		on = found(h)
		return on
	}
	seen, all := 0, now.length()
	for _, s := range now.segments {
		if err := s.search(ctx, q, radius, once); err != nil {
			return err
		}
		if !on {
			return nil
		}
		seen += s.alive()
		if err := ended(ctx, seen, all); err != nil {
			return err
		}
	}
	return now.tail.Search(ctx, q, radius, once)
}
