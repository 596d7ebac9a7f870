// Package tmk reads and compares TMK+PDQF values: fixed-length fingerprints of whole videos.
//
// Takes the bytes of a .tmk file, or their base64 as lists carry it. Gives the two scores of a pair. Never
// computes a value: that needs every frame at fifteen a second, and lists of such values come with their own tool.
//
// Layout and scores are those of facebook/ThreatExchange (hashing.pdf §4; tmk/cpp/io/tmkiotypes.h): a header of
// 32 bytes ("TMK1", "FVEC", the name of the frame algorithm, then frames a second, periods,
// Fourier coefficients, length of a feature and frames, as little-endian int32), the periods as int32, the
// coefficients, the pure average of the features, and for each period and coefficient the cosine
// features, then the sine features, as float32.
package tmk

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"suraag/fault"
)

// The scores at and above which two videos are taken to be the same (tmk_default_thresholds.h).
const (
	Level1 = 0.7
	Level2 = 0.7
)

// Bounds of a value; TMK+PDQF as published has 4 periods up to 14653, 32 coefficients and 256 features.
const (
	header      = 32
	maxPeriods  = 16
	maxPeriod   = 1 << 16
	maxFourier  = 128
	maxFeatures = 1024
	maxBytes    = 16 << 20
)

// Value is the fingerprint of one video.
type Value struct {
	PerSecond int // frames a second at which it was taken
	Frames    int // frames that went in

	periods  []int
	fourier  []float32
	average  []float32
	cos, sin []float32 // by period, coefficient, feature
}

// Read reads the bytes of a .tmk file. Errors: fault.Invalid for what is none, fault.TooLarge for
// dimensions beyond all that exist, fault.Corrupt for a length that the header does not give, and for
// numbers that are none.
func Read(b []byte) (*Value, error) {
	if len(b) < header || string(b[:8]) != "TMK1FVEC" {
		return nil, fault.Newf(fault.Invalid, "tmk: no TMK feature vectors")
	}
	if string(b[8:12]) != "PDQF" {
		return nil, fault.Newf(fault.Invalid, "tmk: frames were hashed by %q, only PDQF is compared", b[8:12])
	}
	word := func(n int) int { return int(int32(binary.LittleEndian.Uint32(b[12+4*n:]))) }
	v := &Value{PerSecond: word(0), Frames: word(4)}
	periods, fourier, features := word(1), word(2), word(3)
	if periods < 1 || fourier < 1 || features < 1 || periods > maxPeriods || fourier > maxFourier || features > maxFeatures {
		return nil, fault.Newf(fault.TooLarge, "tmk: %d periods, %d coefficients and %d features", periods, fourier, features)
	}
	each := periods * fourier * features
	if want := header + 4*(periods+fourier+features+2*each); len(b) != want {
		return nil, fault.Newf(fault.Corrupt, "tmk: %d bytes, its header gives %d", len(b), want)
	}
	rest := b[header:]
	for range periods {
		p := int(int32(binary.LittleEndian.Uint32(rest)))
		if p < 1 || p > maxPeriod {
			return nil, fault.Newf(fault.Corrupt, "tmk: a period of %d", p)
		}
		v.periods, rest = append(v.periods, p), rest[4:]
	}
	for _, field := range []struct {
		to *[]float32
		n  int
	}{{&v.fourier, fourier}, {&v.average, features}, {&v.cos, each}, {&v.sin, each}} {
		*field.to = make([]float32, field.n)
		for i := range *field.to {
			f := math.Float32frombits(binary.LittleEndian.Uint32(rest))
			if f != f || math.IsInf(float64(f), 0) {
				return nil, fault.Newf(fault.Corrupt, "tmk: a number that is none, %d bytes from the end", len(rest))
			}
			(*field.to)[i], rest = f, rest[4:]
		}
	}
	return v, nil
}

// Parse reads a value as lists carry it: the file's bytes in base64.
func Parse(text string) (*Value, error) {
	if len(text) > maxBytes {
		return nil, fault.Newf(fault.TooLarge, "tmk: %d bytes, the limit is %d", len(text), maxBytes)
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "tmk %.40q: not base64", text)
	}
	return Read(b)
}

// Text gives the bytes of a .tmk file as Parse reads them.
func Text(file []byte) string { return base64.StdEncoding.EncodeToString(file) }

// Scores of a pair, 1 at most. Level2 is reckoned only where Level1 reaches its threshold, as the
// reference does; otherwise it is 0.
type Scores struct {
	Match  bool    `json:"match"`
	Level1 float64 `json:"level_1"` // cosine of the average features
	Level2 float64 `json:"level_2"` // best agreement over all shifts in time

	// Shift is that best shift in frames, within one Period: values repeat after each.
	Shift  int `json:"shift"`
	Period int `json:"period"`
}

// Compare gives the scores. It is an error of kind fault.Invalid if the values were taken with different
// dimensions, periods or coefficients.
func Compare(a, b *Value) (Scores, error) {
	if !slices.Equal(a.periods, b.periods) || !near(a.fourier, b.fourier) || len(a.average) != len(b.average) || a.PerSecond != b.PerSecond {
		return Scores{}, fault.Newf(fault.Invalid, "tmk: the two values were taken in different ways and cannot be compared")
	}
	s := Scores{Level1: cosine(a.average, b.average)}
	if s.Level1 < Level1 {
		return s, nil
	}
	s.Level2 = math.Inf(-1)
	for p := range a.periods {
		if score, shift := best(a, b, p); score > s.Level2 {
			s.Level2, s.Shift, s.Period = score, shift, a.periods[p]
		}
	}
	s.Match = s.Level2 >= Level2
	return s, nil
}

// near allows for the last bit: the coefficients are written by different machines.
func near(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if most := math.Max(math.Abs(float64(a[i])), math.Abs(float64(b[i]))); math.Abs(float64(a[i])-float64(b[i])) > 1e-6*most {
			return false
		}
	}
	return true
}

func dot(a, b []float32) (sum float64) {
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

func cosine(a, b []float32) float64 {
	norm := math.Sqrt(dot(a, a)) * math.Sqrt(dot(b, b))
	if norm == 0 {
		return 0
	}
	return dot(a, b) / norm
}

// best finds the shift within one period at which the pair agrees most (hashing.pdf, the trigonometric sum of
// the kernel), and that agreement as a part of what a video has with itself.
func best(a, b *Value, period int) (score float64, shift int) {
	features, terms := len(a.average), len(a.fourier)
	same, cross := make([]float64, terms), make([]float64, terms)
	most := float64(a.fourier[0])
	for j := range terms {
		at := (period*terms + j) * features
		ac, as, bc, bs := a.cos[at:at+features], a.sin[at:at+features], b.cos[at:at+features], b.sin[at:at+features]
		same[j], cross[j] = dot(ac, bc)+dot(as, bs), dot(as, bc)-dot(ac, bs)
		if j == 0 {
			same[0] = dot(ac, bc)
		} else {
			most += 2 * float64(a.fourier[j])
		}
	}
	score = math.Inf(-1)
	for offset := range a.periods[period] {
		sum := same[0]
		sin1, cos1 := math.Sincos(2 * math.Pi * float64(offset) / float64(a.periods[period]))
		sin, cos := 0.0, 1.0
		for j := 1; j < terms; j++ {
			sin, cos = sin*cos1+cos*sin1, cos*cos1-sin*sin1
			sum += cos*same[j] + sin*cross[j]
		}
		if sum > score {
			score, shift = sum, offset
		}
	}
	return score / most, shift
}
