package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"suraag/custody/retain"
	"suraag/fault"
)

type retentionCmd struct {
	Show    retentionShow    `cmd:"" help:"Show the rules: for how long what is kept, and why."`
	Propose retentionPropose `cmd:"" help:"Ask for another person to erase the originals that are due."`
	Run     retentionRun     `cmd:"" help:"Erase what is due."`
}

// retentionFile is where a unit keeps its own rules, below the data folder.
var retentionFile = filepath.Join("tables", "retention.csv")

// retention gives the rules of the unit, or those that ship, and where they stand.
func retention(dir string) ([]retain.Rule, string, error) {
	path := filepath.Join(dir, retentionFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		rules, err := retain.Shipped()
		return rules, "", err
	}
	if err != nil {
		return nil, "", fault.Newf(fault.Unavailable, "rules %q: %w", path, err)
	}
	defer f.Close()
	rules, err := retain.Read(f)
	if err != nil {
		return nil, "", fault.Wrapf(err, "%s", path)
	}
	return rules, path, nil
}

type retentionShow struct {
	File bool `help:"Print the rules that ship as a file, to be copied to tables/retention.csv in the data folder and changed."`
}

// Help is the long help of the command.
func (retentionShow) Help() string {
	return `Shows for how many days what is kept, from when they count, and which law, standard or decision gives the number. The rules stand in tables/retention.csv in the data folder; without that file, those hold that ship with the program. A kind without a rule is kept for ever.

Examples:
  suraag retention show
  suraag retention show --file > data/tables/retention.csv

` + exitCodes
}

func (c *retentionShow) Run(s *stage) error {
	if c.File {
		_, err := s.out.Write(retain.ShippedText())
		return err
	}
	dir, err := s.data()
	if err != nil {
		return err
	}
	rules, path, err := retention(dir)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(rules))
	}
	if path == "" {
		path = "those that ship with the program"
	}
	fmt.Fprintf(s.out, "Rules: %s\n", path)
	for _, r := range rules {
		days := "for ever"
		if r.Days > 0 {
			days = fmt.Sprintf("%d days from %s", r.Days, r.From)
		}
		fmt.Fprintf(s.out, "  %-14s  %s\n                  %s", r.Kind, days, r.Basis)
		if r.Source != "" {
			fmt.Fprintf(s.out, " (%s)", r.Source)
		}
		fmt.Fprintf(s.out, ", as of %s\n", r.AsOf)
	}
	return nil
}

type retentionPropose struct {
	Authority string `required:"" help:"Law or order under which they are erased." placeholder:"WORDS"`
}

// Help is the long help of the command.
func (retentionPropose) Help() string {
	return `Names the originals that are due to be erased, for another person to erase exactly these. It changes nothing else, and is logged.

Example:
  suraag retention propose --authority "section 8(7) DPDP Act 2023, order of the SP of 3 March"

` + exitCodes
}

func (c *retentionPropose) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	rules, _, err := retention(h.dir)
	if err != nil {
		return err
	}
	p, err := h.ProposeErasure(s.ctx, rules, s.by(), c.Authority)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(p)
	}
	s.printItems(p.Items)
	fmt.Fprintf(s.out, "Another person erases these with: suraag retention run --proposal %s\n", p.ID)
	return nil
}

type retentionRun struct {
	DryRun   bool   `help:"List what would go and why, and change nothing."`
	Proposal string `help:"Erase the originals of this proposal, which another person made." placeholder:"ID"`
}

// Help is the long help of the command.
func (retentionRun) Help() string {
	return `Erases for good what has been kept for as long as its rule says: ended sign-ins, drafts, who the victims of ended complaints are. Originals go, with every record that came of them, only with a proposal of another person. What a case, complaint, lead, request, correction or export rests on is never erased by a rule.

Each erasure is logged, with the rule and who did it. The leaves of the custody log stay, so that everything else can still be proven, and suraag verify knows what was erased lawfully. A backup made before still holds what was erased.

Examples:
  suraag retention run --dry-run
  suraag retention run
  suraag retention run --proposal 5e1f0c9a77b2d310

` + exitCodes
}

// Erasing is what a run erased, or would, and what waits for a second person.
type Erasing struct {
	DryRun bool          `json:"dry_run"`
	Erased []retain.Item `json:"erased"` // of a dry run: what would go
	Waits  []retain.Item `json:"waits"`
}

func (c *retentionRun) Run(s *stage) error {
	if c.DryRun && c.Proposal != "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "a dry run carries out no proposal"), "leave out one of --dry-run and --proposal")
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	rules, _, err := retention(h.dir)
	if err != nil {
		return err
	}
	out := Erasing{DryRun: c.DryRun, Erased: []retain.Item{}, Waits: []retain.Item{}}
	if !c.DryRun {
		if out.Erased, err = h.Erase(s.ctx, rules, c.Proposal, s.by()); err != nil {
			return err
		}
		if err := s.untilDone(h, nil); err != nil {
			return err
		}
	}
	due, err := h.Due(s.ctx, rules)
	if err != nil {
		return err
	}
	for _, i := range due {
		if i.Kind.Original() {
			out.Waits = append(out.Waits, i)
		} else if c.DryRun {
			out.Erased = append(out.Erased, i)
		}
	}
	if s.cli.JSON {
		return s.print(out)
	}
	if c.DryRun {
		fmt.Fprintf(s.out, "Would go now: %d\n", len(out.Erased))
	} else {
		fmt.Fprintf(s.out, "Erased: %d\n", len(out.Erased))
	}
	s.printItems(out.Erased)
	if len(out.Waits) > 0 {
		fmt.Fprintf(s.out, "Originals that are due, for one person to propose and another to erase: %d\n", len(out.Waits))
		s.printItems(out.Waits)
	}
	return nil
}

func (s *stage) printItems(items []retain.Item) {
	for _, i := range items {
		id := i.ID
		if len(id) == 64 {
			id = id[:12]
		}
		fmt.Fprintf(s.out, "  %s %s: %s; that was %s\n", i.Kind, id, i.Why, i.Until.Format("2 January 2006"))
	}
}
