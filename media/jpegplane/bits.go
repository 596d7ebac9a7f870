package jpegplane

import (
	"bytes"
	"encoding/binary"
)

// bitReader reads bits, the first at the top of acc. It may read on past the end of the
// coded bytes into whatever follows, never past the data; see over.
type bitReader struct {
	data []byte
	pos  int    // next byte to load
	end  int    // end of the coded bytes
	acc  uint64 // bits that are loaded, and below the n-th some that will be again
	n    uint   // how many of them count
}

// fill loads at least 56 bits: enough for a code of 16 and a value of 15, and one more code.
func (b *bitReader) fill() {
	if b.pos+8 <= len(b.data) {
		b.acc |= binary.BigEndian.Uint64(b.data[b.pos:]) >> (b.n & 63)
		b.pos += int(63-b.n) >> 3
		b.n |= 56
		return
	}
	for b.n < 56 {
		if b.pos < len(b.data) {
			b.acc |= uint64(b.data[b.pos]) << ((56 - b.n) & 63)
		}
		b.pos++
		b.n += 8
	}
}

func (b *bitReader) skip(n uint) {
	b.acc <<= n & 63
	b.n -= n
}

// take reads up to 16 bits, which must be loaded.
func (b *bitReader) take(n uint) uint32 {
	v := uint32(b.acc >> 32 >> ((32 - n) & 63))
	b.skip(n)
	return v
}

// over tells that more was read than there was.
func (b *bitReader) over() bool { return 8*b.pos-int(b.n) > 8*b.end }

// spent tells that all was read but the filling of the last byte.
func (b *bitReader) spent() bool { return !b.over() && 8*b.end-(8*b.pos-int(b.n)) < 8 }

// symbol decodes one code without looking at the bits of a value. It is false for a
// code that the table does not have. At least 16 bits must be loaded.
func (b *bitReader) symbol(t *huffman) (byte, bool) {
	if e := t.look[b.acc>>(64-peek)]; e != 0 {
		s := byte(e >> 8)
		length := uint(e & 255)
		if e>>16 != 0 {
			length -= uint(s & 15)
		}
		b.skip(length)
		return s, true
	}
	s, length := t.long(uint32(b.acc >> 48))
	b.skip(length)
	return s, length > 0
}

// entropy readies the reader for the coded bytes that begin here and end at the next
// marker. The zero after each coded 0xff (§B.1.1.5) is taken out in place, so that bits
// can be loaded eight bytes at a time.
func (d *decoder) entropy() bool {
	start, to := d.at, d.at
	for {
		rest := d.data[d.at:]
		i := bytes.IndexByte(rest, 0xff)
		if i < 0 || i+1 >= len(rest) {
			return false
		}
		stuffed := rest[i+1] == 0
		keep := i
		if stuffed {
			keep++
		}
		if to != d.at {
			copy(d.data[to:], rest[:keep])
		}
		to += keep
		d.at += i
		if !stuffed {
			d.bits = bitReader{data: d.data, pos: start, end: to}
			return true
		}
		d.at += 2
	}
}

// restart ends one run of coded bytes and begins the next (§E.2.4).
func (d *decoder) restart(number int) bool {
	if !d.bits.spent() || len(d.data)-d.at < 2 || d.data[d.at] != 0xff || d.data[d.at+1] != rst0+byte(number&7) {
		return false
	}
	d.at += 2
	d.previous, d.eobRun = [3]int32{}, 0
	return d.entropy()
}
