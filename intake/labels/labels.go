// Package labels reads the label-and-value HTML in which Meta answers (Facebook,
// Instagram, WhatsApp).
//
// Takes a stream of HTML. Gives records: labels with their values and the bytes
// where they stand, grouped by section. Never says what a label means, and
// never opens what a value links to.
//
// Two generations of markup are known from public readers of such returns
// (RLEAPP, Brazilian police tools; formats.md §5.1b and §5.2):
//
//	A, older: div.div_table[display:table] > LABEL, div[display:table-cell] > div > VALUE
//	B, newer: div.t.i > LABEL, div.m > div > VALUE, div.p
//
// Both are a label's text followed by a cell with the value, so one walker
// serves both. Sections are div elements with the id "property-<name>".
package labels

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"suraag/fault"
)

// Bounds of one return. Values are at most some kilobytes in honest files.
const (
	maxValue = 1 << 20 // bytes of one value or label
	maxToken = 2 << 20 // bytes of one piece of markup
	maxDepth = 512     // of div elements; an honest record nests some 40
	maxNotes = 20      // of one kind about markup, then they are only counted
)

// Value is one label with its value.
type Value struct {
	Section string // without "property-"; empty outside of sections
	Label   string // without a colon at its end
	Text    string // lines without blanks around them; empty: nothing stated
	Start   int64  // of the label's element
	End     int64  // of the value
	Title   bool   // the label is that of the section itself
	Cut     bool   // the value was longer than can be kept
}

// visitor takes what the walker finds. An error ends the walk.
type visitor struct {
	value func(Value) error
	end   func(section string, start, end int64) error
	note  func(start, end int64, text string) error
}

type kind uint8

const (
	plain kind = iota
	section
	label
	cell
)

// frame is a div element that is still open.
type frame struct {
	kind   kind
	start  int64
	name   string // of a section
	text   strings.Builder
	from   int64 // of the first text
	to     int64 // of the last text
	cut    bool
	done   bool   // a label whose cell was closed; a cell of which a value was given
	nested bool   // a cell with labels inside
	label  *frame // of a cell
}

type walker struct {
	z      *html.Tokenizer
	visit  visitor
	stack  []*frame
	start  int64 // of the token
	at     int64 // behind the token
	closed int   // div ends without a start
	labels int
	strays int
	hidden int
}

// walk reads the whole stream.
func walk(body io.Reader, v visitor) error {
	w := &walker{z: html.NewTokenizer(body), visit: v}
	w.z.SetMaxBuf(maxToken)
	for {
		token := w.z.Next()
		w.start = w.at
		w.at += int64(len(w.z.Raw()))
		if token == html.ErrorToken {
			return w.finish(w.z.Err())
		}
		if err := w.token(token); err != nil {
			return err
		}
	}
}

// finish judges how the stream ended. Tags that do not match are told, because a
// damaged tag can move a value under a wrong label.
func (w *walker) finish(err error) error {
	if errors.Is(err, html.ErrBufferExceeded) {
		return fault.Newf(fault.TooLarge, "markup at byte %d is one piece of more than %d bytes", w.start, maxToken)
	}
	if err != io.EOF {
		return err
	}
	open := len(w.stack)
	for len(w.stack) > 0 {
		if err := w.pop(); err != nil {
			return err
		}
	}
	if open > 0 || w.closed > 0 {
		if err := w.visit.note(0, w.at, fmt.Sprintf("damaged: %d elements are not closed, %d are closed and were not open; values near them may be missing", open, w.closed)); err != nil {
			return err
		}
	}
	if n := w.strays - maxNotes; n > 0 {
		return w.visit.note(0, w.at, fmt.Sprintf("%d more pieces of text stand under no label", n))
	}
	return nil
}

