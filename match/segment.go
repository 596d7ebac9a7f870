package match

import (
	"context"
	"math/bits"
	"sync/atomic"
)

// farthest is the largest radius that bands serve. Beyond it so many flipped keys
// have to be looked up that a scan is quicker.
const farthest = 40

// segment is a fixed set of entries, ordered by each band of their codes. Codes are
// kept shuffled, which changes no distance.
type segment struct {
	codes []shuffled
	ids   []uint64
	bands []band

	dead []atomic.Uint64 // a bit for each entry that was removed
	gone atomic.Int64    // how many
}

// band orders a segment's entries by some bits of their codes.
type band struct {
	from, width int
	starts      []uint32 // by key: where its slots begin; the next key's start ends them
	slots       []uint32
}

func newSegment(entries []entry) *segment {
	s := &segment{
		codes: make([]shuffled, len(entries)),
		ids:   make([]uint64, len(entries)),
		dead:  make([]atomic.Uint64, (len(entries)+63)/64),
	}
	for i, e := range entries {
		s.codes[i], s.ids[i] = shuffle(e.code), e.id
	}
	n := bandsFor(len(entries))
	for i := range n {
		from, to := 256*i/n, 256*(i+1)/n
		s.bands = append(s.bands, newBand(s.codes, from, to-from))
	}
	return s
}

// bandsFor makes keys about as long as there are entries for them, so that most
// hold one or none: 16 bands of 16 bits for 50,000 entries, 11 of 23 for ten million.
func bandsFor(entries int) int {
	return 256 / min(max(bits.Len(uint(entries)), 8), 28)
}

// newBand sorts by counting.
func newBand(codes []shuffled, from, width int) band {
	b := band{from: from, width: width, starts: make([]uint32, 1<<width+1), slots: make([]uint32, len(codes))}
	for i := range codes {
		b.starts[b.key(&codes[i])+1]++
	}
	for k := range 1 << width {
		b.starts[k+1] += b.starts[k]
	}
	// Filling moves each start to its end, which is the start of the next key.
	for i := range codes {
		k := b.key(&codes[i])
		b.slots[b.starts[k]] = uint32(i)
		b.starts[k]++
	}
	copy(b.starts[1:], b.starts)
	b.starts[0] = 0
	return b
}

// key cuts the band's bits out of a code.
func (b *band) key(c *shuffled) uint32 {
	word, shift := b.from/64, b.from%64
	v := c[word] >> shift
	if shift+b.width > 64 {
		v |= c[word+1] << (64 - shift)
	}
	return uint32(v) & (1<<b.width - 1)
}

func (b *band) at(key uint32) []uint32 { return b.slots[b.starts[key]:b.starts[key+1]] }

// search gives the living entries within the radius.
func (s *segment) search(ctx context.Context, q Code, radius int, found func(Hit) bool) error {
	c := shuffle(q)
	if radius > farthest {
		return s.scan(ctx, &c, radius, found)
	}
	within := s.share(radius)
	for i := range s.bands {
		if err := ended(ctx, i*len(s.ids)/len(s.bands), len(s.ids)); err != nil {
			return err
		}
		if within[i] >= 0 && !s.lookUp(i, &c, radius, within, found) {
			return nil
		}
	}
	return nil
}

// share deals radius+1 out among the bands, as evenly as can be, and gives each
// band's own radius, which is one less than its share: -1 for a band that need
// not be looked up. The widest bands, whose keys are rarest, would best have the
// most, but widths differ by one bit at most.
func (s *segment) share(radius int) []int {
	n := len(s.bands)
	within := make([]int, n)
	for i := range within {
		within[i] = (radius+1)*(i+1)/n - (radius+1)*i/n - 1
	}
	return within
}

// lookUp tries every key of a band within its radius and tells whether to go on.
func (s *segment) lookUp(i int, c *shuffled, radius int, within []int, found func(Hit) bool) bool {
	b := &s.bands[i]
	key, on := b.key(c), true
	eachFlip(b.width, within[i], func(flip uint32) bool {
		for _, slot := range b.at(key ^ flip) {
			d := s.codes[slot].distance(c)
			if d <= radius && s.lives(slot) && !s.earlier(i, slot, c, within) {
				if on = found(Hit{s.ids[slot], d}); !on {
					return false
				}
			}
		}
		return true
	})
	return on
}

// earlier tells whether a band before this one has led to the same entry already.
func (s *segment) earlier(i int, slot uint32, c *shuffled, within []int) bool {
	for j := range i {
		b := &s.bands[j]
		if bits.OnesCount32(b.key(c)^b.key(&s.codes[slot])) <= within[j] {
			return true
		}
	}
	return false
}

// eachFlip gives every number of `width` bits with at most n of them set, until
// give returns false.
func eachFlip(width, n int, give func(uint32) bool) bool {
	return flipAbove(0, 0, width, n, give)
}

func flipAbove(flip uint32, from, width, n int, give func(uint32) bool) bool {
	if !give(flip) {
		return false
	}
	if n == 0 {
		return true
	}
	for bit := from; bit < width; bit++ {
		if !flipAbove(flip|1<<bit, bit+1, width, n-1, give) {
			return false
		}
	}
	return true
}

func (s *segment) scan(ctx context.Context, c *shuffled, radius int, found func(Hit) bool) error {
	for i := range s.codes {
		if i%blockSize == 0 {
			if err := ended(ctx, i, len(s.codes)); err != nil {
				return err
			}
		}
		if d := s.codes[i].distance(c); d <= radius && s.lives(uint32(i)) && !found(Hit{s.ids[i], d}) {
			return nil
		}
	}
	return nil
}

// find looks for one living entry.
func (s *segment) find(e entry) (slot uint32, held bool) {
	if len(s.bands) == 0 {
		return 0, false
	}
	c := shuffle(e.code)
	for _, slot := range s.bands[0].at(s.bands[0].key(&c)) {
		if s.ids[slot] == e.id && s.codes[slot] == c && s.lives(slot) {
			return slot, true
		}
	}
	return 0, false
}

func (s *segment) lives(slot uint32) bool { return s.dead[slot/64].Load()>>(slot%64)&1 == 0 }

// bury marks an entry as removed. Only one goroutine may write at a time.
func (s *segment) bury(slot uint32) {
	word := &s.dead[slot/64]
	word.Store(word.Load() | 1<<(slot%64))
	s.gone.Add(1)
}

func (s *segment) alive() int { return len(s.ids) - int(s.gone.Load()) }

// entries gives the living.
func (s *segment) entries() []entry {
	all := make([]entry, 0, s.alive())
	for i, id := range s.ids {
		if s.lives(uint32(i)) {
			all = append(all, entry{id, s.codes[i].restore()})
		}
	}
	return all
}
