package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"suraag/casework"
	"suraag/casework/legal"
	"suraag/fault"
	"suraag/people"
)

// Loop is what the pages of the legal loop ask of the rest of the house.
type Loop interface {
	Requests(ctx context.Context) ([]legal.Request, error)
	RequestsOf(ctx context.Context, lead string) ([]legal.Request, error)
	FindRequest(ctx context.Context, id string) (legal.Request, error)
	Clocks(ctx context.Context) ([]legal.Clock, error)
	// TakeClocks gives the same to be taken out as a file, and logs that it was.
	TakeClocks(ctx context.Context) ([]legal.Clock, error)
	// Choices lists the instruments that reach whoever a lead points to.
	Choices(ctx context.Context, lead string, office legal.Office, by string) ([]legal.Choice, error)
	Draft(ctx context.Context, d legal.Demand) (legal.Request, []legal.Refusal, error)
	// Act takes a step with a request.
	Act(ctx context.Context, id string, a legal.Act) error
	// Packs gives the packs of law; ReviewPack records that somebody compared one, in
	// the very text that was shown, with the law.
	Packs(ctx context.Context) ([]PackInUse, error)
	ReviewPack(ctx context.Context, id, shown, by, note string) error
	// Corrections gives those of the register that may be seen, and how many may not.
	Corrections(ctx context.Context) (seen []legal.Correction, hidden int, err error)
	// Correct enters an error; Tell records that a recipient was told of one.
	Correct(ctx context.Context, subject string, class legal.ErrorClass, reason, by string) (legal.Correction, error)
	Tell(ctx context.Context, correction, request, by string, on time.Time) error
	// Paper sets the letter or its note: "letter.docx", "letter.pdf", "note.pdf".
	Paper(ctx context.Context, id, name string) ([]byte, error)
}

// soon is how far ahead a clock is shown among the leads.
const soon = 14 * 24 * time.Hour

// pressingClocks gives what is due, or past.
func pressingClocks(all []legal.Clock, now time.Time) (out []legal.Clock) {
	for _, c := range all {
		if c.Due.Before(now.Add(soon)) {
			out = append(out, c)
		}
	}
	return out
}

type requestsPage struct {
	base
	Requests []legal.Request
	Clocks   []legal.Clock
}

// requests lists the demands and what is due.
func (s *server) requests(w http.ResponseWriter, r *http.Request) error {
	p := requestsPage{base: s.base(r, "Demands", "requests")}
	var err error
	if p.Requests, err = s.Desk.Requests(r.Context()); err != nil {
		return err
	}
	if p.Clocks, err = s.Desk.Clocks(r.Context()); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "requests", p)
}

