package ncmec

import (
	"strings"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// listing makes the record of an image, a video, or the deletion of one. The
// problem is why the entry is worth nothing.
func listing(x *xmlwalk.Element, rule instant.Rule) (l sighting.Listing, problem string) {
	kind := entries[x.Name]
	e := &draft.Entry{}
	e.Scheme, e.MediaType, e.Withdrawn = Scheme, kind.media, kind.withdrawn
	for _, part := range x.Kids {
		switch part.Name {
		case "member", "id":
		case "timestamp":
			e.Time("timestamp", part.Value(), rule)
		case "classification":
			e.Category = draft.Cut(part.Value())
		case "fingerprints":
			for _, f := range part.Kids {
				fingerprint(e, f)
			}
		case "feedback":
			for _, f := range part.Kids {
				feedback(e, f)
			}
		default:
			e.Note("element %q is not known; its values are kept", draft.Cut(part.Name))
			xmlwalk.Flatten(part, part.Name, e.Keep)
		}
	}
	key(e, x)
	return e.Listing, e.Lacks()
}

// key is (member, entry): members number their entries by themselves.
func key(e *draft.Entry, x *xmlwalk.Element) {
	member, id := x.Kid("member"), x.Kid("id").Value()
	e.Keep("member", member.Value())
	if number := member.Attr("id"); sighting.Stated(number) && id != "" {
		e.Number(number + "/" + id)
		return
	}
	e.Keep("member id", member.Attr("id"))
	e.Keep("id", id)
	e.Note("the entry lacks the member's id or its own, so no deletion could take it back")
}

// fingerprint reads one hash. Large ones lie behind a link.
func fingerprint(e *draft.Entry, f *xmlwalk.Element) {
	name, value := "fingerprint "+f.Name, f.Value()
	label, known := kinds[strings.ToLower(f.Name)]
	switch {
	case value == "" && f.Attr("href") != "":
		e.Keep(name, f.Attr("href"))
		e.Note("the %s of this entry lies behind a link, which is not followed", f.Name)
	case known:
		e.Digest(name, label, value)
	default:
		e.Keep(name, value)
	}
}

// feedback keeps what members say of a fingerprint. Where they object to it, the
// listing carries the doubt: whoever relies on the entry has to see it.
func feedback(e *draft.Entry, f *xmlwalk.Element) {
	of := f.Attr("type")
	xmlwalk.Flatten(f, strings.TrimSpace("feedback "+strings.TrimSuffix(f.Name, "Feedback")+" "+of), e.Keep)
	if f.Name != "negativeFeedback" {
		return
	}
	var reasons []string
	for _, part := range f.Kids {
		for _, r := range append([]*xmlwalk.Element{part}, part.Kids...) {
			if r.Name == "reason" {
				reasons = append(reasons, r.Attr("name"))
			}
		}
	}
	if len(reasons) == 0 {
		reasons = []string{"no reason stated"}
	}
	e.Note("members object to the %s of this entry: %s", strings.TrimSpace(of+" fingerprint"), strings.Join(reasons, "; "))
}
