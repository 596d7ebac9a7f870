package network

import (
	"maps"
	"slices"
	"strings"
	"time"

	"suraag/fault"
)

// relay is one entry of an exit list.
type relay struct {
	fingerprint string
	last        time.Time // LastStatus: last consensus that named the relay
}

// torReader collects the entries of CollecTor's "tordnsel 1.0" exit lists
// (metrics.torproject.org/collector.html#type-tordnsel), of which a file may
// hold many, one after another:
//
//	Downloaded 2025-02-28 18:02:03
//	ExitNode 0123456789ABCDEF0123456789ABCDEF01234567
//	Published 2025-02-28 03:04:05
//	LastStatus 2025-02-28 17:00:00
//	ExitAddress 203.0.113.9 2025-02-28 17:10:11
//
// An address holds from the moment at which it was measured until the last
// consensus that named the relay.
type torReader struct {
	*lineReader
	relay relay
	taken bool               // the list says when it was downloaded
	last  map[time.Time]bool // of all LastStatus lines
}

func readTor(l *lineReader) error {
	t := &torReader{lineReader: l, last: map[time.Time]bool{}}
	if err := l.each(t.line); err != nil || t.taken {
		return err
	}
	// Each consensus by itself: of lists a month apart in one file, none speaks for
	// the days between.
	for _, at := range slices.SortedFunc(maps.Keys(t.last), time.Time.Compare) {
		if err := t.cover(at); err != nil {
			return err
		}
	}
	return nil
}

// cover files a moment for which a list speaks, so that "not on the list" can be
// told from "no list".
func (t *torReader) cover(at time.Time) error {
	return t.pass(Range{First: CoverageKey(), Last: CoverageKey(), From: at, Until: at, Label: "list taken"})
}

func (t *torReader) line(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	var err error
	switch word {
	case "@type", "Published":
		return nil
	case "Downloaded":
		var at time.Time
		if at, err = momentOf(rest, false); err == nil {
			t.taken = true
			return t.cover(at)
		}
	case "ExitNode":
		t.relay = relay{fingerprint: rest}
		if len(rest) != 40 || strings.Trim(strings.ToUpper(rest), "0123456789ABCDEF") != "" {
			err = fault.Newf(fault.Invalid, "%q is not the fingerprint of a relay", rest)
		}
	case "LastStatus":
		err = t.status(rest)
	case "ExitAddress":
		var r Range
		if r, err = t.exit(rest); err == nil {
			return t.pass(r)
		}
	default:
		err = fault.Newf(fault.Invalid, "word %q is not known in an exit list", word)
	}
	if err != nil {
		return t.reject(t.number, "%v", err)
	}
	return nil
}

func (t *torReader) status(text string) error {
	at, err := momentOf(text, false)
	if err != nil {
		return err
	}
	t.relay.last = at
	t.last[at] = true
	return nil
}

func (t *torReader) exit(text string) (Range, error) {
	address, when, _ := strings.Cut(text, " ")
	r, err := spanOf(address, address)
	if err != nil {
		return Range{}, err
	}
	if r.From, err = momentOf(when, false); err != nil {
		return Range{}, err
	}
	r.Until, r.Label = r.From, t.relay.fingerprint
	if t.relay.last.After(r.From) {
		r.Until = t.relay.last
	}
	return r, nil
}
