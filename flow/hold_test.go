package flow_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/flow"
	"suraag/hashset"
)

func digestOf(t *testing.T, text string) digest.Digest {
	t.Helper()
	d, err := digest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A digest on the negative list makes no lead, and the match that it silences is
// shown with who said so and why; taken off the list, it makes its leads again.
func TestNegativeListSilencesNothingSilently(t *testing.T) {
	for name, where := range engines(t) {
		t.Run(name, func(t *testing.T) {
			h := houseOn(t, where)
			h.operators(t)
			h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("logo"))+observed(2, "198.51.100.2", md5of("other"))))
			h.list(t, "known", "list.csv", []byte("md5\n"+md5of("logo")[4:]+"\n"+md5of("other")[4:]+"\n"))
			logo := digestOf(t, md5of("logo"))
			if n := len(h.queue(t)); n != 2 {
				t.Fatalf("%d leads", n)
			}
			if _, err := h.AddNegative(ctx, logo, "A. Officer", ""); !fault.Is(err, fault.Invalid) {
				t.Errorf("without a reason: %v", err)
			}
			if _, err := h.AddNegative(ctx, logo, "A. Officer", "a company's logo"); err != nil {
				t.Fatal(err)
			}
			if _, err := h.AddNegative(ctx, logo, "B. Officer", "a company's logo"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "A. Officer") {
				t.Errorf("twice: %v", err)
			}
			h.weigh(t)
			if n := len(h.queue(t)); n != 1 {
				t.Errorf("%d leads with the logo on the negative list", n)
			}
			listed := h.trace(t, md5of("logo")).Family[0].Listed
			if len(listed) != 1 || listed[0].Held == nil || !strings.Contains(listed[0].Sentence, "by A. Officer: a company's logo") {
				t.Errorf("the silenced match is not shown: %s", words(t, listed))
			}
			if _, err := h.EndNegative(ctx, logo, "B. Officer", "it was no logo"); err != nil {
				t.Fatal(err)
			}
			h.weigh(t)
			if n := len(h.queue(t)); n != 2 {
				t.Errorf("%d leads after it was taken off", n)
			}
			if _, err := h.EndNegative(ctx, logo, "B. Officer", "it was no logo"); !fault.Is(err, fault.NotFound) {
				t.Errorf("taken off twice: %v", err)
			}
			all, err := h.db.Negatives(ctx)
			if err != nil || len(all) != 1 || all[0].EndedBy != "B. Officer" {
				t.Errorf("what was taken off is forgotten: %+v, %v", all, err)
			}
		})
	}
}

// flooding gives n contents within 28 bits of one value and far from each other.
func flooding(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range n {
		raw := parsedBits(pdq(0))
		for _, bit := range r.Perm(256)[:28] {
			raw[bit/8] ^= 1 << (bit % 8)
		}
		b.WriteString(observed(i%60, "198.51.100.7", md5of(fmt.Sprint("flood ", i)), fmt.Sprintf("pdq:%x", raw)))
	}
	return []byte(b.String())
}

func parsedBits(text string) []byte {
	d, _ := digest.Parse(text)
	return d.Bytes()
}

// An entry that matches too many unrelated contents makes no lead until two people
// confirm it, is shown with its count, and can be dismissed.
func TestFloodIsQuarantined(t *testing.T) {
	for name, where := range engines(t) {
		t.Run(name, func(t *testing.T) {
			h := houseOn(t, where)
			h.operators(t)
			h.handIn(t, "flood.jsonl", flooding(32))
			h.handIn(t, "one.jsonl", []byte(observed(1, "198.51.100.9", md5of("exactly"))))
			h.list(t, "known", "list.csv", plain(pdq(0), md5of("exactly")))
			value := digestOf(t, pdq(0))
			held, err := h.db.HeldEntries(ctx)
			if err != nil || len(held) != 1 || held[0].Value != value || held[0].Contents != 32 || held[0].Apart != hashset.Unrelated {
				t.Fatalf("%+v, %v", held, err)
			}
			if n := len(h.queue(t)); n != 1 {
				t.Errorf("%d leads, want only that of the very file", n)
			}
			listed := h.trace(t, md5of("flood 3")).Family[0].Listed
			if len(listed) == 0 || listed[0].Held == nil || !strings.Contains(listed[0].Sentence, "lay near 32 contents") {
				t.Fatalf("the match is not shown with its count: %s", words(t, listed))
			}
			decide := func(by string, confirm bool) error {
				_, err := h.Decide(ctx, value, confirm, by, "looked at it")
				h.weigh(t)
				return err
			}
			if err := decide("A. Officer", true); err != nil {
				t.Fatal(err)
			}
			if n := len(h.queue(t)); n != 1 {
				t.Errorf("%d leads after one person's word", n)
			}
			if err := decide("a. officer", true); !fault.Is(err, fault.Denied) {
				t.Errorf("the same person twice: %v", err)
			}
			if err := decide("B. Officer", true); err != nil {
				t.Fatal(err)
			}
			if n := len(h.queue(t)); n != 33 {
				t.Errorf("%d leads after two people confirmed", n)
			}
			if err := decide("C. Officer", false); err != nil {
				t.Fatal(err)
			}
			if n := len(h.queue(t)); n != 1 {
				t.Errorf("%d leads after it was dismissed", n)
			}
			if _, err := h.Decide(ctx, digestOf(t, pdq(9)), true, "A. Officer", "looked at it"); !fault.Is(err, fault.NotFound) {
				t.Errorf("an entry that is not held: %v", err)
			}
		})
	}
}

