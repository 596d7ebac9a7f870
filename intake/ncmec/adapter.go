package ncmec

import (
	"fmt"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// entry is a listing in the making.
type entry struct {
	sighting.Listing
	first error // why the first fingerprint that could not be read was not
}

func (e *entry) keep(name, value string) {
	if sighting.Stated(value) {
		e.Extra = append(e.Extra, sighting.Field{Name: draft.Cut(name), Value: draft.Cut(value)})
	}
}

func (e *entry) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}

// listing makes the record of an image, a video, or the deletion of one. The
// problem is why the entry is worth nothing.
func listing(x *xmlwalk.Element, rule instant.Rule) (l sighting.Listing, problem error) {
	kind := entries[x.Name]
	e := &entry{}
	e.Scheme, e.MediaType, e.Withdrawn = Scheme, kind.media, kind.withdrawn
	for _, part := range x.Kids {
		switch part.Name {
		case "member", "id":
		case "timestamp":
			e.updated(part.Value(), rule)
		case "classification":
			e.Category = draft.Cut(part.Value())
		case "fingerprints":
			for _, f := range part.Kids {
				e.fingerprint(f)
			}
		case "feedback":
			for _, f := range part.Kids {
				e.feedback(f)
			}
		default:
			e.note("element %q is not known; its values are kept", draft.Cut(part.Name))
			xmlwalk.Flatten(part, part.Name, e.keep)
		}
	}
	return e.Listing, e.key(x)
}

// key is (member, entry): members number their entries by themselves.
func (e *entry) key(x *xmlwalk.Element) error {
	member, id := x.Kid("member"), x.Kid("id").Value()
	e.keep("member", member.Value())
	if number := member.Attr("id"); sighting.Stated(number) && id != "" {
		e.Ref = draft.Cut(number + "/" + id)
	} else {
		e.keep("member id", number)
		e.keep("id", id)
	}
	switch {
	case e.Withdrawn && e.Ref == "":
		return fault.Newf(fault.Invalid, "the deletion lacks the member's id (%q) or the entry's (%q), so it names no entry", member.Attr("id"), id)
	case e.Withdrawn:
		return nil
	case len(e.Digests) == 0 && e.first != nil:
		return e.first
	case len(e.Digests) == 0:
		return fault.Newf(fault.Invalid, "the entry has no fingerprint that can be compared")
	case e.Ref == "":
		e.note("the entry lacks the member's id or its own, so no deletion could take it back")
	}
	return nil
}

func (e *entry) updated(raw string, rule instant.Rule) {
	if raw == "" {
		return
	}
	when, err := instant.Parse(raw, rule)
	if err != nil {
		e.keep("timestamp", raw)
		e.note("timestamp: %v", err)
		return
	}
	e.Updated = when
}

// fingerprint reads one hash. A second value of a kind that differs cannot be of
// the same bytes, so it would join two contents into one.
func (e *entry) fingerprint(f *xmlwalk.Element) {
	value := f.Value()
	label, known := kinds[strings.ToLower(f.Name)]
	switch {
	case value == "" && f.Attr("href") != "":
		e.keep("fingerprint "+f.Name, f.Attr("href"))
		e.note("the %s of this entry lies behind a link, which is not followed", draft.Cut(f.Name))
		return
	case value == "" || !known:
		e.keep("fingerprint "+f.Name, value)
		return
	}
	d, doubt, err := digest.Read(label, value)
	if err != nil {
		e.keep("fingerprint "+f.Name, value)
		e.note("%v", err)
		if e.first == nil {
			e.first = err
		}
		return
	}
	if doubt != "" {
		e.note("%s: %s", f.Name, doubt)
	}
	for _, have := range e.Digests {
		if have.Kind() == d.Kind() && have != d {
			e.keep("fingerprint "+f.Name, value)
			e.note("a second %s is stated and not used", d.Kind())
			return
		}
		if have == d {
			return
		}
	}
	e.Digests = append(e.Digests, d)
}

// feedback keeps what members say of a fingerprint. Where they object to it, the
// listing carries the doubt: whoever relies on the entry has to see it.
func (e *entry) feedback(f *xmlwalk.Element) {
	name := "feedback " + strings.TrimSuffix(f.Name, "Feedback")
	if of := f.Attr("type"); of != "" {
		name += " " + of
	}
	var reasons []string
	for _, part := range f.Kids {
		for _, r := range append([]*xmlwalk.Element{part}, part.Kids...) {
			if r.Name == "reason" {
				reasons = append(reasons, r.Attr("name"))
			}
		}
	}
	xmlwalk.Flatten(f, name, e.keep)
	if f.Name == "negativeFeedback" {
		e.note("members object to the %s of this entry: %s", orWord(f.Attr("type"), "fingerprint"), orWord(draft.Cut(strings.Join(reasons, "; ")), "no reason stated"))
	}
}

func orWord(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
