package demo_test

import (
	"strings"
	"testing"
	"time"

	"suraag/app/demo"
	"suraag/attribution"
	"suraag/intake/all"
	"suraag/intake/intaketest"
	"suraag/network"
	"suraag/sighting"
)

// record is everything that the documents state.
func record(t *testing.T) (r intaketest.Records) {
	t.Helper()
	for _, f := range load(t) {
		if f.Purpose != demo.Intake {
			continue
		}
		one := intaketest.Collect(t, all.Formats(), f.Name, f.Bytes, declared(t, f))
		r.Sightings = append(r.Sightings, one.Sightings...)
		r.Leases = append(r.Leases, one.Leases...)
	}
	return r
}

// addressData holds the data sets as the store would, each with its day.
func addressData(t *testing.T) *network.Memory {
	t.Helper()
	m := &network.Memory{}
	for _, f := range load(t) {
		if f.Purpose != demo.Network {
			continue
		}
		day, err := time.Parse(time.DateOnly, f.AsOf)
		if err != nil {
			t.Fatal(err)
		}
		var rows []network.Range
		give := func(r network.Range) error { rows = append(rows, r); return nil }
		bad := func(line int64, reason string) error { t.Errorf("%s line %d: %s", f.Name, line, reason); return nil }
		if err := network.Read(network.DataKind(f.NetworkKind), f.Name, strings.NewReader(string(f.Bytes)), give, bad); err != nil {
			t.Fatal(err)
		}
		m.Add(network.DataSet{Kind: network.DataKind(f.NetworkKind), Name: f.Name, AsOf: day}, rows...)
	}
	return m
}

func find(t *testing.T, r intaketest.Records, service, from, when string) sighting.Sighting {
	t.Helper()
	for _, s := range r.Sightings {
		if s.Service == service && s.From.String() == from && (s.When.Raw == when || strings.HasPrefix(s.When.At.Format(time.RFC3339), when)) {
			return s
		}
	}
	t.Fatalf("no sighting of %s from %s at %s", service, from, when)
	return sighting.Sighting{}
}

// What the gate has to answer at each address of the story; README.md tells why.
func TestGateTellsTheStoryRight(t *testing.T) {
	rec, data := record(t), addressData(t)
	for _, c := range []struct {
		name                string
		service, from, when string
		outcome             attribution.Outcome
		addressee           string // part of it
		subscriber          string // whom the operator's rows name; empty: nobody
	}{
		{"the upload itself", "Example Social", "198.51.100.77:51602", "2025-02-28T18:45:10Z", attribution.Ask, "Example Mobile", "phone:+910000000001"},
		{"a log in without a row of the operator", "Example Social", "198.51.100.77:51544", "2025-02-28T18:30:00Z", attribution.Ask, "Example Mobile", ""},
		{"a log in from a VPN exit", "Example Social", "203.0.113.66:44321", "2025-02-28T21:10:00Z", attribution.AskOther, "Example VPN", ""},
		{"a log in over IPv6", "Example Social", "[2001:db8:40:12::7]:49822", "2025-02-27T02:00:00Z", attribution.Ask, "Example Fibre", ""},
		{"the carrier's address without port", "Example Share", "198.51.100.77", "2025-03-01T11:00:00Z", attribution.Preserve, "Example Mobile", ""},
		{"a message, same person", "WhatsApp", "198.51.100.77:51610", "2025-02-28T18:47:30Z", attribution.Ask, "Example Mobile", "phone:+910000000001"},
		{"same address, other port, other person", "Kik", "198.51.100.77:61020", "2025-02-28T19:18:30Z", attribution.Ask, "Example Mobile", "phone:+910000000002"},
		{"same address, no port", "Kik", "198.51.100.77", "2025-02-28T19:20:00Z", attribution.Preserve, "Example Mobile", ""},
		{"upload over IPv6 at a fixed line", "Instagram", "2001:db8:40:77::21", "2025-03-02T10:15:00Z", attribution.Ask, "Example Fibre", ""},
		{"the former VPN exit in other hands", "Instagram", "203.0.113.66", "2025-03-09T06:00:00Z", attribution.Ask, "Example Fibre", ""},
		{"a peer that advertised, first time", "BitTorrent", "192.0.2.150:51413", "2025-03-04T16:40:05Z", attribution.Ask, "Example Fibre", "phone:+910000000005"},
		{"a peer that advertised, second time", "BitTorrent", "192.0.2.150:51413", "2025-03-04T18:05:40Z", attribution.Ask, "Example Fibre", "phone:+910000000005"},
		{"hearsay of a tracker", "BitTorrent", "198.51.100.200:6881", "2025-03-04T16:41:00Z", attribution.Unusable, "", ""},
		{"a host that only answered", "BitTorrent", "192.0.2.201:6881", "2025-03-05T02:00:00Z", attribution.Unusable, "", ""},
		{"a Tor exit", "BitTorrent", "203.0.113.99:9001", "2025-03-05T03:15:00Z", attribution.AskOther, "", ""},
		{"a date that can be read two ways", "Example Board", "192.0.2.77:50100", "02/03/2025 22:15", attribution.Unusable, "Example Fibre", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := find(t, rec, c.service, c.from, c.when)
			got := weigh(t, s, rec.Leases, data)
			if got.Outcome != c.outcome || !strings.Contains(got.Addressee, c.addressee) {
				t.Errorf("%s asks %q, want %s of %q\n%s\n%s", got.Outcome, got.Addressee, c.outcome, c.addressee, got.Sentence, got.Decisive)
			}
			if named := subscribers(got); named != c.subscriber {
				t.Errorf("rows name %q, want %q\n%+v", named, c.subscriber, got.Resolution)
			}
			t.Log(got.Sentence)
		})
	}
}

