package table

import (
	"bytes"
	"fmt"
	"io"

	"suraag/fault"
	"suraag/intake"
	"suraag/sighting"
)

// MaxPreamble is how many rows may stand before a header.
const MaxPreamble = 50

// Layout says how a table of one format looks.
type Layout struct {
	Names   Names
	Keep    []string             // titles that are known, but only kept
	Options Options              // how it is written
	Lacks   func(*Header) string // the first thing that the header lacks; empty: it is the one
	Declare map[string]string    // the officer's column map; see Header.Declare
	Certain int                  // score of a file with the whole header
	Unlike  func(*Header) string // why a table with the whole header is not one; may be nil
}

// Sniff judges the beginning of a file by its header.
func (l Layout) Sniff(head intake.Head) intake.Likeness {
	data := head.Bytes
	wide := UTF16(data)
	if wide { // for the judgement only, so that the answer names the format
		data = bytes.ReplaceAll(bytes.TrimLeft(data, "\xff\xfe"), []byte{0}, nil)
	}
	best := intake.Likeness{Why: "no header row was found"}
	rows, err := NewReader(head.Name, bytes.NewReader(data), l.Options)
	if err != nil {
		return best
	}
	known := newGlossary(l.Names, l.Keep)
	for range MaxPreamble + 1 {
		r, err := rows.Next()
		if err != nil {
			break
		}
		if like := l.judge(known.header(r.Cells)); like.Score > best.Score {
			best = like
		}
	}
	if wide && best.Score > 0 {
		return intake.Likeness{Score: min(best.Score, intake.Accept-5), Why: "it is written in UTF-16; save it as UTF-8"}
	}
	return best
}

// judge scores one row as the header. Three known columns are worth a mention.
func (l Layout) judge(h *Header) intake.Likeness {
	if lacks := l.Lacks(h); lacks != "" {
		if h.Known() < 3 {
			return intake.Likeness{}
		}
		return intake.Likeness{Score: min(10+2*h.Known(), intake.Accept-10), Why: "its header lacks " + lacks}
	}
	if l.Unlike != nil {
		if why := l.Unlike(h); why != "" {
			return intake.Likeness{Score: 20, Why: why}
		}
	}
	return intake.Likeness{Score: l.Certain, Why: fmt.Sprintf("its header has %d of the known columns", h.Known())}
}

// Each finds the header and hands every row after it to give. A second header in
// the file begins a new section. Rows that cannot be taken apart, rows with more
// cells than columns (a delimiter inside a cell has shifted them) and a row in
// which the file is cut off are listed as bad.
func (l Layout) Each(in *intake.Input, sink intake.Sink, give func(*Header, *Row) error) error {
	rows, err := NewReader(in.Name, in.Body, l.Options)
	if err != nil {
		return err
	}
	e := &each{layout: l, known: newGlossary(l.Names, l.Keep), rows: rows, sink: sink, give: give, noted: map[string]bool{}}
	for {
		r, err := rows.Next()
		if err == io.EOF {
			return e.end(in.Name)
		}
		if err != nil {
			return err
		}
		if err := e.row(in.Name, r); err != nil {
			return err
		}
	}
}

// each is one reading of one table.
type each struct {
	layout   Layout
	known    glossary
	rows     *Reader
	sink     intake.Sink
	give     func(*Header, *Row) error
	header   *Header
	any      bool           // rows after the header
	at       sighting.Place // of the header
	preamble int
	closest  int    // known columns of the row that was most like a header
	lacks    string // what that row lacks
	noted    map[string]bool
}

// end complains where no header was found.
func (e *each) end(name string) error {
	switch {
	case e.header != nil && !e.any:
		return e.sink.Note(e.at, "the table has a header and no rows")
	case e.header != nil:
		return nil
	case e.lacks == "":
		return fault.Newf(fault.Invalid, "table %q has no rows", name)
	}
	return fault.Newf(fault.Invalid, "table %q has no header row: the likeliest one lacks %s", name, e.lacks)
}

func (e *each) row(name string, r *Row) error {
	switch {
	case r.Problem != "":
		e.any = true
		return e.sink.Bad(r.Place(), r.Problem)
	case e.header == nil || e.again(r):
		return e.before(name, r)
	}
	e.any = true
	for _, surplus := range r.Cells[min(len(r.Cells), len(e.header.Titles)):] {
		if sighting.Stated(surplus) {
			return e.sink.Bad(r.Place(), fmt.Sprintf("row has %d cells, the header %d: a delimiter inside a cell may have shifted them", len(r.Cells), len(e.header.Titles)))
		}
	}
	if r.Last && len(r.Cells) < len(e.header.Titles) {
		return e.sink.Bad(r.Place(), fmt.Sprintf("row has %d cells, the header %d: the file is cut off here", len(r.Cells), len(e.header.Titles)))
	}
	return e.give(e.header, r)
}

// again tells whether a row is a header in the middle of the file. A title that
// is known among its first cells decides whether it is worth a closer look.
func (e *each) again(r *Row) bool {
	for _, c := range r.Cells[:min(len(r.Cells), 3)] {
		if _, known := e.known.ours[Key(c)]; known {
			return e.layout.Lacks(e.known.header(r.Cells)) == ""
		}
	}
	return false
}

// before takes a row before or at a header.
func (e *each) before(name string, r *Row) error {
	h := e.known.header(r.Cells)
	if err := e.declare(h); err != nil && e.layout.Lacks(h) == "" {
		return err
	}
	if lacks := e.layout.Lacks(h); lacks != "" {
		if e.lacks == "" || h.Known() > e.closest {
			e.closest, e.lacks = h.Known(), lacks
		}
		if e.preamble++; e.preamble > MaxPreamble {
			return e.end(name)
		}
		return e.sink.Note(r.Place(), fmt.Sprintf("before the header: %q", r.Text()))
	}
	e.header, e.at = h, r.Place()
	e.rows.Width(len(h.Titles))
	return e.oddities(h, r)
}

func (e *each) declare(h *Header) error { return h.Declare(e.layout.Declare) }

// oddities notes each unknown or doubled title once per file.
func (e *each) oddities(h *Header, r *Row) error {
	for _, u := range h.Unknown {
		if u == "" {
			u = "(without a title)"
		}
		if err := e.once(r, fmt.Sprintf("column %q is not known; its values are kept", u)); err != nil {
			return err
		}
	}
	for _, t := range h.Twice {
		if err := e.once(r, fmt.Sprintf("column %q states what an earlier column states; its values are kept, the earlier is used", t)); err != nil {
			return err
		}
	}
	return nil
}

func (e *each) once(r *Row, text string) error {
	if e.noted[text] {
		return nil
	}
	e.noted[text] = true
	return e.sink.Note(r.Place(), text)
}

// Doubts are what a reader should put into the notes of a row's record.
func Doubts(h *Header, r *Row) []string {
	var out []string
	if r.NotUTF8 {
		out = append(out, "the row has bytes that are not UTF-8")
	}
	if len(r.Cells) < len(h.Titles) {
		out = append(out, fmt.Sprintf("the row has %d cells, the header %d", len(r.Cells), len(h.Titles)))
	}
	return out
}
