package flow_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/casework"
	"suraag/digest"
	"suraag/hashset"
)

// pdq is a made value; off tells how many of its bits differ from pdq(0).
func pdq(off int) string {
	b, _ := hex.DecodeString("f162eb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95")
	for n := range off {
		b[n/8] ^= 1 << (n % 8)
	}
	return "pdq:" + hex.EncodeToString(b)
}

func photo(add byte) string {
	b := make([]byte, 144)
	for n := range b {
		b[n] = byte(n%100) + add
	}
	return "photodna:" + hex.EncodeToString(b)
}

func md5of(word string) string { s := md5.Sum([]byte(word)); return "md5:" + hex.EncodeToString(s[:]) }
func sha256of(word string) string {
	s := sha256.Sum256([]byte(word))
	return "sha256:" + hex.EncodeToString(s[:])
}

// plain is a list of bare hashes with titles.
func plain(digests ...string) []byte {
	var kinds, values []string
	for _, d := range digests {
		kind, value, _ := strings.Cut(d, ":")
		kinds, values = append(kinds, kind), append(values, value)
	}
	return []byte(strings.Join(kinds, ",") + "\n" + strings.Join(values, ",") + "\n")
}

func TestNearCopies(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(
		observed(1, "198.51.100.1", md5of("a"), pdq(0))+observed(2, "198.51.100.2", md5of("near"), pdq(31))+
			observed(3, "198.51.100.3", md5of("far"), pdq(32))+observed(4, "198.51.100.4", md5of("other"))))
	got := h.trace(t, md5of("a"))
	if len(got.Family) != 2 || len(got.Sightings) != 2 {
		t.Fatalf("%d contents, %d sightings: %s", len(got.Family), len(got.Sightings), words(t, got.Family))
	}
	near := got.Family[1]
	if near.Relation != casework.NearCopy || near.By != digest.PDQ || near.Distance != 31 || !strings.Contains(near.Sentence, "to be checked by a person") {
		t.Errorf("near copy: %s", words(t, near))
	}
	if got.Sightings[0].Exact == got.Sightings[1].Exact {
		t.Error("the near copy's sighting is called exact")
	}
	// A PDQ value that nothing carries finds what is near it all the same.
	if got := h.trace(t, pdq(3)); len(got.Family) != 4 {
		t.Errorf("by a value near all three: %s", words(t, got.Family))
	}
	// What comes later is found too.
	h.handIn(t, "later.jsonl", []byte(observed(5, "198.51.100.5", md5of("later"), pdq(1))))
	if got := h.trace(t, md5of("a")); len(got.Family) != 3 {
		t.Errorf("%d contents after another near copy came", len(got.Family))
	}
}

// One bad hash does not stop the index (ThreatExchange issue 1609), and one good
// one is found (issue 1318).
func TestOneHashAmongBadOnes(t *testing.T) {
	h := newHouse(t)
	_, value, _ := strings.Cut(pdq(0), ":")
	s := h.list(t, "known", "list.csv", []byte("pdq\n"+strings.Repeat(value+"\n", 8)+"not a hash\n"+value[:40]+"zz\n"))
	bad, err := h.db.Problems(ctx, s.ID, 0, 10)
	if err != nil || len(bad) != 2 {
		t.Errorf("%d bad rows, want 2: %v %v; %s %s", len(bad), bad, err, s.State, s.Problem)
	}
	got := h.trace(t, pdq(5))
	if names := listed(got); len(names) == 0 || names[0] != "known" {
		t.Errorf("the one good hash is not found: %s", words(t, got.Family))
	}
}

func TestPhotoDNAIsToBeCheckedByAPerson(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"), photo(0))+observed(2, "198.51.100.2", md5of("b"), photo(16))+observed(3, "198.51.100.3", md5of("c"), photo(17))))
	h.list(t, "known", "list.csv", plain(photo(1)))
	got := h.trace(t, md5of("a"))
	var near []string
	for _, c := range got.Family[1:] {
		near = append(near, fmt.Sprint(c.By, c.Distance))
		if !strings.Contains(c.Sentence, "to be checked by a person") {
			t.Errorf("sentence: %s", c.Sentence)
		}
	}
	if diff := cmp.Diff([]string{"photodna144", "photodna36864"}, near); diff != "" {
		t.Errorf("within 40000 (-want +got):\n%s", diff)
	}
	matches := got.Family[0].Listed
	if len(matches) != 1 || matches[0].By != digest.PhotoDNA || matches[0].Distance != 144 || !strings.Contains(matches[0].Sentence, "to be checked by a person") {
		t.Errorf("match: %s", words(t, matches))
	}
}

