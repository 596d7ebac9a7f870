package attribution_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"suraag/attribution"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

func newYork(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	return zone
}

// Rule R2.
func TestTimeMustBeExact(t *testing.T) {
	local := instant.Rule{Zone: newYork(t), Basis: instant.ByRule}
	for _, c := range []struct {
		name string
		when instant.Instant
		want attribution.Outcome
		says string
	}{
		{"stated UTC", at(t, "2025-02-28T18:45:10Z"), attribution.Ask, "stated UTC"},
		{"stated offset", at(t, "2025-03-01T00:15:10+05:30"), attribution.Ask, "stated offset"},
		{"IST by rule", by(t, "01/03/2025 00:15:10", ist()), attribution.Ask, "28 February 2025 18:45:10 UTC"},
		{"no time", instant.Instant{}, attribution.Unusable, "no time"},
		{"no zone", at(t, "2025-02-28 18:45:10"), attribution.Unusable, "no zone stated"},
		{"zone assumed by an officer", by(t, "2025-02-28 18:45:10", instant.Rule{Zone: instant.IST(), Basis: instant.Assumed}), attribution.Unusable, "only assumed"},
		{"day and month exchangeable", at(t, "01/03/2025 00:15:10Z"), attribution.Unusable, "1 March 2025 or 3 January 2025"},
		{"clock set back", by(t, "2024-11-03 01:30:00", local), attribution.Unusable, "3 November 2024 05:30:00 UTC or 3 November 2024 06:30:00 UTC"},
		{"clock set forward", by(t, "2025-03-09 02:30:00", local), attribution.Unusable, "never showed this time"},
		{"beside the change of the clock", by(t, "2024-11-03 03:30:00", local), attribution.Ask, "8:30:00 UTC"},
		{"no second", at(t, "2025-02-28T18:45Z"), attribution.Preserve, "without the second"},
		{"a day only", by(t, "2025-02-28", instant.UTC()), attribution.Unusable, "28 February 2025"},
		{"in the future: a year mistyped", at(t, "2026-02-28T18:45:10Z"), attribution.Unusable, "future"},
	} {
		o := upload(t)
		o.When = c.when
		d := attribution.Weigh(o, mobile(), nil, attribution.Policy{}, now())
		if d.Outcome != c.want {
			t.Errorf("%s: %s; want %s", c.name, d.Outcome, c.want)
		}
		said := ""
		for _, r := range d.Reasons {
			if r.Rule == "R2" {
				said += r.Sentence
			}
		}
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: R2 says %q, not %q", c.name, said, c.says)
		}
	}
}

// Rule R7.
func TestWindow(t *testing.T) {
	stated := mobile()
	stated.ClockError = 2 * time.Second
	peer := upload(t)
	peer.Network, peer.Grade, peer.Standing = true, "G3", sighting.Observation
	for _, c := range []struct {
		name        string
		o           attribution.Observation
		f           network.Facts
		p           attribution.Policy
		from, until string
	}{
		{"a service's log and the default of 5 s", upload(t), mobile(), attribution.Policy{}, "18:45:04", "18:45:17"},
		{"the operator states 2 s", upload(t), stated, attribution.Policy{}, "18:45:07", "18:45:14"},
		{"a sensor", peer, mobile(), attribution.Policy{}, "18:45:04.5", "18:45:16.5"},
		{"a unit's own policy", upload(t), mobile(), attribution.Policy{ServiceUncertainty: 3 * time.Second, DefaultClockError: 7 * time.Second}, "18:45:00", "18:45:21"},
	} {
		w := attribution.Weigh(c.o, c.f, nil, c.p, now()).Window
		got := [2]string{w.From.Format("15:04:05.999999999"), w.Until.Add(time.Nanosecond).Format("15:04:05.999999999")}
		if got != [2]string{c.from, c.until} {
			t.Errorf("%s: %v; want %s to %s", c.name, got, c.from, c.until)
		}
	}
	w := attribution.Weigh(upload(t), mobile(), nil, attribution.Policy{}, now()).Window
	if got := w.In(instant.IST()); got != "1 March 2025 00:15:04 IST to 1 March 2025 00:15:17 IST" {
		t.Errorf("for the letter: %s", got)
	}
}

