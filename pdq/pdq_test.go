package pdq_test

import (
	"encoding/csv"
	"image"
	"image/color"
	_ "image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/pdq"
)

// The pixels differ a little between decoders, and so may the hash. The
// reference calls a port right within 10 bits; here the distance is stated exactly.
func TestReferenceVectors(t *testing.T) {
	rows := readVectors(t)
	if len(rows) < 10 {
		t.Fatalf("%d vectors, want at least 10", len(rows))
	}
	for _, row := range rows {
		t.Run(row[0], func(t *testing.T) {
			img := decode(t, row[0])
			checkVector(t, img, pdq.NN512, row[2], row[1], row[4])
			checkVector(t, img, pdq.Full, row[3], row[1], row[5])
		})
	}
}

func checkVector(t *testing.T, img image.Image, p pdq.Preparation, hash, quality, distance string) {
	t.Helper()
	got, err := pdq.Of(img, p)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pdq.Parse(hash)
	if err != nil {
		t.Fatal(err)
	}
	if d := strconv.Itoa(got.Hash.Distance(want)); d != distance {
		t.Errorf("%s: %s is %s bits from the reference's %s, want exactly %s", p, got.Hash, d, want, distance)
	}
	if q := strconv.Itoa(got.Quality); q != quality {
		t.Errorf("%s: quality %s, want %s", p, q, quality)
	}
	if n, _ := strconv.Atoi(distance); n > 10 {
		t.Errorf("%s: a distance of %s is no agreement", p, distance)
	}
}

func TestDihedralVector(t *testing.T) {
	line, err := os.ReadFile("testdata/dihedral.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(line), ",")[:8]
	hashes, quality, err := pdq.Orientations(decode(t, "bridge/bridge-1-original.jpg"), pdq.NN512)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range hashes {
		got = append(got, h.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-reference +got)\n%s", diff)
	}
	if quality != 100 {
		t.Errorf("quality = %d, want 100", quality)
	}
}

// One pass for both preparations gives what two passes give.
func TestBoth(t *testing.T) {
	for _, size := range []image.Point{{5, 5}, {64, 64}, {512, 512}, {513, 40}, {40, 700}, {64, 1030}, {1001, 703}} {
		for name, img := range map[string]image.Image{"grey": noise(size.X, size.Y), "colour": colourful(size)} {
			full, nn512, err := pdq.Both(img)
			if err != nil {
				t.Fatal(err)
			}
			for p, got := range map[pdq.Preparation]pdq.Eight{pdq.Full: full, pdq.NN512: nn512} {
				hashes, quality, err := pdq.Orientations(img, p)
				if err != nil || got != (pdq.Eight{Hashes: hashes, Quality: quality}) {
					t.Errorf("%s %v, %s: %v, alone %v of quality %d (%v)", name, size, p, got, hashes, quality, err)
				}
			}
		}
	}
	if _, _, err := pdq.Both(noise(4, 900)); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v, want kind invalid", err)
	}
}

// colourful has colours far enough from grey that some are clamped.
func colourful(size image.Point) image.Image {
	img, planes := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420), noise(size.X, size.Y)
	copy(img.Y, planes.Pix)
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = planes.Pix[len(planes.Pix)-1-i], planes.Pix[i*2]
	}
	return img
}

// Files that really were turned must be found through the orientation of that name.
func TestOrientationFindsTurnedFile(t *testing.T) {
	hashes, _, err := pdq.Orientations(decode(t, "bridge/bridge-1-original.jpg"), pdq.Full)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		file string
		as   pdq.Orientation
		want int
	}{
		{"bridge/bridge-1-original.jpg", pdq.Original, 0},
		{"bridge/bridge-3-rotate-180.jpg", pdq.Rotate180, 10},
		{"bridge/bridge-4-rotate-270.jpg", pdq.Rotate270, 10},
		{"bridge/bridge-5-flipx.jpg", pdq.FlipX, 10},
	}
	for _, tt := range tests {
		turned, err := pdq.Of(decode(t, tt.file), pdq.Full)
		if err != nil {
			t.Fatal(err)
		}
		for o, h := range hashes {
			d := h.Distance(turned.Hash)
			if near := pdq.Orientation(o) == tt.as; near != (d <= tt.want) {
				t.Errorf("%s as %s: distance %d", tt.file, pdq.Orientation(o), d)
			}
		}
	}
}

