package intaketest

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suraag/digest"
	"suraag/intake"
	"suraag/sighting"
)

// LeanSink gathers entries in short beside all else.
type LeanSink struct {
	Sink
	Entries []sighting.Entry
}

// Entry keeps an entry.
func (s *LeanSink) Entry(e *sighting.Entry) error {
	c := *e
	c.Values = slices.Clone(e.Values)
	for n := range c.Values {
		c.Values[n].Raw = bytes.Clone(c.Values[n].Raw)
	}
	s.Entries = append(s.Entries, c)
	return nil
}

// CheckLean reads a list both ways, whole and in short, which have to tell the same:
// the same bad rows, notes, counts and error, and of each entry the listing that
// reading it again gives. It tells how many entries there were.
func CheckLean(t testing.TB, formats []intake.Format, name string, data []byte, opts intake.Options) int {
	t.Helper()
	whole := Collect(t, formats, name, data, opts)
	var short LeanSink
	apart := cmp.Options{cmpopts.EquateComparable(sighting.Endpoint{}, digest.Digest{})}
	short.Result, short.Err = intake.Read(t.Context(), formats, Source(name, data), opts, intake.Limits{}, &short)
	if diff := cmp.Diff(words(whole.Err), words(short.Err)); diff != "" {
		t.Errorf("%s: errors differ (-whole +short):\n%s", name, diff)
	}
	if diff := cmp.Diff(whole.Bad, short.Records.Bad); diff != "" {
		t.Errorf("%s: bad rows differ (-whole +short):\n%s", name, diff)
	}
	if diff := cmp.Diff(whole.Notes, short.Notes); diff != "" {
		t.Errorf("%s: notes differ (-whole +short):\n%s", name, diff)
	}
	if diff := cmp.Diff(whole.Result, short.Result); diff != "" {
		t.Errorf("%s: results differ (-whole +short):\n%s", name, diff)
	}
	if len(short.Entries) == 0 {
		if diff := cmp.Diff(whole.Listings, short.Listings, apart); diff != "" {
			t.Errorf("%s: listings differ (-whole +short):\n%s", name, diff)
		}
		return 0
	}
	if len(short.Listings) > 0 || len(short.Entries) != len(whole.Listings) {
		t.Fatalf("%s: %d entries in short and %d whole, of %d", name, len(short.Entries), len(short.Listings), len(whole.Listings))
	}
	again, err := intake.Again(t.Context(), formats, whole.Result.Formats()[0], Source(name, data), opts)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for n, e := range short.Entries {
		want := whole.Listings[n]
		got, err := again(e)
		if err != nil {
			t.Fatalf("%s: entry %d again: %v", name, n, err)
		}
		if diff := cmp.Diff(want, got, apart); diff != "" {
			t.Fatalf("%s: entry %d again (-whole +again):\n%s", name, n, diff)
		}
		if diff := cmp.Diff(sortedValues(want.Short(e.Number)), sortedValues(e)); diff != "" {
			t.Fatalf("%s: entry %d in short (-whole +short):\n%s", name, n, diff)
		}
	}
	return len(short.Entries)
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func sortedValues(e sighting.Entry) sighting.Entry {
	e.Values = slices.Clone(e.Values)
	slices.SortFunc(e.Values, func(a, b sighting.Value) int {
		return bytes.Compare(append([]byte(a.Kind), a.Raw...), append([]byte(b.Kind), b.Raw...))
	})
	return e
}
