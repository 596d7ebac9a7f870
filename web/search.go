package web

import (
	"net/http"

	"suraag/casework"
)

// topLeads is how many leads stand on the first page.
const topLeads = 5

type searchPage struct {
	base
	Totals Totals
	Leads  []casework.Lead
}

// search is the first page: one box, a place to drop a picture, and what is most
// urgent.
func (s *server) search(w http.ResponseWriter, r *http.Request) error {
	p := searchPage{base: s.base(r, "Search", "search")}
	var err error
	if p.Totals, err = s.Desk.Totals(r.Context()); err != nil {
		return err
	}
	if p.Leads, err = s.Desk.Leads(r.Context(), topLeads); err != nil {
		return err
	}
	for _, l := range p.Leads {
		s.name(r.Context(), p.base, l.Source)
	}
	return s.render(w, http.StatusOK, "search", p)
}
