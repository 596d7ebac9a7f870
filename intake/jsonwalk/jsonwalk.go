// Package jsonwalk reads a JSON file of any size node by node.
//
// Takes a bounded io.Reader. Gives the members and elements that a reader opens,
// and the nodes that it asks for whole, each with the bytes where it stands.
// Never holds more than one node, and never one beyond its limits.
//
// It forgives what real exports contain: a byte order mark, bytes that are not
// UTF-8, a name that stands twice. It does not forgive broken syntax, because
// nobody can say what the rest would have meant.
package jsonwalk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"suraag/fault"
)

// Limits bound one node.
type Limits struct {
	Bytes int64 // from its first to its last byte
	Nodes int   // values in it
	Depth int   // of lists and objects in it
}

// Oversize says that a node passed a limit. The reader stands after the node and
// can go on with the next.
type Oversize struct {
	Start, End int64
	Why        string
}

// Error gives the limit that was passed.
func (o *Oversize) Error() string { return o.Why }

// Reader is one reading of one file.
type Reader struct {
	dec    *jsontext.Decoder
	guard  *guard
	base   int64 // length of the byte order mark
	limits Limits
	items  []item
	open   []int32
	names  map[string]string
}

// guard ends the reading before a single string or gap without end fills the
// memory: the decoder has to hold a whole token.
type guard struct {
	r     io.Reader
	given int64
	done  int64 // where the decoder stands
	limit int64
}

func (g *guard) Read(p []byte) (int, error) {
	if g.given-g.done > g.limit {
		return 0, fault.Newf(fault.TooLarge, "a single value or gap at byte %d has more than %d bytes", g.done, g.limit)
	}
	n, err := g.r.Read(p)
	g.given += int64(n)
	return n, err
}

const bom = "\xef\xbb\xbf"

