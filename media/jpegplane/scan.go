package jpegplane

import "encoding/binary"

// zigzag gives the place in a block of each coefficient as coded (figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// part is what one component does in a scan.
type part struct {
	index  int // of the component, and so of its previous DC
	comp   *component
	dc, ac *huffman
	quant  *[64]int32
}

// band is the share of the coefficients that a scan codes: from..to in zigzag
// order, of the bits above low, which were coded above high before (§G.1.1.1).
type band struct{ from, to, high, low int }

// scan reads a scan header (§B.2.3) and the coded bytes after it.
func (d *decoder) scan(body []byte) error {
	parts, b, ok := d.scanHeader(body)
	if !ok || !d.prepare(parts) || !d.entropy() {
		return ErrUnusual
	}
	d.scans++
	for _, p := range parts {
		p.comp.coded = true
	}
	d.previous, d.eobRun = [3]int32{}, 0
	if err := d.walk(parts, b); err != nil {
		return err
	}
	if !d.bits.spent() || d.eobRun != 0 { // a run that goes on past the last block
		return ErrUnusual
	}
	return nil
}

func (d *decoder) scanHeader(body []byte) ([]part, band, bool) {
	if len(body) < 6 || d.comps == nil {
		return nil, band{}, false
	}
	n := int(body[0])
	if n < 1 || n > len(d.comps) || len(body) != 4+2*n || !d.progressive && (n != len(d.comps) || d.scans > 0) {
		return nil, band{}, false
	}
	parts := make([]part, n)
	next := 0 // components stand in the order of the frame
	for i := range parts {
		id, tables := body[1+2*i], body[2+2*i]
		for next < len(d.comps) && d.comps[next].id != id {
			next++
		}
		if next == len(d.comps) || tables>>4 > 3 || tables&15 > 3 {
			return nil, band{}, false
		}
		c := &d.comps[next]
		parts[i] = part{next, c, d.dc[tables>>4], d.ac[tables&15], d.quant[c.quant]}
		next++
	}
	last := body[1+2*n:]
	b := band{int(last[0]), int(last[1]), int(last[2] >> 4), int(last[2] & 15)}
	return parts, b, d.sound(parts, b)
}

// sound checks that the band is one of those allowed and has its tables.
func (d *decoder) sound(parts []part, b band) bool {
	if !d.progressive {
		for _, p := range parts {
			if p.dc == nil || p.ac == nil || p.quant == nil {
				return false
			}
		}
		return b == band{0, 63, 0, 0}
	}
	alone := len(parts) == 1
	if b.to > 63 || b.from > b.to || b.from == 0 && b.to != 0 || b.from > 0 && !alone || b.low > 13 || b.high != 0 && b.high != b.low+1 {
		return false
	}
	for _, p := range parts {
		if p.quant == nil || b.from == 0 && b.high == 0 && p.dc == nil || b.from > 0 && p.ac == nil {
			return false
		}
	}
	// In a scan of one component the interval counts blocks, which not all decoders heed.
	return !alone || d.interval == 0 || parts[0].comp.h*parts[0].comp.v == 1
}

// prepare makes the planes, and the coefficients of a progressive file.
func (d *decoder) prepare(parts []part) bool {
	if d.scans == 0 {
		for i := range d.comps {
			c := &d.comps[i]
			c.plane = make([]byte, 64*c.across*c.down)
			if d.progressive {
				c.stored = make([]int16, 64*c.across*c.down)
			}
		}
	}
	return len(parts) > 0
}

// walk visits the blocks of a scan in the order of §A.2.
func (d *decoder) walk(parts []part, b band) error {
	across, down := d.mcuX, d.mcuY
	alone := len(parts) == 1
	if alone {
		across, down = parts[0].comp.cols, parts[0].comp.rows
	}
	done, restarts := 0, 0
	for y := range down {
		if err := ended(d.ctx); err != nil {
			return err
		}
		for x := range across {
			if d.interval > 0 && done == d.interval {
				if !d.restart(restarts) {
					return ErrUnusual
				}
				done = 0
				restarts++
			}
			done++
			for i := range parts {
				if !d.unit(&parts[i], b, x, y, alone) {
					return ErrUnusual
				}
			}
			if d.bits.over() {
				return ErrUnusual
			}
		}
	}
	return nil
}

