package web

import (
	"net/http"
	"net/url"

	"suraag/people"
	"suraag/people/door"
)

type peoplePage struct {
	base
	People []people.Person
	Roles  []people.Role
	Link   string // of an invitation that was just made; it is shown once
	For    people.Person
}

// everybody lists people, and has a form to invite more.
func (s *server) everybody(w http.ResponseWriter, r *http.Request) error {
	return s.renderPeople(w, r, people.Person{}, "")
}

func (s *server) renderPeople(w http.ResponseWriter, r *http.Request, invited people.Person, key string) error {
	p := peoplePage{base: s.base(r, "People", "people"), Roles: people.Roles(), For: invited}
	if key != "" {
		p.Link = s.Origin + "/welcome?key=" + url.QueryEscape(key)
	}
	var err error
	if p.People, err = s.Door.Everybody(r.Context(), people.From(r.Context())); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "people", p)
}

// invite makes an invitation. Its link is on the answer and nowhere else.
func (s *server) invite(w http.ResponseWriter, r *http.Request) error {
	f := r.PostForm
	p, key, err := s.Door.Invite(r.Context(), people.From(r.Context()), people.Person{
		Login: f.Get("login"), Name: f.Get("name"), Station: f.Get("station"), Role: people.Role(f.Get("role")),
	})
	if err != nil {
		return err
	}
	return s.renderPeople(w, r, p, key)
}

type personPage struct {
	base
	S     door.Standing
	Roles []people.Role
	Self  bool
}

// person is one person, as an administrator sees one.
func (s *server) person(w http.ResponseWriter, r *http.Request) error {
	who := people.From(r.Context())
	standing, err := s.Door.StandingOf(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := personPage{base: s.base(r, standing.Person.Name, "people"), S: standing, Roles: people.Roles(), Self: standing.Person.ID == who.Person}
	return s.render(w, http.StatusOK, "person", p)
}

// personChange does one thing to a person, by the name of the button.
func (s *server) personChange(w http.ResponseWriter, r *http.Request) error {
	ctx, who, id, f := r.Context(), people.From(r.Context()), r.PathValue("id"), r.PostForm
	var err error
	switch f.Get("do") {
	case "role":
		err = s.Door.SetRole(ctx, who, id, people.Role(f.Get("role")))
	case "end sessions":
		err = s.Door.EndSessions(ctx, who, id)
	case "end":
		err = s.Door.End(ctx, who, id)
	case "invite anew":
		p, key, err := s.Door.Renew(ctx, who, id)
		if err != nil {
			return err
		}
		return s.renderPeople(w, r, p, key)
	default:
		return nowhere(w, r)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/person/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}
