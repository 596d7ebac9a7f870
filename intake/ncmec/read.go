package ncmec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// Format reads the answer to a query for entries.
func Format() intake.Format {
	return intake.Format{
		Name: "ncmec/hashsharing", Title: "NCMEC Hash Sharing entries (XML)", Version: 1,
		Marks: "XML with the root queryResult and, under it, images or videos",
		Sniff: sniff, Read: read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	root := xmlwalk.Root(h.Bytes)
	switch {
	case root == nil:
		return intake.Likeness{Why: "it does not begin as XML does"}
	case root.Name != "queryResult":
		return intake.Likeness{Why: "its root is not queryResult"}
	case bytes.Contains(h.Bytes, []byte("hashsharing")):
		return intake.Likeness{Score: 100, Why: "the root queryResult of hash sharing"}
	case bytes.Contains(h.Bytes, []byte("<images")) || bytes.Contains(h.Bytes, []byte("<videos")):
		return intake.Likeness{Score: 70, Why: "the root queryResult with images or videos"}
	}
	return intake.Likeness{Score: 30, Why: "its queryResult has neither images nor videos"}
}

// reading is one reading of one file.
type reading struct {
	in   *intake.Input
	sink intake.Sink
	xml  *xmlwalk.Reader
	root *xmlwalk.Element
}

func read(in *intake.Input, sink intake.Sink) error {
	r := &reading{in: in, sink: sink, xml: xmlwalk.New(in.Body, limits())}
	root, _, err := r.xml.Next()
	switch {
	case err == io.EOF:
		return fault.Newf(fault.Invalid, "the file holds no element")
	case err != nil:
		return err
	case root.Name != "queryResult":
		return fault.Newf(fault.Invalid, "the root %q is not queryResult", draft.Cut(root.Name))
	}
	r.root = root
	groups := 0
	for {
		e, start, err := r.xml.Next()
		if err != nil {
			return err
		}
		if !start {
			return r.end(e, groups)
		}
		switch e.Name {
		case "images", "videos":
			groups++
			err = r.group(e)
		case "paging":
			err = r.paging(e)
		default:
			err = r.passed(e, fmt.Sprintf("element %q is not known and not read", draft.Cut(e.Name)))
		}
		if err != nil {
			return err
		}
	}
}

// end says what the file as a whole leaves open.
func (r *reading) end(last *xmlwalk.Element, groups int) error {
	at := sighting.Place{Start: r.root.Start, End: last.End, Locator: "/queryResult"}
	if groups == 0 {
		if err := r.sink.Note(at, "the answer has neither images nor videos"); err != nil {
			return err
		}
	}
	if n, first := r.xml.Replaced(); n > 0 {
		at := sighting.Place{Start: first, End: first + 1, Locator: "/queryResult"}
		if err := r.sink.Note(at, fmt.Sprintf("%d characters that XML forbids were replaced by ?", n)); err != nil {
			return err
		}
	}
	e, _, err := r.xml.Next()
	switch {
	case err == io.EOF:
		return nil
	case err != nil:
		return err
	}
	return fault.Newf(fault.Invalid, "XML at byte %d: a second root %q follows the first", e.Start, draft.Cut(e.Name))
}

// group reads images or videos as a stream.
func (r *reading) group(g *xmlwalk.Element) error {
	for n := 0; ; n++ {
		e, start, err := r.xml.Next()
		if err != nil {
			return err
		}
		if !start {
			return r.counted(g, e, n)
		}
		locator := fmt.Sprintf("/queryResult/%s/%s[%d]", g.Name, draft.Cut(e.Name), n+1)
		if err := r.one(e, locator); err != nil {
			return err
		}
	}
}

// counted compares what the group says of itself with what was in it. A list that
// was cut short misses deletions too.
func (r *reading) counted(g, end *xmlwalk.Element, n int) error {
	at := sighting.Place{Start: g.Start, End: end.End, Locator: "/queryResult/" + g.Name}
	if stated := g.Attr("count"); stated != strconv.Itoa(n) {
		return r.sink.Note(at, fmt.Sprintf("%s: count says %q, the file holds %d", g.Name, draft.Cut(stated), n))
	}
	if n == 0 {
		return r.sink.Note(at, g.Name+": no entries")
	}
	return nil
}

func (r *reading) one(e *xmlwalk.Element, locator string) error {
	if _, known := entries[e.Name]; !known {
		return r.passed(e, fmt.Sprintf("element %q is no entry that is known", draft.Cut(e.Name)))
	}
	e, err := r.xml.Whole(e)
	if over := (*xmlwalk.Oversize)(nil); errors.As(err, &over) {
		return r.sink.Bad(sighting.Place{Start: over.Start, End: over.End, Locator: locator}, over.Why)
	}
	if err != nil {
		return err
	}
	at := sighting.Place{Start: e.Start, End: e.End, Locator: locator}
	l, problem := listing(e, r.in.Options.Rule())
	return draft.List(r.sink, at, l, problem)
}

// paging says that the list goes on elsewhere.
func (r *reading) paging(e *xmlwalk.Element) error {
	whole, err := r.xml.Whole(e)
	if over := (*xmlwalk.Oversize)(nil); errors.As(err, &over) {
		return r.sink.Bad(sighting.Place{Start: over.Start, End: over.End, Locator: "/queryResult/paging"}, over.Why)
	}
	if err != nil {
		return err
	}
	next := whole.Kid("next").Value()
	if next == "" {
		return nil
	}
	at := sighting.Place{Start: whole.Start, End: whole.End, Locator: "/queryResult/paging"}
	return r.sink.Note(at, fmt.Sprintf("this is one page of the list; the next is %s", draft.Cut(next)))
}

// passed reads over an element that is not known, and says so.
func (r *reading) passed(e *xmlwalk.Element, text string) error {
	if err := r.xml.Over(); err != nil {
		return err
	}
	return r.sink.Bad(sighting.Place{Start: e.Start, End: r.xml.Offset(), Locator: "/" + draft.Cut(e.Name)}, text)
}
