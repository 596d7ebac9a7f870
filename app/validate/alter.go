package validate

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"suraag/fault"
)

// alteration is one step of one way to alter a picture. others are pictures that a
// montage shows besides.
type alteration struct {
	kind, step string
	do         func(img *image.RGBA, others []*image.RGBA) (image.Image, error)
}

// montage shows other scenes too, so it is no wonder if it is near to them.
const montage = "montage"

// alterations lists all of them, the weakest step of each kind first.
func alterations() []alteration {
	var all []alteration
	add := func(kind, step string, do func(img *image.RGBA) *image.RGBA) {
		all = append(all, alteration{kind, step, func(img *image.RGBA, _ []*image.RGBA) (image.Image, error) { return do(img), nil }})
	}
	for _, quality := range []int{90, 70, 50, 30, 10} {
		all = append(all, alteration{"recompress", "JPEG quality " + number(quality), func(img *image.RGBA, _ []*image.RGBA) (image.Image, error) { return recompress(img, quality) }})
	}
	for _, percent := range []int{150, 75, 50, 25, 12} {
		add("resize", number(percent)+" % of each side", func(img *image.RGBA) *image.RGBA {
			return resize(img, img.Rect.Dx()*percent/100, img.Rect.Dy()*percent/100)
		})
	}
	add("resize", "width to 80 %, height kept", func(img *image.RGBA) *image.RGBA {
		return resize(img, img.Rect.Dx()*80/100, img.Rect.Dy())
	})
	for _, percent := range []int{1, 2, 5, 10, 20} {
		add("crop", number(percent)+" % off each edge", func(img *image.RGBA) *image.RGBA {
			return crop(img, img.Rect.Dx()*percent/100, img.Rect.Dy()*percent/100, img.Rect.Dx()*percent/100, img.Rect.Dy()*percent/100)
		})
	}
	add("crop", "10 % off the lower edge", func(img *image.RGBA) *image.RGBA { return crop(img, 0, 0, 0, img.Rect.Dy()/10) })
	for _, degrees := range []int{1, 2, 5, 10} {
		add("rotate", "by "+number(degrees)+"°, corners black", func(img *image.RGBA) *image.RGBA { return rotate(img, degrees) })
	}
	for turns := 1; turns < 4; turns++ {
		add("rotate", "by "+number(90*turns)+"°", func(img *image.RGBA) *image.RGBA {
			for range turns {
				img = turn(img)
			}
			return img
		})
	}
	add("mirror", "left and right", func(img *image.RGBA) *image.RGBA { return mirror(img) })
	add("mirror", "up and down", func(img *image.RGBA) *image.RGBA { return mirror(turn(turn(img))) })
	for _, radius := range []int{1, 3, 6} {
		add("blur", "three means over "+number(2*radius+1)+" pixels", func(img *image.RGBA) *image.RGBA { return blur(img, radius) })
	}
	for _, deviation := range []int{5, 15, 40} {
		add("noise", "standard deviation "+number(deviation)+" of 255", func(img *image.RGBA) *image.RGBA { return noise(img, deviation) })
	}
	for _, c := range colourings() {
		add("colour", c.step, func(img *image.RGBA) *image.RGBA { return recolour(img, c.of) })
	}
	add("caption", "white bar of 12 % beneath", func(img *image.RGBA) *image.RGBA { return captionBeneath(img) })
	add("caption", "two lines across the picture", func(img *image.RGBA) *image.RGBA { return captionAcross(img) })
	for _, percent := range []int{20, 50} {
		add("watermark", "tiled, "+number(percent)+" % opaque", func(img *image.RGBA) *image.RGBA { return watermark(img, percent) })
	}
	for _, percent := range []int{2, 5, 10} {
		add("border", "white, "+number(percent)+" % on each side", func(img *image.RGBA) *image.RGBA { return border(img, percent, color.White) })
	}
	add("border", "black, 5 % on each side", func(img *image.RGBA) *image.RGBA { return border(img, 5, color.Black) })
	for _, percent := range []int{90, 75, 50} {
		add("screenshot", "the picture fills "+number(percent)+" % of the height", func(img *image.RGBA) *image.RGBA { return screenshot(img, percent) })
	}
	for _, count := range []int{2, 4} {
		all = append(all, alteration{montage, number(count) + " pictures", func(img *image.RGBA, others []*image.RGBA) (image.Image, error) {
			return mount(append([]*image.RGBA{img}, others[:count-1]...)), nil
		}})
	}
	return all
}

