package hashset_test

import (
	"strings"
	"testing"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
)

var day = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

func pdq(t *testing.T, bits ...int) digest.Digest {
	t.Helper()
	raw := make([]byte, 32)
	for _, b := range bits {
		raw[b/8] ^= 1 << (b % 8)
	}
	d, err := digest.Of(digest.PDQ, raw)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func says(by string) hashset.Decision {
	return hashset.Decision{By: by, Reason: "looked at it", At: day.Add(time.Hour)}
}

// An entry leaves quarantine by two different people only.
func TestQuarantineNeedsTwoPeople(t *testing.T) {
	q := hashset.Quarantine{Value: pdq(t, 1), State: hashset.Waiting, Contents: 40, Apart: 30, Held: day}
	if _, err := q.Confirm(hashset.Decision{By: "A. Officer"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	q, err := q.Confirm(says("A. Officer"))
	if err != nil || q.State != hashset.Waiting || !strings.Contains(q.Words(), "a second person is needed") {
		t.Fatalf("%+v, %v", q, err)
	}
	for _, same := range []string{"A. Officer", "a. officer", " A.  Officer "} {
		if _, err := q.Confirm(says(same)); !fault.Is(err, fault.Denied) || fault.Hint(err) == "" {
			t.Errorf("%q a second time: %v", same, err)
		}
	}
	q, err = q.Confirm(says("B. Officer"))
	if err != nil || q.State != hashset.Confirmed || q.First.By != "A. Officer" || q.Second.By != "B. Officer" {
		t.Fatalf("%+v, %v", q, err)
	}
	if _, err := q.Confirm(says("C. Officer")); !fault.Is(err, fault.Conflict) {
		t.Errorf("a third time: %v", err)
	}
	q, err = q.Dismiss(says("C. Officer"))
	if err != nil || q.State != hashset.Dismissed || !strings.Contains(q.Words(), "dismissed by C. Officer") {
		t.Fatalf("%+v, %v", q, err)
	}
	if _, err := q.Dismiss(says("D. Officer")); !fault.Is(err, fault.Conflict) {
		t.Errorf("dismissed twice: %v", err)
	}
	q, err = q.Confirm(says("C. Officer"))
	if err != nil || q.State != hashset.Waiting || q.First.By != "C. Officer" {
		t.Errorf("taken up anew: %+v, %v", q, err)
	}
}

// Copies that lie near each other are one picture, however many; only what lies apart counts.
func TestFlood(t *testing.T) {
	var copies, apart []digest.Digest
	for n := range 200 {
		copies = append(copies, pdq(t, 240+n%5, 250+n%5))
	}
	for n := range 8 {
		var bits []int
		for k := range 30 {
			bits = append(bits, 30*n+k)
		}
		apart = append(apart, pdq(t, bits...))
	}
	for _, c := range []struct {
		name   string
		values []digest.Digest
		limit  int
		want   int
	}{{"none", nil, 30, 0}, {"copies", copies, 30, 1}, {"apart", apart, 30, 8}, {"to the limit", apart, 5, 5}, {"both", append(apart, copies...), 30, 9}} {
		if got := hashset.Flood(c.values, 31, c.limit); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// What holds a match is said with it, and it calls for nobody.
func TestHeldMatchIsSaid(t *testing.T) {
	n := hashset.Negative{Digest: pdq(t, 1), By: "A. Officer", Reason: "a company's logo", Added: day}
	m := hashset.Match{By: digest.MD5, SetName: "known", From: "an authority", Meaning: hashset.Meaning{Label: "listed", Alert: true}}
	if !m.Alerts() {
		t.Error("a match that nothing holds does not alert")
	}
	m.Held = &hashset.Held{By: hashset.HeldNegative, Words: n.Words()}
	if m.Alerts() || !strings.Contains(m.Say(), "makes no lead") || !strings.Contains(m.Say(), "by A. Officer: a company's logo") {
		t.Errorf("alerts %v: %s", m.Alerts(), m.Say())
	}
}

func TestReasoned(t *testing.T) {
	for _, c := range [][2]string{{"", "a good reason"}, {"A. Officer", ""}, {"A. Officer", " x "}} {
		if err := hashset.Reasoned("it", c[0], c[1]); !fault.Is(err, fault.Invalid) || fault.Hint(err) == "" {
			t.Errorf("%q: %v", c, err)
		}
	}
}
