package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"suraag/app/demo"
	"suraag/casework"
	"suraag/casework/legal"
	"suraag/fault"
	"suraag/flow"
	"suraag/hashset"
	"suraag/media"
	"suraag/network"
)

type demoCmd struct {
	Once bool   `help:"Print the trace and end; do not serve."`
	Addr string `help:"Where to serve the pages." default:"127.0.0.1:8473"`
}

// Help is the long help of the command.
func (demoCmd) Help() string {
	return `Loads a made investigation with made pictures into a fresh folder, prints the trace of its picture and serves the pages on this machine until stopped. All names, numbers and addresses in it are invented or set aside for documentation.

Examples:
  suraag demo --once
  suraag demo --data ./try

` + exitCodes
}

func (c *demoCmd) Run(s *stage) error {
	if err := s.freshFolder(); err != nil {
		return err
	}
	s.env["SURAAG_NOW"] = demo.Now().Format("2006-01-02T15:04:05Z07:00")
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	if err := s.loadDemo(h); err != nil {
		return err
	}
	order, err := s.draftDemo(h)
	if err != nil {
		return err
	}
	t, err := s.tracePicture(h)
	if err != nil {
		return err
	}
	if err := s.complainDemo(h); err != nil {
		return err
	}
	if s.cli.JSON {
		if err := s.print(t); err != nil {
			return err
		}
	} else {
		zone, err := s.zone()
		if err != nil {
			return err
		}
		w := &teller{out: s.out, zone: zone}
		w.trace(t)
		w.head("Drafted, waiting for a second person")
		w.say("  %s Request %s: suraag request show %s", order.Sentence(), order.ID[:12], order.ID[:12])
	}
	if c.Once {
		return nil
	}
	fmt.Fprintf(s.err, "\nThe record is in %s. To ask more: suraag --data %s trace …, complaint list, series list, figures --year 2025\n", h.dir, h.dir)
	if err := loopback(c.Addr); err != nil {
		return err
	}
	return s.serve(h, plan{addr: c.Addr})
}

// draftDemo has the packs reviewed and drafts one order, as an officer would.
func (s *stage) draftDemo(h *house) (legal.Request, error) {
	text, err := demo.Pack()
	if err != nil {
		return legal.Request{}, err
	}
	if _, err := h.AddPack(s.ctx, text, demo.Counsel); err != nil {
		return legal.Request{}, err
	}
	for _, id := range []string{"in", "example"} {
		if _, err := h.ReviewPack(s.ctx, id, "", demo.Counsel, "made for this example"); err != nil {
			return legal.Request{}, err
		}
	}
	leads, err := h.db.Leads(s.ctx, 0)
	if err != nil {
		return legal.Request{}, err
	}
	for _, l := range leads {
		if l.Finding.Observation.Endpoint.IP.String() != demo.DemandAddress {
			continue
		}
		r, refusals, err := h.Draft(s.ctx, demo.Demand(l.ID))
		if err == nil && len(refusals) > 0 {
			err = refused(l.ID, refusals)
		}
		return r, err
	}
	return legal.Request{}, fault.Newf(fault.Internal, "the example has no lead at %s", demo.DemandAddress)
}

// complainDemo takes the complaints of the example and records what became of
// them. Their IDs differ from load to load: each names its victim by chance.
func (s *stage) complainDemo(h *house) error {
	complaints, err := demo.Complaints()
	if err != nil {
		return err
	}
	ids := make([]string, len(complaints))
	for n, c := range complaints {
		src, err := h.TakeComplaint(s.ctx, c.Form, c.Person, demo.Officer, "")
		if err != nil {
			return fault.Wrapf(err, "complaint %q of the example", c.Number)
		}
		ids[n] = src.ID
	}
	if err := s.settle(h, ids); err != nil {
		return err
	}
	for n, c := range complaints {
		for _, step := range c.Stages {
			reached, err := step.Reached()
			if err != nil {
				return err
			}
			if _, err := h.ReachStage(s.ctx, ids[n], reached); err != nil {
				return fault.Wrapf(err, "complaint %q of the example", c.Number)
			}
		}
	}
	return nil
}

// tracePicture asks about the example's first picture, as an officer would who
// has it.
func (s *stage) tracePicture(h *house) (casework.Trace, error) {
	zone, err := s.zone()
	if err != nil {
		return casework.Trace{}, err
	}
	picture := demo.Picture()
	p, err := media.Fingerprint(s.ctx, bytes.NewReader(picture), int64(len(picture)), media.DefaultLimits())
	if err != nil {
		return casework.Trace{}, err
	}
	return h.TraceImage(s.ctx, "original.jpg", p, zone)
}

// freshFolder makes a folder of its own for the example, so that it never mixes
// with a record in use.
func (s *stage) freshFolder() error {
	if s.cli.DB != "" {
		return fault.WithHint(fault.Newf(fault.Denied, "the example is loaded into a fresh folder, not into %q", s.cli.DB), "leave --db out")
	}
	if s.cli.Data == "" {
		dir, err := os.MkdirTemp("", "suraag-demo-")
		if err != nil {
			return fault.As(fault.Unavailable, err)
		}
		s.cli.Data = dir
		return nil
	}
	if exists(filepath.Join(s.cli.Data, "suraag.db")) {
		err := fault.Newf(fault.Conflict, "%q holds a record already", s.cli.Data)
		return fault.WithHint(err, "give an empty folder, or leave --data out")
	}
	return nil
}

// loadDemo hands the example in as an officer would, file by file.
func (s *stage) loadDemo(h *house) error {
	files, err := demo.Files()
	if err != nil {
		return err
	}
	var sources []string
	for _, f := range files {
		id, err := s.handInDemo(h, f)
		if err != nil {
			return fault.Wrapf(err, "example file %q", f.Name)
		}
		sources = append(sources, id)
	}
	return s.settle(h, sources)
}

func (s *stage) handInDemo(h *house, f demo.File) (string, error) {
	if f.Purpose == demo.Network {
		day, err := asOf(f.AsOf)
		if err != nil {
			return "", err
		}
		set, bad, err := h.ImportNetwork(s.ctx, flow.AddressData{
			Kind: network.DataKind(f.NetworkKind), Name: f.Name, AsOf: day, BroughtBy: f.BroughtBy, Authority: f.Authority, From: "example", Licence: "CC0-1.0",
		}, bytes.NewReader(f.Bytes))
		if err == nil && len(bad) > 0 {
			err = fault.Newf(fault.Invalid, "line %d: %s", bad[0].Line, bad[0].Reason)
		}
		return set.SHA256, err
	}
	in := flow.HandIn{Name: f.Name, BroughtBy: f.BroughtBy, Authority: f.Authority, Options: flow.Declared{Zone: f.Zone, Service: f.Service}}
	if f.Purpose == demo.HashSet {
		in.List = hashset.Set{Name: f.HashSetName, From: f.HashSetFrom}
	}
	src, _, err := h.Receive(s.ctx, in, bytes.NewReader(f.Bytes))
	return src.ID, err
}
