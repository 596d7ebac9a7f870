package tmk_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/digest/tmk"
	"suraag/fault"
)

// write puts the made values into a folder, for the reference to score.
var write = flag.String("write", "", "folder into which the made .tmk files are written")

// made is the value of a made video: 180 frames of smooth and of random features. The seed names the
// video, noise says how far a copy of it is from it, shift by how many frames it begins later.
func made(seed uint64, noise float64, shift int) []byte {
	const periods, terms, features, frames = 2, 5, 256, 180
	lengths := [periods]int{61, 97}
	fourier := [terms]float32{0.3, 0.25, 0.2, 0.15, 0.1}
	average := make([]float64, features)
	var cos, sin [periods][terms][features]float64
	state := seed
	next := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>40)/float64(1<<24) - 0.5
	}
	var base, drift [features]float64
	for k := range base {
		base[k], drift[k] = next(), next()
	}
	state = seed ^ math.Float64bits(noise) ^ uint64(shift)
	for t := range frames {
		var f [features]float64
		norm := 0.0
		for k := range f {
			f[k] = base[k] + drift[k]*math.Sin(float64((t+shift)*(k%7+1))/20) + noise*next()
			average[k] += f[k] / frames
			norm += f[k] * f[k]
		}
		for p, length := range lengths {
			for j := range terms {
				s, c := math.Sincos(2 * math.Pi * float64(j) * float64(t) / float64(length))
				for k := range f {
					cos[p][j][k] += f[k] / math.Sqrt(norm) * c
					sin[p][j][k] += f[k] / math.Sqrt(norm) * s
				}
			}
		}
	}
	b := []byte("TMK1FVECPDQF")
	for _, n := range []int{15, periods, terms, features, frames, lengths[0], lengths[1]} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	float := func(x float64) { b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x))) }
	for _, c := range fourier {
		float(float64(c))
	}
	for _, x := range average {
		float(x)
	}
	for _, part := range [2]*[periods][terms][features]float64{&cos, &sin} {
		for p := range part {
			for j := range part[p] {
				norm := 0.0
				for _, x := range part[p][j] {
					norm += x * x
				}
				for _, x := range part[p][j] {
					if norm > 0 {
						x *= math.Sqrt(float64(fourier[j])) / math.Sqrt(norm)
					}
					float(x)
				}
			}
		}
	}
	return b
}

func videos() map[string][]byte {
	return map[string][]byte{"a": made(1, 0, 0), "a-copy": made(1, 0.3, 0), "a-later": made(1, 0.1, 20), "a-far": made(1, 2, 0), "b": made(2, 0, 0)}
}

// The scores that tmk-two-level-score of the reference (ThreatExchange baefb4ed) gives for the made values, which
// go test ./digest/tmk -write FOLDER writes. It reckons in float32.
func TestScoresAreTheReferences(t *testing.T) {
	if *write != "" {
		for name, b := range videos() {
			if err := os.WriteFile(filepath.Join(*write, name+".tmk"), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	golden, err := os.ReadFile("testdata/scores.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(golden)), "\n")
	made := videos()
	if len(lines) < 6 {
		t.Fatalf("%d pairs", len(lines))
	}
	for _, line := range lines {
		var l1, l2 float64
		var x, y string
		if _, err := fmt.Sscan(line, &l1, &l2, &x, &y); err != nil {
			t.Fatal(err)
		}
		s := compare(t, made[x], made[y])
		if l1 < tmk.Level1 {
			l2 = 0 // not reckoned then
		}
		if math.Abs(s.Level1-l1) > 2e-5 || math.Abs(s.Level2-l2) > 2e-4 || s.Match != (l1 >= tmk.Level1 && l2 >= tmk.Level2) {
			t.Errorf("%s and %s: %+v, the reference gives %v and %v", x, y, s, l1, l2)
		}
	}
}

func compare(t *testing.T, x, y []byte) tmk.Scores {
	t.Helper()
	a, err1 := tmk.Parse(tmk.Text(x))
	b, err2 := tmk.Read(y)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	s, err := tmk.Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStrangersAndSelf(t *testing.T) {
	v := videos()
	if s := compare(t, v["a"], v["b"]); s.Match || s.Level1 >= tmk.Level1 {
		t.Errorf("another video: %+v", s)
	}
	if s := compare(t, v["a"], v["a"]); !s.Match || s.Shift != 0 || s.Level1 < 0.9999 {
		t.Errorf("itself: %+v", s)
	}
	if s := compare(t, v["a"], v["a-later"]); !s.Match || s.Shift == 0 {
		t.Errorf("the same, begun later: %+v", s)
	}
}

func TestWhatIsNoValue(t *testing.T) {
	whole := made(1, 0, 0)
	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(whole)
		copy(out[at:], b)
		return out
	}
	tests := []struct {
		name string
		file []byte
		kind fault.Kind
	}{
		{"nothing", nil, fault.Invalid},
		{"text", []byte("a text that is no value, though it is long enough"), fault.Invalid},
		{"another algorithm", change(8, []byte("XXXX")...), fault.Invalid},
		{"short", whole[:len(whole)-1], fault.Corrupt},
		{"long", append(bytes.Clone(whole), 0), fault.Corrupt},
		{"a billion periods", change(16, 0, 0, 0, 0x40), fault.TooLarge},
		{"less than no features", change(24, 0xff, 0xff, 0xff, 0xff), fault.TooLarge},
		{"a period of nothing", change(32, 0, 0, 0, 0), fault.Corrupt},
		{"a number that is none", change(60, 0, 0, 0xc0, 0x7f), fault.Corrupt},
	}
	for _, tt := range tests {
		if v, err := tmk.Read(tt.file); !fault.Is(err, tt.kind) || v != nil {
			t.Errorf("%s: %v of kind %v, want %v", tt.name, err, fault.KindOf(err), tt.kind)
		}
	}
	if _, err := tmk.Parse("not base64!"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	a, _ := tmk.Read(whole)
	b, _ := tmk.Read(change(12, 30)) // frames a second
	if _, err := tmk.Compare(a, b); !fault.Is(err, fault.Invalid) {
		t.Errorf("taken otherwise: %v", err)
	}
}

// FuzzRead: whatever the bytes, a value is read wholly or not at all, and agrees with itself no less than with another.
func FuzzRead(f *testing.F) {
	seeds := videos()
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, b := range seeds {
		f.Add(b)
	}
	other, err := tmk.Read(made(2, 0, 0))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		v, err := tmk.Read(file)
		if err != nil {
			if v != nil || fault.KindOf(err) == fault.Internal {
				t.Fatalf("%v with %v", v, err)
			}
			return
		}
		self, err := tmk.Compare(v, v)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := tmk.Compare(v, other); err == nil && s.Level1 > self.Level1+1e-6 && self.Level1 != 0 {
			t.Errorf("more like another, %v, than like itself, %v", s.Level1, self.Level1)
		}
	})
}
