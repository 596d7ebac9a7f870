package jpegplane_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/media/jpegplane"
)

// Every sample is what libjpeg's islow transform gives, to the bit.
func TestPlanesAreLibjpegs(t *testing.T) {
	want := golden(t)
	got := map[string]string{}
	for name := range want {
		img, err := jpegplane.Decode(context.Background(), load(t, name))
		switch {
		case errors.Is(err, jpegplane.ErrUnusual):
			got[name] = "left"
		case err != nil:
			t.Errorf("%s: %v", name, err)
		default:
			sum := sha256.New()
			for _, p := range planes(img) {
				for y := range p.height {
					sum.Write(p.line(y))
				}
			}
			got[name] = hex.EncodeToString(sum.Sum(nil))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-libjpeg +got)\n%s", diff)
	}
}

// The standard decoder rounds otherwise, by one at most where a picture is a picture.
func TestStandardDecoderIsNear(t *testing.T) {
	for name, hash := range golden(t) {
		if hash == "left" {
			continue
		}
		file := load(t, name)
		want, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := jpegplane.Decode(context.Background(), file)
		if err != nil {
			t.Fatal(err)
		}
		if d := apart(t, got, want); d > 1 {
			t.Errorf("%s: samples differ by %d", name, d)
		}
	}
}

// What is not plainly sound is left to another decoder; nothing is guessed.
func TestUnusualIsLeft(t *testing.T) {
	whole := load(t, "q50.420.jpg")
	change := func(from, to string) []byte {
		if !bytes.Contains(whole, []byte(from)) {
			t.Fatalf("%q is not in the file", from)
		}
		return bytes.Replace(whole, []byte(from), []byte(to), 1)
	}
	tests := map[string][]byte{
		"nothing":             nil,
		"text":                []byte("a text that is no picture"),
		"half":                whole[:len(whole)/2],
		"no end marker":       whole[:len(whole)-2],
		"two pictures in one": append(whole[:len(whole)-2:len(whole)-2], whole[2:]...),
		"twelve bits":         change("\xff\xc0\x00\x11\x08", "\xff\xc0\x00\x11\x0c"),
		"arithmetic coding":   change("\xff\xc0\x00\x11", "\xff\xc9\x00\x11"),
		"lossless":            change("\xff\xc0\x00\x11", "\xff\xc3\x00\x11"),
		"no height":           change("\xff\xc0\x00\x11\x08\x00\x67", "\xff\xc0\x00\x11\x08\x00\x00"),
		"colours are RGB":     change("\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01", "\x03R\x22\x00G\x11\x01B\x11\x01"),
		"one identifier twice": change("\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01",
			"\x03\x01\x22\x00\x02\x11\x01\x02\x11\x01"),
		"a table that is not there": change("\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01",
			"\x03\x01\x22\x00\x02\x11\x03\x03\x11\x01"),
		"bytes after the picture's": append(whole[:len(whole)-2:len(whole)-2], 1, 2, 3, 0xff, 0xd9),
		"colour left out":           change("\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11", "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00"),
	}
	for name, file := range tests {
		if img, err := jpegplane.Decode(context.Background(), bytes.Clone(file)); !errors.Is(err, jpegplane.ErrUnusual) || img != nil {
			t.Errorf("%s: error %v, want %v", name, err, jpegplane.ErrUnusual)
		}
	}
}

func TestContextEnds(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	for _, name := range []string{"q50.420.jpg", "q50.420.progressive.jpg"} {
		if _, err := jpegplane.Decode(ctx, load(t, name)); !errors.Is(err, cause) {
			t.Errorf("%s: error %v, want %v", name, err, cause)
		}
	}
}

// Sizes that end inside a block, inside an MCU and at the edge of one; noise fills every coefficient.
func TestSizes(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {7, 9}, {8, 8}, {15, 17}, {16, 16}, {17, 15}, {33, 64}, {250, 3}} {
		img := image.NewRGBA(image.Rectangle{Max: size})
		seed := uint32(size.X*1000 + size.Y)
		for i := range img.Pix {
			seed = seed*1664525 + 1013904223
			img.Pix[i] = byte(seed >> 24)
		}
		for _, quality := range []int{5, 90, 100} {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			want, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			got, err := jpegplane.Decode(context.Background(), b.Bytes())
			if err != nil {
				t.Errorf("%v, quality %d: %v", size, quality, err)
				continue
			}
			if d := apart(t, got, want); d > 1 {
				t.Errorf("%v, quality %d: samples differ by %d", size, quality, d)
			}
		}
	}
}

// FuzzDecode: whatever the bytes, a picture is given only if the standard decoder gives one
// of the same form and size. Wild coefficients are rounded in more ways than one.
func FuzzDecode(f *testing.F) {
	seeds := 0
	for name := range golden(f) {
		f.Add(load(f, name))
		seeds++
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if c, err := jpeg.DecodeConfig(bytes.NewReader(file)); err == nil && c.Width*c.Height > 1<<18 {
			return
		}
		got, err := jpegplane.Decode(context.Background(), bytes.Clone(file))
		if err != nil {
			if !errors.Is(err, jpegplane.ErrUnusual) || got != nil {
				t.Fatalf("%v with error %v", got, err)
			}
			return
		}
		want, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("the standard decoder refuses: %v", err)
		}
		if d := apart(t, got, want); d > 2 {
			t.Errorf("samples differ by %d", d)
		}
	})
}

// plane is what shows of one component.
type plane struct {
	pix                   []byte
	stride, width, height int
}

func (p plane) line(y int) []byte { return p.pix[y*p.stride:][:p.width] }

func planes(img image.Image) []plane {
	switch m := img.(type) {
	case *image.Gray:
		return []plane{{m.Pix, m.Stride, m.Rect.Dx(), m.Rect.Dy()}}
	case *image.YCbCr:
		w, h := m.Rect.Dx(), m.Rect.Dy()
		out := []plane{{m.Y, m.YStride, w, h}}
		if m.SubsampleRatio == image.YCbCrSubsampleRatio420 || m.SubsampleRatio == image.YCbCrSubsampleRatio422 {
			w = (w + 1) / 2
		}
		if m.SubsampleRatio == image.YCbCrSubsampleRatio420 || m.SubsampleRatio == image.YCbCrSubsampleRatio440 {
			h = (h + 1) / 2
		}
		return append(out, plane{m.Cb, m.CStride, w, h}, plane{m.Cr, m.CStride, w, h})
	}
	return nil
}

// apart is the greatest difference between samples that show.
func apart(t *testing.T, a, b image.Image) int {
	t.Helper()
	pa, pb := planes(a), planes(b)
	if a.Bounds() != b.Bounds() || a.ColorModel() != color.Model(b.ColorModel()) || len(pa) != len(pb) {
		t.Fatalf("%T of %v and %T of %v", a, a.Bounds(), b, b.Bounds())
	}
	most := 0
	for i, p := range pa {
		if p.width != pb[i].width || p.height != pb[i].height {
			t.Fatalf("component %d has %dx%d samples and %dx%d", i, p.width, p.height, pb[i].width, pb[i].height)
		}
		for y := range p.height {
			other := pb[i].line(y)
			for x, v := range p.line(y) {
				most = max(most, int(v)-int(other[x]), int(other[x])-int(v))
			}
		}
	}
	return most
}

func golden(t testing.TB) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/planes.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, hash, ok := strings.Cut(s.Text(), " "); ok && name != "#" {
			out[name] = hash
		}
	}
	if len(out) < 10 {
		t.Fatalf("%d files, want at least 10", len(out))
	}
	return out
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
