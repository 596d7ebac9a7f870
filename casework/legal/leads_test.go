package legal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/attribution"
	"suraag/casework/legal"
	"suraag/casework/pack"
	"suraag/digest"
	"suraag/hashset"
	"suraag/instant"
	"suraag/network"
	"suraag/sighting"
)

// Leads that are whole: each gives the letter in testdata/letters.
func TestGoodLeads(t *testing.T) {
	for _, c := range []struct {
		name string
		in   legal.Input
	}{
		{"mobile_with_port", lead(t).weighed()},
		{"fixed_with_port", func() legal.Input {
			p := lead(t).to("example-fibre")
			p.facts = facts("198.51.100.77", 64501, "Example Fibre Private Limited", "IN", network.AccessFixed, sighting.No, "Asia/Kolkata")
			return p.weighed()
		}()},
		{"ipv6", func() legal.Input {
			p := lead(t).seen(func(s *sighting.Sighting) { s.From = ep(t, "2001:db8:40:77::21", "49822") })
			p.facts = mobile("2001:db8:40:77::21")
			return p.weighed()
		}()},
		{"no_port_preserve", lead(t).with("in-preserve").seen(func(s *sighting.Sighting) { s.From.Port = 0 }).weighed()},
		{"vpn_of_india", func() legal.Input {
			p := lead(t).to("example-vpn")
			p.facts = facts("198.51.100.77", 64505, "Example VPN India Private Limited", "IN", network.AccessVPN, sighting.No, "Asia/Kolkata")
			return p.weighed()
		}()},
		{"account_preserve", lead(t).with("in-preserve-account").to("example-social").weighed()},
		{"account_mla", lead(t).with("in-mla").to("example-social").weighed()},
		{"peer_g3", func() legal.Input {
			p := lead(t).seen(func(s *sighting.Sighting) {
				s.Standing, s.Grade, s.Act, s.Service = sighting.Observation, "G3", sighting.Offer, ""
				s.Who = []sighting.Identifier{id(t, sighting.Peer, "", "-TR3000-000000000000")}
				s.At = ep(t, "192.0.2.200", "6881")
			})
			return p.weighed()
		}()},
		{"eu_preservation", func() legal.Input {
			p := lead(t).with("eu-epoc-pr").to("example-netz")
			p.in.Office.Jurisdiction, p.in.Office.Unit, p.in.Office.Case, p.in.Office.Offence = "EU", "Example Public Prosecutor", "Case 100 Js 12/26", "Directive 2011/93/EU, Article 5"
			p.facts = facts("198.51.100.77", 64506, "Example Netz GmbH", "DE", network.AccessFixed, sighting.No, "Europe/Berlin")
			return p.weighed()
		}()},
		{"eu_production", func() legal.Input {
			p := lead(t).with("eu-epoc").to("example-netz")
			p.in.Office.Jurisdiction, p.in.Office.Unit, p.in.Office.Case, p.in.Office.Offence = "EU", "Example Public Prosecutor", "Case 100 Js 12/26", "Directive 2011/93/EU, Article 5"
			p.facts = facts("198.51.100.77", 64506, "Example Netz GmbH", "DE", network.AccessFixed, sighting.No, "Europe/Berlin")
			return p.weighed()
		}()},
		{"us_subpoena", func() legal.Input {
			p := lead(t).with("us-2703c2").to("example-cable")
			p.in.Office.Jurisdiction, p.in.Office.Unit, p.in.Office.Case, p.in.Office.Offence = "US", "Example Task Force", "Case 26-012", "18 U.S.C. 2252A"
			p.facts = facts("198.51.100.77", 64507, "Example Cable LLC", "US", network.AccessFixed, sighting.No, "America/New_York")
			return p.weighed()
		}()},
		{"uk_outline", func() legal.Input {
			p := lead(t).with("uk-cd").to("example-broadband")
			p.in.Office.Jurisdiction, p.in.Office.Unit, p.in.Office.Case, p.in.Office.Offence = "GB", "Example Constabulary", "Op 12/26", "Protection of Children Act 1978, section 1"
			p.facts = facts("198.51.100.77", 64508, "Example Broadband plc", "GB", network.AccessFixed, sighting.No, "Europe/London")
			return p.weighed()
		}()},
		{"takedown", lead(t).with("in-79-3-b").to("example-social").weighed()},
		{"certificate", lead(t).with("in-bsa63").to("court-in").weighed()},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := made(t, c.in)
			letter := r.Letter().Text()
			golden(t, "letters/"+c.name+".txt", letter+"\n\n"+r.Note().Text())
			right(t, c.in, r, letter)
		})
	}
}

