package vics

import (
	"fmt"
	"strconv"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/intake"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// digests judges the hashes of a medium. Those that cannot be read become notes;
// a medium without any that can is no statement about content.
func (m *media) digests() ([]digest.Digest, error) {
	var out []digest.Digest
	var first error
	for _, h := range append(m.hashes, m.alternates()...) {
		d, doubt, err := digest.Read(h.label, h.value)
		if err != nil {
			first = orFirst(first, err)
			m.doubt(err.Error())
			continue
		}
		if doubt != "" {
			m.doubt(h.label + ": " + doubt)
		}
		out = m.add(out, d)
	}
	if len(out) == 0 {
		return nil, orFirst(first, fault.Newf(fault.Invalid, "the medium has no hash"))
	}
	return out, nil
}

func orFirst(first, err error) error {
	if first != nil {
		return first
	}
	return err
}

// add keeps one value of each kind. A second one that differs cannot be of the
// same bytes, so it would join two contents into one.
func (m *media) add(out []digest.Digest, d digest.Digest) []digest.Digest {
	for _, have := range out {
		if have == d {
			return out
		}
		if have.Kind() == d.Kind() {
			m.doubt(fmt.Sprintf("a second %s is stated and not used: %s", d.Kind(), cut(d.Hex())))
			return out
		}
	}
	return append(out, d)
}

// alternates gives the hashes of AlternativeHashes whose name is known. A value
// under any other name is kept as a property: by its length alone it would be
// taken for a hash that it is not.
func (m *media) alternates() []labelled {
	var out []labelled
	for a := range m.alternate.Kids() {
		name, value := a.Get("HashName").Value(), a.Get("HashValue").Value()
		if value == "" {
			continue
		}
		if _, known := digest.KindOf(name); !known {
			m.keep("AlternativeHashes "+name, value)
			continue
		}
		if of := a.Get("MD5").Value(); of != "" && !m.isMine(of) {
			m.doubt(fmt.Sprintf("%s of another medium (MD5 %s) stands here and is not used", name, cut(of)))
			m.keep("AlternativeHashes "+name, value)
			continue
		}
		out = append(out, labelled{name, value})
	}
	return out
}

// isMine tells whether an MD5 that a part of the medium repeats is the medium's own.
func (m *media) isMine(md5 string) bool {
	for _, h := range m.hashes {
		if h.label == "MD5" {
			return strings.EqualFold(h.value, md5)
		}
	}
	return true
}

// bytes reads MediaSize, which is a number or a number in quotes.
func (m *media) bytes() int64 {
	if m.size == "" {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(m.size), 10, 64)
	if err != nil || n < 0 {
		m.keep("MediaSize", m.size)
		m.doubt(fmt.Sprintf("MediaSize %q is not a number of bytes", cut(m.size)))
		return 0
	}
	return n
}

// words splits a comma list.
func words(list string) []string {
	var out []string
	for w := range strings.SplitSeq(list, ",") {
		if w = strings.TrimSpace(w); sighting.Stated(w) && len(out) < maxTags {
			out = append(out, cut(w))
		}
	}
	return out
}

func place(n jsonwalk.Node, locator string) sighting.Place {
	return sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
}

// listing gives the entry of a hash set.
func (r *reading) listing(m *media) (sighting.Listing, error) {
	l := sighting.Listing{
		Scheme: r.scheme, Category: m.category, Ref: m.id,
		Series: m.series, Tags: words(m.tags), MediaType: m.mime,
	}
	var err error
	if l.Digests, err = m.digests(); err != nil {
		return l, err
	}
	l.Place = place(m.node, m.locator)
	l.Size = m.bytes()
	l.Updated = r.time(m, "DateUpdated", m.updated)
	for _, f := range m.flags {
		tri, understood := sighting.ReadTri(f.Value)
		if !understood {
			m.keep(f.Name, f.Value)
			m.doubt(fmt.Sprintf("%s %q is neither true nor false", f.Name, cut(f.Value)))
		}
		if tri == sighting.Unstated {
			continue
		}
		if l.Flags == nil {
			l.Flags = make(map[string]sighting.Tri, len(m.flags))
		}
		l.Flags[f.Name] = tri
	}
	m.properties(m.exifs, "Exif")
	m.properties(m.metadata, "MediaMetadata")
	for f := range m.files.Kids() {
		m.keep("FileName", f.Get("FileName").Text())
	}
	l.Extra, l.Notes = m.extra, m.notes
	return l, nil
}

// holds gives a sighting for each place where a case found the medium, or one
// without a time where it does not say. Each is a claim of the device, whose
// owner could change it.
func (r *reading) holds(m *media, give func(sighting.Sighting) error) error {
	digests, err := m.digests()
	if err != nil {
		return err
	}
	base := sighting.Sighting{Act: sighting.Hold, Standing: sighting.DeviceFile, Via: append(r.inCase.via(), m.cameras()...)}
	base.Content = sighting.Content{Digests: digests, MediaType: m.mime, Size: m.bytes()}
	r.describe(m)
	count := 0
	for f := range m.files.Kids() {
		if count == maxFiles {
			m.doubt(fmt.Sprintf("more than %d places are stated; the others stand in the original", maxFiles))
			break
		}
		if f.Kind() != jsonwalk.Object {
			m.doubt(fmt.Sprintf("MediaFiles holds %q, which is no file", cut(f.Text())))
			continue
		}
		s := r.found(m, f, count, base)
		if err := give(s); err != nil {
			return err
		}
		if err := r.doubts(s.Place, s.Notes[len(m.notes):]); err != nil {
			return err
		}
		count++
	}
	if count > 0 {
		return nil
	}
	base.Place, base.Part = place(m.node, m.locator), "media"
	base.Extra, base.Notes = append(r.inCase.fields(), m.extra...), m.notes
	return give(base)
}

// describe keeps what the case says of the medium as a whole.
func (r *reading) describe(m *media) {
	if m.category != "" {
		m.keep("Category", m.category)
		m.keep("Category scheme", r.scheme)
	}
	for _, f := range []sighting.Field{{Name: "MediaID", Value: m.id}, {Name: "Series", Value: m.series}, {Name: "Tags", Value: m.tags}, {Name: "DateUpdated", Value: m.updated}} {
		if f.Value != "" {
			m.keep(f.Name, f.Value)
		}
	}
	for _, f := range m.flags {
		if sighting.Stated(f.Value) {
			m.keep(f.Name, f.Value)
		}
	}
	m.properties(m.exifs, "Exif")
	m.properties(m.metadata, "MediaMetadata")
}

// found gives the sighting of one MediaFiles entry.
func (r *reading) found(m *media, f jsonwalk.Node, number int, s sighting.Sighting) sighting.Sighting {
	locator := fmt.Sprintf("%s.MediaFiles[%d]", m.locator, number)
	s.Place, s.Part = place(m.node, locator), fmt.Sprintf("file %d", number)
	one := &media{node: m.node, locator: locator, extra: append(r.inCase.fields(), m.extra...), notes: append([]string(nil), m.notes...)}
	for kid := range f.Kids() {
		r.fileWord(m, one, kid, &s)
	}
	s.When = r.time(one, "Created", f.Get("Created").Value())
	if s.Content.Name == "" {
		s.Content.Name = cut(base(f.Get("FilePath").Value()))
	}
	s.Extra, s.Notes = one.extra, one.notes
	return s
}

// fileWord reads one name of a MediaFiles entry. The other times of the file are
// kept as they stand: only its creation is taken for the time from which the
// device held it.
func (r *reading) fileWord(m, one *media, kid jsonwalk.Node, s *sighting.Sighting) {
	value := kid.Value()
	switch name := kid.Name(); name {
	case "Created":
	case "FileName":
		s.Content.Name = cut(value)
	case "SourceID":
		if value == "" {
			break
		}
		id, err := sighting.Identify(sighting.Exhibit, "", value)
		if err != nil {
			one.keep(name, value)
			one.doubt(err.Error())
			break
		}
		s.Who = []sighting.Identifier{id}
	case "MD5":
		if value != "" && !m.isMine(value) {
			one.doubt(fmt.Sprintf("the file entry states another MD5 (%s) than its medium", cut(value)))
		}
	case "FilePath", "Written", "Accessed", "Change", "Unallocated", "Deleted", "PhysicalLocation",
		"ParentMD5", "ParentFileName", "ParentFilePath", "ParentPhysicalLocation":
		if value != "" {
			one.keep(name, value)
		}
	default:
		if kid.Stated() && !noise(name) {
			r.unknown(kid)
			jsonwalk.Flatten(kid, name, one.keep)
		}
	}
}

// base gives the last part of a path written with either slash.
func base(path string) string {
	return path[strings.LastIndexAny(path, `\/`)+1:]
}

// outside tells whether a path that the file links to leads out of its folder
// (formats.md, import rule 7). It is never opened in any case.
func outside(path string) bool { return path != "" && !intake.SafePath(path) }
