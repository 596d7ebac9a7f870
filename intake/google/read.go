package google

import (
	"bytes"
	"fmt"
	"strings"

	"suraag/fault"
	"suraag/intake"
	"suraag/sighting"
)

// Format reads a page of subscriber information.
func Format() intake.Format {
	return intake.Format{
		Name:    "google/subscriber",
		Title:   "Google subscriber information",
		Version: 2, // 2: a telephone number without its country names nobody
		Marks:   `HTML with the labels "Google Account ID" and "Terms of Service IP", or "Created on"`,
		Sniff:   sniff,
		Read:    read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	if !bytes.Contains(bytes.ToLower(h.Bytes), []byte("<html")) && !strings.HasSuffix(strings.ToLower(h.Name), ".html") {
		return intake.Likeness{Why: "it is not HTML"}
	}
	found := 0
	for _, mark := range []string{"Google Account ID", "Terms of Service IP", "Created on", "GOOGLE SUBSCRIBER INFORMATION"} {
		if bytes.Contains(h.Bytes, []byte(mark)) {
			found++
		}
	}
	if found >= 2 {
		return intake.Likeness{Score: 90, Why: fmt.Sprintf("%d labels of subscriber information", found)}
	}
	return intake.Likeness{Score: 5 + 15*found, Why: `the labels "Google Account ID" and "Terms of Service IP" are missing`}
}

func read(in *intake.Input, sink intake.Sink) error {
	r := newReader(in, sink)
	err := walk(in.Body, r)
	if err != nil {
		return err
	}
	if n := r.unread - 20; n > 0 {
		if err := sink.Note(sighting.Place{Locator: "tables"}, fmt.Sprintf("%d more rows stand in tables that are not known", n)); err != nil {
			return err
		}
	}
	if r.tables > 0 && r.rows == 0 {
		if err := sink.Note(sighting.Place{Locator: "tables"}, "the table of activity has no rows"); err != nil {
			return err
		}
	}
	if r.labels == 0 && r.tables == 0 {
		return fault.Newf(fault.Invalid, "the page has none of the labels of subscriber information and no table of addresses")
	}
	a := r.account
	switch {
	case r.labels == 0:
		return nil
	case len(a.Who) == 0 && a.When.IsZero() && a.From.IsZero():
		return sink.Bad(a.Place, "the labels state no account, no address and no time")
	}
	return sink.Sighting(a)
}
