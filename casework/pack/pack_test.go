package pack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"suraag/casework/pack"
	"suraag/fault"
	"suraag/network"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func shipped(t testing.TB) map[string]pack.Pack {
	t.Helper()
	all, err := pack.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]pack.Pack{}
	for _, p := range all {
		out[p.ID] = p
	}
	return out
}

// Every shipped item says where it is from, of which day, how far it is known,
// and ends; and nothing shipped can produce a letter before the unit reviews it.
func TestShippedPacks(t *testing.T) {
	packs := shipped(t)
	for _, id := range []string{"in", "us", "eu", "uk", "directory"} {
		p, there := packs[id]
		if !there {
			t.Errorf("no pack %q", id)
			continue
		}
		if why := p.Refuse(nil, day("2026-11-27")); !strings.Contains(why, "reviewed by nobody") {
			t.Errorf("%s: an unreviewed pack is refused by %q", id, why)
		}
	}
	for _, want := range []string{"in-preserve", "in-bnss94", "in-bnss94-account", "in-preserve-account", "in-mla", "in-search", "in-79-3-b", "in-bsa63",
		"us-2703f-connection", "us-2703f-account", "us-2703c2", "eu-epoc", "eu-epoc-pr", "uk-cd"} {
		found := false
		for _, p := range packs {
			_, is := p.Instrument(want)
			found = found || is
		}
		if !found {
			t.Errorf("no instrument %q", want)
		}
	}
	if c := packs["us"].Clocks; len(c) != 1 || c[0].Days != 365 {
		t.Errorf("the year of 18 U.S.C. 2258A(h): %v", c)
	}
}

// No personal contact, and no mailbox of anyone, stands in what is shipped.
func TestNoPersonalContact(t *testing.T) {
	for id, p := range shipped(t) {
		for _, a := range p.Addressees {
			if strings.ContainsAny(a.Door+a.Notes, "@+") {
				t.Errorf("%s: addressee %q holds a contact: %q %q", id, a.ID, a.Door, a.Notes)
			}
		}
	}
}

func TestReview(t *testing.T) {
	p := shipped(t)["in"]
	now := day("2026-12-01").Add(9 * time.Hour)
	good := pack.Review{Pack: "in", SHA256: p.SHA256, By: "counsel", At: now.Add(-time.Hour)}
	for _, c := range []struct {
		name string
		r    *pack.Review
		now  time.Time
		want string
	}{
		{"reviewed", &good, now, ""},
		{"by nobody", nil, now, "reviewed by nobody"},
		{"another text", &pack.Review{SHA256: "00", By: "counsel", At: now}, now, "was changed after counsel reviewed it"},
		{"last day of the review", &good, good.At.AddDate(0, 0, 180).Add(-time.Second), ""},
		{"after the review", &good, good.At.AddDate(0, 0, 180), "ended on 30 May 2027"},
		{"last day of the pack", &pack.Review{SHA256: p.SHA256, At: day("2027-05-30")}, day("2027-05-31").Add(23 * time.Hour), ""},
		{"after the pack", &pack.Review{SHA256: p.SHA256, At: day("2027-05-30")}, day("2027-06-01"), "expired on 31 May 2027"},
		{"in the future", &good, good.At.Add(-time.Second), "future"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := p.Refuse(c.r, c.now)
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("refused by %q, want %q", got, c.want)
			}
		})
	}
}

const made = `pack = "own"
title = "Made"
jurisdiction = "IN"
expires = "2027-01-01"
review_days = 90
[[instrument]]
id = "order"
kind = "disclosure"
about = "connection"
title = "Order"
legal_basis = "Act, section 1"
who_may_sign = "an officer"
issuers = ["IN"]
addressee_kinds = ["operator"]
data_category = "subscriber"
particulars = ["installation address", "billing address"]
time_format = "UTC"
verified = "read"
source = "Act"
source_date = "2020-01-01"
[[instrument.section]]
text = "To {addressee}."
fill = "question"
[[instrument.section]]
fill = "particulars"
[[instrument.section]]
fill = "exhibit"
[[addressee]]
id = "op"
name = "Example Mobile Limited"
kind = "operator"
country = "IN"
asn = [64496]
door = "nodal office"
zone = "Asia/Kolkata"
verified = "read"
source = "made"
source_date = "2020-01-01"
`

