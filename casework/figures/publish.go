package figures

import (
	"cmp"
	"fmt"
	"slices"
)

// Least is the smallest count that is published. One to four children of a
// district and an age band can be found out (the rule of most statistical
// offices; Eurostat and ONS use thresholds of 3 to 10).
const Least = 5

// Publish gives the table without the complaints behind it, and with small counts
// hidden. A hidden figure could be worked out from the sums, so others are hidden
// with it (complementary suppression), until each hidden figure has at least two
// possible values. Nobody can tell which were hidden for being small. Zeros are
// shown: they are of nobody.
//
// How it is known: the figures of a table with sums are the edges between its rows
// and its columns, sums included; each row and each column adds up. A hidden
// figure is fixed by the shown ones exactly if no closed way of hidden figures
// leads through it, that is, if it is a bridge (Gusfield, "A graph theoretic
// approach to statistical data security", SIAM J. Comput. 17(3), 1988). Along a
// closed way of figures that are all above zero one can always be moved, so only
// such are hidden. A table whose columns do not add up is a set of columns, each
// by itself.
//
// Tables are protected one by one. Who publishes two cuts of the same complaints
// has to compare them: what one hides, the other may show.
func (t Table) Publish() Table {
	out := t
	out.Published = true
	out.Cells = make([][]Cell, len(t.Cells))
	for r, row := range t.Cells {
		out.Cells[r] = make([]Cell, len(row))
		for c, x := range row {
			out.Cells[r][c] = Cell{N: x.N}
		}
	}
	if t.Cross {
		out.hide(0, len(t.Columns))
	} else {
		for c := range t.Columns {
			out.hide(c, c+1)
		}
	}
	hidden := 0
	for r := range out.Cells {
		for c := range out.Cells[r] {
			if out.Cells[r][c].Hidden {
				out.Cells[r][c].N = 0
				hidden++
			}
		}
	}
	out.Notes = append(slices.Clone(t.Notes), fmt.Sprintf("Counts of 1 to %d are hidden (–), and others with them so that they cannot be worked out. Hidden: %d.", Least-1, hidden))
	return out
}

// hide hides figures in a range of columns that add up together, or in one column
// that adds up by itself.
func (t *Table) hide(from, until int) {
	for r := range t.Cells {
		for c := from; c < until; c++ {
			if n := t.Cells[r][c].N; n > 0 && n < Least {
				t.Cells[r][c].Hidden = true
			}
		}
	}
	for {
		r, c, fixed := t.fixed(from, until)
		if !fixed {
			return
		}
		if !t.cover(r, c, from, until) {
			return // nothing else is above zero: the whole range is hidden already
		}
	}
}

// fixed finds a hidden figure that the shown ones fix.
func (t *Table) fixed(from, until int) (row, column int, found bool) {
	for r := range t.Cells {
		for c := from; c < until; c++ {
			if t.Cells[r][c].Hidden && t.way(r, c, from, until, nil) == nil {
				return r, c, true
			}
		}
	}
	return 0, 0, false
}

// cover hides what closes a way through a fixed figure at the least cost: the
// fewest more figures, then the smallest sum.
func (t *Table) cover(r, c, from, until int) bool {
	way := t.way(r, c, from, until, func(x Cell) (cost int, open bool) {
		if x.Hidden {
			return 0, true
		}
		return 1_000_000 + x.N, x.N > 0
	})
	for _, p := range way {
		t.Cells[p[0]][p[1]].Hidden = true
	}
	return way != nil
}

// way finds the cheapest closed way through a figure: from its row to its column
// over other figures that are open. Without a price only hidden ones are, at no
// cost. In a single column a closed way is any second open figure: the column's
// rows meet in nothing else.
func (t *Table) way(r, c, from, until int, price func(Cell) (int, bool)) [][2]int {
	if price == nil {
		price = func(x Cell) (int, bool) { return 0, x.Hidden }
	}
	if until-from == 1 {
		best, least := -1, 0
		for o := range t.Cells {
			if cost, open := price(t.Cells[o][from]); open && o != r && (best < 0 || cost < least) {
				best, least = o, cost
			}
		}
		if best < 0 {
			return nil
		}
		return [][2]int{{best, from}}
	}
	// Dijkstra over rows (0 … rows-1) and columns (rows …).
	rows := len(t.Cells)
	nodes := rows + until - from
	dist, before, done := make([]int, nodes), make([]int, nodes), make([]bool, nodes)
	for n := range dist {
		dist[n], before[n] = -1, -1
	}
	dist[r] = 0
	target := rows + c - from
	for {
		at := -1
		for n := range dist {
			if !done[n] && dist[n] >= 0 && (at < 0 || dist[n] < dist[at]) {
				at = n
			}
		}
		if at < 0 || at == target {
			break
		}
		done[at] = true
		for n := range dist {
			row, column := at, n-rows
			if at >= rows {
				row, column = n, at-rows
			}
			if row >= rows || column < 0 || row == r && column == c-from {
				continue
			}
			cost, open := price(t.Cells[row][column+from])
			if open && (dist[n] < 0 || dist[at]+cost < dist[n]) {
				dist[n], before[n] = dist[at]+cost, at
			}
		}
	}
	if dist[target] < 0 {
		return nil
	}
	var out [][2]int
	for n := target; before[n] >= 0; n = before[n] {
		row, column := min(n, before[n]), max(n, before[n])-rows
		out = append(out, [2]int{row, column + from})
	}
	slices.SortFunc(out, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return out
}
