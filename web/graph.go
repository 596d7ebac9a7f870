package web

import (
	"fmt"
	"strings"

	"suraag/circulation"
)

// drawing is the graph of who passed it to whom, laid out from left to right in
// the order of time. It holds only what a source states.
type drawing struct {
	Width, Height int
	Boxes         []box
	Arrows        []arrow
	Left          int // nodes and passings that have no room; the table has them
}

// box is a node.
type box struct {
	X, Y, Width, Height int
	Kind                string
	Line, Below         string
	Title               string
}

// arrow joins two boxes. Dashed is an upload: the box at its end stands for what
// was put on a service, and nobody is known to have received it there.
type arrow struct {
	Path   string
	X, Y   int // of the label
	Label  string
	Dashed bool
	Title  string
}

// What a drawing holds so that it can still be read at 1366 by 768; the table
// beneath has every passing.
const (
	maxBoxes  = 24
	boxWidth  = 196
	boxHeight = 44
	columnGap = 84
	rowGap    = 20
	margin    = 12
)

// layout puts nodes into columns.
type layout struct {
	nodes  map[string]circulation.Node
	column map[string]int
	order  []string // nodes as they come
	left   int
}

// draw gives nothing where no source states a passing or an upload.
func draw(p circulation.Passing) drawing {
	l := layout{nodes: map[string]circulation.Node{}, column: map[string]int{}}
	for _, n := range p.Nodes {
		l.nodes[n.ID] = n
	}
	type pair struct{ from, to string }
	var pairs []pair
	numbers := map[pair][]int{}
	for n, e := range p.Edges {
		if !l.place(e.From, e.To) {
			continue
		}
		k := pair{e.From, e.To}
		if numbers[k] == nil {
			pairs = append(pairs, k)
		}
		numbers[k] = append(numbers[k], n+1)
	}
	var posts []circulation.Node
	for _, n := range p.Nodes {
		if n.Kind == circulation.Posted && n.By != "" && l.place(n.By, n.ID) {
			posts = append(posts, n)
		}
	}
	if len(l.order) == 0 {
		return drawing{}
	}
	d, at := l.boxes()
	for _, k := range pairs {
		title := fmt.Sprintf("%s to %s: %s", l.nodes[k.from].Label, l.nodes[k.to].Label, count(len(numbers[k]), "passing", "passings"))
		d.Arrows = append(d.Arrows, join(at[k.from], at[k.to], numbersInWords(numbers[k]), title, false))
	}
	for _, n := range posts {
		d.Arrows = append(d.Arrows, join(at[n.By], at[n.ID], "", l.nodes[n.By].Label+" "+n.Label, true))
	}
	for _, a := range d.Arrows {
		d.Width = max(d.Width, a.X+columnGap/4+margin) // what bends around on the right
	}
	d.Left = l.left + p.MoreEdges
	return d
}

// place gives both ends of a passing a column, the sender's before that of who
// is met for the first time. It gives false where there is no room.
func (l *layout) place(from, to string) bool {
	fresh := 0
	for _, id := range []string{from, to} {
		if _, known := l.nodes[id]; !known {
			return false
		}
		if _, placed := l.column[id]; !placed {
			fresh++
		}
	}
	if len(l.order)+fresh > maxBoxes {
		l.left++
		return false
	}
	if _, placed := l.column[from]; !placed {
		l.column[from] = 0
		l.order = append(l.order, from)
	}
	if _, placed := l.column[to]; !placed {
		l.column[to] = l.column[from] + 1
		l.order = append(l.order, to)
	}
	return true
}

// boxes puts the nodes of each column below each other, in the order of time.
func (l *layout) boxes() (drawing, map[string]box) {
	var d drawing
	at := map[string]box{}
	rows := map[int]int{}
	for _, id := range l.order {
		column := l.column[id]
		b := boxOf(l.nodes[id])
		b.X = margin + column*(boxWidth+columnGap)
		b.Y = margin + rows[column]*(boxHeight+rowGap)
		rows[column]++
		at[id] = b
		d.Boxes = append(d.Boxes, b)
		d.Width = max(d.Width, b.X+boxWidth+margin)
		d.Height = max(d.Height, b.Y+boxHeight+margin)
	}
	return d, at
}

// boxOf names a node in two lines: what it is, and its value.
func boxOf(n circulation.Node) box {
	b := box{Width: boxWidth, Height: boxHeight, Kind: string(n.Kind), Title: n.Label}
	switch {
	case n.Kind == circulation.Posted:
		b.Line, b.Below = "posted at", fits(strings.TrimPrefix(n.Label, "posted at "))
	case len(n.Identifiers) > 0:
		id := n.Identifiers[0]
		b.Line = strings.TrimSpace(string(id.Kind) + " " + id.Service)
		b.Below = fits(id.Value)
	default:
		kind, value, found := strings.Cut(n.Label, ":")
		if !found {
			kind, value = string(n.Kind), n.Label
		}
		b.Line, b.Below = kind, fits(value)
	}
	b.Line = fits(b.Line)
	return b
}

// fits cuts a label to the width of a box.
func fits(s string) string {
	const most = 24
	if r := []rune(s); len(r) > most {
		return string(r[:14]) + "…" + string(r[len(r)-9:])
	}
	return s
}

// join draws a curve from the side of one box to that of another; back to an
// earlier column, or within one, it bends around on the right.
func join(from, to box, label, title string, dashed bool) arrow {
	x1, y1 := from.X+from.Width, from.Y+from.Height/2
	x2, y2 := to.X, to.Y+to.Height/2
	a := arrow{Label: label, Title: title, Dashed: dashed}
	if to.X > from.X {
		bend := (x2 - x1) / 2
		a.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
		a.X, a.Y = (x1+x2)/2, (y1+y2)/2-5
		return a
	}
	x2 = to.X + to.Width
	out := max(x1, x2) + columnGap/2
	a.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, out, y1, out, y2, x2, y2)
	a.X, a.Y = out-columnGap/8, (y1+y2)/2
	return a
}

// numbersInWords names the rows of the table that an arrow stands for.
func numbersInWords(rows []int) string {
	const most = 3
	var out []string
	for n, r := range rows {
		if n == most {
			out = append(out, fmt.Sprintf("+%d", len(rows)-most))
			break
		}
		out = append(out, fmt.Sprint(r))
	}
	return strings.Join(out, ", ")
}
