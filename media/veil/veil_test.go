package veil_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"testing"

	"suraag/fault"
	"suraag/media"
	"suraag/media/veil"
)

// side is of what size spectra are taken.
const side = 64

// spectrum gives how much a picture changes, along rows and columns, by frequency:
// the square of its cosine transform, summed over all frequencies of one order. Index n is n
// half waves over the picture.
func spectrum(img image.Image) [side]float64 {
	var grid, half [side][side]float64
	b := img.Bounds()
	for y := range side {
		for x := range side {
			grid[y][x] = meanOf(img, b, x, y)
		}
	}
	for y := range side {
		for f := range side {
			for x := range side {
				half[y][f] += grid[y][x] * math.Cos(math.Pi*float64(f)*(float64(x)+.5)/side)
			}
		}
	}
	var out [side]float64
	for f := range side {
		for g := range side {
			v := 0.0
			for y := range side {
				v += half[y][f] * math.Cos(math.Pi*float64(g)*(float64(y)+.5)/side)
			}
			v *= 2.0 / side
			out[max(f, g)] += v * v
		}
	}
	return out
}

func meanOf(img image.Image, b image.Rectangle, x, y int) float64 {
	sum, n := 0.0, 0.0
	for py := y * b.Dy() / side; py < max((y+1)*b.Dy()/side, y*b.Dy()/side+1); py++ {
		for px := x * b.Dx() / side; px < max((x+1)*b.Dx()/side, x*b.Dx()/side+1); px++ {
			sum += float64(color.GrayModel.Convert(img.At(b.Min.X+px, b.Min.Y+py)).(color.Gray).Y)
			n++
		}
	}
	return sum / n
}

// detail is how much of the change in a picture is finer than a wave for each cell of
// a veil. (What is between that and half a wave is the bend where cells meet.)
func detail(img image.Image) float64 {
	sum := 0.0
	for f, e := range spectrum(img) {
		if f > 2*veil.Cells {
			sum += e
		}
	}
	return sum
}

// box blurs a picture by a square of some pixels, as a page's style would.
func box(img image.Image, radius int) image.Image {
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, veil.Edge, veil.Edge*b.Dy()/b.Dx()))
	at := func(x, y int) float64 {
		x, y = min(max(x, 0), out.Rect.Dx()-1), min(max(y, 0), out.Rect.Dy()-1)
		return float64(color.GrayModel.Convert(img.At(b.Min.X+x*b.Dx()/out.Rect.Dx(), b.Min.Y+y*b.Dy()/out.Rect.Dy())).(color.Gray).Y)
	}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sum, n := 0.0, 0.0
			for dy := -radius; dy <= radius; dy++ {
				for dx := -radius; dx <= radius; dx++ {
					sum += at(x+dx, y+dy)
					n++
				}
			}
			out.SetGray(x, y, color.Gray{Y: uint8(sum / n)})
		}
	}
	return out
}

// bridge is a photograph of a bridge, freely licensed.
func bridge(t *testing.T) *image.RGBA {
	t.Helper()
	file, err := os.ReadFile("../../pdq/testdata/bridge/bridge-1-original.jpg")
	if err != nil {
		t.Fatal(err)
	}
	img, err := media.Still(context.Background(), bytes.NewReader(file), int64(len(file)), media.StillLimits(), 1, veil.ShownEdge)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// letters is a made picture with much fine contrast: stripes, squares, a cross.
func letters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(255)
			if (x/9+y/9)%2 == 0 || x*h/w-y < 12 && y-x*h/w < 12 {
				v = 0
			}
			img.SetRGBA(x, y, color.RGBA{v, uint8(x % 256), v, 255})
		}
	}
	return img
}

func decoded(t *testing.T, file []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Nothing fine is left under a veil: less than one part in 200 of what the picture had. A blur
// over seven pixels, as a style sheet would make it, leaves far more, so the measure tells the two apart.
func TestNothingFineIsLeftUnderAVeil(t *testing.T) {
	for name, img := range map[string]*image.RGBA{"photograph": bridge(t), "letters": letters(640, 480)} {
		file, err := veil.Of(img)
		if err != nil {
			t.Fatal(err)
		}
		had, left, weak := detail(img), detail(decoded(t, file)), detail(box(img, 3))
		t.Logf("%s: detail %.0f, under the veil %.1f, under a weak blur %.0f", name, had, left, weak)
		if left > had/200 {
			t.Errorf("%s: of the detail %.2f %% is left", name, 100*left/had)
		}
		if weak < had/20 {
			t.Errorf("%s: a weak blur passes too, so this measures nothing", name)
		}
	}
}

// Two pictures whose cells have the same means have the same veil, to the byte: so
// nothing else of them is in it.
func TestAVeilHoldsTheMeansAndNothingElse(t *testing.T) {
	flat, fine := image.NewRGBA(image.Rect(0, 0, 600, 600)), image.NewRGBA(image.Rect(0, 0, 600, 600))
	for y := range 600 {
		for x := range 600 {
			cell := uint8(40 * ((x/100 + y/100) % 4))
			v := cell + 20
			flat.SetRGBA(x, y, color.RGBA{v, v, v, 255})
			if v = cell; x%2 == 0 {
				v += 40
			}
			fine.SetRGBA(x, y, color.RGBA{v, v, v, 255})
		}
	}
	a, err1 := veil.Of(flat)
	b, err2 := veil.Of(fine)
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("the veil tells stripes from none: %v, %v", err1, err2)
	}
}

func TestVeilsAndCopiesAreBounded(t *testing.T) {
	for name, c := range map[string]struct{ w, h, veilW, veilH int }{
		"wide":           {1280, 640, 160, 80},
		"tall":           {500, 1000, 80, 160},
		"a single point": {1, 1, 160, 160},
		"a line":         {1280, 1, 160, 1},
		"small":          {3, 2, 160, 106},
	} {
		img := letters(c.w, c.h)
		for how, f := range map[string]func() ([]byte, error){
			"veil":   func() ([]byte, error) { return veil.Of(img) },
			"grey":   func() ([]byte, error) { return veil.Shown(img, false) },
			"colour": func() ([]byte, error) { return veil.Shown(img, true) },
		} {
			file, err := f()
			if err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
				continue
			}
			got := decoded(t, file)
			want := image.Pt(c.w, c.h)
			if how == "veil" {
				want = image.Pt(c.veilW, c.veilH)
			}
			if got.Bounds().Size() != want {
				t.Errorf("%s, %s: %v", name, how, got.Bounds())
			}
			if _, isGrey := got.(*image.Gray); isGrey == (how == "colour") {
				t.Errorf("%s, %s: %T", name, how, got)
			}
		}
	}
	if _, err := veil.Shown(letters(veil.ShownEdge+1, 2), false); !fault.Is(err, fault.Invalid) {
		t.Errorf("larger than the limit: %v", err)
	}
	if _, err := veil.Of(image.NewRGBA(image.Rectangle{})); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing: %v", err)
	}
}
