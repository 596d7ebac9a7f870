package cybertip

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/jsonwalk"
	"suraag/intake/xmlwalk"
	"suraag/sighting"
)

// FormatJSON reads the report that police download.
func FormatJSON() intake.Format {
	return intake.Format{
		Name: "ncmec/cybertip-json", Title: "CyberTipline report (police JSON)", Version: 2, // 2: a telephone number without its country names nobody
		Marks: `JSON with "reportId" and "reportedInformation"`,
		Sniff: sniffJSON, Read: readJSON,
	}
}

// FormatXML reads what providers submit: a report, the details of a file, or a
// capture alone.
func FormatXML() intake.Format {
	return intake.Format{
		Name: "ncmec/cybertip-xml", Title: "CyberTipline submission (provider's XML)", Version: 2, // 2: a telephone number without its country names nobody
		Marks: "XML whose root is report with incidentSummary, fileDetails, ipCaptureEvent or peer2peerIncident",
		Sniff: sniffXML, Read: readXML,
	}
}

// A report names some people and files; the largest known have thousands of
// captures. It is read whole or not at all: whose file it is follows from how many
// people are reported, and in half a report one may be missing.
const maxReport = 64 << 20

func sniffJSON(h intake.Head) intake.Likeness {
	b := bytes.TrimSpace(h.Bytes)
	if len(b) == 0 || b[0] != '{' {
		return intake.Likeness{Why: "it does not begin with {"}
	}
	info, id := bytes.Contains(b, []byte(`"reportedInformation"`)), bytes.Contains(b, []byte(`"reportId"`))
	switch {
	case info && id:
		return intake.Likeness{Score: 100, Why: "reportId and reportedInformation"}
	case info:
		return intake.Likeness{Score: 60, Why: "reportedInformation, but no reportId"}
	case id:
		return intake.Likeness{Score: 20, Why: `there is no "reportedInformation"`}
	}
	return intake.Likeness{Why: `there is no "reportId"`}
}

func sniffXML(h intake.Head) intake.Likeness {
	if b := bytes.TrimSpace(h.Bytes); len(b) == 0 || b[0] != '<' {
		return intake.Likeness{Why: "it does not begin with <"}
	}
	root := xmlwalk.Root(h.Bytes)
	if root == nil {
		return intake.Likeness{Why: "it is no XML"}
	}
	marks, known := map[string]string{
		"report": "<incidentSummary", "fileDetails": "<reportId", "ipCaptureEvent": "<ipAddress", "peer2peerIncident": "<ipCaptureEvent",
	}[root.Name]
	switch {
	case !known:
		return intake.Likeness{Why: fmt.Sprintf("its root is %q", root.Name)}
	case bytes.Contains(h.Bytes, []byte(marks)):
		return intake.Likeness{Score: 95, Why: fmt.Sprintf("root %q with %s>", root.Name, marks)}
	}
	return intake.Likeness{Score: 30, Why: fmt.Sprintf("there is no %s> under %q", marks, root.Name)}
}

func readJSON(in *intake.Input, sink intake.Sink) error {
	json, err := jsonwalk.New(in.Body, jsonwalk.Limits{Bytes: maxReport, Nodes: 1_000_000, Depth: 64})
	if err != nil {
		return err
	}
	root, err := json.Node()
	if over := (*jsonwalk.Oversize)(nil); errors.As(err, &over) {
		return fault.Newf(fault.TooLarge, "the report: %s", over.Why)
	}
	if err != nil {
		return err
	}
	if root.Kind() != jsonwalk.Object || root.Get("reportedInformation").Kind() != jsonwalk.Object {
		return fault.Newf(fault.Invalid, `the file has no object "reportedInformation"`)
	}
	r := &fromJSON{unknown: map[string]sighting.Place{}}
	r.read(root)
	g := &giving{in: in, sink: sink, report: &r.report}
	for _, step := range []func() error{g.all, func() error { return r.remarks(sink, root) }, json.End} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// remarks lists what was found in the file and is in no record.
func (r *fromJSON) remarks(sink intake.Sink, root jsonwalk.Node) error {
	for _, s := range r.bad {
		if err := sink.Bad(s.at, s.notes[0]); err != nil {
			return err
		}
	}
	if err := unknownNames(sink, "name", r.order, r.unknown); err != nil {
		return err
	}
	for n := range jsonwalk.Twice(root) {
		if err := sink.Note(place(n, n.Name()), fmt.Sprintf("%q stands twice in one object", cut(n.Name()))); err != nil {
			return err
		}
	}
	return lossy(sink, root)
}

// lossy notes the texts that held bytes which are not UTF-8.
func lossy(sink intake.Sink, n jsonwalk.Node) error {
	if n.Lossy() {
		return sink.Note(place(n, n.Name()), "the text holds bytes that are not UTF-8; each was replaced by �")
	}
	for kid := range n.Kids() {
		if err := lossy(sink, kid); err != nil {
			return err
		}
	}
	return nil
}

func unknownNames(sink intake.Sink, what string, order []string, at map[string]sighting.Place) error {
	for _, name := range order {
		if err := sink.Note(at[name], fmt.Sprintf("%s %q is not known; its values are kept", what, cut(name))); err != nil {
			return err
		}
	}
	return nil
}

func readXML(in *intake.Input, sink intake.Sink) error {
	xml := xmlwalk.New(in.Body, xmlwalk.Limits{Bytes: maxReport, Elements: 500_000, Depth: 64})
	root, _, err := xml.Next()
	if err == io.EOF {
		return fault.Newf(fault.Invalid, "the file holds no element")
	}
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"report", "fileDetails", "ipCaptureEvent", "peer2peerIncident"}, root.Name) {
		return fault.Newf(fault.Invalid, "the root %q is none of report, fileDetails, ipCaptureEvent and peer2peerIncident", cut(root.Name))
	}
	root, err = xml.Whole(root)
	if over := (*xmlwalk.Oversize)(nil); errors.As(err, &over) {
		return fault.Newf(fault.TooLarge, "the report: %s", over.Why)
	}
	if err != nil {
		return err
	}
	r := &fromXML{unknown: map[string]sighting.Place{}}
	r.read(root)
	g := &giving{in: in, sink: sink, report: &r.report}
	if err := g.all(); err != nil {
		return err
	}
	if err := r.remarks(sink, xml, root); err != nil {
		return err
	}
	return after(xml)
}

// remarks lists what was found in the file and is in no record.
func (r *fromXML) remarks(sink intake.Sink, xml *xmlwalk.Reader, root *xmlwalk.Element) error {
	for _, at := range r.victims {
		if err := sink.Note(at, "a victim is described here; this is not copied, open the original"); err != nil {
			return err
		}
	}
	if r.bare && len(r.captures)+len(r.files) == 0 {
		if err := sink.Note(r.at, "no address is captured here"); err != nil {
			return err
		}
	}
	if n, first := xml.Replaced(); n > 0 {
		at := sighting.Place{Start: first, End: first + 1, Locator: "/" + root.Name}
		if err := sink.Note(at, fmt.Sprintf("%d characters that XML forbids were replaced by ?", n)); err != nil {
			return err
		}
	}
	return unknownNames(sink, "element", r.order, r.unknown)
}

// after refuses a second document in the file: it is listed, not guessed at.
func after(xml *xmlwalk.Reader) error {
	e, _, err := xml.Next()
	switch {
	case err == io.EOF:
		return nil
	case err != nil:
		return err
	}
	return fault.Newf(fault.Invalid, "XML at byte %d: a second root %q follows the first", e.Start, cut(e.Name))
}
