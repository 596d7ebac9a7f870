package app

import (
	"fmt"
	"strings"

	"suraag/actor/script"
	"suraag/actor/series"
	"suraag/fault"
)

type seriesCmd struct {
	List seriesList `cmd:"" help:"Show which complaints belong together, and why."`
	Join seriesJoin `cmd:"" help:"Hold two complaints to be of one someone."`
	Part seriesPart `cmd:"" help:"Hold two complaints not to be of one someone."`
	Undo seriesUndo `cmd:"" help:"Take such a decision back."`
}

type seriesList struct {
	Scripts bool `help:"Show the scripts with their slots too."`
}

// Help is the long help of the command.
func (seriesList) Help() string {
	return "Shows series of complaints that one someone is held to have caused. One hard identifier joins; a script or an address alone never does. Every tie says its reason and how many complaints have it.\n\nExample:\n  suraag series list --scripts\n\n" + exitCodes
}

func (c *seriesList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	found, err := h.SeriesAndScripts(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(found)
	}
	for _, x := range found.Series {
		fmt.Fprintf(s.out, "%s  %s\n", x.ID, x.Sentence)
		for _, t := range x.Ties {
			fmt.Fprintf(s.out, "  %s – %s (%s): %s\n", t.A[:12], t.B[:12], t.Strength, t.Reason)
		}
		for _, w := range x.Contested {
			fmt.Fprintf(s.out, "  contested: %s\n", w)
		}
	}
	if len(found.Series) == 0 {
		fmt.Fprintln(s.out, "No two complaints belong together as far as the record tells.")
	}
	for _, hub := range found.Hubs {
		fmt.Fprintf(s.out, "Joins nobody: %s (in %d complaints), %s.\n", hub.On, hub.In, hub.Reason)
	}
	if len(found.Perhaps) > 0 {
		fmt.Fprintf(s.out, "%d ties joined nothing; --json shows them.\n", len(found.Perhaps))
	}
	if c.Scripts {
		s.tellScripts(found.Scripts)
	}
	return nil
}

func (s *stage) tellScripts(scripts []script.Cluster) {
	for _, c := range scripts {
		fmt.Fprintf(s.out, "%s  %s\n  ", c.ID, c.Sentence)
		for _, p := range c.Template {
			if p.Slot == script.None {
				fmt.Fprint(s.out, p.Words, " ")
				continue
			}
			var values []string
			for _, v := range p.Values[:min(3, len(p.Values))] {
				values = append(values, v.Words)
			}
			fmt.Fprintf(s.out, "[%s: %s] ", p.Slot, strings.Join(values, " | "))
		}
		fmt.Fprintln(s.out)
	}
}

type seriesJoin struct {
	A      string `arg:"" help:"ID of a complaint, or its first digits."`
	B      string `arg:"" help:"ID of the other."`
	Reason string `help:"Why." required:""`
}

// Help is the long help of the command.
func (seriesJoin) Help() string {
	return "Holds two complaints to be of one someone, beside what the program finds. suraag series undo takes it back without a trace in any result.\n\nExample:\n  suraag series join 3f1c 9b2e --reason \"he confessed both\"\n\n" + exitCodes
}

func (c *seriesJoin) Run(s *stage) error { return s.decide(c.A, c.B, c.Reason, true) }

type seriesPart struct {
	A      string `arg:"" help:"ID of a complaint, or its first digits."`
	B      string `arg:"" help:"ID of the other."`
	Reason string `help:"Why." required:""`
}

// Help is the long help of the command.
func (seriesPart) Help() string {
	return "Holds two complaints not to be of one someone: what ties these two directly counts no more. If a third complaint ties both, the series says that the decision is contested.\n\nExample:\n  suraag series part 3f1c 9b2e --reason \"the number was given out anew\"\n\n" + exitCodes
}

func (c *seriesPart) Run(s *stage) error { return s.decide(c.A, c.B, c.Reason, false) }

func (s *stage) decide(a, b, reason string, same bool) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	d := series.Decision{Same: same, By: s.by(), Reason: reason}
	if d.A, d.B, err = s.two(h, a, b); err != nil {
		return err
	}
	if err := h.DecideSeries(s.ctx, d); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Recorded. suraag series undo %s %s takes it back.\n", d.A[:12], d.B[:12])
	return nil
}

func (s *stage) two(h *house, a, b string) (one, other string, err error) {
	if one, err = s.findComplaint(h, a); err != nil {
		return "", "", err
	}
	if other, err = s.findComplaint(h, b); err != nil {
		return "", "", err
	}
	if one == other {
		return "", "", fault.Newf(fault.Invalid, "%q and %q name one complaint", a, b)
	}
	return one, other, nil
}

type seriesUndo struct {
	A string `arg:"" help:"ID of a complaint, or its first digits."`
	B string `arg:"" help:"ID of the other."`
}

// Help is the long help of the command.
func (seriesUndo) Help() string {
	return "Takes back what was decided of two complaints. Everything is as if it had never been; that it was stays in the custody log.\n\nExample:\n  suraag series undo 3f1c 9b2e\n\n" + exitCodes
}

func (c *seriesUndo) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	a, b, err := s.two(h, c.A, c.B)
	if err != nil {
		return err
	}
	if err := h.TakeBackSeries(s.ctx, a, b, s.by()); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "Taken back.")
	return nil
}
