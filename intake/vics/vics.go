// Package vics reads Project VIC files (VICS 1.0 to 2.0): cases and hash sets.
//
// Takes the JSON that forensic tools export and list owners distribute. Gives a
// hold sighting for each file that a case found, and a listing for each medium of
// a hash set. Never keeps the small pictures that may be in them, and never takes
// a set as a list of harmless files.
//
// The official data model is not public; names and types are those that several
// public tools read and write (formats.md §1).
package vics

import (
	"slices"
	"strings"

	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// limits of one Media. A medium that was found in a thousand places is honest,
// and its small picture alone can have a megabyte.
func limits() jsonwalk.Limits {
	return jsonwalk.Limits{Bytes: 8 << 20, Nodes: 200_000, Depth: 16}
}

const (
	maxExtra = 200  // properties kept of one medium
	maxValue = 1024 // bytes kept of one property
	maxNotes = 50
	maxTags  = 1000
	maxFiles = 10_000
)

// labelled is a hash as the file states it.
type labelled struct{ label, value string }

// media is one Media in their words.
type media struct {
	node      jsonwalk.Node
	locator   string
	id        string
	category  string // empty: not stated, which is not 0
	hashes    []labelled
	size      string
	mime      string
	series    string
	tags      string
	updated   string
	flags     []sighting.Field
	files     jsonwalk.Node // MediaFiles
	alternate jsonwalk.Node // AlternativeHashes
	exifs     jsonwalk.Node
	metadata  jsonwalk.Node
	extra     []sighting.Field
	notes     []string
	names     []string // met so far
}

// noise are the OData keys of 1.x that say nothing about the medium.
func noise(name string) bool { return strings.Contains(name, "odata.") }

// read fills the words of one Media. Names that are not known are kept in extra
// and given to unknown.
func (m *media) read(n jsonwalk.Node, locator string, unknown func(jsonwalk.Node)) {
	*m = media{node: n, locator: locator, hashes: m.hashes[:0], names: m.names[:0]}
	for kid := range n.Kids() {
		if !kid.Stated() || noise(kid.Name()) || m.again(kid) {
			continue
		}
		if kid.Lossy() {
			m.doubt(cut(kid.Name()) + " holds bytes that are not UTF-8")
		}
		if !m.word(kid) {
			unknown(kid)
			jsonwalk.Flatten(kid, kid.Name(), m.keep)
		}
	}
}

// again tells whether the name stood before in this Media. The first counts.
func (m *media) again(kid jsonwalk.Node) bool {
	for _, name := range m.names {
		if name == kid.Name() {
			m.doubt(cut(name) + " is stated twice; the first counts, the other says " + cut(kid.Text()))
			return true
		}
	}
	if len(m.names) < 64 {
		m.names = append(m.names, kid.Name())
	}
	return false
}

// word reads one known name of a Media (formats.md §1.4).
func (m *media) word(kid jsonwalk.Node) bool {
	switch name := kid.Name(); name {
	case "MediaID":
		m.id = cut(kid.Value())
	case "Category":
		m.category = cut(kid.Value())
	case "MD5", "SHA1", "SHA256", "PhotoDNA":
		if v := kid.Value(); v != "" {
			m.hashes = append(m.hashes, labelled{name, v})
		}
	case "MediaSize":
		m.size = kid.Value()
	case "MimeType":
		m.mime = cut(kid.Value())
	case "Series":
		m.series = cut(kid.Value())
	case "Tags":
		m.tags = kid.Value()
	case "DateUpdated":
		m.updated = kid.Value()
	case "VictimIdentified", "OffenderIdentified", "IsDistributed", "IsSuspected", "SelfGenerated", "IsPrecategorized":
		m.flags = append(m.flags, sighting.Field{Name: name, Value: kid.Text()})
	case "AlternativeHashes":
		m.alternate = kid
	case "MediaFiles":
		m.files = kid
	case "Exifs":
		m.exifs = kid
	case "MediaMetadata":
		m.metadata = kid
	case "Miniature":
		// Content itself. It is never kept; the reader says so once.
	case "Name", "RelativeFilePath", "Comments", "PrecategorizationSource", "Segments", "Repositories":
		jsonwalk.Flatten(kid, name, m.keep)
	default:
		return false
	}
	return true
}

// keep stores a stated thing that has no place of its own.
func (m *media) keep(name, value string) {
	switch {
	case len(m.extra) < maxExtra:
		m.extra = append(m.extra, sighting.Field{Name: cut(name), Value: cut(value)})
	case len(m.extra) == maxExtra:
		m.extra = append(m.extra, sighting.Field{Name: "…", Value: "more properties stand in the original"})
	}
}

// doubt keeps what a person has to know of the record.
func (m *media) doubt(text string) {
	switch {
	case len(m.notes) < maxNotes:
		m.notes = append(m.notes, text)
	case len(m.notes) == maxNotes:
		m.notes = append(m.notes, "there is more to doubt; see the original")
	}
}

// properties keeps a list of {PropertyName, PropertyValue} under its title.
func (m *media) properties(list jsonwalk.Node, title string) {
	for p := range list.Kids() {
		name, value := p.Get("PropertyName").Value(), p.Get("PropertyValue").Value()
		if name != "" && value != "" {
			m.keep(title+" "+name, value)
		}
	}
}

// cameras gives the serial numbers of the camera that Exif states. A lens has one
// too, but is not a camera.
func (m *media) cameras() []sighting.Identifier {
	var out []sighting.Identifier
	for p := range m.exifs.Kids() {
		switch letters(p.Get("PropertyName").Text()) {
		case "serialnumber", "bodyserialnumber", "cameraserialnumber":
		default:
			continue
		}
		value := p.Get("PropertyValue").Value()
		if strings.Trim(value, "0 ") == "" {
			continue // what a camera without a number writes
		}
		if id, err := sighting.Identify(sighting.Camera, "", value); err == nil && len(out) < 8 && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "…"
}