// The second reader is told where the content is not known to be the listed file.
func TestSecondReaderIsToldOfAMatchThatIsNone(t *testing.T) {
	match := func(by digest.Kind, alert bool) hashset.Match {
		return hashset.Match{By: by, SetName: "known", Meaning: hashset.Meaning{Alert: alert}}
	}
	for _, c := range []struct {
		name   string
		listed []hashset.Match
		want   string
	}{
		{"the file itself", []hashset.Match{match(digest.PDQ, true), match(digest.SHA256, true)}, ""},
		{"a picture that looks like it", []hashset.Match{match(digest.PDQ, true)}, "only looks like"},
		{"the file itself on a list that does not alert", []hashset.Match{match(digest.SHA256, false), match(digest.PDQ, true)}, "only looks like"},
		{"MD5 alone", []hashset.Match{match(digest.PDQ, true), match(digest.MD5, true)}, "the same MD5"},
	} {
		in := lead(t).weighed()
		in.Lead.Listed = c.listed
		got := strings.Join(made(t, in).Draft.Cautions, "\n")
		if c.want == "" && (strings.Contains(got, "only looks like") || strings.Contains(got, "has the same")) || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// right checks what every letter has to be, whatever its form.
func right(t *testing.T, in legal.Input, r legal.Request, letter string) {
	t.Helper()
	o := in.Lead.Finding.Observation
	for _, want := range []string{"Counsel must approve this letter", r.ID, r.SHA256, in.Exhibit.Source, in.Exhibit.SHA256, r.Draft.RecordHash, r.Draft.Record} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %q", want)
		}
	}
	if !r.Intact() {
		t.Error("the number does not follow from the words")
	}
	if in.Instrument.About == pack.Connection {
		zone, err := instant.Parse(o.When.Raw, instant.Rule{})
		if err != nil || !zone.At.Equal(o.When.At) {
			t.Error("the source's own words are not carried")
		}
		for _, want := range []string{o.Endpoint.IP.String(), o.When.In(time.UTC), in.Lead.Finding.Window.In(time.UTC), "28 February 2026 18:45:10 UTC"} {
			if !strings.Contains(letter, want) {
				t.Errorf("the letter lacks %q", want)
			}
		}
		if strings.Count(letter, "1 March 2026 00:15:") == 0 && in.Addressee.Zone == "Asia/Kolkata" {
			t.Error("the letter lacks the addressee's own time")
		}
		if strings.Contains(letter, "900000000000001") {
			t.Error("the operator of the line is told of the account")
		}
	}
	if in.Instrument.Kind == pack.Takedown && (strings.Contains(strings.ToLower(letter), "subscriber") || strings.Contains(letter, "198.51.100.77\n")) {
		t.Error("a takedown asks for records")
	}
	if pack.Accusing(letter) != "" {
		t.Errorf("the letter says %q", pack.Accusing(letter))
	}
	for n := range 10 { // no time in digits alone: every date has its month in letters
		if strings.Contains(letterTimes(letter), fmt.Sprintf("/0%d/", n)) {
			t.Error("a date is written in digits")
		}
	}
}

