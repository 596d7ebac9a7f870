package nsrl

import (
	"bytes"
	"fmt"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/sqlitewalk"
	"suraag/sighting"
)

// FormatSQLite reads the SQLite file of version 3.
func FormatSQLite() intake.Format {
	return intake.Format{
		Name: "nsrl/rds3", Title: "NSRL known software, version 3 (SQLite)", Version: 1,
		Marks: "an SQLite file with a table FILE or METADATA that has columns sha256, sha1 or md5",
		Jumps: true, Sniff: sniff, Read: read,
	}
}

// sniff goes by the schema, which stands in the first page and often goes on in
// others.
func sniff(h intake.Head) intake.Likeness {
	if !bytes.HasPrefix(h.Bytes, []byte(sqlitewalk.Magic)) {
		return intake.Likeness{Why: "it is no SQLite file"}
	}
	text := bytes.ToLower(h.Bytes)
	named := bytes.Contains(text, []byte("file")) || bytes.Contains(text, []byte("metadata"))
	if named && bytes.Contains(text, []byte("sha1")) && bytes.Contains(text, []byte("md5")) && bytes.Contains(text, []byte("package_id")) {
		return intake.Likeness{Score: 90, Why: "an SQLite file whose tables have sha1, md5 and package_id"}
	}
	return intake.Likeness{Score: 40, Why: "its tables have no sha1, md5 and package_id"}
}

// maxPackages bounds the names of packages that are held. NIST publishes some
// hundred thousand.
const maxPackages = 2_000_000

// reading is one reading of one file.
type reading struct {
	sink     intake.Sink
	file     *sqlitewalk.File
	table    sqlitewalk.Table
	packages map[string]string // number → name
	at       map[string]int    // our name → column; −1: the table has none
	ours     []bool            // columns that have a place of their own
}

func read(in *intake.Input, sink intake.Sink) error {
	file, err := sqlitewalk.Open(in.Jump, in.Size)
	if err != nil {
		return err
	}
	r := &reading{sink: sink, file: file, packages: map[string]string{}, at: map[string]int{}}
	if file.Log {
		if err := sink.Note(sighting.Place{End: 100, Locator: "header"}, "the file was written with a log beside it (-wal), whose rows are not in it; hand in a file that was closed"); err != nil {
			return err
		}
	}
	tables, err := file.Tables(r.bad)
	if err != nil {
		return err
	}
	if err := r.choose(tables); err != nil {
		return err
	}
	if err := r.names(tables); err != nil {
		return err
	}
	r.ours = make([]bool, len(r.table.Columns))
	for _, c := range []string{sha256, sha1, md5, fileName, fileSize, pkg} {
		if r.at[c] = r.table.Column(c); r.at[c] >= 0 {
			r.ours[r.at[c]] = c != pkg
		}
	}
	rows := 0
	err = file.Rows(r.table.Root, func(row *sqlitewalk.Row) error {
		rows++
		return r.row(row)
	}, r.bad)
	if err == nil && rows == 0 {
		err = sink.Note(sighting.Place{Locator: r.table.Name}, fmt.Sprintf("the table %q has no rows", r.table.Name))
	}
	return err
}

// bad lists a page or row that cannot be read.
func (r *reading) bad(start, end int64, reason string) error {
	return r.sink.Bad(sighting.Place{Start: start, End: end, Locator: draft.Cut(r.table.Name)}, reason)
}

// choose takes the table FILE or, in full sets, METADATA: there FILE is a view,
// and no SQL of the file is run.
func (r *reading) choose(tables []sqlitewalk.Table) error {
	why := "it has no table with columns sha256, sha1 or md5"
	for _, t := range tables {
		if t.Column(sha1) < 0 && t.Column(md5) < 0 && t.Column(sha256) < 0 {
			continue
		}
		switch {
		case t.Why != "" || t.Root < 1:
			if r.table.Root == 0 {
				why = fmt.Sprintf("its table %q is not read: %s", draft.Cut(t.Name), t.Why)
			}
		case r.table.Root == 0:
			r.table = t
		default:
			at := sighting.Place{Locator: draft.Cut(t.Name)}
			if err := r.sink.Note(at, fmt.Sprintf("the table %q has hashes too and is not read; %q is", draft.Cut(t.Name), draft.Cut(r.table.Name))); err != nil {
				return err
			}
		}
	}
	if r.table.Root == 0 {
		return fault.Newf(fault.Invalid, "the SQLite file is no NSRL data set: %s", why)
	}
	return nil
}

// names reads the packages, so that an entry can say what it is part of.
func (r *reading) names(tables []sqlitewalk.Table) error {
	for _, t := range tables {
		id, name, version := t.Column(pkg), t.Column("name"), t.Column("version")
		if id < 0 || name < 0 || t.Root == r.table.Root || t.Why != "" || t.Root < 1 {
			continue
		}
		return r.file.Rows(t.Root, func(row *sqlitewalk.Row) error {
			if len(r.packages) < maxPackages {
				text := t.Text(row, name)
				if v := t.Text(row, version); v != "" {
					text += " " + v
				}
				if len(text) < 200 {
					r.packages[t.Text(row, id)] = draft.Cut(text)
				}
			}
			return nil
		}, r.bad)
	}
	return nil
}

func (r *reading) row(row *sqlitewalk.Row) error {
	at := sighting.Place{Start: row.Start, End: row.End, Locator: fmt.Sprintf("%s, row %d", draft.Cut(r.table.Name), row.ID)}
	if n, most := row.Len(), len(r.table.Columns); n > most {
		return r.sink.Bad(at, fmt.Sprintf("the row has %d values, its table %d columns", n, most))
	}
	e := start(func(column string) string { return r.table.Text(row, r.at[column]) })
	for n, title := range r.table.Columns {
		if r.ours[n] {
			continue
		}
		value := r.table.Text(row, n)
		e.Keep(title, value)
		if n == r.at[pkg] && r.packages[value] != "" {
			e.Keep("package", r.packages[value])
		}
	}
	if why := e.Lacks(); why != "" {
		return r.sink.Bad(at, why)
	}
	e.Place = at
	return r.sink.Listing(e.Listing)
}
