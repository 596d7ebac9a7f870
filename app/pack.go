package app

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/casework/pack"
	"suraag/fault"
	"suraag/flow"
)

type packCmd struct {
	List   packList   `cmd:"" help:"Show the packs, who reviewed them, and until when."`
	Show   packShow   `cmd:"" help:"Show what a pack holds, with sources and what nobody has verified."`
	Add    packAdd    `cmd:"" help:"Add a pack of the unit's own."`
	Review packReview `cmd:"" help:"Record that you read a pack and stand for it."`
}

type packList struct{}

// Help is the long help of the command.
func (packList) Help() string {
	return "Packs hold the law's instruments and the directory of operators and platforms, each with its source and an end. No letter is made from a pack that nobody in the unit has reviewed, or whose review or term has ended.\n\nExample:\n  suraag pack list\n\n" + exitCodes
}

func (packList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	packs, err := h.Packs(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(packs))
	}
	t := s.table("pack", "title", "instruments", "addressees", "expires", "reviewed by", "review ends", "usable")
	for _, p := range packs {
		by, until, usable := "nobody", "", "yes"
		if p.Review != nil {
			by, until = p.Review.By, p.Until.Format("2 January 2006")
		}
		if p.Why != "" {
			usable = "no: " + p.Why
		}
		t.AppendRow(table.Row{p.ID, p.Title, len(p.Instruments), len(p.Addressees), p.Expires.String(), by, until, usable})
	}
	t.Render()
	return nil
}

type packShow struct {
	ID string `arg:"" help:"Name of the pack."`
}

// Help is the long help of the command.
func (packShow) Help() string {
	return "Shows every instrument and addressee with its source and date. A line that begins with \"verify\" is a fact that nobody has checked.\n\nExample:\n  suraag pack show in\n\n" + exitCodes
}

func (c *packShow) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	packs, err := h.Packs(s.ctx)
	if err != nil {
		return err
	}
	for _, p := range packs {
		if p.ID != c.ID {
			continue
		}
		if s.cli.JSON {
			return s.print(p)
		}
		(&teller{out: s.out, zone: time.UTC}).pack(p)
		return nil
	}
	return fault.WithHint(fault.Newf(fault.NotFound, "pack %q is not known", c.ID), "see suraag pack list")
}

func (w *teller) pack(p flow.PackInUse) {
	w.say("%s: %s", p.ID, p.Title)
	w.say("Expires %s. SHA-256 %s.", p.Expires, p.SHA256)
	switch {
	case p.Why != "":
		w.say("No letter can be made from it: %s.", p.Why)
	default:
		w.say("Reviewed by %s on %s; the review ends on %s.", p.Review.By, p.Review.At.Format("2 January 2006"), p.Until.Format("2 January 2006"))
	}
	for _, i := range p.Instruments {
		w.head(i.ID + ": " + i.Title)
		w.say("  %s about %s, by %s, to %s", i.Kind, i.About, strings.Join(i.Issuers, ", "), strings.Join(i.AddresseeKinds, ", "))
		w.say("  basis: %s", i.LegalBasis)
		w.say("  signed by: %s", i.WhoMaySign)
		for _, x := range []struct {
			words string
			days  int
		}{{"answer within", i.ReplyDays}, {"preserved for", i.KeepDays}, {"period to each side of the moment", i.PeriodDays}} {
			if x.days > 0 {
				w.say("  %s: %s", x.words, days(x.days))
			}
		}
		w.stated(i.Stated)
	}
	for _, a := range p.Addressees {
		w.head(a.ID + ": " + a.Name)
		w.say("  %s in %s, door: %s, logs in %s", a.Kind, a.Country, a.Door, a.Zone)
		if len(a.MustGive) > 0 {
			w.say("  must be given: %s", strings.Join(a.MustGive, "; "))
		}
		if a.Notes != "" {
			w.say("  %s", a.Notes)
		}
		w.stated(a.Stated)
	}
	for _, c := range p.Clocks {
		w.head(c.ID + ": " + c.Title)
		w.say("  %s from the %s", days(c.Days), c.From)
		w.stated(c.Stated)
	}
}

func (w *teller) stated(s pack.Stated) {
	mark := ""
	if s.Verified == pack.Known {
		mark = " (not read when this was drawn up)"
	}
	w.say("  source: %s, %s%s", s.Source, s.SourceDate, mark)
	for _, u := range s.Unverified {
		w.say("  verify: %s", u)
	}
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

type packAdd struct {
	File string `arg:"" help:"TOML file, or - for what comes in." placeholder:"FILE"`
}

// Help is the long help of the command.
func (packAdd) Help() string {
	return "Adds a pack of the unit's own: nodal offices, State orders, other jurisdictions. doc/packs.md tells the form. A pack of the same name as a shipped one takes its place. It has to be reviewed before it is used.\n\nExample:\n  suraag pack add our-directory.toml\n\n" + exitCodes
}

func (c *packAdd) Run(s *stage) error {
	in := s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fault.Newf(fault.NotFound, "%w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	p, err := h.AddPack(s.ctx, text, s.by())
	if err != nil {
		return err
	}
	(&teller{out: s.out, zone: time.UTC}).say("Added %q. Review it before it is used: suraag pack review %s", p.ID, p.ID)
	return nil
}

type packReview struct {
	ID   string `arg:"" help:"Name of the pack."`
	Note string `help:"What you compared it with." required:"" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (packReview) Help() string {
	return "Records, in your name and in the custody log, that you read the pack in its present text and compared it with the law or the addressees' own pages. The review holds for as many days as the pack says, and ends at once if the pack is changed.\n\nExample:\n  suraag pack review in --note \"compared with the Gazette\" --by \"legal adviser\"\n\n" + exitCodes
}

func (c *packReview) Run(s *stage) error {
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	p, err := h.ReviewPack(s.ctx, c.ID, "", s.by(), c.Note)
	if err != nil {
		return err
	}
	(&teller{out: s.out, zone: time.UTC}).say("Pack %q is reviewed by %s until %s.", p.ID, p.Review.By, p.Until.Format("2 January 2006"))
	return nil
}
