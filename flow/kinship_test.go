package flow_test

import (
	"slices"
	"strings"
	"testing"

	"suraag/casework"
	"suraag/digest"
	"suraag/fault"
)

func parsed(t *testing.T, text string) digest.Digest {
	t.Helper()
	d, err := digest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Two strangers who both lie near a third are not joined by it: no chain of weak edges makes a family.
func TestWeakEdgesDoNotChain(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("left"), pdq(0))+observed(2, "198.51.100.2", md5of("between"), pdq(30))+observed(3, "198.51.100.3", md5of("right"), pdq(60))))
	for _, tt := range []struct {
		of   string
		want []int
	}{{"left", []int{30}}, {"between", []int{30, 30}}, {"right", []int{30}}} {
		var got []int
		for _, c := range h.trace(t, md5of(tt.of)).Family[1:] {
			got = append(got, c.Distance)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("near copies of %s lie at %v, want %v", tt.of, got, tt.want)
		}
	}
}

// A person may part what looks alike and join what does not; each word has its author and reason, has its effect
// on lists too, and can be taken back.
func TestPersonsWordOnAFamily(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"), pdq(0))+observed(2, "198.51.100.2", md5of("alike"), pdq(9))+observed(3, "198.51.100.3", md5of("half"), pdq(200))))
	h.list(t, "known", "list.csv", plain(md5of("alike"), pdq(9)))
	relations := func(of string) (out []string) {
		for _, c := range h.trace(t, md5of(of)).Family[1:] {
			out = append(out, string(c.Relation))
		}
		return out
	}
	if got := relations("a"); !slices.Equal(got, []string{"near"}) || len(listed(h.trace(t, md5of("a")))) == 0 {
		t.Fatalf("before any word: %v", got)
	}
	apart, err := h.DecideKinship(ctx, casework.Apart, parsed(t, md5of("alike")), parsed(t, md5of("a")), "Inspector A", "another child")
	if err != nil {
		t.Fatal(err)
	}
	got := h.trace(t, md5of("a"))
	if len(got.Family) != 1 || len(listed(got)) != 0 || len(relations("alike")) != 0 {
		t.Errorf("held apart: %s", words(t, got.Family))
	}
	if !slices.ContainsFunc(got.NotKnown, func(s string) bool {
		return strings.Contains(s, `Inspector A held it apart`) && strings.Contains(s, "another child")
	}) {
		t.Errorf("it is not told: %q", got.NotKnown)
	}
	if _, err := h.DecideKinship(ctx, casework.Together, parsed(t, md5of("a")), parsed(t, md5of("half")), "Inspector B", "the left half"); err != nil {
		t.Fatal(err)
	}
	if got := relations("half"); !slices.Equal(got, []string{"joined"}) {
		t.Errorf("held together: %v", got)
	}
	if c := h.trace(t, md5of("a")).Family[1]; !strings.Contains(c.Sentence, `Inspector B`) || !strings.Contains(c.Sentence, "the left half") {
		t.Errorf("%s", words(t, c))
	}
	if _, err := h.UndoKinship(ctx, apart.ID[:8], "Inspector B", "the same after all"); err != nil {
		t.Fatal(err)
	}
	if got := relations("a"); !slices.Equal(got, []string{"near", "joined"}) {
		t.Errorf("after the undoing: %v", got)
	}
	all, err := h.db.Kinships(ctx)
	if err != nil || len(all) != 2 || all[0].By != "Inspector A" || all[0].UndoneBy != "Inspector B" {
		t.Errorf("%v %s", err, words(t, all))
	}
	if _, err := h.UndoKinship(ctx, apart.ID, "Inspector B", "again"); !fault.Is(err, fault.Conflict) {
		t.Errorf("undone twice: %v", err)
	}
}

func TestWordsThatAreRefused(t *testing.T) {
	h := newHouse(t)
	h.handIn(t, "seen.jsonl", []byte(observed(1, "198.51.100.1", md5of("a"), pdq(0))+observed(2, "198.51.100.2", md5of("b"), pdq(9))))
	for name, tt := range map[string]struct {
		kind, a, b, by, why string
		want                fault.Kind
	}{
		"without a reason": {casework.Apart, md5of("a"), md5of("b"), "A", " ", fault.Invalid},
		"by nobody":        {casework.Apart, md5of("a"), md5of("b"), "", "why", fault.Invalid},
		"of itself":        {casework.Apart, md5of("a"), md5of("a"), "A", "why", fault.Invalid},
		"of a near value":  {casework.Apart, md5of("a"), pdq(9), "A", "why", fault.Invalid},
		"another word":     {"cousins", md5of("a"), md5of("b"), "A", "why", fault.Invalid},
		"of a stranger":    {casework.Apart, md5of("a"), md5of("never seen"), "A", "why", fault.NotFound},
	} {
		if _, err := h.DecideKinship(ctx, tt.kind, parsed(t, tt.a), parsed(t, tt.b), tt.by, tt.why); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v, want kind %v", name, err, tt.want)
		}
	}
}
