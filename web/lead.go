package web

import (
	"net/http"
	"strconv"

	"suraag/casework"
	"suraag/casework/legal"
	"suraag/fault"
)

// The leads that one page shows, and the most that it can be asked for.
const (
	showLeads = 100
	mostLeads = 2000
)

type leadsPage struct {
	base
	Leads []casework.Lead
	Due   []legal.Clock // what presses among the demands
	All   int64
	Show  int
}

// Rest counts the leads that the page does not show.
func (p leadsPage) Rest() int64 { return max(0, p.All-int64(len(p.Leads))) }

// leads is the queue.
func (s *server) leads(w http.ResponseWriter, r *http.Request) error {
	p := leadsPage{base: s.base(r, "Leads", "leads")}
	var err error
	if p.Show, err = bounded(r, "show", showLeads, mostLeads); err != nil {
		return err
	}
	if p.Leads, err = s.Desk.Leads(r.Context(), p.Show); err != nil {
		return err
	}
	if p.All, err = s.Desk.CountLeads(r.Context()); err != nil {
		return err
	}
	clocks, err := s.Desk.Clocks(r.Context())
	if err != nil {
		return err
	}
	p.Due = pressingClocks(clocks, s.Now())
	for _, l := range p.Leads {
		s.name(r.Context(), p.base, l.Source)
	}
	return s.render(w, http.StatusOK, "leads", p)
}

type leadPage struct {
	base
	L        casework.Lead
	Requests []legal.Request
}

// lead is one lead with its whole chain, down to the sources.
func (s *server) lead(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := s.zone(r); err != nil {
		return err
	}
	l, err := s.Desk.FindLead(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := leadPage{base: s.base(r, "Lead "+head(l.ID), "leads"), L: l}
	if p.Requests, err = s.Desk.RequestsOf(r.Context(), l.ID); err != nil {
		return err
	}
	s.name(r.Context(), p.base, l.Sources()...)
	return s.render(w, http.StatusOK, "lead", p)
}

func head(id string) string {
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

func (s *server) apiLeads(w http.ResponseWriter, r *http.Request) error {
	limit, err := bounded(r, "limit", showLeads, mostLeads)
	if err != nil {
		return err
	}
	leads, err := s.Desk.Leads(r.Context(), limit)
	if err != nil {
		return err
	}
	if leads == nil {
		leads = []casework.Lead{}
	}
	return writeJSON(w, http.StatusOK, leads)
}

func (s *server) apiLead(w http.ResponseWriter, r *http.Request) error {
	l, err := s.Desk.FindLead(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, l)
}

// bounded reads a number of an address: from 1 to most.
func bounded(r *http.Request, name string, otherwise, most int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.Newf(fault.Invalid, "%s %q is not a number from 1 to %d", name, short(text), most)
	}
	return n, nil
}
