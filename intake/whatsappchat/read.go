package whatsappchat

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// Format reads an exported chat.
func Format() intake.Format {
	return intake.Format{
		Name: "whatsapp/chat", Title: "WhatsApp chat export (text)", Version: 1,
		Marks: "lines like “14/03/25, 10:58 am - Name: text” or “[14/03/25, 10:58:01 am] Name: text”",
		Sniff: sniff, Read: read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	lines, err := table.NewLines(h.Name, bytes.NewReader(h.Bytes))
	for range 20 {
		if err != nil {
			break
		}
		var l table.Line
		if l, err = lines.Next(); err == nil && opening.MatchString(unmark(string(l.Text))) {
			return intake.Likeness{Score: 85, Why: "a line that begins as a message does"}
		}
	}
	return intake.Likeness{Why: "none of its first lines begins as a message does"}
}

// message is one message, or one notice of the app, in the lines that hold it.
type message struct {
	stamp      string // date and time, as written
	clock      string // the time alone
	date       string
	rest       string
	lines      []string // after the first
	at         sighting.Place
	suspicious int // a line that may begin another message, by its number
	long       bool
}

func read(in *intake.Input, sink intake.Sink) error {
	data, err := io.ReadAll(io.LimitReader(in.Body, maxExport+1))
	if err != nil {
		return err
	}
	if len(data) > maxExport {
		return fault.Newf(fault.TooLarge, "the chat has more than %d bytes", maxExport)
	}
	messages, err := gather(in.Name, data, sink)
	if err != nil {
		return err
	}
	if len(messages) == 0 {
		return fault.Newf(fault.Invalid, "no line begins as a message does")
	}
	c := newChat(in, messages)
	if c.doubt != "" {
		if err := sink.Note(messages[0].at, c.doubt); err != nil {
			return err
		}
	}
	for _, m := range messages {
		if err := c.one(m, sink); err != nil {
			return err
		}
	}
	if c.notices > maxNotices {
		return sink.Note(messages[0].at, fmt.Sprintf("the chat has %d notices of the app; the first %d are listed", c.notices, maxNotices))
	}
	return nil
}

// gather puts the lines of each message together.
func gather(name string, data []byte, sink intake.Sink) (out []*message, err error) {
	lines, err := table.NewLines(name, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	blank := 0
	for {
		l, err := lines.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		at := sighting.Place{Start: l.Start, End: l.End, Locator: fmt.Sprintf("line %d", l.Number)}
		text := strings.ToValidUTF8(string(l.Text), "\ufffd")
		m := opening.FindStringSubmatch(unmark(text))
		switch {
		case l.Long:
			err = sink.Bad(at, fmt.Sprintf("line %d is longer than %d bytes", l.Number, table.MaxRow))
		case m != nil && (m[1] == "[") == (m[4] == "]"):
			out = append(out, &message{date: m[2], clock: m[3], stamp: m[2] + ", " + m[3], rest: m[5], at: at})
			blank = 0
		case strings.TrimSpace(text) == "":
			blank++
		case len(out) == 0:
			err = sink.Bad(at, "the line stands before the first message")
		default:
			out[len(out)-1].add(text, blank, l)
			blank = 0
		}
		if err != nil {
			return nil, err
		}
	}
}

// add puts a further line to the message, with the blank ones before it.
func (m *message) add(text string, blank int, l table.Line) {
	if likely.MatchString(unmark(text)) && m.suspicious == 0 {
		m.suspicious = l.Number
	}
	m.at.End = l.End
	if len(m.lines) > sighting.MaxText {
		m.long = true
		return
	}
	for range min(blank, sighting.MaxText) {
		m.lines = append(m.lines, "")
	}
	m.lines = append(m.lines, text)
}