func letterTimes(letter string) string {
	var out []string
	for line := range strings.SplitSeq(letter, "\n") {
		if strings.Contains(line, "UTC") || strings.Contains(line, "Standard Time") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// Leads with one flaw each: the draft is refused with the rule's own sentence.
func TestFlawedLeads(t *testing.T) {
	var said strings.Builder
	for _, c := range []struct {
		name, rule string
		in         legal.Input
	}{
		{"R1, an address is typed into the case", "R1", func() legal.Input {
			p := lead(t)
			p.in.Office.Case = "FIR 12/2026, 198.51.100.78"
			return p.weighed()
		}()},
		{"R1, a time is typed into the offence", "R1", func() legal.Input {
			p := lead(t)
			p.in.Office.Offence = "section 67B, seen at 18:54"
			return p.weighed()
		}()},
		{"R1, the record changed after the lead was weighed", "R1", func() legal.Input {
			in := lead(t).weighed()
			in.Record.From.Port++
			return in
		}()},
		{"R2, day and month can be exchanged", "R2", lead(t).seen(func(s *sighting.Sighting) { s.When = by(t, "03/02/2026 18:45:10", instant.Rule{}) }).weighed()},
		{"R2, no zone is stated", "R2", lead(t).seen(func(s *sighting.Sighting) {
			s.When = by(t, "2026-02-28 18:45:10", instant.Rule{Zone: instant.IST(), Basis: instant.Assumed})
		}).weighed()},
		{"R2, the second is missing", "R2", lead(t).seen(func(s *sighting.Sighting) { s.When = by(t, "2026-02-28T18:45Z", instant.Rule{}) }).weighed()},
		{"R2, the operator's zone is told in two ways", "R2", func() legal.Input {
			p := lead(t)
			p.facts.LogZone = "UTC"
			return p.weighed()
		}()},
		{"R3, the second observation is the first again", "R3", func() legal.Input {
			first := made(t, lead(t).weighed())
			in := lead(t).weighed()
			in.Follows = &first
			return in
		}()},
		{"R3, the second observation is of the same hour", "R3", func() legal.Input {
			first := made(t, lead(t).weighed())
			in := lead(t).seen(func(s *sighting.Sighting) {
				s.When, s.Place.Start = by(t, "2026-02-28T19:10:00Z", instant.Rule{}), 121
			})
			in.in.Exhibit.Place = in.in.Record.Place
			got := in.weighed()
			got.Follows = &first
			return got
		}()},
		{"R4, no exhibit", "R4", func() legal.Input {
			p := lead(t)
			p.in.Exhibit = p.in.Exhibit.Quote(nil, false)
			return p.weighed()
		}()},
		{"R4, the exhibit quotes another place", "R4", func() legal.Input {
			p := lead(t)
			p.in.Exhibit.Place.Start++
			return p.weighed()
		}()},
		{"R5, the lead rests on a row in quarantine", "R5", func() legal.Input {
			p := lead(t)
			p.leases = []sighting.Lease{row(t)}
			p.in.Quarantine = map[string]bool{row(t).ID: true}
			return p.weighed()
		}()},
		{"R6, the installation address is not asked for", "R6", func() legal.Input {
			p := lead(t)
			p.in.Instrument.Particulars = []string{"name and address"}
			return p.weighed()
		}()},
		{"R7, the port changed hands inside the span", "R7", func() legal.Input {
			p := lead(t)
			first, next := row(t), row(t)
			first.To = by(t, "01/03/2026 00:15:08", ist())
			next.ID, next.From = strings.Repeat("02", 16), by(t, "01/03/2026 00:15:09", ist())
			next.Who = []sighting.Identifier{id(t, sighting.Phone, "", "910000000002")}
			p.leases = []sighting.Lease{first, next}
			return p.weighed()
		}()},
		{"R8, a mobile address without port", "R8", lead(t).seen(func(s *sighting.Sighting) { s.From.Port = 0 }).weighed()},
		{"R9, a Tor exit", "R9", func() legal.Input {
			p := lead(t)
			p.facts.Anonymiser = []network.Flag{{Kind: network.KindTor, Name: "example tor", AsOf: now()}}
			return p.weighed()
		}()},
		{"R9, another operator than the record's", "R9", lead(t).to("example-fibre").weighed()},
		{"R11, a handshake only", "R11", lead(t).seen(func(s *sighting.Sighting) { s.Standing, s.Grade = sighting.Observation, "G2" }).weighed()},
		{"R11, hearsay never leaves, not even to preserve", "R11", lead(t).with("in-preserve").seen(func(s *sighting.Sighting) { s.Standing, s.Grade = sighting.Observation, "G0" }).weighed()},
		{"R12, the letter accuses", "R12", func() legal.Input {
			p := lead(t)
			p.in.Office.Offence = "section 67B: records of the accused"
			return p.weighed()
		}()},
		{"R13, nothing is said that points elsewhere", "R13", func() legal.Input {
			in := lead(t).weighed()
			in.Lead.Finding.Counter = nil
			return in
		}()},
		{"R14, the source was corrected", "R14", func() legal.Input {
			in := lead(t).weighed()
			in.Corrected = []legal.Correction{{At: now(), Reason: "the service sent the time of another file"}}
			return in
		}()},
		{"R15, an account is named by a peer id", "R15", lead(t).with("in-preserve-account").to("example-social").seen(func(s *sighting.Sighting) {
			s.Who = []sighting.Identifier{id(t, sighting.Peer, "", "-TR3000-000000000000")}
		}).weighed()},
		{"R15, a name in words finds nobody", "R15", lead(t).with("in-preserve-account").to("example-social").seen(func(s *sighting.Sighting) {
			s.Who = []sighting.Identifier{id(t, sighting.Person, "", "Some Name")}
		}).weighed()},
		{"the pack was reviewed by nobody", "pack", func() legal.Input {
			in := lead(t).weighed()
			in.Review = nil
			return in
		}()},
		{"the directory's review has ended", "pack", func() legal.Input {
			in := lead(t).weighed()
			r := *in.DirReview
			r.At = now().AddDate(0, 0, -91)
			in.DirReview = &r
			return in
		}()},
		{"an order of the Union by an office in India", "instrument", func() legal.Input {
			p := lead(t).with("eu-epoc").to("example-netz")
			p.facts = facts("198.51.100.77", 64506, "Example Netz GmbH", "DE", network.AccessFixed, sighting.No, "Europe/Berlin")
			return p.weighed()
		}()},
		{"a law that is not in force yet", "instrument", func() legal.Input {
			in := lead(t).weighed()
			in.Instrument.InForce = pack.Day{Time: now().AddDate(0, 0, 1)}
			return in
		}()},
		{"an order of India to a company abroad", "instrument", func() legal.Input {
			p := lead(t).to("example-cable")
			p.facts = facts("198.51.100.77", 64507, "Example Cable LLC", "US", network.AccessFixed, sighting.No, "America/New_York")
			return p.weighed()
		}()},
		{"nobody says who asks", "office", func() legal.Input {
			p := lead(t)
			p.in.Office.Officer = ""
			return p.weighed()
		}()},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, refusals, err := legal.Make(c.in, now())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(rulesOf(refusals), c.rule) {
				t.Errorf("refused by %v, want %s", rulesOf(refusals), c.rule)
			}
			fmt.Fprintf(&said, "%s\n", c.name)
			for _, r := range refusals {
				if r.Sentence == "" || r.Citation == "" {
					t.Errorf("%s says %q by %q", r.Rule, r.Sentence, r.Citation)
				}
				fmt.Fprintf(&said, "  %-10s %s\n             %s\n", r.Rule, r.Sentence, r.Citation)
			}
		})
	}
	golden(t, "refusals.txt", said.String())
}

// A draft allows no more than the gate: whatever the gate does not call fit to
// ask, no order to disclose a connection is drafted from.
func TestNoDisclosureBeyondTheGate(t *testing.T) {
	for _, o := range []attribution.Outcome{attribution.Preserve, attribution.Unusable} {
		in := lead(t).weighed()
		in.Lead.Finding.Outcome = o
		if _, refusals, _ := legal.Make(in, now()); len(refusals) == 0 {
			t.Errorf("an order is drafted from %q", o)
		}
	}
}