// reduced brings a picture to the longest side that is measured, as plain colours.
func reduced(img image.Image) *image.RGBA {
	b := img.Bounds()
	plain := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(plain, plain.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(plain, plain.Rect, img, b.Min, draw.Over)
	long := max(b.Dx(), b.Dy())
	if long <= longestSide {
		return plain
	}
	return resize(plain, b.Dx()*longestSide/long, b.Dy()*longestSide/long)
}

func recompress(img *image.RGBA, quality int) (image.Image, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	again, err := jpeg.Decode(&b)
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return again, nil
}

// resize takes means over what a pixel covers, or mixes neighbours where there are too few.
func resize(img *image.RGBA, w, h int) *image.RGBA {
	w, h = max(w, 1), max(h, 1)
	if w >= img.Rect.Dx() && h >= img.Rect.Dy() {
		return enlarge(img, w, h)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := span(y, h, img.Rect.Dy())
		for x := range w {
			x0, x1 := span(x, w, img.Rect.Dx())
			var sum [3]int
			for sy := y0; sy < y1; sy++ {
				row := img.Pix[sy*img.Stride:]
				for sx := x0; sx < x1; sx++ {
					for c := range sum {
						sum[c] += int(row[4*sx+c])
					}
				}
			}
			n := (x1 - x0) * (y1 - y0)
			at := out.PixOffset(x, y)
			for c := range sum {
				out.Pix[at+c] = uint8((sum[c] + n/2) / n)
			}
			out.Pix[at+3] = 255
		}
	}
	return out
}

// span tells which of so many source pixels one of n covers: at least one.
func span(i, n, source int) (from, to int) {
	from = i * source / n
	return from, max((i+1)*source/n, from+1)
}

func enlarge(img *image.RGBA, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx := (2*x+1)*256*img.Rect.Dx()/(2*w) - 128
			sy := (2*y+1)*256*img.Rect.Dy()/(2*h) - 128
			out.SetRGBA(x, y, between(img, sx, sy))
		}
	}
	return out
}

// between mixes the four pixels around a place, given in 256ths of a pixel.
func between(img *image.RGBA, sx, sy int) color.RGBA {
	clamp := func(v, n int) int { return min(max(v, 0), n-1) }
	x, y, fx, fy := sx>>8, sy>>8, sx&255, sy&255
	w, h := img.Rect.Dx(), img.Rect.Dy()
	a, b := img.PixOffset(clamp(x, w), clamp(y, h)), img.PixOffset(clamp(x+1, w), clamp(y, h))
	c, d := img.PixOffset(clamp(x, w), clamp(y+1, h)), img.PixOffset(clamp(x+1, w), clamp(y+1, h))
	mix := func(k int) uint8 {
		top := int(img.Pix[a+k])*(256-fx) + int(img.Pix[b+k])*fx
		low := int(img.Pix[c+k])*(256-fx) + int(img.Pix[d+k])*fx
		return uint8((top*(256-fy) + low*fy + 1<<15) >> 16)
	}
	return color.RGBA{mix(0), mix(1), mix(2), 255}
}

func crop(img *image.RGBA, left, top, right, low int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()-left-right, img.Rect.Dy()-top-low))
	draw.Draw(out, out.Rect, img, image.Pt(left, top), draw.Src)
	return out
}

// rotate turns about the middle within the same frame.
func rotate(img *image.RGBA, degrees int) *image.RGBA {
	const one = 1 << 16
	angle := float64(degrees) * math.Pi / 180
	sin, cos := int(math.Round(math.Sin(angle)*one)), int(math.Round(math.Cos(angle)*one))
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(img.Rect)
	for y := range h {
		for x := range w {
			dx, dy := 2*x+1-w, 2*y+1-h // in half pixels from the middle
			sx := ((dx*cos+dy*sin)>>9 + w*128) - 128
			sy := ((dy*cos-dx*sin)>>9 + h*128) - 128
			c := color.RGBA{A: 255}
			if sx >= -128 && sy >= -128 && sx < w*256-128 && sy < h*256-128 {
				c = between(img, sx, sy)
			}
			out.SetRGBA(x, y, c)
		}
	}
	return out
}

