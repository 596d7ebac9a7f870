package series_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suraag/actor/made"
	"suraag/actor/series"
	"suraag/sighting"
)

const (
	threat = "Tumhari photo maine save kar li hai, agar 5000 rupaye abhi nahi bheje to ye photo tumhare papa aur school ke sab logo ko bhej dunga"
	spelt  = "tumari foto mene sev kar li he agar 9000 rupye abi nhi bheje toh yeh foto tumhare mummy or skool ke sb logon ko bhej dunga"
)

var day = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

// complaint makes one. Words that begin with "@" are days after the first, that
// begin with "ip:" addresses, that begin with "text:" texts; others identifiers.
func complaint(t testing.TB, id string, parts ...string) series.Complaint {
	t.Helper()
	c := series.Complaint{ID: id, At: day}
	for _, p := range parts {
		switch {
		case strings.HasPrefix(p, "@"):
			var days int
			if _, err := fmt.Sscan(p[1:], &days); err != nil {
				t.Fatal(err)
			}
			c.At = day.AddDate(0, 0, days)
		case strings.HasPrefix(p, "ip:"):
			c.Addresses = append(c.Addresses, netip.MustParseAddr(p[3:]))
		case strings.HasPrefix(p, "text:"):
			c.Texts = append(c.Texts, p[5:])
		default:
			i, err := sighting.ParseIdentifier(p)
			if err != nil {
				t.Fatal(err)
			}
			c.Accused = append(c.Accused, i)
		}
	}
	return c
}

func groups(r series.Result) string {
	var out []string
	for _, s := range r.Series {
		out = append(out, strings.Join(s.Complaints, " "))
	}
	return strings.Join(out, " | ")
}

