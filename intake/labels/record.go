package labels

import (
	"fmt"
	"io"
	"strings"

	"suraag/fault"
	"suraag/intake"
	"suraag/sighting"
)

// Shape says how the values of one section make records.
type Shape struct {
	Known []string // labels of one record; others are kept and noted
	Many  []string // of these, labels that one record can have several times
	Head  []string // labels stated once for all records that follow them
}

// Record is the values between one repeat of a label and the next: counters in
// the file are never trusted (formats.md, import rule 6).
type Record struct {
	Section string
	Number  int // in its section, from 1
	Start   int64
	End     int64
	Head    []Value
	Values  []Value
	used    map[string]bool
}

// Bounds of one record.
const (
	maxRecordValues = 20_000
	maxRecordBytes  = 1 << 20
)

// Place gives where the record stands.
func (r *Record) Place() sighting.Place {
	return sighting.Place{Start: r.Start, End: r.End, Locator: fmt.Sprintf("%s, record %d", r.Section, r.Number)}
}

// Get gives the first stated value of a label, of the record or of its head.
func (r *Record) Get(label string) string {
	for _, v := range r.All(label) {
		return v
	}
	for _, v := range r.Head {
		if strings.EqualFold(v.Label, label) && sighting.Stated(v.Text) {
			return v.Text
		}
	}
	return ""
}

// All gives every stated value of a label of the record itself.
func (r *Record) All(label string) []string {
	if r.used == nil {
		r.used = map[string]bool{}
	}
	r.used[strings.ToLower(label)] = true
	var out []string
	for _, v := range r.Values {
		if strings.EqualFold(v.Label, label) && sighting.Stated(v.Text) {
			out = append(out, v.Text)
		}
	}
	return out
}

// Rest gives the stated values that were not asked for, under the names of the
// file, so that nothing is lost.
func (r *Record) Rest() []sighting.Field {
	var out []sighting.Field
	for _, v := range r.Values {
		if !r.used[strings.ToLower(v.Label)] && sighting.Stated(v.Text) {
			out = append(out, sighting.Field{Name: v.Label, Value: v.Text})
		}
	}
	return out
}

