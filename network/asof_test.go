package network_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/instant"
	"suraag/network"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func moment(t *testing.T, text string) instant.Instant {
	t.Helper()
	i, err := instant.Parse(text, instant.Rule{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func set(kind network.DataKind, name, asOf string) network.DataSet {
	return network.DataSet{Kind: kind, Name: name, AsOf: day(asOf), SHA256: "ab"}
}

func profile(t *testing.T, p network.Profile) network.Range {
	t.Helper()
	r, err := p.Row()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// example is what the demonstration's data looks like.
func example(t *testing.T) *network.Memory {
	t.Helper()
	m := &network.Memory{}
	old, new := span("198.51.100.0", "198.51.100.255", ""), span("198.51.100.0", "198.51.100.255", "")
	old.ASN, old.Operator = 64497, "Example Fibre"
	new.ASN, new.Operator = 64496, "Example Mobile"
	m.Add(set(network.KindASN, "example asn", "2025-01-01"), old)
	m.Add(set(network.KindASN, "example asn", "2025-02-20"), new)
	m.Add(set(network.KindASN, "example asn", "2025-06-01"), old)
	in, sg := old, old
	in.ASN, in.Operator, in.Country = 0, "", "IN"
	sg.ASN, sg.Operator, sg.Country = 0, "", "SG"
	m.Add(set(network.KindCountry, "example country", "2025-02-28"), in)
	m.Add(set(network.KindRIR, "example registry", "2025-02-01"), sg)
	m.Add(set(network.KindVPN, "example vpn", "2025-02-01"), span("203.0.113.0", "203.0.113.15", "Example VPN"))
	m.Add(set(network.KindVPN, "example vpn", "2025-04-01"), span("203.0.113.16", "203.0.113.31", "Example VPN"))
	exit := span("203.0.113.99", "203.0.113.99", "F1")
	exit.From, exit.Until = day("2025-02-27").Add(20*time.Hour), day("2025-02-27").Add(22*time.Hour)
	taken := network.Range{First: network.CoverageKey(), Last: network.CoverageKey(), From: exit.Until, Until: exit.Until}
	m.Add(set(network.KindTor, "example exits", "2025-02-28"), exit, taken)
	m.Add(set(network.KindOperators, "example operators", "2025-01-01"),
		profile(t, network.Profile{ASN: 64496, Operator: "Example Mobile", LegalEntity: "Example Mobile Limited", Country: "IN", Access: network.AccessMobile, CGNAT: "yes", RetentionDays: 730, RetentionSource: "made for tests", LogZone: "Asia/Kolkata", ClockError: 2 * time.Second}),
		profile(t, network.Profile{Country: "IN", LegalEntity: "not an operator", RetentionDays: 365, RetentionSource: "made for tests: default"}))
	return m
}

func TestAsOfTakesTheListOfTheDate(t *testing.T) {
	m := example(t)
	for _, c := range []struct {
		when, operator, asOf string
		gapDays              int
	}{
		{"2025-02-28T18:45:10Z", "Example Mobile", "2025-02-20", -8},
		{"2025-02-20T00:00:00Z", "Example Mobile", "2025-02-20", 0},
		{"2025-02-19T23:59:59Z", "Example Fibre", "2025-01-01", -49},
		{"2024-12-30T00:00:00Z", "Example Fibre", "2025-01-01", 2},
		{"2025-07-01T00:00:00Z", "Example Fibre", "2025-06-01", -30},
	} {
		f, err := network.AsOf(context.Background(), m, netip.MustParseAddr("198.51.100.77"), moment(t, c.when))
		if err != nil {
			t.Fatal(err)
		}
		if f.Operator != c.operator || !f.Example || f.Special != "" {
			t.Errorf("at %s the operator is %q, example %v, special %q; want %q", c.when, f.Operator, f.Example, f.Special, c.operator)
		}
		used := f.Data[slices.IndexFunc(f.Data, func(u network.Used) bool { return u.Kind == network.KindASN })]
		if used.AsOf != day(c.asOf) || int(used.Gap/(24*time.Hour)) != c.gapDays {
			t.Errorf("at %s the list of %s was used, %s off; want %s, %d days", c.when, used.AsOf, used.Gap, c.asOf, c.gapDays)
		}
	}
}

func TestAsOfProfile(t *testing.T) {
	m := example(t)
	f, err := network.AsOf(context.Background(), m, netip.MustParseAddr("198.51.100.77"), moment(t, "2025-02-28T18:45:10Z"))
	if err != nil {
		t.Fatal(err)
	}
	if f.LegalEntity != "Example Mobile Limited" || f.Access != "mobile" || f.CGNAT != "yes" || f.RetentionDays != 730 || f.ClockError != 2*time.Second {
		t.Errorf("profile gives %+v", f)
	}
	if !f.CountryDisputed || f.Country != "IN" {
		t.Errorf("two country lists that disagree give %s, disputed %v", f.Country, f.CountryDisputed)
	}
	f, err = network.AsOf(context.Background(), m, netip.MustParseAddr("198.51.100.77"), moment(t, "2025-01-15T00:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if f.LegalEntity != "" || f.RetentionDays != 365 || f.Operator != "Example Fibre" {
		t.Errorf("an operator without profile gets %q and %d days; want the default of the country and no legal entity", f.LegalEntity, f.RetentionDays)
	}
}

func TestAsOfAnonymisers(t *testing.T) {
	for _, c := range []struct {
		name, addr, when string
		flags            int
		torKnown         bool
	}{
		{"on the list of that month", "203.0.113.7", "2025-02-28T18:45:10Z", 1, true},
		{"only on a later list", "203.0.113.17", "2025-02-28T18:45:10Z", 0, true},
		{"on the later list, later", "203.0.113.17", "2025-04-28T18:45:10Z", 1, false},
		{"exit measured 21 hours before", "203.0.113.99", "2025-02-28T18:45:10Z", 1, true},
		{"exit listed 23 hours after", "203.0.113.99", "2025-02-26T21:00:00Z", 1, false},
		{"exit two days before", "203.0.113.99", "2025-03-02T18:45:10Z", 0, false},
	} {
		f, err := network.AsOf(context.Background(), example(t), netip.MustParseAddr(c.addr), moment(t, c.when))
		if err != nil {
			t.Fatal(err)
		}
		known := f.Has(network.KindTor)
		if len(f.Flagged(network.KindTor)) > 0 {
			known = c.torKnown // a sighting is knowledge by itself
		}
		if len(f.Anonymiser) != c.flags || (f.Special == "" && known != c.torKnown) {
			t.Errorf("%s: flags %v, Tor known %v; want %d, %v", c.name, f.Anonymiser, f.Has(network.KindTor), c.flags, c.torKnown)
		}
	}
}

// A country list was seen to answer for 2001:db8::/32. Only a set that calls
// itself an example may, and it may answer for nothing else.
func TestAsOfTellsSpecialAddressesFirst(t *testing.T) {
	wide := span("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "")
	wide.Country = "JP"
	four := span("0.0.0.0", "255.255.255.255", "")
	four.Country = "JP"
	for _, c := range []struct{ set, addr, special, country string }{
		{"published", "2001:db8::7", "Documentation", ""},
		{"Example", "2001:db8::7", "", "JP"},
		{"Example", "2a00::7", "", ""},
		{"Example", "10.0.0.7", "Private use", ""},
		{"published", "100.64.10.5", "Shared address space behind a carrier's NAT", ""},
		{"published", "2a00::7", "", "JP"},
		{"published", "::ffff:127.0.0.1", "Loopback", ""},
	} {
		m := &network.Memory{}
		m.Add(set(network.KindCountry, c.set, "2025-02-01"), wide, four)
		f, err := network.AsOf(context.Background(), m, netip.MustParseAddr(c.addr), moment(t, "2025-02-28T18:45:10Z"))
		if err != nil || f.Special != c.special || f.Country != c.country {
			t.Errorf("list %q on %s: special %q, country %q, %v; want %q, %q", c.set, c.addr, f.Special, f.Country, err, c.special, c.country)
		}
	}
}

func TestAsOfSaysWhatIsNotKnown(t *testing.T) {
	f, err := network.AsOf(context.Background(), &network.Memory{}, netip.MustParseAddr("2a00::7"), instant.Instant{})
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(f.Notes, "\n")
	for _, want := range []string{"No time is stated", "No data at hand names the operator", "whether this was a Tor exit is not known", "No VPN list"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q:\n%s", want, notes)
		}
	}
	if _, err := network.AsOf(context.Background(), &network.Memory{}, netip.Addr{}, instant.Instant{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no address gives %v", err)
	}
}

// The keeper may hand back overlapping rows; the smallest speaks.
func TestAsOfTakesTheMostSpecificRow(t *testing.T) {
	wide, narrow := span("203.0.113.0", "203.0.113.255", ""), span("203.0.113.16", "203.0.113.31", "")
	wide.ASN, narrow.ASN = 64496, 64497
	for _, rows := range [][]network.Range{{wide, narrow}, {narrow, wide}} {
		m := &network.Memory{}
		m.Add(set(network.KindASN, "example", "2025-02-01"), rows...)
		f, err := network.AsOf(context.Background(), m, netip.MustParseAddr("203.0.113.20"), moment(t, "2025-02-28T18:45:10Z"))
		if err != nil || f.ASN != 64497 {
			t.Errorf("AS%d, %v; want AS64497", f.ASN, err)
		}
	}
}

// A list of another year says little of today: a quarter of a VPN list was gone
// after twenty months.
func TestAsOfOldListIsNoCheck(t *testing.T) {
	for when, want := range map[string]bool{"2025-02-20T00:00:00Z": true, "2025-03-20T00:00:00Z": false, "2025-01-15T00:00:00Z": true, "2024-12-15T00:00:00Z": false} {
		m := &network.Memory{}
		m.Add(set(network.KindVPN, "example vpn", "2025-02-01"), span("203.0.113.0", "203.0.113.15", ""))
		m.Add(set(network.KindCountry, "example country", "2025-02-01"), network.Range{First: netip.MustParseAddr("198.51.100.0"), Last: netip.MustParseAddr("198.51.100.255"), Country: "IN"})
		f, err := network.AsOf(context.Background(), m, netip.MustParseAddr("198.51.100.77"), moment(t, when))
		if err != nil || f.Has(network.KindVPN) != want {
			t.Errorf("at %s the list of 1 February counts as checked: %v, %v; want %v", when, f.Has(network.KindVPN), err, want)
		}
	}
}

// An issue of years ago does not hide that the one of the next day names the address.
func TestAsOfAsksTheNextIssueToo(t *testing.T) {
	for later, want := range map[string]int{"2025-03-01": 1, "2025-06-01": 0} {
		m := &network.Memory{}
		m.Add(set(network.KindVPN, "example vpn", "2020-02-01"), span("203.0.113.0", "203.0.113.15", ""))
		m.Add(set(network.KindVPN, "example vpn", later), span("203.0.113.64", "203.0.113.79", "Example VPN"))
		f, err := network.AsOf(context.Background(), m, netip.MustParseAddr("203.0.113.70"), moment(t, "2025-02-28T18:45:10Z"))
		if err != nil || len(f.Flagged(network.KindVPN)) != want || f.Has(network.KindVPN) != (want == 1) {
			t.Errorf("issue of %s: %+v, checked %v, %v; want %d flags", later, f.Anonymiser, f.Checked, err, want)
		}
	}
}

// A unit's own ranges outweigh published lists and may say how a range is used.
func TestAsOfOwnRangesComeFirst(t *testing.T) {
	m := example(t)
	own := span("198.51.100.64", "198.51.100.127", network.AccessOwnSensor)
	own.Operator = "This unit"
	m.Add(set(network.KindRanges, "example own", "2025-02-01"), own)
	f, err := network.AsOf(context.Background(), m, netip.MustParseAddr("198.51.100.77"), moment(t, "2025-02-28T18:45:10Z"))
	if f.ASN != 0 || f.LegalEntity != "" {
		t.Errorf("the number and legal entity of another list, AS%d %q, were put beside the unit's own name", f.ASN, f.LegalEntity)
	}
	if err != nil || f.Operator != "This unit" || f.Access != network.AccessOwnSensor {
		t.Errorf("operator %q, access %q, %v", f.Operator, f.Access, err)
	}
}

// reversed is a keeper that lists its sets the other way round.
type reversed struct{ *network.Memory }

func (r reversed) DataSets(ctx context.Context) ([]network.DataSet, error) {
	sets, err := r.Memory.DataSets(ctx)
	sets = slices.Clone(sets)
	slices.Reverse(sets)
	return sets, err
}

func TestAsOfDoesNotDependOnTheOrderOfSets(t *testing.T) {
	m := example(t)
	exit := span("203.0.113.99", "203.0.113.99", "F1")
	exit.From, exit.Until = day("2025-02-28"), day("2025-02-28")
	m.Add(set(network.KindTor, "example other exits", "2025-02-28"), exit)
	for _, addr := range []string{"198.51.100.77", "203.0.113.99", "203.0.113.7"} {
		a, err1 := network.AsOf(context.Background(), m, netip.MustParseAddr(addr), moment(t, "2025-02-28T18:45:10Z"))
		b, err2 := network.AsOf(context.Background(), reversed{m}, netip.MustParseAddr(addr), moment(t, "2025-02-28T18:45:10Z"))
		if diff := cmp.Diff(a, b, cmp.Comparer(func(x, y netip.Addr) bool { return x == y }), cmp.Comparer(func(x, y netip.AddrPort) bool { return x == y })); diff != "" || err1 != nil || err2 != nil {
			t.Errorf("%s: %v, %v (-one way +the other):\n%s", addr, err1, err2, diff)
		}
	}
}
