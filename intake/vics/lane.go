package vics

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"suraag/digest"
	"suraag/fault"
	"suraag/intake"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// lane reads the plain entries of a hash set in short, without a copy: one flat
// object of ASCII without escapes, with hashes of the right length and nothing of
// which the reader would have to say a word. Every other entry goes the ordinary
// way, so that nothing is decided in two places.
type lane struct {
	r      *reading
	words  map[string]string // what a category states → the same text every time
	entry  sighting.Entry
	raw    []byte
	met    uint32   // known names of this entry, a bit each
	others [][]byte // other names of this entry
}

const maxWords = 1 << 12

func newLane(r *reading) *lane { return &lane{r: r, words: map[string]string{}} }

// fast reads the next entry in short if it is a plain one that is at hand whole.
func (r *reading) fast(number int) (done bool, err error) {
	if r.lane == nil {
		return false, nil
	}
	text, start := r.json.Ahead()
	length, plain := r.lane.object(text)
	if !plain {
		return false, nil
	}
	if err := r.json.Pass(); err != nil {
		return false, err
	}
	e := &r.lane.entry
	e.Number, e.Start, e.End, e.Scheme = int64(number), start, start+int64(length), r.scheme
	return true, r.lean.Entry(e)
}

// object reads a flat object and tells how long it is.
func (l *lane) object(text []byte) (length int, plain bool) {
	l.entry.Values, l.entry.Category, l.raw, l.met, l.others = l.entry.Values[:0], "", l.raw[:0], 0, l.others[:0]
	if len(text) == 0 || text[0] != '{' {
		return 0, false
	}
	for at := 1; ; at++ {
		name, next := quoted(text, space(text, at))
		if next < 0 {
			return 0, false
		}
		if at = space(text, next); at >= len(text) || text[at] != ':' {
			return 0, false
		}
		kind, value, next := scalar(text, space(text, at+1))
		if next < 0 || !l.member(name, kind, value) {
			return 0, false
		}
		switch at = space(text, next); {
		case at >= len(text):
			return 0, false
		case text[at] == '}':
			return at + 1, len(l.entry.Values) > 0
		case text[at] != ',':
			return 0, false
		}
	}
}

func space(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') {
		at++
	}
	return at
}

// quoted reads a string that needs no decoding; next is -1 where it is none.
func quoted(text []byte, at int) (value []byte, next int) {
	if at >= len(text) || text[at] != '"' {
		return nil, -1
	}
	for n := at + 1; n < len(text); n++ {
		switch b := text[n]; {
		case b == '"':
			return text[at+1 : n], n + 1
		case b == '\\' || b < ' ' || b >= 0x80:
			return nil, -1
		}
	}
	return nil, -1
}

// scalar reads a string, number, flag, null or empty list.
func scalar(text []byte, at int) (kind jsonwalk.Kind, value []byte, next int) {
	if at >= len(text) {
		return 0, nil, -1
	}
	switch b := text[at]; {
	case b == '"':
		value, next = quoted(text, at)
		return jsonwalk.Text, value, next
	case b == '-' || b >= '0' && b <= '9':
		n := at + 1
		for n < len(text) && (text[n] >= '0' && text[n] <= '9' || bytes.IndexByte([]byte("+-.eE"), text[n]) >= 0) {
			n++
		}
		return jsonwalk.Number, text[at:n], n
	case bytes.HasPrefix(text[at:], []byte("[]")):
		return jsonwalk.List, nil, at + 2
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(text[at:], []byte(word)) {
			return jsonwalk.Kind(word[0]), text[at : at+len(word)], at + len(word)
		}
	}
	return 0, nil, -1
}

// once tells whether a known name stands for the first time in this entry.
func (l *lane) once(name uint) bool {
	bit := uint32(1) << name
	first := l.met&bit == 0
	l.met |= bit
	return first
}

// member reads one name and its value, or leaves the entry to the ordinary way.
func (l *lane) member(name []byte, kind jsonwalk.Kind, value []byte) bool {
	if kind == jsonwalk.Null || bytes.Contains(name, []byte("odata.")) {
		return true
	}
	switch string(name) {
	case "MD5":
		return l.once(0) && l.hash(kind, value, digest.MD5)
	case "SHA1":
		return l.once(1) && l.hash(kind, value, digest.SHA1)
	case "SHA256":
		return l.once(2) && l.hash(kind, value, digest.SHA256)
	case "PhotoDNA":
		return l.once(3) && l.hash(kind, value, digest.PhotoDNA)
	case "Category":
		return l.once(4) && l.category(kind, value)
	case "MediaSize":
		return l.once(5) && kind != jsonwalk.List && digits(value)
	case "DateUpdated":
		return l.once(6) && kind != jsonwalk.List && l.time(value)
	case "VictimIdentified":
		return l.once(7) && flag(kind)
	case "OffenderIdentified":
		return l.once(8) && flag(kind)
	case "IsDistributed":
		return l.once(9) && flag(kind)
	case "IsSuspected":
		return l.once(10) && flag(kind)
	case "SelfGenerated":
		return l.once(11) && flag(kind)
	case "IsPrecategorized":
		return l.once(12) && flag(kind)
	case "MediaID":
		return l.once(13) && kind != jsonwalk.List
	case "MimeType":
		return l.once(14) && kind != jsonwalk.List
	case "Series":
		return l.once(15) && kind != jsonwalk.List
	case "Tags":
		return l.once(16) && kind != jsonwalk.List
	case "Name":
		return l.once(17) && kind != jsonwalk.List
	case "Comments":
		return l.once(18) && kind != jsonwalk.List
	case "AlternativeHashes":
		return l.once(19) && kind == jsonwalk.List
	case "MediaFiles":
		return l.once(20) && kind == jsonwalk.List
	case "Exifs":
		return l.once(21) && kind == jsonwalk.List
	case "MediaMetadata":
		return l.once(22) && kind == jsonwalk.List
	case "Miniature":
		return l.once(23) && (len(value) == 0 || kind == jsonwalk.Text && l.r.noted["miniature"])
	case "RelativeFilePath", "PrecategorizationSource", "Segments", "Repositories", "Media":
		return false
	}
	return l.other(name, kind)
}

