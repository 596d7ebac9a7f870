package match

import "encoding/binary"

// crowd is how many keys share a base in a directory.
const crowd = 64

// directory tells for each key of a band where its slots begin. A byte for each key
// counts from the base of its 64 keys. Where those 64 hold more than 255 slots, which
// skewed codes bring about, the full numbers stand in a row of their own and the
// bytes, but for the first, which is 0 always, hold the row's number.
type directory struct {
	base []uint32 // by key/64; one more at the end
	off  []uint8  // by key; one more at the end
	rows []uint32 // 64 for each crowded group
}

// emptyDirectory has room for so many keys, a multiple of 64.
func emptyDirectory(keys int, in *slab) directory {
	return directory{base: in.numbers(keys/crowd + 1)[:0], off: in.bytes(keys + 1)}
}

// add enters the next keys, of which there are a multiple of 64: how many slots each
// has, and where the first one's begin.
func (d *directory) add(counts []uint32, at uint32) {
	for k := 0; k < len(counts); k += crowd {
		d.base = append(d.base, at)
		at = d.fill(len(d.base)-1, counts[k:k+crowd], at)
	}
}

// close enters where the last key's slots end.
func (d *directory) close(at uint32) { d.base = append(d.base, at) }

func (d *directory) fill(g int, counts []uint32, at uint32) (end uint32) {
	off := d.off[g*crowd : (g+1)*crowd]
	first, row := at, len(d.rows)
	for k, n := range counts {
		d.rows = append(d.rows, at)
		off[k] = uint8(at - first)
		at += n
	}
	if at-first <= 255 {
		d.rows = d.rows[:row]
		return at
	}
	off[0] = 0
	binary.LittleEndian.PutUint32(off[1:5], uint32(row/crowd))
	return at
}

// at gives where a key's slots begin and end.
func (d *directory) at(key uint32) (start, end uint32) {
	g := key / crowd
	b := d.base[g]
	if d.base[g+1]-b > 255 {
		return d.crowded(key)
	}
	next := key + 1 // the first byte of a group is 0, so past the last key stands the next base
	if next%crowd == 0 {
		return b + uint32(d.off[key]), d.base[g+1]
	}
	return b + uint32(d.off[key]), b + uint32(d.off[next])
}

func (d *directory) crowded(key uint32) (start, end uint32) {
	g := int(key / crowd)
	row := int(binary.LittleEndian.Uint32(d.off[g*crowd+1:])) * crowd
	k := int(key % crowd)
	if k == crowd-1 {
		return d.rows[row+k], d.base[g+1]
	}
	return d.rows[row+k], d.rows[row+k+1]
}
