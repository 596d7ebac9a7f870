package app

import (
	"context"
	"fmt"

	"suraag/casework/legal"
	"suraag/custody"
	"suraag/intake"
	"suraag/sighting"
)

type sourceCmd struct {
	List sourceList `cmd:"" help:"Show the sealed originals."`
	Show sourceShow `cmd:"" help:"Show an original's receipt, and the words at a place in it."`
}

type sourceList struct{}

// Help is the long help of the command.
func (sourceList) Help() string {
	return "Shows every sealed original with what came of reading it.\n\nExample:\n  suraag source list\n\n" + exitCodes
}

func (sourceList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	sources, err := h.db.Sources(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(sources))
	}
	t := s.table("source", "name", "bytes", "state", "authority", "sealed")
	for _, x := range sources {
		t.AppendRow([]any{x.ID[:12], x.Name, x.Size, x.State, x.Authority, x.SealedAt.Format("2 Jan 2006 15:04:05 MST")})
	}
	t.Render()
	return nil
}

type sourceShow struct {
	ID string `arg:"" help:"SHA-256 of the original, or its first 6 digits and more."`
	At string `help:"Place in it, as a trace gives it: START-END or MEMBER!START-END." placeholder:"PLACE"`
}

// Help is the long help of the command.
func (sourceShow) Help() string {
	return "Shows who brought an original, when and under which authority, what came of reading it, and with --at the very bytes of a statement, marked, in their surroundings.\n\nExample:\n  suraag source show 3f1c8a5e2b90 --at 1893-2410\n\n" + exitCodes
}

// Shown is an original with the words at a place.
type Shown struct {
	custody.Source
	HandIns    []custody.HandIn `json:"hand_ins"`
	Superseded int64            `json:"superseded"` // records that a newer reader replaced; the older ones are kept
	At         string           `json:"at,omitempty"`
	Before     string           `json:"before,omitempty"`
	Quote      string           `json:"quote,omitempty"`
	After      string           `json:"after,omitempty"`
	Cut        bool             `json:"cut,omitempty"`
}

func (c *sourceShow) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	src, err := h.db.FindSource(s.ctx, c.ID)
	if err != nil {
		return err
	}
	shown := Shown{Source: src, At: c.At}
	if shown.HandIns, err = h.db.HandIns(s.ctx, src.ID); err != nil {
		return err
	}
	if shown.Superseded, err = h.db.CountSuperseded(s.ctx, src.ID); err != nil {
		return err
	}
	if c.At != "" {
		place, err := sighting.ParsePlace(c.At)
		if err != nil {
			return err
		}
		before, text, after, cut, err := h.quote(s.ctx, src, place, 300)
		if err != nil {
			return err
		}
		shown.Before, shown.Quote, shown.After, shown.Cut = legal.Legible(before), legal.Legible(text), legal.Legible(after), cut
	}
	if err := h.saw(s.ctx, "source "+src.ID, s.by(), shown); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(shown)
	}
	s.printSource(shown)
	return nil
}

func (s *stage) printSource(x Shown) {
	w := &teller{out: s.out}
	w.say("Source %s", x.ID)
	w.say("  name       %s (%d bytes)", x.Name, x.Size)
	for _, in := range x.HandIns {
		w.say("  handed in  %s by %s, under %s, as %q", in.At.Format("2 January 2006 15:04:05 MST"), in.BroughtBy, in.Authority, in.Name)
	}
	w.say("  state      %s", x.State)
	if x.Problem != "" {
		w.say("  problem    %s", x.Problem)
	}
	if x.Superseded > 0 {
		w.say("  superseded %d records were replaced by those of a newer reader; the older ones are kept", x.Superseded)
	}
	if x.At != "" {
		w.head("At " + x.At)
		fmt.Fprintf(s.out, "%s⟦%s⟧%s\n", x.Before, x.Quote, x.After)
		if x.Cut {
			w.say("The statement goes on; only its first %d bytes are shown.", maxQuote)
		}
	}
}

// maxQuote bounds what is shown of one statement, in bytes.
const maxQuote = 16 << 10

// quote takes the bytes at a place out of a sealed original, with some before
// and after.
func (h *house) quote(ctx context.Context, src custody.Source, at sighting.Place, around int64) (before, text, after []byte, cut bool, err error) {
	o, err := h.Originals.Open(src.ID)
	if err != nil {
		return nil, nil, nil, false, err
	}
	defer o.Close()
	from := intake.Source{ID: src.ID, Name: src.Name, Size: o.Size(), Bytes: o}
	if text, cut, err = intake.Quote(from, at, maxQuote); err != nil {
		return nil, nil, nil, false, err
	}
	ahead := at
	ahead.Start, ahead.End = max(0, at.Start-around), at.Start
	if before, _, err = intake.Quote(from, ahead, around); err != nil {
		return nil, nil, nil, false, err
	}
	for n := around; n > 0 && !cut; n /= 2 { // the end of the file may be nearer
		behind := at
		behind.Start, behind.End = at.End, at.End+n
		if after, _, err = intake.Quote(from, behind, n); err == nil {
			break
		}
	}
	return before, text, after, cut, nil
}
