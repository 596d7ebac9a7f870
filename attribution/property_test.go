package attribution_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"suraag/attribution"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

// mostly draws the fit value five times of six, so that some observations are fit
// in every respect and the property is put to the test.
func mostly[T any](t *rapid.T, name string, fit T, rest ...T) T {
	if rapid.IntRange(0, 5).Draw(t, name+" unfit") > 0 {
		return fit
	}
	return rapid.SampledFrom(rest).Draw(t, name)
}

// drawn is any observation with any facts, well-formed or not.
func drawn(t *rapid.T, f *testing.T) (attribution.Observation, network.Facts) {
	ip := mostly(t, "ip", "198.51.100.77", "203.0.113.9", "2001:db8::7", "10.0.0.7", "100.64.10.5")
	o := attribution.Observation{
		Endpoint: ep(f, ip, mostly(t, "port", "51602", "")),
		Act:      rapid.SampledFrom(append(sighting.Acts(), "")).Draw(t, "act"),
		Standing: mostly(t, "standing", sighting.ProviderCapture, sighting.MessageLog, sighting.Observation, sighting.DeviceFile, sighting.Statement, ""),
		Grade:    mostly(t, "grade", "G3", "", "G0", "G1", "G2", "G2a", "x"),
		Service:  mostly(t, "service", "Example Service", ""),
		Network:  rapid.Bool().Draw(t, "network"),
		When: mostly(t, "when", at(f, "2025-02-28T18:45:10Z"),
			instant.Instant{}, at(f, "2025-02-28 18:45:10"), at(f, "01/03/2025 00:15:10Z"), at(f, "2025-02-28T18:45Z"), by(f, "2025-02-28", instant.UTC()),
			by(f, "2025-02-28 18:45:10", instant.Rule{Zone: instant.IST(), Basis: instant.Assumed}), at(f, "2031-01-01T00:00:00Z")),
	}
	facts := mostly(t, "facts", fixed(), mobile(), flagged(network.KindTor, "F1"), flagged(network.KindVPN, "v"), flagged(network.KindHosting, ""), network.Facts{})
	facts.Addr = netip.MustParseAddr(ip)
	facts.CGNAT = rapid.SampledFrom([]sighting.Tri{sighting.Yes, sighting.No, sighting.Unstated}).Draw(t, "cgnat")
	facts.Access = mostly(t, "access", facts.Access, append(network.Accesses(), "")...)
	if mostly(t, "lists", false, true) {
		facts.Checked = nil
	}
	if name, rfc, special := network.Special(facts.Addr); special && name != "Documentation" {
		facts = network.Facts{Addr: facts.Addr, Special: name, SpecialRFC: rfc}
	}
	return o, facts
}

// The gate's promise: whatever comes in, nobody is asked on an observation that
// lacks its time, lacks the port where the address may be shared, came through
// an anonymiser, is hearsay, or is of an address that is nobody's.
func TestNothingUnfitIsEverAsked(t *testing.T) {
	asked := 0
	rapid.Check(t, func(rt *rapid.T) {
		o, f := drawn(rt, t)
		rows := rapid.SliceOfDistinct(rapid.SampledFrom([]sighting.Lease{natRow(t), ipdrRow(t), jioRow(t), answerRow(t)}), func(l sighting.Lease) string { return l.ID }).Draw(rt, "rows")
		d := attribution.Weigh(o, f, rows, attribution.Policy{}, now())
		if d.Outcome == attribution.Ask {
			asked++
			for why, unfit := range map[string]bool{
				"time not exact":               !o.When.Exact(),
				"time in the future":           o.When.At.After(now()),
				"no port on a shared address":  o.Endpoint.IP.Is4() && o.Endpoint.Port == 0 && (f.CGNAT != sighting.No || f.Access != network.AccessFixed),
				"anonymiser by list":           len(f.Anonymiser) > 0,
				"an address others use":        f.Access != "" && f.Access != network.AccessMobile && f.Access != network.AccessFixed,
				"special purpose":              f.Special != "",
				"Tor not checked":              !f.Has(network.KindTor),
				"hearsay of a network":         (o.Network || o.Standing == sighting.Observation) && o.Grade != "G3",
				"only claimed":                 !o.Standing.Proven() && !o.Network,
				"nobody to ask":                d.Addressee == "",
				"no window":                    d.Window.From.IsZero(),
				"several candidates":           d.Resolution != nil && len(d.Resolution.Candidates) > 1,
				"rows that contradict":         d.Resolution != nil && d.Resolution.Void != "",
				"something decided against it": d.Decisive != "",
			} {
				if unfit {
					rt.Fatalf("asked although: %s\n%+v\n%+v", why, o, f)
				}
			}
		}
		if len(d.Counter) == 0 || d.Sentence == "" {
			rt.Fatalf("nothing points elsewhere, or nothing is said: %+v", d)
		}
		words, err := json.Marshal(d)
		if err != nil {
			rt.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(words)), "the user") {
			rt.Fatalf("a finding speaks of the user: %s", words)
		}
		if strings.Contains(string(words), "%!") {
			rt.Fatalf("a sentence is badly formed: %s", words)
		}
	})
	if asked == 0 {
		t.Fatal("nothing fit was drawn, so nothing was put to the test")
	}
}

// Leaving anything out never makes an outcome freer.
func TestLessKnowledgeNeverFreesAnOutcome(t *testing.T) {
	strict := map[attribution.Outcome]int{attribution.Ask: 0, attribution.AskOther: 1, attribution.Preserve: 2, attribution.Unusable: 3}
	for name, less := range map[string]func(*attribution.Observation, *network.Facts){
		"port":      func(o *attribution.Observation, f *network.Facts) { o.Endpoint.Port = 0 },
		"time":      func(o *attribution.Observation, f *network.Facts) { o.When = instant.Instant{} },
		"standing":  func(o *attribution.Observation, f *network.Facts) { o.Standing = "" },
		"Tor lists": func(o *attribution.Observation, f *network.Facts) { f.Checked = nil },
		"operator":  func(o *attribution.Observation, f *network.Facts) { f.Operator, f.LegalEntity = "", "" },
		"address":   func(o *attribution.Observation, f *network.Facts) { o.Endpoint.IP = netip.Addr{} },
	} {
		o, f := upload(t), mobile()
		before := attribution.Weigh(o, f, nil, attribution.Policy{}, now())
		less(&o, &f)
		after := attribution.Weigh(o, f, nil, attribution.Policy{}, now())
		if before.Outcome != attribution.Ask || strict[after.Outcome] <= strict[before.Outcome] {
			t.Errorf("without the %s the outcome goes from %q to %q", name, before.Outcome, after.Outcome)
		}
		if len(after.Missing) == 0 || after.Decisive == "" {
			t.Errorf("without the %s nothing is said to be missing", name)
		}
	}
}
