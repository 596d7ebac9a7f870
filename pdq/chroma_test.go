package pdq

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The values are worked out by hand from the rule: three quarters of the nearest
// sample, one quarter of the next, halves rounded up and down in turn.
func TestChromaRows(t *testing.T) {
	plane := []byte{
		0, 100, 201,
		40, 60, 255,
	}
	tests := []struct {
		name  string
		ratio image.YCbCrSubsampleRatio
		size  image.Point
		raise func(*chroma, int) colourRow
		rows  [][]byte
	}{
		{"halved in width", image.YCbCrSubsampleRatio422, image.Pt(6, 2), (*chroma).across, [][]byte{
			{0, 25, 75, 125, 176, 201},
			{40, 45, 55, 109, 206, 255},
		}},
		{"halved in height", image.YCbCrSubsampleRatio440, image.Pt(3, 4), (*chroma).down, [][]byte{
			{0, 100, 201},
			{10, 90, 215},
			{30, 70, 241},
			{40, 60, 255},
		}},
		{"halved both ways", image.YCbCrSubsampleRatio420, image.Pt(6, 4), (*chroma).both, [][]byte{
			{0, 25, 75, 125, 176, 201},
			{10, 30, 70, 121, 183, 214},
			{30, 40, 60, 113, 199, 241},
			{40, 45, 55, 109, 206, 255},
		}},
	}
	for _, tt := range tests {
		m := image.NewYCbCr(image.Rectangle{Max: tt.size}, tt.ratio)
		copy(m.Cb, plane)
		for i, v := range plane {
			m.Cr[i] = 255 - v // rounds the other way, and must not touch Cb
		}
		c := newChroma(m)
		for y, want := range tt.rows {
			var cb, cr []byte
			row := tt.raise(c, y)
			for x := range tt.size.X {
				v := row.at(x)
				cb, cr = append(cb, byte(v)), append(cr, byte(v>>8))
			}
			if diff := cmp.Diff(want, cb); diff != "" {
				t.Errorf("%s, row %d (-want +got)\n%s", tt.name, y, diff)
			}
			for i, v := range cr {
				if off := int(v) + int(want[i]) - 255; off < -1 || off > 1 {
					t.Errorf("%s, row %d: Cr %v beside Cb %v", tt.name, y, cr, want)
				}
			}
		}
	}
}

// A picture may be cut out anywhere; where nothing is near a limit, every ratio gives
// the brightness that the samples themselves would.
func TestChromaOfCuts(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		m := image.NewYCbCr(image.Rect(0, 0, 40, 30), ratio)
		for i := range m.Y {
			m.Y[i] = byte(60 + i*7%120)
		}
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = 128, 128
		}
		for _, r := range []image.Rectangle{{Max: image.Pt(5, 5)}, {image.Pt(3, 5), image.Pt(40, 30)}, {image.Pt(2, 1), image.Pt(17, 30)}, {image.Pt(33, 23), image.Pt(40, 30)}} {
			cut := m.SubImage(r).(*image.YCbCr)
			read := lumaOf(cut)
			row := make([]lanes, r.Dx())
			for y := range r.Dy() {
				read(row, 3, y, steps(r.Dx(), r.Dx()))
				for x, l := range row {
					got := l[3]
					if want := float32(m.Y[m.YOffset(r.Min.X+x, r.Min.Y+y)]); got < want-0.01 || got > want+0.01 {
						t.Fatalf("%v cut %v at %d,%d: %v, want %v", ratio, r, x, y, got, want)
					}
				}
			}
		}
	}
}

// Whatever the width, two samples at once come to what one at a time do.
func TestChromaOfEveryWidth(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for width := 5; width < 40; width++ {
		for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio440} {
			m := image.NewYCbCr(image.Rect(0, 0, width, 9), ratio)
			for i := range m.Cb {
				m.Cb[i], m.Cr[i] = uint8(r.Uint32()), uint8(r.Uint32())
			}
			colours := coloursOf(m)
			for y := range 9 {
				row := colours(y)
				for x := range width {
					want := uint16(sampleAt(m, m.Cb, x, y)) | uint16(sampleAt(m, m.Cr, x, y))<<8
					if got := row.at(x); got != want {
						t.Fatalf("%v, %d wide, at %d,%d: %x, want %x", ratio, width, x, y, got, want)
					}
				}
			}
		}
	}
}

// sampleAt is the triangle filter for one pixel of one plane.
func sampleAt(m *image.YCbCr, plane []uint8, x, y int) uint8 {
	width, height := m.CStride, len(plane)/m.CStride
	at := func(i, j int) int { return int(plane[j*m.CStride+i]) }
	other := func(i, n int) int { return min(max(i/2-1+2*(i&1), 0), n-1) }
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		return uint8((3*at(x/2, y) + at(other(x, width), y) + 1 + x&1) >> 2)
	case image.YCbCrSubsampleRatio440:
		return uint8((3*at(x, y/2) + at(x, other(y, height)) + 1 + y&1) >> 2)
	}
	mixed := func(i int) int { return 3*at(i, y/2) + at(i, other(y, height)) }
	return uint8((3*mixed(x/2) + mixed(other(x, width)) + 8 - x&1) >> 4)
}
