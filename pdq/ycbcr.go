package pdq

import (
	"encoding/binary"
	"image"
	"sync"
)

// colourTables turn brightness and two colour differences into weighted red, green
// and blue: JFIF's conversion (ITU-T T.871 §7, in 16-bit fixed point with
// rounding), the clamp to 0..255 and the weight at once.
type colourTables struct {
	// offsets holds for each colour (Cb, and Cr eight bits higher) what it adds to
	// red, green and blue, each raised by margin and in ten bits, red lowest.
	offsets [1 << 16]uint32

	// r, g and b are looked up at value + margin. The differences reach from
	// -227 to +226, so 0..255 plus them stays within 0..1023 and the fields do not meet.
	r, g, b [1 << field]float32
}

const (
	field  = 10
	margin = 256
	spread = 1<<(2*field) | 1<<field | 1 // times a number: the number in each field
)

// tables are the same for all pictures. Computed once, never changed.
var tables = sync.OnceValue(func() *colourTables {
	const half = 1 << 15
	t := new(colourTables)
	for colour := range t.offsets {
		cb, cr := int32(colour&255)-128, int32(colour>>8)-128
		r := (91881*cr + half) >> 16             // 1.402
		b := (116130*cb + half) >> 16            // 1.772
		g := (-22554*cb - 46802*cr + half) >> 16 // 0.34414 and 0.71414, summed before rounding
		t.offsets[colour] = uint32(margin+r) | uint32(margin+g)<<field | uint32(margin+b)<<(2*field)
	}
	for i := range t.r {
		v := float32(min(max(i-margin, 0), 255))
		t.r[i] = weightR * v
		t.g[i] = weightG * v
		t.b[i] = weightB * v
	}
	return t
})

// luma weighs one pixel.
func (t *colourTables) luma(y uint8, colour uint16) float32 {
	at := t.offsets[colour] + uint32(y)*spread
	return t.r[at&(1<<field-1)] + t.g[at>>field&(1<<field-1)] + t.b[at>>(2*field)&(1<<field-1)]
}

// row weighs whole rows, four pixels at a time.
func (t *colourTables) row(dst []lanes, lane int, row []uint8, colour colourRow) {
	lane &= abreast - 1
	for len(dst) >= 4 && len(row) >= 4 && len(colour) >= 8 {
		four := binary.LittleEndian.Uint64(colour)
		dst[0][lane] = t.luma(row[0], uint16(four))
		dst[1][lane] = t.luma(row[1], uint16(four>>16))
		dst[2][lane] = t.luma(row[2], uint16(four>>32))
		dst[3][lane] = t.luma(row[3], uint16(four>>48))
		dst, row, colour = dst[4:], row[4:], colour[8:]
	}
	for i, v := range row {
		dst[i][lane] = t.luma(v, colour.at(i))
	}
}

// ycbcr reads a picture with its colour differences at full or lower resolution.
func ycbcr(m *image.YCbCr) lumaRow {
	colours, t := coloursOf(m), tables()
	return func(dst []lanes, lane, y int, cols []int) {
		row, colour := m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y):], colours(y)
		if len(cols) == m.Rect.Dx() {
			t.row(dst, lane, row[:len(dst)], colour[:2*len(dst)])
			return
		}
		for i, x := range cols {
			dst[i][lane&(abreast-1)] = t.luma(row[x], colour.at(x))
		}
	}
}

// coloursOf gives the colour of each pixel of a row.
func coloursOf(m *image.YCbCr) func(y int) colourRow {
	if smooth(m) {
		return smoothColours(m)
	}
	corner, out := m.Rect.Min, make(colourRow, 2*m.Rect.Dx())
	if m.SubsampleRatio == image.YCbCrSubsampleRatio444 {
		return func(y int) colourRow {
			at := m.COffset(corner.X, corner.Y+y)
			cb, cr := m.Cb[at:][:len(out)/2], m.Cr[at:][:len(out)/2]
			for i, v := range cb {
				out.set(i, uint16(v)|uint16(cr[i])<<8)
			}
			return out
		}
	}
	return func(y int) colourRow {
		for x := range len(out) / 2 {
			at := m.COffset(corner.X+x, corner.Y+y)
			out.set(x, uint16(m.Cb[at])|uint16(m.Cr[at])<<8)
		}
		return out
	}
}

// smoothColours brings the differences to full resolution. A picture cut out at an odd
// place begins in the middle of a sample.
func smoothColours(m *image.YCbCr) func(y int) colourRow {
	c := newChroma(m)
	raise, oddX, oddY := c.both, m.Rect.Min.X&1, m.Rect.Min.Y&1
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		raise, oddY = c.across, 0
	case image.YCbCrSubsampleRatio440:
		raise, oddX = c.down, 0
	}
	return func(y int) colourRow { return raise(y + oddY)[2*oddX:] }
}
