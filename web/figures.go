package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"suraag/casework/figures"
	"suraag/fault"
	"suraag/people"
)

// Figures counts complaints. Sheet gives the table as a file, and logs that it
// left the house.
type Figures interface {
	Count(ctx context.Context, q Count) (figures.Table, error)
	Sheet(ctx context.Context, q Count, ending string) (body []byte, kind string, err error)
}

// Count is what is to be counted.
type Count struct {
	Rows, Across figures.Dimension
	Measure      string
	Period       figures.Period
	Publish      bool
}

type figuresPage struct {
	base
	T       figures.Table
	Q       Count
	Year    int
	Open    []string // complaints behind the cell that was asked for
	OpenRow string
	OpenCol string
	May     bool // take it out as a file
}

// Dimensions and Measures are what can be chosen.
func (figuresPage) Dimensions() []figures.Dimension { return figures.Dimensions() }
func (figuresPage) Measures() []figures.Measure     { return figures.Measures() }

// Link gives the address of this table, with the complaints behind a cell, or as
// a file.
func (p figuresPage) Link(pairs ...string) string {
	v := url.Values{"rows": {string(p.Q.Rows)}, "across": {string(p.Q.Across)}, "measure": {p.Q.Measure}, "year": {strconv.Itoa(p.Year)}}
	if p.Q.Publish {
		v.Set("publish", "yes")
	}
	for n := 0; n+1 < len(pairs); n += 2 {
		v.Set(pairs[n], pairs[n+1])
	}
	return "/figures?" + v.Encode()
}

func (s *server) figures(w http.ResponseWriter, r *http.Request) error {
	p := figuresPage{base: s.base(r, "Figures", "figures"), Year: s.Now().In(s.Zone).Year(), May: s.exports(r)}
	v := r.URL.Query()
	if text := v.Get("year"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 2000 || n > 2200 {
			return fault.Newf(fault.Invalid, "year %q is not a number from 2000 to 2200", short(text))
		}
		p.Year = n
	}
	p.Q = Count{
		Rows: figures.Dimension(v.Get("rows")), Across: figures.Dimension(v.Get("across")), Measure: v.Get("measure"),
		Period: figures.Year(p.Year, p.Zone), Publish: v.Get("publish") == "yes",
	}
	if p.Q.Rows == "" {
		p.Q.Rows = figures.ByHead
	}
	if p.Q.Measure == "" {
		p.Q.Measure = "complaints"
	}
	if ending := v.Get("file"); ending != "" {
		if err := s.policy.OnUnit(people.From(r.Context()), people.Export); err != nil {
			return err // looking is for all who investigate, taking out is not
		}
		body, kind, err := s.Figures.Sheet(r.Context(), p.Q, ending)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", `attachment; filename="figures-`+strconv.Itoa(p.Year)+"."+ending+`"`)
		_, err = w.Write(body)
		return err
	}
	var err error
	if p.T, err = s.Figures.Count(r.Context(), p.Q); err != nil {
		return err
	}
	p.OpenRow, p.OpenCol = v.Get("row"), v.Get("column")
	row, column := slices.Index(p.T.Rows, p.OpenRow), slices.Index(p.T.Columns, p.OpenCol)
	if row >= 0 && column >= 0 {
		p.Open = p.T.Cells[row][column].Complaints
	}
	return s.render(w, http.StatusOK, "figures", p)
}
