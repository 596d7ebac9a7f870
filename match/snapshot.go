package match

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime"
	"sync/atomic"
	"unsafe"

	"suraag/fault"
)

// A snapshot is an index in a file, to be mapped into memory and searched as it is.
// All numbers are little-endian.
//
// It opens with a header of 64 bytes: the eight letters "suraagIX"; the version of
// this description as 4 bytes, now 1; the number of sections as 4 bytes; the length of
// the whole file as 8; the CRC-32C (Castagnoli) of the table as 4; zeros; and in the
// last 4 the CRC-32C of the 60 before.
//
// The table follows: 32 bytes for each section, which are what it is as 4 bytes, a
// parameter as 4, the CRC-32C of its bytes as 4, 4 zeros, and where in the file it begins
// and how long it is, 8 each. Each section begins at a multiple of 64, with zeros before it.
//
// A segment is these sections one after the other: first halves of its codes (16 bytes
// each, as two words, in ascending order of the shuffled code), second halves, numbers of its
// entries (8 each), starts and counts of runs (both empty if every code has one
// entry), marks of removed entries (a bit each, in words of 8 bytes); then for each
// band, the parameter of whose sections is its width: bases, bytes and rows of its
// directory, and its slots (empty for the first band). The first halves' parameter is
// the number of bands. What the sections mean, the types segment, runs, band and directory say; the
// order of shuffled bits, the function places. Whoever changes any of those changes
// the version: an old file is then refused and its index built anew.
const (
	snapshotMagic   = "suraagIX"
	snapshotVersion = 1
	headerLength    = 64
	tableRow        = 32
	sectionStart    = 64
)

// what a section is
const (
	sectionFirst = iota + 1
	sectionSecond
	sectionIDs
	sectionStarts
	sectionBefore
	sectionDead
	sectionBase
	sectionOff
	sectionRows
	sectionSlots
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// section is a part of a snapshot, its words as bytes.
type section struct {
	what, parameter uint32
	bytes           []byte
}

// Save writes an index that this package made so that Open can read it. What is added
// or removed meanwhile may be in it or not.
func Save(w io.Writer, x Index) error {
	var segments []*segment
	var tails []*scan
	switch x := x.(type) {
	case *bands:
		now := x.now.Load()
		segments, tails = now.segments, now.tails
	case *scan:
		tails = []*scan{x}
	default:
		return fault.Newf(fault.Invalid, "index of type %T: only indexes of package match can be saved", x)
	}
	if t := (task{tails: tails}); len(t.entries()) > 0 {
		segments = append(segments[:len(segments):len(segments)], t.make())
	}
	defer runtime.KeepAlive(segments)
	var all []section
	for _, s := range segments {
		all = append(all, s.sections()...)
	}
	return writeSections(w, all)
}

func (s *segment) sections() []section {
	dead := make([]uint64, len(s.dead))
	for i := range s.dead {
		dead[i] = s.dead[i].Load()
	}
	all := []section{
		{sectionFirst, uint32(len(s.bands)), asBytes(s.first)},
		{sectionSecond, 0, asBytes(s.second)},
		{sectionIDs, 0, asBytes(s.ids)},
		{sectionStarts, 0, asBytes(s.runs.starts)},
		{sectionBefore, 0, asBytes(s.runs.before)},
		{sectionDead, 0, asBytes(dead)},
	}
	for _, b := range s.bands {
		w := uint32(b.width)
		all = append(all, section{sectionBase, w, asBytes(b.dir.base)}, section{sectionOff, w, b.dir.off},
			section{sectionRows, w, asBytes(b.dir.rows)}, section{sectionSlots, w, asBytes(b.slots)})
	}
	return all
}

func writeSections(w io.Writer, all []section) error {
	if !littleEndian() {
		return fault.Newf(fault.Unavailable, "snapshot of an index: this machine puts the high byte first, the format the low one")
	}
	sums := castagnoli()
	at := aligned(headerLength + tableRow*len(all))
	table := make([]byte, 0, tableRow*len(all))
	for _, s := range all {
		table = binary.LittleEndian.AppendUint32(table, s.what)
		table = binary.LittleEndian.AppendUint32(table, s.parameter)
		table = binary.LittleEndian.AppendUint32(table, crc32.Checksum(s.bytes, sums))
		table = binary.LittleEndian.AppendUint32(table, 0)
		table = binary.LittleEndian.AppendUint64(table, uint64(at))
		table = binary.LittleEndian.AppendUint64(table, uint64(len(s.bytes)))
		at = aligned(at + len(s.bytes))
	}
	header := make([]byte, headerLength)
	copy(header, snapshotMagic)
	binary.LittleEndian.PutUint32(header[8:], snapshotVersion)
	binary.LittleEndian.PutUint32(header[12:], uint32(len(all)))
	binary.LittleEndian.PutUint64(header[16:], uint64(at))
	binary.LittleEndian.PutUint32(header[24:], crc32.Checksum(table, sums))
	binary.LittleEndian.PutUint32(header[60:], crc32.Checksum(header[:60], sums))
	parts := [][]byte{append(header, table...)}
	for _, s := range all {
		parts = append(parts, s.bytes)
	}
	for _, p := range parts {
		for _, b := range [][]byte{p, make([]byte, aligned(len(p))-len(p))} {
			if _, err := w.Write(b); err != nil {
				return fault.Newf(fault.Unavailable, "snapshot of an index: %w", err)
			}
		}
	}
	return nil
}

func aligned(n int) int { return (n + sectionStart - 1) &^ (sectionStart - 1) }

func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }

// asBytes shows numbers as the bytes in which the machine keeps them.
func asBytes[T uint32 | uint64 | half](words []T) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*int(unsafe.Sizeof(words[0])))
}

// asWords is the way back. The bytes begin at a multiple of 64, as sections do.
func asWords[T uint32 | uint64 | half](b []byte) []T {
	var word T
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/int(unsafe.Sizeof(word)))
}

// deadBits makes marks that can change of those in a file, which cannot.
func deadBits(words []uint64) []atomic.Uint64 {
	dead := make([]atomic.Uint64, len(words))
	for i, w := range words {
		dead[i].Store(w)
	}
	return dead
}
