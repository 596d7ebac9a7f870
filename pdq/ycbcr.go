package pdq

import (
	"image"
	"sync"
)

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

// luma weighs one pixel, of which the colour is joined.
func (t *chromaTables) luma(y uint8, colour uint16) float32 {
	cb, cr, at := colour&255, colour>>8, int32(y)+margin
	r := t.r[(at+t.redCr[cr])&1023]
	g := t.g[(at+(t.greenCb[cb]+t.greenCr[cr])>>16)&1023]
	b := t.b[(at+t.blueCb[cb])&1023]
	return r + g + b
}

// A shift is what a colour adds to the brightness of a pixel, which is nothing but the rounding
// of its red, green and blue, as long as none of the three is clamped: for y from low, count of them.
type shift struct {
	adds       float32
	low, count int16
}

// tables are the same for all pictures. Computed once, never changed.
var tables = sync.OnceValue(newChromaTables)

var shifts = sync.OnceValue(func() *[1 << 16]shift {
	t, out := tables(), new([1 << 16]shift)
	for colour := range out {
		cb, cr := colour&255, colour>>8
		r, g, b := t.redCr[cr], (t.greenCb[cb]+t.greenCr[cr])>>16, t.blueCb[cb]
		low, high := max(-min(r, g, b), 0), min(255-max(r, g, b), 255)
		out[colour] = shift{
			adds: float32((299*float64(r) + 587*float64(g) + 114*float64(b)) / 1000),
			low:  int16(low), count: int16(max(high-low+1, 0)),
		}
	}
	return out
})

// ycbcr reads a picture with its colour differences at full or lower resolution. Near
// has an error in the last bits, and the columns are all.
func ycbcr(m *image.YCbCr) (exact, near lumaRow) {
	colours, t, s := coloursOf(m), tables(), shifts()
	line := func(y int) []uint8 { return m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y):] }
	exact = func(dst []lanes, lane, y int, cols []int) {
		row, colour := line(y), colours(y)
		for i, x := range cols {
			dst[i][lane&(abreast-1)] = t.luma(row[x], colour[x])
		}
	}
	near = func(dst []lanes, lane, y int, _ []int) {
		row, colour := line(y)[:len(dst)], colours(y)[:len(dst)]
		for i, v := range row {
			e := &s[colour[i]]
			if uint32(int32(v)-int32(e.low)) < uint32(e.count) {
				dst[i][lane&(abreast-1)] = float32(v) + e.adds
			} else {
				dst[i][lane&(abreast-1)] = t.luma(v, colour[i])
			}
		}
	}
	return exact, near
}

// coloursOf gives the colour of each pixel of a row.
func coloursOf(m *image.YCbCr) func(y int) []uint16 {
	if smooth(m) {
		return smoothColours(m)
	}
	corner, out := m.Rect.Min, make([]uint16, m.Rect.Dx())
	if m.SubsampleRatio == image.YCbCrSubsampleRatio444 {
		return func(y int) []uint16 {
			at := m.COffset(corner.X, corner.Y+y)
			cb, cr := m.Cb[at:][:len(out)], m.Cr[at:][:len(out)]
			for i := range out {
				out[i] = uint16(cb[i]) | uint16(cr[i])<<8
			}
			return out
		}
	}
	return func(y int) []uint16 {
		for x := range out {
			at := m.COffset(corner.X+x, corner.Y+y)
			out[x] = uint16(m.Cb[at]) | uint16(m.Cr[at])<<8
		}
		return out
	}
}

// smoothColours brings the differences to full resolution. A picture cut out at an odd
// place begins in the middle of a sample.
func smoothColours(m *image.YCbCr) func(y int) []uint16 {
	c := newChroma(m)
	raise, oddX, oddY := c.both, m.Rect.Min.X&1, m.Rect.Min.Y&1
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		raise, oddY = c.across, 0
	case image.YCbCrSubsampleRatio440:
		raise, oddX = c.down, 0
	}
	done, last := []uint16(nil), -1
	return func(y int) []uint16 {
		if y != last {
			done, last = raise(y + oddY)[oddX:], y
		}
		return done
	}
}