// Files that share an MD5 on purpose stay apart, and it is said.
func TestCollisionIsFlagged(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("x"), sha256of("one"))+observed(2, "198.51.100.2", md5of("x"), sha256of("two"))))
	h.list(t, "known", "list.csv", plain(md5of("x"), sha256of("one")))
	for word, want := range map[string]int{"one": 1, "two": 0} {
		got := h.trace(t, sha256of(word))
		if len(got.Sightings) != 1 || len(listed(got)) != want {
			t.Errorf("%s: %d sightings, lists %v", word, len(got.Sightings), listed(got))
		}
		if len(got.Family[0].Conflicts) != 1 || !strings.Contains(got.Family[0].Conflicts[0].Sentence, "Collisions are made on purpose") {
			t.Errorf("%s: the collision is not flagged: %s", word, words(t, got.Family[0]))
		}
	}
	got := h.trace(t, md5of("x"))
	if len(got.Sightings) != 0 || len(got.Family[0].Conflicts) != 1 || !strings.Contains(got.Family[0].Sentence, "names none of them") {
		t.Errorf("by the shared value: %s", words(t, got.Family))
	}
}

// A collision that comes later parts what had been one, and its leads with it.
func TestCollisionThatComesLaterTakesLeadsBack(t *testing.T) {
	h := newHouse(t)
	h.operators(t)
	h.list(t, "known", "list.csv", plain(md5of("x"), sha256of("one")))
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("x"))))
	if n := len(h.queue(t)); n != 1 {
		t.Fatalf("%d leads while the MD5 names one file", n)
	}
	h.handIn(t, "later.jsonl", []byte(observed(2, "198.51.100.2", md5of("x"), sha256of("two"))))
	for _, l := range h.queue(t) {
		if l.Novelty == casework.Listed {
			t.Errorf("a lead still rests on an MD5 that two files share: %s", l.Step)
		}
	}
}

// What a list says of a near copy counts for the content, whatever came first.
func TestLeadsOfNearCopiesDoNotDependOnOrder(t *testing.T) {
	steps := []func(*testing.T, *house){
		func(t *testing.T, h *house) {
			h.handIn(t, "a.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"), pdq(0))))
		},
		func(t *testing.T, h *house) {
			h.handIn(t, "b.jsonl", []byte(observed(2, "198.51.100.2", md5of("b"), pdq(9))))
		},
		func(t *testing.T, h *house) { h.list(t, "known", "list.csv", plain(md5of("b"), sha256of("b"))) },
		func(t *testing.T, h *house) {
			h.handIn(t, "c.jsonl", []byte(observed(3, "198.51.100.3", sha256of("b"))))
		},
		func(t *testing.T, h *house) { h.operators(t); h.weigh(t) },
	}
	var want string
	for turn, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 3, 1}, {1, 4, 0, 3, 2}, {0, 4, 2, 3, 1}} {
		h := newHouse(t)
		for _, n := range order {
			steps[n](t, h)
		}
		got := h.queue(t)
		if turn == 0 {
			want = short(got)
			var novelties []string
			for _, l := range got {
				novelties = append(novelties, string(l.Novelty))
			}
			if diff := cmp.Diff([]string{"near", "listed", "listed"}, novelties); diff != "" {
				t.Fatalf("the queue:\n%s", diff)
			}
			continue
		}
		if diff := cmp.Diff(want, short(got)); diff != "" {
			t.Errorf("order %v:\n%s", order, diff)
		}
	}
}

// short is what counts in a queue.
func short(leads []casework.Lead) (out string) {
	for _, l := range leads {
		out += fmt.Sprintf("%s %s %s %s %s\n", l.ID, l.Finding.Observation.Endpoint, l.Novelty, l.Content, l.SortKey)
		for _, m := range l.Listed {
			out += "  " + m.Sentence + " " + m.Value + "\n"
		}
	}
	return out
}

// A trace and the queue never tell two stories: the lists that a trace names for
// the content are those on which its lead rests.
func TestTraceAndLeadRestOnTheSameLists(t *testing.T) {
	h := newHouse(t)
	h.operators(t)
	h.list(t, "known", "list.csv", plain(md5of("b"), sha256of("b")))
	h.handIn(t, "a.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"), pdq(0))+observed(2, "198.51.100.2", md5of("b"), pdq(9))))
	names := func(ms []hashset.Match) (out []string) {
		for _, m := range ms {
			out = append(out, m.Sentence)
		}
		slices.Sort(out)
		return out
	}
	got := h.trace(t, md5of("a"))
	at := slices.IndexFunc(got.Leads, func(l casework.Lead) bool { return l.Finding.Observation.Endpoint.IP.String() == "198.51.100.1" })
	if at < 0 || len(got.Family[0].Listed) == 0 {
		t.Fatalf("leads %s", short(got.Leads))
	}
	if diff := cmp.Diff(names(got.Family[0].Listed), names(got.Leads[at].Listed)); diff != "" {
		t.Errorf("trace (-) and lead (+):\n%s", diff)
	}
}
