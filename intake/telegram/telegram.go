// Package telegram reads what Telegram Desktop exports (result.json).
//
// Takes the whole export of an account, or that of one chat. Gives a sending or
// forwarding for each message, and a log-in for each session with its address.
// The one who exported could have changed the file, so all it says is a statement.
//
// Names: telegramdesktop/tdesktop, export_output_json.cpp, and
// core.telegram.org/import-export; see formats.md §5.4.
package telegram

import (
	"path"
	"strconv"
	"strings"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

const service = "Telegram"

// limits of one message or session.
func limits() jsonwalk.Limits { return jsonwalk.Limits{Bytes: 2 << 20, Nodes: 50_000, Depth: 24} }

// chat is what stands before the messages of one.
type chat struct{ name, kind, id string }

// alone tells whether the chat has two sides, so that its number is the other's.
func (c chat) alone() bool { return c.kind == "personal_chat" || c.kind == "bot_chat" }

// owner is the account whose data it is.
type owner struct{ id, phone, handle, name string }

func (o *owner) read(n jsonwalk.Node) {
	o.id, o.phone, o.handle = n.Get("user_id").Value(), n.Get("phone_number").Value(), n.Get("username").Value()
	o.name = strings.TrimSpace(n.Get("first_name").Value() + " " + n.Get("last_name").Value())
}

func (o *owner) is(d *draft.Draft, list *[]sighting.Identifier) {
	d.Identify(list, sighting.Account, "user_id", o.id)
	d.Identify(list, sighting.Phone, "phone_number", o.phone)
	d.Identify(list, sighting.Handle, "username", o.handle)
	d.Identify(list, sighting.Person, "name", o.name)
}

// session gives the use of an address, at the last moment that is stated for it.
func session(n jsonwalk.Node, at sighting.Place, o owner, rule instant.Rule) *draft.Draft {
	d := draft.New(at, sighting.Login, sighting.Statement, service)
	o.is(d, &d.Who)
	d.Address("last_ip", n.Get("last_ip").Value(), "")
	when(d, n, "last_active", rule)
	app := []string{}
	for _, name := range []string{"application_name", "application_version", "browser"} {
		if v := n.Get(name).Value(); v != "" {
			app = append(app, v)
		}
	}
	d.Client = draft.Cut(strings.Join(app, " "))
	for kid := range n.Kids() {
		switch kid.Name() {
		case "last_ip", "last_active", "last_active_unixtime", "application_name", "application_version", "browser":
		case "last_region":
			// An address has no place that would hold before a court.
		default:
			jsonwalk.Flatten(kid, kid.Name(), d.Keep)
		}
	}
	return d
}

// when takes the seconds since 1970 where they stand beside the local time, which
// states no zone.
func when(d *draft.Draft, n jsonwalk.Node, name string, rule instant.Rule) {
	if unix := n.Get(name + "_unixtime").Value(); unix != "" {
		d.Time(name+"_unixtime", unix, rule)
		d.Keep(name, n.Get(name).Value())
		return
	}
	d.Time(name, n.Get(name).Value(), rule)
}

// message gives what was sent.
func message(n jsonwalk.Node, at sighting.Place, c chat, o owner, rule instant.Rule) *draft.Draft {
	d := draft.New(at, sighting.Send, sighting.Statement, service)
	if from := n.Get("forwarded_from"); from.Kind() != jsonwalk.Absent {
		d.Act = sighting.Forward
		d.Keep("forwarded_from", from.Value())
		if from.Value() == "" {
			d.Note("it was forwarded; from whom is not stated")
		}
	}
	sides(d, n, c, o)
	when(d, n, "date", rule)
	if c.id != "" && n.Get("id").Value() != "" {
		d.Identify(&d.Via, sighting.Message, "id", c.id+"/"+n.Get("id").Value())
	}
	content(d, n)
	d.Say(words(n.Get("text")))
	d.Keep("chat", c.name)
	for kid := range n.Kids() {
		switch kid.Name() {
		case "id", "type", "date", "date_unixtime", "from", "from_id", "forwarded_from", "text", "text_entities",
			"photo", "file", "file_name", "mime_type", "file_size", "photo_file_size", "thumbnail":
		default:
			jsonwalk.Flatten(kid, kid.Name(), d.Keep)
		}
	}
	return d
}

// sides reads who sent it and to whom. What a channel posts has no sender that is
// stated: many can write in its name.
func sides(d *draft.Draft, n jsonwalk.Node, c chat, o owner) {
	from := n.Get("from_id").Value()
	user, isUser := strings.CutPrefix(from, "user")
	switch {
	case isUser:
		d.Identify(&d.Who, sighting.Account, "from_id", user)
		d.Identify(&d.Who, sighting.Person, "from", n.Get("from").Value())
	case from != "":
		d.Identify(&d.Via, sighting.Group, "from_id", number(from))
		d.Keep("from", n.Get("from").Value())
	default:
		d.Identify(&d.Who, sighting.Person, "from", n.Get("from").Value())
	}
	switch {
	case !c.alone():
		d.Identify(&d.Via, sighting.Group, "chat id", c.id)
	case isUser && user == c.id:
		o.is(d, &d.To)
	case isUser:
		d.Identify(&d.To, sighting.Account, "chat id", c.id)
		d.Identify(&d.To, sighting.Person, "chat", c.name)
	}
}

// number takes the word for the kind of a peer off: "channel1000000001".
func number(peer string) string { return strings.TrimLeft(peer, "abcdefghijklmnopqrstuvwxyz") }

// content reads the name of the file that the message brought. It is never opened.
func content(d *draft.Draft, n jsonwalk.Node) {
	file, size := n.Get("file").Value(), n.Get("file_size").Value()
	if photo := n.Get("photo").Value(); file == "" && photo != "" {
		file, size = photo, n.Get("photo_file_size").Value()
	}
	switch name := n.Get("file_name").Value(); {
	case name != "":
		d.Content.Name = draft.Cut(name)
		d.Keep("file", file)
	case strings.HasPrefix(file, "("): // "(File not included. …)"
		d.Keep("file", file)
	case file != "":
		d.Content.Name = draft.Cut(path.Base(file))
	}
	d.Content.MediaType = draft.Cut(n.Get("mime_type").Value())
	if bytes, err := strconv.ParseInt(size, 10, 64); err == nil && bytes > 0 {
		d.Content.Size = bytes
	} else {
		d.Keep("file_size", size)
	}
}

// words puts a text together: it is a string, or a list of strings and of objects
// that hold one.
func words(n jsonwalk.Node) string {
	if n.Kind() == jsonwalk.Text {
		return n.Text()
	}
	var b strings.Builder
	for part := range n.Kids() {
		if part.Kind() == jsonwalk.Object {
			b.WriteString(part.Get("text").Text())
			continue
		}
		b.WriteString(part.Text())
	}
	return b.String()
}
