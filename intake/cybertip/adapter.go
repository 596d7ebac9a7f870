package cybertip

import (
	"fmt"
	"slices"

	"suraag/digest"
	"suraag/fault"
	"suraag/instant"
	"suraag/intake"
	"suraag/sighting"
)

// giving turns one report into sightings.
type giving struct {
	in   *intake.Input
	sink intake.Sink
	*report
	shared sighting.Sighting // Via, To, Extra and Notes that all reports of people share
	byID   map[string]mail
}

// all gives the sightings of a report in the order: people, files, the rest.
func (g *giving) all() error {
	if n := max(len(g.people), len(g.recipients)); n > maxSides {
		return fault.Newf(fault.TooLarge, "the report names %d people, more than %d", n, maxSides)
	}
	g.share()
	if sighting.Stated(g.id) && g.number() == nil {
		if err := g.sink.Note(g.at, fmt.Sprintf("the report's number %q is no number; the records stand without it", cut(g.id))); err != nil {
			return err
		}
	}
	for _, p := range g.people {
		if err := g.person(p); err != nil {
			return err
		}
	}
	if len(g.people) == 0 && !g.bare {
		s := g.sighting(sighting.Report, &g.said, "report")
		if err := g.give(g.wholeReport(s, &person{})); err != nil {
			return err
		}
	}
	for _, f := range g.files {
		if err := g.file(f); err != nil {
			return err
		}
	}
	for _, c := range g.captures {
		if err := g.capture(c, g.sighting(sighting.Report, &c.said, "capture")); err != nil {
			return err
		}
	}
	return nil
}

// sighting begins a sighting that the report states.
func (g *giving) sighting(act sighting.Act, what *said, part string) sighting.Sighting {
	s := sighting.Sighting{Act: act, Via: g.number(), Service: g.service(""), Standing: sighting.ProviderRecord}
	s.Place, s.Part = what.at, part
	s.Extra, s.Notes = slices.Clone(what.extra), slices.Clone(what.notes)
	return s
}

// give hands a sighting on, and lists its doubts beside it.
func (g *giving) give(s sighting.Sighting) error {
	if err := g.sink.Sighting(s); err != nil {
		return err
	}
	for _, text := range s.Notes {
		if err := g.sink.Note(s.Place, text); err != nil {
			return err
		}
	}
	return nil
}

// number is the report as an identifier.
func (g *giving) number() []sighting.Identifier {
	if id, err := sighting.Identify(sighting.Case, "", g.id); err == nil {
		id.Value = "CyberTip " + id.Value
		return []sighting.Identifier{id}
	}
	return nil
}

// service is the person's service, else who reported, else what the officer says.
func (g *giving) service(own string) string {
	for _, name := range []string{own, g.provider} {
		if sighting.Stated(name) {
			return cut(name)
		}
	}
	return g.in.Options.Service
}

// homeless tells whether a value would be taken for the same one at any other
// service, because nobody says whose it is.
func homeless(kind sighting.IDKind, service string) bool {
	switch kind {
	case sighting.Account, sighting.Handle, sighting.Group, sighting.Message:
		return service == ""
	}
	return false
}

// identify adds identifiers to a list, each once. What cannot be one is kept as
// it is written.
func identify(to []sighting.Identifier, ids []raw, service string, s *sighting.Sighting) []sighting.Identifier {
	if len(ids) > maxIDs {
		s.Notes = append(s.Notes, fmt.Sprintf("of %d identifiers the first %d are taken", len(ids), maxIDs))
		ids = ids[:maxIDs]
	}
	for _, r := range ids {
		id, err := sighting.Identify(r.kind, service, r.value)
		if err == nil && homeless(r.kind, service) {
			err = fault.Newf(fault.Invalid, "%s %q is of no stated service; declare the service when handing the file in", r.kind, cut(r.value))
		}
		if err != nil {
			s.Extra = append(s.Extra, sighting.Field{Name: r.label, Value: cut(r.value)})
			s.Notes = append(s.Notes, fmt.Sprintf("%s: %v", r.label, err))
			continue
		}
		if !slices.Contains(to, id) {
			to = append(to, id)
		}
	}
	return to
}

