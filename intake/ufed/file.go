package ufed

import (
	"fmt"
	"slices"
	"strings"

	"suraag/digest"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// file reads a tagged file: that the device held it, since it was made there as
// far as the device says.
func (r *reading) file(e *xmlwalk.Element) error {
	r.files++
	locator := fmt.Sprintf("taggedFiles, file %d", r.files)
	s := sighting.Sighting{Act: sighting.Hold, Standing: sighting.DeviceFile, Who: r.device()}
	s.Place, s.Part = r.place(e, locator), "file"
	path := e.Attr("path")
	s.Content.Name = cut(path[strings.LastIndexAny(path, `/\`)+1:])
	keep(&s, "path", path)
	keep(&s, "deleted", e.Attr("deleted"))
	r.size(e, &s)
	for _, kid := range e.Kids {
		switch kid.Name {
		case "accessInfo":
		case "metadata":
			r.items(kid, &s)
		default:
			r.unknown(kid)
			xmlwalk.Flatten(kid, kid.Name, func(name, value string) { keep(&s, name, value) })
		}
	}
	r.times(e.Kid("accessInfo"), &s)
	r.known.add(e.Attr("id"), s.Content.Digests)
	if len(s.Content.Digests) == 0 && len(s.Notes) == 0 {
		r.unhashed++
		return nil
	}
	if len(s.Content.Digests) == 0 {
		return r.sink.Bad(s.Place, strings.Join(s.Notes, "; "))
	}
	return r.give(s)
}

func (r *reading) size(e *xmlwalk.Element, s *sighting.Sighting) {
	size := e.Attr("size")
	if !sighting.Stated(size) {
		return
	}
	if _, err := fmt.Sscanf(size, "%d", &s.Content.Size); err != nil || fmt.Sprint(s.Content.Size) != size || s.Content.Size < 0 {
		s.Content.Size = 0
		keep(s, "size", size)
		s.Notes = append(s.Notes, fmt.Sprintf("size %q is not a number of bytes", cut(size)))
	}
}

// items reads metadata/item: hashes, and what else the tool says of the file.
func (r *reading) items(e *xmlwalk.Element, s *sighting.Sighting) {
	for _, item := range e.Kids {
		name, value := item.Attr("name"), item.Value()
		if value == "" {
			value = item.Attr("value")
		}
		if !sighting.Stated(value) {
			continue
		}
		if kind, known := digest.KindOf(name); known {
			r.hash(string(kind), value, s)
			continue
		}
		keep(s, name, value)
		if strings.EqualFold(name, "Local Path") && !intake.SafePath(value) {
			s.Notes = append(s.Notes, fmt.Sprintf("Local Path %q leads outside, not used", cut(value)))
		}
	}
}

// hash adds a digest. A second one of its kind that differs cannot be of the same
// bytes, and is not used.
func (r *reading) hash(label, value string, s *sighting.Sighting) {
	d, doubt, err := digest.Read(label, value)
	if err != nil {
		keep(s, label, value)
		s.Notes = append(s.Notes, err.Error())
		return
	}
	same := slices.IndexFunc(s.Content.Digests, func(have digest.Digest) bool { return have.Kind() == d.Kind() })
	switch {
	case same < 0:
		s.Content.Digests = append(s.Content.Digests, d)
	case s.Content.Digests[same] != d:
		s.Notes = append(s.Notes, fmt.Sprintf("a second %s is stated and not used: %s", d.Kind(), d.Hex()))
	}
	if doubt != "" {
		s.Notes = append(s.Notes, label+": "+doubt)
	}
}

// times takes the creation of the file, else its last change, for the time from
// which the device held it. The others are kept beside.
func (r *reading) times(e *xmlwalk.Element, s *sighting.Sighting) {
	if e == nil {
		return
	}
	stated := map[string]string{}
	for _, t := range e.Kids {
		name, value := t.Attr("name"), t.Value()
		if value == "" {
			value = t.Attr("formattedTimestamp")
		}
		if sighting.Stated(value) && stated[name] == "" {
			stated[name] = value
		}
	}
	used := ""
	for _, name := range []string{"CreationTime", "ModifyTime"} {
		if stated[name] != "" {
			used = name
			s.When = r.time(s, name, stated[name])
			break
		}
	}
	if used == "ModifyTime" {
		s.Notes = append(s.Notes, "no time of creation is stated; this is the time of the last change")
	}
	for _, t := range e.Kids {
		if name := t.Attr("name"); name != used {
			keep(s, name, stated[name])
		}
	}
}

// time reads a time. One that cannot be read stays as it was written.
func (r *reading) time(s *sighting.Sighting, name, words string) instant.Instant {
	if words == "" {
		return instant.Instant{}
	}
	when, err := instant.Parse(words, r.in.Options.Rule())
	if err != nil {
		keep(s, name, words)
		s.Notes = append(s.Notes, name+": "+err.Error())
		return instant.Instant{}
	}
	return when
}

func keep(s *sighting.Sighting, name, value string) {
	switch {
	case !sighting.Stated(value):
	case len(s.Extra) < maxExtra:
		s.Extra = append(s.Extra, sighting.Field{Name: cut(name), Value: cut(value)})
	case len(s.Extra) == maxExtra:
		s.Extra = append(s.Extra, sighting.Field{Name: "…", Value: "more stands in the original"})
	}
}
