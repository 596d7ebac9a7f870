// Package pdf sets documents that a court, an operator or an officer reads on
// paper: headings, paragraphs, tables that go on over pages, quoted bytes, forms
// with lines to be filled in by hand.
//
// Takes text, in any script, from documents that nobody has vouched for. Gives a
// PDF (ISO 32000-1) that is the same to the byte for the same text and time,
// carries its own fonts and opens without a network. Never fetches anything, and
// never drops what it cannot draw: a letter without a glyph, a control character
// and a mark that turns the direction of text are written as their code points,
// [U+202E], so that nothing on paper reads otherwise than in the record.
//
// Latin, Greek and Cyrillic are set with Noto Sans. Devanagari is shaped
// (OpenType, as HarfBuzz does) and drawn as outlines, with the same words laid
// over them invisibly so that they can be searched and copied. Other scripts are
// written as code points. The documents are not tagged for screen readers.
package pdf

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"suraag/fault"
)

// Options are what a document says about itself.
type Options struct {
	Title   string
	Subject string
	Creator string    // program and version
	Of      string    // footer of every page: the hash of the record that the document was made from
	At      time.Time // date of the document
	Lang    string    // BCP 47: "en-IN", "hi-IN"; empty: en-IN
}

// A4, in points (1/72 inch).
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	margin     = 54.0 // left, right and top
	foot       = 60.0 // kept free below
	body       = pageWidth - 2*margin
)

// maxPages bounds one document: what is longer is no longer read on paper.
const maxPages = 3000

// pageCount stands for the number of pages until the document ends. It is made
// of code points that are never set as text, nor as halves of two neighbours.
const pageCount = "\uE123\uF456"

// Doc is a document being set, from top to bottom.
type Doc struct {
	pdf   *fpdf.Fpdf
	set   *typesetter
	opt   Options
	y     float64 // of the next line's top
	level int     // of the last heading
	err   error

	carries [faceCount]bool
}

// New begins a document with its title.
func New(o Options) (*Doc, error) {
	set, err := newTypesetter()
	if err != nil {
		return nil, err
	}
	d := &Doc{pdf: fpdf.New("P", "pt", "A4", ""), set: set, opt: o}
	d.pdf.SetCreationDate(o.At.UTC())
	d.pdf.SetModificationDate(o.At.UTC())
	d.pdf.SetCatalogSort(true)
	d.pdf.SetTitle(visible(o.Title), true)
	d.pdf.SetSubject(visible(o.Subject), true)
	d.pdf.SetCreator(visible(o.Creator), true)
	if o.Lang == "" {
		o.Lang = "en-IN"
	}
	d.pdf.SetLang(o.Lang)
	d.pdf.SetAutoPageBreak(false, 0)
	d.pdf.AliasNbPages(pageCount)
	d.page()
	if o.Title != "" {
		d.Heading(1, o.Title)
	}
	return d, nil
}

// Bytes ends the document.
func (d *Doc) Bytes() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	var out bytes.Buffer
	if err := d.pdf.Output(&out); err != nil {
		return nil, fault.Newf(fault.Internal, "document %q: %w", d.opt.Title, err)
	}
	return out.Bytes(), nil
}

// page begins a new page and sets its footer: what the document was made from,
// its title, and the page.
func (d *Doc) page() {
	if d.pdf.PageNo() >= maxPages && d.err == nil {
		d.err = fault.Newf(fault.TooLarge, "document %q has more than %d pages", d.opt.Title, maxPages)
	}
	if d.err != nil {
		d.y = margin // goes on over the last page, which nobody will see
		return
	}
	d.pdf.AddPage()
	d.y = margin
	y := pageHeight - foot + 14
	d.rule(margin, y, body, 0.4, grey)
	y += 5
	small := style{face: mono, size: 6.5, grey: dark}
	for _, l := range first(d.set.lines(d.opt.Of, small, body), 2) {
		d.line(margin, y, l, small)
		y += small.leading()
	}
	small.face = sans
	end := d.set.lines(fmt.Sprintf("Page %d of ", d.pdf.PageNo()), small, body)[0]
	x := pageWidth - margin - end.width - 16
	if titles := d.set.lines(d.opt.Title, small, x-margin-12); len(titles) > 0 {
		d.line(margin, y, titles[0], small)
	}
	d.line(x, y, end, small)
	d.font(sans, small.size)
	d.pdf.Text(x+end.width, y+small.ascent(), pageCount)
}

// first gives at most n lines. It bounds what is set on every page, which comes
// from the program; what comes from a source is never cut.
func first(lines []line, n int) []line { return lines[:min(n, len(lines))] }

// room begins a new page where fewer than h points are left.
func (d *Doc) room(h float64) {
	if d.y+h > pageHeight-foot && d.y > margin {
		d.page()
	}
}

// Break begins a new page, unless this one is still empty.
func (d *Doc) Break() {
	if d.y > margin {
		d.page()
	}
}

// Space leaves room between two things.
func (d *Doc) Space() { d.y += 8 }

