package network_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suraag/network"
)

func span(first, last, label string) network.Range {
	return network.Range{First: netip.MustParseAddr(first), Last: netip.MustParseAddr(last), Label: label}
}

func TestFlatten(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []network.Range
		want []string
	}{
		{"nothing", nil, nil},
		{"apart and out of order", []network.Range{span("203.0.113.8", "203.0.113.9", "b"), span("203.0.113.1", "203.0.113.2", "a")},
			[]string{"203.0.113.1-203.0.113.2 a", "203.0.113.8-203.0.113.9 b"}},
		{"a customer inside an operator", []network.Range{span("203.0.113.0", "203.0.113.255", "operator"), span("203.0.113.16", "203.0.113.31", "customer")},
			[]string{"203.0.113.0-203.0.113.15 operator", "203.0.113.16-203.0.113.31 customer", "203.0.113.32-203.0.113.255 operator"}},
		{"three deep, ending together", []network.Range{span("203.0.113.0", "203.0.113.255", "a"), span("203.0.113.128", "203.0.113.255", "b"), span("203.0.113.255", "203.0.113.255", "c")},
			[]string{"203.0.113.0-203.0.113.127 a", "203.0.113.128-203.0.113.254 b", "203.0.113.255-203.0.113.255 c"}},
		{"a partial overlap goes to the smaller", []network.Range{span("203.0.113.0", "203.0.113.9", "small"), span("203.0.113.5", "203.0.113.99", "large")},
			[]string{"203.0.113.0-203.0.113.9 small", "203.0.113.10-203.0.113.99 large"}},
		{"of equals the last in the file", []network.Range{span("203.0.113.0", "203.0.113.9", "old"), span("203.0.113.0", "203.0.113.9", "new")},
			[]string{"203.0.113.0-203.0.113.9 new"}},
		{"both families to their ends", []network.Range{span("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "six"), span("0.0.0.0", "255.255.255.255", "four")},
			[]string{"0.0.0.0-255.255.255.255 four", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff six"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := network.Flatten(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, brief(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFlattenKeepsTimedRows(t *testing.T) {
	seen := span("203.0.113.9", "203.0.113.9", "exit")
	seen.From = time.Date(2025, 2, 27, 0, 0, 0, 0, time.UTC)
	seen.Until = seen.From
	got, err := network.Flatten([]network.Range{seen, seen})
	if err != nil || len(got) != 2 {
		t.Errorf("two sightings of an exit became %v, %v", got, err)
	}
}

// A unit's own range with times must be found beside a narrower one without.
func TestFlattenCutsTimedRows(t *testing.T) {
	timed := span("203.0.113.0", "203.0.113.255", "own-sensor")
	timed.From, timed.Until = time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	got, err := network.Flatten([]network.Range{timed, span("203.0.113.16", "203.0.113.31", "customer")})
	if err != nil {
		t.Fatal(err)
	}
	const times = " 01T00:00:00 01T00:00:00"
	want := []string{
		"203.0.113.0-203.0.113.15 own-sensor" + times,
		"203.0.113.16-203.0.113.31 own-sensor" + times, "203.0.113.16-203.0.113.31 customer",
		"203.0.113.32-203.0.113.255 own-sensor" + times,
	}
	if diff := cmp.Diff(want, brief(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// With times, every row that covered an address still does, and any two rows are
// of equal extent or apart, as the keeper of the rows relies on.
func TestFlattenLosesNoTimedRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) network.Range {
			a, b := rapid.IntRange(0, 20).Draw(t, "a"), rapid.IntRange(0, 20).Draw(t, "b")
			r := network.Range{First: low(min(a, b)), Last: low(max(a, b)), ASN: uint32(rapid.IntRange(1, 1000).Draw(t, "asn"))}
			if rapid.Bool().Draw(t, "timed") {
				r.From = time.Unix(int64(rapid.IntRange(0, 3).Draw(t, "from")), 0)
			}
			return r
		}), 0, 8).Draw(t, "ranges")
		flat, err := network.Flatten(append([]network.Range(nil), given...))
		if err != nil {
			t.Fatal(err)
		}
		for n, a := range flat {
			for _, b := range flat[:n] {
				if a.First.Compare(b.Last) <= 0 && b.First.Compare(a.Last) <= 0 && (a.First != b.First || a.Last != b.Last) {
					t.Fatalf("%s-%s and %s-%s overlap in part", a.First, a.Last, b.First, b.Last)
				}
			}
		}
		for n := range 21 {
			if want, got := timedAt(given, low(n)), timedAt(flat, low(n)); want != got {
				t.Fatalf("%d timed rows cover %s, %d after", want, low(n), got)
			}
		}
	})
}

func timedAt(ranges []network.Range, a netip.Addr) (n int) {
	for _, r := range ranges {
		if r.Covers(a) && !r.From.IsZero() {
			n++
		}
	}
	return n
}

// At every address the flat ranges say what the smallest of the given ones says,
// and they never overlap.
func TestFlattenAgreesWithLookingAtEveryRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) network.Range {
			a, b := rapid.IntRange(0, 30).Draw(t, "a"), rapid.IntRange(0, 30).Draw(t, "b")
			return network.Range{First: low(min(a, b)), Last: low(max(a, b)), ASN: uint32(rapid.IntRange(1, 1000).Draw(t, "asn"))}
		}), 0, 12).Draw(t, "ranges")
		want := make([]uint32, 31)
		for n := range want {
			best := 1 << 20
			for _, r := range given {
				if width := int(r.Last.As4()[3]) - int(r.First.As4()[3]); r.Covers(low(n)) && width < best {
					best = width
				}
			}
			for _, r := range given { // of equals any will do if it is one of them
				if width := int(r.Last.As4()[3]) - int(r.First.As4()[3]); r.Covers(low(n)) && width == best {
					want[n] = r.ASN
				}
			}
		}
		flat, err := network.Flatten(append([]network.Range(nil), given...))
		if err != nil {
			t.Fatal(err)
		}
		for n := range want {
			var hits []network.Range
			for _, r := range flat {
				if r.Covers(low(n)) {
					hits = append(hits, r)
				}
			}
			switch {
			case len(hits) > 1:
				t.Fatalf("%s lies in %d ranges", low(n), len(hits))
			case len(hits) == 0 && want[n] != 0:
				t.Fatalf("%s was lost", low(n))
			case len(hits) == 1 && !isSmallest(given, low(n), hits[0].ASN):
				t.Fatalf("%s is AS%d, which no smallest range says", low(n), hits[0].ASN)
			}
		}
	})
}

func isSmallest(given []network.Range, a netip.Addr, asn uint32) bool {
	best := 1 << 20
	for _, r := range given {
		if width := int(r.Last.As4()[3]) - int(r.First.As4()[3]); r.Covers(a) {
			best = min(best, width)
		}
	}
	for _, r := range given {
		if r.Covers(a) && int(r.Last.As4()[3])-int(r.First.As4()[3]) == best && r.ASN == asn {
			return true
		}
	}
	return false
}

func low(n int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}) }
