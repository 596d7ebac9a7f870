package web

import (
	"net/http"
	"net/url"

	"suraag/custody"
	"suraag/people"
	"suraag/people/wall"
)

type casesPage struct {
	base
	Cases []wall.Listed
	New   bool // whoever looks may open one
}

// cases lists the cases that whoever asks may know of.
func (s *server) cases(w http.ResponseWriter, r *http.Request) error {
	p := casesPage{base: s.base(r, "Cases", "cases"), New: s.policy.OnUnit(people.From(r.Context()), people.NewCase) == nil}
	var err error
	if p.Cases, err = s.Wall.Cases(r.Context()); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "cases", p)
}

// newCase opens a case.
func (s *server) newCase(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	f := r.PostForm
	c, err := s.Wall.New(r.Context(), people.Case{Number: f.Get("number"), Title: f.Get("title"), Station: f.Get("station"), Sealed: f.Get("sealed") != ""})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/case/"+c.ID, http.StatusSeeOther)
	return nil
}

type casePage struct {
	base
	C       wall.Inside
	Media   bool // there is a vault, and so perhaps content to look at
	Sources []row
	Gone    int // sources of the case that the record cannot show now
	Others  []wall.Listed
	Leads   []caseLead
	More    bool // there are more leads than are shown
}

// caseLead is a lead of a case, in one line.
type caseLead struct{ ID, Step string }

// kase is a case from within: who is on it, its sources and its leads.
func (s *server) kase(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	in, err := s.Wall.Look(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := casePage{base: s.base(r, "Case "+in.Number, "cases"), C: in, Media: s.Media != nil}
	mine := map[string]bool{}
	for n := len(in.Sources) - 1; n >= 0; n-- {
		mine[in.Sources[n]] = true
		if len(p.Sources) >= showSources {
			continue
		}
		src, err := s.Desk.FindSource(ctx, in.Sources[n])
		if err != nil {
			p.Gone++
			continue
		}
		p.Sources = append(p.Sources, row{src, readingOf(src)})
	}
	if p.Others, err = s.othersOf(r, in.ID); err != nil {
		return err
	}
	leads, err := s.Desk.Leads(ctx, mostLeads)
	if err != nil {
		return err
	}
	for _, l := range leads {
		if mine[l.Source] {
			if p.More = len(p.Leads) == showLeads; p.More {
				break
			}
			p.Leads = append(p.Leads, caseLead{l.ID, l.Step})
		}
	}
	return s.render(w, http.StatusOK, "case", p)
}

// othersOf gives the other cases to which whoever asks may hand in.
func (s *server) othersOf(r *http.Request, id string) (out []wall.Listed, err error) {
	all, err := s.Wall.Cases(r.Context())
	for _, c := range all {
		if c.Add && c.ID != id {
			out = append(out, c)
		}
	}
	return out, err
}

// caseChange does one thing to a case, by the name of the button.
func (s *server) caseChange(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	ctx, id, f := r.Context(), r.PathValue("id"), r.PostForm
	var err error
	switch f.Get("do") {
	case "put on", "in charge":
		err = s.Wall.Staff(ctx, id, f.Get("login"), true, f.Get("do") == "in charge")
	case "take off":
		err = s.Wall.Staff(ctx, id, f.Get("login"), false, false)
	case "seal", "unseal":
		err = s.Wall.Seal(ctx, id, f.Get("do") == "seal")
	case "add":
		var src custody.Source
		if src, err = s.Desk.FindSource(ctx, f.Get("source")); err == nil {
			err = s.Wall.Put(ctx, id, src.ID)
		}
	case "move":
		err = s.Wall.Move(ctx, id, f.Get("to"), f.Get("source"))
	default:
		return nowhere(w, r)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/case/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

type openPage struct {
	base
	C  wall.Listed
	To string
}

// openCase asks for the purpose, or for the reason for breaking the glass.
func (s *server) openCase(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Wall.Known(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := openPage{base: s.base(r, "Case "+c.Number, "cases"), C: c, To: "/case/" + c.ID}
	if to := onward(r.URL.Query().Get("to")); to != "/" {
		p.To = to
	}
	return s.render(w, http.StatusOK, "open", p)
}

// opened takes the purpose, or the reason.
func (s *server) opened(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	id, f := r.PathValue("id"), r.PostForm
	var err error
	if f.Get("do") == "break" {
		_, err = s.Wall.Break(r.Context(), id, f.Get("purpose"))
	} else {
		_, err = s.Wall.Open(r.Context(), id, f.Get("purpose"))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, onward(f.Get("to")), http.StatusSeeOther)
	return nil
}

type noticesPage struct {
	base
	Notices []wall.Notice
	Modes   []wall.ModeNotice
}

// notices tells supervisors of broken glass and of media mode.
func (s *server) notices(w http.ResponseWriter, r *http.Request) error {
	p := noticesPage{base: s.base(r, "Notices", "notices")}
	var err error
	if p.Notices, err = s.Wall.Notices(r.Context()); err != nil {
		return err
	}
	if p.Modes, err = s.Wall.ModeNotices(r.Context()); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "notices", p)
}

func (s *server) noticed(w http.ResponseWriter, r *http.Request) error {
	take := s.Wall.TakeNotice
	if r.PostForm.Get("of") == "media mode" {
		take = s.Wall.TakeModeNotice
	}
	if err := take(r.Context(), r.PostForm.Get("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/notices", http.StatusSeeOther)
	return nil
}
