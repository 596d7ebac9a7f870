package match

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"os"
	"runtime"
	"slices"

	"suraag/fault"
)

// mapping is a file in memory for as long as a segment lies in it.
type mapping struct{ bytes []byte }

// Open maps a snapshot that Save has written, checks every byte of it, and gives the
// index, which takes and lets go of entries like any other; the file stays as it is
// and must not be changed or cut while the index is used. file may be closed.
//
// A file that is damaged, of another version or no snapshot at all is refused
// with an error of kind fault.Corrupt; the index is then to be built anew.
func Open(file *os.File) (Index, error) {
	if !littleEndian() {
		return nil, fault.Newf(fault.Unavailable, "snapshot %q: this machine puts the high byte first, the format the low one", file.Name())
	}
	info, err := file.Stat()
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "snapshot %q: %w", file.Name(), err)
	}
	if info.Size() < headerLength || int64(int(info.Size())) != info.Size() {
		return nil, fault.Newf(fault.Corrupt, "snapshot %q: %d bytes are no index", file.Name(), info.Size())
	}
	m, err := mapFile(file, int(info.Size()))
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "snapshot %q: %w", file.Name(), err)
	}
	segments, err := readSegments(m)
	if err != nil {
		return nil, fault.Wrapf(err, "snapshot %q", file.Name())
	}
	x := newBands(tailLength)
	x.now.Store(&layers{segments: segments, tails: []*scan{newScan()}})
	return x, nil
}

func readSegments(m *mapping) ([]*segment, error) {
	defer runtime.KeepAlive(m)
	sections, err := readTable(m.bytes)
	if err != nil {
		return nil, err
	}
	var segments []*segment
	for len(sections) > 0 {
		r := &sectionReader{sections: sections}
		s := r.segment()
		if r.err == nil {
			r.err = s.check()
		}
		if r.err != nil {
			return nil, fault.Wrapf(r.err, "segment %d", len(segments))
		}
		s.kept = m
		segments, sections = append(segments, s), r.sections
	}
	slices.SortStableFunc(segments, func(a, b *segment) int { return b.alive() - a.alive() })
	return segments, nil
}

func readTable(file []byte) ([]section, error) {
	header, sums := file[:headerLength], castagnoli()
	number := binary.LittleEndian.Uint32
	switch {
	case string(header[:8]) != snapshotMagic:
		return nil, fault.Newf(fault.Corrupt, "it begins with %q, an index with %q", header[:8], snapshotMagic)
	case number(header[60:]) != crc32.Checksum(header[:60], sums):
		return nil, fault.Newf(fault.Corrupt, "its header does not fit its check sum")
	case number(header[8:]) != snapshotVersion:
		return nil, fault.Newf(fault.Corrupt, "it is of version %d, which is not %d", number(header[8:]), snapshotVersion)
	case binary.LittleEndian.Uint64(header[16:]) != uint64(len(file)):
		return nil, fault.Newf(fault.Corrupt, "it has %d bytes and should have %d", len(file), binary.LittleEndian.Uint64(header[16:]))
	}
	n := int(number(header[12:]))
	if n > (len(file)-headerLength)/tableRow {
		return nil, fault.Newf(fault.Corrupt, "its table of %d sections does not fit into it", n)
	}
	table := file[headerLength : headerLength+n*tableRow]
	if number(header[24:]) != crc32.Checksum(table, sums) {
		return nil, fault.Newf(fault.Corrupt, "its table does not fit its check sum")
	}
	var all []section
	for i := range n {
		row := table[i*tableRow:]
		start, length := binary.LittleEndian.Uint64(row[16:]), binary.LittleEndian.Uint64(row[24:])
		if start%sectionStart != 0 || start > uint64(len(file)) || length > uint64(len(file))-start {
			return nil, fault.Newf(fault.Corrupt, "section %d, of %d bytes from %d on, does not lie in it", i, length, start)
		}
		bytes := file[start : start+length]
		if crc32.Checksum(bytes, sums) != number(row[8:]) {
			return nil, fault.Newf(fault.Corrupt, "section %d, of %d bytes from %d on, does not fit its check sum", i, length, start)
		}
		all = append(all, section{number(row), number(row[4:]), bytes})
	}
	return all, nil
}

// sectionReader takes sections one after the other; the first fault stays.
type sectionReader struct {
	sections []section
	err      error
}

// take gives the next section, which must be what is said and hold whole numbers.
func (r *sectionReader) take(what uint32, size int) section {
	if r.err != nil {
		return section{}
	}
	if len(r.sections) == 0 || r.sections[0].what != what || len(r.sections[0].bytes)%size != 0 {
		r.err = fault.Newf(fault.Corrupt, "its sections are not in order: no section of kind %d and of numbers of %d bytes where it should be", what, size)
		return section{}
	}
	s := r.sections[0]
	r.sections = r.sections[1:]
	return s
}

