package demo_test

import (
	"image"
	"image/color"
)

// The pictures are drawn with whole numbers only, so that every machine draws
// the same pixels: with fractions, some processors join a product and a sum into
// one step and round once less.

// The size of the first picture.
const width, height = 800, 600

// noise gives a smooth value from 0 to 255 that depends on the place and the seed
// alone: corners of a grid of random values, joined by straight lines.
func noise(x, y, cell int, seed uint32) int {
	gx, gy := x/cell, y/cell
	fx, fy := x%cell, y%cell
	top := corner(gx, gy, seed)*(cell-fx) + corner(gx+1, gy, seed)*fx
	low := corner(gx, gy+1, seed)*(cell-fx) + corner(gx+1, gy+1, seed)*fx
	return (top*(cell-fy) + low*fy) / (cell * cell)
}

// corner is a hash of a place: 0 to 255.
func corner(x, y int, seed uint32) int {
	h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca6b ^ seed*0xc2b2ae35
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	h *= 0x297a2d39
	h ^= h >> 15
	return int(h & 255)
}

// cloud adds up noise of three sizes: 0 to 255.
func cloud(x, y, cell int, seed uint32) int {
	return (4*noise(x, y, cell, seed) + 2*noise(x, y, cell/2, seed+1) + noise(x, y, cell/4, seed+2)) / 7
}

func mix(a, b color.RGBA, part, of int) color.RGBA {
	part = max(0, min(part, of))
	m := func(p, q uint8) uint8 { return uint8((int(p)*(of-part) + int(q)*part) / of) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 255}
}

// rough makes a colour lighter or darker by up to by.
func rough(c color.RGBA, value, by int) color.RGBA {
	s := func(p uint8) uint8 { return uint8(max(0, min(255, int(p)+(value-128)*by/128))) }
	return color.RGBA{s(c.R), s(c.G), s(c.B), 255}
}

// lighthouse draws the first picture: a lighthouse on a headland at evening.
func lighthouse() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, lighthouseAt(x, y))
		}
	}
	return img
}

func lighthouseAt(x, y int) color.RGBA {
	switch headland := headlandTop(x); {
	case tower(x, y):
		return towerAt(x, y)
	case y > headland:
		grass := mix(color.RGBA{70, 110, 45, 255}, color.RGBA{25, 40, 20, 255}, y-headland, 220)
		return rough(grass, cloud(x, y, 24, 7), 55)
	case boat(x, y):
		return color.RGBA{240, 236, 225, 255}
	case y > 400:
		return seaAt(x, y)
	case y > hillTop(x):
		return rough(mix(color.RGBA{96, 84, 120, 255}, color.RGBA{60, 60, 90, 255}, y-hillTop(x), 120), cloud(x, y, 32, 11), 30)
	}
	return skyAt(x, y)
}

// headlandTop is the upper edge of the land at the right.
func headlandTop(x int) int {
	if x < 380 {
		return height
	}
	return 560 - (x-380)*(1200-x)/900 + noise(x, 0, 40, 3)/10
}

// hillTop is the upper edge of the far hills at the left.
func hillTop(x int) int {
	return 400 - max(0, 130-(x-210)*(x-210)/260) - max(0, 80-(x-420)*(x-420)/200) - noise(x, 0, 30, 5)/14
}

// tower tells whether a place lies in the lighthouse, which narrows upwards.
func tower(x, y int) bool {
	if y < 110 || y > 440 {
		return false
	}
	half := 22 + (y-110)/10
	if y < 165 {
		half = 20 - max(0, 140-y)/2 // the roof and the lantern
	}
	if y >= 160 && y < 170 {
		half = 34 // the gallery
	}
	return x > 610-half && x < 610+half
}

func towerAt(x, y int) color.RGBA {
	shade := (x - 560) / 2
	switch {
	case y < 128:
		return color.RGBA{120, 25, 25, 255}
	case y < 160:
		return color.RGBA{255, 250, 190, 255}
	case y < 170:
		return color.RGBA{30, 30, 35, 255}
	case (y-170)/50%2 == 0 || y >= 370:
		return rough(color.RGBA{235, 232, 228, 255}, 150-shade*2, 60)
	}
	return rough(color.RGBA{190, 40, 35, 255}, 150-shade*2, 60)
}

