package export

import (
	"time"

	"rsc.io/qr"

	"suraag/casework/legal"
	"suraag/export/docx"
	"suraag/export/pdf"
	"suraag/fault"
)

// Letter is a letter of the legal loop to be set on paper.
type Letter struct {
	legal.Letter
	At      time.Time // of the draft
	Program string    // name and version
}

// codeSide is the side of the QR code in millimetres.
const codeSide = 22

// foot stands under every page: by it a sheet is tied to its request.
func (l Letter) foot() string { return "request " + l.Number }

// code is the QR code of the letter: the request's number and hash, so that who
// has the paper finds the record without typing.
func (l Letter) code() (*qr.Code, error) {
	c, err := qr.Encode(l.Code, qr.M)
	return c, fault.As(fault.Internal, err)
}

// DOCX sets the letter for a word processor.
func (l Letter) DOCX() ([]byte, error) {
	d := docx.New(l.Title, l.foot(), l.At)
	for _, b := range l.Blocks {
		switch b.Kind {
		case legal.Notice:
			d.Notice(b.Text)
		case legal.Heading:
			d.Heading(b.Text)
		case legal.Paragraph:
			d.Paragraph(b.Text)
		case legal.List:
			d.List(b.Items)
		case legal.Table:
			d.Table(b.Rows)
		case legal.Verbatim:
			d.Verbatim(b.Text)
		case legal.Blank:
			d.Blank(b.Text)
		}
	}
	c, err := l.code()
	if err != nil {
		return nil, err
	}
	d.Picture(c.PNG(), codeSide, l.Code)
	return d.Bytes()
}

// PDF sets the letter for print.
func (l Letter) PDF() ([]byte, error) {
	d, err := pdf.New(pdf.Options{Title: l.Title, Subject: l.foot(), Creator: l.Program, Of: l.foot(), At: l.At})
	if err != nil {
		return nil, err
	}
	for _, b := range l.Blocks {
		switch b.Kind {
		case legal.Notice:
			d.Strong(b.Text)
		case legal.Heading:
			d.Heading(2, b.Text)
		case legal.Paragraph:
			d.Paragraph(b.Text)
		case legal.List:
			d.List(b.Items, pdf.Numbers)
		case legal.Table:
			var fields []pdf.Field
			for _, row := range b.Rows {
				fields = append(fields, pdf.Field{Label: row[0], Value: row[1]})
			}
			d.Fields(fields)
		case legal.Verbatim:
			d.Quote(b.Text)
		case legal.Blank:
			d.Blank(b.Text)
		}
	}
	c, err := l.code()
	if err != nil {
		return nil, err
	}
	d.Code(c.Size, c.Black)
	return d.Bytes()
}
