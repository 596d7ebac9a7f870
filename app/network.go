package app

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"suraag/fault"
	"suraag/flow"
	"suraag/network"
)

type networkCmd struct {
	Import networkImport `cmd:"" help:"Import address data."`
	List   networkList   `cmd:"" help:"Show the data sets and how old they are."`
}

type networkImport struct {
	File      string `arg:"" help:"MMDB, CSV, RIR delegated file, Tor exit list or address list." placeholder:"FILE"`
	Kind      string `help:"What it tells: asn, country, rir, tor, vpn, hosting, operators, ranges." required:""`
	AsOf      string `help:"Day for which its publisher says it speaks: 2025-02-28 or a full time." required:"" placeholder:"DATE"`
	Name      string `help:"Name of the list; the same name with a later day is a newer version. Default: the file's name." placeholder:"NAME"`
	From      string `help:"Where it was fetched: address, commit." placeholder:"WORDS"`
	Licence   string `help:"Licence under which it was published." placeholder:"WORDS"`
	Authority string `help:"Under what it is held." default:"published address data" placeholder:"WORDS"`
}

// Help is the long help of the command.
func (networkImport) Help() string {
	return `Imports a dated list. An address is looked up as of the day it was seen, so keep old lists: import each version with its own day. A list whose name begins with "example" speaks of documentation addresses only.

Examples:
  suraag network import asn.csv --kind asn --as-of 2025-02-28 --name ip-location-db/asn
  suraag network import 2025-02-28-exits --kind tor --as-of 2025-02-28 --name collector

` + exitCodes
}

func (c *networkImport) Run(s *stage) error {
	day, err := asOf(c.AsOf)
	if err != nil {
		return err
	}
	if c.Name == "" {
		c.Name = filepath.Base(c.File)
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	f, err := os.Open(c.File)
	if err != nil {
		return fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	set, bad, err := h.ImportNetwork(s.ctx, flow.AddressData{
		Kind: network.DataKind(c.Kind), Name: c.Name, AsOf: day, From: c.From, Licence: c.Licence, BroughtBy: s.by(), Authority: c.Authority,
	}, f)
	for n, b := range bad {
		if n == 20 {
			fmt.Fprintf(s.err, "… and %d more bad rows\n", len(bad)-n)
			break
		}
		fmt.Fprintf(s.err, "bad row, line %d: %s\n", b.Line, b.Reason)
	}
	if err != nil {
		return err
	}
	if err := s.settle(h, []string{set.SHA256}); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(struct {
			network.DataSet
			Bad []flow.BadLine `json:"bad"`
		}{set, list(bad)})
	}
	fmt.Fprintf(s.out, "Imported %q (%s, as of %s): %d ranges, %d bad rows.\n", set.Name, set.Kind, set.AsOf.Format("2 January 2006"), set.Ranges, len(bad))
	return nil
}

func asOf(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	err := fault.Newf(fault.Invalid, "day %q is neither like 2025-02-28 nor like 2025-02-28T00:00:00Z", text)
	return time.Time{}, fault.WithHint(err, "give --as-of")
}

type networkList struct{}

// Help is the long help of the command.
func (networkList) Help() string {
	return "Shows every data set with its day, age and hash.\n\nExample:\n  suraag network list\n\n" + exitCodes
}

func (networkList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	sets, err := h.db.DataSets(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(sets))
	}
	t := s.table("name", "kind", "as of", "age in days", "ranges", "SHA-256")
	for _, x := range sets {
		t.AppendRow(table.Row{x.Name, string(x.Kind), x.AsOf.Format(time.DateOnly), int(s.now().Sub(x.AsOf).Hours() / 24), x.Ranges, x.SHA256[:12]})
	}
	t.Render()
	return nil
}
