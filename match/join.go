package match

// join makes one segment of the living entries of several, which lie in order
// already. What is removed from them meanwhile may be in it still.
func join(parts ...*segment) *segment {
	n := 0
	var open []*cursor
	for _, s := range parts {
		n += s.alive()
		if c := newCursor(s); c != nil {
			open = append(open, c)
		}
	}
	joined, i := newBare(n), 0
	for ; len(open) > 0; i++ {
		least := 0
		for j, c := range open[1:] {
			if c.before(open[least]) {
				least = j + 1
			}
		}
		c := open[least]
		joined.set(i, c.s.ids[c.entry], &c.c)
		if !c.next() {
			open = append(open[:least], open[least+1:]...)
		}
	}
	joined.first, joined.second, joined.ids = joined.first[:i], joined.second[:i], joined.ids[:i]
	_ = joined.finish(never)
	return joined
}

// cursor walks through the living entries of a segment in order.
type cursor struct {
	s           *segment
	entry, code int
	c           shuffled
}

// newCursor stands at the first living entry; it is nil if there is none.
func newCursor(s *segment) *cursor {
	c := &cursor{s: s, entry: -1, code: -1}
	if !c.next() {
		return nil
	}
	return c
}

func (c *cursor) next() bool {
	for c.entry++; c.entry < len(c.s.ids); c.entry++ {
		if c.s.runs.starts == nil || c.s.runs.starts[c.entry/64]>>(c.entry%64)&1 == 1 {
			c.code++
		}
		if c.s.lives(c.entry) {
			c.c = c.s.code(c.code)
			return true
		}
	}
	return false
}

func (c *cursor) before(o *cursor) bool {
	if d := c.c.compare(&o.c); d != 0 {
		return d < 0
	}
	return c.s.ids[c.entry] < o.s.ids[o.entry]
}
