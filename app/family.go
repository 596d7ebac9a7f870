package app

import (
	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/casework"
	"suraag/digest"
)

type familyCmd struct {
	Apart    familyApart    `cmd:"" help:"Hold two contents apart that look alike."`
	Together familyTogether `cmd:"" help:"Hold two contents together that no distance joins."`
	Undo     familyUndo     `cmd:"" help:"Take a word back."`
	List     familyList     `cmd:"" help:"Show every word, those that were taken back too."`
}

type familyPair struct {
	A   string `arg:"" help:"A SHA-256, SHA-1 or MD5 of the one content."`
	B   string `arg:"" help:"The same of the other."`
	Why string `help:"The reason, which is kept and shown." required:""`
}

type familyApart struct{ familyPair }

type familyTogether struct{ familyPair }

// Help is the long help of the command.
func (familyApart) Help() string {
	return `Says that two contents which look alike are not one picture. From then on neither stands in the trace of the other, which tells that it was left out, by whom and why; a list that knows one raises no alert for the other. The word is logged, and can be undone.

Example:
  suraag family apart sha256:… sha256:… --why "the same room, two different persons"

` + exitCodes
}

// Help is the long help of the command.
func (familyTogether) Help() string {
	return `Says that two contents are one picture though no distance shows it, such as a half of it. From then on each stands in the trace of the other, with who said so and why; a list that knows one raises no alert for the other by this word alone. The word is logged, and can be undone.

Example:
  suraag family together sha256:… sha256:… --why "left half of it, seen side by side"

` + exitCodes
}

func (c *familyApart) Run(s *stage) error { return c.decide(s, casework.Apart) }

func (c *familyTogether) Run(s *stage) error { return c.decide(s, casework.Together) }

func (c *familyPair) decide(s *stage, kind string) error {
	a, err := exact(c.A)
	if err != nil {
		return err
	}
	b, err := exact(c.B)
	if err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	k, err := h.DecideKinship(s.ctx, kind, a, b, s.by(), c.Why)
	if err != nil {
		return err
	}
	return s.word(h, k)
}

// exact reads a digest with its kind, or a bare one by its length.
func exact(text string) (digest.Digest, error) {
	if d, err := digest.Parse(text); err == nil {
		return d, nil
	}
	d, _, err := digest.Read("", text)
	return d, err
}

type familyUndo struct {
	ID  string `arg:"" help:"ID of the word, or its first 6 digits and more."`
	Why string `help:"The reason, which is kept and shown." required:""`
}

// Help is the long help of the command.
func (familyUndo) Help() string {
	return "Takes a word back: the trace is again as distances have it. Both the word and its undoing stay in the record and the log.\n\nExample:\n  suraag family undo 3f1c8a5e2b90 --why \"seen again in better quality\"\n\n" + exitCodes
}

func (c *familyUndo) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	k, err := h.UndoKinship(s.ctx, c.ID, s.by(), c.Why)
	if err != nil {
		return err
	}
	return s.word(h, k)
}

// word prints a word and has what it bears on weighed.
func (s *stage) word(h *house, k casework.Kinship) error {
	if err := h.WeighLeads(s.ctx); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(k)
	}
	w := &teller{out: s.out}
	w.say("%s: %s and %s are held %s by %s: %q", k.ID[:12], k.A, k.B, k.Kind, k.By, k.Why)
	if !k.Holds() {
		w.say("  undone by %s: %q", k.UndoneBy, k.UndoneWhy)
	}
	return nil
}

type familyList struct{}

// Help is the long help of the command.
func (familyList) Help() string {
	return "Shows what persons said of contents that look alike, or do not, the oldest first.\n\nExample:\n  suraag family list\n\n" + exitCodes
}

func (c *familyList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	words, err := h.db.Kinships(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(words))
	}
	t := s.table("word", "held", "one", "other", "by", "on (UTC)", "why", "undone")
	for _, k := range words {
		undone := ""
		if !k.Holds() {
			undone = k.UndoneBy + ": " + k.UndoneWhy
		}
		t.AppendRow(table.Row{k.ID[:12], k.Kind, brief(k.A.String()), brief(k.B.String()), k.By, k.At.Format("2 January 2006 15:04"), k.Why, undone})
	}
	t.Render()
	return nil
}
