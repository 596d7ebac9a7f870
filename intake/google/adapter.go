package google

import (
	"fmt"
	"strings"

	"suraag/instant"
	"suraag/intake"
	"suraag/sighting"
)

const service = "Google"

// reader joins the parts of the page. It is the visitor of the walk.
type reader struct {
	in      *intake.Input
	sink    intake.Sink
	title   string // of the last heading
	account sighting.Sighting
	owner   []sighting.Identifier // of the account, without what may be another's
	labels  int
	pending string // a label whose value has not come yet
	header  []string
	tables  int
	rows    int
	unread  int // rows of a table that is not known
	notes   map[string]bool
}

func newReader(in *intake.Input, sink intake.Sink) *reader {
	r := &reader{in: in, sink: sink, notes: map[string]bool{}}
	r.account.Act, r.account.Standing, r.account.Service, r.account.Part = sighting.Register, sighting.ProviderRecord, service, "account"
	r.account.Place.Locator = "subscriber information"
	return r
}

func (r *reader) hidden(start, end int64, what string) error {
	return r.sink.Note(sighting.Place{Start: start, End: end, Locator: "markup"}, what)
}

func (r *reader) once(s span, text string) error {
	if r.notes[text] || len(r.notes) > 200 {
		return nil
	}
	r.notes[text] = true
	return r.sink.Note(sighting.Place{Start: s.start, End: s.end, Locator: r.title}, text)
}

// heading ends a table, so that rows under another heading are not read by the
// columns before it.
func (r *reader) heading(s span) error {
	r.title, r.header, r.pending = s.text, nil, ""
	return nil
}

// line reads "Label: value", or a value that stands on the line behind its label.
func (r *reader) line(s span) error {
	label, value, found := split(s.text)
	switch {
	case found && value == "":
		r.pending = label
		r.touch(s)
		return nil
	case found:
		r.pending = ""
		return r.value(label, value, s)
	case r.pending != "":
		label, r.pending = r.pending, ""
		return r.value(label, s.text, s)
	case strings.EqualFold(s.text, "GOOGLE SUBSCRIBER INFORMATION"):
		return nil
	}
	if label, value, found = strings.Cut(s.text, ":"); found && len(label) < 80 && len(label) > 1 {
		if strings.TrimSpace(value) == "" {
			return nil
		}
		if err := r.once(s, fmt.Sprintf("label %q is not known; its values are kept", label)); err != nil {
			return err
		}
		return r.value(strings.TrimSpace(label), strings.TrimSpace(value), s)
	}
	return r.once(s, fmt.Sprintf("text %q stands under no label and is not kept", short(s.text)))
}

// split finds a known label at the beginning.
func split(text string) (label, value string, found bool) {
	for _, l := range labelList() {
		if len(text) < len(l) || !strings.EqualFold(text[:len(l)], l) {
			continue
		}
		rest := strings.TrimSpace(text[len(l):])
		if rest == "" {
			return l, "", true
		}
		if v, ok := strings.CutPrefix(rest, ":"); ok {
			return l, strings.TrimSpace(v), true
		}
	}
	return "", "", false
}

// touch widens the place of the account's record: its labels stand together.
func (r *reader) touch(s span) {
	if r.labels == 0 {
		r.account.Place.Start = s.start
	}
	r.labels++
	r.account.Place.End = s.end
}

func (r *reader) value(label, value string, s span) error {
	r.touch(s)
	if !sighting.Stated(value) {
		return nil
	}
	a := &r.account
	switch label {
	case "Google Account ID":
		r.identify(sighting.Account, label, value)
	case "e-Mail", "Alternate e-Mails", "Contact e-Mail":
		r.identify(sighting.Email, label, value)
	case "Recovery e-Mail":
		r.identify(sighting.Email, label, value)
		a.Notes = append(a.Notes, "a recovery e-mail can be another person's")
	case "Recovery SMS", "User Phone Numbers", "2-Step Verification Phone Numbers":
		r.identify(sighting.Phone, label, value)
	case "Name":
		r.identify(sighting.Person, label, value)
	case "Terms of Service IP":
		from, err := sighting.ParseEndpoint(value, "")
		if err != nil {
			r.doubt(label, value, err)
			return nil
		}
		a.From = from
	case "Created on":
		when, err := instant.Parse(value, r.in.Options.Rule())
		if err != nil {
			r.doubt(label, value, err)
			return r.sink.Note(sighting.Place{Start: s.start, End: s.end, Locator: label}, err.Error())
		}
		a.When = when
	default:
		a.Extra = append(a.Extra, sighting.Field{Name: label, Value: value})
	}
	return nil
}

// doubt keeps a value as words, with the reason.
func (r *reader) doubt(label, value string, err error) {
	r.account.Extra = append(r.account.Extra, sighting.Field{Name: label, Value: value})
	r.account.Notes = append(r.account.Notes, err.Error())
}

// identify reads a list of identifiers; "[IN]" behind a number is its country.
func (r *reader) identify(kind sighting.IDKind, label, value string) {
	list := []string{value}
	if kind == sighting.Email || kind == sighting.Phone {
		list = strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ';' || c == '\n' })
	}
	for _, v := range list {
		v = strings.TrimSpace(v)
		if n := strings.Index(v, " ["); kind == sighting.Phone && n > 0 {
			v = v[:n]
		}
		if !sighting.Stated(v) {
			continue
		}
		id, err := sighting.Identify(kind, service, v)
		if err != nil {
			r.doubt(label, v, err)
			continue
		}
		if !has(r.account.Who, id) {
			r.account.Who = append(r.account.Who, id)
		}
		if label == "Google Account ID" || label == "e-Mail" {
			r.owner = append(r.owner, id)
		}
	}
}

func has(list []sighting.Identifier, id sighting.Identifier) bool {
	for _, have := range list {
		if have == id {
			return true
		}
	}
	return false
}

// short keeps a quoted text readable.
func short(s string) string {
	if len(s) <= 80 {
		return s
	}
	return strings.ToValidUTF8(s[:77], "") + "…"
}
