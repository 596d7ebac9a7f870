package google

import (
	"fmt"
	"strings"

	"suraag/instant"
	"suraag/sighting"
)

// row reads one row of a table: a header, an activity, or a label with its value
// where the page lists them in a table.
func (r *reader) row(w row) error {
	place := sighting.Place{Start: w.start, End: w.end, Locator: fmt.Sprintf("table row %d", r.rows+1)}
	switch {
	case w.cut:
		r.rows++
		return r.sink.Bad(place, "the row has more cells or text than can be kept")
	case isHeader(w):
		return r.head(w)
	case len(w.cells) == 2 && r.header == nil:
		if label, value, found := split(w.cells[0].text + ":" + w.cells[1].text); found {
			return r.value(label, value, span{start: w.start, end: w.end})
		}
	}
	if r.header == nil {
		if r.unread++; r.unread > 20 {
			return nil
		}
		return r.sink.Note(place, fmt.Sprintf("row %q stands in a table that is not known (under %q) and is not kept", short(joined(w)), short(r.title)))
	}
	if joined(w) == "" {
		return nil
	}
	r.rows++
	if len(w.cells) != len(r.header) {
		return r.sink.Bad(place, fmt.Sprintf("the row has %d cells and its table %d columns, so it is not certain what is what: %q", len(w.cells), len(r.header), short(joined(w))))
	}
	return r.activity(w, place)
}

func joined(w row) string {
	var texts []string
	for _, c := range w.cells {
		if c.text != "" {
			texts = append(texts, c.text)
		}
	}
	return strings.Join(texts, " | ")
}

// isHeader knows a header by the two columns that matter.
func isHeader(w row) bool {
	var time, address bool
	for _, c := range w.cells {
		time = time || strings.EqualFold(c.text, "Timestamp")
		address = address || strings.EqualFold(c.text, "IP Address") || strings.EqualFold(c.text, "IP")
	}
	return time && address
}

func (r *reader) head(w row) error {
	r.header = nil
	r.tables++
	for _, c := range w.cells {
		name := c.text
		known := false
		for _, k := range columnList() {
			if strings.EqualFold(k, name) {
				name, known = k, true
			}
		}
		if !known {
			if err := r.once(c, fmt.Sprintf("column %q is not known; its values are kept", name)); err != nil {
				return err
			}
		}
		r.header = append(r.header, name)
	}
	return nil
}

// activity reads one use of the account.
func (r *reader) activity(w row, place sighting.Place) error {
	s := sighting.Sighting{Act: sighting.Login, Standing: sighting.ProviderRecord, Service: service}
	s.Place, s.Part = place, "activity"
	s.Who = append(s.Who, r.owner...)
	if len(s.Who) == 0 {
		s.Notes = append(s.Notes, "the page names its account nowhere before this row")
	}
	for n, c := range w.cells {
		if !sighting.Stated(c.text) {
			continue
		}
		if err := r.column(&s, r.header[n], c.text); err != nil {
			return err
		}
	}
	if s.From.IsZero() {
		return r.sink.Bad(place, fmt.Sprintf("no address that can be read: %q", short(joined(w))))
	}
	if s.When.IsZero() {
		s.Notes = append(s.Notes, "no time that can be read")
		if err := r.sink.Note(place, "no time that can be read: "+short(joined(w))); err != nil {
			return err
		}
	}
	return r.sink.Sighting(s)
}

func (r *reader) column(s *sighting.Sighting, name, value string) error {
	keep := func() { s.Extra = append(s.Extra, sighting.Field{Name: name, Value: value}) }
	doubt := func(err error) {
		keep()
		s.Notes = append(s.Notes, err.Error())
	}
	switch name {
	case "Timestamp":
		when, err := instant.Parse(value, r.in.Options.Rule())
		if err != nil {
			doubt(err)
			return nil
		}
		s.When = when
	case "IP Address", "IP":
		from, err := sighting.ParseEndpoint(value, "")
		if err != nil {
			doubt(err)
			return nil
		}
		s.From = from
	case "Android ID", "Apple iOS IDFV":
		id, err := sighting.Identify(sighting.Device, service, value)
		if err != nil {
			doubt(err)
			return nil
		}
		s.Who = append(s.Who, id)
	case "User Agent":
		s.Client = value
	case "Activity Type":
		keep()
		switch {
		case strings.EqualFold(value, "Logout"):
			s.Notes = append(s.Notes, "log out: the address used the account until then")
		case !strings.EqualFold(value, "Login"):
			s.Notes = append(s.Notes, fmt.Sprintf("activity %q: the address used the account, which need not be a log in", short(value)))
		}
	case "Change Type":
		keep()
		s.Notes = append(s.Notes, "a change of the account, made from this address")
	default:
		keep()
	}
	return nil
}
