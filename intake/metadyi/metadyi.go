// Package metadyi reads what a person downloads of an own Facebook or Instagram
// account ("Download your information", JSON).
//
// Takes one file of the download: log-ins, the account's beginning, or the
// messages of a thread. Gives log-ins and a registration with their addresses, and
// a sending for each message. Most files do not say whose account it is, and then
// neither does the record. The one who downloaded could have changed the file, so
// all it says is a statement.
//
// These files write UTF-8 as if each byte were a character of Latin-1. Where a
// text can only be that, it is mended, and the record says so.
//
// Names: RLEAPP's and others' readers of such downloads; see formats.md §5.2.
package metadyi

import (
	"path"
	"strings"
	"unicode/utf8"

	"suraag/instant"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// limits of one message or log-in.
func limits() jsonwalk.Limits { return jsonwalk.Limits{Bytes: 4 << 20, Nodes: 100_000, Depth: 24} }

// serviceOf tells the service by the path of the file, or by what only one of the
// two writes.
func serviceOf(name string, found string) string {
	name = strings.ToLower(name)
	for _, s := range []string{"Instagram", "Facebook"} {
		if strings.Contains(name, strings.ToLower(s)) {
			return s
		}
	}
	return found
}

// mend turns a text whose characters are the bytes of UTF-8 back into that text.
// It does so only where every character fits a byte and the bytes are UTF-8 with
// something beyond ASCII in it: no language writes such a thing.
func mend(s string) (mended string, changed bool) {
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s, false
		}
		raw = append(raw, byte(r))
	}
	if len(raw) == len(s) || !utf8.Valid(raw) {
		return s, false
	}
	return string(raw), true
}

// record is a draft that mends what it reads.
type record struct {
	*draft.Draft
	mended bool
}

func (r *record) text(n jsonwalk.Node) string {
	s, changed := mend(n.Value())
	r.mended = r.mended || changed
	return s
}

func (r *record) keep(name, value string) {
	s, changed := mend(value)
	r.mended = r.mended || changed
	r.Keep(name, s)
}

// done says what was mended.
func (r *record) done() *draft.Draft {
	if r.mended {
		r.Note("letters beyond ASCII were written as Latin-1 and are mended; the original shows them as they were")
	}
	return r.Draft
}

// place words are not kept of an address: they would hold before no court.
func placeWord(name string) bool { return name == "city" || name == "region" || name == "location" }

// activity is one line of Facebook's account_activity.json.
func activity(n jsonwalk.Node, at sighting.Place, service string, rule instant.Rule) *draft.Draft {
	r := &record{Draft: draft.New(at, sighting.Login, sighting.Statement, service)}
	r.Address("ip_address", n.Get("ip_address").Value(), "")
	r.Time("timestamp", n.Get("timestamp").Value(), rule)
	r.Client = draft.Cut(r.text(n.Get("user_agent")))
	for kid := range n.Kids() {
		switch name := kid.Name(); {
		case name == "ip_address" || name == "timestamp" || name == "user_agent" || placeWord(name):
		default:
			jsonwalk.Flatten(kid, name, r.keep)
		}
	}
	r.Note("the file does not say whose account it is")
	return r.done()
}

// mapped is one entry of Instagram's files: names and values in string_map_data.
func mapped(n jsonwalk.Node, at sighting.Place, act sighting.Act, service string, rule instant.Rule) *draft.Draft {
	r := &record{Draft: draft.New(at, act, sighting.Statement, service)}
	for kid := range n.Get("string_map_data").Kids() {
		name := kid.Name()
		value := r.text(kid.Get("value"))
		switch name {
		case "IP Address":
			r.Address(name, value, "")
		case "Time":
			if unix := kid.Get("timestamp").Value(); unix != "" && unix != "0" {
				value = unix
			}
			r.Time(name, value, rule)
		case "User Agent":
			r.Client = draft.Cut(value)
		case "Username":
			r.Identify(&r.Who, sighting.Handle, name, value)
		case "Email":
			r.Identify(&r.Who, sighting.Email, name, value)
		case "Phone Number":
			r.Identify(&r.Who, sighting.Phone, name, value)
		default:
			r.Keep(name, value)
		}
	}
	if r.When.IsZero() {
		r.Time("title", n.Get("title").Value(), rule)
	} else {
		r.keep("title", n.Get("title").Value())
	}
	for kid := range n.Kids() {
		if name := kid.Name(); name != "title" && name != "string_map_data" {
			jsonwalk.Flatten(kid, name, r.keep)
		}
	}
	if len(r.Who) == 0 {
		r.Note("the file does not say whose account it is")
	}
	return r.done()
}

// message is one message of a thread. Senders are names, which link nobody.
func message(n jsonwalk.Node, at sighting.Place, service string, rule instant.Rule) *draft.Draft {
	r := &record{Draft: draft.New(at, sighting.Send, sighting.Statement, service)}
	r.Identify(&r.Who, sighting.Person, "sender_name", r.text(n.Get("sender_name")))
	r.Time("timestamp_ms", n.Get("timestamp_ms").Value(), rule)
	words, changed := mend(n.Get("content").Text())
	r.mended = r.mended || changed
	r.Say(words)
	r.Identify(&r.Via, sighting.URL, "share", n.Get("share", "link").Value())
	for kid := range n.Kids() {
		switch kid.Name() {
		case "sender_name", "timestamp_ms", "content":
		case "photos", "videos", "audio_files", "files", "gifs", "sticker":
			r.files(kid)
		default:
			jsonwalk.Flatten(kid, kid.Name(), r.keep)
		}
	}
	if n.Get("is_unsent").Kind() == jsonwalk.True {
		r.Note("the message was taken back by its sender")
	}
	return r.done()
}

// files reads the names of what a message brought. A record speaks of one content,
// so the others are kept as they stand.
func (r *record) files(list jsonwalk.Node) {
	each := func(f jsonwalk.Node) {
		name := r.text(f.Get("uri"))
		if r.Content.Name == "" {
			r.Content.Name = draft.Cut(path.Base(name))
		}
		jsonwalk.Flatten(f, list.Name(), r.keep)
	}
	if list.Kind() == jsonwalk.Object {
		each(list)
		return
	}
	for f := range list.Kids() {
		each(f)
	}
}
