package pdq

import "math/bits"

// abreast is how many rows go through the filters side by side. A running sum must
// wait for itself at each step; four of them keep the processor busy.
const abreast = 4

// lanes are the values of four rows in one column.
type lanes [abreast]float32

// box is a running mean over a line of n values. At both ends, where part of the
// window lies outside, the mean is over the part inside.
//
// In step i the value i enters, if there is one, value i-window leaves, if there is one,
// and then the mean at place i-before is due, in this order: float32 sums round by it.
type box struct {
	n      int // length of the line
	window int // values in a whole window
	before int // values that enter before the first mean is written

	inverse float64 // 1/window
	exact   bool    // window is a power of two
}

// boxOver sizes the window: half of a 64th of the line, rounded up.
func boxOver(n int) box {
	window := (n + 127) / 128
	return box{
		n: n, window: window, before: (window+2)/2 - 1,
		inverse: 1 / float64(window), exact: bits.OnesCount(uint(window)) == 1,
	}
}

// inside counts the values of the line that lie in the window at place o.
func (b box) inside(o int) int {
	return min(o+b.before+1, b.n) - max(o+b.before+1-b.window, 0)
}

// all writes the mean of each lane at every place of the line.
func (b box) all(out, in []lanes) {
	in, out = in[:b.n], out[:b.n]
	var sum lanes
	for i := range b.window {
		sum.add(&in[i])
		if i >= b.before {
			sum.mean(&out[i-b.before], i+1)
		}
	}
	whole := out[b.window-b.before : b.n-b.before]
	if b.exact {
		sum = slide(sum, whole, in[b.window:], in, float32(b.inverse))
	} else {
		sum = slideBy(sum, whole, in[b.window:], in, b.inverse)
	}
	for i := range b.before {
		sum.subtract(&in[b.n-b.window+i])
		sum.mean(&out[b.n-b.before+i], b.window-i-1)
	}
}

// slide moves whole windows along. Times the inverse of a power of two is the
// same as divided by it.
func slide(sum lanes, out, enter, leave []lanes, inverse float32) lanes {
	s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]
	enter, leave = enter[:len(out)], leave[:len(out)]
	for i := range out {
		e, l, o := &enter[i], &leave[i], &out[i]
		s0 = s0 + e[0] - l[0]
		s1 = s1 + e[1] - l[1]
		s2 = s2 + e[2] - l[2]
		s3 = s3 + e[3] - l[3]
		o[0], o[1], o[2], o[3] = s0*inverse, s1*inverse, s2*inverse, s3*inverse
	}
	return lanes{s0, s1, s2, s3}
}

// slideBy does so for any window. The product in float64, rounded to float32, is what
// the division would give: a quotient of a 24-bit number by a window under 2²⁰ never
// lies so near the middle between two float32 values that the error of the
// product, under 2⁻⁵², could change the side, and never on the middle.
func slideBy(sum lanes, out, enter, leave []lanes, inverse float64) lanes {
	s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]
	enter, leave = enter[:len(out)], leave[:len(out)]
	for i := range out {
		e, l, o := &enter[i], &leave[i], &out[i]
		s0 = s0 + e[0] - l[0]
		s1 = s1 + e[1] - l[1]
		s2 = s2 + e[2] - l[2]
		s3 = s3 + e[3] - l[3]
		o[0] = float32(float64(s0) * inverse)
		o[1] = float32(float64(s1) * inverse)
		o[2] = float32(float64(s2) * inverse)
		o[3] = float32(float64(s3) * inverse)
	}
	return lanes{s0, s1, s2, s3}
}

// whole is the mean over a whole window; see slideBy.
func (b *box) whole(sum float32) float32 { return float32(float64(sum) * b.inverse) }

func (s *lanes) add(v *lanes) {
	for i := range s {
		s[i] += v[i]
	}
}

func (s *lanes) subtract(v *lanes) {
	for i := range s {
		s[i] -= v[i]
	}
}

func (s *lanes) mean(out *lanes, count int) {
	of := float32(count)
	for i := range s {
		out[i] = s[i] / of
	}
}
