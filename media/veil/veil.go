// Package veil makes of a picture what a page of media mode may hold.
//
// Takes a picture that was decoded within bounds. Gives a veil, in which nothing
// can be recognised, or a copy to be shown while somebody holds a key: grey unless
// colour is asked for, of bounded size, encoded anew. Never gives a byte of the
// original, its metadata or its sound, and never writes anything to a disk.
package veil

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"

	"suraag/fault"
)

// Cells is the greatest number of grey values along a side of a veil, and so all
// that it holds of the picture. People still know half of the familiar faces in pictures of
// seven by ten points (Sinha, Balas, Ostrovsky and Russell, "Face recognition by
// humans: nineteen results", 2006, result 1, of faces that fill the frame, in colour),
// so it is fewer, and grey.
const Cells = 6

// Greys is how many greys a cell can have.
const Greys = 16

// Edge and ShownEdge bound the longer side of a veil and of a shown copy, in pixels.
const (
	Edge      = 160
	ShownEdge = 1280
)

// Of gives the veil of a picture as JPEG. All of it is worked out from a copy of at
// most Cells by Cells points: stronger than any blur, because what is not in the
// copy cannot be brought back.
func Of(img *image.RGBA) ([]byte, error) {
	b := img.Rect
	if b.Empty() {
		return nil, fault.Newf(fault.Invalid, "a picture without a point")
	}
	cols, rows := cells(b.Dx(), b.Dy())
	few := image.NewGray(image.Rect(0, 0, cols, rows))
	for y := range rows {
		for x := range cols {
			mean := meanGrey(img, x*b.Dx()/cols, y*b.Dy()/rows, (x+1)*b.Dx()/cols, (y+1)*b.Dy()/rows)
			step := 255 / (Greys - 1)
			few.SetGray(x, y, color.Gray{Y: uint8((int(mean) + step/2) / step * step)})
		}
	}
	w, h := within(b.Dx(), b.Dy(), Edge)
	return encoded(smooth(few, w, h), 70)
}

// cells gives a grid of at most Cells a side, in the shape of the picture.
func cells(w, h int) (cols, rows int) {
	cols, rows = within(w, h, Cells)
	return min(cols, w), min(rows, h)
}

// within gives the size of the shape of a picture whose longer side is edge.
func within(w, h, edge int) (int, int) {
	if w >= h {
		return edge, max(1, h*edge/w)
	}
	return max(1, w*edge/h), edge
}

func meanGrey(img *image.RGBA, x0, y0, x1, y1 int) uint8 {
	var sum, n int64
	for y := y0; y < max(y1, y0+1); y++ {
		for x := x0; x < max(x1, x0+1); x++ {
			at := img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y)
			sum += int64(grey(img.Pix[at], img.Pix[at+1], img.Pix[at+2]))
			n++
		}
	}
	return uint8(sum / n)
}

// grey is the luma of ITU-R BT.601, as image/color has it.
func grey(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// smooth draws a few points large, without steps between them.
func smooth(few *image.Gray, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	cols, rows := few.Rect.Dx(), few.Rect.Dy()
	for y := range h {
		y0, y1, fy := between(y, h, rows)
		for x := range w {
			x0, x1, fx := between(x, w, cols)
			top := float64(few.GrayAt(x0, y0).Y)*(1-fx) + float64(few.GrayAt(x1, y0).Y)*fx
			low := float64(few.GrayAt(x0, y1).Y)*(1-fx) + float64(few.GrayAt(x1, y1).Y)*fx
			out.SetGray(x, y, color.Gray{Y: uint8(top*(1-fy) + low*fy + 0.5)})
		}
	}
	return out
}

// between gives the two cells beside a point, and how far it is to the second.
func between(at, of, cells int) (a, b int, part float64) {
	place := (float64(at)+0.5)*float64(cells)/float64(of) - 0.5
	place = min(max(place, 0), float64(cells-1))
	a = int(place)
	return a, min(a+1, cells-1), place - float64(a)
}

// Shown gives a copy to be shown, as JPEG.
func Shown(img *image.RGBA, colour bool) ([]byte, error) {
	b := img.Rect
	if b.Empty() || max(b.Dx(), b.Dy()) > ShownEdge {
		return nil, fault.Newf(fault.Invalid, "a picture of %dx%d points is not shown, the limit is %d a side", b.Dx(), b.Dy(), ShownEdge)
	}
	if colour {
		return encoded(img, 85)
	}
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			at := img.PixOffset(b.Min.X+x, b.Min.Y+y)
			out.Pix[out.PixOffset(x, y)] = grey(img.Pix[at], img.Pix[at+1], img.Pix[at+2])
		}
	}
	return encoded(out, 85)
}

func encoded(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return b.Bytes(), nil
}
