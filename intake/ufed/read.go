package ufed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// Format reads report.xml, alone or inside a .ufdr zip.
func Format() intake.Format {
	return intake.Format{
		Name: "ufed/report", Title: "UFED report.xml",
		Version: 2, // 2: the words of messages, and messages that have nothing else
		Marks:   "XML whose root is project, with taggedFiles or decodedData, or Cellebrite's namespace",
		Sniff:   sniff, Read: read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	if b := bytes.TrimSpace(h.Bytes); len(b) == 0 || b[0] != '<' {
		return intake.Likeness{Why: "it does not begin with <"}
	}
	root := xmlwalk.Root(h.Bytes)
	switch {
	case root == nil:
		return intake.Likeness{Why: "it is no XML"}
	case root.Name != "project":
		return intake.Likeness{Why: fmt.Sprintf("its root is %q, not project", root.Name)}
	case bytes.Contains(h.Bytes, []byte("cellebrite.com")):
		return intake.Likeness{Score: 100, Why: "project in Cellebrite's namespace"}
	case bytes.Contains(h.Bytes, []byte("<taggedFiles")), bytes.Contains(h.Bytes, []byte("<decodedData")), root.Attr("extractionType") != "":
		return intake.Likeness{Score: 90, Why: "project with taggedFiles or decodedData"}
	}
	return intake.Likeness{Score: 30, Why: "there is neither taggedFiles nor decodedData"}
}

// reading is one reading of one report.
type reading struct {
	in       *intake.Input
	sink     intake.Sink
	xml      *xmlwalk.Reader
	project  string
	exhibit  []sighting.Identifier
	known    known
	files    int
	unhashed int
	abouts   int
	empty    int
	chats    int
	chat     *chat
	skipped  map[string]int // models that are not read, by type
	noted    map[string]bool
}

func read(in *intake.Input, sink intake.Sink) error {
	r := &reading{
		in: in, sink: sink, xml: xmlwalk.New(in.Body, limits()),
		known: known{files: map[[16]byte]packed{}}, chat: &chat{}, skipped: map[string]int{}, noted: map[string]bool{},
	}
	root, _, err := r.xml.Next()
	if err == io.EOF {
		return fault.Newf(fault.Invalid, "the file holds no element")
	}
	if err != nil {
		return err
	}
	if root.Name != "project" {
		return fault.Newf(fault.Invalid, "the root is %q, not project", cut(root.Name))
	}
	r.project = root.Attr("id")
	if id, err := sighting.Identify(sighting.Exhibit, "", r.project); err == nil {
		r.exhibit = []sighting.Identifier{id}
	}
	for {
		e, start, err := r.xml.Next()
		if err == io.EOF {
			return r.remarks(r.xml.Offset())
		}
		if err != nil {
			return err
		}
		if err := r.element(e, start); err != nil {
			return err
		}
	}
}

// device is who held the files: the exhibit, by its number in the report.
func (r *reading) device() []sighting.Identifier { return slices.Clone(r.exhibit) }

// place gives where an element stands. One that begins and ends is quoted whole.
func (r *reading) place(e *xmlwalk.Element, locator string) sighting.Place {
	return sighting.Place{Start: e.Start, End: e.End, Locator: locator}
}

// element follows the report as it comes. Only what has to be seen together is
// read whole: a file, a message, a list of participants.
func (r *reading) element(e *xmlwalk.Element, start bool) error {
	if !start {
		if r.chat.depth > 0 && r.xml.Depth() < r.chat.depth {
			r.chat = &chat{}
		}
		return nil
	}
	inChat := r.chat.depth > 0
	switch {
	case e.Name == "file":
		return r.whole(e, r.file)
	case e.Name == "metadata" || e.Name == "caseInformation":
		return r.whole(e, r.about)
	case e.Name == "model" && e.Attr("type") == "Chat":
		r.chats++
		r.chat = &chat{depth: r.xml.Depth()}
	case e.Name == "model" && e.Attr("type") == "InstantMessage":
		return r.whole(e, func(e *xmlwalk.Element) error { return r.message(e, r.chat) })
	case e.Name == "model":
		if kind := cut(e.Attr("type")); len(r.skipped) < 1000 {
			r.skipped[kind]++
		}
		return r.xml.Over()
	case inChat && e.Name == "field" && r.xml.Depth() == r.chat.depth+1:
		return r.whole(e, r.chatField)
	case inChat && e.Name == "multiModelField" && e.Attr("name") == "Participants":
		return r.whole(e, r.participants)
	case inChat && (e.Name == "modelField" || e.Name == "multiModelField") && e.Attr("name") != "Messages":
		if len(r.skipped) < 1000 {
			r.skipped[cut(e.Attr("type")+" in "+e.Attr("name"))]++
		}
		return r.xml.Over()
	}
	return nil
}

// whole reads an element to its end and does something with it. One beyond the
// limits is listed as bad.
func (r *reading) whole(e *xmlwalk.Element, do func(*xmlwalk.Element) error) error {
	e, err := r.xml.Whole(e)
	var over *xmlwalk.Oversize
	if errors.As(err, &over) {
		return r.sink.Bad(sighting.Place{Start: over.Start, End: over.End}, over.Why)
	}
	if err != nil {
		return err
	}
	return do(e)
}

// about reads what stands about the device. Its numbers are its owner's as much as
// the exhibit's number is the unit's; under which names they stand differs by
// model, so they are known by their endings.
func (r *reading) about(e *xmlwalk.Element) error {
	for _, item := range e.Kids {
		value := item.Value()
		if value == "" {
			continue
		}
		kind, is := number(item.Attr("name"))
		if kind == sighting.Phone {
			value = sighting.Indian(value)
		}
		id, err := sighting.Identify(kind, "", value)
		if !is || err != nil || len(r.exhibit) > 8 {
			r.abouts++
			continue
		}
		if !slices.Contains(r.exhibit, id) {
			r.exhibit = append(r.exhibit, id)
		}
	}
	return nil
}

// number tells which kind of device number an item of that name holds.
func number(name string) (sighting.IDKind, bool) {
	name = strings.TrimRight(strings.ToLower(name), " 12")
	for _, kind := range []sighting.IDKind{sighting.IMEI, sighting.IMSI, sighting.ICCID} {
		if strings.HasSuffix(name, string(kind)) {
			return kind, true
		}
	}
	return "", false
}

func (r *reading) chatField(e *xmlwalk.Element) error {
	v := e.Kid("value").Value()
	switch e.Attr("name") {
	case "Source":
		r.chat.source = cut(v)
	case "Id":
		r.chat.id = v
	case "Name":
		r.chat.name = v
	}
	return nil
}

func (r *reading) participants(e *xmlwalk.Element) error {
	r.chat.parties = append(r.chat.parties, parties(e.Kids)...)
	if n := len(r.chat.parties); n > maxParties {
		r.chat.parties = r.chat.parties[:maxParties]
		if err := r.sink.Note(r.place(e, r.chat.title(r.chats)), fmt.Sprintf("of %d participants the first %d are taken", n, maxParties)); err != nil {
			return err
		}
	}
	if r.chat.number > 0 {
		return r.sink.Note(r.place(e, r.chat.title(r.chats)), "the participants stand after the messages, which were read without them")
	}
	return nil
}

// give hands a sighting on, and lists its doubts beside it.
func (r *reading) give(s sighting.Sighting) error {
	if err := r.sink.Sighting(s); err != nil {
		return err
	}
	for _, text := range s.Notes {
		if err := r.sink.Note(s.Place, text); err != nil {
			return err
		}
	}
	return nil
}

// unknown counts an element of a file that is not in the tables.
func (r *reading) unknown(e *xmlwalk.Element) {
	if len(r.noted) < 1000 {
		r.noted[cut(e.Name)] = true
	}
}

// remarks says at the end what was met and is in no record.
func (r *reading) remarks(end int64) error {
	at := sighting.Place{Start: 0, End: end, Locator: "/project"}
	var notes []string
	add := func(count int, text string) {
		if count > 0 {
			notes = append(notes, fmt.Sprintf(text, count))
		}
	}
	add(r.unhashed, "%d tagged files have no hash and give no record")
	add(r.empty, "%d messages without words or an attachment give no record")
	add(r.abouts, "%d items about the device, the case and the extraction give no record")
	for _, kind := range slices.Sorted(maps.Keys(r.skipped)) {
		notes = append(notes, fmt.Sprintf("%d models of the type %q are not read", r.skipped[kind], cut(kind)))
	}
	for _, name := range slices.Sorted(maps.Keys(r.noted)) {
		notes = append(notes, fmt.Sprintf("element %q is not known; its values are kept", cut(name)))
	}
	if r.known.full {
		add(maxFiles, "more than %d files have a hash; attachments that name later ones were not joined to them")
	}
	if n, _ := r.xml.Replaced(); n > 0 {
		notes = append(notes, fmt.Sprintf("%d characters that XML forbids were replaced by ?", n))
	}
	for _, text := range notes {
		if err := r.sink.Note(at, text); err != nil {
			return err
		}
	}
	return nil
}
