package app

import (
	"strings"
	"time"

	"suraag/casework/legal"
)

type correctionCmd struct {
	Add    correctionAdd    `cmd:"" help:"Enter an error into the register."`
	List   correctionList   `cmd:"" help:"Show the register, and who still has to be told."`
	Letter correctionLetter `cmd:"" help:"Write the letter of correction to one recipient."`
	Told   correctionTold   `cmd:"" help:"State that a recipient was told."`
}

type correctionAdd struct {
	Subject string `arg:"" help:"ID of what was wrong: a record, a source, an operator's row or a request, whole."`
	Class   string `help:"Kind of error: address, time, zone, port, subscriber, place, content, other." required:"" placeholder:"WORD"`
	Reason  string `help:"What was wrong." required:"" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (correctionAdd) Help() string {
	return "Enters an error into the register (rule R14). Everyone to whom a request that rests on it was sent is listed and has to be told. So is every bundle, PDF and timeline that rests on it and was taken out, with who did: to whom it was given, only they know. Drafts that rest on it and did not go out are withdrawn.\n\nExample:\n  suraag correction add b5967e85b09b… --class time --reason \"the service sent the time of another file\"\n\n" + exitCodes
}

func (c *correctionAdd) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	if src, err := h.db.FindSource(s.ctx, c.Subject); err == nil {
		c.Subject = src.ID
	} else if r, err := h.db.FindRequest(s.ctx, c.Subject); err == nil {
		c.Subject = r.ID
	}
	x, err := h.Correct(s.ctx, c.Subject, legal.ErrorClass(strings.ToLower(c.Class)), c.Reason, s.by())
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(x)
	}
	(&teller{out: s.out, zone: time.UTC}).correction(x)
	return nil
}

func (w *teller) correction(c legal.Correction) {
	w.say("Correction %s of %s (%s), by %s on %s: %s", c.ID[:12], short(c.Subject), c.Class, c.By, c.At.Format("2 January 2006"), c.Reason)
	if len(c.Recipients)+len(c.Taken) == 0 {
		w.say("  Nobody was sent anything that rests on it.")
	}
	for _, r := range c.Recipients {
		told := "NOT TOLD YET"
		if !r.ToldOn.IsZero() {
			told = "told on " + r.ToldOn.Format("2 January 2006") + " by " + r.ToldBy
		}
		w.say("  %s, by request %s sent on %s: %s", r.Name, r.Request[:12], r.SentOn.Format("2 January 2006"), told)
	}
	for _, t := range c.Taken {
		w.say("  %s", t.Words())
	}
}

func short(id string) string {
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

type correctionList struct{}

// Help is the long help of the command.
func (correctionList) Help() string {
	return "Shows the register with everyone who has to be told, and counts errors by kind for publication.\n\nExample:\n  suraag correction list\n\n" + exitCodes
}

func (correctionList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.db.Corrections(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(all))
	}
	w := &teller{out: s.out, zone: time.UTC}
	for _, c := range all {
		w.correction(c)
	}
	w.say("%d corrections. By kind of error: %s.", len(all), orNone(strings.Join(legal.Classes(all), ", ")))
	return nil
}

func orNone(words string) string {
	if words == "" {
		return "none"
	}
	return words
}

type correctionLetter struct {
	Request string `arg:"" help:"The request by which the recipient was told what was wrong."`
	ID      string `help:"The correction, or its first 6 digits and more." required:"" placeholder:"ID"`
	Out     string `help:"File to write: .docx, .pdf or .txt." required:"" placeholder:"FILE"`
}

// Help is the long help of the command.
func (correctionLetter) Help() string {
	return "Writes the letter of correction to the recipient of a request.\n\nExample:\n  suraag correction letter 46ba233a9b4f --id 9d1c22e07a31 --out correction.docx\n\n" + exitCodes
}

func (c *correctionLetter) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	r, err := h.db.FindRequest(s.ctx, c.Request)
	if err != nil {
		return err
	}
	x, err := h.FindCorrection(s.ctx, c.ID)
	if err != nil {
		return err
	}
	if err := s.writeLetter(h, c.Out, "correction "+x.ID+" of request "+r.ID, x.Letter(r), x.At); err != nil {
		return err
	}
	(&teller{out: s.out, zone: time.UTC}).say("Wrote %s.", c.Out)
	return nil
}

type correctionTold struct {
	ID      string `arg:"" help:"The correction, or its first 6 digits and more."`
	Request string `help:"The request by which the recipient had it." required:"" placeholder:"ID"`
	dayFlag
}

// Help is the long help of the command.
func (correctionTold) Help() string {
	return "States that a recipient was told, so that the clock stops.\n\nExample:\n  suraag correction told 9d1c22e07a31 --request 46ba233a9b4f\n\n" + exitCodes
}

func (c *correctionTold) Run(s *stage) error {
	on, err := c.day(s)
	if err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	x, err := h.Tell(s.ctx, c.ID, c.Request, s.by(), on)
	if err != nil {
		return err
	}
	(&teller{out: s.out, zone: time.UTC}).correction(x)
	return nil
}
