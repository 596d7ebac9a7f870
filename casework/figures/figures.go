// Package figures counts what became of complaints, as a by-product of the work.
//
// Takes complaints with their stages. Gives tables: for the unit with the
// complaints behind every cell, for publication with small counts hidden so that
// they cannot be worked out from the rest. Never counts by hand-entered numbers:
// every figure is a list of complaints.
package figures

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"suraag/casework/complaint"
	"suraag/fault"
)

// Dimension is by what complaints are told apart.
type Dimension string

// The dimensions. A complaint falls into exactly one class of each, so that a
// table adds up: where it has several heads, the first one counts (NCRB, Crime in
// India, principal offence rule).
const (
	ByMonth    Dimension = "month"
	ByDistrict Dimension = "district"
	ByHead     Dimension = "head"
	ByKind     Dimension = "kind of harm"
	ByAge      Dimension = "age band"
	ByChannel  Dimension = "channel"
)

// Dimensions lists them.
func Dimensions() []Dimension {
	return []Dimension{ByMonth, ByDistrict, ByHead, ByKind, ByAge, ByChannel}
}

// Measure is what is counted.
type Measure struct {
	Code  string // as NCRB prints it, or a word of ours
	Label string
	count func(complaint.Entry) int
}

func reached(name string) func(complaint.Entry) int {
	return func(e complaint.Entry) int {
		if e.Reached(name) {
			return 1
		}
		return 0
	}
}

func persons(name string) func(complaint.Entry) int {
	return func(e complaint.Entry) (n int) {
		for _, s := range e.Standing() {
			if s.Name == name {
				n += s.Persons
			}
		}
		return n
	}
}

// Measures lists what is counted, in the order of a case. The codes in capitals
// are those of "Crime in India" (CR registered, CCS charge-sheeted, CON convicted,
// CDIS discharged, CAQ acquitted; P… for persons); complaints that never became an
// FIR are counted too, since a bureau that counts only FIRs does not see them.
func Measures() []Measure {
	return []Measure{
		{"complaints", "Complaints received", func(complaint.Entry) int { return 1 }},
		{"CR", "Cases registered", reached(complaint.Registered)},
		{"demanded", "With a demand to an operator or platform", reached(complaint.Demanded)},
		{"replied", "With an answer", reached(complaint.Replied)},
		{"identified", "With the accused identified", reached(complaint.Identified)},
		{"rescued", "Children brought to safety", persons(complaint.Rescued)},
		{"PAR", "Persons arrested", persons(complaint.Arrested)},
		{"CCS", "Cases charge-sheeted", reached(complaint.ChargeSheet)},
		{"PCS", "Persons charge-sheeted", persons(complaint.ChargeSheet)},
		{"CON", "Cases convicted", reached(complaint.Convicted)},
		{"PCV", "Persons convicted", persons(complaint.Convicted)},
		{"CDIS", "Cases discharged", reached(complaint.Discharged)},
		{"PDIS", "Persons discharged", persons(complaint.Discharged)},
		{"CAQ", "Cases acquitted", reached(complaint.Acquitted)},
		{"PAQ", "Persons acquitted", persons(complaint.Acquitted)},
		{"closed", "Closed without a charge sheet, with a reason", reached(complaint.Closed)},
	}
}

// Cell is one figure.
type Cell struct {
	N          int      `json:"n"` // 0 where Hidden
	Complaints []string `json:"complaints,omitempty"`
	Hidden     bool     `json:"hidden,omitempty"`
}

// Table is figures with their sums. The last row is the sum of the rows above; in
// a cross table the last column is the sum of the columns before it.
type Table struct {
	Title     string            `json:"title"`
	Columns   []string          `json:"columns"`
	Rows      []string          `json:"rows"`
	Cells     [][]Cell          `json:"cells"`
	Cross     bool              `json:"cross"` // columns add up too
	Published bool              `json:"published"`
	Notes     []string          `json:"notes"`
	Labels    map[string]string `json:"labels,omitempty"` // of codes in Rows and Columns
}

// Period is which complaints are counted: received from From on, before Until, as
// the zone's calendar has it.
type Period struct {
	From, Until time.Time
	Zone        *time.Location
}

func (p Period) holds(e complaint.Entry) bool {
	return !e.Form.Received.Before(p.From) && e.Form.Received.Before(p.Until)
}

func (p Period) words() string {
	return fmt.Sprintf("received from %s to %s", p.From.In(p.Zone).Format("2 January 2006"), p.Until.In(p.Zone).Add(-time.Second).Format("2 January 2006"))
}

// Year gives the period of a calendar year.
func Year(year int, zone *time.Location) Period {
	return Period{time.Date(year, 1, 1, 0, 0, 0, 0, zone), time.Date(year+1, 1, 1, 0, 0, 0, 0, zone), zone}
}

// class gives the class of a complaint in a dimension; what is not stated is a
// class of its own, never left out.
func class(e complaint.Entry, d Dimension, zone *time.Location) string {
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	v := ""
	switch d {
	case ByMonth:
		return e.Form.Received.In(zone).Format("2006-01")
	case ByDistrict:
		v = e.Form.District
	case ByHead:
		v = first(e.Form.Heads)
	case ByKind:
		v = first(e.Form.Kinds)
	case ByAge:
		v = e.Form.AgeBand
	case ByChannel:
		v = e.Form.Channel
	}
	if strings.TrimSpace(v) == "" {
		return unstated
	}
	return v
}

