package pdq

import "image"

// chromaTables turn brightness and two colour differences into weighted red, green
// and blue in one look-up each: JFIF's conversion (ITU-T T.871 §7, in 16-bit
// fixed point with rounding), the clamp to 0..255 and the weight at once.
type chromaTables struct {
	redCr, greenCr, greenCb, blueCb [256]int32

	// r, g and b are looked up at value + margin. The differences reach from
	// -227 to +226, so 0..255 plus them stays within -margin..margin+511.
	r, g, b [1024]float32
}

const margin = 256

func newChromaTables() *chromaTables {
	const half = 1 << 15
	t := new(chromaTables)
	for c := range 256 {
		d := int32(c) - 128
		t.redCr[c] = (91881*d + half) >> 16   // 1.402
		t.blueCb[c] = (116130*d + half) >> 16 // 1.772
		t.greenCr[c] = -46802 * d             // 0.71414, summed before rounding
		t.greenCb[c] = -22554*d + half        // 0.34414
	}
	for i := range t.r {
		v := float32(min(max(i-margin, 0), 255))
		t.r[i] = weightR * v
		t.g[i] = weightG * v
		t.b[i] = weightB * v
	}
	return t
}

// luma weighs one pixel.
func (t *chromaTables) luma(y, cb, cr uint8) float32 {
	at := int32(y) + margin
	r := t.r[(at+t.redCr[cr])&1023]
	g := t.g[(at+(t.greenCb[cb]+t.greenCr[cr])>>16)&1023]
	b := t.b[(at+t.blueCb[cb])&1023]
	return r + g + b
}

// ycbcr reads a picture with its colour differences at full or lower resolution.
func ycbcr(m *image.YCbCr) lumaRow {
	if smooth(m) {
		return smoothYCbCr(m)
	}
	t := newChromaTables()
	corner := m.Rect.Min
	return func(dst []lanes, lane, y int, cols []int) {
		line := m.Y[m.YOffset(corner.X, corner.Y+y):]
		for i, x := range cols {
			c := m.COffset(corner.X+x, corner.Y+y)
			dst[i][lane&(abreast-1)] = t.luma(line[x], m.Cb[c], m.Cr[c])
		}
	}
}

// smoothYCbCr reads one whose differences are brought to full resolution first.
// A picture cut out at an odd place begins in the middle of a sample.
func smoothYCbCr(m *image.YCbCr) lumaRow {
	t, blue, red := newChromaTables(), newChroma(m, m.Cb), newChroma(m, m.Cr)
	raise, oddX, oddY := (*chroma).both, m.Rect.Min.X&1, m.Rect.Min.Y&1
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		raise, oddY = (*chroma).across, 0
	case image.YCbCrSubsampleRatio440:
		raise, oddX = (*chroma).down, 0
	}
	return func(dst []lanes, lane, y int, cols []int) {
		line := m.Y[y*m.YStride:]
		cb, cr := raise(blue, y+oddY)[oddX:], raise(red, y+oddY)[oddX:]
		for i, x := range cols {
			dst[i][lane&(abreast-1)] = t.luma(line[x], cb[x], cr[x])
		}
	}
}