func (r *sectionReader) segment() *segment {
	s := new(segment)
	first := r.take(sectionFirst, 16)
	s.first = asWords[half](first.bytes)
	s.second = asWords[half](r.take(sectionSecond, 16).bytes)
	s.ids = asWords[uint64](r.take(sectionIDs, 8).bytes)
	s.runs.starts = asWords[uint64](r.take(sectionStarts, 8).bytes)
	s.runs.before = asWords[uint32](r.take(sectionBefore, 4).bytes)
	s.dead = deadBits(asWords[uint64](r.take(sectionDead, 8).bytes))
	known := map[int]*flips{}
	from := 0
	for range first.parameter {
		base := r.take(sectionBase, 4)
		w := int(base.parameter)
		if r.err != nil || w < 6 || w > 28 || from+w > 256 {
			break
		}
		if known[w] == nil {
			known[w] = newFlips(w)
		}
		b := band{from: from, width: w, flips: known[w]}
		b.dir.base = asWords[uint32](base.bytes)
		b.dir.off = r.take(sectionOff, 1).bytes
		b.dir.rows = asWords[uint32](r.take(sectionRows, 4).bytes)
		b.slots = asWords[uint32](r.take(sectionSlots, 4).bytes)
		s.bands = append(s.bands, b)
		from += w
	}
	if r.err == nil && (from != 256 || len(s.bands) > 32) {
		r.err = fault.Newf(fault.Corrupt, "its %d bands cover %d of 256 bits", len(s.bands), from)
	}
	return s
}

// check makes sure that no number leads out of the segment, and counts what is removed.
func (s *segment) check() error {
	if len(s.second) != len(s.first) || len(s.dead) != (len(s.ids)+63)/64 || !s.runs.fit(len(s.first), len(s.ids)) {
		return fault.Newf(fault.Corrupt, "%d first halves, %d second halves, %d numbers and %d marks do not fit together",
			len(s.first), len(s.second), len(s.ids), len(s.dead))
	}
	for i := range s.bands {
		if b := &s.bands[i]; !b.fits(i == 0, len(s.first)) {
			return fault.Newf(fault.Corrupt, "band %d, of %d bits, leads elsewhere than to its %d codes", i, b.width, len(s.first))
		}
	}
	for i := range s.dead {
		s.gone.Add(int64(bits.OnesCount64(s.dead[i].Load())))
	}
	s.makePlans()
	return nil
}

// fit tells whether runs are of so many codes and entries.
func (r *runs) fit(codes, entries int) bool {
	if r.starts == nil {
		return codes == entries && r.before == nil
	}
	if len(r.starts) != (entries+63)/64 || r.starts[0]&1 == 0 || r.starts[len(r.starts)-1]>>((entries-1)%64+1) != 0 {
		return false
	}
	n := 0
	for _, word := range r.starts {
		n += bits.OnesCount64(word)
	}
	return n == codes && slices.Equal(r.before, newRuns(r.starts).before)
}

// fits tells whether a band leads to each of so many codes and nowhere else.
func (b *band) fits(first bool, codes int) bool {
	keys := 1 << b.width
	d := &b.dir
	if len(d.base) != keys/crowd+1 || len(d.off) != keys+1 || d.off[keys] != 0 || d.base[0] != 0 || int(d.base[keys/crowd]) != codes {
		return false
	}
	for g := range keys / crowd {
		if d.base[g] > d.base[g+1] || !d.groupFits(g) {
			return false
		}
	}
	if first {
		return b.slots == nil
	}
	if len(b.slots) != codes+4 {
		return false
	}
	highest := uint32(0)
	for _, slot := range b.slots[:codes] {
		highest = max(highest, slot)
	}
	return codes == 0 || int(highest) < codes
}

func (d *directory) groupFits(g int) bool {
	off, n := d.off[g*crowd:(g+1)*crowd], d.base[g+1]-d.base[g]
	if off[0] != 0 {
		return false
	}
	if n > 255 {
		row := int(binary.LittleEndian.Uint32(off[1:])) * crowd
		return row <= len(d.rows)-crowd && d.rows[row] >= d.base[g] && slices.IsSorted(d.rows[row:row+crowd]) && d.rows[row+crowd-1] <= d.base[g+1]
	}
	ordered := uint8(1)
	for k := 1; k < crowd; k++ {
		ordered &= uint8(atMost(int(off[k-1]), int(off[k])))
	}
	return ordered == 1 && uint32(off[crowd-1]) <= n
}