// Rule R8.
func TestSourcePort(t *testing.T) {
	with := func(access string, cgnat sighting.Tri) network.Facts {
		f := mobile()
		f.Access, f.CGNAT = access, cgnat
		return f
	}
	six := mobile()
	six.Addr = netip.MustParseAddr("2001:db8::7")
	for _, c := range []struct {
		name     string
		ip, port string
		f        network.Facts
		want     attribution.Outcome
		missing  bool
	}{
		{"mobile with port", "198.51.100.77", "51602", mobile(), attribution.Ask, false},
		{"mobile without port", "198.51.100.77", "", mobile(), attribution.Preserve, true},
		{"mobile said not to share, without port", "198.51.100.77", "", with("mobile", sighting.No), attribution.Preserve, true},
		{"fixed that shares, without port", "198.51.100.77", "", with("fixed", sighting.Yes), attribution.Preserve, true},
		{"fixed, not known whether it shares, without port", "198.51.100.77", "", with("fixed", ""), attribution.Preserve, true},
		{"nothing known, without port", "198.51.100.77", "", with("", ""), attribution.Preserve, true},
		{"not shared but access not known, without port", "198.51.100.77", "", with("", sighting.No), attribution.Preserve, true},
		{"fixed that does not share, without port", "198.51.100.77", "", fixed(), attribution.Ask, true},
		{"IPv6 without port", "2001:db8::7", "", six, attribution.Ask, false},
	} {
		o := upload(t)
		o.Endpoint = ep(t, c.ip, c.port)
		d := attribution.Weigh(o, c.f, nil, attribution.Policy{}, now())
		missing := strings.Contains(strings.Join(d.Missing, "\n"), "the source port, from Example Service")
		if d.Outcome != c.want || missing != c.missing {
			t.Errorf("%s: %s, port missing %v; want %s, %v", c.name, d.Outcome, missing, c.want, c.missing)
		}
	}
}

// The operator's own rows outweigh its profile: behind this address lies
// RFC 6598 space, so it is shared whatever the profile says.
func TestRowsShowThatAnAddressIsShared(t *testing.T) {
	o := upload(t)
	o.Endpoint = ep(t, "198.51.100.77", "")
	d := attribution.Weigh(o, fixed(), []sighting.Lease{natRow(t)}, attribution.Policy{}, now())
	if d.Outcome != attribution.Preserve || d.Facts.CGNAT != sighting.Yes {
		t.Errorf("%s with CGNAT %q", d.Outcome, d.Facts.CGNAT)
	}
}

// Rule R9.
func TestAddressee(t *testing.T) {
	access := func(word string) network.Facts {
		f := fixed()
		f.Access = word
		return f
	}
	special := func(addr, name string) network.Facts {
		return network.Facts{Addr: netip.MustParseAddr(addr), Special: name, SpecialRFC: "RFC"}
	}
	unchecked := mobile()
	unchecked.Checked = nil
	unowned := flagged(network.KindVPN, "Example VPN")
	unowned.Operator, unowned.LegalEntity = "", ""
	uncheckedVPN := flagged(network.KindVPN, "")
	uncheckedVPN.Checked = nil
	for _, c := range []struct {
		name, ip   string
		f          network.Facts
		want       attribution.Outcome
		whom, kind string
	}{
		{"an operator", "198.51.100.77", mobile(), attribution.Ask, "Example Mobile Limited", "operator"},
		{"private address", "10.0.0.7", special("10.0.0.7", "Private use"), attribution.Unusable, "", ""},
		{"behind a carrier's NAT", "100.64.10.5", special("100.64.10.5", "Shared address space behind a carrier's NAT"), attribution.Unusable, "", ""},
		{"multicast", "224.0.0.1", special("224.0.0.1", "Multicast"), attribution.Unusable, "", ""},
		{"Tor exit", "198.51.100.77", flagged(network.KindTor, "F1"), attribution.AskOther, "Example Service", "service"},
		{"VPN by list", "198.51.100.77", flagged(network.KindVPN, "Example VPN"), attribution.AskOther, "Example Fibre Limited", "vpn"},
		{"VPN whose operator is not known", "198.51.100.77", unowned, attribution.AskOther, "Example VPN", "vpn"},
		{"VPN with Tor not checked", "198.51.100.77", uncheckedVPN, attribution.AskOther, "Example Fibre Limited", "vpn"},
		{"data centre by list", "198.51.100.77", flagged(network.KindHosting, ""), attribution.AskOther, "Example Fibre Limited", "hosting"},
		{"data centre by profile", "198.51.100.77", access(network.AccessHosting), attribution.AskOther, "Example Fibre Limited", "hosting"},
		{"content delivery network", "198.51.100.77", access(network.AccessCDN), attribution.AskOther, "Example Fibre Limited", "cdn"},
		{"university", "198.51.100.77", access(network.AccessUniversity), attribution.AskOther, "Example Fibre Limited", "university"},
		{"library", "198.51.100.77", access(network.AccessLibrary), attribution.AskOther, "Example Fibre Limited", "library"},
		{"public wireless", "198.51.100.77", access(network.AccessPublicWiFi), attribution.AskOther, "Example Fibre Limited", "public-wifi"},
		{"own sensor", "198.51.100.77", access(network.AccessOwnSensor), attribution.Unusable, "", ""},
		{"Tor not checked", "198.51.100.77", unchecked, attribution.Preserve, "Example Mobile Limited", "operator"},
		{"facts of another address", "203.0.113.9", mobile(), attribution.Unusable, "", ""},
		{"operator not known", "198.51.100.77", network.Facts{Addr: netip.MustParseAddr("198.51.100.77"), Checked: []network.DataKind{network.KindTor}}, attribution.Preserve, "", ""},
	} {
		o := upload(t)
		o.Endpoint = ep(t, c.ip, "51602")
		d := attribution.Weigh(o, c.f, nil, attribution.Policy{}, now())
		if d.Outcome != c.want || d.Addressee != c.whom || d.AddresseeKind != c.kind {
			t.Errorf("%s: %s, %q (%s); want %s, %q (%s)", c.name, d.Outcome, d.Addressee, d.AddresseeKind, c.want, c.whom, c.kind)
		}
	}
	d := attribution.Weigh(upload(t), unchecked, nil, attribution.Policy{AskWithoutTorList: true}, now())
	if _, caution := reason(d, "R9", attribution.Caution); d.Outcome != attribution.Ask || !caution {
		t.Errorf("a unit that lets it pass: %s, caution %v", d.Outcome, caution)
	}
}

