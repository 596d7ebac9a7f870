package demo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/circulation"
	"suraag/digest"
	"suraag/sighting"
)

// family gives the sightings of the first picture and its near copies, joined by
// exact digests and by the services' own names of files, as a trace joins them.
func family(t *testing.T) (items []circulation.Item, seen []sighting.Sighting) {
	t.Helper()
	var sets [][]digest.Digest
	own := []string{"original.jpg", "resized.jpg", "recompressed.jpg", "cropped.jpg", "mirrored.png"}
	for _, picture := range own {
		p := fingerprint(t, picture)
		sets = append(sets, []digest.Digest{p.MD5, p.SHA1, p.SHA256})
	}
	all := record(t).Sightings
	for _, s := range all {
		set := slices.Clone(s.Content.Digests)
		for _, r := range s.Content.Refs {
			set = append(set, digest.Named(r))
		}
		sets = append(sets, set)
	}
	groups, conflicts := digest.Unite(sets)
	if len(conflicts) > 0 {
		t.Fatalf("conflicts: %v", conflicts)
	}
	for n, s := range all {
		if g := groups[len(own)+n]; g < len(own) {
			items = append(items, circulation.Item{Sighting: s, Exact: g == 0, Distance: 10})
			seen = append(seen, s)
		}
	}
	return items, seen
}

func TestFirstUpload(t *testing.T) {
	items, _ := family(t)
	o := circulation.Origin(items)
	if len(o.Proven) == 0 {
		t.Fatal("no upload is proven")
	}
	first := o.Proven[0]
	if first.Service != "Example Social" || first.From.String() != "198.51.100.77:51602" || first.Rank != 1 {
		t.Errorf("earliest proven is %s", first.Sentence)
	}
	var claimed []string
	for _, c := range o.Claimed {
		if c.When.At.Before(first.When.At) {
			claimed = append(claimed, c.When.Raw)
		}
	}
	slices.Sort(claimed)
	if diff := cmp.Diff([]string{"02/03/2025 22:15", "2023-05-14 09:00:00"}, claimed); diff != "" {
		t.Errorf("claimed before the proven upload (-want +got):\n%s", diff)
	}
}

func TestWhoPassedItOn(t *testing.T) {
	_, seen := family(t)
	pairs := map[string]bool{}
	for _, e := range circulation.Graph(seen).Edges {
		pairs[e.From+" to "+e.To] = true
	}
	want := map[string]bool{
		"phone:+910000000001 to phone:+910000000003":           true,
		"handle:kik:gull_watcher_4 to handle:kik:shore_bird_9": true,
	}
	if diff := cmp.Diff(want, pairs); diff != "" {
		t.Errorf("arrows (-want +got):\n%s", diff)
	}
}

// C received and holds. Whatever passes content on, C is not the one who acts.
func TestTheReceiverIsNotASharer(t *testing.T) {
	_, seen := family(t)
	c := sighting.Identifier{Kind: sighting.Phone, Value: "+910000000003"}
	received := 0
	for _, s := range seen {
		if !slices.Contains(s.Who, c) {
			continue
		}
		if s.Act.Spreads() || s.Act == sighting.Offer {
			t.Errorf("C is said to %s: %+v", s.Act, s.Origin)
		}
		if s.Act == sighting.Receive {
			received++
		}
	}
	if received == 0 {
		t.Error("nothing says that C received the file")
	}
}

// The windmill has the name of the first upload and nothing else of it.
func TestANameJoinsNothing(t *testing.T) {
	_, seen := family(t)
	windmill := fingerprint(t, "unrelated.jpg")
	for _, s := range seen {
		if slices.Contains(s.Content.Digests, windmill.MD5) {
			t.Errorf("the windmill is in the family: %+v", s.Origin)
		}
	}
	holds := 0
	for _, s := range record(t).Sightings {
		if s.Content.Name == "IMG_0001.jpg" && slices.Contains(s.Content.Digests, windmill.MD5) {
			holds++
		}
	}
	if holds == 0 {
		t.Error("no document holds the windmill under the name IMG_0001.jpg, so the trail is not laid")
	}
}

// An interval that reaches over both readings is what is left of such a date.
func TestAmbiguousDatesStayIntervals(t *testing.T) {
	found := 0
	for _, s := range record(t).Sightings {
		if s.Service != "Example Board" {
			continue
		}
		found++
		if s.When.Spread() < 27*24*time.Hour {
			t.Errorf("%q was read as %s", s.When.Raw, s.When)
		}
	}
	if found != 2 {
		t.Errorf("%d sightings of the board, want 2", found)
	}
}
