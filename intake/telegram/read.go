package telegram

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// Format reads an export of Telegram Desktop.
func Format() intake.Format {
	return intake.Format{
		Name: "telegram/export", Title: "Telegram Desktop export (JSON)", Version: 2, // 2: a telephone number without its country names nobody
		Marks: `JSON with "messages" that have "from_id" or "actor_id" and "date_unixtime", or "sessions" with "last_ip"`,
		Sniff: sniff, Read: read,
	}
}

var kinds = regexp.MustCompile(`"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|(?:private|public)_(?:group|supergroup|channel))"`)

func sniff(h intake.Head) intake.Likeness {
	if b := bytes.TrimSpace(h.Bytes); len(b) == 0 || b[0] != '{' {
		return intake.Likeness{Why: "it does not begin with {"}
	}
	has := func(name string) bool { return bytes.Contains(h.Bytes, []byte(`"`+name+`"`)) }
	switch {
	case has("date_unixtime") && (has("from_id") || has("actor_id")) || has("last_active_unixtime") && has("last_ip"):
		return intake.Likeness{Score: 92, Why: "messages or sessions as Telegram Desktop writes them"}
	case has("personal_information") && has("user_id") && (has("chats") || has("about")) || kinds.Match(h.Bytes) && has("messages"):
		return intake.Likeness{Score: 70, Why: "chats as Telegram Desktop writes them"}
	}
	return intake.Likeness{Why: "it has no messages with date_unixtime and no sessions with last_ip"}
}

// reading is one reading of one file.
type reading struct {
	in      *intake.Input
	sink    intake.Sink
	owner   owner
	chat    chat
	notices int
	any     bool
}

func read(in *intake.Input, sink intake.Sink) error {
	json, err := jsonwalk.New(in.Body, limits())
	if err != nil {
		return err
	}
	r := &reading{in: in, sink: sink}
	if err := json.Walk(r.enter, r.node, r.over); err != nil {
		return err
	}
	if !r.any {
		return fault.Newf(fault.Invalid, "the file has neither messages nor sessions")
	}
	return nil
}

// enter goes into what can be large.
func (r *reading) enter(way, _ string) bool {
	switch way {
	case "$.chats.list[]", "$.left_chats.list[]":
		r.chat = chat{}
		return true
	case "$", "$.chats", "$.left_chats", "$.chats.list", "$.left_chats.list", "$.sessions", "$.web_sessions", "$.sessions.list", "$.web_sessions.list":
		return true
	case "$.messages", "$.chats.list[].messages", "$.left_chats.list[].messages":
		return true
	}
	return false
}

func (r *reading) over(locator string, o *jsonwalk.Oversize) error {
	return r.sink.Bad(sighting.Place{Start: o.Start, End: o.End, Locator: locator}, o.Why)
}

func (r *reading) node(way, locator string, n jsonwalk.Node) error {
	at := sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
	short := strings.TrimPrefix(strings.TrimPrefix(way, "$.left_"), "$.")
	switch short {
	case "personal_information":
		r.owner.read(n)
		return nil
	case "sessions.list[]", "web_sessions.list[]":
		r.any = true
		if n.Kind() != jsonwalk.Object {
			return r.sink.Bad(at, "a session was expected here")
		}
		return r.give(session(n, at, r.owner, r.in.Options.Rule()), n)
	case "messages[]", "chats.list[].messages[]":
		r.any = true
		return r.message(n, at)
	case "name", "chats.list[].name":
		r.chat.name = draft.Cut(n.Value())
		return nil
	case "type", "chats.list[].type":
		r.chat.kind = n.Value()
		return nil
	case "id", "chats.list[].id":
		r.chat.id = draft.Cut(n.Value())
		return nil
	case "about", "chats.about", "sessions.about", "web_sessions.about", "chats.list[].about":
		return nil
	}
	if !n.Stated() {
		return nil
	}
	return r.sink.Note(at, fmt.Sprintf("%s is not read", draft.Cut(locator)))
}

// maxNotices of the app are listed one by one.
const maxNotices = 1000

func (r *reading) message(n jsonwalk.Node, at sighting.Place) error {
	switch kind := n.Get("type").Value(); {
	case n.Kind() != jsonwalk.Object:
		return r.sink.Bad(at, "a message was expected here")
	case kind == "service":
		if r.notices++; r.notices > maxNotices {
			return nil
		}
		text := fmt.Sprintf("a notice of the app, no act of sending: %s by %q", n.Get("action").Value(), n.Get("actor").Value())
		return r.sink.Note(at, draft.Cut(text))
	case kind != "message":
		return r.sink.Bad(at, fmt.Sprintf("the message is of type %q, which is not known", draft.Cut(kind)))
	}
	return r.give(message(n, at, r.chat, r.owner, r.in.Options.Rule()), n)
}

func (r *reading) give(d *draft.Draft, n jsonwalk.Node) error {
	for kid := range n.Kids() {
		if kid.Lossy() {
			d.Note("%s holds bytes that are not UTF-8", kid.Name())
		}
	}
	for twice := range jsonwalk.Twice(n) {
		d.Note("%s is stated twice; the first counts", draft.Cut(twice.Name()))
	}
	return r.sink.Sighting(d.Sighting)
}
