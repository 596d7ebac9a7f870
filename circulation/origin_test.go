package circulation_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/circulation"
	"suraag/instant"
	"suraag/sighting"
)

// put makes an exact candidate.
func put(t *testing.T, name string, act sighting.Act, standing sighting.Standing, when string) circulation.Item {
	t.Helper()
	s := see(t, name, act, when, "account:example social:1")
	s.Standing = standing
	return circulation.Item{Sighting: s, Exact: true}
}

// captured makes an upload capture with address and port.
func captured(t *testing.T, name, when string) circulation.Item {
	t.Helper()
	i := put(t, name, sighting.Upload, sighting.ProviderCapture, when)
	i.Sighting.Service, i.Sighting.From = "Example Social", from(t, "198.51.100.77", "51602")
	return i
}

func names(list []circulation.Candidate) string {
	var out []string
	for _, c := range list {
		out = append(out, c.ID)
	}
	return strings.Join(out, " ")
}

func TestOrigin(t *testing.T) {
	const noon, one, two = "2025-03-01T12:00:00Z", "2025-03-01T13:00:00Z", "2025-03-01T14:00:00Z"
	graded := func(grade string) circulation.Item {
		i := put(t, "o"+grade, sighting.Offer, sighting.Observation, noon)
		i.Sighting.Grade = grade
		return i
	}
	near := captured(t, "near", noon)
	near.Exact, near.Distance = false, 8
	for _, c := range []struct {
		name                     string
		in                       []circulation.Item
		claimed, proven, undated string
	}{
		{"strength decides where time cannot, in the order of formats.md §8.9", []circulation.Item{
			graded("G3"), put(t, "sent", sighting.Send, sighting.MessageLog, noon),
			put(t, "metadata", sighting.Upload, sighting.ProviderMetadata, noon), put(t, "record", sighting.Upload, sighting.ProviderRecord, noon),
			captured(t, "capture", noon),
		}, "", "capture record metadata sent oG3", ""},
		{"surely earlier goes before stronger", []circulation.Item{captured(t, "capture", one), put(t, "sent", sighting.Send, sighting.MessageLog, noon)},
			"", "sent capture", ""},
		{"a copied file with an earlier time is only claimed", []circulation.Item{captured(t, "capture", one), put(t, "file", sighting.Hold, sighting.DeviceFile, noon)},
			"file", "capture", ""},
		{"a near copy's upload does not prove the upload", []circulation.Item{captured(t, "capture", one), near}, "near", "capture", ""},
		{"what was received was somewhere before", []circulation.Item{
			put(t, "a", sighting.Receive, sighting.MessageLog, noon), put(t, "b", sighting.Download, sighting.ProviderRecord, noon),
			put(t, "c", sighting.View, sighting.ProviderRecord, noon), put(t, "d", sighting.Report, sighting.ProviderRecord, noon),
			put(t, "e", sighting.Login, sighting.ProviderCapture, noon),
		}, "", "", ""},
		{"held without a time says nothing, uploaded without a time may be first",
			[]circulation.Item{put(t, "held", sighting.Hold, sighting.DeviceFile, ""), put(t, "up", sighting.Upload, sighting.ProviderRecord, "")}, "", "", "up"},
		{"an observation without a grade is only claimed", []circulation.Item{graded(""), graded("G3")}, "o", "oG3", ""},
		{"a peer that was only listed is not proven to offer", []circulation.Item{graded("G0"), graded("G2"), graded("G3")}, "oG0 oG2", "oG3", ""},
		{"forward after send", []circulation.Item{put(t, "f", sighting.Forward, sighting.MessageLog, noon), put(t, "s", sighting.Send, sighting.MessageLog, noon)}, "", "s f", ""},
		{"a message sent, however well recorded, ranks behind an upload", []circulation.Item{
			put(t, "sent", sighting.Send, sighting.ProviderCapture, noon), put(t, "metadata", sighting.Upload, sighting.ProviderMetadata, noon),
			put(t, "held", sighting.Hold, sighting.ProviderRecord, noon),
		}, "", "metadata sent held", ""},
		{"three in a row", []circulation.Item{captured(t, "c", two), captured(t, "b", one), captured(t, "a", noon)}, "", "a b c", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := circulation.Origin(c.in)
			got := []string{names(o.Claimed), names(o.Proven), names(o.Undated)}
			if diff := cmp.Diff([]string{c.claimed, c.proven, c.undated}, got); diff != "" {
				t.Error(diff)
			}
			for _, list := range [][]circulation.Candidate{o.Claimed, o.Proven, o.Undated} {
				for _, x := range list {
					if x.Sentence == "" || x.Overturn == "" || len(x.Why) == 0 || x.Source == "" {
						t.Errorf("candidate without its words: %+v", x)
					}
				}
			}
		})
	}
}

