package stopncii

import (
	"bytes"
	"fmt"

	"suraag/fault"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/jsonwalk"
	"suraag/sighting"
)

// Format reads the answer to a query for hashes.
func Format() intake.Format {
	return intake.Format{
		Name: "stopncii/hashes", Title: "StopNCII hashes (JSON)", Version: 1,
		Marks: `JSON with "hashRecords", "signalType" and "hashValue"`,
		Sniff: sniff, Read: read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	found := 0
	for _, name := range []string{`"hashRecords"`, `"signalType"`, `"hashValue"`} {
		if !bytes.Contains(h.Bytes, []byte(name)) {
			return intake.Likeness{Score: 20 * found, Why: "it has no " + name}
		}
		found = 1
	}
	return intake.Likeness{Score: 95, Why: "hashRecords with signal types"}
}

func read(in *intake.Input, sink intake.Sink) error {
	json, err := jsonwalk.New(in.Body, limits())
	if err != nil {
		return err
	}
	seen := false
	err = json.Walk(func(way, _ string) bool {
		seen = seen || way == "$.hashRecords"
		return way == "$" || way == "$.hashRecords"
	}, func(way, locator string, n jsonwalk.Node) error {
		at := sighting.Place{Start: n.Start(), End: n.End(), Locator: locator}
		switch way {
		case "$.hashRecords[]":
			return one(in, sink, at, n)
		case "$.hasMoreRecords":
			if n.Kind() == jsonwalk.True {
				return sink.Note(at, "this is one page of the list; there are more records")
			}
			return nil
		case "$.count", "$.nextPageToken", "$.nextSetTimestamp":
			return nil
		}
		return sink.Note(at, fmt.Sprintf("%s is not known and not read", draft.Cut(locator)))
	}, func(locator string, o *jsonwalk.Oversize) error {
		return sink.Bad(sighting.Place{Start: o.Start, End: o.End, Locator: locator}, o.Why)
	})
	switch {
	case err == nil && !seen:
		return fault.Newf(fault.Invalid, "the file has no list hashRecords")
	case err == nil:
		return sink.Note(sighting.Place{Locator: "$.hashRecords"}, "StopNCII is for adults whose intimate images are passed on; a match does not say that a child is shown")
	}
	return err
}

func one(in *intake.Input, sink intake.Sink, at sighting.Place, n jsonwalk.Node) error {
	if n.Kind() != jsonwalk.Object {
		return sink.Bad(at, fmt.Sprintf("%q stands where a record was expected", draft.Cut(n.Text())))
	}
	l, problem := listing(n, in.Options.Rule())
	return draft.List(sink, at, l, problem)
}
