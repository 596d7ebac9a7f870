package web

import (
	"net/http"
	"strings"
	"time"

	"suraag/casework/legal"
	"suraag/fault"
	"suraag/people"
)

type correctionsPage struct {
	base
	Corrections []legal.Correction
	Hidden      int // of other cases
	Subject     string
	Classes     []legal.ErrorClass
	May         bool // whoever looks may enter one
}

// corrections shows the register of errors, and who has to be told (rule R14).
func (s *server) corrections(w http.ResponseWriter, r *http.Request) error {
	p := correctionsPage{base: s.base(r, "Corrections", "requests"), Subject: short(r.URL.Query().Get("subject")), Classes: legal.ErrorClasses()}
	p.May = s.policy.OnUnit(people.From(r.Context()), people.HandIn) == nil
	var err error
	if p.Corrections, p.Hidden, err = s.Desk.Corrections(r.Context()); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "corrections", p)
}

// correct enters an error in the name of whoever is signed in.
func (s *server) correct(w http.ResponseWriter, r *http.Request) error {
	by, subject, reason := s.who(r), strings.TrimSpace(r.FormValue("subject")), strings.TrimSpace(r.FormValue("reason"))
	switch {
	case by == "":
		return fault.WithHint(fault.Newf(fault.Invalid, "nobody is named who found the error"), "go back and state your name and rank")
	case visitOf(r.Context()).token: // made to hand in; that something was wrong is a person's word
		return fault.WithHint(fault.Newf(fault.Denied, "a token enters no corrections"), "sign in, and do it on the page of corrections")
	case len(reason) > maxField:
		return fault.Newf(fault.TooLarge, "the reason has more than %d characters", maxField)
	}
	if _, err := s.Desk.Correct(r.Context(), subject, legal.ErrorClass(r.FormValue("class")), reason, by); err != nil {
		return err
	}
	http.Redirect(w, r, "/corrections", http.StatusSeeOther)
	return nil
}

// told records that a recipient was told.
func (s *server) told(w http.ResponseWriter, r *http.Request) error {
	by := s.who(r)
	switch {
	case by == "":
		return fault.WithHint(fault.Newf(fault.Invalid, "nobody is named who told the recipient"), "go back and state your name and rank")
	case visitOf(r.Context()).token:
		return fault.WithHint(fault.Newf(fault.Denied, "a token says nothing of who was told"), "sign in, and do it on the page of corrections")
	}
	on := s.Now()
	if text := r.FormValue("on"); text != "" {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return fault.Newf(fault.Invalid, "day %q is not like 2025-03-12", short(text))
		}
		on = day
	}
	if err := s.Desk.Tell(r.Context(), r.PathValue("id"), r.FormValue("request"), by, on); err != nil {
		return err
	}
	http.Redirect(w, r, "/corrections", http.StatusSeeOther)
	return nil
}
