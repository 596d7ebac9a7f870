package hashlist

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"suraag/digest"
	"suraag/fault"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// Format reads plain lists.
func Format() intake.Format {
	return intake.Format{
		Name: "hashlist", Title: "plain list of hashes (CSV, TSV or text)", Version: 1,
		Marks: "a header with a hash column, or hashes on every line",
		Sniff: sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			rows, err := table.NewReader(in.Name, in.Body, table.Options{Comment: "#"})
			if err != nil {
				return err
			}
			return (&reading{in: in, sink: sink, lean: intake.Lean(sink), rows: rows, seen: map[digest.Kind]bool{}}).all()
		},
		Again: again,
	}
}

// reading is one reading of one list.
type reading struct {
	in   *intake.Input
	sink intake.Sink
	lean intake.LeanSink // nil: whole listings are wanted
	lane *lane
	rows *table.Reader
	plan plan
	seen map[digest.Kind]bool
}

// all looks at the first rows, makes the plan and reads them and the rest by it.
func (rd *reading) all() error {
	rows, end := sample(rd.rows)
	if end != nil && end != io.EOF {
		return end
	}
	rows, err := rd.begin(rows)
	if err != nil {
		return err
	}
	if len(rows) == 0 && end == io.EOF {
		return rd.sink.Note(sighting.Place{}, "the list has a header and no entries")
	}
	for n := range rows {
		if err := rd.row(&rows[n]); err != nil {
			return err
		}
	}
	if rd.lean != nil {
		rd.lane = newLane(rd.plan)
	}
	for end == nil {
		if done, err := rd.fast(); err != nil {
			return err
		} else if done {
			continue
		}
		var r *table.Row
		if r, end = rd.rows.Next(); end == nil {
			if err := rd.row(r); err != nil {
				return err
			}
		}
	}
	if end == io.EOF {
		return nil
	}
	return end
}

// sample takes the first rows.
func sample(rows *table.Reader) (out []table.Row, end error) {
	for len(out) < sampled {
		r, err := rows.Next()
		if err != nil {
			return out, err
		}
		c := *r
		c.Cells = slices.Clone(r.Cells)
		out = append(out, c)
	}
	return out, nil
}

// begin makes the plan, lists what stands before the list and gives the rows
// that are entries.
func (rd *reading) begin(rows []table.Row) ([]table.Row, error) {
	if len(rows) == 0 {
		return nil, fault.Newf(fault.Invalid, "list %q has no rows", rd.in.Name)
	}
	p, skipped, err := start(rd.in.Name, rows, rd.in.Options.Columns)
	if err != nil {
		return nil, err
	}
	for _, r := range rows[:skipped] {
		reason := r.Problem
		if reason == "" {
			reason = "before the list, neither a header nor an entry"
		}
		if err := rd.sink.Bad(r.Place(), reason); err != nil {
			return nil, err
		}
	}
	rd.plan, rows = p, rows[skipped:]
	first := rows[0].Place()
	if p.titled {
		rd.rows.Width(len(p.header.Titles))
		rows = rows[1:]
	}
	return rows, rd.oddities(first)
}

// oddities notes what the officer should know of the list as a whole.
func (rd *reading) oddities(at sighting.Place) error {
	var notes []string
	if rd.plan.doubt != "" {
		notes = append(notes, rd.plan.doubt)
	}
	for _, u := range rd.plan.header.Unknown {
		notes = append(notes, fmt.Sprintf("column %q is not known; its values are kept", u))
	}
	for _, t := range rd.plan.header.Twice {
		notes = append(notes, fmt.Sprintf("column %q states what an earlier column states; its values are kept, the earlier is used", t))
	}
	for _, n := range notes {
		if err := rd.sink.Note(at, n); err != nil {
			return err
		}
	}
	return nil
}

