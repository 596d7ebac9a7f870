package vics

import (
	"fmt"
	"strings"

	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// theCase is what a Case says of itself (formats.md §1.3).
type theCase struct {
	number, id, seized, program string
	total                       string
	md5                         bool // it has a hash, so it is none
	given                       bool // its media were read already
}

// via names the case, by its number before its GUID.
func (c *theCase) via() []sighting.Identifier {
	for _, value := range []string{c.number, c.id} {
		if id, err := sighting.Identify(sighting.Case, "", value); err == nil {
			return []sighting.Identifier{id}
		}
	}
	return nil
}

func (c *theCase) fields() []sighting.Field {
	var out []sighting.Field
	if via := c.via(); c.number != "" && (len(via) == 0 || via[0].Value != c.number) {
		out = append(out, sighting.Field{Name: "CaseNumber", Value: c.number})
	}
	for _, f := range []sighting.Field{{Name: "CaseID", Value: c.id}, {Name: "SeizureDate", Value: c.seized}, {Name: "SourceApplicationName", Value: c.program}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// oneCase reads one Case as a stream: its Media can be millions.
func (r *reading) oneCase(number int) error {
	locator := fmt.Sprintf("$.value[%d]", number)
	if r.json.Kind() != jsonwalk.Object {
		n, err := r.node(locator)
		if err != nil || n.Kind() == jsonwalk.Absent {
			return err
		}
		return r.sink.Bad(place(n, locator), fmt.Sprintf("%q stands where a case was expected", cut(n.Text())))
	}
	r.inCase = &theCase{}
	if err := r.json.Enter(); err != nil {
		return err
	}
	start, count := r.json.Offset()-1, -1
	for r.json.More() {
		n, err := r.caseMember(locator)
		if err != nil {
			return err
		}
		if n >= 0 {
			count = max(count, 0) + n
		}
	}
	if err := r.json.Leave(); err != nil {
		return err
	}
	return r.judge(sighting.Place{Start: start, End: r.json.Offset(), Locator: locator}, count)
}

// judge compares what a case says of itself with what was in it.
func (r *reading) judge(at sighting.Place, count int) error {
	switch {
	case count < 0 && r.inCase.md5:
		return r.sink.Bad(at, "this is a medium, not a case; read the file as vics/hashset")
	case count < 0:
		return r.sink.Note(at, "the case has no Media list")
	case r.inCase.total != "" && r.inCase.total != fmt.Sprint(count):
		return r.sink.Note(at, fmt.Sprintf("TotalMediaFiles says %q, the case lists %d media", cut(r.inCase.total), count))
	}
	return nil
}

// caseMember reads one member of a Case. It gives how many media there were, -1
// where the member is another.
func (r *reading) caseMember(locator string) (count int, err error) {
	name, err := r.json.Name()
	if err != nil {
		return -1, err
	}
	if name == "Media" && r.json.Kind() == jsonwalk.List {
		defer func() { r.inCase.given = true }()
		err = r.list(func(number int) error {
			count = number + 1
			return r.oneMedia(fmt.Sprintf("%s.Media[%d]", locator, number))
		})
		return count, err
	}
	n, err := r.node(locator + "." + name)
	if err != nil || !n.Stated() {
		return -1, err
	}
	if r.inCase.given && (name == "CaseNumber" || name == "CaseID") {
		err = r.sink.Note(place(n, locator+"."+name), name+" stands after the media of the case, which were read without it")
	}
	if err != nil {
		return -1, err
	}
	return -1, r.caseWord(name, n)
}

func (r *reading) caseWord(name string, n jsonwalk.Node) error {
	c := r.inCase
	switch name {
	case "CaseNumber":
		c.number = strings.TrimSpace(cut(n.Value()))
	case "CaseID":
		c.id = cut(n.Value())
	case "SeizureDate":
		c.seized = cut(n.Value())
	case "SourceApplicationName":
		c.program = cut(n.Value())
	case "TotalMediaFiles":
		c.total = n.Value()
	case "MD5":
		c.md5 = true
	case "SourceApplicationVersion", "ContactOrganization", "ContactName", "ContactPhone", "ContactEmail", "ContactTitle",
		"TotalPrecategorized", "CaseMetadata":
		// Of the officer and the tool, not of what was found.
	default:
		if !noise(name) {
			return r.unknown(n)
		}
	}
	return nil
}

// oneMedia reads one Media of a case.
func (r *reading) oneMedia(locator string) error {
	n, err := r.node(locator)
	if err != nil || n.Kind() == jsonwalk.Absent {
		return err
	}
	ok, err := r.words(n, locator)
	if !ok || err != nil {
		return err
	}
	at := place(n, locator)
	var refused error
	err = r.holds(&r.media, func(s sighting.Sighting) error {
		refused = r.sink.Sighting(s)
		return refused
	})
	switch {
	case refused != nil:
		return refused
	case err != nil:
		return r.sink.Bad(at, err.Error())
	}
	return r.doubts(at, r.media.notes)
}
