package vics

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"suraag/fault"
	"suraag/instant"
	"suraag/intake"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// FormatCase reads case files: value[*] is a Case with Media[].
func FormatCase() intake.Format {
	return intake.Format{
		Name: "vics/case", Title: "Project VIC case", Version: 1,
		Marks: `JSON with odata.metadata or @odata.context that names ProjectVic, ends in #Cases, and a "Media" list`,
		Sniff: func(h intake.Head) intake.Likeness { return sniff(h, true) },
		Read:  func(in *intake.Input, sink intake.Sink) error { return read(in, sink, (*reading).oneCase) },
	}
}

// FormatSet reads hash sets: value[*] is a Media.
func FormatSet() intake.Format {
	return intake.Format{
		Name: "vics/hashset", Title: "Project VIC hash set", Version: 1,
		Marks: `JSON with odata.metadata or @odata.context that names ProjectVic and ends in #Media`,
		Sniff: func(h intake.Head) intake.Likeness { return sniff(h, false) },
		Read:  func(in *intake.Input, sink intake.Sink) error { return read(in, sink, (*reading).oneEntry) },
		Again: again,
	}
}

var (
	header    = regexp.MustCompile(`"(?:@odata\.context|odata\.metadata)"\s*:\s*"([^"]{0,500})"`)
	valueList = regexp.MustCompile(`"value"\s*:\s*\[`)
	mediaList = regexp.MustCompile(`"Media"\s*:\s*\[`)
	mediaKey  = regexp.MustCompile(`"(?:MediaID|MediaSize|AlternativeHashes|PhotoDNA|MediaFiles)"\s*:`)
	caseKey   = regexp.MustCompile(`"(?:CaseID|CaseNumber|TotalMediaFiles)"\s*:`)
)

// sniff looks for the header and, because exporters disagree about it, for the
// shape under it.
func sniff(h intake.Head, wantCase bool) intake.Likeness {
	b := bytes.TrimSpace(h.Bytes)
	if len(b) == 0 || b[0] != '{' {
		return intake.Likeness{Why: "it does not begin with {"}
	}
	m := header.FindSubmatch(b)
	named := m != nil && bytes.Contains(bytes.ToLower(m[1]), []byte("projectvic"))
	isCase := mediaList.Match(b) || caseKey.Match(b)
	if !isCase && !mediaKey.Match(b) {
		isCase = named && bytes.HasSuffix(m[1], []byte("#Cases"))
	}
	switch {
	case !named && !(valueList.Match(b) && mediaKey.Match(b)):
		return intake.Likeness{Why: "no odata header names ProjectVic"}
	case isCase != wantCase:
		return intake.Likeness{Score: 20, Why: "the values are " + map[bool]string{true: "cases", false: "media"}[isCase]}
	case named:
		return intake.Likeness{Score: 100, Why: "the odata header names ProjectVic"}
	}
	return intake.Likeness{Score: 60, Why: "a value list with MediaID, MD5 and the like, without header"}
}

// reading is one reading of one file.
type reading struct {
	in     *intake.Input
	sink   intake.Sink
	lean   intake.LeanSink // nil: whole listings are wanted
	lane   *lane
	json   *jsonwalk.Reader
	scheme string
	inCase *theCase
	media  media
	noted  map[string]bool
	times  map[string]instant.Instant // parsed before; lists are updated many entries at a time
}

const maxTimes = 4096

func read(in *intake.Input, sink intake.Sink, element func(*reading, int) error) error {
	r := newReading(in, sink)
	if r.lean = intake.Lean(sink); r.lean != nil {
		r.lane = newLane(r)
	}
	return r.all(element)
}

func newReading(in *intake.Input, sink intake.Sink) *reading {
	return &reading{in: in, sink: sink, scheme: "VICS", inCase: &theCase{}, noted: map[string]bool{}, times: map[string]instant.Instant{}}
}

func (r *reading) all(element func(*reading, int) error) error {
	json, err := jsonwalk.New(r.in.Body, limits())
	if err != nil {
		return err
	}
	r.json = json
	if err := json.Enter(); err != nil {
		return err
	}
	for json.More() {
		if err := r.top(element); err != nil {
			return err
		}
	}
	if err := json.Leave(); err != nil {
		return err
	}
	if !r.noted["value"] {
		return fault.Newf(fault.Invalid, `the file has no "value" list`)
	}
	return json.End()
}

// top reads one member of the outermost object.
func (r *reading) top(element func(*reading, int) error) error {
	name, err := r.json.Name()
	if err != nil {
		return err
	}
	if name == "value" && r.json.Kind() == jsonwalk.List {
		r.noted["value"] = true
		return r.list(func(n int) error { return element(r, n) })
	}
	n, err := r.node(name)
	if err != nil || n.Kind() == jsonwalk.Absent {
		return err
	}
	switch {
	case strings.HasSuffix(name, "odata.context") || strings.HasSuffix(name, "odata.metadata"):
		return r.context(n)
	case noise(name):
		return nil
	}
	return r.unknown(n)
}