func TestWhatJoinsComplaints(t *testing.T) {
	const phone, handle = "phone:+910000000001", "handle:example social:cool_boy"
	for _, c := range []struct {
		name string
		in   [][]string
		want string
	}{
		{"one phone", [][]string{{phone}, {phone}}, "a b"},
		{"over a third complaint", [][]string{{phone}, {phone, "email:x@example.com"}, {"email:x@example.com"}}, "a b c"},
		{"a payment handle", [][]string{{"payment:x@examplebank"}, {"payment:x@examplebank"}}, "a b"},
		{"one handle, soon after", [][]string{{handle}, {handle, "@20"}}, "a b"},
		{"one handle, long after: it may have changed hands", [][]string{{handle}, {handle, "@200"}}, ""},
		{"one handle with two accounts has changed hands", [][]string{{handle, "account:example social:1"}, {handle, "account:example social:2"}}, ""},
		{"the same handle at another service", [][]string{{handle}, {"handle:example chat:cool_boy"}}, ""},
		{"a script alone", [][]string{{"text:" + threat}, {"text:" + spelt}}, ""},
		{"a script and a handle long apart", [][]string{{handle, "text:" + threat}, {handle, "@200", "text:" + spelt}}, "a b"},
		{"a script and an address", [][]string{{"ip:198.51.100.9", "text:" + threat}, {"ip:198.51.100.9", "text:" + spelt}}, "a b"},
		{"an address alone", [][]string{{"ip:198.51.100.9"}, {"ip:198.51.100.9"}}, ""},
		{"one /64 and a script", [][]string{{"ip:2001:db8:1:2::3", "text:" + threat}, {"ip:2001:db8:1:2:ffff::4", "text:" + spelt}}, "a b"},
		{"an address behind the operator's translation says nothing", [][]string{{"ip:10.0.0.1", "text:" + threat}, {"ip:10.0.0.1", "text:" + spelt}}, ""},
		{"a peer id alone (rule R15)", [][]string{{"peer:abc"}, {"peer:abc"}}, ""},
		{"a name", [][]string{{"name:Rahul"}, {"name:Rahul"}}, ""},
		{"a group", [][]string{{"group:example chat:g"}, {"group:example chat:g"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := series.New(nil)
			for n, parts := range c.in {
				x.Add(complaint(t, string(rune('a'+n)), parts...))
			}
			got := x.Result()
			if groups(got) != c.want {
				t.Errorf("got %q, want %q; perhaps %+v", groups(got), c.want, got.Perhaps)
			}
		})
	}
}

// TestFiftyVictimsAreOneCase in the first week, whatever each of them knows.
func TestFiftyVictimsAreOneCase(t *testing.T) {
	x := series.New(nil)
	know := []string{"phone:+910000000001", "payment:x@examplebank", "handle:example social:cool_boy"}
	for n := range 50 {
		x.Add(complaint(t, fmt.Sprintf("%02d", n), fmt.Sprintf("@%d", n%7), know[n%3], know[(n/3)%3]))
	}
	got := x.Result()
	if len(got.Series) != 1 || len(got.Series[0].Complaints) != 50 || len(got.Hubs) != 0 {
		t.Fatalf("%s; hubs %+v", groups(got), got.Hubs)
	}
	if s := got.Series[0].Sentence; s != "50 complaints are held to be of one someone: handle:example social:cool_boy, payment:x@examplebank, phone:+910000000001 tie them." {
		t.Error(s)
	}
}

// TestEveryTieSaysWhy with its base rate (product.md, gap 4).
func TestEveryTieSaysWhy(t *testing.T) {
	x := series.New(nil)
	x.Add(complaint(t, "a", "phone:+910000000001"))
	x.Add(complaint(t, "b", "phone:+910000000001"))
	x.Add(complaint(t, "c", "phone:+910000000002"))
	want := []series.Tie{{A: "a", B: "b", Sort: series.ByIdentifier, On: "phone:+910000000001", Strength: series.Hard, In: 2, Of: 3,
		Reason: "Both name phone:+910000000001 for the one accused; it stands in 2 of 3 complaints."}}
	if diff := cmp.Diff(want, x.TiesOf("b")); diff != "" {
		t.Error(diff)
	}
}

func TestHubsJoinNobody(t *testing.T) {
	fill := func(x *series.Index) {
		for n := range 8 {
			x.Add(complaint(t, string(rune('a'+n)), "phone:+910000001930", fmt.Sprintf("account:example social:%d", n)))
		}
	}
	x := series.New(nil)
	fill(x)
	got := x.Result()
	if len(got.Series) != 0 || len(got.Hubs) != 1 || !strings.Contains(got.Hubs[0].Reason, "many people may share it") {
		t.Errorf("found by what stands beside it: %s %+v", groups(got), got.Hubs)
	}
	helpline := complaint(t, "", "phone:+910000001930").Accused[0]
	x = series.New(map[sighting.Identifier]string{helpline: "the example helpline"})
	x.Add(complaint(t, "a", "phone:+910000001930"))
	x.Add(complaint(t, "b", "phone:+910000001930"))
	got = x.Result()
	if len(got.Series) != 0 || len(got.Hubs) != 1 || got.Hubs[0].Reason != "known to belong to many: the example helpline" {
		t.Errorf("known beforehand: %s %+v", groups(got), got.Hubs)
	}
}

func TestSharedAddressIsNotShown(t *testing.T) {
	x := series.New(nil)
	for n := range series.HubAddress + 1 {
		x.Add(complaint(t, string(rune('a'+n)), "ip:198.51.100.7", "text:"+threat))
	}
	if got := x.Result(); len(got.Series) != 0 {
		t.Errorf("a cyber café and a script that goes round joined strangers: %s", groups(got))
	}
}

// TestCorrectedIdentifierRelinks: iris-web issue 426, the edit of an identifier
// does not relink.
func TestCorrectedIdentifierRelinks(t *testing.T) {
	x := series.New(nil)
	x.Add(complaint(t, "a", "phone:+910000000001"))
	x.Add(complaint(t, "b", "phone:+910000000007"))
	if got := groups(x.Result()); got != "" {
		t.Fatal(got)
	}
	x.Add(complaint(t, "b", "phone:+910000000001"))
	if got := groups(x.Result()); got != "a b" {
		t.Errorf("after the correction: %q", got)
	}
	x.Add(complaint(t, "b", "phone:+910000000007"))
	if got := groups(x.Result()); got != "" {
		t.Errorf("after it was taken back: %q", got)
	}
}

func TestDecisions(t *testing.T) {
	x := series.New(nil)
	for _, id := range []string{"a", "b"} {
		x.Add(complaint(t, id, "phone:+910000000001"))
	}
	x.Add(complaint(t, "c", "email:x@example.com"))
	x.Decide(series.Decision{A: "b", B: "a", By: "an officer", Reason: "a number given out anew", At: day})
	got := x.Result()
	if groups(got) != "" || len(got.Perhaps) != 1 {
		t.Errorf("parted: %q %+v", groups(got), got.Perhaps)
	}
	x.Decide(series.Decision{A: "a", B: "c", Same: true, By: "an officer", Reason: "he confessed both", At: day})
	got = x.Result()
	if groups(got) != "a c" || !strings.Contains(got.Series[0].Ties[0].Reason, "an officer holds them to be one series: he confessed both") {
		t.Errorf("joined by hand: %q", groups(got))
	}
	x.Add(complaint(t, "d", "phone:+910000000001"))
	got = x.Result()
	if groups(got) != "a b c d" || len(got.Series[0].Contested) != 1 {
		t.Errorf("a third complaint speaks against the parting: %q %+v", groups(got), got.Series)
	}
}

// TestPartedThroughOthers: whoever parts two complaints is told that others still
// join them, also where the two are not tied to each other directly.
func TestPartedThroughOthers(t *testing.T) {
	x := series.New(nil)
	for n, id := range []string{"a", "b", "c", "d"} {
		x.Add(complaint(t, id, fmt.Sprintf("@%d", n), "phone:+910000000001"))
	}
	x.Decide(series.Decision{A: "a", B: "d", By: "an officer", Reason: "two voices", At: day})
	got := x.Result()
	if groups(got) != "a b c d" || len(got.Series[0].Contested) != 1 || !strings.Contains(got.Series[0].Contested[0], "an officer held a and d apart") {
		t.Errorf("%q %+v", groups(got), got.Series)
	}
}

// TestUndoneInAnyOrder: whatever is decided and taken back, in whatever order,
// leaves things exactly as they were (OpenCTI issue 12059: a merge cannot be
// undone).
func TestUndoneInAnyOrder(t *testing.T) {
	set := made.Complaints(200, 5)
	x := series.New(nil)
	for _, c := range set {
		x.Add(c.Complaint)
	}
	before := x.Result()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 1))
		done := map[[2]string]bool{}
		for range 30 {
			a, b := set[r.IntN(len(set))].ID, set[r.IntN(len(set))].ID
			if a == b {
				continue
			}
			x.Decide(series.Decision{A: a, B: b, Same: r.IntN(2) == 0, By: "officer", Reason: "a try", At: day})
			done[[2]string{a, b}] = true
		}
		changed := !cmp.Equal(before, x.Result())
		for pair := range done { // in random order
			x.TakeBack(pair[0], pair[1])
		}
		if diff := cmp.Diff(before, x.Result()); diff != "" {
			t.Fatal(diff)
		}
		if !changed {
			t.Fatal("thirty decisions changed nothing: the test shows nothing")
		}
	})
}

