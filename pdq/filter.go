package pdq

// tile is the picture brought down to 64×64.
type tile [64][64]float32

// reducer blurs a picture with two box filters in each direction (a tent, the
// "Jarosz filter" of the paper) and keeps the 64×64 values at the middle of equal
// shares. The boxes are half a share wide.
//
// The reference blurs the whole picture four times over in memory. Here rows run
// through the same four filters, four rows abreast, and what the 64×64 values do
// not rest on is left out: the second row filter writes only 64 columns, the second
// column filter only 64 rows. Each value that is computed is the result of the same
// operations in the same order, so the bits are the same.
//
// A picture of exactly 64×64 is taken as it is, as in the reference.
type reducer struct {
	plain  bool
	rows   int // given so far
	height int
	first  *band
	second *thinned
	out    tile
}

func newReducer(width, height int) *reducer {
	r := &reducer{plain: width == 64 && height == 64, height: height}
	if !r.plain {
		r.first = newBand(boxOver(width), boxOver(height))
		r.second = newThinned(boxOver(height), &r.out)
	}
	return r
}

// push takes the next rows, four at a time; the last time there may be fewer.
func (r *reducer) push(raw []lanes) {
	y := r.rows
	r.rows += abreast
	if r.plain {
		for j := range raw {
			for lane, v := range raw[j] {
				r.out[y+lane][j] = v
			}
		}
		return
	}
	r.first.across.all(r.first.slot(y), raw)
	r.step(y)
}

// tile lets the windows run out at the bottom edge and gives what is left.
func (r *reducer) tile() *tile {
	if !r.plain {
		for y := r.rows; y < r.height+r.first.down.before; y += abreast {
			r.step(y)
		}
	}
	return &r.out
}

func (r *reducer) step(y int) {
	narrow := r.first.push(y)
	for lane := range abreast {
		if at := y + lane - r.first.down.before; at >= 0 && at < r.height {
			r.second.push(narrow, lane)
		}
	}
}

// middles gives the place at the middle of each of 64 equal shares of a side.
func middles(side int) [64]int {
	var at [64]int
	for i := range at {
		at[i] = int((float64(i) + 0.5) * float64(side) / 64)
	}
	return at
}

// thinned runs a box down 64 columns and writes only the 64 rows that the tile keeps.
type thinned struct {
	box
	rows    [][64]float32 // the last `window` rows, in turn
	sum     [64]float32
	keep    [64]int
	stepped int
	wanted  int // rows of the tile that are written
	out     *tile
}

func newThinned(b box, out *tile) *thinned {
	return &thinned{box: b, rows: make([][64]float32, b.window), keep: middles(b.n), out: out}
}

// push takes one lane as the next row. After the last one the rest is written.
func (c *thinned) push(narrow *[64]lanes, lane int) {
	slot := &c.rows[c.stepped%c.window]
	full := c.stepped >= c.window
	for i := range slot {
		v := narrow[i][lane&(abreast-1)]
		s := c.sum[i] + v
		if full {
			s -= slot[i]
		}
		c.sum[i], slot[i] = s, v
	}
	c.write()
	for c.stepped >= c.n && c.stepped < c.n+c.before {
		slot := &c.rows[(c.stepped-c.window)%c.window]
		for i, v := range slot {
			c.sum[i] -= v
		}
		c.write()
	}
}

// write ends a step: the row that is due is divided if the tile keeps it. A low picture
// gives one row to several rows of the tile.
func (c *thinned) write() {
	at := c.stepped - c.before
	c.stepped++
	for c.wanted < 64 && c.keep[c.wanted] == at {
		of := float32(c.inside(at))
		for i, s := range c.sum {
			c.out[c.wanted][i] = s / of
		}
		c.wanted++
	}
}
