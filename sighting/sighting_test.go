package sighting_test

import (
	"strings"
	"testing"

	"suraag/fault"
	"suraag/sighting"
)

func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		name           string
		kind           sighting.IDKind
		service, value string
		want           string
	}{
		{"phone with plus and spaces", sighting.Phone, "", "+91 00000 00001", "phone:+910000000001"},
		{"phone as operators write it", sighting.Phone, "", "910000000001", "phone:+910000000001"},
		{"phone as WhatsApp addresses it", sighting.Phone, "", "910000000002@s.whatsapp.net", "phone:+910000000002"},
		{"Indian mobile number without country", sighting.Phone, "", sighting.Indian("98765 43210"), "phone:+919876543210"},
		{"Indian mobile number with trunk zero", sighting.Phone, "", sighting.Indian("09876543210"), "phone:+919876543210"},
		{"Singapore's number as WhatsApp addresses it", sighting.Phone, "", "6591234567@s.whatsapp.net", "phone:+6591234567"},
		{"invented American number", sighting.Phone, "", "+1-202-555-0123", "phone:+12025550123"},
		{"e-mail", sighting.Email, "ignored", "Some.One@Example.COM", "email:some.one@example.com"},
		{"handle with at sign", sighting.Handle, "Instagram", "@Synthetic_User_01", "handle:instagram:synthetic_user_01"},
		{"account keeps its case", sighting.Account, "Example Social, Inc.", "Ab9", "account:example social:Ab9"},
		{"mac", sighting.MAC, "", "02-00-5E-10-00-01", "mac:02005e100001"},
		{"url", sighting.URL, "", "HTTPS://Social.Example.com/P/aBc", "url:https://social.example.com/P/aBc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := sighting.Identify(c.kind, c.service, c.value)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			back, err := sighting.ParseIdentifier(got.String())
			if err != nil || back != got {
				t.Errorf("%s reads back as %v, %v", got, back, err)
			}
		})
	}
}

func TestIdentifyRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  sighting.IDKind
		value string
	}{
		{"phone rounded by a spreadsheet", sighting.Phone, "9.19E+11"},
		{"IMSI rounded by a spreadsheet", sighting.IMSI, "4.04E+14"},
		{"short code", sighting.Phone, "1930"},
		{"American number without country", sighting.Phone, "(702) 555-0123"},
		{"British number without country", sighting.Phone, "07700 900123"},
		{"Singapore's number without plus", sighting.Phone, "6591234567"},
		{"local number", sighting.Phone, "555-0123"},
		{"placeholder", sighting.Email, "N/A"},
		{"e-mail without domain", sighting.Email, "someone@"},
		{"url without host", sighting.URL, "not a url"},
		{"imei too short", sighting.IMEI, "1234"},
	} {
		if got, err := sighting.Identify(c.kind, "x", c.value); err == nil {
			t.Errorf("%s: %q became %s", c.name, c.value, got)
		}
	}
}

func TestUserOfAnUnknownOperatorLinksNobody(t *testing.T) {
	one, err := sighting.Identify(sighting.UserID, "", "ftth_0001")
	if err != nil {
		t.Fatal(err)
	}
	other, err := sighting.Identify(sighting.UserID, "Example Fibre", "ftth_0001")
	if err != nil {
		t.Fatal(err)
	}
	if one.Links() || !other.Links() {
		t.Errorf("links: without operator %v, with operator %v; want false, true", one.Links(), other.Links())
	}
}

func TestRecordIDLeavesTheReaderVersionOut(t *testing.T) {
	o := sighting.Origin{Source: "ab", Reader: "kik", Version: 1, Place: sighting.Place{Member: "logs/bind.txt", Start: 0, End: 78}, Part: "login"}
	newer, other, elsewhere := o, o, o
	newer.Version = 2
	other.Part = "upload"
	elsewhere.Place.Locator = "row 1"
	if o.Identify() != newer.Identify() {
		t.Error("a newer reader's record would stand beside the older one instead of taking its place")
	}
	if o.Identify() == other.Identify() {
		t.Error("two parts of one place share an ID")
	}
	if o.Identify() != elsewhere.Identify() {
		t.Error("the words for people changed the ID")
	}
}

func TestPlace(t *testing.T) {
	for _, text := range []string{"0-78", "logs/bind.txt!0-78", "outer.zip!inner.zip!a!b.txt!5-9"} {
		p, err := sighting.ParsePlace(text)
		if err != nil || p.String() != text {
			t.Errorf("%q reads as %v, %v", text, p, err)
		}
	}
	for _, text := range []string{"", "78", "9-5", "-1-5", "a!b"} {
		if p, err := sighting.ParsePlace(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q reads as %v, %v; want an invalid error", text, p, err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for _, c := range []struct{ ip, port, want string }{
		{"198.51.100.77", "51602", "198.51.100.77:51602"},
		{" 198.51.100.77 ", "", "198.51.100.77"},
		{"::ffff:198.51.100.77", "0", "198.51.100.77"},
		{"2001:db8::7", "443", "[2001:db8::7]:443"},
	} {
		e, err := sighting.ParseEndpoint(c.ip, c.port)
		if err != nil || e.String() != c.want {
			t.Errorf("%q %q reads as %v, %v; want %s", c.ip, c.port, e, err, c.want)
		}
	}
	for _, c := range [][2]string{{"198.51.100.777", ""}, {"198.51.100.7", "70000"}, {"fe80::1%eth0", ""}, {"203.0.113.7", "http"}} {
		if e, err := sighting.ParseEndpoint(c[0], c[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q %q reads as %v, %v; want an invalid error", c[0], c[1], e, err)
		}
	}
}

func TestFlagsHaveThreeStates(t *testing.T) {
	for text, want := range map[string]sighting.Tri{"true": sighting.Yes, "False": sighting.No, "": sighting.Unstated, "N/A": sighting.Unstated} {
		if got, ok := sighting.ReadTri(text); got != want || !ok {
			t.Errorf("%q reads as %q, %v; want %q", text, got, ok, want)
		}
	}
	if _, ok := sighting.ReadTri("perhaps"); ok {
		t.Error("an unknown word was understood")
	}
}

func TestReceivedAndOfferedAreNotSpread(t *testing.T) {
	for _, act := range sighting.Acts() {
		want := act == sighting.Upload || act == sighting.Send || act == sighting.Forward
		if act.Spreads() != want {
			t.Errorf("%s spreads = %v", act, act.Spreads())
		}
	}
}

// A message is kept to the letter, up to a length.
func TestSay(t *testing.T) {
	long := strings.Repeat("क", sighting.MaxText)
	for _, c := range []struct {
		name, said, kept string
		notes            int
	}{
		{"as it is", " two\nlines \u200e", " two\nlines \u200e", 0},
		{"not UTF-8", "a\xffb", "a\ufffdb", 0},
		{"as long as can be", long[:sighting.MaxText-1], long[:sighting.MaxText-1], 0},
		{"longer", long, long[:sighting.MaxText-1], 1}, // no letter is cut in two
		{"nothing", "", "", 0},
	} {
		var s sighting.Sighting
		if s.Say(c.said); s.Text != c.kept || len(s.Notes) != c.notes {
			t.Errorf("%s: %d bytes kept of %d, notes %q", c.name, len(s.Text), len(c.said), s.Notes)
		}
	}
}
