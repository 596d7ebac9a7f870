package match

import "unsafe"

// The large arrays of a segment lie on huge pages where the system has them: a search
// reads thousands of places far apart, and on small pages each costs a walk through
// the page tables besides.

func hugeWords[T uint32 | uint64 | half](n int) []T {
	words := make([]T, n)
	adviseHuge(asBytes(words))
	return words
}

// slab is one piece of memory for the many arrays of a segment's bands, which alone would
// be too small for huge pages. Each array begins on a cache line of its own.
type slab struct{ all, rest []uint64 }

const line = 64 // bytes that are fetched together

func newSlab(bytes int) *slab {
	all := hugeWords[uint64](bytes / 8)
	return &slab{all: all, rest: all}
}

// room is what an array takes of a slab, in bytes.
func room(bytes int) int { return (bytes + line - 1) &^ (line - 1) }

func (s *slab) bytes(n int) []uint8 {
	words := s.rest[:room(n)/8]
	s.rest = s.rest[len(words):]
	return unsafe.Slice((*uint8)(unsafe.Pointer(&words[0])), n)
}

func (s *slab) numbers(n int) []uint32 { return asWords[uint32](s.bytes(4 * n)) }