func (w *walker) token(token html.TokenType) error {
	switch token {
	case html.TextToken:
		return w.text(string(w.z.Text()))
	case html.CommentToken:
		if text := w.z.Text(); strings.ContainsRune(string(text), '<') {
			return w.hides("a comment")
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		name, attributes := w.z.TagName()
		switch string(name) {
		case "div":
			return w.open(attributes, token == html.SelfClosingTagToken)
		case "br", "p", "li", "tr":
			w.newline()
		}
		if err := w.strange(string(name)); err != nil {
			return err
		}
		return w.attributes(attributes, func(string, string) {})
	case html.EndTagToken:
		name, _ := w.z.TagName()
		if string(name) != "div" {
			return w.strange(string(name))
		}
		w.newline()
		if len(w.stack) == 0 {
			w.closed++
			return nil
		}
		return w.pop()
	}
	return nil
}

// strange tells of a tag that no page has: a damaged one no longer opens or
// closes what it should.
func (w *walker) strange(name string) error {
	if atom.Lookup([]byte(name)) != 0 {
		return nil
	}
	if w.hidden++; w.hidden > maxNotes {
		return nil
	}
	return w.visit.note(w.start, w.at, fmt.Sprintf("damaged: tag %q is not known; values near it may stand under a wrong label", short(strings.ToValidUTF8(name, "\ufffd"))))
}

// hides tells of markup that a reader of the page does not see.
func (w *walker) hides(what string) error {
	if w.hidden++; w.hidden > maxNotes {
		return nil
	}
	return w.visit.note(w.start, w.at, what+" holds markup; what is inside it was not read")
}

func (w *walker) attributes(more bool, each func(name, value string)) error {
	odd := false
	for more {
		var k, v []byte
		k, v, more = w.z.TagAttr()
		odd = odd || strings.ContainsAny(string(v), "<>") || strings.ContainsAny(string(k), "<\"'")
		each(string(k), string(v))
	}
	if odd {
		return w.hides("a tag")
	}
	return nil
}

func (w *walker) open(more, selfClosing bool) error {
	w.newline()
	var id, class, style string
	err := w.attributes(more, func(name, value string) {
		switch name {
		case "id":
			id = value
		case "class":
			class = value
		case "style":
			style = value
		}
	})
	if err != nil || selfClosing {
		return err
	}
	if len(w.stack) >= maxDepth {
		return fault.Newf(fault.TooLarge, "markup at byte %d nests more than %d elements", w.start, maxDepth)
	}
	f := &frame{kind: kindOf(id, class, style), start: w.start}
	switch f.kind {
	case section:
		f.name = strings.TrimPrefix(id, "property-")
	case label:
		w.labels++
		err = w.nest()
	case cell:
		f.label = w.nearest(label)
	}
	w.stack = append(w.stack, f)
	return err
}

// kindOf knows the roles of both generations.
func kindOf(id, class, style string) kind {
	style = strings.ReplaceAll(strings.ToLower(style), " ", "") + ";"
	classes := " " + class + " "
	has := func(name string) bool { return strings.Contains(classes, " "+name+" ") }
	switch {
	case strings.HasPrefix(id, "property-"):
		return section
	case has("m") || strings.Contains(style, "display:table-cell;"):
		return cell
	case has("t") && has("i") || has("div_table") && strings.Contains(style, "display:table;"):
		return label
	}
	return plain
}

// nest gives what a cell says before a label opens inside it.
func (w *walker) nest() error {
	c := w.nearest(cell)
	if c == nil {
		return nil
	}
	c.nested = true
	return w.give(c, false)
}

func (w *walker) nearest(kinds ...kind) *frame {
	for n := len(w.stack) - 1; n >= 0; n-- {
		f := w.stack[n]
		for _, k := range kinds {
			if f.kind == k {
				return f
			}
		}
		if f.kind == section {
			return nil
		}
	}
	return nil
}

func (w *walker) section() string {
	for n := len(w.stack) - 1; n >= 0; n-- {
		if w.stack[n].kind == section {
			return w.stack[n].name
		}
	}
	return ""
}

// title tells whether the label is the section's own: no cell stands around it.
func (w *walker) title(of *frame) bool {
	for _, f := range w.stack {
		switch {
		case f == of:
			return true
		case f.kind == cell:
			return false
		}
	}
	return false
}

func (w *walker) newline() {
	if f := w.nearest(cell, label); f != nil && f.text.Len() > 0 && f.text.Len() < maxValue {
		f.text.WriteByte('\n')
	}
}

func (w *walker) text(text string) error {
	f := w.nearest(cell, label)
	if f == nil || f.kind == label && f.done {
		return w.stray(text)
	}
	if blank(text) && f.text.Len() == 0 {
		return nil
	}
	if f.text.Len() == 0 {
		f.from = w.start
	}
	if !blank(text) {
		f.to = w.at
	}
	if f.text.Len()+len(text) > maxValue {
		f.cut = true
		return nil
	}
	f.text.WriteString(text)
	return nil
}

// stray tells of text that stands under no label, except what every page has.
func (w *walker) stray(text string) error {
	text = tidy(text)
	if text == "" || w.section() == "" && len(w.stack) == 0 && w.labels == 0 {
		return nil // the title of the page, before any element
	}
	if w.strays++; w.strays > maxNotes {
		return nil
	}
	return w.visit.note(w.start, w.at, fmt.Sprintf("text %q stands under no label", short(text)))
}

func (w *walker) pop() error {
	f := w.stack[len(w.stack)-1]
	var err error
	switch f.kind {
	case cell:
		err = w.give(f, true)
		if f.label != nil {
			f.label.done = true
		}
	case label:
		if !f.done {
			w.stack = w.stack[:len(w.stack)-1]
			return w.stray(f.text.String())
		}
	case section:
		err = w.visit.end(f.name, f.start, w.at)
	}
	w.stack = w.stack[:len(w.stack)-1]
	return err
}

// give hands on what a cell says. A cell that holds only other labels says
// nothing itself; an empty one states that its label has no value.
func (w *walker) give(c *frame, closing bool) error {
	text := tidy(c.text.String())
	c.text.Reset()
	if text == "" && !c.cut && (!closing || c.nested || c.done) {
		return nil
	}
	v := Value{Section: w.section(), Text: text, Start: c.from, End: c.to, Cut: c.cut}
	if text == "" {
		v.Start, v.End = c.start, w.at
	}
	if c.label != nil {
		v.Label = strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(tidy(c.label.text.String()), "\n", " "), ":"))
		v.Title = w.title(c.label)
		if !c.done {
			v.Start = c.label.start
		}
	}
	c.done, c.cut = true, false
	if v.Label == "" && text != "" {
		return w.stray(text)
	}
	return w.visit.value(v)
}

// pageMark is printed into records that were born as pages (formats.md §5.2).
var pageMark = regexp.MustCompile(`\s*Meta Platforms Business Record\s*Page\s+\d+\s*`)

// tidy removes page marks, blanks around lines and empty lines. Bytes that are
// no text are shown as U+FFFD, so that a value can be stored anywhere.
func tidy(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.NewReplacer("\x00", "\ufffd", "\ufeff", "").Replace(text)
	if strings.Contains(text, "Business Record") {
		text = pageMark.ReplaceAllString(text, "\n")
	}
	if !strings.Contains(text, "\n") {
		return strings.TrimSpace(text)
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// short keeps a quoted text readable in a note.
func short(s string) string {
	if len(s) <= 80 {
		return s
	}
	return strings.ToValidUTF8(s[:77], "") + "…"
}
