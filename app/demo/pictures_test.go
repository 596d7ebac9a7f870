package demo_test

import (
	"bytes"
	"flag"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"suraag/pdq"
)

var draw = flag.Bool("draw", false, "draw the pictures anew; the documents then need the new digests")

// drawn are the pictures as files. Encoders change between releases of Go, so the
// bytes are committed and only what they show is compared.
func drawn() []struct {
	name string
	img  *image.RGBA
	q    int // JPEG quality; 0: PNG
} {
	first := lighthouse()
	return []struct {
		name string
		img  *image.RGBA
		q    int
	}{
		{"original.jpg", first, 90},
		{"resized.jpg", smaller(first), 88},
		{"recompressed.jpg", first, 45},
		{"cropped.jpg", cut(first, image.Rect(6, 4, 12, 6)), 85},
		{"mirrored.png", mirrored(smaller(smaller(first))), 0},
		{"unrelated.jpg", windmill(), 80},
	}
}

func pathOf(name string) string { return filepath.Join("files", "pictures", name) }

func TestPicturesAreWhatTheGeneratorDraws(t *testing.T) {
	for _, p := range drawn() {
		if *draw {
			write(t, p.name, p.img, p.q)
		}
		got := decode(t, p.name)
		if got.Bounds() != p.img.Bounds() {
			t.Fatalf("%s is %v, drawn %v", p.name, got.Bounds(), p.img.Bounds())
		}
		if d := difference(got, p.img); d > 8 || p.q == 0 && d != 0 {
			t.Errorf("%s differs from what is drawn by %d of 255 on average", p.name, d)
		}
	}
}

func write(t *testing.T, name string, img image.Image, q int) {
	t.Helper()
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: q})
	if q == 0 {
		b.Reset()
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(pathOf(name), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(pathOf(name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return img
}

// difference is the mean of what the colours differ by, 0 to 255, rounded up.
func difference(a, b image.Image) int {
	sum, n := 0, 0
	r := a.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			for _, d := range []int{int(r1) - int(r2), int(g1) - int(g2), int(b1) - int(b2)} {
				sum += abs(d)
				n += 257
			}
		}
	}
	return (sum + n - 1) / n
}

func TestNearCopiesAreNear(t *testing.T) {
	original, quality, err := pdq.Orientations(decode(t, "original.jpg"), pdq.Full)
	if err != nil || quality < 80 {
		t.Fatalf("original: quality %d, %v; want 80 and more", quality, err)
	}
	for _, c := range []struct {
		name string
		by   pdq.Orientation
		near bool
	}{
		{"resized.jpg", pdq.Original, true},
		{"recompressed.jpg", pdq.Original, true},
		{"cropped.jpg", pdq.Original, true},
		{"mirrored.png", pdq.Original, false},
		{"mirrored.png", pdq.FlipY, true},
		{"unrelated.jpg", pdq.Original, false},
	} {
		got, err := pdq.Of(decode(t, c.name), pdq.Full)
		if err != nil || got.Quality < 80 {
			t.Fatalf("%s: quality %d, %v; want 80 and more", c.name, got.Quality, err)
		}
		d := got.Hash.Distance(original[c.by])
		t.Logf("%s %s: distance %d, quality %d", c.name, c.by, d, got.Quality)
		if near := d <= 31; near != c.near {
			t.Errorf("%s, original %s: distance %d; near %v, want %v", c.name, c.by, d, near, c.near)
		}
	}
}
