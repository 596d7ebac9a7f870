package web

import (
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"suraag/custody"
	"suraag/fault"
	"suraag/sighting"
)

// around is how many bytes before and after a statement are shown.
const around = 600

// showProblems is how many bad rows and notes a page lists.
const showProblems = 100

type sourcePage struct {
	base
	Source   custody.Source
	HandIns  []custody.HandIn
	Reading  reading
	Problems []sighting.Problem
	More     bool // there are more problems than are shown
	After    int64
	Place    sighting.Place
	Quote    *quoted
}

// Length is how many bytes the statement has.
func (p sourcePage) Length() int64 { return p.Place.End - p.Place.Start }

// Here is the link to another place in the same source.
func (p sourcePage) Here(at sighting.Place) link {
	l := p.Ref(p.Source.ID, at)
	if l.Text = at.Locator; l.Text == "" {
		l.Text = "bytes " + at.String()
	}
	return l
}

// quoted is a statement in its surroundings, as text that is safe to look at.
type quoted struct {
	Before, Text, After []run
	Cut                 bool
}

// run is a piece of a quotation. An escaped one stands for bytes that are no
// text, or for characters that would act on the page instead of being seen.
type run struct {
	Text    string
	Escaped bool
}

// legible turns bytes into runs. What is no UTF-8 is written as \x and two hex
// digits; controls and characters that nobody sees (those that turn the
// direction of writing, too) as \u and their number.
func legible(b []byte) []run {
	var out []run
	put := func(text string, escaped bool) {
		if n := len(out) - 1; n >= 0 && out[n].Escaped == escaped {
			out[n].Text += text
			return
		}
		out = append(out, run{text, escaped})
	}
	for len(b) > 0 {
		if n := visible(b); n > 0 {
			put(string(b[:n]), false)
			b = b[n:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			put(fmt.Sprintf(`\x%02x`, b[0]), true)
		} else {
			put(fmt.Sprintf(`\u%04x`, r), true)
		}
		b = b[n:]
	}
	return out
}

// visible counts the bytes up to the first that do not show themselves.
func visible(b []byte) (n int) {
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if !seen(r, size) {
			break
		}
		n += size
	}
	return n
}

// seen tells whether a character shows itself, as unlike the ends of lines.
func seen(r rune, n int) bool {
	if r == utf8.RuneError && n == 1 {
		return false
	}
	return r == '\n' || r == '\t' || strconv.IsPrint(r)
}

// source shows a sealed original: its receipt, what came of reading it, its bad
// rows, and the words at a place in it.
func (s *server) source(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := s.zone(r); err != nil {
		return err
	}
	doc, err := s.document(r)
	if err != nil {
		return err
	}
	p := sourcePage{
		base: s.base(r, doc.Name, "intake"), Source: doc.Source, HandIns: doc.HandIns, Reading: readingOf(doc.Source),
		Problems: doc.Problems, More: doc.MoreProblems, Place: doc.place,
	}
	if n := len(p.Problems); n > 0 {
		p.After = p.Problems[n-1].Seq + 1
	}
	if q := doc.quote; q != nil {
		p.Quote = &quoted{Before: legible(q.Before), Text: legible(q.Text), After: legible(q.After), Cut: q.Cut}
	}
	return s.render(w, http.StatusOK, "source", p)
}

// sourceDocument is a source as JSON.
type sourceDocument struct {
	custody.Source
	HandIns      []custody.HandIn   `json:"hand_ins"`
	Problems     []sighting.Problem `json:"problems"`
	MoreProblems bool               `json:"more_problems,omitempty"` // ask again with problems_from
	At           string             `json:"at,omitempty"`
	Before       string             `json:"before,omitempty"`
	Text         string             `json:"quote,omitempty"`
	After        string             `json:"after,omitempty"`
	Cut          bool               `json:"cut,omitempty"`
	quote        *Quote
	place        sighting.Place
}

func (s *server) apiSource(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.document(r)
	if err != nil {
		return err
	}
	if q := doc.quote; q != nil {
		doc.Before, doc.Text, doc.After, doc.Cut = plain(legible(q.Before)), plain(legible(q.Text)), plain(legible(q.After)), q.Cut
	}
	return writeJSON(w, http.StatusOK, doc)
}

func plain(runs []run) string {
	var out []byte
	for _, r := range runs {
		out = append(out, r.Text...)
	}
	return string(out)
}

// document gathers what page and JSON show of a source.
func (s *server) document(r *http.Request) (sourceDocument, error) {
	ctx, query := r.Context(), r.URL.Query()
	d := sourceDocument{At: query.Get("at")}
	var err error
	if d.At != "" {
		if d.place, err = sighting.ParsePlace(d.At); err != nil {
			return d, err
		}
	}
	if d.Source, err = s.Desk.FindSource(ctx, r.PathValue("id")); err != nil {
		return d, err
	}
	if d.HandIns, err = s.Desk.HandIns(ctx, d.ID); err != nil {
		return d, err
	}
	if err = s.problems(r, &d); err != nil {
		return d, err
	}
	if d.At == "" {
		return d, nil
	}
	q, err := s.Desk.Quote(ctx, d.ID, d.place, around)
	d.quote = &q
	return d, fault.Wrapf(err, "place %q", short(d.At))
}

func (s *server) problems(r *http.Request, d *sourceDocument) (err error) {
	var from int64
	if text := r.URL.Query().Get("problems_from"); text != "" {
		if from, err = strconv.ParseInt(text, 10, 64); err != nil || from < 0 {
			return fault.Newf(fault.Invalid, "problems_from %q is no number", short(text))
		}
	}
	d.Problems, err = s.Desk.Problems(r.Context(), d.ID, from, showProblems+1)
	if d.MoreProblems = len(d.Problems) > showProblems; d.MoreProblems {
		d.Problems = d.Problems[:showProblems]
	}
	if d.Problems == nil {
		d.Problems = []sighting.Problem{}
	}
	return err
}
