// Package table reads rows from files of comma, semicolon, tab or bar separated
// values, as tools and operators really write them.
//
// Takes a stream of bytes. Gives row after row with its number, its line and its
// place in bytes, and names columns by a header. Never holds more than a row,
// never guesses a cell: a row that cannot be taken apart is given with the
// problem, and reading goes on at the next line.
package table

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"suraag/sighting"
)

// A quoted cell may hold line ends, but only so far. Beyond it the quote was
// opened by mistake, and following it would swallow the rows after it.
const (
	maxSpan      = 64 << 10
	maxSpanLines = 50
)

// Row is one row. It and its cells' slice are good until the next call of Next;
// the cells themselves stay.
type Row struct {
	Number     int   // from 1, header and blank rows counted, as a spreadsheet numbers them
	Line       int   // on which it begins, from 1
	Start, End int64 // bytes in the file; the line end is outside
	Cells      []string
	Problem    string // why it could not be taken apart; then there are no cells
	NotUTF8    bool   // some bytes are no UTF-8; they stand in the cells as they are
	Last       bool   // the file ends in this row, without a line end
}

// Place is where the row stands.
func (r *Row) Place() sighting.Place {
	return sighting.Place{Start: r.Start, End: r.End, Locator: "row " + strconv.Itoa(r.Number)}
}

// Text gives the cells in one line, for notes, cut at 200 bytes.
func (r *Row) Text() string {
	s := strings.ToValidUTF8(strings.Join(r.Cells, " "), "\ufffd")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return strings.TrimSpace(s)
}

// Options say how a table is written. The zero value finds out.
type Options struct {
	Comma   byte   // delimiter; 0: detected among , ; tab |
	Comment string // rows that begin with it are passed over, "#"; empty: none
}

// Reader gives the rows of a table.
type Reader struct {
	lines   *Lines
	comma   byte
	comment string
	width   int // cells that a row should have; 0: any
	number  int
	row     Row
	cells   []string
	lean    Lean
}

// NewReader reads from src; the name is for errors.
func NewReader(name string, src io.Reader, o Options) (*Reader, error) {
	lines, err := NewLines(name, src)
	if err != nil {
		return nil, err
	}
	r := &Reader{lines: lines, comma: o.Comma, comment: o.Comment}
	if r.comma == 0 {
		r.comma = delimiter(lines.head(), lines.eol)
	}
	return r, nil
}

// Width says how many cells the coming rows should have, 0 for any. It decides
// between two ways to take a row apart: quotes that are doubled, not escaped at
// all (Autopsy's report) or single (some Indian operators).
func (r *Reader) Width(cells int) { r.width = cells }

// Next gives the next row that is not blank and no comment. After the last it
// gives io.EOF; an error of the source is handed on.
func (r *Reader) Next() (*Row, error) {
	for {
		length, whole := r.lines.find(0, MaxRow)
		if length > MaxRow+1 {
			return r.long(), nil
		}
		if !whole && (length == 0 || r.lines.err != io.EOF) {
			return nil, r.lines.err
		}
		text := r.lines.trim(r.lines.buf[r.lines.start : r.lines.start+length])
		r.number++
		if r.blank(text) {
			r.lines.take(length)
			continue
		}
		return r.record(text, length, whole), nil
	}
}

// blank tells whether a line states nothing: white space, delimiters or a comment.
func (r *Reader) blank(text []byte) bool {
	if r.comment != "" && bytes.HasPrefix(bytes.TrimLeft(text, " \t"), []byte(r.comment)) {
		return true
	}
	for _, b := range text {
		if b != ' ' && b != '\t' && b != '\r' && b != r.comma {
			return false
		}
	}
	return true
}

// long passes over a line beyond the limit.
func (r *Reader) long() *Row {
	line, _ := r.lines.Next()
	r.number++
	r.row = Row{Number: r.number, Line: line.Number, Start: line.Start, End: line.End,
		Problem: fmt.Sprintf("row is longer than %d bytes", MaxRow)}
	return &r.row
}

// record takes a row apart that begins with the line text, of length bytes with
// its end.
func (r *Reader) record(text []byte, length int, whole bool) *Row {
	at := r.lines.base + int64(r.lines.start)
	r.row = Row{Number: r.number, Line: r.lines.number + 1, Start: at, End: at + int64(len(text)), NotUTF8: !utf8.Valid(text), Last: !whole}
	cells, _, open := r.split(string(text))
	if open > 0 {
		if spanned := r.span(&length); spanned != nil {
			r.row.Cells = spanned
			return &r.row
		}
		r.row.Problem = fmt.Sprintf("quote opened in column %d is not closed on its line, nor so within %d lines that the row gets its columns", open, maxSpanLines)
		r.lines.take(length)
		return &r.row
	}
	r.row.Cells = cells
	r.lines.take(length)
	return &r.row
}

// span tries a row that goes on over several lines. It gives no cells where the
// quote is not closed within the limits. Quotes must be doubled without fault
// here, and the cells as many as expected: else the quote that closes the cell
// may be the next row's, and one mistake would merge two rows.
func (r *Reader) span(length *int) []string {
	end, whole := *length, true
	for range maxSpanLines - 1 {
		n, full := r.lines.find(end, maxSpan)
		if n == 0 || end+n > maxSpan {
			break
		}
		end, whole = end+n, full
		if !full {
			break
		}
	}
	window := r.lines.buf[r.lines.start : r.lines.start+end]
	cells, n, open := r.apart(string(window), strict)
	if open > 0 || r.width > 0 && len(cells) != r.width {
		return nil
	}
	text := window[:n]
	r.row.End, r.row.NotUTF8 = r.row.Start+int64(len(text)), !utf8.Valid(text)
	r.row.Last = !whole && n == end
	if n < end && window[n] == '\r' {
		n++
	}
	if n < end && window[n] == r.lines.eol {
		n++
	}
	*length = n
	r.lines.take(n)
	return cells
}