func TestOriginSentences(t *testing.T) {
	capture := captured(t, "capture", "2025-02-28T18:45:10Z")
	file := put(t, "file", sighting.Hold, sighting.DeviceFile, "2025-01-01T00:00:00Z")
	near := captured(t, "near", "2025-03-02T00:00:00Z")
	near.Exact, near.Distance = false, 8
	o := circulation.Origin([]circulation.Item{capture, file, near})

	p := o.Proven[0]
	if want := "The service captured that account:example social:1 uploaded this content at Example Social from 198.51.100.77:51602, 28 February 2025 18:45:10 UTC."; p.Sentence != want {
		t.Errorf("got  %s\nwant %s", p.Sentence, want)
	}
	for _, part := range []string{"an earlier upload capture from this or another service", "someone else was using the account"} {
		if !strings.Contains(p.Overturn, part) {
			t.Errorf("%q is missing from %q", part, p.Overturn)
		}
	}
	f := o.Claimed[0]
	if !strings.Contains(f.Sentence, "File times are set by the device and survive copying.") || !strings.Contains(strings.Join(f.Why, "\n"), "before that of every proven candidate, but it is only claimed") {
		t.Errorf("the copied file says %q because %q", f.Sentence, f.Why)
	}
	n := o.Claimed[1]
	if !strings.Contains(n.Sentence, "(near copy, distance 8)") || !strings.Contains(strings.Join(n.Why, "\n"), "does not prove the upload of this content") ||
		!strings.Contains(strings.Join(n.Why, "\n"), "a proven candidate is surely earlier") {
		t.Errorf("the near copy says %q because %q", n.Sentence, n.Why)
	}
}

func TestOverlappingTimesTie(t *testing.T) {
	sure := captured(t, "sure", "2025-03-01T12:00:00Z")
	vague := put(t, "vague", sighting.Upload, sighting.ProviderRecord, "2025-03-01 12:30:00") // no zone stated
	late := captured(t, "late", "2025-03-01T18:00:00Z")                                       // overlaps vague, but surely after sure
	o := circulation.Origin([]circulation.Item{late, vague, sure})
	if got := names(o.Proven); got != "sure vague late" {
		t.Fatalf("order: %s", got)
	}
	for n, want := range []struct {
		earliest bool
		group    int
		ties     string
	}{{true, 0, "vague"}, {true, 0, "sure"}, {false, 1, ""}} {
		c := o.Proven[n]
		if c.Earliest != want.earliest || c.Group != want.group || strings.Join(c.Ties, " ") != want.ties {
			t.Errorf("%s: earliest %t, group %d, ties %v", c.ID, c.Earliest, c.Group, c.Ties)
		}
	}
}

// TestAssumedZoneProvesNoTime: naive timestamps (flowsint issue 149).
func TestAssumedZoneProvesNoTime(t *testing.T) {
	i := captured(t, "a", "")
	when, err := instant.Parse("2025-03-01 12:00:00", instant.Rule{Zone: instant.IST(), Basis: instant.Assumed})
	if err != nil {
		t.Fatal(err)
	}
	i.Sighting.When = when
	o := circulation.Origin([]circulation.Item{i})
	if len(o.Proven) != 0 || len(o.Claimed) != 1 || !strings.Contains(o.Claimed[0].Overturn, "a statement of the zone") {
		t.Errorf("%+v", o)
	}
}

func TestCaptureWithoutPortIsWeaker(t *testing.T) {
	with, without := captured(t, "with", "2025-03-01T12:00:00Z"), captured(t, "without", "2025-03-01T12:00:00Z")
	without.Sighting.From.Port = 0
	o := circulation.Origin([]circulation.Item{without, with})
	if o.Proven[0].ID != "with" || o.Proven[0].Rank != 1 || o.Proven[1].Rank != 2 {
		t.Errorf("%+v", o.Proven)
	}
}

// TestEarliestMeansNobodySurelyBefore checks the definition on many candidates.
func TestEarliestMeansNobodySurelyBefore(t *testing.T) {
	o := circulation.Origin(items(many(t, 90)))
	if len(o.Proven) < 10 || len(o.Claimed) < 10 || len(o.Undated) < 1 {
		t.Fatalf("the example is too small: %d proven, %d claimed, %d undated", len(o.Proven), len(o.Claimed), len(o.Undated))
	}
	for _, list := range [][]circulation.Candidate{o.Claimed, o.Proven} {
		for n, c := range list {
			nobody := true
			for m, d := range list {
				before := d.When.Compare(c.When) == instant.Before
				nobody = nobody && !before
				if m > n && before {
					t.Errorf("%s stands before %s, which is surely earlier", c.ID, d.ID)
				}
			}
			if c.Earliest != nobody {
				t.Errorf("%s: earliest %t, but nobody surely before is %t", c.ID, c.Earliest, nobody)
			}
		}
	}
}

func TestSameSightingTwiceIsNoRival(t *testing.T) {
	a := captured(t, "a", "2025-03-01T12:00:00Z")
	b := a
	b.Exact, b.Distance = false, 3
	for _, in := range [][]circulation.Item{{a, b}, {b, a}} {
		o := circulation.Origin(in)
		if names(o.Proven) != "a" || len(o.Claimed) != 0 || len(o.Proven[0].Ties) != 0 {
			t.Errorf("%+v", o)
		}
	}
}