const (
	unstated = "not stated"
	total    = "total"
)

// Bureau is the table of the record bureau: a row a class, a column a measure.
func Bureau(entries []complaint.Entry, by Dimension, p Period, t complaint.Tables) (Table, error) {
	if !slices.Contains(Dimensions(), by) {
		return Table{}, unknownDimension(by)
	}
	measures := Measures()
	out := Table{Title: fmt.Sprintf("Complaints by %s, %s", by, p.words()), Labels: map[string]string{}}
	for _, m := range measures {
		out.Columns = append(out.Columns, m.Code)
		out.Labels[m.Code] = m.Label
	}
	rows := map[string][]Cell{}
	sums := make([]Cell, len(measures))
	for _, e := range entries {
		if !p.holds(e) {
			continue
		}
		c := class(e, by, p.Zone)
		if rows[c] == nil {
			rows[c] = make([]Cell, len(measures))
		}
		for n, m := range measures {
			add(&rows[c][n], e, m.count(e))
			add(&sums[n], e, m.count(e))
		}
	}
	out.fill(rows, sums)
	out.label(by, p, t)
	return out, nil
}

// Cross is a table of one measure by two dimensions.
func Cross(entries []complaint.Entry, measure string, rows, columns Dimension, p Period, t complaint.Tables) (Table, error) {
	at := slices.IndexFunc(Measures(), func(m Measure) bool { return m.Code == measure })
	if at < 0 {
		return Table{}, fault.Newf(fault.Invalid, "measure %q is not known", measure)
	}
	for _, d := range []Dimension{rows, columns} {
		if !slices.Contains(Dimensions(), d) {
			return Table{}, unknownDimension(d)
		}
	}
	if rows == columns {
		return Table{}, fault.Newf(fault.Invalid, "rows and columns are both by %s", rows)
	}
	m := Measures()[at]
	out := Table{Title: fmt.Sprintf("%s by %s and %s, %s", m.Label, rows, columns, p.words()), Cross: true, Labels: map[string]string{}}
	classes := map[string]bool{}
	for _, e := range entries {
		if p.holds(e) {
			classes[class(e, columns, p.Zone)] = true
		}
	}
	out.Columns = slices.SortedFunc(maps.Keys(classes), unstatedLast)
	width := len(out.Columns) + 1
	cells, sums := map[string][]Cell{}, make([]Cell, width)
	for _, e := range entries {
		if !p.holds(e) {
			continue
		}
		r := class(e, rows, p.Zone)
		if cells[r] == nil {
			cells[r] = make([]Cell, width)
		}
		n := m.count(e)
		col := slices.Index(out.Columns, class(e, columns, p.Zone))
		for _, c := range []*Cell{&cells[r][col], &cells[r][width-1], &sums[col], &sums[width-1]} {
			add(c, e, n)
		}
	}
	out.Columns = append(out.Columns, total)
	out.fill(cells, sums)
	out.label(rows, p, t)
	out.label(columns, p, t)
	return out, nil
}

func unknownDimension(d Dimension) error {
	var names []string
	for _, d := range Dimensions() {
		names = append(names, string(d))
	}
	return fault.WithHint(fault.Newf(fault.Invalid, "nothing is counted by %q", d), "choose "+strings.Join(names, ", "))
}

func add(c *Cell, e complaint.Entry, n int) {
	if n > 0 {
		c.N += n
		c.Complaints = append(c.Complaints, e.Source)
	}
}

func unstatedLast(a, b string) int {
	return cmp.Or(cmp.Compare(rankClass(a), rankClass(b)), strings.Compare(a, b))
}

func rankClass(c string) int {
	if c == unstated {
		return 1
	}
	return 0
}

func (t *Table) fill(rows map[string][]Cell, sums []Cell) {
	t.Rows = slices.SortedFunc(maps.Keys(rows), unstatedLast)
	for _, r := range t.Rows {
		t.Cells = append(t.Cells, rows[r])
	}
	t.Rows = append(t.Rows, total)
	t.Cells = append(t.Cells, sums)
	t.Notes = []string{"A complaint with several heads or kinds counts under the first.", "Stages count in the period in which the complaint was received."}
}

// label gives codes their words.
func (t *Table) label(d Dimension, p Period, tables complaint.Tables) {
	name := map[Dimension]string{ByHead: complaint.Heads, ByKind: complaint.Kinds, ByAge: complaint.Ages}[d]
	if name == "" {
		return
	}
	for _, r := range tables[name] {
		t.Labels[r.Code] = r.Label
	}
}

// Label gives the words for a row or column.
func (t Table) Label(code string) string {
	if l := t.Labels[code]; l != "" {
		return l
	}
	return code
}

// Records gives the table as rows of text, for CSV and sheets: hidden figures are
// "–".
func (t Table) Records() [][]string {
	head := []string{""}
	for _, c := range t.Columns {
		head = append(head, t.Label(c))
	}
	out := [][]string{head}
	for n, r := range t.Rows {
		row := []string{t.Label(r)}
		for _, c := range t.Cells[n] {
			row = append(row, c.String())
		}
		out = append(out, row)
	}
	return out
}

// String gives the figure as it is printed.
func (c Cell) String() string {
	if c.Hidden {
		return "–"
	}
	return fmt.Sprint(c.N)
}
