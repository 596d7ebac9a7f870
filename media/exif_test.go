package media_test

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"testing"

	"suraag/pdq"
)

// For each value of the EXIF orientation a viewer shows another picture. Hashed upright, that picture is found
// under the orientation that the print names (CIPA DC-008: the place of row 0 and column 0).
func TestEXIFOrientationNamesTheTurn(t *testing.T) {
	img := drawing()
	w, h := img.Rect.Dx(), img.Rect.Dy()
	tests := []struct {
		value uint16
		want  pdq.Orientation
		tall  bool
		from  func(x, y int) (int, int) // where the pixel that is shown at x, y lies in the file
	}{
		{1, pdq.Original, false, func(x, y int) (int, int) { return x, y }},
		{2, pdq.FlipY, false, func(x, y int) (int, int) { return w - 1 - x, y }},
		{3, pdq.Rotate180, false, func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }},
		{4, pdq.FlipX, false, func(x, y int) (int, int) { return x, h - 1 - y }},
		{5, pdq.FlipPlus1, true, func(x, y int) (int, int) { return y, x }},
		{6, pdq.Rotate270, true, func(x, y int) (int, int) { return y, h - 1 - x }},
		{7, pdq.FlipMinus1, true, func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }},
		{8, pdq.Rotate90, true, func(x, y int) (int, int) { return w - 1 - y, x }},
	}
	for _, tt := range tests {
		p := fingerprint(t, oriented(t, img, tt.value))
		if p.Shown != tt.want || p.Problem != "" {
			t.Errorf("value %d: %s (%s), want %s", tt.value, p.Shown, p.Problem, tt.want)
		}
		size := image.Rect(0, 0, w, h)
		if tt.tall {
			size = image.Rect(0, 0, h, w)
		}
		seen := image.NewGray(size)
		for y := range size.Dy() {
			for x := range size.Dx() {
				fx, fy := tt.from(x, y)
				seen.SetGray(x, y, color.Gray{Y: img.GrayAt(fx, fy).Y})
			}
		}
		upright, err := pdq.Of(seen, pdq.Full)
		if err != nil {
			t.Fatal(err)
		}
		for o, turned := range p.Orientations {
			if d := distance(t, turned, upright.Hash); (d <= 31) != (pdq.Orientation(o) == tt.want) {
				t.Errorf("value %d: what is shown lies %d bits from the hash under %s", tt.value, d, pdq.Orientation(o))
			}
		}
	}
}

// EXIF that is damaged, or says what does not exist, says nothing; the picture is hashed all the same.
func TestBadEXIFSaysNothing(t *testing.T) {
	for _, value := range []uint16{0, 9, 65535} {
		if p := fingerprint(t, oriented(t, drawing(), value)); p.Shown != pdq.Original || p.PDQ.IsZero() {
			t.Errorf("value %d: %s %s", value, p.Shown, p.Problem)
		}
	}
	whole := oriented(t, drawing(), 6)
	for at := 4; at < 44; at++ {
		bad := append([]byte{}, whole...)
		bad[at] ^= 0xff
		if p := fingerprint(t, bad); p.PDQ.IsZero() && p.Problem == "" {
			t.Errorf("byte %d: neither hash nor problem", at)
		}
	}
}

// oriented is a JPEG with the EXIF tag Orientation.
func oriented(t testing.TB, m image.Image, value uint16) []byte {
	file := encoded(t, m, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 95}) })
	body := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	body = append(binary.LittleEndian.AppendUint16(body, value), 0, 0, 0, 0, 0, 0)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2)), body...)
	return append(append(append([]byte{}, file[:2]...), segment...), file[2:]...)
}
