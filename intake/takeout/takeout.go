// Package takeout reads the access log that a person downloads of an own Google
// account (Google Takeout).
//
// Takes the CSV "Activities - A list of Google services accessed by…". Gives a use
// of the account for each row, with its address. The one who downloaded could have
// changed the file, so all it says is a statement. The city and region that Google
// states for an address are not kept: they would hold before no court.
//
// Columns: RLEAPP's reader (MIT, abrignoni/RLEAPP); see formats.md §5.3.
package takeout

import (
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/table"
	"suraag/sighting"
)

const service = "Google"

// Our words for the columns.
const (
	gaia   = "Gaia ID"
	at     = "Activity Timestamp"
	ip     = "IP Address"
	agent  = "User Agent String"
	city   = "Activity City"
	region = "Activity Region"
)

// kept are known titles that have no place of their own.
var kept = []string{
	"Proxied Host IP Address", "Is Non-routable IP Address", "Activity Country", "Product Name", "Sub-Product Name", "Referer Product Name",
	"Referer Sub-Product Name", "Activity Type", "Gmail Access Channel", "Android Webview Package Name",
}

// Format reads an access log.
func Format() intake.Format {
	return intake.Format{
		Name: "google/takeout", Title: "Google Takeout access log (CSV)", Version: 1,
		Marks: "a header with Gaia ID, Activity Timestamp and IP Address",
		Sniff: layout().Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			said := false
			return layout().Each(in, sink, func(h *table.Header, t *table.Row) error {
				if !said && h.HasAny(city, region) {
					said = true
					if err := sink.Note(t.Place(), "city and region of an address are not kept"); err != nil {
						return err
					}
				}
				d := use(h, t, in.Options)
				if len(d.Who) == 0 && d.From.IsZero() {
					return sink.Bad(t.Place(), "the row has neither an account nor an address that can be read")
				}
				return sink.Sighting(d.Sighting)
			})
		},
	}
}

func layout() table.Layout {
	return table.Layout{
		Names: table.Names{gaia: nil, at: nil, ip: nil, agent: nil, city: nil, region: nil}, Keep: kept, Certain: 96,
		Lacks: func(h *table.Header) string { return h.Missing(gaia, at, ip) },
	}
}

func use(h *table.Header, t *table.Row, o intake.Options) *draft.Draft {
	d := draft.New(t.Place(), sighting.Login, sighting.Statement, service)
	d.Notes = table.Doubts(h, t)
	if id := h.Get(t, gaia); table.Rounded(id) {
		d.Keep(gaia, id)
		d.Note("%s %q was rounded by a spreadsheet; ask for the file as text", gaia, id)
	} else {
		d.Identify(&d.Who, sighting.Account, gaia, id)
	}
	d.Time(at, h.Get(t, at), o.Rule())
	d.Address(ip, h.Get(t, ip), "")
	d.Client = draft.Cut(h.Get(t, agent))
	d.Extra = append(d.Extra, h.Rest(t)...)
	return d
}
