package pdq

import (
	"image"
	"image/color"
)

// A lumaRow fills one lane of dst with the brightness of row y at each of the columns;
// as many columns as the picture has are all of them. Rows and columns count from the picture's own corner.
type lumaRow func(dst []lanes, lane, y int, cols []int)

// Weights of the colours in the brightness (ITU-R BT.601), as the reference has them.
const (
	weightR float32 = 0.299
	weightG float32 = 0.587
	weightB float32 = 0.114
)

// weigh gives the brightness of one colour. The conversions stop the compiler from
// fusing a product into a sum, which would change the last bit on some machines.
func weigh(r, g, b uint8) float32 {
	return float32(float32(weightR*float32(r))+float32(weightG*float32(g))) + float32(weightB*float32(b))
}

// lumaOf chooses the reader for the kind of picture.
func lumaOf(img image.Image) lumaRow {
	switch m := img.(type) {
	case *image.Gray:
		return grey(m)
	case *image.Gray16:
		return grey16(m)
	case *image.YCbCr:
		return ycbcr(m)
	case *image.NYCbCrA:
		return ycbcr(&m.YCbCr)
	case *image.Paletted:
		return paletted(m)
	case *image.NRGBA:
		return packed(m.Pix, m.Stride, 4, 1)
	case *image.NRGBA64:
		return packed(m.Pix, m.Stride, 8, 2)
	case *image.RGBA:
		if m.Opaque() {
			return packed(m.Pix, m.Stride, 4, 1)
		}
	case *image.RGBA64:
		if m.Opaque() {
			return packed(m.Pix, m.Stride, 8, 2)
		}
	}
	return anyColour(img)
}

func grey(m *image.Gray) lumaRow {
	var luma [256]float32
	for v := range luma {
		luma[v] = float32(v)
	}
	return func(dst []lanes, lane, y int, cols []int) {
		row := m.Pix[y*m.Stride:]
		if len(cols) == m.Rect.Dx() {
			for i, v := range row[:len(dst)] {
				dst[i][lane&(abreast-1)] = luma[v]
			}
			return
		}
		for i, x := range cols {
			dst[i][lane&(abreast-1)] = luma[row[x]]
		}
	}
}

// grey16 takes the high byte. Pillow, and so some users of the Python binding, clip
// sixteen-bit grey to 255 instead, which leaves little but white.
func grey16(m *image.Gray16) lumaRow {
	return func(dst []lanes, lane, y int, cols []int) {
		row := m.Pix[y*m.Stride:]
		for i, x := range cols {
			dst[i][lane&(abreast-1)] = float32(row[2*x])
		}
	}
}

// packed reads red, green and blue that follow one another, each `wide` bytes
// with the high byte first, in pixels of `pixel` bytes.
func packed(pix []byte, stride, pixel, wide int) lumaRow {
	return func(dst []lanes, lane, y int, cols []int) {
		row := pix[y*stride:]
		for i, x := range cols {
			p := row[x*pixel : x*pixel+pixel]
			dst[i][lane&(abreast-1)] = weigh(p[0], p[wide], p[2*wide])
		}
	}
}

// paletted weighs each colour of the palette once. An index beyond the palette,
// which a careless decoder may let through, counts as black.
func paletted(m *image.Paletted) lumaRow {
	var luma [256]float32
	for i := range min(len(m.Palette), len(luma)) {
		luma[i] = lumaOfColour(m.Palette[i])
	}
	return func(dst []lanes, lane, y int, cols []int) {
		row := m.Pix[y*m.Stride:]
		for i, x := range cols {
			dst[i][lane&(abreast-1)] = luma[row[x]]
		}
	}
}

// anyColour serves CMYK, half-transparent premultiplied pictures and any kind not
// named above, one colour at a time.
func anyColour(img image.Image) lumaRow {
	corner := img.Bounds().Min
	return func(dst []lanes, lane, y int, cols []int) {
		for i, x := range cols {
			dst[i][lane&(abreast-1)] = lumaOfColour(img.At(corner.X+x, corner.Y+y))
		}
	}
}

func lumaOfColour(c color.Color) float32 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return weigh(n.R, n.G, n.B)
}
