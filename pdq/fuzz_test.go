package pdq

import (
	"image"
	"math"
	"testing"
)

// FuzzOrientations: whatever the pixels, a picture and its mirror image have the same
// frequencies once the one is flipped, the first of the eight hashes is what Of gives,
// and no hash has more than half its bits set.
func FuzzOrientations(f *testing.F) {
	seeds := []struct {
		pix   []byte
		width uint8
	}{
		{[]byte("a picture"), 9},
		{[]byte{0, 255, 3, 17, 90, 4}, 64},
		{[]byte{0}, 1},
		{[]byte("1000000000000000000000000000000000000002"), 7},
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s.pix, s.width)
	}
	f.Fuzz(func(t *testing.T, pix []byte, width uint8) {
		if len(pix) == 0 || width == 0 {
			return
		}
		img, mirror := pictureOf(pix, int(width))
		hashes, quality, err := Orientations(img, Full)
		if err != nil {
			t.Fatal(err)
		}
		one, err := Of(img, Full)
		if err != nil || one.Hash != hashes[Original] || one.Quality != quality {
			t.Fatalf("Of gives %v (%v), Orientations %v of quality %d", one, err, hashes[0], quality)
		}
		for o, h := range hashes {
			if n := h.Distance(Hash{}); n > 128 {
				t.Errorf("%s has %d bits set", Orientation(o), n)
			}
		}
		if d := apart(t, img, mirror, FlipY); d > 0.01 {
			t.Errorf("the mirror image flipped back is off by %v", d)
		}
	})
}

// apart gives the greatest difference between the frequencies of a picture, turned,
// and those of another. The hashes themselves may differ more: where many
// frequencies are as good as equal, as in stripes, rounding decides the bits.
func apart(t *testing.T, img, other image.Image, as Orientation) float64 {
	t.Helper()
	a, _, err1 := spectrumOf(img, Full)
	b, _, err2 := spectrumOf(other, Full)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	a = a.turn(as)
	most := 0.0
	for i := range a {
		for j := range a[i] {
			most = max(most, math.Abs(float64(a[i][j]-b[i][j])))
		}
	}
	return most
}

// pictureOf spreads the bytes over a picture, each on 4×4 pixels so that the
// sampling is symmetrical, and gives it with its mirror image.
func pictureOf(pix []byte, width int) (img, mirror *image.Gray) {
	const side = 128
	img, mirror = image.NewGray(image.Rect(0, 0, side, side)), image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			v := pix[(y/4*width+x/4)%len(pix)]
			img.Pix[y*side+x] = v
			mirror.Pix[y*side+side-1-x] = v
		}
	}
	return img, mirror
}