// One picture in every colour model gives one hash. Channels are equal, so that no
// conversion has reason to round.
func TestColourModels(t *testing.T) {
	grey := noise(200, 150)
	want, err := pdq.Of(grey, pdq.Full)
	if err != nil {
		t.Fatal(err)
	}
	if want.Quality < 50 {
		t.Fatalf("quality %d: the picture shows too little to test on", want.Quality)
	}
	b := grey.Bounds()
	var greys color.Palette
	for v := range 256 {
		greys = append(greys, color.Gray{Y: uint8(255 - v)}) // an order that index numbers would betray
	}
	gray16, rgba, nrgba := image.NewGray16(b), image.NewRGBA(b), image.NewNRGBA(b)
	rgba64, nrgba64 := image.NewRGBA64(b), image.NewNRGBA64(b)
	cmyk, paletted := image.NewCMYK(b), image.NewPaletted(b, greys)
	ycc := image.NewYCbCr(b, image.YCbCrSubsampleRatio420)
	for i := range ycc.Cb {
		ycc.Cb[i], ycc.Cr[i] = 128, 128
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			v := grey.GrayAt(x, y).Y
			low := uint16(v)<<8 | 0x33
			gray16.SetGray16(x, y, color.Gray16{Y: low})
			rgba.SetRGBA(x, y, color.RGBA{v, v, v, 255})
			nrgba.SetNRGBA(x, y, color.NRGBA{v, v, v, uint8(x)})
			rgba64.SetRGBA64(x, y, color.RGBA64{low, low, low, 0xffff})
			nrgba64.SetNRGBA64(x, y, color.NRGBA64{low, low, low, uint16(x)})
			cmyk.SetCMYK(x, y, color.CMYK{0, 0, 0, 255 - v})
			paletted.SetColorIndex(x, y, 255-v)
			ycc.Y[ycc.YOffset(x, y)] = v
		}
	}
	for name, img := range map[string]image.Image{
		"16-bit grey": gray16, "RGBA": rgba, "transparency dropped": nrgba, "16-bit RGBA": rgba64,
		"16-bit transparency dropped": nrgba64, "CMYK": cmyk, "palette": paletted, "YCbCr": ycc,
		"any other": struct{ image.Image }{rgba},
	} {
		got, err := pdq.Of(img, pdq.Full)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := got.Hash.Distance(want.Hash); d > 2 || got.Quality != want.Quality {
			t.Errorf("%s: %s is %d bits from %s, quality %d and %d", name, got.Hash, d, want.Hash, got.Quality, want.Quality)
		}
	}
}

// A picture cut out of a larger one hashes like a copy of the cut.
func TestSubImage(t *testing.T) {
	whole := noise(200, 150)
	cut := whole.SubImage(image.Rect(31, 17, 131, 99)).(*image.Gray)
	own := image.NewGray(image.Rect(0, 0, 100, 82))
	for y := range 82 {
		copy(own.Pix[y*own.Stride:], cut.Pix[y*cut.Stride:y*cut.Stride+100])
	}
	for _, p := range []pdq.Preparation{pdq.Full, pdq.NN512} {
		got, err1 := pdq.Of(cut, p)
		want, err2 := pdq.Of(own, p)
		if err1 != nil || err2 != nil || got != want {
			t.Errorf("%s: cut %v (%v), copy %v (%v)", p, got, err1, want, err2)
		}
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name string
		img  image.Image
		p    pdq.Preparation
		want string
	}{
		{"none", nil, pdq.Full, "no picture"},
		{"empty", image.NewGray(image.Rectangle{}), pdq.Full, "0x0"},
		{"too narrow", image.NewGray(image.Rect(0, 0, 4, 900)), pdq.Full, "4x900"},
		{"too low", image.NewGray(image.Rect(0, 0, 900, 4)), pdq.NN512, "900x4"},
		{"unknown preparation", noise(9, 9), "thumbnail", `"thumbnail"`},
	}
	for _, tt := range tests {
		_, err := pdq.Of(tt.img, tt.p)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one of kind invalid that says %s", tt.name, err, tt.want)
		}
	}
	if _, err := pdq.Of(noise(5, 5), pdq.Full); err != nil {
		t.Errorf("the smallest picture: %v", err)
	}
}

func TestFlatPictureHasNoQuality(t *testing.T) {
	got, err := pdq.Of(image.NewGray(image.Rect(0, 0, 300, 200)), pdq.Full)
	if err != nil || got.Quality != 0 {
		t.Errorf("quality %d, error %v, want 0 and none", got.Quality, err)
	}
}

func TestParse(t *testing.T) {
	const s = "d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22"
	h, err := pdq.Parse(strings.ToUpper(s))
	if err != nil || h.String() != s {
		t.Errorf("%s, %v, want %s", h, err, s)
	}
	for _, bad := range []string{"", s[1:], s + "00", "g" + s[1:], strings.Repeat("\xff", 64)} {
		if _, err := pdq.Parse(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: error %v, want kind invalid", bad, err)
		}
	}
}

func readVectors(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open("testdata/reference.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows[1:]
}

func decode(t testing.TB, name string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// noise draws soft blocks of chance brightness: enough structure for a full quality.
func noise(w, h int) *image.Gray {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := 0; y < h; y += 7 {
		for x := 0; x < w; x += 7 {
			v := color.Gray{Y: uint8(r.IntN(256))}
			for dy := range min(7, h-y) {
				for dx := range min(7, w-x) {
					img.SetGray(x+dx, y+dy, v)
				}
			}
		}
	}
	return img
}

func BenchmarkNN512(b *testing.B)    { bench(b, noise(3888, 2592), pdq.NN512) }
func BenchmarkFull512(b *testing.B)  { bench(b, noise(512, 512), pdq.Full) }
func BenchmarkFull10MP(b *testing.B) { bench(b, noise(3888, 2592), pdq.Full) }

func BenchmarkFull10MPColour(b *testing.B) {
	img := image.NewYCbCr(image.Rect(0, 0, 3888, 2592), image.YCbCrSubsampleRatio420)
	copy(img.Y, noise(3888, 2592).Pix)
	copy(img.Cb, noise(1944, 1296).Pix)
	copy(img.Cr, noise(1944, 1296).Pix)
	bench(b, img, pdq.Full)
}

func BenchmarkBoth10MPColour(b *testing.B) {
	img := colourful(image.Pt(3888, 2592))
	for b.Loop() {
		if _, _, err := pdq.Both(img); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(3888*2592*float64(b.N)/b.Elapsed().Seconds()/1e6, "MP/s")
}

func bench(b *testing.B, img image.Image, p pdq.Preparation) {
	b.Helper()
	for b.Loop() {
		if _, err := pdq.Of(img, p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(img.Bounds().Dx()*img.Bounds().Dy())*float64(b.N)/b.Elapsed().Seconds()/1e6, "MP/s")
}
