package google

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"

	"suraag/fault"
)

// Bounds of one page.
const (
	maxText  = 1 << 20 // bytes of one line or cell
	maxToken = 2 << 20 // bytes of one piece of markup
	maxCells = 200     // of one row
)

// span is a text with the bytes where it stands.
type span struct {
	text       string
	start, end int64
}

// row is one row of a table.
type row struct {
	cells      []span
	start, end int64
	cut        bool // more cells or text than are kept
}

// visitor takes what the page says, in order. The markup around the words is not
// relied upon, because it is not published (formats.md §5.3).
type visitor interface {
	heading(span) error
	line(span) error
	row(row) error
	hidden(start, end int64, what string) error
}

// page takes a document apart into headings, lines of text and rows of tables.
type page struct {
	z       *html.Tokenizer
	visit   visitor
	start   int64 // of the token
	at      int64 // behind the token
	text    strings.Builder
	from    int64
	to      int64
	cut     bool
	heading bool
	cell    bool // inside a cell
	inRow   bool
	current row
	err     error
}

// walk reads the whole stream.
func walk(body io.Reader, v visitor) error {
	p := &page{z: html.NewTokenizer(body), visit: v}
	p.z.SetMaxBuf(maxToken)
	for p.err == nil {
		token := p.z.Next()
		p.start = p.at
		p.at += int64(len(p.z.Raw()))
		switch token {
		case html.ErrorToken:
			return p.finish(p.z.Err())
		case html.TextToken:
			p.add(string(p.z.Text()))
		case html.CommentToken:
			if strings.ContainsRune(string(p.z.Text()), '<') {
				p.do(v.hidden(p.start, p.at, "a comment holds markup, which was not read"))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := p.z.TagName()
			p.open(string(name))
			p.attributes(more)
		case html.EndTagToken:
			name, _ := p.z.TagName()
			p.close(string(name))
		}
	}
	return p.err
}

func (p *page) finish(err error) error {
	if errors.Is(err, html.ErrBufferExceeded) {
		err = fault.Newf(fault.TooLarge, "markup at byte %d is one piece of more than %d bytes", p.start, maxToken)
	}
	p.endRow()
	p.flush()
	if p.err != nil {
		return p.err
	}
	if err == io.EOF {
		return nil
	}
	return err
}

func (p *page) do(err error) {
	if p.err == nil {
		p.err = err
	}
}

// attributes looks for a tag that was damaged so that it swallows text.
func (p *page) attributes(more bool) {
	for more {
		var v []byte
		_, v, more = p.z.TagAttr()
		if strings.ContainsAny(string(v), "<>") {
			p.do(p.visit.hidden(p.start, p.at, "a tag holds markup, which was not read"))
		}
	}
}

func (p *page) add(text string) {
	blank := strings.TrimSpace(text) == ""
	if blank && p.text.Len() == 0 {
		return
	}
	if p.text.Len() == 0 {
		p.from = p.start
	}
	if !blank {
		p.to = p.at
	}
	if p.text.Len()+len(text) > maxText {
		p.cut = true
		return
	}
	p.text.WriteString(text)
}

func (p *page) open(tag string) {
	switch tag {
	case "tr":
		p.endRow()
		p.flush()
		p.inRow, p.current = true, row{start: p.start, end: p.at}
	case "td", "th":
		p.endCell()
		p.flush()
		p.cell = true
	case "br":
		if !p.cell {
			p.flush()
			return
		}
		p.add("\n")
	case "h1", "h2", "h3", "h4", "h5", "h6":
		p.flush()
		p.heading = true
	default:
		p.block(tag)
	}
}

// block ends a line where a browser would, but not inside a cell.
func (p *page) block(tag string) {
	switch tag {
	case "html", "body", "head", "title", "table", "tbody", "thead", "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "section", "hr", "pre":
		if p.cell && tag != "table" {
			p.add("\n")
			return
		}
		p.flush()
	}
}

func (p *page) close(tag string) {
	switch tag {
	case "td", "th":
		p.endCell()
	case "tr", "table":
		p.endRow()
	case "h1", "h2", "h3", "h4", "h5", "h6":
		p.flush()
		p.heading = false
	default:
		p.block(tag)
	}
}

// take empties the text in progress.
func (p *page) take() span {
	text := strings.NewReplacer("\x00", "\ufffd", "\ufeff", "", "\u00a0", " ").Replace(strings.ToValidUTF8(p.text.String(), "\ufffd"))
	s := span{text: strings.TrimSpace(text), start: p.from, end: p.to}
	p.text.Reset()
	return s
}

func (p *page) flush() {
	cut := p.cut
	p.cut = false
	s := p.take()
	switch {
	case cut:
		p.do(p.visit.hidden(s.start, p.at, fmt.Sprintf("a text has more than %d bytes and was not read to its end", maxText)))
	case s.text == "":
	case p.heading:
		p.do(p.visit.heading(s))
	default:
		p.do(p.visit.line(s))
	}
}

func (p *page) endCell() {
	if !p.cell {
		return
	}
	p.cell = false
	if p.cut || len(p.current.cells) >= maxCells {
		p.current.cut, p.cut = true, false
		p.text.Reset()
		return
	}
	if !p.inRow {
		p.inRow, p.current = true, row{start: p.start}
	}
	p.current.cells = append(p.current.cells, p.take())
}

func (p *page) endRow() {
	p.endCell()
	if !p.inRow {
		return
	}
	p.inRow = false
	p.current.end = p.at
	if len(p.current.cells) > 0 || p.current.cut {
		p.do(p.visit.row(p.current))
	}
}
