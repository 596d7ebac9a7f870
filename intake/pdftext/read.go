package pdftext

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klippa-app/go-pdfium"
	damage "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"suraag/digest"
	"suraag/fault"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/sighting"
)

type reader struct {
	limits limits
	engine engine
}

func (r *reader) read(in *intake.Input, sink intake.Sink) error {
	data, err := io.ReadAll(io.LimitReader(in.Body, int64(r.limits.bytes)+1))
	if err != nil {
		return err
	}
	if len(data) > r.limits.bytes {
		err := fault.Newf(fault.TooLarge, "the PDF has more than %d bytes", r.limits.bytes)
		return fault.WithHint(err, "part it into files of fewer pages, and hand in those beside it")
	}
	return r.engine.use(r.limits.time, func(ctx context.Context, guest pdfium.Pdfium) error {
		d := &document{limits: r.limits, guest: guest, sink: sink, whole: sighting.Place{End: int64(len(data))}}
		return d.all(ctx, data)
	})
}

// document is one PDF being read.
type document struct {
	limits limits
	guest  pdfium.Pdfium
	sink   intake.Sink
	whole  sighting.Place
	ref    references.FPDF_DOCUMENT

	spoken, hashes int // pages with words, labelled hashes
}

func (d *document) all(ctx context.Context, data []byte) error {
	opened, err := d.guest.OpenDocument(&requests.OpenDocument{File: &data})
	switch {
	case errors.Is(err, damage.ErrPassword), errors.Is(err, damage.ErrSecurity):
		err := fault.Newf(fault.Invalid, "the PDF is encrypted: it opens with a password only")
		return fault.WithHint(err, "ask whoever sent it for the password or an open copy; save it without a password and hand in that one beside this one, which stays as the original")
	case err != nil:
		return fault.Newf(fault.Invalid, "the PDF cannot be opened: %w", err)
	}
	d.ref = opened.Document
	count, err := d.guest.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil {
		return fault.Newf(fault.Invalid, "the PDF's pages cannot be counted: %w", err)
	}
	for n := range min(count.PageCount, d.limits.pages) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := d.page(n); err != nil {
			return err
		}
	}
	if count.PageCount > d.limits.pages {
		if err := d.sink.Bad(d.whole, fmt.Sprintf("the PDF has %d pages; those after page %d are not read", count.PageCount, d.limits.pages)); err != nil {
			return err
		}
	}
	return d.sink.Note(d.whole, d.summary(count.PageCount))
}

// summary tells what was read and what was not, so that nobody takes silence for
// an empty page.
func (d *document) summary(pages int) string {
	if d.spoken == 0 {
		return fmt.Sprintf("none of its %d pages has text: it is a scan, or holds pictures alone, and no text is read out of pictures; ask for the file it was printed from, or enter what it states by hand (generic/csv)", pages)
	}
	return fmt.Sprintf("words of %d of %d pages, %d labelled hashes; pictures and attachments in the PDF are not opened", d.spoken, pages, d.hashes)
}

// page reads one page, counted from 0. What draws a page lies in objects all over
// the file (its text, its fonts, the maps from glyphs to letters), so that only the
// file as a whole states its words; the locator says which page.
func (d *document) page(n int) error {
	at := d.whole
	at.Locator = fmt.Sprintf("page %d", n+1)
	got, err := d.guest.GetPageText(&requests.GetPageText{Page: requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: n}}})
	switch {
	case errors.Is(err, damage.ErrPage), errors.Is(err, damage.ErrFormat), errors.Is(err, damage.ErrUnknown), errors.Is(err, damage.ErrSuccess):
		return d.sink.Bad(at, fmt.Sprintf("page %d cannot be read: %v", n+1, err))
	case err != nil:
		return fault.Newf(fault.Invalid, "page %d and those after it cannot be read: %w", n+1, err)
	}
	text := strings.ReplaceAll(got.Text, "\r\n", "\n")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	d.spoken++
	s := draft.New(at, sighting.Report, sighting.Statement, "")
	s.Part = at.Locator
	s.Say(text)
	found := d.labelled(s, text)
	if len(found) == 1 {
		s.Content.Digests = found
		return d.sink.Sighting(s.Sighting)
	}
	if len(found) > 1 {
		s.Note("the page states %d hashes and not which of them are of one file; each has a record of its own", len(found))
	}
	if err := d.sink.Sighting(s.Sighting); err != nil {
		return err
	}
	for _, h := range found {
		one := draft.New(at, sighting.Report, sighting.Statement, "")
		one.Part = at.Locator + ", " + h.String()
		one.Content.Digests = []digest.Digest{h}
		if err := d.sink.Sighting(one.Sighting); err != nil {
			return err
		}
	}
	return nil
}

// labelled gives the hashes of a page, and notes each label whose value is none:
// one that was broken over two lines is not put together again.
func (d *document) labelled(s *draft.Draft, text string) []digest.Digest {
	var out []digest.Digest
	for _, v := range values(text) {
		h, doubt, err := digest.Read(v.kind, v.text)
		if !v.read || err != nil || doubt != "" {
			s.Note("what follows the label %s is not %d hexadecimal digits; it stands in the words alone", v.kind, digits[v.kind])
			continue
		}
		out = append(out, h)
	}
	d.hashes += len(out)
	return out
}
