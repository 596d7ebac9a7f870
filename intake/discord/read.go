package discord

import (
	"bytes"
	"fmt"
	"io"

	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/intake/table"
	"suraag/sighting"
)

func limits() jsonwalk.Limits { return jsonwalk.Limits{Bytes: 1 << 20, Nodes: 20_000, Depth: 16} }

// FormatJSON reads the messages of a download.
func FormatJSON() intake.Format {
	return intake.Format{
		Name: "discord/messages-json", Title: "Discord messages (JSON)", Version: 1,
		Marks: `a JSON list with "ID", "Timestamp", "Contents" and "Attachments"`,
		Sniff: func(h intake.Head) intake.Likeness {
			if b := bytes.TrimSpace(h.Bytes); len(b) == 0 || b[0] != '[' {
				return intake.Likeness{Why: "it does not begin with ["}
			}
			for _, name := range []string{message, at, contents, attachments} {
				if !bytes.Contains(h.Bytes, []byte(`"`+name+`"`)) {
					return intake.Likeness{Why: "its elements have no " + name}
				}
			}
			return intake.Likeness{Score: 90, Why: "messages as Discord writes them"}
		},
		Read: readJSON,
	}
}

func readJSON(in *intake.Input, sink intake.Sink) error {
	json, err := jsonwalk.New(in.Body, limits())
	if err != nil {
		return err
	}
	count := 0
	err = json.Walk(func(way, _ string) bool { return way == "$" }, func(way, locator string, n jsonwalk.Node) error {
		count++
		place := sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
		if n.Kind() != jsonwalk.Object || way != "$[]" {
			return sink.Bad(place, "a message was expected here")
		}
		d := sent(place, func(name string) string { return n.Get(name).Text() }, in.Name, in.Options.Rule())
		for kid := range n.Kids() {
			switch kid.Name() {
			case channel, message, author, at, username, contents, attachments:
			default:
				jsonwalk.Flatten(kid, kid.Name(), d.Keep)
			}
		}
		for twice := range jsonwalk.Twice(n) {
			d.Note("%s is stated twice; the first counts", draft.Cut(twice.Name()))
		}
		return sink.Sighting(d.Sighting)
	}, func(locator string, o *jsonwalk.Oversize) error {
		count++
		return sink.Bad(sighting.Place{Start: o.Start, End: o.End, Locator: locator}, o.Why)
	})
	if err == nil && count == 0 {
		return sink.Note(sighting.Place{Locator: "$"}, "the list is empty")
	}
	return err
}

// FormatCSV reads messages of a download, or of Discord's answer to an authority.
func FormatCSV() intake.Format {
	return intake.Format{
		Name: "discord/messages-csv", Title: "Discord messages (CSV)", Version: 1,
		Marks: "a header with ID, Timestamp, Contents and Attachments",
		Sniff: layout().Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			return layout().Each(in, sink, func(h *table.Header, r *table.Row) error {
				d := sent(r.Place(), func(name string) string { return h.Get(r, name) }, in.Name, in.Options.Rule())
				d.Notes = append(d.Notes, table.Doubts(h, r)...)
				d.Extra = append(d.Extra, h.Rest(r)...)
				return sink.Sighting(d.Sighting)
			})
		},
	}
}

func layout() table.Layout {
	return table.Layout{
		Names:   table.Names{channel: nil, message: nil, author: nil, at: nil, username: nil, contents: nil, attachments: nil},
		Options: table.Options{Comma: ','}, Certain: 90,
		Lacks: func(h *table.Header) string { return h.Missing(message, at, contents, attachments) },
	}
}

// FormatActivity reads the activity log of a download: an event on every line.
func FormatActivity() intake.Format {
	return intake.Format{
		Name: "discord/activity", Title: "Discord activity (JSON lines)", Version: 1,
		Marks: `a JSON object on every line, with "event_id" and "event_type"`,
		Sniff: func(h intake.Head) intake.Likeness {
			first, _, _ := bytes.Cut(bytes.TrimSpace(h.Bytes), []byte("\n"))
			if bytes.HasPrefix(first, []byte("{")) && bytes.Contains(first, []byte(`"event_id"`)) && bytes.Contains(first, []byte(`"event_type"`)) {
				return intake.Likeness{Score: 92, Why: "events as Discord writes them"}
			}
			return intake.Likeness{Why: "its first line has no event_id and event_type"}
		},
		Read: readActivity,
	}
}

// readActivity counts the events without an address: most are of no use here, and
// there can be millions.
func readActivity(in *intake.Input, sink intake.Sink) error {
	lines, err := table.NewLines(in.Name, in.Body)
	if err != nil {
		return err
	}
	passed, first := 0, sighting.Place{}
	for {
		l, err := lines.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		place := sighting.Place{Start: l.Start, End: l.End, Locator: fmt.Sprintf("line %d", l.Number)}
		d, problem := line(l, place, in)
		switch {
		case problem != "":
			err = sink.Bad(place, problem)
		case d != nil:
			err = sink.Sighting(d.Sighting)
		case len(bytes.TrimSpace(l.Text)) > 0:
			if passed++; passed == 1 {
				first = place
			}
		}
		if err != nil {
			return err
		}
	}
	if passed > 0 {
		return sink.Note(first, fmt.Sprintf("%d events state no address and are not kept", passed))
	}
	return nil
}

// line reads one event; nothing where it states no address, or the line is blank.
func line(l table.Line, place sighting.Place, in *intake.Input) (d *draft.Draft, problem string) {
	switch {
	case l.Long:
		return nil, fmt.Sprintf("the line is longer than %d bytes", table.MaxRow)
	case len(bytes.TrimSpace(l.Text)) == 0:
		return nil, ""
	}
	json, err := jsonwalk.New(bytes.NewReader(l.Text), limits())
	if err != nil {
		return nil, err.Error()
	}
	n, err := json.Node()
	if err == nil && n.Kind() != jsonwalk.Object {
		return nil, "an event was expected here"
	}
	if err == nil {
		d, err = event(n, place, in.Options.Rule()), json.End()
	}
	if err != nil {
		return nil, err.Error()
	}
	return d, ""
}
