package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/casework/complaint"
	"suraag/fault"
	"suraag/flow"
	"suraag/instant"
)

type complaintCmd struct {
	Form   complaintForm   `cmd:"" help:"Print an empty form to fill in."`
	Take   complaintTake   `cmd:"" help:"Take a complaint from a filled form."`
	List   complaintList   `cmd:"" help:"Show the queue, rescue first."`
	Show   complaintShow   `cmd:"" help:"Show one complaint, its turn and what ties it to others."`
	Stage  complaintStage  `cmd:"" help:"Record what became of a complaint."`
	Victim complaintVictim `cmd:"" help:"Show who the victim is; say why, it is logged."`
}

// taken is what a form file holds: the complaint, and who the victim is.
type taken struct {
	complaint.Form
	Person complaint.Victim `json:"person"`
}

type complaintForm struct{}

// Help is the long help of the command.
func (complaintForm) Help() string {
	return "Prints an empty form as JSON, with the codes that may be chosen. The page /complaint/new holds the same form.\n\nExample:\n  suraag complaint form > complaint.json\n\n" + exitCodes
}

func (complaintForm) Run(s *stage) error {
	dir, err := s.data()
	if err != nil {
		return err
	}
	zone, err := s.zone()
	if err != nil {
		return err
	}
	t, err := tables(dir, zone)
	if err != nil {
		return err
	}
	now := s.now()
	codes := func(name string) (out []string) {
		for _, r := range t.On(name, now) {
			out = append(out, r.Code)
		}
		return out
	}
	return s.print(taken{Form: complaint.Form{
		Received: now.UTC().Truncate(time.Minute), Channel: "in person", Language: "hi", Kinds: codes(complaint.Kinds), Heads: codes(complaint.Heads),
		AgeBand: strings.Join(codes(complaint.Ages), " or "), Danger: codes(complaint.Danger),
		Accused: []complaint.Stated{{Kind: "phone"}, {Kind: "handle"}, {Kind: "account"}, {Kind: "payment"}}, Messages: []complaint.Message{{}},
	}})
}

type complaintTake struct {
	File string `arg:"" help:"Filled form as JSON; - reads standard input." placeholder:"FILE"`
}

// Help is the long help of the command.
func (complaintTake) Help() string {
	return `Seals the complaint, keeps who the victim is apart and encrypted, and links the complaint with all others. What is wrong with the form is listed by field, all of it.

Example:
  suraag complaint take complaint.json

` + exitCodes
}

// maxForm bounds a form file, in bytes.
const maxForm = 1 << 20

func (c *complaintTake) Run(s *stage) error {
	in := s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fault.Newf(fault.NotFound, "form %q: %w", c.File, err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxForm+1))
	if err != nil {
		return fault.Newf(fault.Unavailable, "form %q: %w", c.File, err)
	}
	if len(text) > maxForm {
		return fault.WithHint(fault.Newf(fault.TooLarge, "form %q has more than %d bytes", c.File, maxForm), "hand long chats in as files of their own and name them under attached")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var form taken
	if err := d.Decode(&form); err != nil {
		return fault.WithHint(fault.Newf(fault.Invalid, "form %q: %w", c.File, err), "suraag complaint form prints an empty one")
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	src, err := h.TakeComplaint(s.ctx, form.Form, form.Person, s.by(), "")
	var wrong *flow.Wrong
	if errors.As(err, &wrong) && len(wrong.Problems) > 1 {
		for _, p := range wrong.Problems {
			fmt.Fprintf(s.err, "%s: %s\n", p.Field, p.Words)
		}
	}
	if err != nil {
		return err
	}
	if err := s.settle(h, []string{src.ID}); err != nil {
		return err
	}
	return s.tellComplaint(h, src.ID)
}

// findComplaint gives the complaint that a prefix of its ID names.
func (s *stage) findComplaint(h *house, prefix string) (string, error) {
	src, err := h.db.FindSource(s.ctx, prefix)
	if err != nil {
		return "", err
	}
	if _, err := h.db.Complaint(s.ctx, src.ID); err != nil {
		return "", err
	}
	return src.ID, nil
}

type complaintList struct {
	All bool `help:"Also those on which work has ended."`
}

// Help is the long help of the command.
func (complaintList) Help() string {
	return "Shows complaints in the order in which they should be taken up: present danger first, then new material, then the same offender again, then nearness, age and day. Each digit of the key is one of these; suraag complaint show tells the reasons.\n\nExample:\n  suraag complaint list\n\n" + exitCodes
}

func (c *complaintList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	queue, err := h.ComplaintQueue(s.ctx, c.All)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(queue))
	}
	t := s.table("complaint", "number", "kinds", "age", "turn", "others of the series", "waiting", "stage")
	for _, w := range queue {
		last := "taken"
		if st := w.Standing(); len(st) > 0 {
			last = st[len(st)-1].Name
		}
		t.AppendRow(table.Row{w.Source[:12], w.Form.Number, strings.Join(w.Form.Kinds, ", "), w.Form.AgeBand, w.Turn.Key, w.Others, complaint.Waited(w.Form.Received, s.now()), last})
	}
	t.Render()
	return nil
}

