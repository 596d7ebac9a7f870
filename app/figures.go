package app

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/casework/figures"
	"suraag/export/sheet"
	"suraag/fault"
	"suraag/flow"
)

type figuresCmd struct {
	By      string `help:"What the rows are: month, district, head, \"kind of harm\", \"age band\" or channel." name:"rows" default:"head"`
	Across  string `help:"What the columns are; without it the columns are those of the record bureau."`
	Measure string `help:"What is counted where rows and columns are named: complaints, CR, PAR, CCS, …" default:"complaints"`
	Year    int    `help:"Complaints received in this year. Default: this year."`
	Publish bool   `help:"Hide counts of one to four, and others with them so that they cannot be worked out."`
	Out     string `help:"Write to this file, .csv or .xlsx." placeholder:"FILE"`
}

// Help is the long help of the command.
func (figuresCmd) Help() string {
	return `Counts what became of complaints: received, registered, demanded, answered, identified, rescued, arrested, charge-sheeted, judged, closed. Every figure is a list of
complaints (--json names them). The columns in capitals are those of "Crime in India".

Examples:
  suraag figures --year 2025
  suraag figures --rows district --across "age band" --publish --out 2025.xlsx

` + exitCodes
}

func (c *figuresCmd) Run(s *stage) error {
	zone, err := s.zone()
	if err != nil {
		return err
	}
	year := c.Year
	if year == 0 {
		year = s.now().In(zone).Year()
	}
	write, err := sheetWriter(c.Out)
	if err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	q := flow.Count{Rows: figures.Dimension(c.By), Across: figures.Dimension(c.Across), Measure: c.Measure, Period: figures.Year(year, zone), Publish: c.Publish}
	if c.Out != "" {
		q.By = s.by()
	}
	t, err := h.Figures(s.ctx, q)
	if err != nil {
		return err
	}
	if c.Out != "" {
		return writeNew(c.Out, func(w io.Writer) error { return write(w, t.Records()) })
	}
	if s.cli.JSON {
		return s.print(t)
	}
	records := t.Records()
	for n, code := range t.Columns { // short codes on a screen, words in files
		records[0][n+1] = code
	}
	cells := func(record []string) (row table.Row) {
		for _, cell := range record {
			row = append(row, cell)
		}
		return row
	}
	out := s.table(cells(records[0])...)
	for _, r := range records[1:] {
		out.AppendRow(cells(r))
	}
	out.SetTitle(t.Title)
	out.Render()
	for _, n := range t.Notes {
		if _, err := io.WriteString(s.out, n+"\n"); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	return nil
}

// sheetWriter gives what writes a file of this name; nothing for no file.
func sheetWriter(name string) (func(io.Writer, [][]string) error, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return sheet.CSV, nil
	case ".xlsx":
		return func(w io.Writer, rows [][]string) error { return sheet.XLSX(w, "figures", rows) }, nil
	}
	if name == "" {
		return nil, nil
	}
	return nil, fault.WithHint(fault.Newf(fault.Invalid, "file %q is neither .csv nor .xlsx", name), "choose one of the two endings")
}
