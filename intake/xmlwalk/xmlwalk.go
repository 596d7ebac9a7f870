// Package xmlwalk reads an XML file of any size element by element.
//
// Takes a bounded io.Reader. Gives the starts and ends of elements as they come,
// and those elements that a reader asks for whole, each with the bytes where it
// stands. Never expands entities, never follows a document type, a schema or a
// link, and never holds an element beyond its limits.
package xmlwalk

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"suraag/fault"
	"suraag/sighting"
)

// Limits bound what is held at one time.
type Limits struct {
	Bytes    int64 // of an element that is read whole, from its first to its last
	Elements int   // in it
	Depth    int   // of any element in the file
}

// maxToken bounds one text or tag in bytes, because the decoder holds it whole: a
// tag of a few bytes per attribute takes ten times its size.
const maxToken = 8 << 20

// Attr is an attribute, without its namespace.
type Attr struct{ Name, Value string }

// Element is an element that was read whole. Names are without namespace: the
// same documents are written with and without.
type Element struct {
	Name       string
	Attrs      []Attr
	Text       string // all text that stands directly in it, without space around
	Kids       []*Element
	Start, End int64 // bytes in the file
}

// Attr gives an attribute, nothing where it is not there.
func (e *Element) Attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// Kid follows names and gives the first element of each; nil where one is missing.
func (e *Element) Kid(names ...string) *Element {
	for _, name := range names {
		if e == nil {
			return nil
		}
		var found *Element
		for _, kid := range e.Kids {
			if kid.Name == name {
				found = kid
				break
			}
		}
		e = found
	}
	return e
}

// Value gives the text where it states something, and nothing for "N/A" and the
// like (formats.md, import rule 2).
func (e *Element) Value() string {
	if e == nil || !sighting.Stated(e.Text) {
		return ""
	}
	return e.Text
}

// Flatten gives every stated text under an element with a name that tells its
// way, and its attributes as "name@attribute". An empty element without
// attributes states its own presence ("fileAnnotations.viral").
func Flatten(e *Element, name string, add func(name, value string)) {
	if e == nil {
		return
	}
	for _, a := range e.Attrs {
		if sighting.Stated(a.Value) {
			add(name+"@"+a.Name, a.Value)
		}
	}
	switch v := e.Value(); {
	case v != "":
		add(name, v)
	case len(e.Kids) == 0 && len(e.Attrs) == 0 && e.Text == "":
		add(name, "present")
	}
	for _, kid := range e.Kids {
		Flatten(kid, name+"."+kid.Name, add)
	}
}

// Oversize says that an element passed a limit. The reader stands after it and
// can go on.
type Oversize struct {
	Start, End int64
	Why        string
}

// Error gives the limit that was passed.
func (o *Oversize) Error() string { return o.Why }

// Reader is one reading of one file.
type Reader struct {
	src    *source
	dec    *xml.Decoder
	limits Limits
	depth  int
	start  int64
}

// New begins a reading.
func New(body io.Reader, limits Limits) *Reader {
	src := &source{r: bufio.NewReaderSize(body, 64<<10), limit: min(limits.Bytes, maxToken) + 1<<16}
	return &Reader{src: src, dec: xml.NewDecoder(src), limits: limits}
}

// Offset is how far the file is read, in bytes.
func (r *Reader) Offset() int64 { return r.src.done }

// Depth tells how many elements are open.
func (r *Reader) Depth() int { return r.depth }

// Replaced tells how many characters that XML forbids were replaced by a
// question mark, and where the first stood.
func (r *Reader) Replaced() (count, first int64) { return r.src.replaced, r.src.first }

// Next gives the next start (with its name and attributes) or end (with its name
// alone) of an element. At the end of the file it gives io.EOF.
func (r *Reader) Next() (e *Element, start bool, err error) {
	for {
		tok, err := r.token()
		if err != nil {
			return nil, false, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			return element(t, r.start), true, nil
		case xml.EndElement:
			return &Element{Name: t.Name.Local, Start: r.start, End: r.Offset()}, false, nil
		}
	}
}

func element(t xml.StartElement, start int64) *Element {
	e := &Element{Name: t.Name.Local, Start: start}
	for _, a := range t.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" && a.Name.Local != "noNamespaceSchemaLocation" && a.Name.Local != "schemaLocation" {
			e.Attrs = append(e.Attrs, Attr{a.Name.Local, a.Value})
		}
	}
	return e
}