// person gives the report of one person, and what was captured of that person.
func (g *giving) person(p *person) error {
	s := g.wholeReport(g.sighting(sighting.Report, &p.said, "person"), p)
	if err := g.give(s); err != nil {
		return err
	}
	for _, c := range p.captures {
		one := g.sighting(sighting.Report, &c.said, "capture")
		one.Service, one.Who = s.Service, s.Who
		if err := g.capture(c, one); err != nil {
			return err
		}
	}
	return nil
}

// wholeReport adds to a report sighting what the report as a whole says. Intended
// recipients are its other side only: they are not known to have got anything.
func (g *giving) wholeReport(s sighting.Sighting, p *person) sighting.Sighting {
	s.Service = g.service(p.service)
	s.When = g.time(&s, "dateReceived", g.received)
	s.Who = identify(nil, p.ids, s.Service, &s)
	s.Via = identify(append(s.Via, g.shared.Via...), p.via, s.Service, &s)
	s.To = g.shared.To
	s.Extra = append(s.Extra, g.shared.Extra...)
	s.Notes = append(s.Notes, g.shared.Notes...)
	return s
}

// share gathers once what every person's report repeats.
func (g *giving) share() {
	s := &g.shared
	s.Via = identify(nil, g.via, g.service(""), s)
	seen := map[sighting.Identifier]bool{}
	for n, to := range g.recipients {
		for _, id := range identify(nil, to.ids, g.service(to.service), s) {
			if !seen[id] {
				seen[id], s.To = true, append(s.To, id)
			}
		}
		for _, f := range to.extra {
			if len(s.Extra) < maxExtra {
				s.Extra = append(s.Extra, sighting.Field{Name: fmt.Sprintf("intendedRecipient %d %s", n+1, f.Name), Value: f.Value})
			}
		}
	}
	if len(g.people) > 0 {
		s.Extra = append(s.Extra, g.extra...)
		s.Notes = append(s.Notes, g.notes...)
	}
	s.Notes = s.Notes[:min(len(s.Notes), maxNotes)]
	g.byID = map[string]mail{}
	for _, m := range g.mails {
		g.byID[m.id] = m
	}
}

// reported gives the one who is reported, where the report names exactly one: of
// several it does not say who sent which file.
func (g *giving) reported(s *sighting.Sighting) {
	switch len(g.people) {
	case 0:
	case 1:
		s.Service = g.service(g.people[0].service)
		s.Who = identify(nil, g.people[0].ids, s.Service, &sighting.Sighting{})
	default:
		s.Notes = append(s.Notes, fmt.Sprintf("the report names %d people and does not say whose file this is", len(g.people)))
	}
}

// file gives the report of one file, and what was captured of its upload.
func (g *giving) file(f *file) error {
	s := g.sighting(sighting.Report, &f.said, "report")
	g.reported(&s)
	s.When = g.time(&s, "dateReceived", g.received)
	s.Content = g.content(f, &s)
	via := make([]raw, 0, len(f.messages)+len(f.via))
	for _, id := range f.messages {
		via = append(via, raw{sighting.Message, "Message ID", id})
	}
	s.Via = identify(s.Via, append(via, f.via...), s.Service, &s)
	g.mail(f, &s)
	if err := g.give(s); err != nil {
		return err
	}
	for n, c := range f.captures {
		one := g.ofFile(f, &c.said, s, fmt.Sprintf("capture %d", n))
		one.Place.Locator = c.at.Locator
		if err := g.capture(c, one); err != nil {
			return err
		}
	}
	for n, u := range f.uploads {
		one := g.ofFile(f, &said{}, s, fmt.Sprintf("upload %d", n))
		one.Act, one.Standing = sighting.Upload, u.standing
		one.Extra = append(one.Extra, sighting.Field{Name: "Stated as", Value: u.label})
		one.When = g.time(&one, u.label, u.when)
		if err := g.give(one); err != nil {
			return err
		}
	}
	return nil
}

// ofFile begins a sighting of an act with a file. Its place is the whole file's:
// only there stand the hash and the capture together.
func (g *giving) ofFile(f *file, what *said, whole sighting.Sighting, part string) sighting.Sighting {
	s := g.sighting(sighting.Report, what, part)
	s.Place = f.at
	s.Who, s.Service, s.Content = whole.Who, whole.Service, whole.Content
	for _, id := range whole.Via {
		if id.Kind == sighting.Message && !slices.Contains(s.Via, id) {
			s.Via = append(s.Via, id)
		}
	}
	return s
}

