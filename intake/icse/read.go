package icse

import (
	"suraag/intake"
	"suraag/intake/table"
)

// Format reads an ICSE export.
func Format() intake.Format {
	l := layout()
	return intake.Format{
		Name: "icse/csv", Title: "INTERPOL ICSE list (CSV)", Version: 1,
		Marks: "a header with MD5, Image ID and Baseline",
		Sniff: l.Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			return layout().Each(in, sink, func(h *table.Header, r *table.Row) error {
				l, problem := listing(h, r)
				if problem != "" {
					return sink.Bad(r.Place(), problem)
				}
				return sink.Listing(l)
			})
		},
	}
}

func layout() table.Layout {
	return table.Layout{
		Names: columns, Keep: keep, Certain: 95,
		Lacks: func(h *table.Header) string {
			if !h.HasAny(md5, sha1, photoDNA) {
				return md5
			}
			return h.Missing(imageID, baseline)
		},
	}
}