// New begins a reading.
func New(body io.Reader, limits Limits) (*Reader, error) {
	head := make([]byte, len(bom))
	n, err := io.ReadFull(body, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	r := &Reader{limits: limits, names: map[string]string{}}
	if string(head[:n]) == bom {
		r.base, n = int64(len(bom)), 0
	}
	r.guard = &guard{r: io.MultiReader(bytes.NewReader(head[:n]), body), limit: limits.Bytes + 1<<16}
	r.dec = jsontext.NewDecoder(r.guard, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return r, nil
}

// Offset is how far the file is read, in bytes.
func (r *Reader) Offset() int64 { return r.base + r.guard.done }

func (r *Reader) step() { r.guard.done = r.dec.InputOffset() }

// Kind tells what comes next; '}' and ']' are the end of an object or list, and
// Absent is the end of the file or broken syntax.
func (r *Reader) Kind() Kind { return Kind(r.dec.PeekKind()) }

// Enter goes into an object or list.
func (r *Reader) Enter() error {
	tok, err := r.dec.ReadToken()
	if err != nil {
		return r.fault(err)
	}
	r.step()
	if k := Kind(tok.Kind()); k != Object && k != List {
		return fault.Newf(fault.Invalid, "JSON at byte %d: %q stands where an object or list was expected", r.Offset(), tok.Kind())
	}
	return nil
}

// More tells whether the object or list that was entered goes on. Where it does
// not, Leave has to follow.
func (r *Reader) More() bool {
	k := r.Kind()
	return k != '}' && k != ']' && k != Absent
}

// Leave goes out of the object or list that was entered.
func (r *Reader) Leave() error {
	_, err := r.dec.ReadToken()
	r.step()
	return r.fault(err)
}

// Name reads the name of the next member.
func (r *Reader) Name() (string, error) {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return "", r.fault(err)
	}
	r.step()
	return r.name(raw), nil
}

// Skip passes over the next value.
func (r *Reader) Skip() error {
	_, err := r.Node()
	var over *Oversize
	if errors.As(err, &over) {
		return nil
	}
	return err
}

// End tells whether anything but space follows the document.
func (r *Reader) End() error {
	_, err := r.dec.ReadToken()
	switch {
	case err == io.EOF:
		return nil
	case err != nil:
		return r.fault(err)
	}
	return fault.Newf(fault.Invalid, "JSON at byte %d: more follows the document", r.Offset())
}

// Node reads the next value whole. Beyond the limits it reads over the value and
// gives an *Oversize.
func (r *Reader) Node() (Node, error) {
	r.items, r.open = r.items[:0], r.open[:0]
	name, named := "", false
	for {
		kind := r.Kind()
		if !named && kind == Text && len(r.open) > 0 && r.top().kind == Object {
			raw, err := r.dec.ReadValue()
			if err != nil {
				return Node{}, r.fault(err)
			}
			r.step()
			name, named = r.name(raw), true
			continue
		}
		if err := r.value(kind, name); err != nil {
			return Node{}, r.fault(err)
		}
		name, named = "", false
		if why := r.beyond(); why != "" {
			start := r.items[0].start
			if err := r.pass(len(r.open)); err != nil {
				return Node{}, r.fault(err)
			}
			return Node{}, &Oversize{Start: start, End: r.Offset(), Why: why}
		}
		if len(r.open) == 0 {
			return Node{items: r.items}, nil
		}
	}
}

func (r *Reader) top() *item { return &r.items[r.open[len(r.open)-1]] }

// beyond says which limit the node has passed, if any.
func (r *Reader) beyond() string {
	switch {
	case r.Offset()-r.items[0].start > r.limits.Bytes:
		return fmt.Sprintf("the node has more than %d bytes", r.limits.Bytes)
	case len(r.items) > r.limits.Nodes:
		return fmt.Sprintf("the node holds more than %d values", r.limits.Nodes)
	case len(r.open) > r.limits.Depth:
		return fmt.Sprintf("the node is nested more than %d deep", r.limits.Depth)
	}
	return ""
}

// pass reads on, token by token, until so many open objects and lists are closed.
func (r *Reader) pass(depth int) error {
	for depth > 0 {
		tok, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		r.step()
		switch Kind(tok.Kind()) {
		case Object, List:
			depth++
		case '}', ']':
			depth--
		}
	}
	return nil
}

// value reads one token that is not a name.
func (r *Reader) value(kind Kind, name string) error {
	switch kind {
	case Object, List:
		_, err := r.dec.ReadToken()
		r.step()
		r.open = append(r.open, int32(len(r.items)))
		r.items = append(r.items, item{name: name, kind: kind, start: r.Offset() - 1})
		return err
	case '}', ']':
		if _, err := r.dec.ReadToken(); err != nil {
			return err
		}
		r.step()
		if len(r.open) == 0 {
			return fault.Newf(fault.Invalid, "a value is missing")
		}
		top := r.top()
		top.end, top.next = r.Offset(), int32(len(r.items))
		r.open = r.open[:len(r.open)-1]
		return nil
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	r.step()
	one := item{name: name, kind: kind, start: r.Offset() - int64(len(raw)), end: r.Offset(), next: int32(len(r.items)) + 1}
	one.text, one.lossy = scalar(raw)
	r.items = append(r.items, one)
	return nil
}

// Names are kept to be used again, up to so many of so many bytes.
const (
	maxNames = 1000
	maxName  = 64
)

// name gives one string for a name that is met a million times.
func (r *Reader) name(raw []byte) string {
	if s, known := r.names[string(raw)]; known {
		return s
	}
	s, _ := scalar(raw)
	if len(r.names) < maxNames && len(raw) <= maxName {
		r.names[string(raw)] = s
	}
	return s
}

// scalar gives the text of a string, number or flag.
func scalar(raw []byte) (text string, lossy bool) {
	switch raw[0] {
	case 'n':
		return "", false
	case 't':
		return "true", false
	case 'f':
		return "false", false
	case '"':
		lossy = !utf8.Valid(raw)
		if !lossy && bytes.IndexByte(raw, '\\') < 0 {
			return string(raw[1 : len(raw)-1]), false
		}
		// The decoder has checked the syntax; what is left to complain of are
		// surrogates that stand alone, and those become U+FFFD.
		out, err := jsontext.AppendUnquote(nil, raw)
		return string(out), lossy || err != nil
	}
	return string(raw), false
}

// fault sorts an error of the decoder and says where it happened.
func (r *Reader) fault(err error) error {
	if err == nil {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.Newf(fault.Invalid, "JSON at byte %d: the file ends in the middle", r.Offset())
	case errors.As(err, &syntax):
		return fault.Newf(fault.Invalid, "JSON at byte %d: %s", r.base+syntax.ByteOffset, strings.TrimPrefix(syntax.Err.Error(), "jsontext: "))
	}
	return fault.Wrapf(err, "JSON at byte %d", r.Offset())
}
