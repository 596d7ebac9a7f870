package draft

import (
	"fmt"
	"strings"

	"suraag/digest"
	"suraag/instant"
	"suraag/intake"
	"suraag/sighting"
)

// Entry is a listing in the making. Its fields may be set as they are.
type Entry struct {
	sighting.Listing
	Problem string // why the first hash that could not be read was not
}

// Keep stores a stated value that has no place of its own, under a name.
func (e *Entry) Keep(name, value string) {
	switch {
	case !sighting.Stated(value):
	case len(e.Extra) < maxExtra:
		e.Extra = append(e.Extra, sighting.Field{Name: Cut(name), Value: Cut(value)})
	case len(e.Extra) == maxExtra:
		e.Extra = append(e.Extra, sighting.Field{Name: "…", Value: "more stands in the original"})
	}
}

// Note says what a person has to know of the entry.
func (e *Entry) Note(format string, args ...any) {
	if len(e.Notes) < maxNotes {
		e.Notes = append(e.Notes, Cut(fmt.Sprintf(format, args...)))
	}
}

// Time reads when the entry was last changed. One that cannot be read is kept
// under its name, and noted.
func (e *Entry) Time(name, raw string, rule instant.Rule) {
	if !sighting.Stated(raw) {
		return
	}
	when, err := instant.Parse(raw, rule)
	if err != nil {
		e.Keep(name, raw)
		e.Note("%s: %v", name, err)
		return
	}
	e.Updated = when
}

// Digest reads a hash; label is the kind that the list says it is. One that
// cannot be read is kept under its name, and noted. So is a second value of a
// kind that differs from the first: it cannot be of the same bytes, and would
// join two contents into one.
func (e *Entry) Digest(name, label, value string) {
	if !sighting.Stated(value) {
		return
	}
	d, doubt, err := digest.Read(label, value)
	if err != nil {
		e.Keep(name, value)
		e.Note("%v", err)
		if e.Problem == "" {
			e.Problem = err.Error()
		}
		return
	}
	if doubt != "" {
		e.Note("%s: %s", name, doubt)
	}
	for _, have := range e.Digests {
		switch {
		case have == d:
			return
		case have.Kind() == d.Kind():
			e.Keep(name, value)
			e.Note("a second %s is stated and not used", d.Kind())
			return
		}
	}
	e.Digests = append(e.Digests, d)
}

// Lacks says why the entry is worth nothing, if it is: it lists no hash that can
// be compared, or takes back an entry that it does not name.
func (e *Entry) Lacks() string {
	switch {
	case e.Withdrawn && e.Ref == "":
		return "the entry is taken back without its number, so nothing tells which"
	case e.Withdrawn || len(e.Digests) > 0:
		return ""
	case e.Problem != "":
		return e.Problem
	}
	return "the entry has no hash that can be compared"
}

// Number sets the list's own number of the entry.
func (e *Entry) Number(ref string) { e.Ref = Cut(strings.TrimSpace(ref)) }

// List gives a listing that stands at a place to the sink, with its notes beside
// it, or lists the problem for which there is none.
func List(sink intake.Sink, at sighting.Place, l sighting.Listing, problem string) error {
	if problem != "" {
		return sink.Bad(at, problem)
	}
	l.Place = at
	if err := sink.Listing(l); err != nil {
		return err
	}
	for _, text := range l.Notes {
		if err := sink.Note(at, text); err != nil {
			return err
		}
	}
	return nil
}
