package circulation_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/circulation"
	"suraag/instant"
	"suraag/sighting"
)

func TestLine(t *testing.T) {
	type event struct {
		ID        string
		Uncertain bool
		Exchanges []string
	}
	for _, c := range []struct {
		name  string
		times map[string]string // ID → words
		want  []event
	}{
		{"sure order", map[string]string{"b": "2025-03-01T10:00:00Z", "a": "2025-03-01T10:00:01Z"},
			[]event{{"b", false, nil}, {"a", false, nil}}},
		{"same second: ties by ID, order open", map[string]string{"b": "2025-03-01T10:00:00Z", "a": "2025-03-01T10:00:00Z"},
			[]event{{"a", true, []string{"b"}}, {"b", true, []string{"a"}}}},
		{"unstated last, and only itself marked", map[string]string{"a": "", "b": "2025-03-01T10:00:00Z", "c": "2025-03-01T11:00:00Z"},
			[]event{{"b", false, nil}, {"c", false, nil}, {"a", true, nil}}},
		{"a time without a zone covers a day", map[string]string{"a": "2025-03-01 10:00:00", "b": "2025-03-01T09:00:00Z", "c": "2025-03-03T09:00:00Z"},
			[]event{{"a", true, []string{"b"}}, {"b", true, []string{"a"}}, {"c", false, nil}}},
		{"a long span reaches over a short one", map[string]string{"a": "2025-03-01 10:00:00", "b": "2025-03-01T09:00:00Z", "c": "2025-03-01T12:00:00Z"},
			[]event{{"a", true, []string{"b", "c"}}, {"b", true, []string{"a"}}, {"c", true, []string{"a"}}}},
		{"one event", map[string]string{"a": ""}, []event{{"a", false, nil}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var in []sighting.Sighting
			for name, words := range c.times {
				in = append(in, see(t, name, sighting.Hold, words))
			}
			var got []event
			for _, e := range circulation.Line(in) {
				got = append(got, event{e.ID, e.OrderUncertain, e.Exchanges})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLineAgreesWithPlainCount compares the fast count with the plain one.
func TestLineAgreesWithPlainCount(t *testing.T) {
	line := circulation.Line(many(t, 300))
	for n, e := range line {
		if e.When.IsZero() {
			continue
		}
		var overlap []string
		for m, other := range line {
			if m != n && !other.When.IsZero() && e.When.Compare(other.When) == instant.Overlaps {
				overlap = append(overlap, other.ID)
			}
		}
		if e.Exchangeable != len(overlap) || e.OrderUncertain != (len(overlap) > 0) || (len(overlap) > 0) != (len(e.Exchanges) > 0) {
			t.Fatalf("event %s may exchange with %d, says %d %v", e.ID, len(overlap), e.Exchangeable, e.Exchanges)
		}
		for _, named := range e.Exchanges {
			if !slices.Contains(overlap, named) {
				t.Fatalf("event %s names %s, which is surely before or after", e.ID, named)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	up := see(t, "up", sighting.Upload, "2025-03-01T10:00:00Z", "account:example social:1")
	up.Service, up.From = "Example Social", from(t, "198.51.100.77", "51602")
	got := see(t, "got", sighting.Receive, "2025-03-02T10:00:00Z", "account:example social:2")
	got.Service, got.To = "example social", ids(t, "account:example social:1")
	got.Via = ids(t, "group:example social:g1")
	none := see(t, "none", sighting.Hold, "")
	w := circulation.Places([]sighting.Sighting{none, got, up})

	if len(w.Services) != 1 || w.Services[0].Name != "Example Social" || w.Services[0].Sightings.Total != 2 {
		t.Errorf("two spellings are one service: %+v", w.Services)
	}
	wantActs := map[sighting.Act]int{sighting.Upload: 1, sighting.Receive: 1}
	if diff := cmp.Diff(wantActs, w.Services[0].Acts); diff != "" {
		t.Error(diff)
	}
	if first, last := w.Services[0].First.Raw, w.Services[0].Last.Raw; first != up.When.Raw || last != got.When.Raw {
		t.Errorf("first %s, last %s", first, last)
	}
	if len(w.Identifiers) != 2 || len(w.OtherSides) != 1 || len(w.Channels) != 1 {
		t.Errorf("want 2 who acted, 1 other side, 1 channel: %+v", w)
	}
	if w.OtherSides[0].Acts[sighting.Receive] != 1 || w.Identifiers[0].Acts[sighting.Receive]+w.Identifiers[1].Acts[sighting.Receive] != 1 {
		t.Error("a receipt counts once for the receiver and once for the other side, apart")
	}
	if len(w.Endpoints) != 1 || w.Endpoints[0].Name != "198.51.100.77:51602" {
		t.Errorf("endpoints: %+v", w.Endpoints)
	}
	if w.ServiceUnstated != 1 || w.ActorUnstated != 1 || w.EndpointUnstated != 2 {
		t.Errorf("what is not stated is counted: %d %d %d", w.ServiceUnstated, w.ActorUnstated, w.EndpointUnstated)
	}
	if r := w.Endpoints[0].Sightings.Shown[0]; r.ID != "up" || r.Source != up.Source || r.Place != up.Place {
		t.Errorf("the way back is %+v", r)
	}
}

// TestFileNameIsNoPlace: MISP issue 2108, a file name correlates though the
// hash differs.
func TestFileNameIsNoPlace(t *testing.T) {
	a := see(t, "a", sighting.Hold, "", "account:example social:1")
	b := see(t, "b", sighting.Hold, "", "account:example chat:2")
	a.Content.Name, b.Content.Name = "IMG_0001.jpg", "IMG_0001.jpg"
	w := circulation.Places([]sighting.Sighting{a, b})
	if len(w.Identifiers) != 2 || len(w.Services)+len(w.Channels)+len(w.Endpoints)+len(w.OtherSides) != 0 {
		t.Errorf("a file name made a place: %+v", w)
	}
	if g := circulation.Graph([]sighting.Sighting{a, b}); len(g.Edges) != 0 {
		t.Errorf("a file name made an edge: %+v", g.Edges)
	}
}

func TestPlacesBoundsWhatItShows(t *testing.T) {
	var in []sighting.Sighting
	for n := range 50 {
		s := see(t, string(rune('A'+n)), sighting.Hold, "", "account:example social:1")
		in = append(in, s)
	}
	r := circulation.Places(in).Identifiers[0].Sightings
	if r.Total != 50 || len(r.Shown) != 20 {
		t.Errorf("total %d, shown %d", r.Total, len(r.Shown))
	}
}
