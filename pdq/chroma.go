package pdq

import "image"

// chroma brings the two planes of colour differences to the resolution of the picture,
// a row at a time, as libjpeg does by default ("fancy upsampling", documented in
// its libjpeg.txt): each value is three quarters of the nearest sample
// and one quarter of the next, in each direction that was halved. The reference's
// decoders all do so; the plain repetition of samples that the standard library's
// colour model implies moves a hash by a few bits where colours are near their limits.
//
// Both planes are worked on at once, Cb in the lower half of a word and Cr in the upper;
// no sum comes near sixteen bits.
type chroma struct {
	m             *image.YCbCr
	width, height int // samples in a plane
	near, next    sampleRow
	mixed         []uint32 // samples after the vertical step, times `scale`
	out           []uint16 // Cb, and Cr eight bits higher
}

// sampleRow is a row of samples of both planes.
type sampleRow struct {
	at   int // which row it is, less than zero for none
	both []uint32
}

const (
	each = 1<<16 | 1 // times a number: the number in both halves
	low8 = 255 * each
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
	c.mixed, c.out = make([]uint32, c.width), make([]uint16, 2*c.width)
	c.near, c.next = sampleRow{-1, make([]uint32, c.width)}, sampleRow{-1, make([]uint32, c.width)}
	return c
}

// both prepares row y of planes halved in both directions.
func (c *chroma) both(y int) []uint16 {
	near, next := c.pair(y)
	mixed := c.mixed
	near, next = near[:len(mixed)], next[:len(mixed)]
	for i := range mixed {
		mixed[i] = 3*near[i] + next[i]
	}
	return c.widen(mixed, 4, 8*each, 7*each)
}

// across prepares row y of planes halved in width.
func (c *chroma) across(y int) []uint16 { return c.widen(c.row(&c.near, y), 2, 1*each, 2*each) }

// down prepares row y of planes halved in height.
func (c *chroma) down(y int) []uint16 {
	near, next := c.pair(y)
	half := uint32(1+y&1) * each
	for i, v := range near {
		c.out[i] = join((3*v + next[i] + half) >> 2)
	}
	return c.out
}

// pair gives the sample row of row y and the neighbour on the side where y lies.
func (c *chroma) pair(y int) (near, next []uint32) {
	at := y / 2
	if c.near.at != at {
		c.near, c.next = c.next, c.near
	}
	return c.row(&c.near, at), c.row(&c.next, min(max(at-1+2*(y&1), 0), c.height-1))
}

// row packs a row of samples, if it is not packed yet.
func (c *chroma) row(p *sampleRow, at int) []uint32 {
	if p.at == at {
		return p.both
	}
	p.at = at
	cb, cr := c.m.Cb[at*c.m.CStride:][:len(p.both)], c.m.Cr[at*c.m.CStride:][:len(p.both)]
	for i := range p.both {
		p.both[i] = uint32(cb[i]) | uint32(cr[i])<<16
	}
	return p.both
}

// widen doubles the row. Left and right halves round differently (left and
// right are what is added first), so that errors do not add up.
func (c *chroma) widen(m []uint32, shift, left, right uint32) []uint16 {
	shift &= 15
	last := len(m) - 1
	c.out[0] = join((4*m[0] + left) >> shift)
	c.out[2*last+1] = join((4*m[last] + right) >> shift)
	out := c.out[1 : 2*last+1]
	here := m[0]
	for i, there := range m[1:] {
		if 2*i+1 >= len(out) {
			break // never; it spares two checks
		}
		out[2*i] = join((3*here + there + right) >> shift)
		out[2*i+1] = join((3*there + here + left) >> shift)
		here = there
	}
	return c.out
}

// join brings the two halves together.
func join(v uint32) uint16 {
	v &= low8
	return uint16(v | v>>8)
}
