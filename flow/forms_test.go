package flow_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/digest"
	"suraag/media"
)

// scene is a made picture longer than 512, so that its two preparations differ.
func scene() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 1100, 700))
	for y := range 700 {
		for x := range 1100 {
			v := 30 + (x*x/90+y*3)%61
			for i, c := range [][2]int{{140, 180}, {420, 560}, {760, 210}, {980, 600}, {330, 70}, {610, 350}} {
				if dx, dy := x-c[0], y-c[1]; dx*dx+dy*dy < 4000*(i+2) {
					v += 110 - 35*(i%2)
				}
			}
			img.Pix[y*img.Stride+x] = uint8(min(v, 255))
		}
	}
	return img
}

// turnedClockwise turns a picture by a quarter, as a viewer does for EXIF orientation 6.
func turnedClockwise(m *image.Gray) *image.Gray {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			out.Pix[x*out.Stride+h-1-y] = m.Pix[y*m.Stride+x]
		}
	}
	return out
}

// withOrientation puts an EXIF segment with the tag Orientation into a JPEG.
func withOrientation(file []byte, value uint16) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	tiff = binary.LittleEndian.AppendUint16(tiff, value)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return append(append(append([]byte{}, file[:2]...), append(segment, body...)...), file[2:]...)
}

func print(t *testing.T, file []byte) media.Print {
	t.Helper()
	p, err := media.Fingerprint(ctx, bytes.NewReader(file), int64(len(file)), media.DefaultLimits())
	if err != nil || p.Problem != "" {
		t.Fatal(err, p.Problem)
	}
	return p
}

func jpegOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Lists hold PDQ values of two preparations and do not say which. A picture is looked for by both,
// and the match says by which it was found.
func TestEitherPreparationIsFoundAndNamed(t *testing.T) {
	p := print(t, jpegOf(t, scene()))
	if p.PDQ == p.PDQNN512 {
		t.Fatal("the two preparations give one value: the picture cannot be tested on")
	}
	for _, tt := range []struct{ listed, want, form string }{
		{p.PDQ.String(), "full", "(the target's by FULL, the other's by a preparation that is not stated)"},
		{p.PDQNN512.String(), "nn512", "(the target's by NN512, the other's by a preparation that is not stated)"},
	} {
		h := newHouse(t)
		h.list(t, "known", "list.csv", plain(tt.listed))
		got, err := h.TraceImage(ctx, "scene.jpg", p, time.UTC)
		if err != nil || len(got.Family) == 0 || len(got.Family[0].Listed) != 1 {
			t.Fatalf("%s: %v %s", tt.want, err, words(t, got.Family))
		}
		// The listed value is one of the target's own, so it is no near copy but the same value.
		if m := got.Family[0].Listed[0]; m.Distance != 0 || "pdq:"+m.Value != tt.listed || !strings.Contains(m.Sentence, tt.form) {
			t.Errorf("%s: %s", tt.want, words(t, m))
		}
		near := newHouse(t)
		near.list(t, "known", "list.csv", plain(flipped(tt.listed)))
		got, err = near.TraceImage(ctx, "scene.jpg", p, time.UTC)
		if err != nil || len(got.Family) != 2 || len(got.Family[0].Listed) != 1 {
			t.Fatalf("%s: %v %s", tt.want, err, words(t, got.Family))
		}
		c, m := got.Family[1], got.Family[0].Listed[0]
		if c.Distance != 1 || c.Compared == nil || c.Compared.Preparation != tt.want || c.Compared.Target.String() != tt.listed {
			t.Errorf("%s: %s", tt.want, words(t, c))
		}
		for _, s := range []string{c.Sentence, m.Sentence} {
			if !strings.Contains(s, tt.form) {
				t.Errorf("%s: %q does not say %q", tt.want, s, tt.form)
			}
		}
	}
}

// flipped changes one bit of a value.
func flipped(d string) string {
	last := d[len(d)-1]
	const to = "1032547698badcfe"
	i := strings.IndexByte("0123456789abcdef", last)
	return d[:len(d)-1] + to[i:i+1]
}

// A telephone stores the picture as the sensor gave it and writes the turn into EXIF; a service
// then sends it upright. The upright copy is found, and the match says why.
func TestEXIFTurnIsFoundAndNamed(t *testing.T) {
	lying := withOrientation(jpegOf(t, scene()), 6)
	upright := print(t, jpegOf(t, turnedClockwise(scene())))
	h := newHouse(t)
	h.list(t, "known", "list.csv", plain(upright.PDQ.String()))
	got, err := h.TraceImage(ctx, "IMG_0001.jpg", print(t, lying), time.UTC)
	if err != nil || len(got.Family) != 2 {
		t.Fatalf("%v %s", err, words(t, got.Family))
	}
	c := got.Family[1]
	if c.Orientation != "rotate270" || !c.Compared.AsShown || !strings.Contains(c.Sentence, "once the target is turned (rotate270, as its EXIF data says it is shown)") {
		t.Errorf("%s", words(t, c))
	}
	if m := got.Family[0].Listed[0]; !strings.Contains(m.Sentence, "as its EXIF data says it is shown") {
		t.Errorf("%s", m.Sentence)
	}
}

// What "suraag hash" writes of a seized picture is kept with how each value was taken, so that
// a list's value is found whichever way its owner took it, also without the picture.
func TestHashRunKeepsEveryForm(t *testing.T) {
	p, upright := print(t, withOrientation(jpegOf(t, scene()), 6)), print(t, jpegOf(t, turnedClockwise(scene())))
	h := newHouse(t)
	h.handIn(t, "run.jsonl", fmt.Appendf(nil,
		`{"path":"DCIM/IMG_0001.jpg","size":%d,"media_type":"image/jpeg","sha256":"%s","pdq":"%s","pdq_quality":100,"pdq_nn512":"%s","pdq_nn512_quality":100,"exif_orientation":"rotate270","pdq_shown":"%s","pdq_nn512_shown":"%s"}`+"\n",
		p.Size, p.SHA256.Hex(), p.PDQ.Hex(), p.PDQNN512.Hex(), p.Orientations[p.Shown].Hex(), p.OrientationsNN512[p.Shown].Hex()))
	listed := flipped(p.OrientationsNN512[p.Shown].String())
	if near, _ := digest.Hamming(upright.PDQNN512, p.OrientationsNN512[p.Shown]); near > 31 {
		t.Fatalf("the upright copy is %d bits away", near)
	}
	h.list(t, "known", "list.csv", plain(listed))
	got := h.trace(t, p.SHA256.String())
	if len(got.Family) != 2 || got.Family[1].Relation != casework.NearCopy {
		t.Fatal(words(t, got.Family))
	}
	c := got.Family[1]
	if c.Compared.Preparation != "nn512" || c.Orientation != "rotate270" || !c.Compared.AsShown {
		t.Errorf("%s", words(t, c))
	}
	// From the list's side it is the other that was turned.
	got = h.trace(t, listed)
	if len(got.Family) != 2 || got.Family[1].Compared.OtherPreparation != "nn512" || got.Family[1].Compared.OtherOrientation != "rotate270" {
		t.Errorf("%s", words(t, got.Family))
	}
}
