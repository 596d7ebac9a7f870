package match

import (
	"context"
	"sync"
)

// blockSize is how many entries lie together. Two blocks' first halves fit into
// the nearest cache, and a removal copies no more than one block.
const blockSize = 1024

// block holds entries with their halves apart: a search mostly reads first halves
// only, since of unrelated codes one in 10⁸ is within 31 on 128 bits.
type block struct {
	n      int
	first  [blockSize]half
	second [blockSize]half
	ids    [blockSize]uint64
}

// scan compares the question with every entry. What a search reads is never
// written again: new entries go behind those it knows of, and a removal puts a
// changed copy of the block in place.
type scan struct {
	mu     sync.RWMutex
	blocks []*block
	where  map[entry]int // number of the block
}

// NewScan makes an empty index that looks at every entry in turn: about a millisecond
// for a million entries. It is the plain truth by which any cleverer index is judged.
func NewScan() Index { return newScan() }

func newScan() *scan { return &scan{where: map[entry]int{}} }

// entries gives all that is held.
func (s *scan) entries() []entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]entry, 0, len(s.where))
	for e := range s.where {
		all = append(all, e)
	}
	return all
}

func (s *scan) Add(id uint64, c Code) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(entry{id, c})
}

func (s *scan) add(e entry) {
	if _, held := s.where[e]; held {
		return
	}
	last := len(s.blocks) - 1
	if last < 0 || s.blocks[last].n == blockSize {
		s.blocks = append(s.blocks, new(block))
		last++
	}
	s.blocks[last].put(e)
	s.where[e] = last
}

func (s *scan) Remove(id uint64, c Code) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := entry{id, c}
	at, held := s.where[e]
	if !held {
		return false
	}
	delete(s.where, e)
	s.blocks = append([]*block(nil), s.blocks...)
	s.blocks[at] = s.blocks[at].without(e)
	s.shrink()
	return true
}

// shrink builds the blocks anew once removals have left them more than half empty.
func (s *scan) shrink() {
	if len(s.blocks) < 8 || len(s.where) > len(s.blocks)*blockSize/2 {
		return
	}
	old := s.where
	s.blocks, s.where = nil, make(map[entry]int, len(old))
	for e := range old {
		s.add(e)
	}
}

func (s *scan) holds(id uint64, c Code) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, held := s.where[entry{id, c}]
	return held
}

func (s *scan) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.where)
}

func (s *scan) Search(ctx context.Context, q Code, radius int, found func(Hit) bool) error {
	if err := checkRadius(radius); err != nil {
		return err
	}
	blocks, newest, all := s.now()
	seen := 0
	for i, b := range blocks {
		if err := ended(ctx, seen, all); err != nil {
			return err
		}
		n := newest
		if i < len(blocks)-1 {
			n = b.n
		}
		if !b.search(n, q, radius, found) {
			return nil
		}
		seen += n
	}
	return nil
}

// now gives the blocks as they are and how far the last one is filled. Only the
// last block's count may still change, so only that one is read under the lock.
func (s *scan) now() (blocks []*block, newest, all int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.blocks) == 0 {
		return nil, 0, 0
	}
	return s.blocks, s.blocks[len(s.blocks)-1].n, len(s.where)
}

// search looks at the first n entries and tells whether to go on.
func (b *block) search(n int, q Code, radius int, found func(Hit) bool) bool {
	first, second := q.halves()
	for i := range b.first[:n] {
		d := first.distance(b.first[i])
		if d > radius {
			continue
		}
		if d += second.distance(b.second[i]); d <= radius && !found(Hit{b.ids[i], d}) {
			return false
		}
	}
	return true
}

func (b *block) put(e entry) {
	b.first[b.n], b.second[b.n] = e.code.halves()
	b.ids[b.n] = e.id
	b.n++
}

// without gives a copy that lacks the entry; the block's last one takes its place.
func (b *block) without(e entry) *block {
	c := *b
	first, second := e.code.halves()
	for i := range c.n {
		if c.ids[i] == e.id && c.first[i] == first && c.second[i] == second {
			c.n--
			c.first[i], c.second[i], c.ids[i] = c.first[c.n], c.second[c.n], c.ids[c.n]
			break
		}
	}
	return &c
}