// turn turns by a quarter.
func turn(img *image.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			out.SetRGBA(y, w-1-x, img.RGBAAt(x, y))
		}
	}
	return out
}

func mirror(img *image.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(img.Rect)
	for y := range h {
		for x := range w {
			out.SetRGBA(w-1-x, y, img.RGBAAt(x, y))
		}
	}
	return out
}

// blur takes means along rows and columns, three times, which is nearly a Gaussian.
func blur(img *image.RGBA, radius int) *image.RGBA {
	for range 3 {
		img = turn(means(img, radius))
		img = turn(turn(turn(means(img, radius))))
	}
	return img
}

// means takes the mean of each pixel's neighbours in its row; those at the ends count
// as often as they are missed.
func means(img *image.RGBA, radius int) *image.RGBA {
	w, h, n := img.Rect.Dx(), img.Rect.Dy(), 2*radius+1
	out := image.NewRGBA(img.Rect)
	for y := range h {
		row, to := img.Pix[y*img.Stride:], out.Pix[y*out.Stride:]
		for c := range 3 {
			at := func(x int) int { return int(row[4*min(max(x, 0), w-1)+c]) }
			sum := 0
			for x := -radius; x <= radius; x++ {
				sum += at(x)
			}
			for x := range w {
				to[4*x+c] = uint8((sum + n/2) / n)
				sum += at(x+radius+1) - at(x-radius)
			}
		}
		for x := range w {
			to[4*x+3] = 255
		}
	}
	return out
}

// noise adds to each channel of each pixel the sum of four even values, which is nearly
// normal.
func noise(img *image.RGBA, deviation int) *image.RGBA {
	r := rand.New(rand.NewPCG(11, uint64(deviation)))
	out := image.NewRGBA(img.Rect)
	for i, v := range img.Pix {
		if i%4 == 3 {
			out.Pix[i] = 255
			continue
		}
		u := r.Uint32()
		sum := int(u&255) + int(u>>8&255) + int(u>>16&255) + int(u>>24) - 510 // standard deviation 148
		out.Pix[i] = level(int(v) + sum*deviation/148)
	}
	return out
}

func level(v int) uint8 { return uint8(min(max(v, 0), 255)) }

// colouring gives each pixel a colour that depends on its own only.
type colouring struct {
	step string
	of   func(r, g, b int) (int, int, int)
}

func colourings() []colouring {
	each := func(f func(int) int) func(r, g, b int) (int, int, int) {
		return func(r, g, b int) (int, int, int) { return f(r), f(g), f(b) }
	}
	grey := func(r, g, b int) int { return (299*r + 587*g + 114*b) / 1000 }
	return []colouring{
		{"lighter by 40 of 255", each(func(v int) int { return v + 40 })},
		{"darker by 40 of 255", each(func(v int) int { return v - 40 })},
		{"contrast 60 %", each(func(v int) int { return 128 + (v-128)*60/100 })},
		{"contrast 160 %", each(func(v int) int { return 128 + (v-128)*160/100 })},
		{"square law", each(func(v int) int { return v * v / 255 })},
		{"grey", func(r, g, b int) (int, int, int) { v := grey(r, g, b); return v, v, v }},
		{"twice as colourful", func(r, g, b int) (int, int, int) { v := grey(r, g, b); return 2*r - v, 2*g - v, 2*b - v }},
		{"red and blue exchanged", func(r, g, b int) (int, int, int) { return b, g, r }},
		{"negative", each(func(v int) int { return 255 - v })},
	}
}

func recolour(img *image.RGBA, of func(r, g, b int) (int, int, int)) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	for i := 0; i < len(img.Pix); i += 4 {
		r, g, b := of(int(img.Pix[i]), int(img.Pix[i+1]), int(img.Pix[i+2]))
		out.Pix[i], out.Pix[i+1], out.Pix[i+2], out.Pix[i+3] = level(r), level(g), level(b), 255
	}
	return out
}

