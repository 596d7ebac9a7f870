package app

import (
	"os"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/casework/legal"
	"suraag/fault"
)

// theClocks is the subject of looks at the days by which something has to be done.
const theClocks = "clocks"

type clockCmd struct {
	List clockList `cmd:"" help:"Show the days by which something has to be done."`
}

type clockList struct {
	ICS string `help:"Write them as a calendar file too." placeholder:"FILE"`
}

// Help is the long help of the command.
func (clockList) Help() string {
	return "Shows when answers are due, preservations have to be renewed, operators' records end, and recipients have to be told of a correction, the most pressing first. With --ics it writes a calendar file (RFC 5545) with an alarm a week before each day.\n\nExample:\n  suraag clock list --ics clocks.ics\n\n" + exitCodes
}

func (c *clockList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	clocks, err := h.Clocks(s.ctx)
	if err != nil {
		return err
	}
	if err := h.saw(s.ctx, theClocks, s.by(), clocks); err != nil {
		return err
	}
	if c.ICS != "" {
		if err := os.WriteFile(c.ICS, legal.Calendar(clocks, s.now()), 0o600); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	if s.cli.JSON {
		return s.print(list(clocks))
	}
	t := s.table("day", "in", "what", "request", "words")
	for _, k := range clocks {
		left := days(int(k.Due.Sub(s.now()).Hours() / 24))
		if k.Past {
			left = "PAST"
		}
		t.AppendRow(table.Row{k.Due.UTC().Format("2 January 2006"), left, k.Kind, k.Request[:12], k.Words})
	}
	t.Render()
	return nil
}