// content reads the hashes of a file. A second value of one kind that differs
// would join two contents into one, and is not used.
func (g *giving) content(f *file, s *sighting.Sighting) sighting.Content {
	c := sighting.Content{Name: cut(f.name)}
	if f.ref != "" && sighting.Stated(g.id) {
		c.Refs = []string{cut("cybertip:" + g.id + "/" + f.ref)}
	}
	for _, h := range f.hashes {
		d, doubt, err := digest.Read(h.label, h.value)
		same := slices.IndexFunc(c.Digests, func(have digest.Digest) bool { return have.Kind() == d.Kind() })
		switch {
		case err != nil:
			s.Extra = append(s.Extra, sighting.Field{Name: h.label, Value: cut(h.value)})
			s.Notes = append(s.Notes, err.Error())
			continue
		case same >= 0 && c.Digests[same] != d:
			s.Notes = append(s.Notes, fmt.Sprintf("a second %s is stated and not used: %s", d.Kind(), d.Hex()))
			continue
		case same < 0:
			c.Digests = append(c.Digests, d)
		}
		if doubt != "" {
			s.Notes = append(s.Notes, h.label+": "+doubt)
		}
	}
	return c
}

// mail adds the e-mail that carried the file, where the report describes it.
func (g *giving) mail(f *file, s *sighting.Sighting) {
	for _, id := range f.messages[:min(len(f.messages), maxIDs)] {
		m := g.byID[id]
		for _, field := range []sighting.Field{{Name: "Mail Sent Date", Value: m.sent}, {Name: "Mail From", Value: m.from}, {Name: "Mail To", Value: m.to}} {
			if field.Value != "" {
				s.Extra = append(s.Extra, field)
			}
		}
	}
}

// capture completes and gives the sighting of one capture.
func (g *giving) capture(c *capture, s sighting.Sighting) error {
	if c.value == "" && c.when == "" && c.device == nil {
		return g.sink.Bad(c.at, "the capture states neither an address nor a time")
	}
	known := false
	s.Act, known = act(c.event)
	if known {
		s.Standing = sighting.ProviderCapture
	} else {
		s.Notes = append(s.Notes, fmt.Sprintf("the event %q names no act: the address is seen in the report, what was done is not stated", cut(c.event)))
	}
	if c.event != "" {
		s.Extra = append(s.Extra, sighting.Field{Name: "eventName", Value: cut(c.event)})
	}
	s.Client = cut(c.client)
	s.When = g.time(&s, "dateTime", c.when)
	if c.device != nil {
		s.Who = identify(slices.Clone(s.Who), []raw{*c.device}, s.Service, &s)
	}
	if c.value != "" {
		s.From = g.endpoint(c, &s)
	}
	return g.give(s)
}

// endpoint reads the address and port of a capture. A port that cannot be read
// does not take the address with it.
func (g *giving) endpoint(c *capture, s *sighting.Sighting) sighting.Endpoint {
	e, err := sighting.ParseEndpoint(c.value, c.port)
	if err == nil {
		return e
	}
	s.Notes = append(s.Notes, err.Error())
	if e, again := sighting.ParseEndpoint(c.value, ""); again == nil {
		s.Extra = append(s.Extra, sighting.Field{Name: "port", Value: cut(c.port)})
		return e
	}
	s.Extra = append(s.Extra, sighting.Field{Name: "value", Value: cut(c.value)})
	return sighting.Endpoint{}
}

// time reads a time. Both forms are documented with Z or an offset; one without
// is read as the officer declares. One that cannot be read stays as written.
func (g *giving) time(s *sighting.Sighting, name, words string) instant.Instant {
	if words == "" {
		return instant.Instant{}
	}
	when, err := instant.Parse(words, g.in.Options.Rule())
	if err != nil {
		s.Extra = append(s.Extra, sighting.Field{Name: name, Value: cut(words)})
		s.Notes = append(s.Notes, name+": "+err.Error())
		return instant.Instant{}
	}
	return when
}
