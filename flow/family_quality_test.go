package flow_test

import (
	"crypto/md5"
	"flag"
	"fmt"
	"image"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/casework"
	"suraag/digest"
	"suraag/media"
	prints "suraag/pdq"
)

var update = flag.Bool("update", false, "write what is measured into the golden files")

// shot is a made picture: of which stranger, and what was done to it.
type shot struct {
	stranger int // -1: between two strangers, of neither
	how      string
	name     string
	print    media.Print
}

// stranger draws one of many different scenes, with detail at every size.
func stranger(n int) *image.Gray {
	state := uint64(n)*0x9e3779b97f4a7c15 + 12345
	next := func(below int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int((state >> 33) % uint64(below))
	}
	img := image.NewGray(image.Rect(0, 0, 600, 420))
	fx, fy := 1+next(5), 1+next(5)
	for y := range 420 {
		for x := range 600 {
			img.Pix[y*img.Stride+x] = uint8(90 + 40*math.Sin(float64(x*fx)/90+float64(y*fy)/70))
		}
	}
	for range 60 {
		cx, cy, rx, ry, v := next(600), next(420), 8+next(90), 8+next(90), 20+next(220)
		for y := max(cy-ry, 0); y < min(cy+ry, 420); y++ {
			for x := max(cx-rx, 0); x < min(cx+rx, 600); x++ {
				if dx, dy := float64(x-cx)/float64(rx), float64(y-cy)/float64(ry); dx*dx+dy*dy < 1 {
					at := y*img.Stride + x
					img.Pix[at] = uint8((int(img.Pix[at]) + 2*v) / 3)
				}
			}
		}
	}
	return img
}

// changed makes a picture of the same or another size from one, pixel by pixel.
func changed(m *image.Gray, w, h int, pixel func(x, y int) uint8) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Pix[y*out.Stride+x] = pixel(x, y)
		}
	}
	return out
}

// changes are what is done to pictures on their way.
func changes() []struct {
	how  string
	make func(*image.Gray) *image.Gray
} {
	at := func(m *image.Gray, x, y int) uint8 { return m.Pix[min(max(y, 0), 419)*m.Stride+min(max(x, 0), 599)] }
	return []struct {
		how  string
		make func(*image.Gray) *image.Gray
	}{
		{"as it is", func(m *image.Gray) *image.Gray { return m }},
		{"half the size", func(m *image.Gray) *image.Gray {
			return changed(m, 300, 210, func(x, y int) uint8 { return uint8((int(at(m, 2*x, 2*y)) + int(at(m, 2*x+1, 2*y+1))) / 2) })
		}},
		{"mirrored", func(m *image.Gray) *image.Gray {
			return changed(m, 600, 420, func(x, y int) uint8 { return at(m, 599-x, y) })
		}},
		{"turned a quarter", func(m *image.Gray) *image.Gray {
			return changed(m, 420, 600, func(x, y int) uint8 { return at(m, y, 419-x) })
		}},
		{"noise", func(m *image.Gray) *image.Gray {
			state := uint32(7)
			return changed(m, 600, 420, func(x, y int) uint8 {
				state = state*1664525 + 1013904223
				return uint8(min(max(int(at(m, x, y))+int(state>>27)-16, 0), 255))
			})
		}},
		{"darker", func(m *image.Gray) *image.Gray {
			return changed(m, 600, 420, func(x, y int) uint8 { return uint8(int(at(m, x, y)) * 3 / 5) })
		}},
		{"a caption", func(m *image.Gray) *image.Gray {
			return changed(m, 600, 420, func(x, y int) uint8 {
				if y > 395 {
					return uint8(255 * (x / 9 % 2))
				}
				return at(m, x, y)
			})
		}},
		{"cropped by 4 %", func(m *image.Gray) *image.Gray {
			return changed(m, 576, 404, func(x, y int) uint8 { return at(m, x+12, y+8) })
		}},
	}
}