// Read walks the stream and gives each record of each section that has a shape.
// What it does not give it notes: unknown sections with the number of their
// values, labels outside of sections, empty sections, damaged markup.
//
// Where the stream breaks, the record in progress is still given. done is called
// after the last record, unless the sink refused one.
func Read(body io.Reader, shapes map[string]Shape, sink intake.Sink, each func(*Record) error, done func() error) error {
	r := &reader{shapes: shapes, sink: sink, each: each, told: map[string]bool{}, numbers: map[string]int{}}
	refused := false
	keep := func(err error) error {
		refused = refused || err != nil
		return err
	}
	err := walk(body, visitor{
		value: func(v Value) error { return keep(r.value(v)) },
		end:   func(name string, start, end int64) error { return keep(r.sectionEnd(name, start, end)) },
		note:  func(start, end int64, text string) error { return keep(r.note(start, end, text)) },
	})
	if refused {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	if err := done(); err != nil {
		return err
	}
	if err == nil && r.sections == 0 {
		return fault.Newf(fault.Invalid, "no section (div with an id property-…) was found")
	}
	if err == nil && r.values == 0 {
		return fault.Newf(fault.Invalid, "%d sections were found but no label with a value: the markup is of a generation that is not known", r.sections)
	}
	return err
}

type reader struct {
	shapes   map[string]Shape
	sink     intake.Sink
	each     func(*Record) error
	told     map[string]bool // notes given once per file
	numbers  map[string]int
	sections int
	values   int
	unread   int // values of the section that is not read
	bytes    int
	head     []Value
	record   *Record
	broken   string // why the record in progress cannot be given
}

func (r *reader) note(start, end int64, text string) error {
	return r.sink.Note(sighting.Place{Start: start, End: end, Locator: "markup"}, text)
}

func (r *reader) once(v Value, text string) error {
	if r.told[text] || len(r.told) > 1000 {
		return nil
	}
	r.told[text] = true
	return r.sink.Note(sighting.Place{Start: v.Start, End: v.End, Locator: v.Section}, text)
}

func (r *reader) value(v Value) error {
	r.values++
	shape, known := r.shapes[v.Section]
	switch {
	case v.Section == "":
		return r.sink.Note(sighting.Place{Start: v.Start, End: v.End}, fmt.Sprintf("label %q stands outside of every section; its value is not kept", short(v.Label)))
	case v.Title && strings.HasSuffix(v.Label, "Definition"):
		return nil // Meta's own explanation of the section
	case v.Title && strings.HasPrefix(v.Text, "No responsive records"):
		return r.sink.Note(sighting.Place{Start: v.Start, End: v.End, Locator: v.Section}, "section "+v.Section+": "+short(v.Text))
	case !known:
		r.unread++
		return nil
	}
	switch {
	case in(shape.Head, v.Label):
		if err := r.flush(); err != nil {
			return err
		}
		if len(r.head) >= 100 || hasLabel(r.head, v.Label) {
			r.head = nil
		}
		r.head = append(r.head, v)
		return nil
	case !in(shape.Known, v.Label):
		if err := r.once(v, fmt.Sprintf("section %s: label %q is not known; its values are kept", v.Section, short(v.Label))); err != nil {
			return err
		}
	}
	return r.add(v, in(shape.Many, v.Label))
}

// add puts a value into the record in progress; a repeated label opens a new one.
func (r *reader) add(v Value, many bool) error {
	other := r.record != nil && r.record.Section != v.Section // a section that was not closed
	if other || r.record != nil && !many && hasLabel(r.record.Values, v.Label) {
		if err := r.flush(); err != nil {
			return err
		}
	}
	if r.record == nil {
		r.numbers[v.Section]++
		r.record = &Record{Section: v.Section, Number: r.numbers[v.Section], Start: v.Start, Head: r.head}
		r.bytes, r.broken = 0, ""
	}
	// A damaged file can give a cell after the cells inside it.
	r.record.Start, r.record.End = min(r.record.Start, v.Start), max(r.record.End, v.End)
	r.bytes += len(v.Text) + len(v.Label)
	switch {
	case v.Cut || r.bytes > maxRecordBytes:
		r.broken = fmt.Sprintf("the record has more than %d bytes of text", maxRecordBytes)
	case len(r.record.Values) >= maxRecordValues:
		r.broken = fmt.Sprintf("the record has more than %d values", maxRecordValues)
	default:
		r.record.Values = append(r.record.Values, v)
	}
	return nil
}

// flush gives the record in progress. A head that no record followed is noted.
func (r *reader) flush() error {
	done := r.record
	r.record = nil
	switch {
	case done == nil:
		return nil
	case r.broken != "":
		return r.sink.Bad(done.Place(), r.broken)
	}
	return r.each(done)
}

func (r *reader) sectionEnd(name string, start, end int64) error {
	r.sections++
	empty := r.record == nil && r.numbers[name] == 0
	if err := r.flush(); err != nil {
		return err
	}
	head, unread := r.head, r.unread
	r.head, r.unread = nil, 0
	at := sighting.Place{Start: start, End: end, Locator: name}
	if _, known := r.shapes[name]; !known && unread > 0 {
		return r.sink.Note(at, fmt.Sprintf("section %s is not read; its %d values are not kept", name, unread))
	}
	if empty && len(head) > 0 {
		return r.sink.Note(at, fmt.Sprintf("section %s: %q %q is followed by no record", name, head[0].Label, short(head[0].Text)))
	}
	return nil
}

func in(list []string, label string) bool {
	for _, l := range list {
		if strings.EqualFold(l, label) {
			return true
		}
	}
	return false
}

func hasLabel(values []Value, label string) bool {
	for _, v := range values {
		if strings.EqualFold(v.Label, label) {
			return true
		}
	}
	return false
}
