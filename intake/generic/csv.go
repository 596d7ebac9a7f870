package generic

import (
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// FormatCSV reads the table.
func FormatCSV() intake.Format {
	l := layout()
	return intake.Format{
		Name: "generic/csv", Title: "observations (CSV)", Version: 2,
		Marks: "a header with observed_at or act, and ip, who or a hash",
		Sniff: l.Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			l := layout()
			l.Declare = in.Options.Columns
			return l.Each(in, sink, func(h *table.Header, r *table.Row) error {
				return hand(sink, in.Options, row{
					get:  func(name string) string { return h.Get(r, name) },
					rest: h.Rest(r), notes: table.Doubts(h, r), place: r.Place(),
				})
			})
		},
	}
}

// hand gives the record of a row to the sink, or the reason why there is none.
func hand(sink intake.Sink, o intake.Options, r row) error {
	s, problem := observe(r, o)
	if problem != "" {
		return sink.Bad(r.place, problem)
	}
	if s.When.IsZero() && r.any(observedAt) {
		if err := sink.Note(r.place, "the time of this row could not be read; its words are kept"); err != nil {
			return err
		}
	}
	return sink.Sighting(s)
}

func layout() table.Layout {
	return table.Layout{
		Names: names(), Certain: 80,
		Lacks: func(h *table.Header) string {
			switch {
			case !h.HasAny(observedAt, act):
				return observedAt
			case !h.HasAny(append(digests(), ip, who, ref)...):
				return ip
			}
			return ""
		},
	}
}

// place is where a line stands.
func place(l table.Line, locator string) sighting.Place {
	return sighting.Place{Start: l.Start, End: l.End, Locator: locator}
}
