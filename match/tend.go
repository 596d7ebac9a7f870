package match

import "slices"

// tend sees to it that segments are made of what waits for it. The goroutine that
// does so ends when nothing waits. Call it with the writing lock held.
func (x *bands) tend() {
	if x.tending {
		return
	}
	x.tending = true
	go func() {
		for x.tendOnce() {
		}
	}()
}

// task is one segment to be made: of the closed tails, or of some segments.
type task struct {
	tails    []*scan
	segments []*segment
}

// tendOnce does the most pressing task and tells whether there was one.
func (x *bands) tendOnce() bool {
	x.writing.Lock()
	t := x.now.Load().pressing(x.sealAt)
	x.removed, x.inMaking = nil, t.segments
	x.tending = t.tails != nil || t.segments != nil
	if !x.tending {
		x.sealed.Broadcast()
		x.writing.Unlock()
		return false
	}
	x.writing.Unlock()
	x.replace(t, t.make())
	return true
}

// pressing gives the task to do next, or none: first closed tails, since they are
// scanned, then segments that are mostly removed, then such as are small beside another.
func (l *layers) pressing(sealAt int) task {
	if n := len(l.tails) - 1; n > 0 {
		return task{tails: l.tails[:n]}
	}
	for _, s := range l.segments {
		if s.wasted() {
			return task{segments: []*segment{s}}
		}
	}
	most := max(64*sealAt, l.length()/4)
	for i := len(l.segments) - 1; i > 0; i-- {
		large, small := l.segments[i-1].alive(), l.segments[i].alive()
		if large <= 4*small && large+small <= most {
			return task{segments: l.segments[i-1 : i+1]}
		}
	}
	return task{}
}

// wasted tells whether more than half of a segment is removed.
func (s *segment) wasted() bool { return s.alive() < len(s.ids)/2 || s.alive() == 0 }

// make makes the task's segment.
func (t task) make() *segment {
	if t.tails == nil {
		return join(t.segments...)
	}
	entries := t.entries()
	at := func(i int) (uint64, Code) { return entries[i].id, entries[i].code }
	s, _ := buildSegment(len(entries), at, never) // no error: at is true and nothing stops it
	return s
}

// entries gives what the task's tails hold.
func (t task) entries() []entry {
	var all []entry
	for _, tail := range t.tails {
		all = append(all, tail.entries()...)
	}
	return all
}

// replace puts the made segment where its parts were, less what was removed meanwhile.
func (x *bands) replace(t task, made *segment) {
	x.writing.Lock()
	defer x.writing.Unlock()
	for _, e := range x.removed {
		c := shuffle(e.code)
		if at, held := made.find(e.id, &c); held {
			made.bury(at)
		}
	}
	now := x.now.Load()
	next := &layers{tails: now.tails[len(t.tails):]}
	for _, s := range now.segments {
		if !slices.Contains(t.segments, s) {
			next.segments = append(next.segments, s)
		}
	}
	if made.alive() > 0 {
		next.segments = append(next.segments, made)
	}
	slices.SortStableFunc(next.segments, func(a, b *segment) int { return b.alive() - a.alive() })
	x.removed, x.inMaking = nil, nil
	x.now.Store(next)
	x.sealed.Broadcast()
}