func boat(x, y int) bool {
	hull := y >= 452 && y < 470 && x > 120+(y-452) && x < 230-(y-452)
	sail := y >= 360 && y < 448 && x > 172 && x < 172+(y-360)*6/10
	return hull || sail
}

func seaAt(x, y int) color.RGBA {
	wave := noise(x/3, y*2, 12, 21)
	c := mix(color.RGBA{200, 120, 70, 255}, color.RGBA{20, 45, 80, 255}, y-400, 160)
	if d := x - 330; d*d < (y-380)*60 && wave > 120 { // the sun's track
		c = mix(c, color.RGBA{255, 220, 140, 255}, wave-110, 120)
	}
	return rough(c, wave, 45)
}

func skyAt(x, y int) color.RGBA {
	c := mix(color.RGBA{50, 80, 150, 255}, color.RGBA{250, 170, 90, 255}, y, 390)
	if d := (x-330)*(x-330) + (y-300)*(y-300); d < 46*46 {
		return color.RGBA{255, 240, 180, 255}
	} else if d < 150*150 {
		c = mix(color.RGBA{255, 220, 140, 255}, c, d, 150*150)
	}
	if v := cloud(x, y*2, 120, 31); v > 140 {
		c = mix(c, color.RGBA{245, 225, 220, 255}, v-140, 70)
	}
	return c
}

// windmill draws the unrelated picture: a windmill in a field at noon.
func windmill() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, windmillAt(x, y))
		}
	}
	return img
}

func windmillAt(x, y int) color.RGBA {
	dx, dy := x-280, y-210
	ring := dx*dx + dy*dy
	switch ground := 430 + noise(x, 0, 160, 41)/6; {
	case ring < 170*170 && (abs(dx-dy) < 20 || abs(dx+dy) < 20):
		return rough(color.RGBA{90, 60, 40, 255}, cloud(x, y, 12, 43), 40)
	case y > 210 && y < 470 && abs(dx) < 45+(y-210)/5:
		return rough(color.RGBA{225, 215, 200, 255}, cloud(x, y, 16, 45), 30)
	case y > ground:
		row := (x/24 + y/16) % 2
		return rough(color.RGBA{180, uint8(150 + 40*row), 60, 255}, cloud(x, y, 20, 47), 50)
	case abs(x-640) < 60 && y > 280 && y > 280+abs(x-640):
		return rough(color.RGBA{40, 90, 50, 255}, cloud(x, y, 14, 49), 60)
	default:
		c := mix(color.RGBA{110, 170, 230, 255}, color.RGBA{215, 235, 250, 255}, y, 430)
		if v := cloud(x, y, 90, 51); v > 130 {
			c = mix(c, color.RGBA{255, 255, 255, 255}, v-130, 60)
		}
		return c
	}
}

func abs(n int) int { return max(n, -n) }

// smaller takes the mean of every two by two pixels.
func smaller(src *image.RGBA) *image.RGBA {
	b := src.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
	for y := range b.Dy() / 2 {
		for x := range b.Dx() / 2 {
			p, q := src.RGBAAt(2*x, 2*y), src.RGBAAt(2*x+1, 2*y)
			r, s := src.RGBAAt(2*x, 2*y+1), src.RGBAAt(2*x+1, 2*y+1)
			m := func(a, b, c, d uint8) uint8 { return uint8((int(a) + int(b) + int(c) + int(d) + 2) / 4) }
			out.SetRGBA(x, y, color.RGBA{m(p.R, q.R, r.R, s.R), m(p.G, q.G, r.G, s.G), m(p.B, q.B, r.B, s.B), 255})
		}
	}
	return out
}

// cut takes a part of the picture off each side.
func cut(src *image.RGBA, sides image.Rectangle) *image.RGBA {
	b := src.Bounds()
	b = image.Rect(b.Min.X+sides.Min.X, b.Min.Y+sides.Min.Y, b.Max.X-sides.Max.X, b.Max.Y-sides.Max.Y)
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.SetRGBA(x, y, src.RGBAAt(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// mirrored exchanges left and right.
func mirrored(src *image.RGBA) *image.RGBA {
	b := src.Bounds()
	out := image.NewRGBA(b)
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.SetRGBA(x, y, src.RGBAAt(b.Dx()-1-x, y))
		}
	}
	return out
}
