package match

// band orders a segment's codes by some bits of theirs.
type band struct {
	from, width int
	dir         directory
	slots       []uint32 // codes by key; nil for the first band, by which codes lie in order anyway
	flips       *flips
}

// key cuts the band's bits out of a code.
func (b *band) key(c *shuffled) uint32 {
	word, off := b.from/64, b.from%64
	v := c[word] << off
	if off+b.width > 64 {
		v |= c[word+1] >> (64 - off)
	}
	return uint32(v >> (64 - b.width))
}

// roomForBands is what the bands of so many codes take of a slab, in bytes.
func roomForBands(widths []int, codes int) int {
	bytes := 0
	for i, w := range widths {
		bytes += room(4*(1<<w/crowd+1)) + room(1<<w+1)
		if i > 0 {
			bytes += room(4 * (codes + 4))
		}
	}
	return bytes
}

// bandScratch is what the making of a band needs to write on.
type bandScratch struct {
	low    []uint32 // by slot: the low bits of its key
	counts []uint32
	heap   []uint32
}

// newBand sorts by counting, twice: all codes into heaps by the high bits of their
// keys, then each heap, which fits a near cache, by the low bits. At once by all bits
// would miss the caches at every code and take six times as long.
func (s *segment) newBand(from, width int, f *flips, in *slab, t *bandScratch) band {
	b := band{from: from, width: width, flips: f, dir: emptyDirectory(1<<width, in)}
	low := max(width-11, 6)
	ends := make([]uint32, 1<<(width-low)+1)
	for i := range s.first {
		c := s.code(i)
		ends[b.key(&c)>>low+1]++
	}
	for h := range 1 << (width - low) {
		ends[h+1] += ends[h]
	}
	if from > 0 {
		b.slots = in.numbers(len(s.first) + 4) // room behind the last; see gather
	}
	for i := range s.first {
		c := s.code(i)
		k := b.key(&c)
		at := ends[k>>low]
		ends[k>>low]++
		t.low[at] = k & (1<<low - 1)
		if from > 0 {
			b.slots[at] = uint32(i)
		}
	}
	t.counts = append(t.counts[:0], make([]uint32, 1<<low)...)
	start := uint32(0)
	for _, end := range ends[:1<<(width-low)] {
		b.orderHeap(start, end, t)
		start = end
	}
	b.dir.close(start)
	return b
}

// orderHeap enters the slots from start to end, which hold all codes of some keys, in
// the directory and sorts them by key.
func (b *band) orderHeap(start, end uint32, t *bandScratch) {
	low := t.low[start:end]
	clear(t.counts)
	for _, k := range low {
		t.counts[k]++
	}
	b.dir.add(t.counts, start)
	if b.slots == nil {
		return
	}
	at := uint32(0)
	for k, n := range t.counts {
		t.counts[k] = at
		at += n
	}
	slots := b.slots[start:end]
	t.heap = append(t.heap[:0], slots...)
	for i, k := range low {
		slots[t.counts[k]] = t.heap[i]
		t.counts[k]++
	}
}