func TestTunnelNamesTheAddressInside(t *testing.T) {
	o := upload(t)
	o.Endpoint = ep(t, "2002:c633:644d::1", "443")
	f := network.Facts{Addr: o.Endpoint.IP, Special: "6to4 tunnel", SpecialRFC: "RFC 3056", Embedded: netip.MustParseAddrPort("198.51.100.77:0")}
	d := attribution.Weigh(o, f, nil, attribution.Policy{}, now())
	if d.Outcome != attribution.Unusable || !strings.Contains(d.Sentence, "198.51.100.77") {
		t.Errorf("%s: %s", d.Outcome, d.Sentence)
	}
}

// Rule R10.
func TestPlaceIsOperatorAndCountryWithDate(t *testing.T) {
	d := attribution.Weigh(upload(t), mobile(), nil, attribution.Policy{}, now())
	r, _ := reason(d, "R10", attribution.For)
	for _, want := range []string{"Example Mobile Limited", "registered in IN", `list "example asn" of 20 February 2025`, "may not be guessed"} {
		if !strings.Contains(r.Sentence, want) {
			t.Errorf("R10 does not say %q: %s", want, r.Sentence)
		}
	}
	f := mobile()
	f.Data = append([]network.Used{{Kind: network.KindRanges, Name: "example own ranges", AsOf: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Says: "mobile"}}, f.Data...)
	r, _ = reason(attribution.Weigh(upload(t), f, nil, attribution.Policy{}, now()), "R10", attribution.For)
	if !strings.Contains(r.Sentence, `list "example asn"`) || strings.Contains(r.Sentence, "own ranges") {
		t.Errorf("R10 names a list that does not name the operator: %s", r.Sentence)
	}
	f = mobile()
	f.CountryDisputed = true
	f.Data[0].Gap = -40 * 24 * time.Hour
	d = attribution.Weigh(upload(t), f, nil, attribution.Policy{}, now())
	cautions := 0
	for _, r := range d.Reasons {
		if r.Rule == "R10" && r.Effect == attribution.Caution {
			cautions++
		}
	}
	if cautions != 2 {
		t.Errorf("disputed country and old list give %d cautions; want 2", cautions)
	}
}

// A missing list is never taken for a favourable one.
func TestHostingNotCheckedIsSaid(t *testing.T) {
	f := mobile()
	f.Access = ""
	for _, checked := range []bool{false, true} {
		if checked {
			f.Checked = append(f.Checked, network.KindHosting)
		}
		d := attribution.Weigh(upload(t), f, nil, attribution.Policy{}, now())
		if r, is := reason(d, "R9", attribution.Caution); is == checked || is && !strings.Contains(r.Sentence, "data centre") {
			t.Errorf("hosting list at hand %v: %v", checked, r)
		}
	}
}

// Rule R14.
func TestWhatWasCorrectedLeadsToNothing(t *testing.T) {
	o := upload(t)
	o.Corrected = "the time of another file (time, 2 March 2025)."
	d := attribution.Weigh(o, mobile(), []sighting.Lease{jioRow(t)}, attribution.Policy{}, now())
	if _, is := reason(d, "R14", attribution.Blocks); !is || d.Outcome != attribution.Unusable || !strings.Contains(d.Sentence, "the time of another file") {
		t.Errorf("%s: %s", d.Outcome, d.Sentence)
	}
}

