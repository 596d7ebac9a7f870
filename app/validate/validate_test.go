package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"image"
	"image/color"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
)

var update = flag.Bool("update", false, "write the golden files")

// drawn makes a scene of soft shapes, with whole numbers only, so that it is the same everywhere.
func drawn(seed uint32, w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := (4*grain(x, y, 160, seed) + 3*grain(x, y, 70, seed+1) + 2*grain(x, y, 30, seed+2) + grain(x, y, 9, seed+3)) / 10
			u := grain(x, y, 120, seed+4)
			img.SetRGBA(x, y, color.RGBA{level(2*v - 128), level(v + u/3 - 40), level(3*v/2 - u/4), 255})
		}
	}
	return img
}

// grain is a smooth value from 0 to 255: corners of a grid, joined by straight lines.
func grain(x, y, cell int, seed uint32) int {
	corner := func(x, y int) int {
		h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca6b ^ (seed+1)*0xc2b2ae35
		h ^= h >> 15
		h *= 0x2c1b3c6d
		h ^= h >> 12
		h *= 0x297a2d39
		h ^= h >> 15
		return int(h & 255)
	}
	gx, gy, fx, fy := x/cell, y/cell, x%cell, y%cell
	top := corner(gx, gy)*(cell-fx) + corner(gx+1, gy)*fx
	low := corner(gx, gy+1)*(cell-fx) + corner(gx+1, gy+1)*fx
	return (top*(cell-fy) + low*fy) / (cell * cell)
}

// What is recognised of drawn pictures may not change unseen: whoever changes a hash, a
// filter or an alteration sees by how much here.
func TestDrawnPicturesAsBefore(t *testing.T) {
	var pictures []Picture
	for i, size := range [][2]int{{560, 400}, {530, 530}, {400, 540}, {300, 220}} {
		pictures = append(pictures, Picture{Name: string(rune('a' + i)), Image: drawn(uint32(10*i), size[0], size[1])})
	}
	pictures = append(pictures, Picture{Name: "flat", Image: image.NewGray(image.Rect(0, 0, 100, 100))})
	r, err := Measure(t.Context(), pictures, nil)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/drawn.json", asJSON(t, r))
	var page bytes.Buffer
	if err := r.Write(&page); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/drawn.md", page.Bytes())
}

// The report is what its figures say.
func TestReportFollowsItsFigures(t *testing.T) {
	text, err := os.ReadFile("../../doc/validation.json")
	if err != nil {
		t.Fatal(err)
	}
	var r Results
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Pictures < 40 || len(r.Alterations) != len(alterations()) {
		t.Fatalf("%d pictures and %d alterations: run make validation again", r.Pictures, len(r.Alterations))
	}
	var page bytes.Buffer
	if err := r.Write(&page); err != nil {
		t.Fatal(err)
	}
	golden(t, "../../doc/validation.md", page.Bytes())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it)\n%s", name, diff)
	}
}

func asJSON(t *testing.T, r *Results) []byte {
	t.Helper()
	b, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Turned and mirrored copies are found, whatever the preparation of the list; the reference
// alone misses them.
func TestOrientationsAreFound(t *testing.T) {
	img := reduced(drawn(3, 600, 450))
	listed, err := hash(img)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alterations() {
		if a.kind != "mirror" && a.step != "by 90°" && a.step != "by 180°" && a.step != "by 270°" {
			continue
		}
		changed, _ := a.do(img, nil)
		h, err := hash(changed)
		if err != nil {
			t.Fatal(err)
		}
		if d := ours(h, listed); d > 31 {
			t.Errorf("%s, %s: %d bits away", a.kind, a.step, d)
		}
		if d := same(h, listed); d <= 31 {
			t.Errorf("%s, %s: the reference finds it at %d bits, so nothing was tested", a.kind, a.step, d)
		}
	}
}

// The examples that the books give.
func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{0, 100, 0, 0.03}, {100, 100, 0.97, 1}, {50, 100, 0.4038, 0.5962}, {81, 263, 0.2553, 0.3662}, {0, 1, 0, 1}, {0, 0, 0, 1}} {
		low, high := interval(c.k, c.n)
		if low < c.low-1e-4 || low > c.low+1e-4 || high < c.high-1e-4 || high > c.high+1e-4 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

func TestTooFewPictures(t *testing.T) {
	_, err := Measure(t.Context(), []Picture{{Name: "a", Image: drawn(1, 200, 200)}}, nil)
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v, want invalid", err)
	}
}

func TestMeasuringStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var pictures []Picture
	for i := range uint32(4) {
		pictures = append(pictures, Picture{Name: "x", Image: drawn(20*i, 200, 200)})
	}
	if _, err := Measure(ctx, pictures, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("error %v, want unavailable", err)
	}
}
