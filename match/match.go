// Package match finds every stored 256-bit code near a given one.
//
// Takes codes, such as PDQ hashes, under numbers chosen by the caller. Gives the
// numbers of all codes within a radius, each with its distance. It is exact: no
// code within the radius is ever left out. Never knows what a number stands for,
// which list it came from, or what a match means.
package match

import (
	"context"
	"encoding/binary"
	"math/bits"

	"suraag/fault"
)

// Code is 256 bits in the order in which they are written.
type Code [32]byte

// Hit is a stored code within the radius.
type Hit struct {
	ID       uint64
	Distance int // differing bits, 0 to 256
}

// Index holds entries, each a pair of a number and a code. One number may have
// several codes and one code several numbers; a pair is held once, however often
// it is added. All methods may be called at the same time from anywhere.
type Index interface {
	// Add holds the pair from now on. To add it again changes nothing.
	Add(id uint64, c Code)

	// Remove lets go of the pair and tells whether it was held.
	Remove(id uint64, c Code) bool

	// Search gives every entry whose code differs from q in at most radius bits,
	// in no promised order, until found returns false, which is not an error.
	// An entry added or removed while it runs may be given or not; every other entry
	// within the radius is given exactly once. found may call the index.
	//
	// A radius outside 0 to 256 is an error of kind fault.Invalid. If ctx ends
	// first the error is of kind fault.Unavailable and wraps the cause; hits may be missing then.
	Search(ctx context.Context, q Code, radius int, found func(Hit) bool) error

	// Len counts the entries.
	Len() int
}

// Distance counts the bits in which two codes differ, 0 to 256.
func Distance(a, b Code) int {
	a1, a2 := a.halves()
	b1, b2 := b.halves()
	return a1.distance(b1) + a2.distance(b2)
}

// half is 128 bits of a code.
type half [2]uint64

func (c Code) halves() (first, second half) {
	word := func(i int) uint64 { return binary.BigEndian.Uint64(c[8*i:]) }
	return half{word(0), word(1)}, half{word(2), word(3)}
}

func (h half) distance(o half) int {
	return bits.OnesCount64(h[0]^o[0]) + bits.OnesCount64(h[1]^o[1])
}

// entry is what an index holds.
type entry struct {
	id   uint64
	code Code
}

func checkRadius(radius int) error {
	if radius < 0 || radius > 256 {
		return fault.Newf(fault.Invalid, "search radius %d: a radius is 0 to 256 bits", radius)
	}
	return nil
}

// ended turns the end of a context into an error that says how far the search was.
func ended(ctx context.Context, seen, all int) error {
	if cause := context.Cause(ctx); cause != nil {
		return fault.Newf(fault.Unavailable, "search stopped after %d of %d entries: %w", seen, all, cause)
	}
	return nil
}
