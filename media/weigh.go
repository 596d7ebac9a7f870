package media

import (
	"bufio"
	"image"
	"image/color"
	"io"
)

// flat is for decoders that need about the same for every picture. WebP at its
// dearest holds four bytes a pixel three times over: the pixels, the step before the palette
// is undone, and the transparency.
func flat(bytesPerPixel float64) func(image.Config, io.Reader) float64 {
	return func(image.Config, io.Reader) float64 { return bytesPerPixel }
}

// pixelBytes is what a decoded pixel takes.
func pixelBytes(m color.Model) float64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, palette := m.(color.Palette); palette {
		return 1
	}
	return 4
}

// weighPNG doubles an interlaced picture, of which one pass, at most half of it, is
// held beside the whole, with some room. The interlace method is byte 28 of the file.
func weighPNG(c image.Config, r io.Reader) float64 {
	var head [29]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || head[28] != 0 {
		return 2 * pixelBytes(c.ColorModel)
	}
	return pixelBytes(c.ColorModel)
}

// weighTIFF doubles, because a strip that is unpacked may hold the whole picture.
func weighTIFF(c image.Config, _ io.Reader) float64 { return 2 * pixelBytes(c.ColorModel) }

// weighJPEG counts the samples of each pixel and, for a progressive file, the
// four-byte coefficient that is kept for each until the last scan.
func weighJPEG(c image.Config, r io.Reader) float64 {
	samples, progressive := frame(bufio.NewReader(r))
	need := samples
	if progressive {
		need += 4 * samples
	}
	if c.ColorModel != color.GrayModel && c.ColorModel != color.YCbCrModel {
		need += 4 // RGB and CMYK are put together in a second picture
	}
	return need
}

// frame finds the frame header (ITU-T T.81 §B.2.2) and gives the samples per
// pixel and whether the frame is progressive. It assumes the worst where it finds none.
func frame(r *bufio.Reader) (samples float64, progressive bool) {
	const worst = 4
	for {
		marker, err := nextMarker(r)
		if err != nil || marker == 0xda || marker == 0xd9 {
			return worst, true
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd8 {
			continue // stands alone, without a length
		}
		body, err := segment(r)
		if err != nil {
			return worst, true
		}
		if marker >= 0xc0 && marker <= 0xc2 {
			return samplesIn(body), marker == 0xc2
		}
	}
}

// nextMarker skips what lies between markers, as decoders do.
func nextMarker(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		for b == 0xff {
			if b, err = r.ReadByte(); err != nil {
				return 0, err
			}
			if b != 0 && b != 0xff {
				return b, nil
			}
		}
	}
}

func segment(r *bufio.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := int(length[0])<<8 | int(length[1])
	body := make([]byte, max(n-2, 0))
	_, err := io.ReadFull(r, body)
	return body, err
}

// samplesIn adds up the components of a frame header, each by its share of the
// full resolution.
func samplesIn(body []byte) float64 {
	const worst, fixed, each = 4, 6, 3
	if len(body) < fixed+each {
		return worst
	}
	sum, across, down := 0, 1, 1
	for c := body[fixed:]; len(c) >= each; c = c[each:] {
		h, v := int(c[1]>>4), int(c[1]&15)
		sum += h * v
		across, down = max(across, h), max(down, v)
	}
	return float64(sum) / float64(across*down)
}

// weighHash is what package pdq holds beside the picture: its tables, a few lines four
// abreast, and the lines inside its filter's window, a 128th of all.
func weighHash(w, h int64) int64 {
	const tables, perColumn, perRow = 1 << 20, 108, 8
	return tables + perColumn*w + perRow*h + 4*w*((h+127)/128)
}
