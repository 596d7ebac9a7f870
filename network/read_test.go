package network_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/network"
)

// read gives the ranges as short lines, and the bad rows.
func read(t *testing.T, kind network.DataKind, text string) (rows []network.Range, bad []string, err error) {
	t.Helper()
	err = network.Read(kind, "test", strings.NewReader(text),
		func(r network.Range) error { rows = append(rows, r); return nil },
		func(line int64, reason string) error {
			bad = append(bad, fmt.Sprintf("%d: %s", line, reason))
			return nil
		})
	return rows, bad, err
}

func brief(rows []network.Range) (out []string) {
	for _, r := range rows {
		s := fmt.Sprintf("%s-%s", r.First, r.Last)
		if r.ASN != 0 {
			s += fmt.Sprintf(" AS%d", r.ASN)
		}
		for _, word := range []string{r.Operator, r.Country, r.Registry, r.Label} {
			if word != "" {
				s += " " + word
			}
		}
		if !r.From.IsZero() {
			s += r.From.Format(" 02T15:04:05") + r.Until.Format(" 02T15:04:05")
		}
		out = append(out, s)
	}
	return out
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name string
		kind network.DataKind
		text string
		rows []string
		bad  []string
	}{
		{"operators' names with a comma", network.KindASN, "192.0.2.0,192.0.2.255,64496,\"Example Networks, Inc.\"\n",
			[]string{"192.0.2.0-192.0.2.255 AS64496 Example Networks, Inc."}, nil},
		{"header, mark, CRLF and prefix", network.KindASN, "\ufeffnetwork,asn,org\r\n2001:db8::/33,AS64497,Example Six\r\n",
			[]string{"2001:db8::-2001:db8:7fff:ffff:ffff:ffff:ffff:ffff AS64497 Example Six"}, nil},
		{"addresses as numbers", network.KindCountry, "3325256704,3325256959,IN\n",
			[]string{"198.51.100.0-198.51.100.255 IN"}, nil},
		{"bad rows are listed and good ones kept", network.KindCountry, "192.0.2.0,192.0.2.255,IN\n192.0.2.9,192.0.2.1,IN\n192.0.2.0,2001:db8::,IN\n198.51.100.0,198.51.100.255,India\nnonsense\n203.0.113.0/24,SG\n203.0.113.7/24,SG\n\"open,1\n",
			[]string{"192.0.2.0-192.0.2.255 IN", "203.0.113.0-203.0.113.255 SG"},
			[]string{`2: the range runs from "192.0.2.9" to "192.0.2.1"`, `3: the range runs from "192.0.2.0" to "2001:db8::"`, `4: "INDIA" is not a country code of two letters`, "5: the row has neither a prefix nor a first and last address", `7: prefix "203.0.113.7/24" has bits set beyond its length`, "8: a quote is not closed"}},
		{"registry file", network.KindRIR, "2.3|apnic|20250301|4|19830101|20250228|+1000\napnic|*|ipv4|*|2|summary\n# remark\napnic|IN|asn|64496|1|20200101|allocated|A1\napnic|IN|ipv4|198.51.100.0|384|20200101|allocated|A1\napnic|IN|ipv6|2001:db8::|32|20200101|assigned|A1\napnic||ipv4|192.0.2.0|256||available\napnic|IN|ipv4|203.0.113.0|0|20200101|allocated\napnic|IN|ipv4|255.255.255.0|512|20200101|allocated\napnic|IN|ipv4|203.0.113.0\n",
			[]string{"198.51.100.0-198.51.101.127 IN apnic", "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff IN apnic"},
			[]string{`8: size "0" is not a number above 0`, `9: the block from "255.255.255.0" runs past the last address`, "10: the line has 4 fields, fewer than 7"}},
		{"exit lists one after another", network.KindTor, "@type tordnsel 1.0\nDownloaded 2025-02-27 18:02:03\nExitNode 0123456789ABCDEF0123456789ABCDEF01234567\nPublished 2025-02-27 03:04:05\nLastStatus 2025-02-27 17:00:00\nExitAddress 203.0.113.9 2025-02-27 16:10:11\nExitAddress 203.0.113.10 2025-02-27 17:10:11\n@type tordnsel 1.0\nDownloaded 2025-02-28 18:02:03\nExitNode 0123\nExitAddress here 2025-02-28 16:10:11\nExitAddress 203.0.113.9 yesterday\n",
			[]string{"100::3:0:0-100::3:0:0 list taken 27T18:02:03 27T18:02:03", "203.0.113.9-203.0.113.9 0123456789ABCDEF0123456789ABCDEF01234567 27T16:10:11 27T17:00:00", "203.0.113.10-203.0.113.10 0123456789ABCDEF0123456789ABCDEF01234567 27T17:10:11 27T17:10:11", "100::3:0:0-100::3:0:0 list taken 28T18:02:03 28T18:02:03"},
			[]string{`10: "0123" is not the fingerprint of a relay`, `11: "here" is not an address`, `12: time "yesterday" has no known form`}},
		{"exit list without its moment", network.KindTor, "ExitNode 0123456789ABCDEF0123456789ABCDEF01234567\nPublished 2025-02-27 03:04:05\nLastStatus 2025-02-27 17:00:00\nExitAddress 203.0.113.9 2025-02-27 16:10:11\n",
			[]string{"203.0.113.9-203.0.113.9 0123456789ABCDEF0123456789ABCDEF01234567 27T16:10:11 27T17:00:00", "100::3:0:0-100::3:0:0 list taken 27T17:00:00 27T17:00:00"}, nil},
		{"exit lists without their moments", network.KindTor, "ExitNode 0123456789ABCDEF0123456789ABCDEF01234567\nLastStatus 2025-02-01 17:00:00\nExitNode 0123456789ABCDEF0123456789ABCDEF01234568\nLastStatus 2025-02-27 17:00:00\n",
			[]string{"100::3:0:0-100::3:0:0 list taken 01T17:00:00 01T17:00:00", "100::3:0:0-100::3:0:0 list taken 27T17:00:00 27T17:00:00"}, nil},
		{"ranges with blanks", network.KindVPN, "198.51.100.1 - 198.51.100.9 Example Proxy\n203.0.113.0\t203.0.113.255\t24\n203.0.113.77 # 203.0.113.78\n",
			[]string{"198.51.100.1-198.51.100.9 Example Proxy", "203.0.113.0-203.0.113.255 24", "203.0.113.77-203.0.113.77 203.0.113.78"}, nil},
		{"VPN list", network.KindVPN, "# comment\n203.0.113.0/28\n203.0.113.77 # Example VPN\n198.51.100.1-198.51.100.9,Example Proxy\n203.0.113.300\n",
			[]string{"203.0.113.0-203.0.113.15", "203.0.113.77-203.0.113.77 Example VPN", "198.51.100.1-198.51.100.9 Example Proxy"},
			[]string{`5: "203.0.113.300" is not an address`}},
		{"a unit's own ranges", network.KindRanges, "cidr,key=value\n203.0.113.0/24,asn=64496,operator=Example,country=in,label=own-sensor\n192.0.2.1,192.0.2.9,from=2025-01-01T00:00:00Z,until=2025-01-02T00:00:00Z\n192.0.2.1,192.0.2.9,city=Testpur\n192.0.2.1,192.0.2.9\n",
			[]string{"203.0.113.0-203.0.113.255 AS64496 Example IN own-sensor", "192.0.2.1-192.0.2.9 01T00:00:00 02T00:00:00"},
			[]string{`4: key "city" is not known`, "5: the row states nothing of its range"}},
		{"a line beyond the limit", network.KindHosting, "203.0.113.1\n" + strings.Repeat("x", 40000) + "\n203.0.113.2\n",
			[]string{"203.0.113.1-203.0.113.1", "203.0.113.2-203.0.113.2"}, []string{"2: line is longer than 16384 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, bad, err := read(t, c.kind, c.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.rows, brief(rows)); diff != "" {
				t.Errorf("ranges (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.bad, bad); diff != "" {
				t.Errorf("bad rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadOperators(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "operators.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, bad, err := read(t, network.KindOperators, string(text))
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	p, err := network.ReadProfile(rows[0])
	if err != nil || p.ASN != 64496 || p.Access != network.AccessMobile || p.CGNAT != "yes" || p.RetentionDays != 730 || p.ClockError != 2e9 || p.LogZone != "Asia/Kolkata" {
		t.Errorf("profile reads as %+v, %v", p, err)
	}
	if k := network.ProfileKey(0, "IN"); rows[len(rows)-1].First != k {
		t.Errorf("the default of the country is filed under %s, not %s", rows[len(rows)-1].First, k)
	}
}

func TestReadOperatorsRefuses(t *testing.T) {
	for _, c := range []struct{ name, row, want string }{
		{"retention without source", "64496,IN,fixed,no,90,", "2: the retention of 90 days has no source"},
		{"unknown access", "64496,IN,dialup,no,,", `2: column access: access "dialup" is none of mobile, fixed, hosting, vpn, university, public-wifi, cdn, library, own-sensor`},
		{"neither number nor country", ",,fixed,no,,", "2: the row names neither an autonomous system nor a country"},
		{"too few cells", "64496,IN", "2: the row has 2 cells, the header 6"},
		{"cgnat perhaps", "64496,IN,fixed,perhaps,,", `2: column cgnat: "perhaps" is not yes, no or unknown`},
	} {
		_, bad, err := read(t, network.KindOperators, "asn,country,access,cgnat,retention_days,retention_source\n"+c.row+"\n")
		if err != nil || len(bad) != 1 || bad[0] != c.want {
			t.Errorf("%s: %v, %q; want %q", c.name, err, bad, c.want)
		}
	}
	if _, _, err := read(t, network.KindOperators, "operator,access\n"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a header without its columns gives %v", err)
	}
}

func TestReadRefusesWhole(t *testing.T) {
	for _, c := range []struct {
		name, text string
		kind       network.DataKind
		want       fault.Kind
	}{
		{"unknown kind", "", "weather", fault.Invalid},
		{"binary where a list is wanted", "203.0.113.1\x00", network.KindVPN, fault.Invalid},
		{"binary that is no MaxMind DB", "\x00\x00\x00\x00", network.KindASN, fault.Corrupt},
		{"gzip that breaks off", "\x1f\x8b\x08", network.KindVPN, fault.Corrupt},
	} {
		if _, _, err := read(t, c.kind, c.text); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, of kind %s; want %s", c.name, err, fault.KindOf(err), c.want)
		}
	}
}

func TestReadGzipIsReadInPlace(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprintln(z, "203.0.113.1")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	rows, bad, err := read(t, network.KindVPN, b.String())
	if err != nil || len(bad) > 0 || len(rows) != 1 {
		t.Errorf("%v, %v, %v", brief(rows), bad, err)
	}
}

// Whatever comes in, every range that comes out runs forward within one family,
// and every line that states something is a range, a bad row, or a word that
// states no address.
func FuzzRead(f *testing.F) {
	seeds := []string{
		"192.0.2.0,192.0.2.255,64496,Example\n", "203.0.113.0/24,IN\n", "apnic|IN|ipv4|198.51.100.0|384|20200101|allocated\n",
		"ExitNode 0123456789ABCDEF0123456789ABCDEF01234567\nExitAddress 203.0.113.9 2025-02-27 16:10:11\n", "203.0.113.0/28 # x\n",
		"asn,country\n64496,IN\n", "2001:db8::/32,asn=64496\n",
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, seed := range seeds {
		for n := range network.Kinds() {
			f.Add(byte(n), seed)
		}
	}
	f.Fuzz(func(t *testing.T, n byte, text string) {
		kinds := network.Kinds()
		kind := kinds[int(n)%len(kinds)]
		said := 0
		err := network.Read(kind, "fuzz", strings.NewReader(text), func(r network.Range) error {
			said++
			if !r.First.IsValid() || r.First.BitLen() != r.Last.BitLen() || r.Last.Less(r.First) || r.First.Is4In6() {
				t.Errorf("range runs from %s to %s", r.First, r.Last)
			}
			if !r.Covers(r.First) || !r.Covers(r.Last) {
				t.Errorf("range %s-%s does not cover its own ends", r.First, r.Last)
			}
			return nil
		}, func(line int64, reason string) error {
			said++
			if line < 1 || reason == "" {
				t.Errorf("bad row at line %d: %q", line, reason)
			}
			return nil
		})
		list := kind == network.KindVPN || kind == network.KindHosting
		if err == nil && list {
			if stated := statedLines(text); stated != said {
				t.Errorf("%d lines state something, %d were answered", stated, said)
			}
		}
	})
}

func statedLines(text string) (n int) {
	text = strings.TrimPrefix(text, "\ufeff")
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			n++
		}
	}
	return n
}
