package table

import (
	"bytes"
	"strings"
)

// quoting is a way in which quotes are written.
type quoting int

const (
	doubled quoting = iota // "a ""b"" c", RFC 4180
	bare                   // "a "b" c", Autopsy's Files - Text
	single                 // 'a, b', operators' replies
	strict                 // as doubled, but any other quote inside is a fault
)

// split takes one line apart. It takes the first way of quoting that gives the
// expected number of cells, or the standard one where none does. open is the
// column of a quote that is not closed, from 1.
func (r *Reader) split(text string) (cells []string, n, open int) {
	if strings.IndexByte(text, '"') < 0 && (r.width == 0 || strings.IndexByte(text, '\'') < 0) {
		return r.plain(text), len(text), 0
	}
	if r.width > 0 {
		ways := []quoting{doubled, bare}
		if strings.IndexByte(text, '"') < 0 {
			ways = []quoting{doubled, single}
		}
		for _, q := range ways {
			cells, n, open := r.apart(text, q)
			if open == 0 && n == len(text) && len(cells) == r.width {
				return cells, n, 0
			}
		}
	}
	return r.apart(text, doubled)
}

// plain takes a line without quotes apart.
func (r *Reader) plain(text string) []string {
	cells := r.cells[:0]
	for {
		n := strings.IndexByte(text, r.comma)
		if n < 0 {
			break
		}
		cells = append(cells, text[:n])
		text = text[n+1:]
	}
	r.cells = append(cells, text)
	return r.cells
}

// apart takes the first row of a text apart and says how many bytes it has,
// without its line end.
func (r *Reader) apart(text string, q quoting) (cells []string, n, open int) {
	cells = r.cells[:0]
	for at := 0; ; {
		cell, next, closed := r.cell(text, at, q)
		cells = append(cells, cell)
		if !closed {
			r.cells = cells
			return cells, next, len(cells)
		}
		if next >= len(text) || text[next] != r.comma {
			r.cells = cells
			return cells, next, 0
		}
		at = next + 1
	}
}

// cell reads the cell that begins at a byte and gives where it ends: at a
// delimiter, a line end or the end of the text.
func (r *Reader) cell(text string, at int, q quoting) (cell string, next int, closed bool) {
	begin := at
	for begin < len(text) && text[begin] == ' ' {
		begin++
	}
	mark := byte('"')
	if q == single {
		mark = '\''
	}
	if begin < len(text) && text[begin] == mark {
		if cell, next, closed = r.quoted(text, begin+1, mark, q); closed || q != single {
			return cell, next, closed
		}
	}
	next = at
	for next < len(text) && text[next] != r.comma && text[next] != r.lines.eol {
		next++
	}
	end := next
	if end > at && text[end-1] == '\r' {
		end--
	}
	return text[at:end], r.back(text, at, next), true
}

// back moves from a line feed to the carriage return before it.
func (r *Reader) back(text string, at, next int) int {
	if next < len(text) && text[next] == '\n' && next > at && text[next-1] == '\r' {
		return next - 1
	}
	return next
}

// quoted reads on from after an opening quote. A quote closes the cell where a
// delimiter, a line end or nothing follows, spaces aside; any other quote belongs to the
// text, doubled or not.
func (r *Reader) quoted(text string, begin int, mark byte, q quoting) (cell string, next int, closed bool) {
	for at := begin; at < len(text); {
		n := strings.IndexByte(text[at:], mark)
		if n < 0 {
			break
		}
		at += n
		if next, ends := r.ends(text, at+1); ends {
			cell = text[begin:at]
			if q == doubled || q == strict {
				cell = strings.ReplaceAll(cell, `""`, `"`)
			}
			return cell, next, true
		}
		at++
		switch pair := at < len(text) && text[at] == mark; {
		case (q == doubled || q == strict) && pair:
			at++
		case q == strict:
			return "", len(text), false
		}
	}
	return "", len(text), false
}

// ends tells whether a cell can end before a byte, and where the delimiter or
// line end is.
func (r *Reader) ends(text string, at int) (next int, yes bool) {
	for at < len(text) && text[at] == ' ' && r.comma != ' ' {
		at++
	}
	if at == len(text) || text[at] == r.comma || text[at] == r.lines.eol {
		return at, true
	}
	return at, strings.HasPrefix(text[at:], "\r\n")
}

// delimiter finds what parts the cells: of , ; tab and | the one that stands
// most often on two lines running, or on the one line there is. A preamble and
// commas in addresses do not mislead it, because a header has none of these.
func delimiter(head []byte, eol byte) byte {
	lines := bytes.Split(head[:min(len(head), headSize)], []byte{eol})
	if len(lines) > maxSpanLines {
		lines = lines[:maxSpanLines]
	}
	best, most := byte(','), 0
	for _, d := range []byte{',', ';', '\t', '|'} {
		if n := running(lines, d); n > most {
			best, most = d, n
		}
	}
	return best
}

func running(lines [][]byte, d byte) int {
	most, before, filled := 0, -1, 0
	for _, line := range lines {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		filled++
		n := outside(line, d)
		most = max(most, min(n, before))
		before = n
	}
	if filled == 1 {
		return before
	}
	return most
}

// outside counts a delimiter outside double quotes.
func outside(line []byte, d byte) int {
	n, quoted := 0, false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == d && !quoted:
			n++
		}
	}
	return n
}
