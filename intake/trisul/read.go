package trisul

import (
	"suraag/intake"
	"suraag/intake/table"
)

// Format reads Trisul's export.
func Format() intake.Format {
	return intake.Format{
		Name: "trisul/csv", Title: "Trisul IPDR export (CSV)", Version: 1,
		Marks: "a header with SrcIP, NatIP, StartTime and DeviceIP",
		Sniff: layout().Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			return layout().Each(in, sink, func(h *table.Header, r *table.Row) error {
				l, problem := lease(h, r, in.Options)
				if problem != "" {
					return sink.Bad(r.Place(), problem)
				}
				return sink.Lease(l)
			})
		},
	}
}

func layout() table.Layout {
	return table.Layout{
		Names: columns, Keep: keep, Certain: 94,
		Lacks: func(h *table.Header) string { return h.Missing(srcIP, natIP, start) },
		Unlike: func(h *table.Header) string {
			for _, title := range h.Titles {
				switch table.Key(title) {
				case "srcip", "natip":
					return ""
				}
			}
			return "its columns are not titled as Trisul does"
		},
	}
}
