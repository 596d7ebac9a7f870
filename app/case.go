package app

import (
	"context"
	"fmt"

	"suraag/people"
	"suraag/people/wall"
)

type caseCmd struct {
	New  caseNew  `cmd:"" help:"Open a case."`
	Add  caseAdd  `cmd:"" help:"Put people on a case, and sources into it."`
	List caseList `cmd:"" help:"Show the cases."`
}

// walls gives the wall as whoever has the machine itself sees it: the record lies
// open to them in any case, and each thing done is logged in their name.
func (s *stage) walls(h *house) (*wall.Wall, context.Context, error) {
	policy, err := people.Shipped()
	if err != nil {
		return nil, nil, err
	}
	zone, err := s.zone()
	return &wall.Wall{Book: h.db, Policy: policy, Now: s.now, Zone: zone}, people.With(s.ctx, people.WhoAlone(s.by())), err
}

type caseNew struct {
	Number  string `arg:"" help:"Number, as the station writes it."`
	Title   string `help:"Title in few words, for those who are on the case." required:"" placeholder:"WORDS"`
	Station string `help:"Station or desk that others may ask." required:"" placeholder:"NAME"`
	Sealed  bool   `help:"Tell nobody but those who are on it, and supervisors, that it is there."`
	Charge  string `help:"Login of who is in charge." placeholder:"LOGIN"`
}

// Help is the long help of the command.
func (caseNew) Help() string {
	return `Opens a case. What is put into it or handed in to it is seen on the pages by those who are on it, and by nobody else; of the rest a trace says only how many statements there are and whom to ask.

Example:
  suraag case new "FIR 12/2025" --title "Lighthouse series" --station "PS Cyber Cell" --charge a.example

` + exitCodes
}

func (c *caseNew) Run(s *stage) error {
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	w, ctx, err := s.walls(h)
	if err != nil {
		return err
	}
	made, err := w.New(ctx, people.Case{Number: c.Number, Title: c.Title, Station: c.Station, Sealed: c.Sealed})
	if err != nil {
		return err
	}
	if c.Charge != "" {
		if err := w.Staff(ctx, made.ID, c.Charge, true, true); err != nil {
			return err
		}
	}
	if s.cli.JSON {
		return s.print(made)
	}
	fmt.Fprintf(s.out, "Case %s is open.\n", made.Number)
	return nil
}

type caseAdd struct {
	Case   string   `arg:"" help:"Number of the case, or its ID."`
	Source []string `arg:"" optional:"" help:"SHA-256 of a source, or its first 6 digits and more."`
	Member []string `help:"Login of somebody to put on the case. May be repeated." placeholder:"LOGIN"`
}

// Help is the long help of the command.
func (caseAdd) Help() string {
	return `Puts people on a case, and sources that the unit holds into it. Only those who are on the case see such a source on the pages from then on.

Examples:
  suraag case add "FIR 12/2025" --member a.example --member b.example
  suraag case add "FIR 12/2025" 3f1c8a5e2b90 77aa01b2c3d4

` + exitCodes
}

func (c *caseAdd) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	w, ctx, err := s.walls(h)
	if err != nil {
		return err
	}
	for _, login := range c.Member {
		if err := w.Staff(ctx, c.Case, login, true, false); err != nil {
			return err
		}
	}
	for _, id := range c.Source {
		src, err := h.db.FindSource(s.ctx, id)
		if err != nil {
			return err
		}
		if err := w.Put(ctx, c.Case, src.ID); err != nil {
			return err
		}
	}
	if s.cli.JSON {
		return s.print(map[string]any{"case": c.Case, "members": list(c.Member), "sources": list(c.Source)})
	}
	fmt.Fprintf(s.out, "Case %s: %s and %s were put to it.\n", c.Case, counted(len(c.Member), "member"), counted(len(c.Source), "source"))
	return nil
}

type caseList struct{}

// Help is the long help of the command.
func (caseList) Help() string {
	return "Shows every case with who is on it and how many sources belong to it.\n\nExample:\n  suraag case list\n\n" + exitCodes
}

// CaseRow is a case with how much belongs to it.
type CaseRow struct {
	people.Case
	Sources int `json:"sources"`
}

func (caseList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	cases, err := h.db.Cases(s.ctx, s.now())
	if err != nil {
		return err
	}
	var rows []CaseRow
	for _, c := range cases {
		in, err := h.db.SourcesIn(s.ctx, c.ID)
		if err != nil {
			return err
		}
		c.Members, c.Openings = list(c.Members), list(c.Openings)
		rows = append(rows, CaseRow{c, len(in)})
	}
	if s.cli.JSON {
		return s.print(list(rows))
	}
	t := s.table("number", "title", "station", "sealed", "people", "sources")
	for _, c := range rows {
		sealed := ""
		if c.Sealed {
			sealed = "yes"
		}
		t.AppendRow([]any{c.Number, c.Title, c.Station, sealed, len(c.Members), c.Sources})
	}
	t.Render()
	return nil
}
