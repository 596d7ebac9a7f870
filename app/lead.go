package app

import (
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/casework"
)

type leadCmd struct {
	List leadList `cmd:"" help:"Show the queue."`
	Show leadShow `cmd:"" help:"Show one lead with its whole chain of reasons."`
}

type leadList struct {
	Limit int `help:"How many to show; 0 shows all." default:"50"`
}

// Help is the long help of the command.
func (leadList) Help() string {
	return "Shows leads in the order in which they should be taken up: live danger and novelty first, then strength, then the day on which the operator's records expire.\n\nExample:\n  suraag lead list --limit 10\n\n" + exitCodes
}

func (c *leadList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	leads, err := h.db.Leads(s.ctx, c.Limit)
	if err != nil {
		return err
	}
	all, err := h.db.CountLeads(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(leads))
	}
	t := s.table("lead", "outcome", "address", "when (UTC)", "novelty", "danger", "records expire")
	for _, l := range leads {
		expires := "not known"
		if !l.Deadline.IsZero() {
			expires = l.Deadline.Format("2 January 2006")
		}
		danger := ""
		if len(l.Danger) > 0 {
			danger = "yes"
		}
		o := l.Finding.Observation
		t.AppendRow(table.Row{l.ID[:12], string(l.Finding.Outcome), o.Endpoint.String(), o.When.String(), string(l.Novelty), danger, expires})
	}
	t.Render()
	(&teller{out: s.out, zone: time.UTC}).say("%d of %d leads. suraag lead show ID tells one with its reasons.", len(leads), all)
	return nil
}

type leadShow struct {
	ID string `arg:"" help:"ID of the lead, or its first 6 digits and more."`
}

// Help is the long help of the command.
func (leadShow) Help() string {
	return "Shows one lead: the next lawful step, every reason and counter-reason with its rule, what is missing, what to ask for, and the way back to the original.\n\nExample:\n  suraag lead show 4f2a91c07be3\n\n" + exitCodes
}

func (c *leadShow) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	l, err := h.db.FindLead(s.ctx, c.ID)
	if err != nil {
		return err
	}
	if err := h.saw(s.ctx, "lead "+l.ID, s.by(), l); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(l)
	}
	zone, err := s.zone()
	if err != nil {
		return err
	}
	(&teller{out: s.out, zone: zone}).lead(l)
	return nil
}

func (w *teller) lead(l casework.Lead) {
	f := l.Finding
	w.say("Lead %s", l.ID)
	w.say("%s", l.Step)
	w.head("Finding")
	w.finding(f, "  ")
	w.say("  stated at %s", at(l.Source, l.Place))
	w.head("Why it stands here in the queue")
	for _, y := range l.Why {
		w.say("  %s", y)
	}
	for _, m := range matches(l.Listed) {
		w.say("  %s", m)
	}
	w.head("Reasons")
	for _, r := range f.Reasons {
		w.say("  %-4s %-8s %s (%s)", r.Rule, r.Effect, r.Sentence, r.Citation)
	}
	w.head("What points elsewhere")
	for _, r := range f.Counter {
		w.say("  %-4s %s (%s)", r.Rule, r.Sentence, r.Citation)
	}
	if f.Resolution != nil {
		w.head("How the operator's rows resolve it")
		for _, st := range f.Resolution.Steps {
			w.say("  %s", strings.TrimSpace(st.Sentence+" "+at(st.Source, st.Place)))
		}
		if f.Resolution.Void != "" {
			w.say("  They lead nowhere: %s.", f.Resolution.Void)
		}
	}
	if len(f.AskFor) > 0 {
		w.head("Ask for")
		w.say("  %s", strings.Join(f.AskFor, "; "))
	}
	if !f.Window.From.IsZero() {
		w.say("\nPeriod: %s to %s", w.both(f.Window.From), w.both(fullSecond(f.Window.Until)))
	}
	if !l.Deadline.IsZero() {
		w.say("The operator's records expire on %s (%s).", l.Deadline.Format("2 January 2006"), f.ExpiresSource)
	}
	if !l.Content.IsZero() {
		w.say("\nTrace of the content: suraag trace %s", l.Content)
	}
}

// fullSecond ends a span at the second that holds its last moment whole, as the
// words of the demand do: cut off, it would ask for less than was meant.
func fullSecond(t time.Time) time.Time {
	return t.Add(time.Second - 1).Truncate(time.Second)
}

func (w *teller) both(t time.Time) string {
	const layout = "2 January 2006 15:04:05 MST"
	return t.UTC().Format(layout) + " (" + t.In(w.zone).Format(layout) + ")"
}
