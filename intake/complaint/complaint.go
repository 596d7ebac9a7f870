// Package complaint reads the complaints that Suraag's own form writes.
//
// Takes the sealed document of one complaint. Gives one sighting for the
// complaint as a whole, one for each message that the accused is said to have
// written, and one for each image that is stated by its hash. Never names the
// victim: the document holds a reference only. All of it is what a person says,
// and stands as that.
package complaint

import (
	"bytes"
	"errors"
	"fmt"

	"suraag/digest"
	"suraag/fault"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// Name of the format; flow finds complaints by it.
const Name = "suraag/complaint"

// Format reads a complaint.
func Format() intake.Format {
	return intake.Format{
		Name: Name, Title: "complaint (Suraag's form)", Version: 1,
		Marks: `JSON with "suraag_complaint"`,
		Sniff: sniff, Read: read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	if bytes.Contains(h.Bytes, []byte(`"suraag_complaint"`)) && bytes.HasPrefix(bytes.TrimSpace(h.Bytes), []byte("{")) {
		return intake.Likeness{Score: 100, Why: "suraag_complaint"}
	}
	return intake.Likeness{Why: `there is no "suraag_complaint"`}
}

// A complaint is what one form holds; chat exports are files of their own.
const maxComplaint = 8 << 20

// rule is how the form reads times: as a phone in India shows them, by assumption.
func rule() instant.Rule {
	return instant.Rule{Zone: instant.IST(), Basis: instant.Assumed, Order: instant.DayFirst}
}

func read(in *intake.Input, sink intake.Sink) error {
	json, err := jsonwalk.New(in.Body, jsonwalk.Limits{Bytes: maxComplaint, Nodes: 20_000, Depth: 8})
	if err != nil {
		return err
	}
	root, err := json.Node()
	if over := (*jsonwalk.Oversize)(nil); errors.As(err, &over) {
		return fault.Newf(fault.TooLarge, "the complaint: %s", over.Why)
	}
	if err != nil {
		return err
	}
	if v := root.Get("suraag_complaint").Value(); v != "1" {
		return fault.Newf(fault.Invalid, `the complaint is of version %q; this reader knows version "1"`, draft.Cut(v))
	}
	g := &giving{sink: sink, root: root}
	for _, step := range []func() error{g.accused, g.whole, g.messages, g.digests, g.remarks, json.End} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type giving struct {
	sink intake.Sink
	root jsonwalk.Node
	who  []sighting.Identifier
}

func at(n jsonwalk.Node, locator string) sighting.Place {
	return sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
}

// accused gathers whom the complaint names; one that cannot be read is listed.
func (g *giving) accused() error {
	n := 0
	for kid := range g.root.Get("accused").Kids() {
		n++
		kind, value := kid.Get("kind").Value(), kid.Get("value").Value()
		id, err := identify(kind, kid.Get("service").Value(), value)
		if err != nil {
			if err := g.sink.Bad(at(kid, fmt.Sprintf("accused %d", n)), err.Error()); err != nil {
				return err
			}
			continue
		}
		g.who = append(g.who, id)
	}
	return nil
}

func identify(kind, service, value string) (sighting.Identifier, error) {
	for _, k := range sighting.IDKinds() {
		if string(k) == kind {
			if k == sighting.Phone {
				value = sighting.Indian(value)
			}
			return sighting.Identify(k, service, value)
		}
	}
	return sighting.Identifier{}, fault.Newf(fault.Invalid, "identifier kind %q is not known", draft.Cut(kind))
}

// begin makes a sighting of the complaint. Every station begins its numbers anew, so
// a number names a complaint only together with the station.
func (g *giving) begin(act sighting.Act, place sighting.Place, service string) *draft.Draft {
	d := draft.New(place, act, sighting.Statement, service)
	d.Who = g.who
	if number := g.root.Get("number").Value(); number != "" {
		name := "Complaint " + number
		for _, of := range []string{"station", "district"} {
			if v := g.root.Get(of).Value(); v != "" {
				name += ", " + v
			}
		}
		d.Identify(&d.Via, sighting.Case, "number", name)
	}
	return d
}

func (g *giving) give(d *draft.Draft) error {
	if err := g.sink.Sighting(d.Sighting); err != nil {
		return err
	}
	for _, text := range d.Notes {
		if err := g.sink.Note(d.Place, text); err != nil {
			return err
		}
	}
	return nil
}

// whole gives the complaint itself. The story stays in the original: it may name
// the child. The addresses are kept as words and never as where the act came from:
// nobody says when they were used, and the hour of the complaint is not it.
func (g *giving) whole() error {
	d := g.begin(sighting.Report, at(g.root, "the complaint"), "")
	d.Part = "complaint"
	d.Time("received", g.root.Get("received").Value(), instant.UTC())
	for _, name := range []string{"station", "district", "taken_by", "channel", "language", "age_band", "victim"} {
		d.Keep(name, g.root.Get(name).Value())
	}
	for _, list := range []string{"kinds", "heads", "danger", "attached", "addresses"} {
		for kid := range g.root.Get(list).Kids() {
			d.Keep(list, kid.Value())
		}
	}
	return g.give(d)
}

func (g *giving) messages() error {
	n := 0
	for kid := range g.root.Get("messages").Kids() {
		n++
		d := g.begin(sighting.Send, at(kid, fmt.Sprintf("message %d", n)), kid.Get("service").Value())
		d.Time("when", kid.Get("when").Value(), rule())
		d.Say(kid.Get("words").Text())
		if d.Text == "" {
			if err := g.sink.Bad(d.Place, "the message has no words"); err != nil {
				return err
			}
			continue
		}
		if err := g.give(d); err != nil {
			return err
		}
	}
	return nil
}

func (g *giving) digests() error {
	n := 0
	for kid := range g.root.Get("digests").Kids() {
		n++
		place := at(kid, fmt.Sprintf("digest %d", n))
		v, err := digest.Parse(kid.Value())
		if err != nil {
			if err := g.sink.Bad(place, err.Error()); err != nil {
				return err
			}
			continue
		}
		d := g.begin(sighting.Report, place, "")
		d.Time("received", g.root.Get("received").Value(), instant.UTC())
		d.Content.Digests = []digest.Digest{v}
		if err := g.give(d); err != nil {
			return err
		}
	}
	return nil
}

// known are the names of the form; others are listed.
var known = map[string]bool{
	"suraag_complaint": true, "number": true, "station": true, "district": true, "taken_by": true, "received": true, "channel": true, "language": true,
	"kinds": true, "heads": true, "victim": true, "age_band": true, "accused": true, "messages": true, "addresses": true, "digests": true, "danger": true,
	"story": true, "attached": true, "chat_names": true,
}

func (g *giving) remarks() error {
	for kid := range g.root.Kids() {
		if !known[kid.Name()] {
			if err := g.sink.Note(at(kid, draft.Cut(kid.Name())), fmt.Sprintf("%q is not known and not read", draft.Cut(kid.Name()))); err != nil {
				return err
			}
		}
	}
	for n := range jsonwalk.Twice(g.root) {
		if err := g.sink.Note(at(n, draft.Cut(n.Name())), fmt.Sprintf("%q stands twice in one object", draft.Cut(n.Name()))); err != nil {
			return err
		}
	}
	return nil
}