// greys, from 0 (black) to 1 (white).
const (
	black = 0.0
	dark  = 0.3
	grey  = 0.65
)

// font chooses a font; the document carries only those that it uses.
func (d *Doc) font(f face, size float64) {
	if !d.carries[f] {
		d.carries[f] = true
		d.pdf.AddUTF8FontFromBytes(f.family(), "", fontBytes[f])
	}
	d.pdf.SetFont(f.family(), "", size)
}

func (d *Doc) rule(x, y, w, thick, g float64) {
	d.pdf.RawWriteStr(fmt.Sprintf("q %.2f G %.2f w %.2f %.2f m %.2f %.2f l S Q", g, thick, x, pageHeight-y, x+w, pageHeight-y))
}

// line draws one set line with its top at y.
func (d *Doc) line(x, y float64, l line, s style) {
	if d.err != nil {
		return
	}
	level := int(s.grey * 255)
	d.pdf.SetTextColor(level, level, level)
	base := y + s.ascent()
	for _, r := range l.runs {
		d.font(r.face, s.size)
		if r.face != devanagari {
			d.pdf.Text(x, base, r.text)
			x += r.width
			continue
		}
		d.pdf.RawWriteStr(r.outline(x, pageHeight-base, s))
		// Search and copy find the words where they are drawn: stretched to the
		// width of the outlines, in the mode that neither fills nor strokes.
		d.pdf.RawWriteStr(fmt.Sprintf("%.2f Tz 3 Tr", 100*r.width/max(d.pdf.GetStringWidth(r.text), 0.01)))
		d.pdf.Text(x, base, r.text)
		d.pdf.RawWriteStr("100 Tz 0 Tr")
		x += r.width
	}
}

// block sets text between x and x+w, over pages where it must.
func (d *Doc) block(text string, s style, x, w float64) {
	for _, l := range d.set.lines(text, s, w) {
		d.room(s.leading())
		d.line(x, d.y, l, s)
		d.y += s.leading()
	}
}

// The styles of the kit.
var (
	headings = [...]style{{face: bold, size: 16}, {face: bold, size: 12.5}, {face: bold, size: 10.5}}
	plain    = style{face: sans, size: 9.5}
	strong   = style{face: bold, size: 9.5}
	fine     = style{face: sans, size: 8, grey: dark}
	fixed    = style{face: mono, size: 8}
)

// Heading sets a heading of level 1 to 3 and enters it into the document's
// outline. It is never the last thing on a page.
func (d *Doc) Heading(level int, text string) {
	level = min(max(level, 1), len(headings))
	s := headings[level-1]
	if d.y > margin {
		d.y += s.size * 0.9
	}
	d.room(s.leading() + 4*plain.leading())
	d.level = min(level, d.level+1)
	if d.err == nil {
		d.font(sans, s.size)
		d.pdf.Bookmark(visible(text), d.level-1, d.y)
	}
	d.block(text, s, margin, body)
	d.y += s.size * 0.3
}

// Paragraph sets running text; a line break in it stays one.
func (d *Doc) Paragraph(text string) {
	d.block(text, plain, margin, body)
	d.y += 4
}

// Strong sets a paragraph in bold. It is never the last thing on a page.
func (d *Doc) Strong(text string) {
	d.room(4 * strong.leading())
	d.block(text, strong, margin, body)
	d.y += 4
}

// Note sets a paragraph in small, grey type.
func (d *Doc) Note(text string) {
	d.block(text, fine, margin, body)
	d.y += 4
}

// Right sets lines in the right half of the page: a date, a sender.
func (d *Doc) Right(text string) {
	d.block(text, plain, margin+body/2, body/2)
	d.y += 4
}

// Mono sets text in type of one width, for hashes and commands.
func (d *Doc) Mono(text string) {
	d.block(text, fixed, margin, body)
	d.y += 4
}

// Quote sets words of a source as they are: type of one width, with a bar on
// the left.
func (d *Doc) Quote(text string) {
	for _, l := range d.set.lines(text, fixed, body-14) {
		d.room(fixed.leading())
		d.line(margin+14, d.y, l, fixed)
		d.pdf.RawWriteStr(fmt.Sprintf("q %.2f G 2 w %.2f %.2f m %.2f %.2f l S Q", grey, margin+5, pageHeight-d.y, margin+5, pageHeight-d.y-fixed.leading()))
		d.y += fixed.leading()
	}
	d.y += 5
}

// List sets items, each behind its mark: "•", "1.", "(a)".
func (d *Doc) List(items []string, mark func(n int) string) {
	const indent = 18
	for n, item := range items {
		d.room(plain.leading())
		for _, l := range d.set.lines(mark(n), plain, indent) {
			d.line(margin+3, d.y, l, plain)
			break
		}
		d.block(item, plain, margin+indent, body-indent)
		d.y += 2
	}
	d.y += 3
}

// Bullets are the marks of a list without order.
func Bullets(int) string { return "•" }

// Numbers are the marks of a numbered list.
func Numbers(n int) string { return fmt.Sprintf("%d.", n+1) }