// calendar gives the clocks as a file (RFC 5545).
func (s *server) calendar(w http.ResponseWriter, r *http.Request) error {
	clocks, err := s.Desk.TakeClocks(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="suraag.ics"`)
	_, err = w.Write(legal.Calendar(clocks, s.Now()))
	return err
}

type requestPage struct {
	base
	R      legal.Request
	Quote  []run
	Clocks []legal.Clock
	Said   string          // what came of the step that was taken
	Pair   []legal.Request // the requests that corroborate it, or that it corroborates
}

// Second tells whether the page waits for the word of a second person.
func (p requestPage) Second() bool { return p.R.State == legal.Drafted }

// request is one demand beside the exhibit that it rests on.
func (s *server) request(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := s.zone(r); err != nil {
		return err
	}
	req, err := s.Desk.FindRequest(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := requestPage{base: s.base(r, "Demand "+head(req.ID), "requests"), R: req, Quote: legible(req.Draft.Exhibit.Text), Said: done[r.URL.Query().Get("done")]}
	all, err := s.Desk.Clocks(r.Context())
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Request == req.ID {
			p.Clocks = append(p.Clocks, c)
		}
	}
	if p.Pair, err = s.pair(r.Context(), req); err != nil {
		return err
	}
	sources := []string{req.Draft.Exhibit.Source}
	for _, a := range req.Replies {
		sources = append(sources, a.Sources...)
	}
	s.name(r.Context(), p.base, sources...)
	return s.render(w, http.StatusOK, "request", p)
}

// done says what a step did. The address of a page never brings words of its own.
var done = map[string]string{
	"approve": "It is approved. It may be signed and sent by hand.", "refuse": "It is refused.", "sent": "It is marked as sent; its clocks run.",
	"renewed": "The renewal is noted; its term counts anew.", "answered": "The answer is noted.", "reply": "The answer was compared, see below.",
	"release": "The rows are released.", "withdraw": "It is withdrawn.",
}

// pair gives the requests that belong to this one by rule R3.
func (s *server) pair(ctx context.Context, req legal.Request) (out []legal.Request, err error) {
	all, err := s.Desk.Requests(ctx)
	for _, x := range all {
		if x.Draft.Follows == req.ID || x.ID == req.Draft.Follows {
			out = append(out, x)
		}
	}
	return out, err
}

// who names whoever takes a step: who is signed in; on a machine without sign-in,
// who the form names.
func (s *server) who(r *http.Request) string {
	if s.Door != nil {
		return people.From(r.Context()).By
	}
	return strings.TrimSpace(r.FormValue("by"))
}

// act takes a step that a person chose on the page of a request.
func (s *server) act(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	a := legal.Act{What: r.PathValue("what"), By: s.who(r), Words: strings.TrimSpace(r.FormValue("words")), Exhibit: r.FormValue("exhibit"), On: s.Now(), Sources: strings.Fields(r.FormValue("sources"))}
	if done[a.What] == "" {
		return nowhere(w, r)
	}
	if a.By == "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "nobody is named who does this"), "go back and state your name and rank")
	}
	if a.What == "approve" && r.FormValue("compared") == "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "it is not stated that the demand was compared with its exhibit (rule R4)"), "go back, compare every line, and tick the box")
	}
	if text := r.FormValue("on"); text != "" {
		on, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return fault.Newf(fault.Invalid, "day %q is not like 2025-03-12", short(text))
		}
		a.On = on
	}
	if err := s.Desk.Act(r.Context(), id, a); err != nil {
		return err
	}
	http.Redirect(w, r, "/request/"+url.PathEscape(id)+"?done="+a.What, http.StatusSeeOther)
	return nil
}

// paper gives the letter as a file.
func (s *server) paper(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	kind := map[string]string{
		"letter.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "letter.pdf": "application/pdf", "note.pdf": "application/pdf",
	}[name]
	if kind == "" {
		return nowhere(w, r)
	}
	body, err := s.Desk.Paper(r.Context(), r.PathValue("id"), name)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+head(r.PathValue("id"))+"-"+name+`"`)
	_, err = w.Write(body)
	return err
}

func (s *server) apiRequest(w http.ResponseWriter, r *http.Request) error {
	req, err := s.Desk.FindRequest(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, req)
}

type draftPage struct {
	base
	L        casework.Lead
	Office   legal.Office
	Drafter  string
	Chosen   string
	Choices  []legal.Choice
	Refusals []legal.Refusal
}

// Jurisdictions are those whose instruments can be chosen.
func (draftPage) Jurisdictions() []string { return []string{"IN", "US", "EU", "GB"} }

// draft shows what may be demanded on a lead, and what forbids the rest.
func (s *server) draft(w http.ResponseWriter, r *http.Request) error {
	return s.showDraft(w, r, http.StatusOK, draftPage{Office: legal.Office{Jurisdiction: r.URL.Query().Get("law")}})
}

func (s *server) showDraft(w http.ResponseWriter, r *http.Request, status int, p draftPage) error {
	l, err := s.Desk.FindLead(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p.base, p.L = s.base(r, "Draft on lead "+head(l.ID), "leads"), l
	if p.Office.Jurisdiction == "" {
		p.Office.Jurisdiction = "IN"
	}
	if p.Choices, err = s.Desk.Choices(r.Context(), l.ID, p.Office, p.Drafter); err != nil {
		return err
	}
	for n := range p.Choices { // who asks is stated on this very page
		p.Choices[n].Refusals = withoutOffice(p.Choices[n].Refusals)
	}
	return s.render(w, status, "draft", p)
}

func withoutOffice(all []legal.Refusal) (out []legal.Refusal) {
	for _, x := range all {
		if x.Rule != "office" {
			out = append(out, x)
		}
	}
	return out
}

// makeDraft drafts, or shows every rule that forbids it.
func (s *server) makeDraft(w http.ResponseWriter, r *http.Request) error {
	f := func(name string) string { return strings.TrimSpace(r.FormValue(name)) }
	p := draftPage{Drafter: s.who(r), Chosen: f("instrument"), Office: legal.Office{
		Unit: f("unit"), Officer: f("officer"), Rank: f("rank"), Email: f("email"), Jurisdiction: f("law"), Case: f("case"), Offence: f("offence"),
	}}
	if p.Chosen == "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "no instrument was chosen"), "go back and choose one")
	}
	made, refusals, err := s.Desk.Draft(r.Context(), legal.Demand{Lead: r.PathValue("id"), Instrument: p.Chosen, Office: p.Office, By: p.Drafter})
	if err != nil {
		return err
	}
	if len(refusals) > 0 {
		p.Refusals = refusals
		return s.showDraft(w, r, fault.Denied.HTTP(), p)
	}
	http.Redirect(w, r, "/request/"+url.PathEscape(made.ID), http.StatusSeeOther)
	return nil
}