// shots draws strangers with their copies, and series that go from one stranger to another in small steps: the
// chains of weak edges that single linkage follows from one end to the other.
func shots(t *testing.T) (out []shot) {
	const strangers, series, steps = 12, 3, 12
	add := func(n int, how string, m *image.Gray) {
		full, nn512, err := prints.Both(m)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%d %s", len(out), how)
		sum := md5.Sum([]byte(name))
		p := media.Print{MediaType: "image/png", Quality: full.Quality, QualityNN512: nn512.Quality}
		p.MD5, _ = digest.Of(digest.MD5, sum[:])
		for o := range full.Hashes {
			p.Orientations[o], _ = digest.Of(digest.PDQ, full.Hashes[o][:])
			p.OrientationsNN512[o], _ = digest.Of(digest.PDQ, nn512.Hashes[o][:])
		}
		p.PDQ, p.PDQNN512 = p.Orientations[0], p.OrientationsNN512[0]
		out = append(out, shot{n, how, name, p})
	}
	for n := range strangers {
		m := stranger(n)
		for _, c := range changes() {
			add(n, c.how, c.make(m))
		}
	}
	for n := range series {
		a, b := stranger(2*n), stranger(2*n+1)
		for step := 1; step < steps; step++ {
			of := -1
			switch {
			case step*4 <= steps:
				of = 2 * n
			case step*4 >= 3*steps:
				of = 2*n + 1
			}
			add(of, fmt.Sprintf("%d/%d of another", step, steps), changed(a, 600, 420, func(x, y int) uint8 {
				at := y*a.Stride + x
				return uint8((int(a.Pix[at])*(steps-step) + int(b.Pix[at])*step) / steps)
			}))
		}
	}
	return out
}

// The rule by which families are made, measured on made pictures through the record: of the pairs that belong together
// how many are found, and of those that are put together how many belong; beside what following
// chains would give. A pair with a picture between two strangers counts as neither.
func TestFamiliesMeasured(t *testing.T) {
	all := shots(t)
	h := newHouse(t)
	var run strings.Builder
	at := map[digest.Digest]int{}
	for n, s := range all {
		at[s.print.MD5] = n
		fmt.Fprintf(&run, `{"path":"%s","media_type":"image/png","md5":"%s","pdq":"%s","pdq_quality":%d,"pdq_nn512":"%s","pdq_nn512_quality":%d}`+"\n",
			s.name, s.print.MD5.Hex(), s.print.PDQ.Hex(), s.print.Quality, s.print.PDQNN512.Hex(), s.print.QualityNN512)
	}
	h.handIn(t, "run.jsonl", []byte(run.String()))
	group := make([]int, len(all))
	for n := range group {
		group[n] = n
	}
	edges := map[[2]int]bool{}
	for n, s := range all {
		got, err := h.TraceImage(ctx, s.name, s.print, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range got.Family {
			if c.Relation != casework.NearCopy {
				continue
			}
			if c.Compared == nil || c.Compared.Preparation == "" || c.Compared.OtherPreparation == "" || c.Orientation == "" {
				t.Errorf("%s: an edge does not say how it was found: %s", s.name, words(t, c))
			}
			for _, d := range c.Digests {
				if m, known := at[d]; known {
					edges[[2]int{n, m}] = true
					from, to := group[m], group[n]
					for k, g := range group {
						if g == from {
							group[k] = to
						}
					}
				}
			}
		}
	}
	text := "edges of their own, up to 31 bits: " + measured(all, func(a, b int) bool { return edges[[2]int{a, b}] }) +
		"chains of such edges (not done):   " + measured(all, func(a, b int) bool { return group[a] == group[b] })
	for _, c := range changes() {
		found, of := 0, 0
		for a, x := range all {
			for b, y := range all {
				if x.how == "as it is" && y.how == c.how && x.stranger == y.stranger && a != b {
					of++
					if edges[[2]int{a, b}] {
						found++
					}
				}
			}
		}
		if of > 0 {
			text += fmt.Sprintf("  the original finds the copy, %s: %d of %d\n", c.how, found, of)
		}
	}
	const name = "testdata/families.txt"
	if *update {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("(-golden +got)\n%s", diff)
	}
}

// measured gives precision and recall over ordered pairs with their 95 % intervals by Wilson's score.
func measured(all []shot, together func(a, b int) bool) string {
	var right, wrong, missed int
	for a, x := range all {
		for b, y := range all {
			if a == b || slices.Contains([]int{x.stranger, y.stranger}, -1) {
				continue
			}
			switch same := x.stranger == y.stranger; {
			case same && together(a, b):
				right++
			case together(a, b):
				wrong++
			case same:
				missed++
			}
		}
	}
	return fmt.Sprintf("precision %s, recall %s\n", wilson(right, right+wrong), wilson(right, right+missed))
}

func wilson(k, n int) string {
	if n == 0 {
		return "none"
	}
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	middle, half := (p+z*z/(2*m))/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))/(1+z*z/m)
	return fmt.Sprintf("%d of %d = %.3f (%.3f to %.3f)", k, n, p, middle-half, middle+half)
}
