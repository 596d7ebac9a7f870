package pdf

// Column is one column of a table.
type Column struct {
	Head  string
	Share float64 // of the width, against the other columns' shares
	Mono  bool    // hashes, addresses, byte ranges
}

const cellPad = 4.0

// Table sets rows under a head that is set again on every page. A row that does
// not fit goes to the next page; one that is longer than a page goes on over as
// many as it needs. A row may have fewer cells than the table has columns.
func (d *Doc) Table(columns []Column, rows [][]string) {
	t := table{doc: d, columns: columns, widths: make([]float64, len(columns))}
	sum := 0.0
	for _, c := range columns {
		sum += c.Share
	}
	for n, c := range columns {
		t.widths[n] = body * c.Share / sum
	}
	heads := make([]string, len(columns))
	for n, c := range columns {
		heads[n] = c.Head
	}
	t.head = t.cells(heads, true)
	for n := range t.head {
		t.head[n].lines = first(t.head[n].lines, 6)
	}
	t.begin()
	for _, r := range rows {
		t.row(t.cells(r, false))
	}
	d.y += 6
}

type table struct {
	doc     *Doc
	columns []Column
	widths  []float64
	head    []cell
}

type cell struct {
	lines []line
	style style
}

func (t *table) cells(texts []string, head bool) []cell {
	out := make([]cell, len(t.columns))
	for n := range t.columns {
		s := style{face: sans, size: 8}
		switch {
		case head:
			s.face = bold
		case t.columns[n].Mono:
			s = style{face: mono, size: 7}
		}
		out[n].style = s
		if n < len(texts) {
			out[n].lines = t.doc.set.lines(texts[n], s, t.widths[n]-cellPad)
		}
	}
	return out
}

// tableLeading is the height of a line of any cell, so that rows align.
const tableLeading = 10.8

func height(cells []cell) float64 {
	n := 1
	for _, c := range cells {
		n = max(n, len(c.lines))
	}
	return float64(n)*tableLeading + cellPad
}

// begin sets the head, with room for a line beneath it.
func (t *table) begin() {
	d := t.doc
	d.room(height(t.head) + 2*tableLeading)
	d.rule(margin, d.y, body, 0.8, dark)
	d.y += 2
	t.draw(t.head, height(t.head)-cellPad)
	d.y += cellPad - 2
	d.rule(margin, d.y, body, 0.8, dark)
	d.y += 2
}

func (t *table) row(cells []cell) {
	d := t.doc
	left := func() float64 { return pageHeight - foot - d.y }
	if h := height(cells); h > left() && (h < pageHeight-foot-margin-height(t.head)-4 || left() < 3*tableLeading) {
		d.page()
		t.begin()
	}
	for height(cells) > left() && d.err == nil {
		n := int((left() - cellPad) / tableLeading)
		part := make([]cell, len(cells))
		for c := range cells {
			cut := min(n, len(cells[c].lines))
			part[c] = cell{cells[c].lines[:cut], cells[c].style}
			cells[c].lines = cells[c].lines[cut:]
		}
		t.draw(part, height(part)-cellPad)
		d.page()
		t.begin()
	}
	t.draw(cells, height(cells)-cellPad)
	d.y += 2
	d.rule(margin, d.y, body, 0.3, grey)
	d.y += 2
}

// draw sets cells beside each other and moves down by h.
func (t *table) draw(cells []cell, h float64) {
	x := margin
	for n, c := range cells {
		for k, l := range c.lines {
			t.doc.line(x, t.doc.y+float64(k)*tableLeading, l, c.style)
		}
		x += t.widths[n]
	}
	t.doc.y += h
}
