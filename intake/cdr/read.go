package cdr

import (
	"suraag/intake"
	"suraag/intake/table"
)

// Format reads call detail records.
func Format() intake.Format {
	return intake.Format{
		Name: "india/cdr", Title: "Call detail records of an Indian operator (CSV)", Version: 1,
		Marks: "a header with a target or calling number, the other party, date, time and IMEI",
		Sniff: layout().Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			return layout().Each(in, sink, func(h *table.Header, t *table.Row) error {
				s, problem := adapt(h, t, in.Options)
				if problem != "" {
					return sink.Bad(t.Place(), problem)
				}
				return sink.Sighting(s)
			})
		},
	}
}

func layout() table.Layout {
	return table.Layout{
		Names: columns, Keep: kept, Certain: 90,
		Lacks: func(h *table.Header) string {
			switch {
			case h.Missing(target) != "" && h.Missing(calling) != "":
				return "Target No"
			case h.Missing(other) != "" && h.Missing(called) != "":
				return "B Party No"
			case h.Missing(imei) != "" && h.Missing(imsi) != "":
				return "IMEI"
			}
			return h.Missing(date, clock, kind)
		},
	}
}
