package hashset

import (
	"context"

	"suraag/digest"
	"suraag/sighting"
)

// Keeper keeps the entries of lists apart from the record, so that a hundred
// million are found by their digests. What it keeps follows from the sealed
// original and can be made again from it at any time, on any machine.
type Keeper interface {
	// Create begins the entries of a source.
	Create(source string) (Draft, error)
	// Open gives the entries of a source. The error is of kind fault.NotFound where
	// they were never made here, and fault.Corrupt where they are damaged; both say
	// that they have to be made again.
	Open(source string) (Entries, error)
	// Drop lets go of damaged entries.
	Drop(source string) error
}

// Draft takes the entries of one source in file order, in bounded memory. They are
// found once Keep has returned.
type Draft interface {
	Entry(*sighting.Entry) error
	Listing(sighting.Listing) error
	Keep(ctx context.Context, readers map[string]int) error
	Discard()
}

// Entries are what one source says, each under its number in file order, from 0.
// They may be asked from anywhere at once. An error of kind fault.Corrupt says
// that they have to be made again.
type Entries interface {
	Len() int64
	// Readers gives the version of each reader that the entries were made by.
	Readers() map[string]int
	// Kinds gives how many values of each kind the entries have.
	Kinds() map[digest.Kind]int64
	// Find gives the entries that have this very value, at most limit of them, and
	// how many there are.
	Find(d digest.Digest, limit int) (entries []int64, all int64, err error)
	// Near gives the entries whose PDQ differs from a value in at most radius bits.
	// The place in looks tells which value it was.
	Near(ctx context.Context, looks []digest.Digest, radius int, found func(look int, n Neighbour) bool) error
	// Row gives the nth value of a kind in order, with its entry: of TMK and vPDQ a
	// hash of the text. The value is good for as long as the entries are.
	Row(kind digest.Kind, n int64) (raw []byte, entry int64, err error)
	// Category gives what an entry is listed as, with its scheme; empty where nothing
	// is stated.
	Category(entry int64) (string, error)
	// At gives an entry: the whole listing where it was kept whole, else in short
	// and without its values, to be read again from its place.
	At(entry int64) (short sighting.Entry, whole *sighting.Listing, err error)
	// Withdrawn gives the entries by which the list takes back what it said under a
	// number of its own.
	Withdrawn(ref string) ([]int64, error)
}

// Neighbour is an entry with a near value.
type Neighbour struct {
	Entry    int64
	Value    digest.Digest
	Distance int
}