// words draws a line of text with its foot at y, in letters that are scale times 13
// pixels high.
func words(img *image.RGBA, text string, x, y, scale int, c color.Color, percent int) {
	face := basicfont.Face7x13
	mask := image.NewAlpha(image.Rect(0, 0, 7*len(text), 13))
	d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: fixed.P(0, 11)}
	d.DrawString(text)
	large := image.NewAlpha(image.Rect(0, 0, mask.Rect.Dx()*scale, mask.Rect.Dy()*scale))
	for i := range large.Pix {
		px, py := i%large.Stride, i/large.Stride
		large.Pix[i] = uint8(int(mask.AlphaAt(px/scale, py/scale).A) * percent / 100)
	}
	draw.DrawMask(img, large.Rect.Add(image.Pt(x, y-large.Rect.Dy())), image.NewUniform(c), image.Point{}, large, image.Point{}, draw.Over)
}

func copied(img *image.RGBA) *image.RGBA { return crop(img, 0, 0, 0, 0) }

func captionBeneath(img *image.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	bar := h * 12 / 100
	out := canvas(w, h+bar, color.White)
	draw.Draw(out, img.Rect, img, image.Point{}, draw.Src)
	scale := max(bar/20, 1)
	words(out, "WHEN YOU SEE IT, SHARE IT", w/20, h+bar-bar/6, scale, color.Black, 100)
	return out
}

func captionAcross(img *image.RGBA) *image.RGBA {
	out := copied(img)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	scale := max(w/200, 1)
	for i, line := range []string{"TOP LINE OF WORDS", "AND ONE BENEATH"} {
		y := h/20 + 13*scale + i*(h*9/10-13*scale)
		words(out, line, w/12+scale/2, y+scale/2, scale, color.Black, 100)
		words(out, line, w/12, y, scale, color.White, 100)
	}
	return out
}

func watermark(img *image.RGBA, percent int) *image.RGBA {
	out := copied(img)
	scale := max(img.Rect.Dx()/300, 1)
	for row, y := 0, 13*scale; y < img.Rect.Dy()+13*scale; row, y = row+1, y+40*scale {
		for x := -40 * scale * (row % 3); x < img.Rect.Dx(); x += 120 * scale {
			words(out, "example.org", x, y, scale, color.White, percent)
		}
	}
	return out
}

func canvas(w, h int, c color.Color) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return out
}

func border(img *image.RGBA, percent int, c color.Color) *image.RGBA {
	x, y := img.Rect.Dx()*percent/100, img.Rect.Dy()*percent/100
	out := canvas(img.Rect.Dx()+2*x, img.Rect.Dy()+2*y, c)
	draw.Draw(out, img.Rect.Add(image.Pt(x, y)), img, image.Point{}, draw.Src)
	return out
}

// screenshot shows the picture in a viewer: a line of status above, a row of buttons
// beneath, dark between.
func screenshot(img *image.RGBA, percent int) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	tall := h * 100 / percent
	out := canvas(w, tall, color.RGBA{18, 18, 20, 255})
	top := (tall - h) / 3
	draw.Draw(out, img.Rect.Add(image.Pt(0, top)), img, image.Point{}, draw.Src)
	scale := max(w/400, 1)
	words(out, "12:34", w/40, 15*scale, scale, color.White, 100)
	words(out, "84%", w-w/40-21*scale, 15*scale, scale, color.White, 100)
	for i := range 4 {
		x := w/8 + i*w/4
		button := image.Rect(x-4*scale, tall-12*scale, x+4*scale, tall-4*scale)
		draw.Draw(out, button, image.NewUniform(color.RGBA{200, 200, 205, 255}), image.Point{}, draw.Src)
	}
	return out
}

// mount puts two pictures beside each other, or four in a square, each scaled to the size
// of the first.
func mount(pictures []*image.RGBA) *image.RGBA {
	w, h := pictures[0].Rect.Dx()/2, pictures[0].Rect.Dy()/2
	rows := (len(pictures) + 1) / 2
	out := canvas(2*w, rows*h, color.White)
	for i, p := range pictures {
		at := image.Rect(0, 0, w, h).Add(image.Pt(i%2*w, i/2*h))
		draw.Draw(out, at, resize(p, w, h), image.Point{}, draw.Src)
	}
	return out
}

func number(n int) string { return strconv.Itoa(n) }
