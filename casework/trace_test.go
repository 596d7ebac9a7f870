package casework_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/circulation"
	"suraag/hashset"
	"suraag/instant"
	"suraag/sighting"
)

// Silence is said, and nothing is said to be missing that is there.
func TestMissing(t *testing.T) {
	image := casework.Target{Kind: "digest"}
	upload := []casework.Seen{{Sighting: sighting.Sighting{Act: sighting.Upload}}}
	receive := []casework.Seen{{Sighting: sighting.Sighting{Act: sighting.Receive}}}
	listed := []casework.Content{{Listed: []hashset.Match{{}}}}
	proven := circulation.Origins{Proven: make([]circulation.Candidate, 1)}
	for _, c := range []struct {
		name  string
		trace casework.Trace
		want  []string // parts of the sentences, in order
	}{
		{"nothing at all", casework.Trace{Target: image}, []string{"No source in the record", "No list in the record"}},
		{"an identifier that nothing states", casework.Trace{Target: casework.Target{Kind: "identifier"}}, []string{"No source in the record"}},
		{"received is not shared", casework.Trace{Target: image, Sightings: receive, Family: listed},
			[]string{"No upload is proven", "Nothing in the record shows that anyone passed it on", "No sighting states an address"}},
		{"uploaded, proven, listed, with address", casework.Trace{Target: image, Sightings: upload, Family: listed, Origin: proven, Addresses: make([]casework.Address, 1)}, nil},
		{"an image that cannot be decoded", casework.Trace{Target: casework.Target{Kind: "image", Unavailable: "it is empty"}, Sightings: upload, Family: listed, Origin: proven, Addresses: make([]casework.Address, 1)},
			[]string{"Near copies were not looked for: it is empty."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.trace.Missing()
			if len(got) != len(c.want) {
				t.Fatalf("%d sentences: %q, want %q", len(got), got, c.want)
			}
			for n, part := range c.want {
				if !strings.Contains(got[n], part) {
					t.Errorf("sentence %d: %q, want %q", n, got[n], part)
				}
			}
		})
	}
}

// Seconds are the ordinary grain of logs; only what may lie a minute off is marked.
func TestUncertain(t *testing.T) {
	day := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	event := func(id string, open bool, spread time.Duration) circulation.Event {
		return circulation.Event{Ref: circulation.Ref{ID: id}, OrderUncertain: open, When: instant.Instant{At: day, Until: day.Add(spread)}}
	}
	events := []circulation.Event{event("certain", false, time.Hour), event("second", true, time.Second), event("hour", true, time.Hour)}
	var seen []casework.Seen
	for _, e := range events {
		seen = append(seen, casework.Seen{Sighting: sighting.Sighting{Origin: sighting.Origin{ID: e.ID}}})
	}
	casework.Uncertain(seen, events)
	if got := []bool{seen[0].OrderUncertain, seen[1].OrderUncertain, seen[2].OrderUncertain}; !slices.Equal(got, []bool{false, false, true}) {
		t.Errorf("marked %v", got)
	}
}
