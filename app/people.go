package app

import (
	"fmt"
	"net/url"

	"suraag/people"
)

type peopleCmd struct {
	Invite peopleInvite `cmd:"" help:"Make the link by which somebody comes in for the first time, or anew."`
	List   peopleList   `cmd:"" help:"Show who works here."`
}

type peopleInvite struct {
	Login   string `help:"Login: short, lower case, of one person only." default:"admin" placeholder:"LOGIN"`
	Name    string `help:"Name and rank, as they stand in receipts." default:"Administrator" placeholder:"NAME"`
	Station string `help:"Station or desk." default:"this unit" placeholder:"NAME"`
	Role    string `help:"officer, supervisor, analyst, auditor or administrator." default:"administrator" placeholder:"ROLE"`
	Origin  string `help:"Address of the pages, as suraag serve prints it." default:"http://localhost:8473" placeholder:"URL"`
}

// Help is the long help of the command.
func (peopleInvite) Help() string {
	return `Prints a link that works once and holds for three days. Whoever opens it chooses a passkey, or a password with codes, and is in. The first administrator comes in like this and invites the others on the page People.

Somebody who is here already is invited anew: all that opens a door for that person ends, and the new link takes its place. Give the same name and role then.

Examples:
  suraag people invite --origin https://suraag.example.org:8473
  suraag people invite --login a.example --name "SI A. Example" --station "PS Cyber Cell" --role officer

` + exitCodes
}

// Invitation is a link by which somebody comes in.
type Invitation struct {
	Person people.Person `json:"person"`
	Link   string        `json:"link"`
}

func (c *peopleInvite) Run(s *stage) error {
	role, err := people.ParseRole(c.Role)
	if err != nil {
		return err
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	d, err := s.door(h, c.Origin)
	if err != nil {
		return err
	}
	p, key, err := d.InviteFromTerminal(s.ctx, s.by(), people.Person{Login: c.Login, Name: c.Name, Station: c.Station, Role: role})
	if err != nil {
		return err
	}
	in := Invitation{p, c.Origin + "/welcome?key=" + url.QueryEscape(key)}
	if s.cli.JSON {
		return s.print(in)
	}
	fmt.Fprintf(s.out, "%s, %s, login %s. This link works once and holds for three days:\n\n  %s\n", p.Name, p.Role, p.Login, in.Link)
	return nil
}

type peopleList struct{}

// Help is the long help of the command.
func (peopleList) Help() string {
	return "Shows everybody who was invited, with role and station.\n\nExample:\n  suraag people list\n\n" + exitCodes
}

func (peopleList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.db.People(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(all))
	}
	t := s.table("login", "name", "station", "role", "state")
	for _, p := range all {
		state := "may sign in"
		if !p.Ended.IsZero() {
			state = "ended " + p.Ended.Format("2 January 2006")
		}
		t.AppendRow([]any{p.Login, p.Name, p.Station, string(p.Role), state})
	}
	t.Render()
	return nil
}