// list goes through a list.
func (r *reading) list(each func(number int) error) error {
	if err := r.json.Enter(); err != nil {
		return err
	}
	for n := 0; r.json.More(); n++ {
		if err := each(n); err != nil {
			return err
		}
	}
	return r.json.Leave()
}

// node reads one node. One beyond the limits is listed as bad and absent.
func (r *reading) node(locator string) (jsonwalk.Node, error) {
	n, err := r.json.Node()
	var over *jsonwalk.Oversize
	if errors.As(err, &over) {
		at := sighting.Place{Start: over.Start, End: over.End, Locator: locator}
		return jsonwalk.Node{}, r.sink.Bad(at, over.Why)
	}
	return n, err
}

// context reads the category scheme from the header (formats.md §1.2). Those of
// 1.x name no country.
func (r *reading) context(n jsonwalk.Node) error {
	for _, country := range []string{"US", "UK", "CUSTOM"} {
		if strings.Contains(n.Text(), "/"+country+"/") {
			r.scheme = "VICS " + country
		}
	}
	if r.noted["value"] {
		return r.sink.Note(place(n, n.Name()), fmt.Sprintf("the header stands after the values, whose categories were read as of the scheme %q", "VICS"))
	}
	return nil
}

// unknown notes a name that is not in the tables, once per file.
func (r *reading) unknown(n jsonwalk.Node) error {
	key := "name " + cut(n.Name())
	if r.noted[key] || len(r.noted) > 1000 {
		return nil
	}
	r.noted[key] = true
	return r.sink.Note(place(n, n.Name()), fmt.Sprintf("name %q is not known; its values are kept", cut(n.Name())))
}

// once notes something that would be said of every record, once per file.
func (r *reading) once(at sighting.Place, key, text string) error {
	if r.noted[key] {
		return nil
	}
	r.noted[key] = true
	return r.sink.Note(at, text)
}

// time reads a time. One that cannot be read stays as it was written.
func (r *reading) time(m *media, name, raw string) instant.Instant {
	if raw == "" {
		return instant.Instant{}
	}
	if when, known := r.times[raw]; known {
		return when
	}
	when, err := instant.Parse(raw, r.in.Options.Rule())
	if err != nil {
		m.keep(name, raw)
		m.doubt(name + ": " + err.Error())
		return instant.Instant{}
	}
	if len(r.times) == maxTimes {
		clear(r.times)
	}
	r.times[raw] = when
	return when
}

// oneEntry reads one Media of a hash set.
func (r *reading) oneEntry(number int) error {
	if done, err := r.fast(number); done || err != nil {
		return err
	}
	locator := fmt.Sprintf("$.value[%d]", number)
	n, err := r.node(locator)
	if err != nil || n.Kind() == jsonwalk.Absent {
		return err
	}
	if n.Get("Media").Kind() == jsonwalk.List {
		return r.sink.Bad(place(n, locator), "this is a case, not a medium; read the file as vics/case")
	}
	ok, err := r.words(n, locator)
	if !ok || err != nil {
		return err
	}
	l, err := r.listing(&r.media)
	if err != nil {
		return r.sink.Bad(place(n, locator), err.Error())
	}
	if r.lean != nil {
		short := l.Short(int64(number))
		err = r.lean.Entry(&short)
	} else {
		err = r.sink.Listing(l)
	}
	if err != nil {
		return err
	}
	return r.doubts(l.Place, l.Notes)
}

// words reads a node as a Media; false where it is none.
func (r *reading) words(n jsonwalk.Node, locator string) (bool, error) {
	if n.Kind() != jsonwalk.Object {
		return false, r.sink.Bad(place(n, locator), fmt.Sprintf("%q stands where a medium was expected", cut(n.Text())))
	}
	var failed error
	r.media.read(n, locator, func(kid jsonwalk.Node) {
		if err := r.unknown(kid); err != nil {
			failed = err
		}
	})
	if failed != nil {
		return false, failed
	}
	return true, r.remarks(n, locator)
}

// remarks notes what is in the medium and on purpose not used.
func (r *reading) remarks(n jsonwalk.Node, locator string) error {
	if n.Get("Miniature").Value() != "" {
		if err := r.once(place(n, locator), "miniature", "the file holds small pictures (Miniature); they are not kept"); err != nil {
			return err
		}
	}
	if path := n.Get("RelativeFilePath").Value(); outside(path) {
		return r.sink.Note(place(n, locator), fmt.Sprintf("RelativeFilePath %q leads outside, not used", cut(path)))
	}
	return nil
}

// doubts lists the notes of a record, so that they are also found without it.
func (r *reading) doubts(at sighting.Place, notes []string) error {
	for _, text := range notes {
		if err := r.sink.Note(at, text); err != nil {
			return err
		}
	}
	return nil
}
