package app

import (
	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/actor"
	"suraag/sighting"
)

type actorCmd struct {
	Apart actorApart `cmd:"" help:"Hold two identifiers apart that records state together."`
	Undo  actorUndo  `cmd:"" help:"Take a word back."`
	List  actorList  `cmd:"" help:"Show every word, those that were taken back too."`
}

type actorApart struct {
	A   string `arg:"" help:"An identifier as suraag trace prints it, such as phone:+910000000001."`
	B   string `arg:"" help:"The other."`
	Why string `help:"The reason, which is kept and shown." required:""`
}

// Help is the long help of the command.
func (actorApart) Help() string {
	return `Says that two identifiers are not one someone, though records state them together: a number that was given out anew, a device that was sold. From then on no link between the two joins them, in any trace or bundle, and each says who parted them and why. If another chain of links still ties both, that is said too. The word is logged, and can be taken back.

Example:
  suraag actor apart phone:+910000000001 "account:example social:900000000000001" --why "the number was given out anew in January"

` + exitCodes
}

func (c *actorApart) Run(s *stage) error {
	a, err := sighting.ParseIdentifier(c.A)
	if err != nil {
		return err
	}
	b, err := sighting.ParseIdentifier(c.B)
	if err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	w, err := h.PartIdentifiers(s.ctx, a, b, s.by(), c.Why)
	if err != nil {
		return err
	}
	return s.parting(w)
}

type actorUndo struct {
	ID  string `arg:"" help:"ID of the word, or its first 6 digits and more."`
	Why string `help:"The reason, which is kept and shown." required:""`
}

// Help is the long help of the command.
func (actorUndo) Help() string {
	return "Takes a word back: the links between the two count again. Both the word and its taking back stay in the record and the log.\n\nExample:\n  suraag actor undo 3f1c8a5e2b90 --why \"the operator says that the number never changed hands\"\n\n" + exitCodes
}

func (c *actorUndo) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	w, err := h.TakeBackParting(s.ctx, c.ID, s.by(), c.Why)
	if err != nil {
		return err
	}
	return s.parting(w)
}

// parting prints a word.
func (s *stage) parting(w actor.Word) error {
	if s.cli.JSON {
		return s.print(w)
	}
	out := &teller{out: s.out}
	out.say("%s: %s and %s are held apart by %s: %q", w.ID[:12], w.A, w.B, w.By, w.Why)
	if !w.Holds() {
		out.say("  taken back by %s: %q", w.UndoneBy, w.UndoneWhy)
	}
	return nil
}

type actorList struct{}

// Help is the long help of the command.
func (actorList) Help() string {
	return "Shows what persons said of identifiers that records state together, the oldest first.\n\nExample:\n  suraag actor list\n\n" + exitCodes
}

func (c *actorList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	words, err := h.db.Partings(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(words))
	}
	t := s.table("word", "one", "other", "by", "on (UTC)", "why", "taken back")
	for _, w := range words {
		undone := ""
		if !w.Holds() {
			undone = w.UndoneBy + ": " + w.UndoneWhy
		}
		t.AppendRow(table.Row{w.ID[:12], w.A, w.B, w.By, w.At.Format("2 January 2006 15:04"), w.Why, undone})
	}
	t.Render()
	return nil
}