type complaintShow struct {
	ID string `arg:"" help:"ID of the complaint, or its first digits."`
}

// Help is the long help of the command.
func (complaintShow) Help() string {
	return "Shows one complaint: why it stands where it stands in the queue, what speaks against that, what to ask, and every tie to other complaints with its reason.\n\nExample:\n  suraag complaint show 3f1c8a5e\n\n" + exitCodes
}

func (c *complaintShow) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	id, err := s.findComplaint(h, c.ID)
	if err != nil {
		return err
	}
	return s.tellComplaint(h, id)
}

func (s *stage) tellComplaint(h *house, id string) error {
	w, err := h.ComplaintTurn(s.ctx, id)
	if err != nil {
		return err
	}
	ties, err := h.TiesOf(s.ctx, id)
	if err != nil {
		return err
	}
	if err := h.saw(s.ctx, "complaint "+id, s.by(), w.Turn); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(struct {
			complaint.Waiting
			Ties any `json:"ties"`
		}{w, list(ties)})
	}
	zone, err := s.zone()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Complaint %s %s, received %s\n", id[:12], w.Form.Number, instant.At(w.Form.Received).In(zone))
	for _, k := range w.Form.Kinds {
		fmt.Fprintf(s.out, "  %s\n", h.Tables.Label(complaint.Kinds, k, w.Form.Received))
	}
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(s.out, "%s\n", title)
		}
		for _, l := range lines {
			fmt.Fprintf(s.out, "  - %s\n", l)
		}
	}
	fmt.Fprintf(s.out, "Turn %s\n", w.Turn.Key)
	section("Why it should be taken up", w.Turn.Reasons)
	section("What speaks for a later turn", w.Turn.Against)
	section("Ask", w.Turn.Missing)
	var tied, stages []string
	for _, t := range ties {
		other := t.A
		if other == id {
			other = t.B
		}
		tied = append(tied, fmt.Sprintf("%s (%s): %s", other[:12], t.Strength, t.Reason))
	}
	section("Tied to", tied)
	for _, st := range w.Stages {
		stages = append(stages, strings.TrimSpace(fmt.Sprintf("%d. %s on %s, recorded by %s %s", st.Seq, st.Name, st.At.In(zone).Format("2 January 2006"), st.By, st.Words)))
	}
	section("Stages", stages)
	return nil
}

type complaintStage struct {
	ID      string `arg:"" help:"ID of the complaint, or its first digits."`
	Name    string `arg:"" help:"registered, demanded, replied, identified, rescued, arrested, \"charge sheet\", convicted, discharged, acquitted, closed, or \"taken back\"."`
	On      string `help:"Day on which it happened. Default: today." placeholder:"2025-02-28"`
	Persons int    `help:"How many persons, where persons are counted."`
	Words   string `help:"Number of the FIR; why it is closed; why a stage is taken back."`
	Reason  string `help:"Of a closure: no-offence, not-found, withdrawn, transferred, duplicate or false."`
	Stage   int64  `help:"Which stage is taken back."`
}

// Help is the long help of the command.
func (complaintStage) Help() string {
	return `Records a step. Nothing is overwritten: a mistaken stage is taken back by another, with a reason. A complaint is closed with a reason and an explanation.

Examples:
  suraag complaint stage 3f1c8a5e registered --words "FIR 12/2025"
  suraag complaint stage 3f1c8a5e "taken back" --stage 1 --words "entered for another complaint"

` + exitCodes
}

func (c *complaintStage) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	id, err := s.findComplaint(h, c.ID)
	if err != nil {
		return err
	}
	at := s.now()
	if c.On != "" {
		zone, err := s.zone()
		if err != nil {
			return err
		}
		if at, err = time.ParseInLocation(time.DateOnly, c.On, zone); err != nil {
			return fault.Newf(fault.Invalid, "day %q is not of the form 2025-02-28", c.On)
		}
	}
	st, err := h.ReachStage(s.ctx, id, complaint.Stage{Name: c.Name, At: at, By: s.by(), Persons: c.Persons, Words: c.Words, Reason: c.Reason, TakesBack: c.Stage})
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(st)
	}
	fmt.Fprintf(s.out, "Stage %d of %s: %s.\n", st.Seq, id[:12], st.Name)
	return nil
}

type complaintVictim struct {
	ID  string `arg:"" help:"ID of the complaint, or its first digits."`
	Why string `help:"What it is needed for." required:""`
}

// Help is the long help of the command.
func (complaintVictim) Help() string {
	return "Shows who the victim of a complaint is. It needs the unit's key, and is logged with your name and reason.\n\nExample:\n  suraag complaint victim 3f1c8a5e --why \"to call the mother\"\n\n" + exitCodes
}

func (c *complaintVictim) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	id, err := s.findComplaint(h, c.ID)
	if err != nil {
		return err
	}
	v, err := h.ShowVictim(s.ctx, id, s.by(), c.Why)
	if err != nil {
		return err
	}
	return s.print(v)
}
