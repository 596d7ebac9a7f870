package pdq

// band holds the rows of a picture that are inside the window of the first column
// filter, four to a slot, and runs that filter and the second row filter over them.
type band struct {
	across, down box
	slots        [][]lanes // rows after the first row filter, in turn
	leaving      []lanes   // the rows that leave, where they lie across two slots
	sum          []float32 // running sum of each column
	mixed        []lanes   // four rows after the column filter
	keep         [64]int   // columns of the tile
	narrow       [64]lanes
}

func newBand(across, down box) *band {
	b := &band{across: across, down: down, keep: middles(across.n)}
	b.slots = make([][]lanes, (down.window+2*abreast-1)/abreast)
	for i := range b.slots {
		b.slots[i] = make([]lanes, across.n)
	}
	b.leaving, b.mixed = make([]lanes, across.n), make([]lanes, across.n)
	b.sum = make([]float32, across.n)
	return b
}

// slot gives the place of rows y to y+3.
func (b *band) slot(y int) []lanes { return b.slots[y/abreast%len(b.slots)] }

// push does the column steps y to y+3 and gives the 64 columns of their rows. A lane
// of a step that writes no row holds nothing of use.
func (b *band) push(y int) *[64]lanes {
	switch whole := y >= b.down.window && y+abreast <= b.down.n; {
	case !whole:
		for lane := range abreast {
			b.edge(y+lane, lane)
		}
	case b.down.exact:
		descend(b.mixed, b.sum, b.slot(y), b.leave(y), float32(b.down.inverse))
	default:
		descendBy(b.mixed, b.sum, b.slot(y), b.leave(y), b.down.inverse)
	}
	b.across.at(&b.narrow, b.mixed, &b.keep)
	return &b.narrow
}

// leave gives the rows that are a window before y to y+3.
func (b *band) leave(y int) []lanes {
	from := y - b.down.window
	first, second := b.slot(from), b.slot(from+abreast)
	if from%abreast == 0 {
		return first
	}
	out := b.leaving
	first, second = first[:len(out)], second[:len(out)]
	switch from % abreast {
	case 1:
		for i := range out {
			p, q := &first[i], &second[i]
			out[i] = lanes{p[1], p[2], p[3], q[0]}
		}
	case 2:
		for i := range out {
			p, q := &first[i], &second[i]
			out[i] = lanes{p[2], p[3], q[0], q[1]}
		}
	case 3:
		for i := range out {
			p, q := &first[i], &second[i]
			out[i] = lanes{p[3], q[0], q[1], q[2]}
		}
	}
	return out
}

// edge does one step at the top or the bottom, where rows only enter or only leave.
func (b *band) edge(y, lane int) {
	if y >= b.down.n+b.down.before {
		return
	}
	if y < b.down.n {
		for x, v := range b.slot(y) {
			b.sum[x] += v[lane]
		}
	}
	if from := y - b.down.window; from >= 0 {
		for x, v := range b.slot(from) {
			b.sum[x] -= v[from%abreast]
		}
	}
	if y >= b.down.before {
		of := float32(b.down.inside(y - b.down.before))
		for x, s := range b.sum {
			b.mixed[x][lane] = s / of
		}
	}
}

// descend does four whole steps in every column; see slide.
func descend(out []lanes, sum []float32, enter, leave []lanes, inverse float32) {
	sum, enter, leave = sum[:len(out)], enter[:len(out)], leave[:len(out)]
	for i := range out {
		e, l, o, s := &enter[i], &leave[i], &out[i], sum[i]
		s = s + e[0] - l[0]
		o[0] = s * inverse
		s = s + e[1] - l[1]
		o[1] = s * inverse
		s = s + e[2] - l[2]
		o[2] = s * inverse
		s = s + e[3] - l[3]
		o[3] = s * inverse
		sum[i] = s
	}
}

// descendBy does so for any window; see slideBy.
func descendBy(out []lanes, sum []float32, enter, leave []lanes, inverse float64) {
	sum, enter, leave = sum[:len(out)], enter[:len(out)], leave[:len(out)]
	for i := range out {
		e, l, o, s := &enter[i], &leave[i], &out[i], sum[i]
		s = s + e[0] - l[0]
		o[0] = float32(float64(s) * inverse)
		s = s + e[1] - l[1]
		o[1] = float32(float64(s) * inverse)
		s = s + e[2] - l[2]
		o[2] = float32(float64(s) * inverse)
		s = s + e[3] - l[3]
		o[3] = float32(float64(s) * inverse)
		sum[i] = s
	}
}

// at writes the mean of each lane at the given places only, which must rise. The
// running sum still passes every value, because its rounding depends on all before it.
func (b box) at(out *[64]lanes, in []lanes, places *[64]int) {
	in = in[:b.n]
	var edge lanes
	step := 0 // the step that is due next
	for ; step < b.window && step <= places[0]+b.before; step++ {
		edge.add(&in[step])
	}
	i := 0
	for ; i < len(places) && places[i]+b.before < b.window; i++ { // the window is not whole yet
		for ; step <= places[i]+b.before; step++ {
			edge.add(&in[step])
		}
		edge.mean(&out[i], b.inside(places[i]))
	}
	for ; step < b.window; step++ {
		edge.add(&in[step])
	}
	s0, s1, s2, s3 := edge[0], edge[1], edge[2], edge[3]
	for ; i < len(places) && places[i]+b.before < b.n; i++ {
		until := places[i] + b.before + 1
		enter, leave := in[step:until], in[step-b.window:]
		leave = leave[:len(enter)]
		for k := range enter {
			e, l := &enter[k], &leave[k]
			s0 = s0 + e[0] - l[0]
			s1 = s1 + e[1] - l[1]
			s2 = s2 + e[2] - l[2]
			s3 = s3 + e[3] - l[3]
		}
		step = until
		out[i] = lanes{b.whole(s0), b.whole(s1), b.whole(s2), b.whole(s3)}
	}
	edge = lanes{s0, s1, s2, s3}
	for ; i < len(places); i++ { // nothing enters any more
		for ; step < b.n; step++ {
			edge.add(&in[step])
			edge.subtract(&in[step-b.window])
		}
		for ; step <= places[i]+b.before; step++ {
			edge.subtract(&in[step-b.window])
		}
		edge.mean(&out[i], b.inside(places[i]))
	}
}