func (rd *reading) row(r *table.Row) error {
	if r.Problem != "" {
		return rd.sink.Bad(r.Place(), r.Problem)
	}
	if titles := rd.plan.header.Titles; rd.plan.titled && len(r.Cells) > len(titles) {
		for _, c := range r.Cells[len(titles):] {
			if sighting.Stated(c) {
				return rd.sink.Bad(r.Place(), fmt.Sprintf("row has %d cells, the header %d: a delimiter inside a cell may have shifted them", len(r.Cells), len(titles)))
			}
		}
	}
	l, problem := rd.plan.listing(r)
	if problem == "" {
		problem = rd.cut(r, l)
	}
	if problem != "" {
		return rd.sink.Bad(r.Place(), problem)
	}
	if rd.lean != nil {
		short := l.Short(int64(r.Number))
		return rd.lean.Entry(&short)
	}
	return rd.sink.Listing(l)
}

// cut refuses a hash of a new kind in a last line without an end: a SHA-256 that
// was cut off in its middle looks like an MD5.
func (rd *reading) cut(r *table.Row, l sighting.Listing) string {
	known := len(rd.seen) == 0
	for _, d := range l.Digests {
		known = known || rd.seen[d.Kind()]
	}
	for _, d := range l.Digests {
		rd.seen[d.Kind()] = true
	}
	if r.Last && !known {
		return "the file ends in this row without a line end, and no row before has a hash of this kind: it may be cut off"
	}
	return ""
}

// sniff judges the first rows.
func sniff(head intake.Head) intake.Likeness {
	if t := bytes.TrimSpace(head.Bytes); len(t) == 0 || bytes.IndexByte([]byte("{[<"), t[0]) >= 0 {
		return intake.Likeness{Why: "it is no list of lines"}
	}
	reader, err := table.NewReader(head.Name, bytes.NewReader(head.Bytes), table.Options{Comment: "#"})
	if err != nil {
		return intake.Likeness{Why: err.Error()}
	}
	rows, _ := sample(reader)
	if len(rows) == 0 {
		return intake.Likeness{Why: "it has no rows"}
	}
	if !head.Whole && len(rows) > 1 && len(rows) < sampled {
		rows = rows[:len(rows)-1] // the head may end inside it
	}
	return judge(head.Name, rows)
}

func judge(name string, rows []table.Row) intake.Likeness {
	p, skipped, err := start(name, rows, nil)
	if err != nil {
		return intake.Likeness{Why: "none of its first rows is a header with a hash column or a hash"}
	}
	rows = rows[skipped:]
	if files := table.NewHeader(rows[0].Cells, table.Names{"full path": fileList()}, nil); p.titled && files.Known() > 0 {
		return intake.Likeness{Score: 20, Why: "it lists somebody's files with their places or times, not known hashes"}
	}
	if own := table.NewHeader(rows[0].Cells, table.Names{"image": {"Image ID"}, "baseline": {"Baseline"}}, nil); own.Known() == 2 {
		return intake.Likeness{Score: 20, Why: "its columns are those of an ICSE list"}
	}
	if why := untold(p, rows, skipped); why != "" {
		return intake.Likeness{Score: intake.Accept - 10, Why: why + "; hand it in as hashlist with a column map"}
	}
	entries := rows
	if p.titled {
		entries = rows[1:]
	}
	good := 0
	for n := range entries {
		if _, problem := p.listing(&entries[n]); problem == "" {
			good++
		}
	}
	switch {
	case len(entries) > 0 && good*5 < len(entries)*3:
		return intake.Likeness{Score: 25, Why: fmt.Sprintf("only %d of its first %d rows have a hash", good, len(entries))}
	case p.titled:
		return intake.Likeness{Score: 60, Why: "its header has a hash column"}
	}
	return intake.Likeness{Score: 58, Why: "its rows are hashes"}
}

// untold tells why columns without known titles are left to the officer: a frame
// of a video or one of eight turned copies is not the hash of a file.
func untold(p plan, rows []table.Row, skipped int) string {
	switch {
	case p.titled:
		return ""
	case !isDigest(rows[0].Cells[0]):
		return "its first column has no title and no hash"
	case skipped > 0 && len(rows[0].Cells) > 1:
		return "its titles are not known"
	case len(p.header.Twice) > 0:
		return "several columns without titles have hashes of one kind"
	}
	return ""
}
