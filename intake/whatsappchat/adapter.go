package whatsappchat

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/sighting"
)

// maxNotices of the app are listed one by one; of the others the number is.
const maxNotices = 1000

// chat is one export.
type chat struct {
	rule    instant.Rule
	title   string
	doubt   string // of the file as a whole
	last    time.Time
	notices int
}

func newChat(in *intake.Input, messages []*message) *chat {
	c := &chat{rule: in.Options.Rule(), title: title(in.Name)}
	proven, why := orderOf(messages)
	switch {
	case c.rule.Order == instant.OrderUnknown:
		c.rule.Order, c.doubt = proven, why
	case proven != instant.OrderUnknown && proven != c.rule.Order:
		c.doubt = "dates were declared to be " + string(c.rule.Order) + ", but the file itself shows that they are " + string(proven)
	}
	return c
}

// orderOf tells in which order the file writes day and month, where a date proves
// it: a number above 12 is no month. An export is written by one phone in one form,
// so one such date speaks for all. That an order would make the times run backwards
// is no proof: a phone's clock can be set.
func orderOf(messages []*message) (order instant.DateOrder, doubt string) {
	first, second, open := false, false, false
	for _, m := range messages {
		parts := strings.FieldsFunc(m.date, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
		if len(parts) != 3 || len(parts[0]) > 2 {
			continue
		}
		a, _ := strconv.Atoi(parts[0])
		b, _ := strconv.Atoi(parts[1])
		first, second = first || a > 12, second || b > 12
		open = open || a <= 12 && b <= 12 && a != b
	}
	switch {
	case first && second:
		return instant.OrderUnknown, "the file writes dates both day first and month first, so those that could be either stay open"
	case first:
		return instant.DayFirst, ""
	case second:
		return instant.MonthFirst, ""
	case open:
		return instant.OrderUnknown, "no date of the file shows whether day or month comes first; both readings stay"
	}
	return instant.OrderUnknown, ""
}

// one gives the record of a message.
func (c *chat) one(m *message, sink intake.Sink) error {
	name, text, is := sender(m.rest)
	if is && strings.HasPrefix(text, "\u200e") && !spoken(text) {
		is = false // iOS marks the app's own words so
	}
	if !is {
		c.notices++
		if len(m.lines) > 0 {
			return sink.Bad(m.at, fmt.Sprintf("a notice of the app is followed by %d lines that begin no message; they are not read", len(m.lines)))
		}
		if c.notices > maxNotices {
			return nil
		}
		return sink.Note(m.at, fmt.Sprintf("a notice of the app, no act of a person: %.200q", unmark(m.rest)))
	}
	d := draft.New(m.at, sighting.Send, sighting.Statement, service)
	c.who(d, name)
	c.when(d, m)
	c.words(d, m, text)
	d.Keep("chat", c.title)
	return sink.Sighting(d.Sighting)
}

// spoken tells whether words that the app wrote stand for a person's message.
func spoken(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	if _, is := attachment(first); is {
		return true
	}
	first = unmark(first)
	return omitted.MatchString(first) || deleted.MatchString(first) || strings.HasPrefix(first, "POLL:") || strings.HasPrefix(first, "Location: ")
}

// who takes a number as a number. Anything else is a name in the phone book of the
// one who exported: it names nobody to anybody else.
func (c *chat) who(d *draft.Draft, name string) {
	if strings.HasPrefix(name, "+") && strings.Trim(name, "+0123456789 -()\u00a0\u202f\u2011") == "" {
		d.Identify(&d.Who, sighting.Phone, "sender", strings.ReplaceAll(name, "\u2011", "-"))
		return
	}
	d.Identify(&d.Who, sighting.Person, "sender", name)
}

// when reads the time. One that lies before the message before it gives away a
// line that is part of that message, or a clock that was set.
func (c *chat) when(d *draft.Draft, m *message) {
	stamp := strings.NewReplacer("पूर्वाह्न", "am", "अपराह्न", "pm").Replace(m.stamp)
	d.Time("time", stamp, c.rule)
	if !d.When.IsZero() {
		d.When.Raw = m.stamp
	}
	local, err := instant.Parse(stamp, instant.Rule{Zone: time.UTC, Order: c.rule.Order})
	if err != nil {
		return
	}
	if local.Until.Before(c.last) {
		d.Note("the time lies before that of the message before it: the clock was set, or this line is part of that message")
	}
	c.last = local.At
}

func (c *chat) words(d *draft.Draft, m *message, first string) {
	if m.suspicious > 0 {
		d.Note("line %d may begin another message; it was read as a part of this one", m.suspicious)
	} else if inside.MatchString(first + "\n" + strings.Join(m.lines, "\n")) {
		d.Note("the words hold a date and time as they stand at the beginning of a message")
	}
	if m.long {
		d.Note("the message has more than %d lines; the others stand in the original", sighting.MaxText)
	}
	lines := append([]string{first}, m.lines...)
	switch name, is := attachment(first); {
	case is:
		d.Content.Name = draft.Cut(name)
		lines = lines[1:]
	case omitted.MatchString(unmark(first)):
		d.Keep("media", unmark(first))
		lines = lines[1:]
	case deleted.MatchString(unmark(first)):
		d.Note("the message was deleted before the export")
		lines = lines[1:]
	}
	d.Say(strings.Join(lines, "\n"))
}
