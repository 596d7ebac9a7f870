package attribution_test

import (
	"net/netip"
	"testing"
	"time"

	"suraag/attribution"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

// now is the moment of weighing in all tests.
func now() time.Time { return time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC) }

func at(t testing.TB, text string) instant.Instant { return by(t, text, instant.Rule{}) }

func by(t testing.TB, text string, rule instant.Rule) instant.Instant {
	t.Helper()
	i, err := instant.Parse(text, rule)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// ist is the rule of India's telecom records: IST, day first.
func ist() instant.Rule {
	return instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: instant.DayFirst}
}

// nat is the rule of the NAT syslog: IST, mm:dd:yyyy.
func nat() instant.Rule {
	return instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: instant.MonthFirst}
}

func ep(t testing.TB, ip, port string) sighting.Endpoint {
	t.Helper()
	e, err := sighting.ParseEndpoint(ip, port)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func id(t testing.TB, kind sighting.IDKind, service, value string) sighting.Identifier {
	t.Helper()
	i, err := sighting.Identify(kind, service, value)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// upload is the observation of the synthetic CyberTip: fit to ask.
func upload(t testing.TB) attribution.Observation {
	t.Helper()
	return attribution.Observation{
		Endpoint: ep(t, "198.51.100.77", "51602"), When: at(t, "2025-02-28T18:45:10Z"), Act: sighting.Upload,
		Standing: sighting.ProviderCapture, Service: "Example Service", SightingID: "s1", Source: "ab",
	}
}

// mobile is what the example data says of the address.
func mobile() network.Facts {
	return network.Facts{
		Addr: netip.MustParseAddr("198.51.100.77"), Example: true, ASN: 64496, Operator: "Example Mobile", LegalEntity: "Example Mobile Limited",
		Country: "IN", Access: network.AccessMobile, CGNAT: sighting.Yes, Checked: []network.DataKind{network.KindTor, network.KindVPN},
		RetentionDays: 730, RetentionSource: "made for tests", LogZone: "Asia/Kolkata",
		Data: []network.Used{{Kind: network.KindASN, Name: "example asn", AsOf: time.Date(2025, 2, 20, 0, 0, 0, 0, time.UTC), Says: "AS64496 Example Mobile", Gap: -8 * 24 * time.Hour}},
	}
}

func fixed() network.Facts {
	f := mobile()
	f.Operator, f.LegalEntity, f.Access, f.CGNAT = "Example Fibre", "Example Fibre Limited", network.AccessFixed, sighting.No
	return f
}

// flagged puts the address on a list.
func flagged(kind network.DataKind, label string) network.Facts {
	f := fixed()
	f.Anonymiser = []network.Flag{{Kind: kind, Label: label, Name: "example " + string(kind), AsOf: time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)}}
	return f
}

// natRow is samples/synthetic/ipdr/nat_syslog_dot_2021.csv, its one row.
func natRow(t testing.TB) sighting.Lease {
	t.Helper()
	return sighting.Lease{
		Origin: sighting.Origin{ID: "nat", Source: "cd"}, Kind: sighting.NAT,
		Public: ep(t, "198.51.100.77", "51602"), Private: ep(t, "100.64.10.5", "40001"), Dest: ep(t, "192.0.2.80", "443"),
		From: by(t, "02:28:2025 23:58:00", nat()), To: by(t, "03:01:2025 00:20:11", nat()),
	}
}

// ipdrRow is samples/synthetic/ipdr/ipdr_dot_2021.csv, its one row.
func ipdrRow(t testing.TB) sighting.Lease {
	t.Helper()
	return sighting.Lease{
		Origin: sighting.Origin{ID: "ipdr", Source: "ef"}, Kind: sighting.IPDR,
		Private: ep(t, "100.64.10.5", "40001"), Dest: ep(t, "192.0.2.80", "443"),
		From: by(t, "01/03/2025 00:14:02", ist()), To: by(t, "01/03/2025 00:31:40", ist()),
		Who: []sighting.Identifier{
			id(t, sighting.Phone, "", "910000000001"), id(t, sighting.UserID, "", "s@isp.example"),
			id(t, sighting.Email, "", "s@example.com"), id(t, sighting.IMSI, "", "404000000000001"),
		},
		Name: "Synthetic Subscriber", Address: "1 Test Road, Testpur", Static: "Dynamic",
	}
}

// jioRow is samples/synthetic/ipdr/ipdr_jio_style.csv, its one row.
func jioRow(t testing.TB) sighting.Lease {
	t.Helper()
	return sighting.Lease{
		Origin: sighting.Origin{ID: "jio", Source: "01"}, Kind: sighting.IPDR,
		Public: ep(t, "198.51.100.77", "51602"), Private: ep(t, "100.64.10.5", "40001"), Dest: ep(t, "192.0.2.80", "443"),
		From: by(t, "28/02/2025 23:58:00", ist()), To: by(t, "01/03/2025 00:20:11", ist()),
		Who: []sighting.Identifier{id(t, sighting.Phone, "", "910000000001"), id(t, sighting.UserID, "", "910000000001"), id(t, sighting.IMSI, "", "404000000000001")},
	}
}

// answerRow is samples/synthetic/ipdr/isp_subscriber_answer.csv: a moment, no port.
func answerRow(t testing.TB) sighting.Lease {
	t.Helper()
	moment := by(t, "01/03/2025 00:15:10", ist())
	return sighting.Lease{
		Origin: sighting.Origin{ID: "answer", Source: "23"}, Kind: sighting.Subscriber,
		Public: ep(t, "198.51.100.77", ""), From: moment, To: moment,
		Who:  []sighting.Identifier{id(t, sighting.UserID, "", "ftth_0001"), id(t, sighting.Phone, "", "910000000001")},
		Name: "Synthetic Subscriber", Address: "1 Test Road, Testpur",
	}
}

// reason gives the first reason of a rule with the effect.
func reason(d attribution.Finding, rule string, e attribution.Effect) (attribution.Reason, bool) {
	for _, r := range append(append([]attribution.Reason(nil), d.Reasons...), d.Counter...) {
		if r.Rule == rule && r.Effect == e {
			return r, true
		}
	}
	return attribution.Reason{}, false
}
