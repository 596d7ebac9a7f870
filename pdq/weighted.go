package pdq

// weighted comes to the same tile as reducer but for rounding, at a fraction of the
// cost: both filters of a direction and the choice of 64 places are one sum of
// weights for each place, about one product for each pixel.
type weighted struct {
	across, down [64]taps
	rows         int // given so far
	from         int // first row of the tile that is not finished
	narrow       [64]lanes
	sum          [64][64]float64
}

// taps are the weights of one place over the values that begin at from.
type taps struct {
	from   int
	weight []float32
}

func newWeighted(width, height int) *weighted {
	return &weighted{across: boxOver(width).taps(), down: boxOver(height).taps()}
}

// taps follows each value through the two filters: it is in some of the windows of
// the first, and those are in the window of the second.
func (b box) taps() [64]taps {
	var out [64]taps
	for i, place := range middles(b.n) {
		first, last := b.reach(place)
		from, _ := b.reach(first)
		_, to := b.reach(last)
		steps := make([]float64, to-from+2)
		for o := first; o <= last; o++ {
			share := 1 / float64(b.inside(place)*b.inside(o))
			enter, leave := b.reach(o)
			steps[enter-from] += share
			steps[leave+1-from] -= share
		}
		out[i] = taps{from: from, weight: make([]float32, to-from+1)}
		sum := 0.0
		for k := range out[i].weight {
			sum += steps[k]
			out[i].weight[k] = float32(sum)
		}
	}
	return out
}

// reach gives the first and the last value in the window at a place.
func (b box) reach(place int) (first, last int) {
	return max(place+b.before+1-b.window, 0), min(place+b.before, b.n-1)
}

// push takes the next rows, four at a time. Lanes past the last row weigh nothing.
func (w *weighted) push(raw []lanes) {
	for i := range w.across {
		w.narrow[i] = w.across[i].over(raw)
	}
	for lane := range abreast {
		y := w.rows + lane
		for i := w.from; i < 64 && w.down[i].from <= y; i++ {
			k := y - w.down[i].from
			if k >= len(w.down[i].weight) {
				if i == w.from {
					w.from++
				}
				continue
			}
			weight := float64(w.down[i].weight[k])
			for j := range w.sum[i] {
				w.sum[i][j] += float64(weight * float64(w.narrow[j][lane]))
			}
		}
	}
	w.rows += abreast
}

func (t *taps) over(raw []lanes) lanes {
	var s0, s1, s2, s3 float32
	raw = raw[t.from:][:len(t.weight)]
	for i, w := range t.weight {
		v := &raw[i]
		s0 += float32(w * v[0])
		s1 += float32(w * v[1])
		s2 += float32(w * v[2])
		s3 += float32(w * v[3])
	}
	return lanes{s0, s1, s2, s3}
}

func (w *weighted) tile() *tile {
	t := new(tile)
	for i := range t {
		for j := range t[i] {
			t[i][j] = float32(w.sum[i][j])
		}
	}
	return t
}
