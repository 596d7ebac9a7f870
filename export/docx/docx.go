// Package docx writes letters as DOCX (Office Open XML, ECMA-376 and ISO/IEC
// 29500, transitional), so that counsel can change them in a word processor.
//
// Takes text that nobody has vouched for. Gives a file that is the same to the
// byte for the same text and time. Never fetches anything, holds no macro, field
// or link, and never drops what a reader could not see: control characters and
// marks that turn the direction of text are written as their code points.
package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode"

	"suraag/fault"
)

// Doc is a document being set, from top to bottom.
type Doc struct {
	title, foot string
	at          time.Time
	body        strings.Builder
	picture     []byte
}

// New begins a document with its title. Foot stands at the foot of every page.
func New(title, foot string, at time.Time) *Doc {
	d := &Doc{title: title, foot: foot, at: at.UTC()}
	d.para("Title", "", title)
	return d
}

// Heading sets a heading, which is never the last thing on a page.
func (d *Doc) Heading(text string) { d.para("Heading1", "", text) }

// Paragraph sets running text.
func (d *Doc) Paragraph(text string) { d.para("Normal", "", text) }

// Notice sets a paragraph in a frame: what has to be read first.
func (d *Doc) Notice(text string) { d.para("Notice", "", text) }

// Verbatim sets words of a source in type of one width, with a bar on the left.
func (d *Doc) Verbatim(text string) { d.para("Verbatim", "", text) }

// Blank leaves a line for something that only a person can state.
func (d *Doc) Blank(label string) { d.para("Blank", label+" \t", "") }

// List sets numbered items.
func (d *Doc) List(items []string) {
	for n, item := range items {
		d.para("Item", fmt.Sprintf("%d.\t", n+1), item)
	}
}

// Table sets rows of a label and its value. A row is not parted over two pages.
func (d *Doc) Table(rows [][2]string) {
	b := &d.body
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="9638" w:type="dxa"/><w:tblBorders>`)
	for _, side := range []string{"top", "bottom", "insideH"} {
		fmt.Fprintf(b, `<w:%s w:val="single" w:sz="4" w:space="0" w:color="BBBBBB"/>`, side)
	}
	b.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid><w:gridCol w:w="3000"/><w:gridCol w:w="6638"/></w:tblGrid>`)
	for _, row := range rows {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		for n, width := range []int{3000, 6638} {
			style := []string{"Label", "Value"}[n]
			fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`, width)
			d.para(style, "", row[n])
			b.WriteString(`</w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl>`)
	d.para("Normal", "", "")
}

// Picture sets one picture (PNG) as a square of so many millimetres. A document
// has one at most.
func (d *Doc) Picture(png []byte, millimetres int, words string) {
	if d.picture != nil {
		return
	}
	d.picture = png
	side := millimetres * 36000 // EMU
	fmt.Fprintf(&d.body, `<w:p><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%d" cy="%d"/><wp:docPr id="1" name="code" descr="%s"/>`+
		`<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">`+
		`<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="code.png"/><pic:cNvPicPr/></pic:nvPicPr>`+
		`<pic:blipFill><a:blip r:embed="rId3"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm>`+
		`<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`,
		side, side, escape(words), side, side)
}

// para sets a paragraph; a line break in the text stays one.
func (d *Doc) para(style, lead, text string) {
	b := &d.body
	fmt.Fprintf(b, `<w:p><w:pPr><w:pStyle w:val="%s"/></w:pPr>`, style)
	for n, line := range strings.Split(lead+text, "\n") {
		b.WriteString(`<w:r>`)
		if n > 0 {
			b.WriteString(`<w:br/>`)
		}
		for k, part := range strings.Split(line, "\t") {
			if k > 0 {
				b.WriteString(`<w:tab/>`)
			}
			fmt.Fprintf(b, `<w:t xml:space="preserve">%s</w:t>`, escape(part))
		}
		b.WriteString(`</w:r>`)
	}
	b.WriteString(`</w:p>`)
}

// escape makes text fit for XML 1.0, and shows what would not show itself.
func escape(text string) string {
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\ufffd") {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) && r != '\u200d' && r != '\u200c' && r != '\u00a0' && r != '\u202f' {
			fmt.Fprintf(&out, "[U+%04X]", r)
			continue
		}
		out.WriteRune(r)
	}
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(out.String())) // a buffer takes everything
	return b.String()
}

const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

const namespaces = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"` +
	` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"`

