package pdq

import (
	"encoding/binary"
	"image"
)

// chroma brings the two planes of colour differences to the resolution of the picture,
// a row at a time, as libjpeg does by default ("fancy upsampling", documented in
// its libjpeg.txt): each value is three quarters of the nearest sample
// and one quarter of the next, in each direction that was halved. The reference's
// decoders all do so; the plain repetition of samples that the standard library's
// colour model implies moves a hash by a few bits where colours are near their limits.
//
// Both planes are worked on at once, and two samples of each: a word of 64 bits holds, from the
// lowest, Cb and Cr of one place and of the next in sixteen bits each, which no sum comes near.
// A row of such samples is kept as bytes, four to a place, so that a word can be read at any.
type chroma struct {
	m             *image.YCbCr
	width, height int // samples in a plane
	near, next    sampleRow
	out           colourRow
}

// colourRow holds sixteen bits, lowest first, for each pixel: Cb, and Cr eight bits higher.
type colourRow []uint8

func (c colourRow) at(x int) uint16 { return binary.LittleEndian.Uint16(c[2*x:]) }

func (c colourRow) set(x int, colour uint16) { binary.LittleEndian.PutUint16(c[2*x:], colour) }

// sampleRow is a row of samples of both planes.
type sampleRow struct {
	at   int // which row it is, less than zero for none
	both []uint8
}

const (
	each = 1<<48 | 1<<32 | 1<<16 | 1 // times a number: the number in each part
	low8 = 255 * each
	low2 = 0xffff<<32 | 0xffff // the lower of the two parts of each place
)

// smooth tells for which pictures the triangle is used. Others have full resolution
// or an unusual ratio, for which libjpeg repeats samples too, as it does for planes
// too narrow to have neighbours. Pictures that begin left of or above zero are made by programs only.
func smooth(m *image.YCbCr) bool {
	if m.Rect.Min.X < 0 || m.Rect.Min.Y < 0 || m.Rect.Dx() < 5 {
		return false
	}
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio440:
		return true
	}
	return false
}

func newChroma(m *image.YCbCr) *chroma {
	c := &chroma{m: m, width: m.Rect.Dx(), height: m.Rect.Dy()}
	if m.SubsampleRatio != image.YCbCrSubsampleRatio440 {
		c.width = (m.Rect.Max.X+1)/2 - m.Rect.Min.X/2
	}
	if m.SubsampleRatio != image.YCbCrSubsampleRatio422 {
		c.height = (m.Rect.Max.Y+1)/2 - m.Rect.Min.Y/2
	}
	size := (c.width + 4) / 2 * 8 // a word beyond the last place is read
	c.out = make(colourRow, size)
	c.near, c.next = sampleRow{-1, make([]uint8, size)}, sampleRow{-1, make([]uint8, size)}
	return c
}

// both prepares row y of planes halved in both directions.
func (c *chroma) both(y int) colourRow {
	near, next := c.pair(y)
	return c.widen(near, next, 8*each, 7*each)
}

// across prepares row y of planes halved in width: the row is its own neighbour, and all
// that both does is four times as much.
func (c *chroma) across(y int) colourRow {
	row := c.row(&c.near, y)
	return c.widen(row, row, 4*each, 8*each)
}

// down prepares row y of planes halved in height.
func (c *chroma) down(y int) colourRow {
	near, next := c.pair(y)
	half := uint64(1+y&1) * each
	for i := range c.width {
		v := 3*binary.LittleEndian.Uint64(near[4*i:]) + binary.LittleEndian.Uint64(next[4*i:])
		c.out.set(i, uint16(join((v+half)>>2)))
	}
	return c.out
}

// pair gives the sample row of row y and the neighbour on the side where y lies.
func (c *chroma) pair(y int) (near, next []uint8) {
	at := y / 2
	if c.near.at != at {
		c.near, c.next = c.next, c.near
	}
	return c.row(&c.near, at), c.row(&c.next, min(max(at-1+2*(y&1), 0), c.height-1))
}

// row packs a row of samples, if it is not packed yet.
func (c *chroma) row(p *sampleRow, at int) []uint8 {
	if p.at == at {
		return p.both
	}
	p.at = at
	cb, cr := c.m.Cb[at*c.m.CStride:][:c.width], c.m.Cr[at*c.m.CStride:][:c.width]
	for i, v := range cb {
		binary.LittleEndian.PutUint32(p.both[4*i:], uint32(v)|uint32(cr[i])<<16)
	}
	return p.both
}

// widen mixes two rows and doubles the result. Left and right halves round differently
// (left and right are what is added first), so that errors do not add up.
func (c *chroma) widen(near, next []uint8, left, right uint64) colourRow {
	last := c.width - 1
	here := mix(near, next)
	c.out.set(0, uint16(join((4*here+left)>>4)))
	edge := 3*uint64(binary.LittleEndian.Uint32(near[4*last:])) + uint64(binary.LittleEndian.Uint32(next[4*last:]))
	near, next = near[8:], next[8:]
	for out := c.out[2 : 4*last+6]; len(near) >= 8 && len(next) >= 8 && len(out) >= 8; {
		beyond := mix(near, next)
		there := here>>32 | beyond<<32
		odd, even := join((3*here+there+right)>>4), join((3*there+here+left)>>4)
		binary.LittleEndian.PutUint64(out, odd&low2|even&low2<<16)
		here = beyond
		near, next, out = near[8:], next[8:], out[8:]
	}
	c.out.set(2*last+1, uint16(join((4*edge+right)>>4)))
	return c.out
}

// mix is the step from row to row, for two places.
func mix(near, next []uint8) uint64 {
	return 3*binary.LittleEndian.Uint64(near) + binary.LittleEndian.Uint64(next)
}

// join brings the two parts of each place together in the lower.
func join(v uint64) uint64 {
	v &= low8
	return v | v>>8
}
