// Package whatsappchat reads chats that a person exported from WhatsApp.
//
// Takes the text that "Export chat" writes on Android and iOS. Gives a sending for
// each message, with its words and the name of its attachment. Never guesses: the
// export states no time zone, and day and month are told apart only where the file
// itself proves their order.
//
// The export is a plain text that anyone could have written or changed, so all it
// says is the statement of the one who brings it. A message can itself hold lines
// that look like messages; where the order of times gives that away, it is said.
//
// Forms: public samples and Pustur/whatsapp-chat-parser (MIT); see formats.md §5.1a.
package whatsappchat

import (
	"path"
	"regexp"
	"strings"
)

const service = "WhatsApp"

// maxExport bounds an export. WhatsApp ends it at 40,000 messages without media
// (WhatsApp Help, "How to export your chat history").
const maxExport = 64 << 20

// The forms of a line that begins a message, after marks of direction:
//
//	14/03/25, 10:58 am - Name: text
//	[27/04/25, 9:19:05 am] Name: text
var (
	opening = regexp.MustCompile(`^(\[?)(` + date + `),?` + gap + `(` + clock + `)(?:(\]) ?| - )(.*)$`)
	// inside finds the same in the middle of a text, and likely finds one whose
	// beginning is damaged.
	inside = regexp.MustCompile(`(?m)` + date + `,` + gap + `?\d{1,2}[:.]\d{2}`)
	likely = regexp.MustCompile(`^\W{0,4}` + date + `\W|^.{0,40}?\d[:.]\d{2}.{0,20}?(?: -|- |\] |\]$)|^.{6,30}(?: - |\] ).{1,60}: |^\W{0,4}\d{1,4}[-/.].{0,20}\d[:.]\d\d|^.{0,30}?\d[:.]\d{2}[:.]\d{2}|^\W{0,4}\d{1,4}.\d{1,2}[-/.]\d{2,4}\W`)
)

const (
	date  = `\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}`
	gap   = "[ \u00a0\u202f]"
	clock = `\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:` + gap + `?(?:[aApP]\.?` + gap + `?[mM]\.?|पूर्वाह्न|अपराह्न))?`
)

// unmark takes off what is written only to turn the direction of text.
func unmark(s string) string {
	return strings.Trim(s, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069 ")
}

// attachment gives the name of a file that a message brings. iOS writes
// <attached: NAME>, Android NAME (file attached).
func attachment(line string) (name string, is bool) {
	line = unmark(line)
	if inner, found := strings.CutPrefix(line, "<attached: "); found && strings.HasSuffix(inner, ">") {
		return strings.TrimSuffix(inner, ">"), true
	}
	if name, found := strings.CutSuffix(line, " (file attached)"); found {
		return unmark(name), true
	}
	return "", false
}

var (
	omitted = regexp.MustCompile(`^(?:<Media omitted>|(?:image|video|audio|sticker|GIF|document|Contact card|video note) omitted)$`)
	deleted = regexp.MustCompile(`^(?:This message was deleted\.?|You deleted this message\.?)$`)
)

// notices are words of the app itself between two names, so that a colon in what
// they quote makes no sender of them.
var notices = []string{" changed the ", " changed this ", " changed their ", " created group ", " added ", " removed ", " joined using ", " pinned a ", " turned on ", " turned off ", " invited "}

// sender parts "Name: text". A line without is one of the app itself.
func sender(rest string) (name, text string, is bool) {
	name, text, found := strings.Cut(rest, ": ")
	if !found {
		name, found = strings.CutSuffix(rest, ":")
	}
	if !found || len(name) > 200 || unmark(name) == "" {
		return "", rest, false
	}
	for _, n := range notices {
		if strings.Contains(name, n) {
			return "", rest, false
		}
	}
	return unmark(name), text, true
}

// title gives the name of the chat, by the name of its file.
func title(file string) string {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	if name, found := strings.CutPrefix(name, "WhatsApp Chat with "); found {
		return name
	}
	return ""
}
