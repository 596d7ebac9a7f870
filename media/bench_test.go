package media_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"io"
	"os"
	"testing"

	"golang.org/x/image/draw"

	"suraag/media"
	"suraag/media/jpegplane"
	"suraag/pdq"
)

// The photograph is 1468 pixels long; a longer one is made from it, with the detail that
// enlarging takes away put back as grain.

func BenchmarkJPEG1600(b *testing.B) { benchHash(b, bridge(b)) }
func BenchmarkJPEG10MP(b *testing.B) { benchHash(b, enlarged(b, 3888, 2592)) }

// The same without the hash, and by the standard decoder, in one run.
func BenchmarkDecode1600(b *testing.B)         { benchDecode(b, bridge(b), fast) }
func BenchmarkDecode1600Standard(b *testing.B) { benchDecode(b, bridge(b), standard) }
func BenchmarkDecode10MP(b *testing.B)         { benchDecode(b, enlarged(b, 3888, 2592), fast) }
func BenchmarkDecode10MPStandard(b *testing.B) { benchDecode(b, enlarged(b, 3888, 2592), standard) }

// BenchmarkFingerprint1600 has the three digests too.
func BenchmarkFingerprint1600(b *testing.B) {
	file := bridge(b)
	for b.Loop() {
		if p, err := media.Fingerprint(context.Background(), bytes.NewReader(file), int64(len(file)), media.DefaultLimits()); err != nil || p.Problem != "" {
			b.Fatal(err, p.Problem)
		}
	}
	report(b, file)
}

func benchHash(b *testing.B, file []byte) {
	for b.Loop() {
		img, err := fast(file)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := pdq.Both(img); err != nil {
			b.Fatal(err)
		}
	}
	report(b, file)
}

func benchDecode(b *testing.B, file []byte, decode func([]byte) (image.Image, error)) {
	for b.Loop() {
		if _, err := decode(file); err != nil {
			b.Fatal(err)
		}
	}
	report(b, file)
}

func fast(file []byte) (image.Image, error) {
	return jpegplane.Decode(context.Background(), bytes.Clone(file))
}

func standard(file []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(file)) }

func report(b *testing.B, file []byte) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(c.Width*c.Height)*float64(b.N)/b.Elapsed().Seconds()/1e6, "MP/s")
}

func bridge(b *testing.B) []byte {
	b.Helper()
	file, err := os.ReadFile("../pdq/testdata/bridge/bridge-1-original.jpg")
	if err != nil {
		b.Fatal(err)
	}
	return file
}

func enlarged(b *testing.B, width, height int) []byte {
	b.Helper()
	small, err := standard(bridge(b))
	if err != nil {
		b.Fatal(err)
	}
	large := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(large, large.Rect, small, small.Bounds(), draw.Src, nil)
	seed := uint32(1)
	for i := range large.Pix {
		seed = seed*1664525 + 1013904223
		large.Pix[i] = uint8(min(max(int(large.Pix[i])+int(seed>>28)-8, 0), 255))
	}
	return encoded(b, large, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 90}) })
}
