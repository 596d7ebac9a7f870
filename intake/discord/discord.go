// Package discord reads Discord's messages and activity: those that a person
// downloads of an own account, and those that Discord gives an authority.
//
// Takes messages as JSON or CSV, and the events of the activity log. Gives a
// sending for each message and a use of the account for each event with an
// address. A download does not say whose it is, and then neither does the record;
// its times state no zone. The city of an address is not kept: it would hold
// before no court.
//
// Columns and names: RLEAPP's readers (MIT, abrignoni/RLEAPP); see formats.md §5.4.
package discord

import (
	"path"
	"strings"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/intake/table"
	"suraag/sighting"
)

const service = "Discord"

// Our words for the columns of messages.
const (
	channel     = "Channel ID"
	message     = "ID"
	author      = "Author ID"
	at          = "Timestamp"
	username    = "Username"
	contents    = "Contents"
	attachments = "Attachments"
)

// channelOf gives the channel by the folder of a download: messages/c123/messages.json.
func channelOf(file string) string {
	id, found := strings.CutPrefix(path.Base(path.Dir(file)), "c")
	if !found || id == "" || strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return id
}

// sent makes the record of a message out of its cells.
func sent(place sighting.Place, get func(string) string, file string, rule instant.Rule) *draft.Draft {
	d := draft.New(place, sighting.Send, sighting.Statement, service)
	if id := get(author); sighting.Stated(id) {
		d.Standing = sighting.MessageLog // only Discord itself states the author
		number(d, &d.Who, sighting.Account, author, id)
		d.Identify(&d.Who, sighting.Handle, username, get(username))
	} else {
		d.Keep(username, get(username))
		d.Note("the file does not say whose account it is")
	}
	in := get(channel)
	if !sighting.Stated(in) {
		in = channelOf(file)
	}
	number(d, &d.Via, sighting.Group, channel, in)
	number(d, &d.Via, sighting.Message, message, get(message))
	d.Time(at, get(at), rule)
	d.Say(get(contents))
	for n, link := range strings.Fields(get(attachments)) {
		if n == 0 {
			name, _, _ := strings.Cut(path.Base(link), "?")
			d.Content.Name = draft.Cut(name)
		}
		d.Identify(&d.Via, sighting.URL, attachments, link)
	}
	return d
}

// number reads one of Discord's long numbers, which spreadsheets round.
func number(d *draft.Draft, list *[]sighting.Identifier, kind sighting.IDKind, name, value string) {
	if table.Rounded(value) {
		d.Keep(name, value)
		d.Note("%s %q was rounded by a spreadsheet; ask for the file as text", name, value)
		return
	}
	d.Identify(list, kind, name, value)
}

// event makes the record of one line of the activity log; nothing where it states
// no address.
func event(n jsonwalk.Node, place sighting.Place, rule instant.Rule) *draft.Draft {
	if n.Get("ip").Value() == "" {
		return nil
	}
	d := draft.New(place, sighting.Login, sighting.Statement, service)
	d.Address("ip", n.Get("ip").Value(), "")
	d.Time("timestamp", strings.Trim(n.Get("timestamp").Value(), `"`), rule)
	d.Identify(&d.Who, sighting.Account, "user_id", n.Get("user_id").Value())
	d.Client = draft.Cut(strings.TrimSpace(n.Get("browser").Value() + " " + n.Get("os").Value()))
	for kid := range n.Kids() {
		switch kid.Name() {
		case "ip", "timestamp", "user_id", "browser", "os", "city", "region_code":
		default:
			jsonwalk.Flatten(kid, kid.Name(), d.Keep)
		}
	}
	if len(d.Who) == 0 {
		d.Note("the file does not say whose account it is")
	}
	return d
}
