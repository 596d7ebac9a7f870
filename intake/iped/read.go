package iped

import (
	"suraag/intake"
	"suraag/intake/table"
)

// Format reads IPED's list of files.
func Format() intake.Format {
	l := layout()
	return intake.Format{
		Name: "iped/filelist", Title: "IPED list of files (CSV)", Version: 1,
		Marks: "a header with Name, Path, MD5, Carved and Bookmark, or Nome, Caminho, MD5, Recuperado and Marcador",
		Sniff: l.Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			rule := in.Options.Rule()
			return layout().Each(in, sink, func(h *table.Header, r *table.Row) error {
				s, problem := hold(h, r, rule)
				if problem != "" {
					return sink.Bad(r.Place(), problem)
				}
				if s.When.IsZero() && h.Get(r, created)+h.Get(r, modified) != "" {
					if err := sink.Note(r.Place(), "no time of this row could be read; its words are kept"); err != nil {
						return err
					}
				}
				return sink.Sighting(s)
			})
		},
	}
}

func layout() table.Layout {
	return table.Layout{
		Names: columns, Certain: 92,
		Lacks: func(h *table.Header) string {
			if !h.HasAny("MD5", "SHA1", "SHA256") {
				return "MD5"
			}
			if !h.HasAny(trackID, carved) {
				return carved
			}
			return h.Missing(name, path, bookmark)
		},
	}
}
