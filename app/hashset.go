package app

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/custody"
	"suraag/flow"
	"suraag/hashset"
)

type hashsetCmd struct {
	Import  hashsetImport  `cmd:"" help:"Import a list of known hashes."`
	List    hashsetList    `cmd:"" help:"Show the lists."`
	Show    hashsetShow    `cmd:"" help:"Show where a list came from, and its versions."`
	Diff    hashsetDiff    `cmd:"" help:"Compare two versions of a list."`
	Retract hashsetRetract `cmd:"" help:"Take a list back whole, with every match that it alone made."`

	Negative   negativeCmd   `cmd:"" help:"Digests that must not alert."`
	Quarantine quarantineCmd `cmd:"" help:"Entries that match too much."`
}

type hashsetImport struct {
	File      string   `arg:"" help:"VICS hash set, INTERPOL ICSE CSV, or a plain CSV, TSV or TXT list." placeholder:"FILE"`
	Name      string   `help:"Name of the list." required:""`
	Source    string   `help:"Who gave it." required:""`
	Replaces  bool     `help:"It is the whole list anew: earlier versions of this name make no matches once it is live. Without this it adds to them."`
	Authority string   `help:"Under what it is held. Default: the giver's name." placeholder:"WORDS"`
	Declared  declared `embed:""`
}

// Help is the long help of the command.
func (hashsetImport) Help() string {
	return `Seals the list, reads it and lets it make matches. Bad rows are listed in a file with their reasons; they never stop the import. A later import under the same name is the next version of the list.

Examples:
  suraag hashset import set.json --name "Hotline 2025-02" --source "Example Hotline"
  suraag hashset import list.csv --name mine --source us --column md5=Hash --column category=Cat

` + exitCodes
}

func (c *hashsetImport) Run(s *stage) error {
	if err := hashset.Named(c.Name, c.Source); err != nil {
		return err
	}
	authority := c.Authority
	if authority == "" {
		authority = "list given by " + c.Source
	}
	if err := custody.NeedAuthority(authority); err != nil {
		return err
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	out, err := s.receive(h, []string{c.File}, true, func(string) flow.HandIn {
		return flow.HandIn{
			Name: filepath.Base(c.File), BroughtBy: s.by(), Authority: authority, Options: c.Declared.options(),
			List: hashset.Set{Name: c.Name, From: c.Source, Replaces: c.Replaces},
		}
	})
	if err != nil {
		return err
	}
	return s.printReceived(h, out)
}

type hashsetList struct{}

// Help is the long help of the command.
func (hashsetList) Help() string {
	return "Shows every list with who gave it, its state and its number of entries.\n\nExample:\n  suraag hashset list --json\n\n" + exitCodes
}

func (hashsetList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	sets, err := h.db.Sets(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(sets))
	}
	t := s.table("name", "version", "from", "state", "entries", "imported", "source", "reason")
	for _, x := range sets {
		t.AppendRow(table.Row{x.Name, x.Version, x.From, x.State, x.Entries, x.Imported.Format(time.DateOnly), x.Source[:12], x.Reason})
	}
	t.Render()
	return nil
}

type hashsetRetract struct {
	Name   string `arg:"" help:"Name, NAME@VERSION or ID of the list; a name alone means all its versions."`
	Reason string `help:"Why." required:""`
}

// Help is the long help of the command.
func (hashsetRetract) Help() string {
	return "Takes a list back whole. What it alone matched is matched no more, and leads that rested on it go. The original stays sealed and the retraction is recorded.\n\nExample:\n  suraag hashset retract \"Mistaken list\" --reason \"the giver withdrew it\"\n\n" + exitCodes
}

func (c *hashsetRetract) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	gone, err := h.Retract(s.ctx, c.Name, s.by(), c.Reason)
	if err != nil {
		return err
	}
	var ids []string
	for _, g := range gone {
		ids = append(ids, g.Source)
	}
	if err := s.settle(h, ids); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(gone))
	}
	for _, g := range gone {
		fmt.Fprintf(s.out, "Retracted %q from %s (%d entries): it makes no match any more.\n", g.Name, g.From, g.Entries)
	}
	return nil
}
