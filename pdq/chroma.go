package pdq

import "image"

// chroma brings one plane of colour differences to the resolution of the picture,
// a row at a time, as libjpeg does by default ("fancy upsampling", documented in
// its libjpeg.txt): each value is three quarters of the nearest sample
// and one quarter of the next, in each direction that was halved. The reference's
// decoders all do so; the plain repetition of samples that the standard library's
// colour model implies moves a hash by a few bits where colours are near their limits.
type chroma struct {
	plane         []byte
	stride        int
	width, height int // samples in the plane
	out           []byte
	mixed         []int32 // samples after the vertical step, times `scale`
}

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

// newChroma reads plane, which is the Cb or the Cr of the picture.
func newChroma(m *image.YCbCr, plane []byte) *chroma {
	c := &chroma{plane: plane, stride: m.CStride, width: m.Rect.Dx(), height: m.Rect.Dy()}
	if m.SubsampleRatio != image.YCbCrSubsampleRatio440 {
		c.width = (m.Rect.Max.X+1)/2 - m.Rect.Min.X/2
	}
	if m.SubsampleRatio != image.YCbCrSubsampleRatio422 {
		c.height = (m.Rect.Max.Y+1)/2 - m.Rect.Min.Y/2
	}
	c.mixed, c.out = make([]int32, c.width), make([]byte, 2*c.width)
	return c
}

// both prepares row y of a plane halved in both directions.
func (c *chroma) both(y int) []byte {
	near, next := c.pair(y)
	for i, v := range near {
		c.mixed[i] = 3*int32(v) + int32(next[i])
	}
	return c.widen(4, 8, 7)
}

// across prepares row y of a plane halved in width.
func (c *chroma) across(y int) []byte {
	for i, v := range c.row(y) {
		c.mixed[i] = int32(v)
	}
	return c.widen(2, 1, 2)
}

// down prepares row y of a plane halved in height.
func (c *chroma) down(y int) []byte {
	near, next := c.pair(y)
	half := int32(1 + y&1)
	for i, v := range near {
		c.out[i] = byte((3*int32(v) + int32(next[i]) + half) >> 2)
	}
	return c.out
}

// pair gives the sample row of row y and the neighbour on the side where y lies.
func (c *chroma) pair(y int) (near, next []byte) {
	at := y / 2
	return c.row(at), c.row(min(max(at-1+2*(y&1), 0), c.height-1))
}

func (c *chroma) row(at int) []byte { return c.plane[at*c.stride:][:c.width] }

// widen doubles the mixed row. Left and right halves round differently (left and
// right are what is added first), so that errors do not add up.
func (c *chroma) widen(shift, left, right int32) []byte {
	m, last := c.mixed, len(c.mixed)-1
	c.out[0] = byte((4*m[0] + left) >> shift)
	c.out[2*last+1] = byte((4*m[last] + right) >> shift)
	for i := range last {
		c.out[2*i+1] = byte((3*m[i] + m[i+1] + right) >> shift)
		c.out[2*i+2] = byte((3*m[i+1] + m[i] + left) >> shift)
	}
	return c.out
}
