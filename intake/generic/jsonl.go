package generic

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// FormatJSONL reads one JSON object per line, also as "suraag hash" writes them.
func FormatJSONL() intake.Format {
	return intake.Format{
		Name: "generic/jsonl", Title: "observations (JSON lines)", Version: 2,
		Marks: "a JSON object on the first line with observed_at or act, or with path and a hash",
		Sniff: sniffLines,
		Read:  readLines,
	}
}

// sniffLines judges the first line.
func sniffLines(head intake.Head) intake.Likeness {
	lines, err := table.NewLines(head.Name, bytes.NewReader(head.Bytes))
	if err != nil {
		return intake.Likeness{Why: err.Error()}
	}
	line, err := lines.Next()
	for err == nil && len(bytes.TrimSpace(line.Text)) == 0 && !line.Long {
		line, err = lines.Next()
	}
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(line.Text), []byte("{")) {
		return intake.Likeness{Why: "its first line is no JSON object"}
	}
	o, err := parse(line.Text, names().Keys())
	if err != nil {
		return intake.Likeness{Why: "its first line is no whole JSON object"}
	}
	return judge(o)
}

func judge(o object) intake.Likeness {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, has := o.values[n]; has {
				return true
			}
		}
		return false
	}
	subject := has(append(digests(), ip, who, ref)...)
	switch {
	case has(observedAt) && subject, has(act) && subject:
		return intake.Likeness{Score: 90, Why: "its first line is an observation"}
	case has(path) && (has("sha256", "md5", "pdq") || has(failure)) && !slices.ContainsFunc(o.unknown, notOfHash):
		return intake.Likeness{Score: 85, Why: "its first line is one of suraag hash"}
	case has(observedAt, act):
		return intake.Likeness{Score: 30, Why: "its first line states no ip, who or hash"}
	}
	return intake.Likeness{Score: 5, Why: "its first line has no observed_at"}
}

// notOfHash tells whether a field is none that "suraag hash" writes beside those
// of an observation: why a picture has no PDQ.
func notOfHash(f sighting.Field) bool { return f.Name != "problem" }

func readLines(in *intake.Input, sink intake.Sink) error {
	lines, err := table.NewLines(in.Name, in.Body)
	if err != nil {
		return err
	}
	r := &reading{in: in, sink: sink, keys: names().Keys(), noted: map[string]bool{}}
	for {
		line, err := lines.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.line(line); err != nil {
			return err
		}
	}
}

// reading is one reading of one file.
type reading struct {
	in    *intake.Input
	sink  intake.Sink
	keys  map[string]string // compared form of a name → our name
	noted map[string]bool
}

func (rd *reading) line(line table.Line) error {
	at := place(line, "line "+strconv.Itoa(line.Number))
	if line.Long {
		return rd.sink.Bad(at, fmt.Sprintf("line is longer than %d bytes", table.MaxRow))
	}
	if len(bytes.TrimSpace(line.Text)) == 0 {
		return nil
	}
	obj, err := parse(line.Text, rd.keys)
	if err != nil {
		return rd.sink.Bad(at, err.Error())
	}
	r := row{get: func(name string) string { return obj.values[name] }, rest: obj.unknown, place: at}
	if !utf8.Valid(line.Text) {
		r.notes = append(r.notes, "the line has bytes that are not UTF-8")
	}
	for _, f := range obj.unknown {
		// Names come from the file, so what is remembered of them is bounded.
		if rd.noted[f.Name] || len(rd.noted) >= 1000 {
			continue
		}
		rd.noted[f.Name] = true
		if err := rd.sink.Note(at, fmt.Sprintf("column %q is not known; its values are kept", f.Name)); err != nil {
			return err
		}
	}
	return hand(rd.sink, rd.in.Options, r)
}

// object is one line: values under our names, and the rest in the line's order.
type object struct {
	values  map[string]string
	unknown []sighting.Field
}

// parse reads one line that is one JSON object. A doubled member is refused, as
// RFC 8259 §4 warns that nobody knows which one counts.
func parse(text []byte, ours map[string]string) (object, error) {
	o := object{values: map[string]string{}}
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowInvalidUTF8(true))
	if tok, err := d.ReadToken(); err != nil || tok.Kind() != '{' {
		return o, fault.Newf(fault.Invalid, "line is no JSON object")
	}
	for d.PeekKind() == '"' {
		tok, err := d.ReadToken()
		if err != nil {
			return o, fault.Newf(fault.Invalid, "line is no JSON object: %s", plain(err))
		}
		name := tok.String()
		v, err := value(d)
		if err != nil {
			return o, fault.Newf(fault.Invalid, "member %q: %s", name, plain(err))
		}
		if known, is := ours[table.Key(name)]; is {
			if _, twice := o.values[known]; twice {
				return o, fault.Newf(fault.Invalid, "member %q states %s a second time", name, known)
			}
			o.values[known] = v
		} else if sighting.Stated(v) {
			o.unknown = append(o.unknown, sighting.Field{Name: table.Clean(name), Value: table.Clean(v)})
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return o, fault.Newf(fault.Invalid, "line is no whole JSON object: %s", plain(err))
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return o, fault.Newf(fault.Invalid, "line goes on after its JSON object")
	}
	return o, nil
}

// plain takes the library's name off its words.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "jsontext: ") }

// value reads a member as words: a list of words is joined with |, anything
// nested stays JSON.
func value(d *jsontext.Decoder) (string, error) {
	switch d.PeekKind() {
	case '{':
		raw, err := d.ReadValue()
		return string(raw), err
	case '[':
		raw, err := d.ReadValue()
		if err != nil {
			return "", err
		}
		return list(raw), nil
	}
	tok, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	if tok.Kind() == 'n' {
		return "", nil
	}
	return tok.String(), nil
}

// list joins the words of a list, or leaves it as JSON where it holds more.
func list(raw jsontext.Value) string {
	d := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadToken(); err != nil {
		return string(raw)
	}
	var words []string
	for d.PeekKind() != ']' {
		tok, err := d.ReadToken()
		if err != nil || tok.Kind() == '{' || tok.Kind() == '[' {
			return string(raw)
		}
		words = append(words, tok.String())
	}
	return strings.Join(words, "|")
}