// Rule R11.
func TestGrade(t *testing.T) {
	for _, c := range []struct {
		name     string
		standing sighting.Standing
		network  bool
		grade    string
		want     attribution.Outcome
	}{
		{"advertised pieces", sighting.Observation, true, "G3", attribution.Ask},
		{"handshake", sighting.Observation, true, "G2", attribution.Preserve},
		{"announced to us", sighting.Observation, true, "G2a", attribution.Preserve},
		{"answered", sighting.Observation, true, "G1", attribution.Unusable},
		{"listed by others", sighting.Observation, true, "G0", attribution.Unusable},
		{"grade not stated", sighting.Observation, true, "", attribution.Unusable},
		{"grade not known", sighting.Observation, true, "good", attribution.Unusable},
		{"network by its standing alone", sighting.Observation, false, "G0", attribution.Unusable},
		{"a provider's capture", sighting.ProviderCapture, false, "", attribution.Ask},
		{"a message log", sighting.MessageLog, false, "", attribution.Ask},
		{"a file on a device", sighting.DeviceFile, false, "", attribution.Preserve},
		{"what a person says", sighting.Statement, false, "", attribution.Preserve},
		{"standing not stated", "", false, "", attribution.Preserve},
	} {
		o := upload(t)
		o.Standing, o.Network, o.Grade = c.standing, c.network, c.grade
		if d := attribution.Weigh(o, mobile(), nil, attribution.Policy{}, now()); d.Outcome != c.want {
			t.Errorf("%s: %s; want %s", c.name, d.Outcome, c.want)
		}
	}
}

// Rules R12 and R13.
func TestWhatPointsElsewhereIsNeverEmpty(t *testing.T) {
	received := upload(t)
	received.Act = sighting.Receive
	peer := upload(t)
	peer.Act, peer.Standing, peer.Grade = sighting.Offer, sighting.Observation, "G3"
	peer.Who = []sighting.Identifier{id(t, sighting.Peer, "", "-TR3000-000000000000")}
	for _, c := range []struct {
		name string
		o    attribution.Observation
		want []string
	}{
		{"upload", upload(t), []string{"anyone in the household", "wireless network may have been open", "Lodgers", "Malware or a proxy", "installation address", "uncorroborated"}},
		{"received only", received, []string{"anyone in the household", "Being sent something is neither asking for it nor passing it on"}},
		{"peer", peer, []string{"nothing was seen to be sent", "identifies nobody"}},
		{"nothing at all", attribution.Observation{}, []string{"anyone in the household"}},
	} {
		d := attribution.Weigh(c.o, mobile(), nil, attribution.Policy{}, now())
		var said []string
		for _, r := range d.Counter {
			said = append(said, r.Sentence)
			if r.Citation == "" || r.Rule == "" {
				t.Errorf("%s: %q has no rule or citation", c.name, r.Sentence)
			}
		}
		for _, want := range c.want {
			if !strings.Contains(strings.Join(said, "\n"), want) {
				t.Errorf("%s: what points elsewhere lacks %q:\n%s", c.name, want, strings.Join(said, "\n"))
			}
		}
	}
}

// Rule R6.
func TestAskForEachParticular(t *testing.T) {
	d := attribution.Weigh(upload(t), mobile(), nil, attribution.Policy{}, now())
	text := strings.Join(d.AskFor, "\n")
	for _, want := range []string{"28 February 2025 18:45:04 UTC", "1 March 2025 00:15:04 IST", "installation address", "billing address", "MAC", "session", "lease", "zone of the log", "how many candidates"} {
		if !strings.Contains(text, want) {
			t.Errorf("what is asked lacks %q:\n%s", want, text)
		}
	}
	if want := time.Date(2027, 2, 28, 18, 45, 10, 0, time.UTC); !d.Expires.Equal(want) || d.ExpiresSource != "730 days: made for tests" {
		t.Errorf("records end %s by %q; want %s", d.Expires, d.ExpiresSource, want)
	}
	late := attribution.Weigh(upload(t), mobile(), nil, attribution.Policy{}, time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	if r, found := reason(late, "R7", attribution.Caution); !found || !strings.Contains(r.Sentence, "28 February 2027") {
		t.Errorf("records that ended are not said to: %v", r)
	}
}

// Each way of not knowing has its own words.
func TestSourcePortSaysWhy(t *testing.T) {
	plain := mobile()
	plain.CGNAT = sighting.Unstated
	unknown := plain
	unknown.Access = ""
	for want, f := range map[string]network.Facts{"lets many customers share": mobile(), "mobile network": plain, "not known whether": unknown} {
		o := upload(t)
		o.Endpoint.Port = 0
		if d := attribution.Weigh(o, f, nil, attribution.Policy{}, now()); !strings.Contains(d.Decisive, want) {
			t.Errorf("%q is not said: %s", want, d.Decisive)
		}
	}
}
