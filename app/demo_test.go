package app_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/actor"
	"suraag/app/demo"
	"suraag/attribution"
	"suraag/casework"
	"suraag/circulation"
	"suraag/digest"
	"suraag/sighting"
)

// traceOf asks the program and reads what it prints.
func traceOf(t *testing.T, data, target string) casework.Trace {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(ask(t, data, "trace", target)))
	d.DisallowUnknownFields()
	var tr casework.Trace
	if err := d.Decode(&tr); err != nil {
		t.Fatal(err)
	}
	return tr
}

// pictureTrace asks about the first picture of the example itself.
func pictureTrace(t *testing.T) (tr casework.Trace, data string) {
	t.Helper()
	data = exampleRecord(t)
	picture := filepath.Join(t.TempDir(), "original.jpg")
	write(t, picture, demo.Picture())
	return traceOf(t, data, picture), data
}

// moment finds what the gate answers for an address at a time, as written in UTC.
func moment(t *testing.T, tr casework.Trace, from, at string) attribution.Finding {
	t.Helper()
	for _, a := range tr.Addresses {
		if o := a.Observation; o.Endpoint.String() == from && (o.When.At.UTC().Format(time.RFC3339) == at || o.When.Raw == at) {
			return a.Finding
		}
	}
	t.Fatalf("the trace has no moment %s at %s", from, at)
	return attribution.Finding{}
}

// named lists whom the operators' rows name.
func named(f attribution.Finding) (names []string) {
	if f.Resolution == nil {
		return nil
	}
	for _, c := range f.Resolution.Candidates {
		names = append(names, c.Name)
	}
	return names
}

func actorOf(t *testing.T, tr casework.Trace, identifier string) actor.Actor {
	t.Helper()
	for _, a := range tr.Actors {
		for _, i := range a.Identifiers {
			if i.String() == identifier {
				return a
			}
		}
	}
	t.Fatalf("the trace has no actor with %s", identifier)
	return actor.Actor{}
}

func has(tr casework.Trace, name string) bool {
	return slices.ContainsFunc(tr.Family, func(c casework.Content) bool { return slices.Contains(c.Names, name) })
}

// The addresses of the story: app/demo/README.md tells why each is as it is.
func TestDemoAddresses(t *testing.T) {
	tr, _ := pictureTrace(t)
	for _, c := range []struct {
		name, from, at string
		outcome        attribution.Outcome
		addressee      string
		names          []string // of subscribers; nil: nobody
		missing        string
	}{
		{"the upload resolves through the carrier's translation to one row", "198.51.100.77:51602", "2025-02-28T18:45:10Z", attribution.Ask, "Example Mobile Limited", []string{"Synthetic Subscriber"}, ""},
		{"the other port is the other person", "198.51.100.77:61020", "2025-02-28T19:18:30Z", attribution.Ask, "Example Mobile Limited", []string{"Second Synthetic Subscriber"}, ""},
		{"the message that carried it", "198.51.100.77:51610", "2025-02-28T18:47:30Z", attribution.Ask, "Example Mobile Limited", []string{"Synthetic Subscriber"}, ""},
		{"port stated, but no row of the operator for it", "198.51.100.77:51544", "2025-02-28T18:30:00Z", attribution.Ask, "Example Mobile Limited", nil, ""},
		{"a carrier's NAT without port, Kik", "198.51.100.77", "2025-02-28T19:20:00Z", attribution.Preserve, "Example Mobile Limited", nil, "the source port"},
		{"a carrier's NAT without port, Example Share", "198.51.100.77", "2025-03-01T11:00:00Z", attribution.Preserve, "Example Mobile Limited", nil, "the source port"},
		{"a VPN exit", "203.0.113.66:44321", "2025-02-28T21:10:00Z", attribution.AskOther, "Example VPN B.V.", nil, ""},
		{"the same address once the VPN has left it", "203.0.113.66", "2025-03-09T06:00:00Z", attribution.Ask, "Example Fibre Private Limited", nil, ""},
		{"IPv6 at a fixed line needs no port", "2001:db8:40:77::21", "2025-03-02T10:15:00Z", attribution.Ask, "Example Fibre Private Limited", nil, ""},
		{"hearsay of a tracker, G0", "198.51.100.200:6881", "2025-03-04T16:41:00Z", attribution.Unusable, "", nil, "grade G3"},
		{"a host that only answered, G1", "192.0.2.201:6881", "2025-03-05T02:00:00Z", attribution.Unusable, "", nil, "grade G3"},
		{"a peer that advertised, G3", "192.0.2.150:51413", "2025-03-04T16:40:05Z", attribution.Ask, "Example Fibre Private Limited", []string{"Third Synthetic Subscriber"}, ""},
		{"a Tor exit", "203.0.113.99:9001", "2025-03-05T03:15:00Z", attribution.AskOther, "", nil, "the same identifiers at a clear address"},
		{"a date that can be read two ways", "192.0.2.77:50100", "02/03/2025 22:15", attribution.Unusable, "", nil, "a second person's decision"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := moment(t, tr, c.from, c.at)
			if f.Outcome != c.outcome {
				t.Errorf("outcome %q, want %q: %s", f.Outcome, c.outcome, f.Sentence)
			}
			if c.addressee != "" && f.Addressee != c.addressee {
				t.Errorf("asks %q, want %q", f.Addressee, c.addressee)
			}
			if diff := cmp.Diff(c.names, named(f)); diff != "" {
				t.Errorf("the rows name (-want +got):\n%s", diff)
			}
			if missing := strings.Join(f.Missing, "; "); !strings.Contains(missing, c.missing) {
				t.Errorf("missing is %q, want %q in it", missing, c.missing)
			}
			if len(f.Counter) == 0 {
				t.Error("nothing is said to point elsewhere")
			}
		})
	}
}