// Bytes ends the document. A4, margins of 20 mm.
func (d *Doc) Bytes() ([]byte, error) {
	document := head + `<w:document` + namespaces + `><w:body>` + d.body.String() +
		`<w:sectPr><w:footerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr></w:body></w:document>`
	footer := head + `<w:ftr` + namespaces + `><w:p><w:pPr><w:pStyle w:val="Foot"/></w:pPr><w:r><w:t xml:space="preserve">` + escape(d.foot) + ` · </w:t></w:r>` +
		`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> / </w:t></w:r>` +
		`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>NUMPAGES</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>`
	stamp := d.at.Format(time.RFC3339)
	core := head + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` + escape(d.title) + `</dc:title><dc:creator>Suraag</dc:creator>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + stamp + `</dcterms:created></cp:coreProperties>`
	relations := `<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/>`
	if d.picture != nil {
		relations += `<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/code.png"/>`
	}
	parts := []struct {
		name string
		body []byte
	}{
		{"[Content_Types].xml", []byte(head + types)},
		{"_rels/.rels", []byte(head + roots)},
		{"docProps/core.xml", []byte(core)},
		{"word/document.xml", []byte(document)},
		{"word/styles.xml", []byte(head + styles())},
		{"word/footer1.xml", []byte(footer)},
		{"word/_rels/document.xml.rels", []byte(head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + relations + `</Relationships>`)},
		{"word/media/code.png", d.picture},
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		if len(p.body) == 0 {
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: d.at.Truncate(2 * time.Second)})
		if err != nil {
			return nil, fault.As(fault.Internal, err)
		}
		if _, err := w.Write(p.body); err != nil {
			return nil, fault.As(fault.Internal, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return out.Bytes(), nil
}

const types = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>` +
	`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
	`<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
	`<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>` +
	`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`

const roots = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>` +
	`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`

// styles are the paragraph styles, so that counsel changes all of a kind at once.
// Sizes are in half points, distances in twentieths of a point.
func styles() string {
	const frame = `<w:pBdr><w:top w:val="single" w:sz="8" w:space="4" w:color="444444"/><w:left w:val="single" w:sz="8" w:space="4" w:color="444444"/>` +
		`<w:bottom w:val="single" w:sz="8" w:space="4" w:color="444444"/><w:right w:val="single" w:sz="8" w:space="4" w:color="444444"/></w:pBdr>`
	var b strings.Builder
	b.WriteString(`<w:styles` + namespaces + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Noto Sans" w:hAnsi="Noto Sans" w:cs="Noto Sans Devanagari"/><w:sz w:val="20"/><w:szCs w:val="20"/>` +
		`<w:lang w:val="en-IN" w:bidi="hi-IN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>`)
	for _, s := range []struct{ id, name, para, run string }{
		{"Normal", "Normal", "", ""},
		{"Title", "Title", `<w:spacing w:after="200"/>`, `<w:b/><w:sz w:val="32"/>`},
		{"Heading1", "heading 1", `<w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="0"/>`, `<w:b/><w:sz w:val="24"/>`},
		{"Notice", "Notice", frame + `<w:spacing w:after="200"/><w:ind w:left="120" w:right="120"/>`, `<w:b/>`},
		{"Item", "Item", `<w:tabs><w:tab w:val="left" w:pos="454"/></w:tabs><w:spacing w:after="60"/><w:ind w:left="454" w:hanging="454"/>`, ""},
		{"Blank", "Blank", `<w:tabs><w:tab w:val="right" w:leader="underscore" w:pos="9638"/></w:tabs><w:spacing w:before="160"/>`, ""},
		{"Label", "Label", `<w:spacing w:before="30" w:after="30"/>`, `<w:color w:val="444444"/><w:sz w:val="18"/>`},
		{"Value", "Value", `<w:spacing w:before="30" w:after="30"/>`, ``},
		{"Verbatim", "Verbatim", `<w:pBdr><w:left w:val="single" w:sz="12" w:space="8" w:color="888888"/></w:pBdr><w:spacing w:after="200"/><w:ind w:left="240"/>`, `<w:rFonts w:ascii="Noto Sans Mono" w:hAnsi="Noto Sans Mono" w:cs="Noto Sans Devanagari"/><w:sz w:val="17"/>`},
		{"Foot", "Foot", "", `<w:color w:val="666666"/><w:sz w:val="15"/>`},
	} {
		normal := ""
		if s.id == "Normal" {
			normal = ` w:default="1"`
		}
		fmt.Fprintf(&b, `<w:style w:type="paragraph"%s w:styleId="%s"><w:name w:val="%s"/><w:pPr>%s</w:pPr><w:rPr>%s</w:rPr></w:style>`, normal, s.id, s.name, s.para, s.run)
	}
	return b.String() + `</w:styles>`
}
