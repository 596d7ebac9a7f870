package match

import "math"

// farthest is the largest radius that bands serve. Beyond it so many flipped keys
// have to be looked up that a scan is quicker.
const farthest = 40

// What a search pays, in nanoseconds, measured on ten million codes. They only
// choose between ways that all give the same answer.
const (
	costOfProbe     = 12  // to look one key up
	costOfCandidate = 24  // to fetch one code and compare it
	costOfCrowded   = 15  // the same where keys are crowded, so that slots lie together
	costOfScan      = 1.5 // to compare one code in passing
)

// widthsFor cuts 256 bits into bands for a number of codes, the widest first. More
// codes want wider keys, so that few share one; wider keys are fewer, so that more of
// their bits must be flipped, and their directories take more memory. The shapes are
// those found best for a radius of 31; the sum of rᵢ+1 is 32 with the rᵢ in brackets.
func widthsFor(codes int) []int {
	const million = 1_000_000
	switch {
	case codes < 4096:
		return widths(32, 8) // (0)
	case codes < 400_000:
		return widths(16, 16) // (1)
	case codes < 3*million:
		return widths(6, 21, 4, 19, 3, 18) // (2, 1, 1)
	case codes < 6*million:
		return widths(8, 23, 4, 18) // (2, 1)
	case codes < 50*million:
		return widths(1, 26, 10, 23) // (1, 2)
	default:
		return widths(2, 28, 8, 25) // (3, 2)
	}
}

// widths lists each width as often as the number before it says.
func widths(pairs ...int) []int {
	var list []int
	for i := 0; i < len(pairs); i += 2 {
		for range pairs[i] {
			list = append(list, pairs[i+1])
		}
	}
	return list
}

// flips are all ways to flip few bits of a key: first none, then one bit, then two.
type flips struct {
	masks []uint32
	rings []int // rings[r] counts the masks of at most r bits
}

// newFlips lists the masks for keys of a width, as far as it could ever pay.
func newFlips(width int) *flips {
	const most = 16_000
	f := new(flips)
	for r := range width + 1 {
		if r > 0 && (binomial(width, r)+len(f.masks) > most || r > 4 && width > 8) {
			break
		}
		f.ring(0, 0, width, r)
		f.rings = append(f.rings, len(f.masks))
	}
	return f
}

// ring adds all masks of n more bits above from.
func (f *flips) ring(mask uint32, from, width, n int) {
	if n == 0 {
		f.masks = append(f.masks, mask)
		return
	}
	for bit := from; bit <= width-n; bit++ {
		f.ring(mask|1<<bit, bit+1, width, n-1)
	}
}

func binomial(n, k int) int {
	b := 1
	for i := range k {
		b = b * (n - i) / (i + 1)
	}
	return b
}

// plan says how far each band is looked up: within[i] flipped bits, -1 for not at all.
// Looked up so, bands lead to every code within the radius, because the sum of
// within[i]+1 is the radius plus one: a code that differed by more in every band would
// differ by at least that sum.
type plan struct {
	within []int8
	probes int
	cost   float64 // expected, in nanoseconds
}

// costs tells what a plan costs that leads to so many candidates.
func (p plan) costs(candidates int, each float64) float64 {
	return float64(p.probes)*costOfProbe + float64(candidates)*each
}

// deal finds the cheapest plan for a radius, given how many codes a key of each band
// is expected to hold. The table of best sums is filled band by band. It gives no
// plan if the bands' lists of flips do not reach so far.
func deal(all []*flips, radius int, perKey []float64) (plan, bool) {
	shares := radius + 1
	best := make([]float64, shares+1) // best[s]: the least cost of s shares among the bands so far
	for s := range best[1:] {
		best[s+1] = math.Inf(1)
	}
	choice := make([][]int8, len(all))
	for i, f := range all {
		choice[i] = make([]int8, shares+1)
		next := make([]float64, shares+1)
		for s := range next {
			next[s], choice[i][s] = cheapest(f, s, best, perKey[i])
		}
		best = next
	}
	if math.IsInf(best[shares], 1) {
		return plan{}, false
	}
	p := plan{within: make([]int8, len(all)), cost: best[shares]}
	for i, s := len(all)-1, shares; i >= 0; i-- {
		r := choice[i][s]
		p.within[i] = r
		s -= int(r) + 1
		if r >= 0 {
			p.probes += all[i].rings[r]
		}
	}
	return p, true
}

// cheapest gives a band its best radius when it and those before it have s shares.
func cheapest(f *flips, s int, before []float64, perKey float64) (least float64, radius int8) {
	least, radius = before[s], -1
	for r, probes := range f.rings[:min(len(f.rings), s)] {
		cost := before[s-r-1] + float64(probes)*(costOfProbe+perKey*costOfCandidate)
		if cost < least {
			least, radius = cost, int8(r)
		}
	}
	return least, radius
}