// Many copies of one picture are no flood.
func TestManyCopiesAreNoFlood(t *testing.T) {
	h := newHouse(t)
	h.operators(t)
	var b strings.Builder
	for i := range 60 {
		b.WriteString(observed(i, "198.51.100.7", md5of(fmt.Sprint("copy ", i)), pdq(i%15)))
	}
	h.handIn(t, "copies.jsonl", []byte(b.String()))
	h.list(t, "known", "list.csv", plain(pdq(0)))
	if held, err := h.db.HeldEntries(ctx); err != nil || len(held) != 0 {
		t.Errorf("%+v, %v", held, err)
	}
	if n := len(h.queue(t)); n != 60 {
		t.Errorf("%d leads", n)
	}
}

// Versions are read side by side, and the later one may be through first: what it
// replaced makes no matches when its own reading ends at last.
func TestEarlierVersionIsReadAfterTheLater(t *testing.T) {
	h := newHouse(t)
	now := h.Now()
	h.Now = func() time.Time { now = now.Add(time.Second); return now }
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"))))
	first := h.receive(t, flow.HandIn{Name: "1.csv", BroughtBy: "officer", Authority: "FIR 1/2025", List: hashset.Set{Name: "known", From: "an authority"}}, plain(md5of("a")))
	second := h.receive(t, flow.HandIn{Name: "2.csv", BroughtBy: "officer", Authority: "FIR 1/2025", List: hashset.Set{Name: "known", From: "an authority", Replaces: true}}, plain(md5of("b")))
	for _, id := range []string{second.ID, first.ID} {
		if err := h.ReadSource(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	h.reads = nil
	h.settle(t)
	sets, err := h.db.Sets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets {
		if want := map[int]string{1: hashset.StateReplaced, 2: hashset.StateLive}[s.Version]; s.State != want {
			t.Errorf("version %d is %s, want %s", s.Version, s.State, want)
		}
	}
	if leads := h.queue(t); len(leads) != 0 {
		t.Errorf("by an entry that the whole list anew leaves out: %s", words(t, leads))
	}
}

// A version that is the whole list anew takes the place of the earlier ones; one
// that is not adds to them.
func TestVersions(t *testing.T) {
	h := newHouse(t)
	h.operators(t)
	now := h.Now()
	h.Now = func() time.Time { now = now.Add(time.Second); return now }
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"))+observed(2, "198.51.100.2", md5of("b"))))
	h.list(t, "known", "1.csv", plain(md5of("a")))
	h.list(t, "known", "2.csv", plain(md5of("b")))
	if n := len(h.queue(t)); n != 2 {
		t.Fatalf("%d leads by two versions that add up", n)
	}
	h.receive(t, flow.HandIn{Name: "3.csv", BroughtBy: "officer", Authority: "FIR 1/2025", List: hashset.Set{Name: "known", From: "an authority", Replaces: true}}, plain(md5of("b"), sha256of("b")))
	h.settle(t)
	if leads := h.queue(t); len(leads) != 1 || len(leads[0].Listed) != 1 {
		t.Errorf("by the whole list anew: %s", words(t, leads))
	}
	sets, err := h.db.Sets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, s := range sets {
		states = append(states, fmt.Sprintf("%d %s", s.Version, s.State))
	}
	if got := strings.Join(states, ", "); got != "1 replaced, 2 replaced, 3 live" {
		t.Errorf("versions: %s", got)
	}
}