func TestDemoFalseTrails(t *testing.T) {
	t.Parallel()
	tr, data := pictureTrace(t)

	t.Run("earliest proven is the upload of 28 February", func(t *testing.T) {
		p := tr.Origin.Proven[0]
		if got := p.When.String(); got != "28 February 2025 18:45:10 UTC" || p.Service != "Example Social" || p.From.String() != "198.51.100.77:51602" || !p.Earliest || !p.Exact {
			t.Errorf("earliest proven: %s at %s from %s", got, p.Service, p.From)
		}
		for _, c := range tr.Origin.Proven[1:] {
			if c.Earliest {
				t.Errorf("%s is earliest too", c.Sentence)
			}
		}
	})
	t.Run("a copied file with an earlier time is only claimed", func(t *testing.T) {
		c := claimed(t, tr, "2023-05-14 09:00:00")
		if c.Standing != sighting.DeviceFile || !strings.Contains(c.Sentence, "survive copying") || !strings.Contains(c.Overturn, "clock of the device") {
			t.Errorf("%s; %s", c.Sentence, c.Overturn)
		}
		for _, p := range tr.Origin.Proven {
			if p.When.At.Year() == 2023 {
				t.Errorf("proven: %s", p.Sentence)
			}
		}
	})
	t.Run("an ambiguous date stays an interval and is never proven", func(t *testing.T) {
		c := claimed(t, tr, "02/03/2025 22:15")
		if c.Earliest || c.When.Spread() < 24*time.Hour {
			t.Errorf("%s, earliest %v", c.When, c.Earliest)
		}
		if n := slices.IndexFunc(tr.Leads, func(l casework.Lead) bool { return l.Finding.Observation.When.Spread() > 24*time.Hour }); n >= 0 {
			t.Errorf("a lead rests on it: %s", tr.Leads[n].Step)
		}
	})
	t.Run("who only received is never counted as sharing", func(t *testing.T) {
		for _, id := range []string{"phone:+910000000003", "handle:kik:shore_bird_9"} {
			a := actorOf(t, tr, id)
			if !a.OnlyReceived || !strings.Contains(a.Sentence, "nothing shows that it shared") {
				t.Errorf("%s: only received is %v: %s", id, a.OnlyReceived, a.Sentence)
			}
			for _, e := range tr.Passing.Edges {
				if e.From == nodeOf(t, tr, id) {
					t.Errorf("an arrow leaves %s: %s", id, e.Reason)
				}
			}
		}
	})
	t.Run("nothing is drawn but what a source states", func(t *testing.T) {
		var got []string
		for _, e := range tr.Passing.Edges {
			got = append(got, e.From+" → "+e.To)
		}
		slices.Sort(got)
		want := []string{"handle:kik:gull_watcher_4 → handle:kik:shore_bird_9", "phone:+910000000001 → phone:+910000000003"}
		if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
			t.Errorf("arrows (-want +got):\n%s", diff)
		}
	})
	t.Run("offered is not sent", func(t *testing.T) {
		a := actorOf(t, tr, "peer:2d455833303030e5a1b2c3d4e5f60718293a4b5c")
		if a.Acts[sighting.Offer] != 2 || len(a.Acts) != 1 || a.Sentence != "offered; nothing shows that it sent; in 2 of its acts it is another file than the one traced" {
			t.Errorf("%v: %s", a.Acts, a.Sentence)
		}
		if tr.Access.Offered != 5 || tr.Access.Received != 1 {
			t.Errorf("offered %d, received %d, want 5 and 1", tr.Access.Offered, tr.Access.Received)
		}
	})
	t.Run("an address seen by two people joins nobody", func(t *testing.T) {
		one, two := actorOf(t, tr, "phone:+910000000001"), actorOf(t, tr, "handle:kik:gull_watcher_4")
		if one.ID == two.ID {
			t.Errorf("one actor of both: %v", one.Identifiers)
		}
		if moment(t, tr, "198.51.100.77:51602", "2025-02-28T18:45:10Z").Resolution.Private == moment(t, tr, "198.51.100.77:61020", "2025-02-28T19:18:30Z").Resolution.Private {
			t.Error("both ports lead to one private address")
		}
	})
	t.Run("a name that is the same joins nothing", func(t *testing.T) {
		if !has(tr, "IMG_0001.jpg") || slices.ContainsFunc(tr.Family, func(c casework.Content) bool {
			return slices.ContainsFunc(c.Digests, func(d digest.Digest) bool { return d.String() == "md5:"+windmill })
		}) {
			t.Error("the windmill is in the family of the lighthouse")
		}
	})
	t.Run("a mirrored copy is found, and not called the same", func(t *testing.T) {
		n := slices.IndexFunc(tr.Family, func(c casework.Content) bool { return c.Orientation == "flipy" })
		if n < 0 || tr.Family[n].Relation != casework.NearCopy || !strings.Contains(tr.Family[n].Sentence, "checked by a person") {
			t.Error("no content of the family is the mirrored one")
		}
	})
	t.Run("a message whose picture nobody described is not evidence of this one", func(t *testing.T) {
		for _, s := range tr.Sightings {
			for _, to := range s.To {
				if to.String() == "phone:+910000000002" {
					t.Errorf("%s to %s stands in the trace", s.Act, to)
				}
			}
		}
	})
	t.Run("no statement without a way back to its source", func(t *testing.T) {
		for _, s := range tr.Sightings {
			ask(t, data, "source", "show", s.Source, "--at", s.Place.String())
		}
		for _, c := range slices.Concat(tr.Origin.Claimed, tr.Origin.Proven, tr.Origin.Undated) {
			if len(c.Source) != 64 || c.Overturn == "" {
				t.Errorf("%s: source %q, overturned by %q", c.Sentence, c.Source, c.Overturn)
			}
		}
	})
}