// TestOrderOfArrivalChangesNothing.
func TestOrderOfArrivalChangesNothing(t *testing.T) {
	set := made.Complaints(150, 3)
	var want series.Result
	for seed := range uint64(4) {
		x := series.New(nil)
		for k, n := range rand.New(rand.NewPCG(seed, 9)).Perm(len(set)) {
			x.Add(set[n].Complaint)
			if k%10 == 0 { // some come, go and come again
				x.Remove(set[n].ID)
				x.Add(set[n].Complaint)
			}
		}
		got := x.Result()
		if seed == 0 {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
	if len(want.Series) == 0 {
		t.Fatal("no series: the test shows nothing")
	}
}

// BenchmarkLinkAt100k is linking one more complaint, and taking it out again.
func BenchmarkLinkAt100k(b *testing.B) {
	set := made.Complaints(100_100, 1)
	x := series.New(nil)
	for _, c := range set[:100_000] {
		x.Add(c.Complaint)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	n := 0
	for b.Loop() {
		c := set[100_000+n%100].Complaint
		x.Add(c)
		x.TiesOf(c.ID)
		x.Remove(c.ID)
		n++
	}
	b.ReportMetric(float64(m.HeapAlloc)/100_000, "heap-B/complaint")
}

// BenchmarkSeriesOf100k joins all complaints anew.
func BenchmarkSeriesOf100k(b *testing.B) {
	x := series.New(nil)
	for _, c := range made.Complaints(100_000, 1) {
		x.Add(c.Complaint)
	}
	for b.Loop() {
		x.Result()
	}
}