// unit does the blocks of one component in one MCU.
func (d *decoder) unit(p *part, b band, x, y int, alone bool) bool {
	h, v := p.comp.h, p.comp.v
	if alone {
		h, v = 1, 1
	}
	for dy := range v {
		for dx := range h {
			bx, by := x*h+dx, y*v+dy
			ok := false
			if d.progressive {
				ok = d.step(p, b, (*[64]int16)(p.comp.stored[64*(by*p.comp.across+bx):]))
			} else {
				ok = d.baseline(p, p.comp.plane[64*by*p.comp.across+8*bx:])
			}
			if !ok {
				return false
			}
		}
	}
	return true
}

// bound is more than any coefficient of a picture reaches (8 bits times 8, and some
// rounding). Beyond it some decoders overflow and give other samples.
const bound = 1 << 12

// baseline decodes one block and puts its samples in place (§F.2).
func (d *decoder) baseline(p *part, out []byte) bool {
	diff, ok := d.difference(p.dc)
	if !ok {
		return false
	}
	d.previous[p.index] += diff
	var block [64]int32
	block[0] = d.previous[p.index] * p.quant[0]
	last, ok := d.coefficients(&block, p.ac, p.quant)
	if !ok || block[0] <= -bound || block[0] >= bound {
		return false
	}
	inverse(&block, last, out, 8*p.comp.across)
	return true
}

// difference decodes how far a DC is from the one before (§F.2.2.1).
func (d *decoder) difference(t *huffman) (int32, bool) {
	d.bits.fill()
	size, ok := d.bits.symbol(t)
	if !ok || size > 11 {
		return 0, false
	}
	if size == 0 {
		return 0, true
	}
	return extend(d.bits.take(uint(size)), int(size)), true
}

// coefficients decodes the others of a block, dequantized, and gives the place of
// the last of them in zigzag order (§F.2.2.2). It does what fill, symbol and take do, with
// the reader's state at hand: half of the time of decoding is spent here.
func (d *decoder) coefficients(block *[64]int32, t *huffman, quant *[64]int32) (last int, ok bool) {
	data, pos, acc, n := d.bits.data, d.bits.pos, d.bits.acc, d.bits.n
	wild := int32(0)
	for k := 1; k < 64; k++ {
		if uint(pos)+8 > uint(len(data)) {
			return d.lastCoefficients(block, t, quant, k, last, wild, bitReader{data, pos, d.bits.end, acc, n})
		}
		acc |= binary.BigEndian.Uint64(data[pos:]) >> (n & 63)
		pos += int(63-n) >> 3
		n |= 56
		e := t.look[acc>>(64-peek)]
		v, s := int32(e)>>16, e>>8&255
		acc <<= e & 63
		n -= uint(e & 63)
		if v == 0 {
			if e == 0 {
				symbol, length := t.long(uint32(acc >> 48))
				if length == 0 {
					return 0, false
				}
				acc <<= length & 63
				n -= length
				s = uint32(symbol)
			}
			size := s & 15
			if size == 0 {
				if s == 0 {
					break
				}
				if s != 0xf0 {
					return 0, false
				}
				k += 15
				continue
			}
			if size > 10 {
				return 0, false
			}
			v = extend(uint32(acc>>32>>(32-size&63)), int(size))
			acc <<= size
			n -= uint(size)
		}
		k += int(s >> 4)
		if k > 63 {
			return 0, false
		}
		v *= quant[k&63]
		wild |= v + bound
		block[zigzag[k&63]&63] = v
		last = k
	}
	d.bits.pos, d.bits.acc, d.bits.n = pos, acc, n
	return last, uint32(wild) < 2*bound
}

// lastCoefficients goes on from place k at the very end of a file, where eight bytes can no longer
// be loaded at once.
func (d *decoder) lastCoefficients(block *[64]int32, t *huffman, quant *[64]int32, k, last int, wild int32, b bitReader) (int, bool) {
	for ; k < 64; k++ {
		b.fill()
		s, ok := b.symbol(t)
		size := int(s & 15)
		if !ok || size > 10 || size == 0 && s != 0 && s != 0xf0 {
			return 0, false
		}
		if s == 0 {
			break
		}
		k += int(s >> 4)
		if size == 0 {
			continue
		}
		if k > 63 {
			return 0, false
		}
		v := extend(b.take(uint(size)), size) * quant[k]
		wild |= v + bound
		block[zigzag[k]] = v
		last = k
	}
	d.bits = b
	return last, uint32(wild) < 2*bound
}
