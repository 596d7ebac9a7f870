package figures_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suraag/casework/complaint"
	"suraag/casework/figures"
)

var ist = time.FixedZone("IST", 19800)

func entry(n int, district, head, age string, stages ...complaint.Stage) complaint.Entry {
	e := complaint.Entry{Source: fmt.Sprintf("%064x", n)}
	e.Form.Received = time.Date(2025, time.Month(1+n%12), 28, 20, 0, 0, 0, time.UTC)
	e.Form.District, e.Form.AgeBand, e.Form.Kinds = district, age, []string{"bullying"}
	if head != "" {
		e.Form.Heads = []string{head, "it-67b"}
	}
	for k, s := range stages {
		s.Seq = int64(k + 1)
		e.Stages = append(e.Stages, s)
	}
	return e
}

func st(name string, persons int) complaint.Stage {
	return complaint.Stage{Name: name, Persons: persons}
}

func tables(t testing.TB) complaint.Tables {
	t.Helper()
	got, err := complaint.Shipped(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// counted is the small set on which the tables below were counted by hand.
func counted() []complaint.Entry {
	return []complaint.Entry{
		entry(1, "East", "ncrb-stalking", "12-16", st(complaint.Registered, 0), st(complaint.Arrested, 2), st(complaint.ChargeSheet, 1), st(complaint.Convicted, 1)),
		entry(2, "East", "ncrb-stalking", "6-12", st(complaint.Registered, 0), st(complaint.Rescued, 1)),
		entry(3, "West", "", "12-16", st(complaint.Closed, 0)),
		entry(4, "West", "ncrb-games", "12-16", st(complaint.Registered, 0), complaint.Stage{Name: complaint.TakenBack, TakesBack: 1}),
		entry(15, "North", "ncrb-games", "", st(complaint.Demanded, 0), st(complaint.Replied, 0), st(complaint.Identified, 0)),
	}
}

// TestFiguresEqualACountByHand.
func TestFiguresEqualACountByHand(t *testing.T) {
	got, err := figures.Bureau(counted(), figures.ByHead, figures.Year(2025, ist), tables(t))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n, r := range got.Rows {
		fmt.Fprintf(&b, "%-13s", r)
		for _, c := range got.Cells[n] {
			fmt.Fprintf(&b, " %s", c)
		}
		b.WriteString("\n")
	}
	// complaints CR demanded replied identified rescued PAR CCS PCS CON PCV CDIS PDIS CAQ PAQ closed
	want := `ncrb-games    2 0 1 1 1 0 0 0 0 0 0 0 0 0 0 0
ncrb-stalking 2 2 0 0 0 1 2 1 1 1 1 0 0 0 0 0
not stated    1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1
total         5 2 1 1 1 1 2 1 1 1 1 0 0 0 0 1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	// Each cell opens the complaints behind it.
	if c := got.Cells[1][6]; len(c.Complaints) != 1 || c.Complaints[0] != counted()[0].Source {
		t.Errorf("persons arrested stand on %v", c.Complaints)
	}
}

func TestMonthsAreThoseOfTheZone(t *testing.T) {
	e := entry(1, "East", "", "12-16")
	e.Form.Received = time.Date(2025, 1, 31, 19, 0, 0, 0, time.UTC) // 1 February in India
	got, err := figures.Cross([]complaint.Entry{e}, "complaints", figures.ByMonth, figures.ByDistrict, figures.Year(2025, ist), tables(t))
	if err != nil || got.Rows[0] != "2025-02" {
		t.Errorf("%v, %v", got.Rows, err)
	}
	e.Form.Received = time.Date(2025, 12, 31, 19, 0, 0, 0, time.UTC) // 2026 in India
	got, err = figures.Cross([]complaint.Entry{e}, "complaints", figures.ByMonth, figures.ByDistrict, figures.Year(2025, ist), tables(t))
	if err != nil || len(got.Rows) != 1 {
		t.Errorf("%v, %v", got.Rows, err)
	}
}

func TestUnknownWords(t *testing.T) {
	for name, call := range map[string]func() (figures.Table, error){
		`nothing is counted by "colour"`: func() (figures.Table, error) {
			return figures.Bureau(nil, "colour", figures.Year(2025, ist), tables(t))
		},
		`measure "solved" is not known`: func() (figures.Table, error) {
			return figures.Cross(nil, "solved", figures.ByMonth, figures.ByAge, figures.Year(2025, ist), tables(t))
		},
		"rows and columns are both by month": func() (figures.Table, error) {
			return figures.Cross(nil, "complaints", figures.ByMonth, figures.ByMonth, figures.Year(2025, ist), tables(t))
		},
	} {
		if _, err := call(); err == nil || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

// table makes a cross table of counts, with its sums.
func table(counts [][]int) figures.Table {
	t := figures.Table{Cross: true}
	sums := make([]figures.Cell, len(counts[0])+1)
	for r, row := range counts {
		cells := make([]figures.Cell, len(row)+1)
		for c, n := range row {
			cells[c].N = n
			cells[len(row)].N += n
			sums[c].N += n
			sums[len(row)].N += n
		}
		t.Rows = append(t.Rows, fmt.Sprint("r", r))
		t.Cells = append(t.Cells, cells)
	}
	for c := range counts[0] {
		t.Columns = append(t.Columns, fmt.Sprint("c", c))
	}
	t.Rows, t.Columns = append(t.Rows, "total"), append(t.Columns, "total")
	t.Cells = append(t.Cells, sums)
	return t
}

// possible lists, for each hidden figure, which values it has in any table of
// whole numbers that agrees with what is published: by trying, without any of the
// reasoning of Publish.
func possible(t figures.Table, most int) map[[2]int]map[int]bool {
	rows, columns := len(t.Cells)-1, len(t.Cells[0])-1
	out := map[[2]int]map[int]bool{}
	full := make([][]int, rows)
	for r := range full {
		full[r] = make([]int, columns)
	}
	agrees := func(n int, c figures.Cell) bool { return c.Hidden || c.N == n }
	note := func() {
		put := func(r, c, n int) {
			if t.Cells[r][c].Hidden {
				if out[[2]int{r, c}] == nil {
					out[[2]int{r, c}] = map[int]bool{}
				}
				out[[2]int{r, c}][n] = true
			}
		}
		all := 0
		for c := range columns {
			sum := 0
			for r := range rows {
				sum += full[r][c]
			}
			put(rows, c, sum)
			all += sum
		}
		for r := range rows {
			sum := 0
			for c := range columns {
				sum += full[r][c]
				put(r, c, full[r][c])
			}
			put(r, columns, sum)
		}
		put(rows, columns, all)
	}
	var try func(at int)
	try = func(at int) {
		if at == rows*columns {
			all := 0
			for c := range columns {
				sum := 0
				for r := range rows {
					sum += full[r][c]
				}
				if !agrees(sum, t.Cells[rows][c]) {
					return
				}
				all += sum
			}
			if agrees(all, t.Cells[rows][columns]) {
				note()
			}
			return
		}
		r, c := at/columns, at%columns
		from, until := t.Cells[r][c].N, t.Cells[r][c].N
		if t.Cells[r][c].Hidden {
			from, until = 0, most
		}
		for n := from; n <= until; n++ {
			full[r][c] = n
			if c == columns-1 {
				sum := 0
				for k := range columns {
					sum += full[r][k]
				}
				if !agrees(sum, t.Cells[r][columns]) {
					continue
				}
			}
			try(at + 1)
		}
	}
	try(0)
	return out
}

// TestHiddenFiguresCannotBeWorkedOut from the published ones: in every small
// table each hidden figure has two possible values at least, unless nothing else
// in the whole table is above zero.
func TestHiddenFiguresCannotBeWorkedOut(t *testing.T) {
	seen := 0
	rapid.Check(t, func(t *rapid.T) {
		rows, columns := rapid.IntRange(2, 3).Draw(t, "rows"), rapid.IntRange(2, 3).Draw(t, "columns")
		counts := make([][]int, rows)
		for r := range counts {
			counts[r] = rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 1, 2, 4, 5, 6, 7}), columns, columns).Draw(t, "row")
		}
		got := table(counts).Publish()
		hidden := 0
		for r := range got.Cells {
			for c, x := range got.Cells[r] {
				if x.Hidden {
					hidden++
				} else if x.N > 0 && x.N < figures.Least {
					t.Fatalf("%d is published", x.N)
				}
				_ = c
			}
		}
		if hidden == 0 || hidden > 9 {
			return
		}
		for at, values := range possible(got, 9) {
			if len(values) < 2 {
				t.Fatalf("%v: row %d, column %d can only be %v in %v", counts, at[0], at[1], values, got.Cells)
			}
			seen++
		}
	})
	if seen == 0 {
		t.Fatal("no hidden figure was tried: the test shows nothing")
	}
}

// TestOneCellAlone: where one complaint is all there is, everything that counts
// it is hidden.
func TestOneCellAlone(t *testing.T) {
	got := table([][]int{{1, 0}, {0, 0}}).Publish()
	for r := range got.Cells {
		for c, x := range got.Cells[r] {
			if want := r != 1 && c != 1; x.Hidden != want {
				t.Errorf("row %d, column %d: hidden %v", r, c, x.Hidden)
			}
		}
	}
}

// TestPublishedTableHoldsNoComplaints.
func TestPublishedTableHoldsNoComplaints(t *testing.T) {
	got, err := figures.Bureau(counted(), figures.ByDistrict, figures.Year(2025, ist), tables(t))
	if err != nil {
		t.Fatal(err)
	}
	published := got.Publish()
	for r := range published.Cells {
		for c, x := range published.Cells[r] {
			if len(x.Complaints) > 0 || x.Hidden && x.N != 0 {
				t.Errorf("row %d, column %d: %+v", r, c, x)
			}
		}
	}
	if len(got.Cells[0][0].Complaints) == 0 {
		t.Error("publishing changed the unit's own table")
	}
	for _, row := range published.Records()[1:4] {
		if row[1] != "–" {
			t.Errorf("%v: five complaints in three districts", row)
		}
	}
}
