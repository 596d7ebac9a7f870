package pdq

// tile is the picture brought down to 64×64.
type tile [64][64]float32

// reduce blurs the picture with two box filters in each direction (a tent, the
// "Jarosz filter" of the paper) and keeps the 64×64 values at the middle of equal
// shares. The boxes are half a share wide.
//
// The reference blurs the whole picture four times over in memory. Here rows run
// through the same four filters one after the other, and what the 64×64 values do
// not rest on is left out: the second row filter writes only 64 columns, the second
// column filter only 64 rows. Each value that is computed is the result of the same
// operations in the same order, so the bits are the same.
//
// A picture of exactly 64×64 is taken as it is, as in the reference.
func reduce(luma lumaRow, cols, rows []int) *tile {
	t := new(tile)
	if len(cols) == 64 && len(rows) == 64 {
		for i, y := range rows {
			luma(t[i][:], y, cols)
		}
		return t
	}
	across, down := boxOver(len(cols)), boxOver(len(rows))
	keepCols, keepRows := middles(len(cols)), middles(len(rows))

	written, wanted := 0, 0
	second := newColumns(down, 64, func(row []float32) {
		for wanted < 64 && keepRows[wanted] == written {
			copy(t[wanted][:], row)
			wanted++
		}
		written++
	})
	var narrow [64]float32
	first := newColumns(down, len(cols), func(row []float32) {
		across.at(narrow[:], row, keepCols[:])
		second.push(narrow[:])
	})
	raw, blurred := make([]float32, len(cols)), make([]float32, len(cols))
	for _, y := range rows {
		luma(raw, y, cols)
		across.all(blurred, raw)
		first.push(blurred)
	}
	return t
}

// middles gives the place at the middle of each of 64 equal shares of a side.
func middles(side int) [64]int {
	var at [64]int
	for i := range at {
		at[i] = int((float64(i) + 0.5) * float64(side) / 64)
	}
	return at
}

// box is a running mean over a line of n values. At both ends, where part of the
// window lies outside, the mean is over the part inside.
type box struct {
	n      int // length of the line
	window int // values in a whole window
	before int // values that enter before the first mean is written
}

// boxOver sizes the window: half of a 64th of the line, rounded up.
func boxOver(n int) box {
	window := (n + 127) / 128
	return box{n: n, window: window, before: (window+2)/2 - 1}
}

// all writes the mean at every place of the line.
func (b box) all(out, in []float32) {
	in, out = in[:b.n], out[:b.n]
	var sum float32
	for _, v := range in[:b.before] {
		sum += v
	}
	o := 0
	for i, v := range in[b.before:b.window] {
		sum += v
		out[o] = sum / float32(b.before+i+1)
		o++
	}
	whole := float32(b.window)
	leaving := in[:b.n-b.window]
	for i, v := range in[b.window:] {
		sum += v
		sum -= leaving[i]
		out[o] = sum / whole
		o++
	}
	for i := range b.before {
		sum -= in[b.n-b.window+i]
		out[o] = sum / float32(b.window-i-1)
		o++
	}
}

// at writes the mean at the given places only, which must rise. The running sum
// still passes every value, because its rounding depends on all before it.
func (b box) at(out, in []float32, places []int) {
	in = in[:b.n]
	var sum float32
	entered := min(b.before, b.n)
	for _, v := range in[:entered] {
		sum += v
	}
	o := 0 // the place whose mean is due next
	for i, place := range places {
		for ; o <= place; o++ {
			sum = b.step(sum, in, o)
		}
		out[i] = sum / float32(b.inside(place))
	}
}

// step moves the window on to place o.
func (b box) step(sum float32, in []float32, o int) float32 {
	if enter := o + b.before; enter < b.n {
		sum += in[enter]
	}
	if leave := o + b.before - b.window; leave >= 0 {
		sum -= in[leave]
	}
	return sum
}

// inside counts the values of the line that lie in the window at place o.
func (b box) inside(o int) int {
	return min(o+b.before+1, b.n) - max(o+b.before+1-b.window, 0)
}

// columns runs a box down every column at once, one row after the other. It keeps
// only the rows inside the window.
type columns struct {
	box
	rows    [][]float32 // the last `window` rows, in turn
	sum     []float32
	out     []float32
	entered int
	give    func(row []float32) // gets each finished row in order; must not keep it
}

func newColumns(b box, width int, give func([]float32)) *columns {
	c := &columns{box: b, sum: make([]float32, width), out: make([]float32, width), give: give}
	c.rows = make([][]float32, b.window)
	for i := range c.rows {
		c.rows[i] = make([]float32, width)
	}
	return c
}

// push takes the next row. After the last one the rest of the output is given.
func (c *columns) push(row []float32) {
	slot := c.rows[c.entered%c.window]
	if c.entered < c.window {
		add(c.sum, row)
	} else {
		exchange(c.sum, row, slot)
	}
	copy(slot, row)
	c.entered++
	if c.entered > c.before {
		c.write(min(c.entered, c.window))
	}
	if c.entered == c.n {
		c.drain()
	}
}

// drain lets the window run out at the bottom edge.
func (c *columns) drain() {
	for i := range c.before {
		subtract(c.sum, c.rows[(c.n-c.window+i)%c.window])
		c.write(c.window - i - 1)
	}
}

func (c *columns) write(count int) {
	of := float32(count)
	out := c.out[:len(c.sum)]
	for i, s := range c.sum {
		out[i] = s / of
	}
	c.give(out)
}

func add(sum, row []float32) {
	row = row[:len(sum)]
	for i, v := range row {
		sum[i] += v
	}
}

func subtract(sum, row []float32) {
	row = row[:len(sum)]
	for i, v := range row {
		sum[i] -= v
	}
}

func exchange(sum, enter, leave []float32) {
	enter, leave = enter[:len(sum)], leave[:len(sum)]
	for i, s := range sum {
		s += enter[i]
		s -= leave[i]
		sum[i] = s
	}
}
