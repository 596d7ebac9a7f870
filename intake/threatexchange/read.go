package threatexchange

import (
	"fmt"
	"regexp"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// Format reads the answer to a query for updates.
func Format() intake.Format {
	return intake.Format{
		Name: "meta/threatexchange", Title: "ThreatExchange updates (JSON)", Version: 1,
		Marks: `JSON with "indicator" and a "type" that begins with HASH_`,
		Sniff: sniff, Read: read,
	}
}

var (
	indicator = regexp.MustCompile(`"indicator"\s*:`)
	hashType  = regexp.MustCompile(`"type"\s*:\s*"HASH_`)
)

func sniff(h intake.Head) intake.Likeness {
	has, hash := indicator.Match(h.Bytes), hashType.Match(h.Bytes)
	switch {
	case has && hash:
		return intake.Likeness{Score: 90, Why: "indicators of type HASH_…"}
	case has:
		return intake.Likeness{Score: 30, Why: "none of its indicators is of a type HASH_…"}
	}
	return intake.Likeness{Why: `it has no "indicator"`}
}

func read(in *intake.Input, sink intake.Sink) error {
	json, err := jsonwalk.New(in.Body, limits())
	if err != nil {
		return err
	}
	seen := false
	err = json.Walk(func(way, _ string) bool { return way == "$" || way == "$.data" },
		func(way, locator string, n jsonwalk.Node) error {
			at := sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
			switch way {
			case "$[]", "$.data[]":
				seen = true
				return one(in, sink, at, n)
			case "$.paging":
				if next := n.Get("next").Value(); next != "" {
					return sink.Note(at, "this is one page of the list; the next is "+draft.Cut(next))
				}
				return nil
			}
			return sink.Note(at, fmt.Sprintf("%s is not known and not read", draft.Cut(locator)))
		},
		func(locator string, o *jsonwalk.Oversize) error {
			return sink.Bad(sighting.Place{Start: o.Start, End: o.End, Locator: locator}, o.Why)
		})
	if err == nil && !seen {
		return fault.Newf(fault.Invalid, "the file has no updates: neither a list nor a list under data")
	}
	return err
}

func one(in *intake.Input, sink intake.Sink, at sighting.Place, n jsonwalk.Node) error {
	if n.Kind() != jsonwalk.Object {
		return sink.Bad(at, fmt.Sprintf("%q stands where an update was expected", draft.Cut(n.Text())))
	}
	l, problem := listing(n, in.Options.Rule())
	return draft.List(sink, at, l, problem)
}
