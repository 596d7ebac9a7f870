package legal_test

import (
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/attribution"
	"suraag/casework"
	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is the moment of drafting in all tests: the European Regulation applies.
func now() time.Time { return time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC) }

func by(t testing.TB, text string, rule instant.Rule) instant.Instant {
	t.Helper()
	i, err := instant.Parse(text, rule)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func ist() instant.Rule {
	return instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: instant.DayFirst}
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

// facts are what the example data says of an address.
func facts(ip string, asn uint32, entity, country, access string, cgnat sighting.Tri, zone string) network.Facts {
	return network.Facts{
		Addr: netip.MustParseAddr(ip), Example: true, ASN: asn, Operator: entity, LegalEntity: entity, Country: country, Access: access, CGNAT: cgnat,
		Checked: []network.DataKind{network.KindTor, network.KindVPN}, RetentionDays: 730, RetentionSource: "made for tests", LogZone: zone,
	}
}

func mobile(ip string) network.Facts {
	return facts(ip, 64500, "Example Mobile Limited", "IN", network.AccessMobile, sighting.Yes, "Asia/Kolkata")
}

// prepared is a lead with all that a draft is made of.
type prepared struct {
	t      testing.TB
	in     legal.Input
	facts  network.Facts
	leases []sighting.Lease
}

// lead prepares the upload of the example, fit to ask, and an order to the operator.
func lead(t testing.TB) *prepared {
	t.Helper()
	s := sighting.Sighting{
		Origin: sighting.Origin{Source: strings.Repeat("ab", 32), Reader: "cybertip/json", Version: 1, Place: sighting.Place{Start: 120, End: 214, Locator: "$.uploadedFiles[0].sourceCaptures[0]"}},
		Act:    sighting.Upload, When: by(t, "2026-02-28T18:45:10Z", instant.Rule{}), Service: "Example Social", From: ep(t, "198.51.100.77", "51602"),
		Who:      []sighting.Identifier{id(t, sighting.Account, "Example Social", "900000000000001"), id(t, sighting.Handle, "Example Social", "lighthouse_keeper_7")},
		Via:      []sighting.Identifier{id(t, sighting.URL, "", "https://social.example.com/p/abc123")},
		Standing: sighting.ProviderCapture,
	}
	s.ID = s.Identify()
	p := &prepared{t: t, facts: mobile("198.51.100.77")}
	p.in = legal.Input{
		Record: s, By: "first officer", DirReview: review("example", directory(t).SHA256), Directory: directory(t),
		Exhibit: legal.Exhibit{Source: s.Source, Name: "cybertip_100000001.json", SealedAt: now().Add(-48 * time.Hour), Size: 4096, Place: s.Place}.
			Quote([]byte(`{"captureType": "IP Address", "value": "198.51.100.77", "dateTime": "2026-02-28T18:45:10Z", "port": "51602"}`), false),
		Office: legal.Office{Unit: "Cyber Cell, Testpur", Officer: "First Officer", Rank: "Inspector", Email: "cybercell@police.example", Jurisdiction: "IN", Case: "FIR 12/2026 PS Cyber Cell", Offence: "section 67B, IT Act 2000"},
	}
	return p.with("in-bnss94").to("example-mobile")
}

func review(name, sum string) *pack.Review {
	return &pack.Review{Pack: name, SHA256: sum, By: "counsel", At: now().Add(-24 * time.Hour)}
}

func directory(t testing.TB) pack.Pack {
	t.Helper()
	text, err := os.ReadFile("testdata/example.toml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// with chooses the instrument, and reviews its pack.
func (p *prepared) with(instrument string) *prepared {
	p.t.Helper()
	all, err := pack.Shipped()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, k := range all {
		if i, is := k.Instrument(instrument); is {
			p.in.Instrument, p.in.Pack, p.in.Review = i, k, review(k.ID, k.SHA256)
			return p
		}
	}
	p.t.Fatalf("no instrument %q", instrument)
	return p
}

func (p *prepared) to(addressee string) *prepared {
	p.t.Helper()
	a, is := p.in.Directory.Addressee(addressee)
	if !is {
		p.t.Fatalf("no addressee %q", addressee)
	}
	p.in.Addressee = a
	return p
}

// seen changes the record, as if the source had said so.
func (p *prepared) seen(change func(*sighting.Sighting)) *prepared {
	change(&p.in.Record)
	p.in.Record.ID = p.in.Record.Identify()
	quoted := "address " + p.in.Record.From.String() + ", time " + p.in.Record.When.Raw
	p.in.Exhibit = p.in.Exhibit.Quote([]byte(quoted), false)
	return p
}

// weighed puts the record through the gate and opens the lead.
func (p *prepared) weighed() legal.Input {
	f := attribution.Weigh(casework.Observe(p.in.Record), p.facts, p.leases, attribution.Policy{}, now())
	p.in.Lead = casework.Lead{ID: "1ead1ead1ead1ead1ead1ead1ead1ead", Finding: f}
	return p.in
}

// row is an operator's row on the example's upload, in the forms of IPDR.
func row(t testing.TB) sighting.Lease {
	t.Helper()
	return sighting.Lease{
		Origin: sighting.Origin{ID: strings.Repeat("01", 16), Source: strings.Repeat("cd", 32)}, Kind: sighting.IPDR, Public: ep(t, "198.51.100.77", "51602"),
		From: by(t, "28/02/2026 23:58:00", ist()), To: by(t, "01/03/2026 00:20:11", ist()),
		Who:   []sighting.Identifier{id(t, sighting.Phone, "", "910000000001"), id(t, sighting.IMSI, "", "404000000000001")},
		Name:  "Synthetic Subscriber",
		Extra: []sighting.Field{{Name: "Installation Address", Value: "1 Test Road, Testpur"}, {Name: "Billing Address", Value: "9 Other Road, Testpur"}},
	}
}

func made(t testing.TB, in legal.Input) legal.Request {
	t.Helper()
	r, refusals, err := legal.Make(in, now())
	if err != nil || len(refusals) > 0 {
		t.Fatalf("error %v, refusals %+v", err, refusals)
	}
	return r
}

// sent brings a request to the day after it was sent.
func sent(t testing.TB, r legal.Request) legal.Request {
	t.Helper()
	r, err := r.Approve("second officer", r.Draft.Exhibit.SHA256, now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	r, err = r.MarkSent("first officer", "by hand", now().Add(time.Hour), now().Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (go test ./casework/legal -update, then read the diff):\n%s", name, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for n := range max(len(w), len(g)) {
		if n >= len(w) || n >= len(g) || w[n] != g[n] {
			return "want " + strings.Join(w[min(n, len(w)):min(n+1, len(w))], "") + "\ngot  " + strings.Join(g[min(n, len(g)):min(n+1, len(g))], "")
		}
	}
	return ""
}

func rulesOf(refusals []legal.Refusal) (out []string) {
	for _, r := range refusals {
		if !slices.Contains(out, r.Rule) {
			out = append(out, r.Rule)
		}
	}
	return out
}

func words(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
