// Package draft is a sighting in the making.
//
// Takes the words of one row or node of a document. Gives a sighting in which
// each word stands either in its place or, where it cannot be read, as it was
// written beside a note that says why. Never drops a stated word, and never holds
// more than its bounds.
package draft

import (
	"fmt"
	"slices"
	"strings"

	"suraag/instant"
	"suraag/sighting"
)

// What one record keeps beside its own fields.
const (
	maxExtra = 200
	maxNotes = 50
	maxValue = 8192 // bytes of one kept value
	maxIDs   = 1000 // identifiers of one side; a group can have a thousand members
)

// Draft is a sighting in the making. Its fields may be set as they are.
type Draft struct{ sighting.Sighting }

// New begins a sighting that stands at a place.
func New(at sighting.Place, act sighting.Act, standing sighting.Standing, service string) *Draft {
	d := &Draft{}
	d.Place, d.Act, d.Standing, d.Service = at, act, standing, service
	return d
}

// Keep stores a stated value that has no place of its own, under a name.
func (d *Draft) Keep(name, value string) {
	switch {
	case !sighting.Stated(value):
	case len(d.Extra) < maxExtra:
		d.Extra = append(d.Extra, sighting.Field{Name: Cut(name), Value: Cut(value)})
	case len(d.Extra) == maxExtra:
		d.Extra = append(d.Extra, sighting.Field{Name: "…", Value: "more stands in the original"})
	}
}

// Note says what a person has to know of the record.
func (d *Draft) Note(format string, args ...any) {
	if len(d.Notes) < maxNotes {
		d.Notes = append(d.Notes, strings.ToValidUTF8(fmt.Sprintf(format, args...), "\ufffd"))
	}
}

// Identify puts a value into one of the lists of identifiers (&d.Who, &d.To,
// &d.Via). One that cannot be read is kept under its name, and noted.
func (d *Draft) Identify(list *[]sighting.Identifier, kind sighting.IDKind, name, value string) bool {
	if !sighting.Stated(value) {
		return false
	}
	id, err := sighting.Identify(kind, d.Service, strings.ToValidUTF8(value, "\ufffd"))
	switch {
	case err != nil:
		d.Keep(name, value)
		d.Note("%s: %v", name, err)
		return false
	case len(*list) >= maxIDs:
		d.Keep(name, value)
		return false
	case !slices.Contains(*list, id):
		*list = append(*list, id)
	}
	return true
}

// Time reads a time. One that cannot be read is kept under its name, and noted.
func (d *Draft) Time(name, raw string, rule instant.Rule) {
	if !sighting.Stated(raw) {
		return
	}
	when, err := instant.Parse(raw, rule)
	if err != nil {
		d.Keep(name, raw)
		d.Note("%s: %v", name, err)
		return
	}
	d.When = when
}

// Address reads where the act came from. One that cannot be read is kept under
// its name, and noted; a bad port does not make the address wrong.
func (d *Draft) Address(name, ip, port string) {
	if !sighting.Stated(ip) {
		d.Keep(name+" port", port)
		return
	}
	if !sighting.Stated(port) {
		port = ""
	}
	from, err := sighting.ParseEndpoint(ip, port)
	if err != nil && port != "" {
		d.Keep(name+" port", port)
		d.Note("%s: %v", name, err)
		from, err = sighting.ParseEndpoint(ip, "")
	}
	if err != nil {
		d.Keep(name, ip)
		d.Note("%s: %v", name, err)
		return
	}
	d.From = from
}

// Cut bounds a value that is kept and makes it valid UTF-8.
func Cut(s string) string {
	if len(s) > maxValue {
		s = s[:maxValue] + "…"
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
