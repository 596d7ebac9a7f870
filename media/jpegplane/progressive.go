package jpegplane

// step decodes what a scan adds to one block (§G.1.2, §G.2).
func (d *decoder) step(p *part, b band, block *[64]int16) bool {
	switch {
	case b.from == 0 && b.high == 0:
		diff, ok := d.difference(p.dc)
		if !ok {
			return false
		}
		d.previous[p.index] += diff
		return set(block, 0, d.previous[p.index]<<b.low)
	case b.from == 0:
		d.bits.fill()
		if d.bits.take(1) == 1 {
			block[0] |= 1 << b.low
		}
		return true
	case b.high == 0:
		return d.firstPass(p.ac, b, block)
	}
	return d.refine(p.ac, b, block)
}

func set(block *[64]int16, k int, v int32) bool {
	block[zigzag[k&63]&63] = int16(v)
	return v > -bound && v < bound
}

// endRun reads how many blocks have nothing more in this band; this one counts.
func (d *decoder) endRun(size uint) {
	d.eobRun = 1 << size
	if size > 0 {
		d.eobRun |= int(d.bits.take(size))
	}
}

// firstPass decodes the upper bits of a band (§G.1.2.2).
func (d *decoder) firstPass(t *huffman, b band, block *[64]int16) bool {
	if d.eobRun > 0 {
		d.eobRun--
		return true
	}
	for k := b.from; k <= b.to; k++ {
		d.bits.fill()
		symbol, ok := d.bits.symbol(t)
		if !ok {
			return false
		}
		run, size := int(symbol>>4), uint(symbol&15)
		switch {
		case size > 10:
			return false
		case size > 0:
			if k += run; k > b.to || !set(block, k, extend(d.bits.take(size), int(size))<<b.low) {
				return false
			}
		case run == 15:
			k += 15
		default:
			d.endRun(uint(run))
			d.eobRun--
			return true
		}
	}
	return true
}

// refine decodes one more bit of a band (§G.1.2.3).
func (d *decoder) refine(t *huffman, b band, block *[64]int16) bool {
	k := b.from
	for d.eobRun == 0 && k <= b.to {
		d.bits.fill()
		symbol, ok := d.bits.symbol(t)
		if !ok {
			return false
		}
		run, fresh := int(symbol>>4), int16(0)
		switch symbol & 15 {
		case 0:
			if run < 15 {
				d.endRun(uint(run))
			}
		case 1:
			fresh = -1 << b.low
			if d.bits.take(1) == 1 {
				fresh = 1 << b.low
			}
		default:
			return false
		}
		if d.eobRun > 0 {
			break
		}
		if k, ok = d.correct(b, block, k, run); !ok || k > b.to {
			return false
		}
		if fresh != 0 {
			block[zigzag[k&63]&63] = fresh
		}
		k++
	}
	if d.eobRun == 0 {
		return true
	}
	d.eobRun--
	_, ok := d.correct(b, block, k, 64)
	return ok
}

// correct reads a bit for each coefficient that is not zero, up to the zero after
// `zeros` others, and gives its place.
func (d *decoder) correct(b band, block *[64]int16, k, zeros int) (int, bool) {
	d.bits.fill()
	for ; k <= b.to; k++ {
		c := &block[zigzag[k&63]&63]
		if *c == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		if d.bits.n == 0 {
			d.bits.fill()
		}
		if d.bits.take(1) == 0 {
			continue
		}
		if *c > 0 {
			*c += 1 << b.low
		} else {
			*c -= 1 << b.low
		}
		if *c >= bound || *c <= -bound {
			return 0, false
		}
	}
	return k, true
}

// reconstruct turns the coefficients into samples once all are known.
func (d *decoder) reconstruct() error {
	for i := range d.comps {
		c := &d.comps[i]
		quant := d.quant[c.quant]
		if quant == nil || !c.coded {
			return ErrUnusual
		}
		var natural [64]int32
		for k, z := range zigzag {
			natural[z] = quant[k]
		}
		for by := range c.rows {
			if err := ended(d.ctx); err != nil {
				return err
			}
			for bx := range c.cols {
				if !c.inverse(&natural, bx, by) {
					return ErrUnusual
				}
			}
		}
	}
	return nil
}

func (c *component) inverse(quant *[64]int32, bx, by int) bool {
	stored := (*[64]int16)(c.stored[64*(by*c.across+bx):])
	var block [64]int32
	wild := int32(0)
	for i, v := range stored {
		w := int32(v) * quant[i]
		wild |= w + bound
		block[i] = w
	}
	inverse(&block, 63, c.plane[64*by*c.across+8*bx:], 8*c.across)
	return uint32(wild) < 2*bound
}
