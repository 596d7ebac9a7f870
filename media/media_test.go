package media_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"suraag/digest"
	"suraag/fault"
	"suraag/media"
	"suraag/pdq"
)

// One picture written in every format that an encoder is at hand for is one picture.
func TestEveryFormatGivesTheSamePDQ(t *testing.T) {
	want, err := pdq.Of(drawing(), pdq.Full)
	if err != nil || want.Quality < 50 {
		t.Fatalf("%+v, %v: the drawing cannot be tested on", want, err)
	}
	for mediaType, file := range made(t) {
		p := fingerprint(t, file)
		if p.MediaType != mediaType || p.Problem != "" {
			t.Errorf("%s: taken as %s, problem %q", mediaType, p.MediaType, p.Problem)
			continue
		}
		if d := distance(t, p.PDQ, want.Hash); d > 10 {
			t.Errorf("%s: %s is %d bits from %s", mediaType, p.PDQ, d, want.Hash)
		}
		if p.Quality != 100 || p.QualityNN512 != 100 || p.PDQNN512.Kind() != digest.PDQ {
			t.Errorf("%s: qualities %d and %d, nn512 %s", mediaType, p.Quality, p.QualityNN512, p.PDQNN512)
		}
		if p.Orientations[pdq.Original] != p.PDQ || p.OrientationsNN512[pdq.Original] != p.PDQNN512 || p.Orientations[pdq.FlipX] == p.PDQ {
			t.Errorf("%s: orientations %v do not begin with %s", mediaType, p.Orientations, p.PDQ)
		}
	}
}