// The upload, with one thing changed at a time.
func TestTheUploadLeadsToNobodyWithout(t *testing.T) {
	rec, data := record(t), addressData(t)
	upload := find(t, rec, "Example Social", "198.51.100.77:51602", "2025-02-28T18:45:10Z")
	for _, c := range []struct {
		name    string
		change  func(*sighting.Sighting)
		outcome attribution.Outcome
	}{
		{"its port", func(s *sighting.Sighting) { s.From.Port = 0 }, attribution.Preserve},
		{"its own port", func(s *sighting.Sighting) { s.From.Port = 51603 }, attribution.Ask},
		{"its moment: the port is another's by then", func(s *sighting.Sighting) {
			s.When.At, s.When.Until = s.When.At.Add(90*time.Minute), s.When.Until.Add(90*time.Minute)
		}, attribution.Ask},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := upload
			c.change(&s)
			got := weigh(t, s, rec.Leases, data)
			if got.Outcome != c.outcome || subscribers(got) != "" {
				t.Errorf("%s, rows name %q, want %s and nobody\n%s", got.Outcome, subscribers(got), c.outcome, got.Sentence)
			}
		})
	}
}

// weigh puts a sighting through the gate on the day of the example.
func weigh(t *testing.T, s sighting.Sighting, leases []sighting.Lease, data network.Lookup) attribution.Finding {
	t.Helper()
	facts, err := network.AsOf(t.Context(), data, s.From.IP, s.When)
	if err != nil {
		t.Fatal(err)
	}
	o := attribution.Observation{Endpoint: s.From, When: s.When, Act: s.Act, Standing: s.Standing, Grade: s.Grade, Service: s.Service, At: s.At,
		SightingID: s.ID, Source: s.Source, Place: s.Place, Who: s.Who, Network: s.Standing == sighting.Observation}
	return attribution.Weigh(o, facts, leases, attribution.Policy{}, demo.Now())
}

// subscribers lists the phone numbers of all candidates.
func subscribers(f attribution.Finding) string {
	if f.Resolution == nil {
		return ""
	}
	var out []string
	for _, c := range f.Resolution.Candidates {
		for _, i := range c.Identifiers {
			if i.Kind == sighting.Phone {
				out = append(out, i.String())
			}
		}
	}
	return strings.Join(out, " ")
}