// token reads one token and keeps the count of depth.
func (r *Reader) token() (xml.Token, error) {
	r.start = r.dec.InputOffset()
	tok, err := r.dec.Token()
	r.src.done = r.dec.InputOffset()
	if err != nil {
		return nil, r.fault(err)
	}
	switch t := tok.(type) {
	case xml.StartElement:
		if r.depth++; r.depth > r.limits.Depth {
			return nil, fault.Newf(fault.TooLarge, "XML at byte %d: elements are nested more than %d deep", r.start, r.limits.Depth)
		}
	case xml.EndElement:
		r.depth--
	case xml.Directive:
		if bytes.HasPrefix(bytes.ToUpper(bytes.TrimSpace(t)), []byte("DOCTYPE")) && bytes.IndexByte(t, '[') >= 0 {
			return nil, fault.Newf(fault.Invalid, "XML at byte %d: the document type defines its own entities, which an honest export does not need", r.start)
		}
	}
	return tok, nil
}

// Whole reads the rest of the element whose start Next gave last. Beyond the
// limits it reads over the element and gives an *Oversize.
func (r *Reader) Whole(e *Element) (*Element, error) {
	b := builder{open: []*Element{e}, text: [][]byte{nil}, count: 1}
	for outer := r.depth - 1; r.depth > outer; {
		tok, err := r.token()
		if err != nil {
			return nil, err
		}
		if why := r.beyond(e, b.count); why != "" {
			for r.depth > outer {
				if _, err := r.token(); err != nil {
					return nil, err
				}
			}
			return nil, &Oversize{Start: e.Start, End: r.Offset(), Why: why}
		}
		b.add(tok, r.start, r.Offset())
	}
	return e, nil
}

// beyond says which limit the element has passed, if any.
func (r *Reader) beyond(e *Element, count int) string {
	switch {
	case r.Offset()-e.Start > r.limits.Bytes:
		return fmt.Sprintf("the element has more than %d bytes", r.limits.Bytes)
	case count >= r.limits.Elements:
		return fmt.Sprintf("the element holds more than %d elements", r.limits.Elements)
	}
	return ""
}

// builder puts tokens together to an element.
type builder struct {
	open  []*Element // from the outermost in
	text  [][]byte   // of each of them
	count int
}

func (b *builder) add(tok xml.Token, start, end int64) {
	last := len(b.open) - 1
	switch t := tok.(type) {
	case xml.StartElement:
		kid := element(t, start)
		b.open[last].Kids = append(b.open[last].Kids, kid)
		b.open, b.text = append(b.open, kid), append(b.text, nil)
		b.count++
	case xml.EndElement:
		b.open[last].End, b.open[last].Text = end, string(bytes.TrimSpace(b.text[last]))
		b.open, b.text = b.open[:last], b.text[:last]
	case xml.CharData:
		b.text[last] = append(b.text[last], t...)
	}
}

// Over reads over the rest of the element whose start Next gave last.
func (r *Reader) Over() error {
	for outer := r.depth - 1; r.depth > outer; {
		if _, err := r.token(); err != nil {
			return err
		}
	}
	return nil
}

// fault sorts an error of the decoder and says where it happened.
func (r *Reader) fault(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case err == io.EOF && r.depth == 0:
		return err
	case r.src.err != nil:
		return fault.Wrapf(r.src.err, "XML at byte %d", r.Offset())
	case err == io.EOF, errors.As(err, &syntax) && syntax.Msg == "unexpected EOF":
		return fault.Newf(fault.Invalid, "XML at byte %d: the file ends in the middle", r.Offset())
	case syntax != nil:
		return fault.Newf(fault.Invalid, "XML at byte %d, line %d: %s", r.Offset(), syntax.Line, syntax.Msg)
	}
	return fault.Newf(fault.Invalid, "XML at byte %d: %s", r.Offset(), strings.TrimPrefix(err.Error(), "xml: "))
}

// Root gives the outermost element that the first bytes of a file begin, nil
// where they begin none. It is for sniffers.
func Root(head []byte) *Element {
	r := New(bytes.NewReader(head), Limits{Bytes: int64(len(head)), Elements: 1, Depth: 2})
	e, _, err := r.Next()
	if err != nil {
		return nil
	}
	return e
}
