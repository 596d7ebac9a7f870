package complaint

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"suraag/fault"
)

// The tables of codes. Each is a CSV file with the columns code, label, label_hi,
// from, until, source, which a unit may replace by one of its own.
const (
	Kinds  = "kinds"  // of harm, in plain words
	Heads  = "heads"  // of law and of the record bureau
	Danger = "danger" // signs that a child may be in danger now
	Ages   = "ages"   // age bands of the victim
)

//go:embed tables/*.csv
var shipped embed.FS

// Row is one code and from when until when it holds.
type Row struct {
	Code    string    `json:"code"`
	Label   string    `json:"label"`
	LabelHi string    `json:"label_hi"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until,omitzero"` // exclusive; zero: still holds
	Source  string    `json:"source"`
}

// Tables are all tables of codes, by name.
type Tables map[string][]Row

// Shipped gives the tables that come with the program. Their days begin at midnight
// in the zone, which is that of the unit: a law comes into force by its own clock.
func Shipped(zone *time.Location) (Tables, error) {
	t := Tables{}
	for _, name := range []string{Kinds, Heads, Danger, Ages} {
		b, err := fs.ReadFile(shipped, "tables/"+name+".csv")
		if err != nil {
			return nil, fault.As(fault.Internal, err)
		}
		if t[name], err = ReadTable(name, bytes.NewReader(b), zone); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// maxTable bounds a table that a unit puts in place of ours, in bytes.
const maxTable = 1 << 20

// ReadTable reads one table, whose days begin at midnight in the zone.
func ReadTable(name string, r io.Reader, zone *time.Location) ([]Row, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "table %q: %w", name, err)
	}
	if len(text) > maxTable { // what is behind the limit would be missing, and nobody would know
		return nil, fault.Newf(fault.TooLarge, "table %q has more than %d bytes", name, maxTable)
	}
	c := csv.NewReader(bytes.NewReader(text))
	c.FieldsPerRecord = 6
	all, err := c.ReadAll()
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "table %q: %w", name, err)
	}
	if len(all) == 0 || strings.Join(all[0], ",") != "code,label,label_hi,from,until,source" {
		return nil, fault.Newf(fault.Invalid, "table %q does not begin with the columns code,label,label_hi,from,until,source", name)
	}
	var out []Row
	for n, f := range all[1:] {
		row := Row{Code: f[0], Label: f[1], LabelHi: f[2], Source: f[5]}
		if row.Code == "" || row.Label == "" || row.Source == "" {
			return nil, fault.Newf(fault.Invalid, "table %q, row %d: a code, a label and a source are needed", name, n+2)
		}
		if row.From, err = time.ParseInLocation(time.DateOnly, f[3], zone); err != nil {
			return nil, fault.Newf(fault.Invalid, "table %q, row %d: from %q is not of the form 2025-02-28", name, n+2, f[3])
		}
		if f[4] != "" {
			if row.Until, err = time.ParseInLocation(time.DateOnly, f[4], zone); err != nil || !row.Until.After(row.From) {
				return nil, fault.Newf(fault.Invalid, "table %q, row %d: until %q is not a day after from", name, n+2, f[4])
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// At gives the row of a code that holds on a day.
func (t Tables) At(table, code string, day time.Time) (Row, bool) {
	for _, r := range t[table] {
		if r.Code == code && r.holds(day) {
			return r, true
		}
	}
	return Row{}, false
}

// On gives the rows that hold on a day, in the order of the table.
func (t Tables) On(table string, day time.Time) []Row {
	return slices.DeleteFunc(slices.Clone(t[table]), func(r Row) bool { return !r.holds(day) })
}

func (r Row) holds(day time.Time) bool {
	return !day.Before(r.From) && (r.Until.IsZero() || day.Before(r.Until))
}

// Label gives what a code means on a day, or the code with a word of doubt.
func (t Tables) Label(table, code string, day time.Time) string {
	if r, known := t.At(table, code, day); known {
		return r.Label
	}
	return fmt.Sprintf("%s (not in the table %s on that day)", code, table)
}
