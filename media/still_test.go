package media_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"suraag/fault"
	"suraag/media"
)

func still(t *testing.T, file []byte, n, edge int) *image.RGBA {
	t.Helper()
	img, err := media.Still(context.Background(), bytes.NewReader(file), int64(len(file)), media.StillLimits(), n, edge)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestStillsAreBounded(t *testing.T) {
	for mediaType, file := range made(t) { // 300 by 200 pixels
		for edge, want := range map[int]image.Point{1280: {300, 200}, 150: {150, 100}, 7: {7, 4}, 1: {1, 1}} {
			if got := still(t, file, 1, edge).Rect.Size(); got != want {
				t.Errorf("%s within %d: %v, want %v", mediaType, edge, got, want)
			}
		}
	}
	// A picture that is reduced is still that picture.
	want, got := drawing(), still(t, made(t)["image/png"], 1, 150)
	for _, p := range []image.Point{{20, 25}, {60, 80}, {100, 40}, {5, 90}} {
		w, g := int(want.GrayAt(2*p.X, 2*p.Y).Y), int(got.RGBAAt(p.X, p.Y).G)
		if w-g > 40 || g-w > 40 {
			t.Errorf("at %v: %d, want about %d", p, g, w)
		}
	}
}

// What is transparent is shown on white, and of a GIF that moves the first picture.
func TestStillsDoNotMoveAndHideNothing(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	clear.SetNRGBA(3, 3, color.NRGBA{255, 0, 0, 255})
	got := still(t, encoded(t, clear, png.Encode), 1, 100)
	if got.RGBAAt(10, 10) != (color.RGBA{255, 255, 255, 255}) || got.RGBAAt(3, 3) != (color.RGBA{255, 0, 0, 255}) {
		t.Errorf("%v, %v", got.RGBAAt(10, 10), got.RGBAAt(3, 3))
	}
	one, two := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White}), image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.White})
	moving := encoded(t, one, func(w io.Writer, _ image.Image) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{one, two}, Delay: []int{1, 1}})
	})
	if got := still(t, moving, 1, 100); got.RGBAAt(2, 2) != (color.RGBA{0, 0, 0, 255}) {
		t.Errorf("not the first picture: %v", got.RGBAAt(2, 2))
	}
}

// A picture stands upright as its EXIF data says, for each of the eight ways.
func TestStillsStandUpright(t *testing.T) {
	// Two by three squares of 16 pixels, of which each has a grey of its own.
	grey := func(img *image.RGBA, x, y int) int { return int(img.RGBAAt(16*x+8, 16*y+8).G+20) / 40 }
	upright := [3][2]int{{0, 1}, {2, 3}, {4, 5}}
	for orientation := uint16(1); orientation <= 8; orientation++ {
		w, h := 2, 3
		if orientation > 4 {
			w, h = 3, 2
		}
		lies := image.NewGray(image.Rect(0, 0, 16*w, 16*h))
		for y := range lies.Rect.Dy() {
			for x := range lies.Rect.Dx() {
				// Where the square that lies here stands: CIPA DC-008 §4.6.5.1.6 names the sides that row 0 and column 0 are.
				col, row := x/16, y/16
				switch orientation {
				case 2:
					col = 1 - col
				case 3:
					col, row = 1-col, 2-row
				case 4:
					row = 2 - row
				case 5:
					col, row = row, col
				case 6:
					col, row = 1-row, col
				case 7:
					col, row = 1-row, 2-col
				case 8:
					col, row = row, 2-col
				}
				lies.SetGray(x, y, color.Gray{Y: uint8(40 * upright[row][col])})
			}
		}
		got := still(t, oriented(t, lies, orientation), 1, 200)
		if got.Rect.Size() != image.Pt(32, 48) {
			t.Errorf("orientation %d: %v", orientation, got.Rect)
			continue
		}
		for row := range 3 {
			for col := range 2 {
				if g := grey(got, col, row); g != upright[row][col] {
					t.Errorf("orientation %d: square %d,%d is %d, want %d", orientation, col, row, g, upright[row][col])
				}
			}
		}
	}
}

// Stills of a video lie apart, are as large as asked, and make no sound: a video
// without pictures gives none.
func TestStillsOfAVideo(t *testing.T) {
	needs(t, "ffmpeg")
	clip := load(t, "clip.mp4")
	first, later := still(t, clip, 1, 64), still(t, clip, media.Stills, 64)
	if first.Rect.Dx() != 64 || first.Rect.Dy() > 64 || bytes.Equal(first.Pix, later.Pix) {
		t.Errorf("%v; the last still is the first: %v", first.Rect, bytes.Equal(first.Pix, later.Pix))
	}
	for _, name := range []string{"part.webm", "other.avi"} {
		for _, n := range []int{1, 5, media.Stills} {
			if got := still(t, load(t, name), n, 32); got.Rect.Dx() != 32 {
				t.Errorf("%s, still %d: %v", name, n, got.Rect)
			}
		}
	}
}

func TestStillsThatCannotBeHad(t *testing.T) {
	files := made(t)
	for name, c := range map[string]struct {
		file   []byte
		limits media.Limits
		n      int
		want   fault.Kind
	}{
		"half a picture":      {half(files["image/png"]), media.StillLimits(), 1, fault.Corrupt},
		"half a video":        {half(load(t, "clip.mp4")), media.StillLimits(), 1, fault.Invalid},
		"text":                {[]byte("FIR 12/2025"), media.StillLimits(), 1, fault.Invalid},
		"nothing":             {nil, media.StillLimits(), 1, fault.Invalid},
		"a bomb":              {pngBomb(60000, 60000), media.StillLimits(), 1, fault.TooLarge},
		"more bytes":          {files["image/png"], withBytes(10), 1, fault.TooLarge},
		"a video, more bytes": {load(t, "clip.mp4"), withBytes(10), 1, fault.TooLarge},
		"no time":             {files["image/jpeg"], withTime(time.Nanosecond), 1, fault.TooLarge},
		"still nought":        {files["image/png"], media.StillLimits(), 0, fault.Invalid},
		"a still too many":    {files["image/png"], media.StillLimits(), media.Stills + 1, fault.Invalid},
	} {
		if strings.Contains(name, "video") {
			needs(t, "ffmpeg")
		}
		_, err := media.Still(context.Background(), bytes.NewReader(c.file), int64(len(c.file)), c.limits, c.n, 100)
		if err == nil || fault.KindOf(err) != c.want {
			t.Errorf("%s: %v (%v), want %v", name, err, fault.KindOf(err), c.want)
		}
	}
}

func FuzzStill(f *testing.F) {
	for _, file := range made(f) {
		f.Add(file)
	}
	for _, seed := range [][]byte{[]byte("BM"), pngBomb(60000, 60000), jpegFrame(0xc2, 900, 900), load(f, "lossy.webp"), load(f, "alpha.webp")} {
		f.Add(seed)
	}
	limits := media.Limits{Bytes: 1 << 20, Pixels: 1 << 18, Memory: 8 << 20, Time: 10 * time.Second, Video: 10 * time.Second, Frames: 10}
	f.Fuzz(func(t *testing.T, file []byte) {
		img, err := media.Still(context.Background(), bytes.NewReader(file), int64(len(file)), limits, 1, 50)
		if (err == nil) == (img == nil) {
			t.Fatalf("%v, %v", img, err)
		}
		if err == nil && (img.Rect.Empty() || img.Rect.Dx() > 50 || img.Rect.Dy() > 50) {
			t.Errorf("%v, past the edge that was asked", img.Rect)
		}
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Errorf("a defect: %v", err)
		}
	})
}
