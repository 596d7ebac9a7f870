// Package snap reads the tables that Snapchat answers an authority with.
//
// Takes a CSV with one or more sections: a legend in quotes, a row of equal signs,
// a header, rows. Gives log-ins, registrations and messages with their words; what
// other sections hold is counted and noted. The media id, followed across
// accounts, shows how one picture was passed on. Never opens content.
//
// Columns grow with the years, so they are read by name. Sections: RLEAPP's
// readers of such returns (MIT, abrignoni/RLEAPP); see formats.md §5.4.
package snap

import (
	"strings"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/table"
	"suraag/sighting"
)

const service = "Snapchat"

// section is a kind of table that is read.
type section struct {
	act      sighting.Act
	standing sighting.Standing
	needs    []string // columns that tell it
	when     string
	ip       string
	who, to  map[string]sighting.IDKind
}

// sections lists them, the surest first.
var sections = []section{
	{act: sighting.Send, standing: sighting.MessageLog, needs: []string{"timestamp", "sender_username", "recipient_username"}, when: "timestamp",
		who: map[string]sighting.IDKind{"sender_username": sighting.Handle, "sender_user_id": sighting.Account},
		to:  map[string]sighting.IDKind{"recipient_username": sighting.Handle, "recipient_user_id": sighting.Account}},
	{act: sighting.Register, standing: sighting.ProviderRecord, needs: []string{"username", "created"}, when: "created", ip: "creation_ip",
		who: map[string]sighting.IDKind{"user_id": sighting.Account, "username": sighting.Handle, "email_address": sighting.Email, "phone_number": sighting.Phone, "display_name": sighting.Person}},
	{act: sighting.Login, standing: sighting.ProviderRecord, needs: []string{"ip", "timestamp"}, when: "timestamp", ip: "ip",
		who: map[string]sighting.IDKind{"user_id": sighting.Account, "username": sighting.Handle}},
}

// key is the form in which columns are compared: lower case, blanks as lines.
func key(title string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(title)), " ", "_")
}

// sectionOf finds the kind of a header.
func sectionOf(titles []string) (section, bool) {
	for _, s := range sections {
		found := 0
		for _, need := range s.needs {
			for _, t := range titles {
				if t == need {
					found++
					break
				}
			}
		}
		if found == len(s.needs) {
			return s, true
		}
	}
	return section{}, false
}

// record makes the sighting of a row. The problem is why it is worth nothing.
func record(s section, titles []string, r *table.Row, rule instant.Rule) (d *draft.Draft, problem string) {
	d = draft.New(r.Place(), s.act, s.standing, service)
	if len(r.Cells) < len(titles) {
		d.Note("the row has %d cells, the header %d", len(r.Cells), len(titles))
	}
	for n, title := range titles {
		if n >= len(r.Cells) {
			break
		}
		value := table.Clean(r.Cells[n])
		who, isWho := s.who[title]
		to, isTo := s.to[title]
		switch {
		case title == s.when:
			d.Time(title, value, rule)
		case title == s.ip:
			d.Address(title, value, "")
		case isWho:
			d.Identify(&d.Who, who, title, value)
		case isTo:
			d.Identify(&d.To, to, title, value)
		case title == "text" && s.act == sighting.Send:
			d.Say(value)
		case title == "media_id" && s.act == sighting.Send && sighting.Stated(value):
			d.Content.Refs = append(d.Content.Refs, "snapchat:"+draft.Cut(value))
		case title == "message_id" && s.act == sighting.Send:
			d.Identify(&d.Via, sighting.Message, title, value)
		default:
			d.Keep(title, value)
		}
	}
	switch {
	case len(d.Who) == 0 && d.From.IsZero():
		return nil, "the row names no account and no address that can be read"
	case len(d.Who) == 0:
		d.Note("the section does not say whose account it is")
	}
	return d, ""
}