func TestWebP(t *testing.T) {
	for _, name := range []string{"lossy.webp", "lossless.webp", "alpha.webp"} {
		p := fingerprint(t, load(t, name))
		if p.MediaType != "image/webp" || p.Problem != "" || p.PDQ.IsZero() || p.PDQNN512.IsZero() {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestExactDigestsOfAnything(t *testing.T) {
	files := map[string][]byte{"empty": {}, "text": []byte("BM is how this text begins, and it is no picture"), "long": bytes.Repeat([]byte("0123456789"), 30_000)}
	for name, file := range files {
		got := fingerprint(t, file)
		if diff := cmp.Diff(plain(t, file), got, cmp.Comparer(sameDigest)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// A picture that cannot be decoded has its exact digests and a stated problem.
func TestProblems(t *testing.T) {
	files := made(t)
	small := media.DefaultLimits()
	small.Bytes, small.Pixels = 2_000_000, 10_000
	tests := []struct {
		name   string
		file   []byte
		limits media.Limits
		want   string
	}{
		{"bomb", pngBomb(60000, 60000), media.DefaultLimits(), "claims 60000x60000 pixels, the limit is 100000000"},
		{"bomb of one row", pngBomb(1<<31-1, 1), media.DefaultLimits(), "claims 2147483647x1 pixels"},
		{"too many pixels", files["image/gif"], small, "claims 300x200 pixels, the limit is 10000"},
		{"long strip", pngBomb(20_000_000, 5), media.DefaultLimits(), "MiB to decode, the limit is 512"},
		{"sixteen bits", pngBombOf(9000, 9000, 16, 6, 0), media.DefaultLimits(), "MiB to decode"},
		{"interlaced", pngBombOf(9000, 9000, 8, 6, 1), media.DefaultLimits(), "MiB to decode"},
		{"progressive", jpegFrame(0xc2, 9000, 9000), media.DefaultLimits(), "MiB to decode"},
		{"not progressive", jpegFrame(0xc0, 9000, 9000), media.DefaultLimits(), "ends in the middle"},
		{"no time", files["image/jpeg"], withTime(1), "not decoded within 1ns"},
		{"long file", files["image/bmp"], withBytes(100), "the limit is 100"},
		{"half a JPEG", half(files["image/jpeg"]), media.DefaultLimits(), "image/jpeg: damaged"},
		{"half a PNG", half(files["image/png"]), media.DefaultLimits(), "image/png: "},
		{"half a GIF", half(files["image/gif"]), media.DefaultLimits(), "image/gif: "},
		{"half a BMP", half(files["image/bmp"]), media.DefaultLimits(), "image/bmp: "},
		{"half a TIFF", half(files["image/tiff"]), media.DefaultLimits(), "image/tiff: "},
		{"half a WebP", half(load(t, "lossy.webp")), media.DefaultLimits(), "image/webp: "},
		{"only magic", []byte("\x89PNG\r\n\x1a\n"), media.DefaultLimits(), "image/png: the file ends"},
		{"one pixel", encoded(t, image.NewGray(image.Rect(0, 0, 1, 1)), png.Encode), media.DefaultLimits(), "1x1 pixels is too small"},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), media.DefaultLimits(), "image/heic: "},
		{"BigTIFF", []byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"), media.DefaultLimits(), "image/tiff: "},
		{"TIFF that points at itself", []byte("II*\x00\x00\x00\x00\x00"), media.DefaultLimits(), "image/tiff: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := media.Fingerprint(context.Background(), bytes.NewReader(tt.file), int64(len(tt.file)), tt.limits)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Problem, tt.want) {
				t.Errorf("problem %q, want one that says %q", got.Problem, tt.want)
			}
			want := plain(t, tt.file)
			want.MediaType, want.Problem = got.MediaType, got.Problem
			if diff := cmp.Diff(want, got, cmp.Comparer(sameDigest)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	file := made(t)["image/png"]
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	bad := errors.New("bad sector")
	tests := []struct {
		name   string
		ctx    context.Context
		r      io.ReaderAt
		size   int64
		limits media.Limits
		kind   fault.Kind
		cause  error
	}{
		{"context ended", ended, bytes.NewReader(file), int64(len(file)), media.DefaultLimits(), fault.Unavailable, context.Canceled},
		{"unreadable at once", context.Background(), &failing{file, 0, bad}, int64(len(file)), media.DefaultLimits(), fault.Unavailable, bad},
		{"unreadable later", context.Background(), &failing{file, 2, bad}, int64(len(file)), media.DefaultLimits(), fault.Unavailable, bad},
		{"shorter than stated", context.Background(), bytes.NewReader(file), int64(len(file)) + 1, media.DefaultLimits(), fault.Corrupt, nil},
		{"negative size", context.Background(), bytes.NewReader(file), -1, media.DefaultLimits(), fault.Invalid, nil},
		{"no limits", context.Background(), bytes.NewReader(file), int64(len(file)), media.Limits{}, fault.Invalid, nil},
	}
	for _, tt := range tests {
		_, err := media.Fingerprint(tt.ctx, tt.r, tt.size, tt.limits)
		if !fault.Is(err, tt.kind) || tt.cause != nil && !errors.Is(err, tt.cause) {
			t.Errorf("%s: error %v of kind %v, want %v and cause %v", tt.name, err, fault.KindOf(err), tt.kind, tt.cause)
		}
	}
}

func TestDecodeKinds(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want fault.Kind
	}{
		{"no picture", []byte("text"), fault.Invalid},
		{"bomb", pngBomb(60000, 60000), fault.TooLarge},
		{"damaged", half(made(t)["image/png"]), fault.Corrupt},
		{"twelve-bit JPEG", bytes.Replace(jpegFrame(0xc1, 16, 16), []byte{0xff, 0xc1, 0, 17, 8}, []byte{0xff, 0xc1, 0, 17, 12}, 1), fault.Invalid},
	}
	for _, tt := range tests {
		_, _, err := media.Decode(context.Background(), bytes.NewReader(tt.file), int64(len(tt.file)), media.DefaultLimits())
		if !fault.Is(err, tt.want) {
			t.Errorf("%s: error %v of kind %v, want %v", tt.name, err, fault.KindOf(err), tt.want)
		}
	}
}

func TestSniff(t *testing.T) {
	tests := []struct{ head, want string }{
		{"", "application/octet-stream"},
		{"\xff\xd8\xff\xe0", "image/jpeg"},
		{"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"RIFF\x10\x00\x00\x00AVI LIST", "video/x-msvideo"},
		{"RIFF\x10\x00\x00\x00????", "application/octet-stream"},
		{"\x00\x00\x00\x18ftypisom", "video/mp4"},
		{"\x00\x00\x00\x18ftypavif", "image/avif"},
		{"\x00\x00\x00\x14ftypqt  ", "video/quicktime"},
		{"BM and more text follows", "application/octet-stream"},
		{"BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00", "image/bmp"},
		{"%PDF-1.7", "application/pdf"},
	}
	for _, tt := range tests {
		if got := media.Sniff([]byte(tt.head)); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.head, got, tt.want)
		}
	}
}

// FuzzFingerprint: whatever the bytes, the exact digests are theirs, the same bytes
// give the same print, a picture either has a PDQ or a problem, and none is decoded past the limits.
func FuzzFingerprint(f *testing.F) {
	seeds := [][]byte{[]byte("BM"), pngBomb(60000, 60000), jpegFrame(0xc2, 900, 900), load(f, "lossy.webp"), load(f, "lossless.webp")}
	for _, file := range made(f) {
		seeds = append(seeds, file)
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	limits := media.Limits{Bytes: 1 << 20, Pixels: 1 << 18, Memory: 8 << 20, Time: 10 * time.Second, Video: 10 * time.Second, Frames: 10}
	f.Fuzz(func(t *testing.T, file []byte) {
		one, err := media.Fingerprint(context.Background(), bytes.NewReader(file), int64(len(file)), limits)
		if err != nil {
			t.Fatal(err)
		}
		two, err := media.Fingerprint(context.Background(), bytes.NewReader(file), int64(len(file)), limits)
		if err != nil || one != two {
			t.Fatalf("first %+v, then %+v (%v)", one, two, err)
		}
		if want := plain(t, file); one.SHA256 != want.SHA256 || one.MD5 != want.MD5 || one.SHA1 != want.SHA1 {
			t.Errorf("digests %v %v %v, want %+v", one.MD5, one.SHA1, one.SHA256, want)
		}
		picture := strings.HasPrefix(one.MediaType, "image/")
		if hashed := !one.PDQ.IsZero(); hashed != (picture && one.Problem == "") || hashed == one.PDQNN512.IsZero() {
			t.Errorf("neither hash nor problem, or both: %+v", one)
		}
		img, _, err := media.Decode(context.Background(), bytes.NewReader(file), int64(len(file)), limits)
		if err == nil && int64(img.Bounds().Dx())*int64(img.Bounds().Dy()) > limits.Pixels {
			t.Errorf("decoded %v, past the limit of %d pixels", img.Bounds(), limits.Pixels)
		}
	})
}

func fingerprint(t *testing.T, file []byte) media.Print {
	t.Helper()
	p, err := media.Fingerprint(context.Background(), bytes.NewReader(file), int64(len(file)), media.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// plain is the print of a file that is no picture.
func plain(t *testing.T, file []byte) media.Print {
	t.Helper()
	read := func(kind digest.Kind, raw []byte) digest.Digest {
		d, err := digest.Parse(string(kind) + ":" + hex.EncodeToString(raw))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	m, s1, s2 := md5.Sum(file), sha1.Sum(file), sha256.Sum256(file)
	return media.Print{
		Size: int64(len(file)), MediaType: "application/octet-stream",
		MD5: read(digest.MD5, m[:]), SHA1: read(digest.SHA1, s1[:]), SHA256: read(digest.SHA256, s2[:]),
	}
}

func sameDigest(a, b digest.Digest) bool { return a == b }

func distance(t *testing.T, d digest.Digest, h pdq.Hash) int {
	t.Helper()
	got, err := pdq.Parse(d.Hex())
	if err != nil {
		t.Fatal(err)
	}
	return got.Distance(h)
}

// drawing is a made picture with much to see: overlapping circles, grey.
func drawing() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 300, 200))
	for y := range 200 {
		for x := range 300 {
			v := 20
			for i, c := range []image.Point{{40, 50}, {120, 160}, {210, 60}, {270, 170}, {90, 20}, {170, 100}} {
				if dx, dy := x-c.X, y-c.Y; dx*dx+dy*dy < 400*(i+2) {
					v += 90 - 30*(i%2)
				}
			}
			img.SetGray(x, y, color.Gray{Y: uint8(min(v+(x/12+y/9)%2*40, 255))})
		}
	}
	return img
}

func made(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"image/jpeg": encoded(t, drawing(), func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 95}) }),
		"image/png":  encoded(t, drawing(), png.Encode),
		"image/gif": encoded(t, drawing(), func(w io.Writer, m image.Image) error {
			var greys color.Palette
			for v := range 256 {
				greys = append(greys, color.Gray{Y: uint8(v)})
			}
			p := image.NewPaletted(m.Bounds(), greys)
			copy(p.Pix, drawing().Pix)
			return gif.Encode(w, p, nil)
		}),
		"image/bmp":  encoded(t, drawing(), bmp.Encode),
		"image/tiff": encoded(t, drawing(), func(w io.Writer, m image.Image) error { return tiff.Encode(w, m, nil) }),
	}
}

func encoded(t testing.TB, m image.Image, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pngBomb claims a size and holds nothing.
func pngBomb(w, h uint32) []byte { return pngBombOf(w, h, 8, 2, 0) }

func pngBombOf(w, h uint32, depth, kind, interlace byte) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	head = binary.BigEndian.AppendUint32(head, h)
	head = append(head, depth, kind, 0, 0, interlace)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(head))
}

// jpegFrame is a JPEG of three components that ends after its frame header.
func jpegFrame(marker byte, w, h uint16) []byte {
	file := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
	file = append(file, 0xff, 0xe1, 0, 4, 0xff, 0xc0, 0xff, marker, 0, 17, 8)
	file = binary.BigEndian.AppendUint16(file, h)
	file = binary.BigEndian.AppendUint16(file, w)
	return append(file, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
}

func half(file []byte) []byte { return file[:len(file)/2] }

func withTime(d time.Duration) media.Limits {
	l := media.DefaultLimits()
	l.Time = d
	return l
}

func withBytes(n int64) media.Limits {
	l := media.DefaultLimits()
	l.Bytes = n
	return l
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// failing reads well a number of times, then no more.
type failing struct {
	file  []byte
	reads int
	err   error
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.reads--; f.reads < 0 {
		return 0, f.err
	}
	return bytes.NewReader(f.file).ReadAt(p, off)
}