// What would let a pack mislead is refused when it is read.
func TestParseRefuses(t *testing.T) {
	if _, err := pack.Parse([]byte(made)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"misspelt expiry", "expires =", "expire =", `line 4: "expire" is no field`},
		{"no expiry", `expires = "2027-01-01"`, "", "does not say when it expires"},
		{"day that is none", "2027-01-01", "2027-02-30", "not like"},
		{"no review", "review_days = 90", "review_days = 0", "1 to 366 days"},
		{"no source", `source = "Act"`, `source = ""`, "no source"},
		{"no mark", `verified = "read"`, `verified = "yes"`, "neither"},
		{"R6", `"installation address", `, "", "rule R6"},
		{"R1, an address in the words", "To {addressee}.", "To {addressee}, on 192.0.2.1.", "rule R1"},
		{"R1, a time in the words", "To {addressee}.", "To {addressee}, at 18:45.", "rule R1"},
		{"R1, a placeholder for an address", "To {addressee}.", "To {ip}.", "{ip} is none"},
		{"R12", "To {addressee}.", "To {addressee}, of the suspect.", "rule R12"},
		{"R2, no zone", `zone = "Asia/Kolkata"`, `zone = ""`, "rule R2"},
		{"no exhibit (R4)", "fill = \"exhibit\"\n", "", "fill = \"exhibit\""},
		{"takedown mixed with disclosure", `legal_basis = "Act, section 1"`, `legal_basis = "IT Act, section 79(3)(b)"`, "for removal"},
		{"takedown that asks for records", `kind = "disclosure"`, `kind = "takedown"`, `about ["link"]`},
		{"mailbox", `door = "nodal office"`, `door = "someone@example.com"`, "no personal contact"},
		{"preservation without term", `kind = "disclosure"`, `kind = "preservation"`, "keep_days"},
		{"twice", `id = "op"`, `id = "order"`, "twice"},
		{"no TOML", `pack = "own"`, `pack = `, "line 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(made, c.from, c.to, 1)
			if text == made {
				t.Fatal("nothing was changed")
			}
			_, err := pack.Parse([]byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("kind %v", fault.KindOf(err))
			}
		})
	}
}

// A name is never matched by a part: "airtel" is a company in many countries.
func TestOperatorIsNeverFoundByAPartOfItsName(t *testing.T) {
	d := shipped(t)["directory"]
	for _, c := range []struct {
		f    network.Facts
		want string
	}{
		{network.Facts{ASN: 45609, Operator: "Bharti Airtel"}, "airtel"},
		{network.Facts{ASN: 36926, Operator: "Airtel Networks Kenya Limited", LegalEntity: "Airtel Networks Kenya Limited"}, ""},
		{network.Facts{ASN: 64500, Operator: "Bharti Airtel Limited", LegalEntity: "Bharti Airtel Limited"}, ""}, // a number that is not among its own
		{network.Facts{LegalEntity: "bharti airtel limited"}, "airtel"},
		{network.Facts{LegalEntity: "airtel"}, ""},
		{network.Facts{}, ""},
	} {
		got, _ := d.Operator(c.f)
		if got.ID != c.want {
			t.Errorf("%+v: %q, want %q", c.f, got.ID, c.want)
		}
	}
	for service, want := range map[string]string{"Instagram": "meta", "Facebook, Inc.": "meta", "WhatsApp LLC": "whatsapp", "X": "x", "": "", "Insta": "", "Netsnap": ""} {
		if got, _ := d.Platform(service); got.ID != want {
			t.Errorf("service %q: %q, want %q", service, got.ID, want)
		}
	}
}

func TestJoinPutsTheUnitsOwnFirst(t *testing.T) {
	own := pack.Pack{ID: "in", Title: "ours"}
	all, err := pack.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, p := range pack.Join(all, []pack.Pack{own}) {
		said = append(said, p.ID)
		if p.ID == "in" && p.Title != "ours" {
			t.Error("the shipped pack stands in the place of the unit's own")
		}
	}
	if got := fmt.Sprint(said); got != "[directory eu in uk us]" {
		t.Errorf("order %s", got)
	}
}

func FuzzParse(f *testing.F) {
	seeds := []string{made, "", "pack = 1", strings.Repeat("[", 10000)}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := pack.Parse(text)
		if err != nil {
			return
		}
		if p.ID == "" || p.Expires.IsZero() || len(p.SHA256) != 64 || p.Refuse(nil, time.Now()) == "" {
			t.Errorf("a pack that could be used unseen: %+v", p)
		}
	})
}
