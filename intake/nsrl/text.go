package nsrl

import (
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// FormatText reads NSRLFile.txt of version 2.
func FormatText() intake.Format {
	return intake.Format{
		Name: "nsrl/rds2", Title: "NSRL known software, version 2 (NSRLFile.txt)", Version: 1,
		Marks: "a header with SHA-1, MD5, CRC32 and SpecialCode",
		Sniff: layout().Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			return layout().Each(in, sink, func(h *table.Header, r *table.Row) error {
				l, problem := textListing(h, r)
				if problem != "" {
					return sink.Bad(r.Place(), problem)
				}
				return sink.Listing(l)
			})
		},
	}
}

// layout is the header "SHA-1","MD5","CRC32","FileName","FileSize","ProductCode",
// "OpSystemCode","SpecialCode".
func layout() table.Layout {
	return table.Layout{
		Names: table.Names{
			sha1: {"SHA-1"}, md5: nil, sha256: {"SHA-256"}, fileName: {"FileName"}, fileSize: {"FileSize"},
			"CRC32": nil, "SpecialCode": nil, "ProductCode": nil,
		},
		Keep: []string{"OpSystemCode"}, Options: table.Options{Comma: ','}, Certain: 97,
		Lacks: func(h *table.Header) string { return h.Missing(sha1, md5, "CRC32", "SpecialCode") },
	}
}

func textListing(h *table.Header, r *table.Row) (sighting.Listing, string) {
	e := start(func(column string) string { return h.Get(r, column) })
	e.Place, e.Notes = r.Place(), append(table.Doubts(h, r), e.Notes...)
	for _, column := range []string{"CRC32", "ProductCode", "SpecialCode"} {
		e.Keep(column, h.Get(r, column))
	}
	// NIST's own mark: M stands for malicious (RDS 2, SpecialCode).
	if h.Get(r, "SpecialCode") == "M" {
		e.Note("NIST marks this software as malicious")
	}
	e.Extra = append(e.Extra, h.Rest(r)...)
	return e.Listing, e.Lacks()
}
