package snap

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/table"
	"suraag/sighting"
)

// Format reads one table of a return.
func Format() intake.Format {
	return intake.Format{
		Name: "snapchat/return", Title: "Snapchat return (CSV)", Version: 2, // 2: a telephone number without its country names nobody
		Marks: "a legend in quotes and a row of equal signs before a header with ip and timestamp, username and created, or sender_username",
		Sniff: sniff, Read: read,
	}
}

// separator tells the row of equal signs between a legend and its header.
func separator(r *table.Row) bool {
	return len(r.Cells) > 0 && len(r.Cells[0]) >= 5 && strings.Trim(r.Cells[0], "= ") == ""
}

func sniff(h intake.Head) intake.Likeness {
	rows, err := table.NewReader(h.Name, bytes.NewReader(h.Bytes), table.Options{Comma: ','})
	after := false
	for range 200 {
		if err != nil {
			break
		}
		var r *table.Row
		if r, err = rows.Next(); err != nil {
			break
		}
		if after {
			if _, known := sectionOf(keys(r)); known {
				return intake.Likeness{Score: 90, Why: "a legend, a row of equal signs and a header that is known"}
			}
		}
		after = separator(r)
	}
	return intake.Likeness{Why: "no row of equal signs stands before a header that is known"}
}

func keys(r *table.Row) (out []string) {
	for _, c := range r.Cells {
		out = append(out, strings.Clone(draft.Cut(key(c))))
	}
	return out
}

// reading is one reading of one file.
type reading struct {
	in      *intake.Input
	sink    intake.Sink
	titles  []string // of the section; none before the first header
	section section
	known   bool
	at      sighting.Place // of the header
	rows    int
	any     bool
}

func read(in *intake.Input, sink intake.Sink) error {
	rows, err := table.NewReader(in.Name, in.Body, table.Options{Comma: ','})
	if err != nil {
		return err
	}
	r := &reading{in: in, sink: sink}
	header := false
	for {
		t, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case t.Problem != "":
			err = sink.Bad(t.Place(), t.Problem)
		case separator(t):
			header = true
			rows.Width(0)
		case header:
			header = false
			if err = r.end(); err == nil {
				r.begin(t)
				rows.Width(len(r.titles))
			}
		default:
			err = r.row(t)
		}
		if err != nil {
			return err
		}
	}
	if !r.any {
		return fault.Newf(fault.Invalid, "no row of equal signs stands before a header")
	}
	return r.end()
}

func (r *reading) begin(t *table.Row) {
	r.titles, r.at, r.rows, r.any = keys(t), t.Place(), 0, true
	r.section, r.known = sectionOf(r.titles)
}

// end tells of a section that was not read.
func (r *reading) end() error {
	switch {
	case r.titles == nil:
		return nil
	case r.rows == 0:
		return r.sink.Note(r.at, "the section has a header and no rows")
	case !r.known:
		return r.sink.Note(r.at, draft.Cut(fmt.Sprintf("the section with columns %q is not read; it has %d rows", r.titles, r.rows)))
	}
	return nil
}

func (r *reading) row(t *table.Row) error {
	switch {
	case legend(t):
		return r.sink.Note(t.Place(), "a legend: "+t.Text())
	case r.titles == nil:
		return r.sink.Bad(t.Place(), "the row stands before a header")
	}
	r.rows++
	switch {
	case !r.known:
		return nil
	case len(t.Cells) > len(r.titles):
		return r.sink.Bad(t.Place(), fmt.Sprintf("row has %d cells, the header %d: a delimiter inside a cell may have shifted them", len(t.Cells), len(r.titles)))
	case t.Last && len(t.Cells) < len(r.titles):
		return r.sink.Bad(t.Place(), fmt.Sprintf("row has %d cells, the header %d: the file is cut off here", len(t.Cells), len(r.titles)))
	}
	d, problem := record(r.section, r.titles, t, r.in.Options.Rule())
	if problem != "" {
		return r.sink.Bad(t.Place(), problem)
	}
	return r.sink.Sighting(d.Sighting)
}

// legend tells the words that explain a section: one cell, with a colon or several
// lines.
func legend(t *table.Row) bool {
	return len(t.Cells) == 1 && strings.ContainsAny(t.Cells[0], ":\n")
}
