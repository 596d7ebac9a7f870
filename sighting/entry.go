package sighting

import "suraag/digest"

// Entry is a listing in short: what is needed to find it by its digests and to
// read it again from its place. It and its slices are good until the call that
// hands it out returns; a list may have a hundred million.
type Entry struct {
	Number     int64 // as its locator counts: of the row, or of the element in the list
	Start, End int64 // bytes in the file
	Values     []Value
	Scheme     string
	Category   string
}

// Value is a digest as raw bytes; of TMK and vPDQ, which have no raw form, the text.
type Value struct {
	Kind digest.Kind
	Raw  []byte
}

// Short gives a listing in short.
func (l Listing) Short(number int64) Entry {
	e := Entry{Number: number, Start: l.Place.Start, End: l.Place.End, Scheme: l.Scheme, Category: l.Category}
	for _, d := range l.Digests {
		raw := d.Bytes()
		if raw == nil {
			raw = []byte(d.Hex())
		}
		e.Values = append(e.Values, Value{d.Kind(), raw})
	}
	return e
}
