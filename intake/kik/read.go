package kik

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// Format reads one file of a Kik return.
func Format() intake.Format {
	return intake.Format{
		Name:    "kik/log",
		Title:   "Kik log",
		Version: 2, // 2: the words of a message stand in their own place
		Marks:   "a file named bind.txt, chat_platform_sent.txt, group_send_msg_platform.txt, group_receive_msg_platform.txt, friend_added.txt, …data-text.csv or …binds.csv, with the columns of that name",
		Sniff:   sniff,
		Read:    read,
	}
}

// sniff goes by the name and then by an address or time in the right column of
// one of the first rows: any program may call a file bind.txt.
func sniff(h intake.Head) intake.Likeness {
	l, known := layoutOf(h.Name)
	if !known {
		return intake.Likeness{Why: "its name is not that of a Kik log"}
	}
	rows, err := open(l, h.Name, bytes.NewReader(h.Bytes))
	for range 5 {
		if err != nil {
			break
		}
		var t *table.Row
		if t, err = rows.Next(); err == nil && fits(l, t) {
			return intake.Likeness{Score: 80, Why: "the name and columns of " + l.title}
		}
	}
	return intake.Likeness{Score: 30, Why: fmt.Sprintf("it has the name of %s but not %d columns with an address or time in their places", l.title, l.least)}
}

// fits tells whether a row has an address or a time where the layout has them.
func fits(l columns, t *table.Row) bool {
	if len(t.Cells) < l.least || len(t.Cells) > l.most {
		return false
	}
	if l.ip != none {
		if _, err := sighting.ParseEndpoint(t.Cells[l.ip], ""); err == nil {
			return true
		}
	}
	at := strings.TrimSpace(t.Cells[l.time])
	return len(at) >= 10 && strings.Trim(at[:4], "0123456789") == ""
}

// open reads tabs from the logs; the tables of content are told apart by looking.
func open(l columns, name string, body io.Reader) (*table.Reader, error) {
	if l.suffix {
		return table.NewReader(name, body, table.Options{})
	}
	return table.NewReader(name, body, table.Options{Comma: '\t'})
}

func read(in *intake.Input, sink intake.Sink) error {
	l, known := layoutOf(in.Name)
	if !known {
		return fault.Newf(fault.Invalid, "file name %q is not that of a Kik log, and the columns have no names", path.Base(in.Name))
	}
	rows, err := open(l, in.Name, in.Body)
	if err != nil {
		return err
	}
	passed := 0
	for {
		t, err := rows.Next()
		if err == io.EOF {
			return friendships(l, passed, sink)
		}
		if err != nil {
			return err
		}
		switch {
		case l.act == "":
			passed++
		case l.suffix && t.Number == 1 && t.Problem == "" && !fits(l, t) && header(t):
			err = sink.Note(t.Place(), "taken as a header: "+t.Text())
		default:
			err = give(l, t, in.Options, sink)
		}
		if err != nil {
			return err
		}
	}
}

// header tells whether a row holds only words, as the names of columns do.
func header(t *table.Row) bool {
	for _, c := range t.Cells {
		if strings.ContainsAny(c, "0123456789") {
			return false
		}
	}
	return true
}

func give(l columns, t *table.Row, opts intake.Options, sink intake.Sink) error {
	s, bad, err := adapt(l, t, opts, sink)
	switch {
	case err != nil:
		return err
	case bad != "":
		return sink.Bad(t.Place(), bad)
	}
	return sink.Sighting(s)
}

// friendships tells of the rows that state no act.
func friendships(l columns, rows int, sink intake.Sink) error {
	if rows == 0 {
		return nil
	}
	return sink.Note(sighting.Place{}, fmt.Sprintf("%s: %d friendships are not kept; a friend is not an actor", l.title, rows))
}