// other passes over a name that is not known and of which the reader has told before.
func (l *lane) other(name []byte, kind jsonwalk.Kind) bool {
	if kind == jsonwalk.List || len(name) > maxValue || len(l.others) > 32 || !l.r.noted["name "+string(name)] {
		return false
	}
	for _, o := range l.others {
		if bytes.Equal(o, name) {
			return false
		}
	}
	l.others = append(l.others, name)
	return true
}

// hash takes a value in hex of the kind's length, or PhotoDNA in base64, which no
// hex digits alone make.
func (l *lane) hash(kind jsonwalk.Kind, value []byte, of digest.Kind) bool {
	if kind != jsonwalk.Text {
		return false
	}
	if len(value) == 0 {
		return true
	}
	size := of.Size()
	if cap(l.raw) == 0 {
		l.raw = make([]byte, 0, 512) // a value of each of the four kinds has 212 bytes
	}
	into := l.raw[len(l.raw) : len(l.raw)+size]
	switch {
	case len(value) == 2*size:
		if _, err := hex.Decode(into, value); err != nil {
			return false
		}
	case of == digest.PhotoDNA && len(value) == base64.StdEncoding.EncodedLen(size) && bytes.ContainsAny(value, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ+/"):
		if n, err := base64.StdEncoding.Decode(into, value); err != nil || n != size {
			return false
		}
	default:
		return false
	}
	l.raw = l.raw[:len(l.raw)+size]
	l.entry.Values = append(l.entry.Values, sighting.Value{Kind: of, Raw: into})
	return true
}

func (l *lane) category(kind jsonwalk.Kind, value []byte) bool {
	if kind == jsonwalk.List || len(value) > 64 {
		return false
	}
	w, known := l.words[string(value)]
	if !known {
		if w = string(value); !sighting.Stated(w) {
			w = ""
		}
		if len(l.words) < maxWords {
			l.words[string(value)] = w
		}
	}
	l.entry.Category = w
	return true
}

func digits(value []byte) bool {
	for _, b := range value {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(value) < 18
}

// time takes a time that was understood before.
func (l *lane) time(value []byte) bool {
	_, known := l.r.times[string(value)]
	return known || len(value) == 0
}

func flag(kind jsonwalk.Kind) bool { return kind == jsonwalk.True || kind == jsonwalk.False }

// again reads entries again under the scheme that the header names.
func again(o intake.Original) (func(sighting.Entry) (sighting.Listing, error), error) {
	r := newReading(o.From(0), silent{})
	begun := fault.Newf(fault.Internal, "the first entry")
	if err := r.all(func(*reading, int) error { return begun }); err != nil && err != begun {
		return nil, err
	}
	return func(e sighting.Entry) (sighting.Listing, error) {
		text, err := o.Text(e)
		if err != nil {
			return sighting.Listing{}, err
		}
		if r.json, err = jsonwalk.New(bytes.NewReader(text), limits()); err != nil {
			return sighting.Listing{}, err
		}
		n, err := r.json.Node()
		if err != nil {
			return sighting.Listing{}, err
		}
		locator := fmt.Sprintf("$.value[%d]", e.Number)
		if ok, err := r.words(n, locator); !ok || err != nil {
			return sighting.Listing{}, fault.Newf(fault.Corrupt, "set %q, entry %d is no medium: %v", o.Name, e.Number, err)
		}
		l, err := r.listing(&r.media)
		if len(r.noted) > maxWords {
			clear(r.noted)
		}
		return l, err
	}, nil
}

// silent is a sink for what was told when the list was read.
type silent struct{}

func (silent) Sighting(sighting.Sighting) error  { return nil }
func (silent) Lease(sighting.Lease) error        { return nil }
func (silent) Listing(sighting.Listing) error    { return nil }
func (silent) Bad(sighting.Place, string) error  { return nil }
func (silent) Note(sighting.Place, string) error { return nil }