// A list that is taken back takes back what it alone matched, and no more.
func TestDemoMistakenList(t *testing.T) {
	t.Parallel()
	data := exampleRecord(t)
	if got := lists(traceOf(t, data, windmill)); !slices.Equal(got, []string{"Mistaken list"}) {
		t.Fatalf("the windmill is listed by %q", got)
	}
	before := lists(traceOf(t, data, demo.Target))
	ask(t, data, "hashset", "retract", "Mistaken list", "--reason", "the giver withdrew it")
	gone := traceOf(t, data, windmill)
	if got := lists(gone); len(got) > 0 || len(gone.Leads) > 0 {
		t.Errorf("after the retraction the windmill is listed by %q and has %d leads", got, len(gone.Leads))
	}
	after := lists(traceOf(t, data, demo.Target))
	if !slices.Equal(before, after) || len(after) == 0 {
		t.Errorf("the lighthouse was listed by %q, is now by %q", before, after)
	}
}

// windmill is the MD5 of the picture that only the mistaken list holds.
const windmill = "c78a55800fdb54df1b87df5a9bdb56f3"

func lists(tr casework.Trace) (names []string) {
	for _, c := range tr.Family {
		for _, m := range c.Listed {
			names = append(names, m.SetName)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func claimed(t *testing.T, tr casework.Trace, raw string) circulation.Candidate {
	t.Helper()
	for _, c := range tr.Origin.Claimed {
		if c.When.Raw == raw {
			return c
		}
	}
	t.Fatalf("nothing is claimed for %q", raw)
	return circulation.Candidate{}
}

func nodeOf(t *testing.T, tr casework.Trace, identifier string) string {
	t.Helper()
	for _, n := range tr.Passing.Nodes {
		for _, i := range n.Identifiers {
			if i.String() == identifier {
				return n.ID
			}
		}
	}
	t.Fatalf("no node for %s", identifier)
	return ""
}
