package flow_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suraag/casework/complaint"
	"suraag/custody"
	"suraag/custody/retain"
	"suraag/fault"
	"suraag/flow"
	"suraag/store/pgtest"
)

// keepFor are rules that let everything go after 30 days.
func keepFor(t *testing.T) []retain.Rule {
	t.Helper()
	var b strings.Builder
	for _, k := range retain.Kinds() {
		fmt.Fprintf(&b, "%s,30,the day,House rule,,2025-03-01\n", k)
	}
	return sure(retain.Read(strings.NewReader(b.String())))(t)
}

// sure gives the value of a call that has to succeed.
func sure[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// p2p is a log whose rows are all of one grade, about a content of its own.
func p2p(grade, name string) []byte {
	return fmt.Appendf(nil, "observed_at,act,ip,port,who,network,file_name,grade\n2025-02-01T10:00:00Z,offer,192.0.2.7,1024,account:example:%s,BitTorrent,%s.jpg,%s\n", name, name, grade)
}

func (h *house) differences(t *testing.T) string {
	t.Helper()
	v, err := h.Verify(ctx, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range v.Differences {
		out = append(out, fmt.Sprintf("%s %s %s: %s", d.Table, d.Source, d.Record, d.What))
	}
	return strings.Join(out, "\n")
}

func (h *house) later(days int) {
	now := h.Now().AddDate(0, 0, days)
	h.House.Now = func() time.Time { return now }
}

func onBoth(t *testing.T, test func(*testing.T, *house)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newHouse(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, houseOn(t, pgtest.Start(t).New(t))) })
}

// A document on which nothing rests goes with all that came of it, by two people.
// What a lead or a live list rests on stays, and verify knows the difference.
func TestIdleSourcesGoByTwoPeople(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.operators(t)
		h.list(t, "known", "vics_2_0_hashset.json", sample(t, "vics_2_0_hashset.json"))
		led := h.handIn(t, "cybertip.json", sample(t, "cybertip_100000001.json"))
		listed := h.handIn(t, "listed.csv", p2p("G0", "one"))
		idle := h.handIn(t, "seen.csv", p2p("G3", "two"))
		leads := words(t, h.queue(t))
		if found := h.differences(t); found != "" {
			t.Fatal(found)
		}
		rules := keepFor(t)
		if due := sure(h.Due(ctx, rules))(t); len(due) != 0 {
			t.Fatalf("due on the first day: %+v", due)
		}
		h.later(31)
		due := sure(h.Due(ctx, rules))(t)
		if len(due) != 2 || due[0].ID != listed.ID || due[0].Kind != retain.Listing || due[1].ID != idle.ID || due[1].Kind != retain.Source {
			t.Fatalf("due: %+v (the source of a lead is %s)", due, led.ID)
		}
		if went := sure(h.Erase(ctx, rules, "", "officer two"))(t); len(went) != 0 {
			t.Fatalf("originals went without a proposal: %+v", went)
		}
		p := sure(h.ProposeErasure(ctx, rules, "officer one", "order 1/2025"))(t)
		if _, err := h.Erase(ctx, rules, p.ID, " Officer One"); !fault.Is(err, fault.Denied) {
			t.Errorf("the same person twice: %v", err)
		}
		if went := sure(h.Erase(ctx, rules, p.ID, "officer two"))(t); len(went) != 2 {
			t.Fatalf("went: %+v", went)
		}
		h.weigh(t)
		if found := h.differences(t); found != "" {
			t.Errorf("after a lawful erasure verify says: %s", found)
		}
		for _, id := range []string{listed.ID, idle.ID} {
			if _, err := h.Originals.Open(id); !fault.Is(err, fault.NotFound) {
				t.Errorf("the bytes of %s are still there: %v", id, err)
			}
			if _, err := h.db.Source(ctx, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("the record still has %s: %v", id, err)
			}
			if _, there, err := h.db.LatestEntry(ctx, custody.Erased, id); !there || err != nil {
				t.Errorf("the erasure of %s is not logged: %v", id, err)
			}
		}
		if after := words(t, h.queue(t)); after != leads {
			t.Errorf("leads changed:\n%s\n%s", leads, after)
		}
		if _, err := h.Erase(ctx, rules, p.ID, "officer two"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a proposal that was done: %v", err)
		}
	})
}

// Who takes a source out of the record without the log saying so is found, and so
// are bytes that a death in the middle of an erasure left behind; the next run
// removes these.
func TestErasureIsToldFromTampering(t *testing.T) {
	h := newHouse(t)
	idle := h.handIn(t, "seen.csv", p2p("G3", "two"))
	body := p2p("G3", "three")
	again := h.handIn(t, "again.csv", body)
	for _, text := range []string{`DELETE FROM sighting_identifier`, `DELETE FROM identifier`, `DELETE FROM sighting`, `DELETE FROM thing_digest`, `DELETE FROM thing`, `DELETE FROM handin`, `DELETE FROM source`} {
		if _, err := h.db.DB.ExecContext(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Originals.Remove(idle.ID); err != nil {
		t.Fatal(err)
	}
	if found := h.differences(t); !strings.Contains(found, "source  "+idle.ID+": it was handed in, and is neither in the record nor erased") {
		t.Errorf("a source that was taken out: %s", found)
	}

	h = newHouse(t)
	again = h.handIn(t, "again.csv", body)
	rules := keepFor(t)
	h.later(31)
	p := sure(h.ProposeErasure(ctx, rules, "officer one", "order 1/2025"))(t)
	sure(h.Erase(ctx, rules, p.ID, "officer two"))(t)
	left := filepath.Join(h.dir, again.ID[:2], again.ID)
	if err := os.WriteFile(left, body, 0o400); err != nil {
		t.Fatal(err)
	}
	if found := h.differences(t); !strings.Contains(found, "was erased lawfully") {
		t.Errorf("bytes left behind: %s", found)
	}
	sure(h.Erase(ctx, rules, "", "officer two"))(t)
	if found := h.differences(t); found != "" {
		t.Errorf("after the next run: %s", found)
	}

	// The same bytes may come again: they are a new hand-in.
	if s, added, err := h.Receive(ctx, flow.HandIn{Name: "again.csv", BroughtBy: "officer", Authority: "FIR 2/2025"}, bytes.NewReader(body)); err != nil || !added || s.ID != again.ID {
		t.Errorf("handed in again: %v, %v", added, err)
	}
	h.settle(t)
	sure(h.Erase(ctx, rules, "", "officer two"))(t)
	if found := h.differences(t); found != "" {
		t.Errorf("after it came again: %s", found)
	}
}

// What is used after it was proposed stays.
func TestWhatIsUsedMeanwhileStays(t *testing.T) {
	h := newHouse(t)
	body := p2p("G3", "two")
	idle := h.handIn(t, "seen.csv", body)
	rules := keepFor(t)
	h.later(31)
	p := sure(h.ProposeErasure(ctx, rules, "officer one", "order 1/2025"))(t)
	if _, _, err := h.Receive(ctx, flow.HandIn{Name: "seen.csv", BroughtBy: "officer", Authority: "FIR 9/2025"}, bytes.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	if went := sure(h.Erase(ctx, rules, p.ID, "officer two"))(t); len(went) != 0 {
		t.Errorf("a source that was handed in again went: %+v", went)
	}
	if _, err := h.Originals.Open(idle.ID); err != nil {
		t.Error(err)
	}
}

// A list that was retracted goes; while a version of it stands, it stays.
func TestRetractedListsGo(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		s := h.list(t, "known", "vics_2_0_hashset.json", sample(t, "vics_2_0_hashset.json"))
		rules := keepFor(t)
		h.later(31)
		if due := sure(h.Due(ctx, rules))(t); len(due) != 0 {
			t.Fatalf("a live list is due: %+v", due)
		}
		if _, err := h.Retract(ctx, "known", "officer", "the giver withdrew it"); err != nil {
			t.Fatal(err)
		}
		h.settle(t)
		h.later(31)
		p := sure(h.ProposeErasure(ctx, rules, "officer one", "order 1/2025"))(t)
		if went := sure(h.Erase(ctx, rules, p.ID, "officer two"))(t); len(went) != 1 || went[0].ID != s.ID || went[0].Kind != retain.List {
			t.Fatalf("went: %+v", went)
		}
		h.weigh(t)
		if found := h.differences(t); found != "" {
			t.Error(found)
		}
	})
}

// Drafts, and victims of complaints that have ended, need no second person; the
// victim of an open complaint is never due.
func TestDraftsAndVictims(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		open := h.complain(t, func(*complaint.Form) {})
		closed := h.complain(t, func(f *complaint.Form) { f.Story = "Another one." })
		at := complainedAt.Add(time.Hour)
		if _, err := h.ReachStage(ctx, closed, complaint.Stage{Name: complaint.Closed, At: at, By: "officer", Reason: "no-offence", Words: "The person wrote it in play and says so."}); err != nil {
			t.Fatal(err)
		}
		ref := sure(h.db.Complaint(ctx, closed))(t).Form.Victim
		rules := keepFor(t)
		h.later(31)
		went := sure(h.Erase(ctx, rules, "", "officer"))(t)
		if len(went) != 1 || went[0].ID != ref || went[0].Kind != retain.Victim {
			t.Fatalf("went: %+v", went)
		}
		if _, err := h.ShowVictim(ctx, closed, "officer", "the court asks"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the victim that went: %v", err)
		}
		if _, err := h.ShowVictim(ctx, open, "officer", "the court asks"); err != nil {
			t.Errorf("the victim of the open complaint: %v", err)
		}
		if due := sure(h.Due(ctx, rules))(t); len(due) != 0 {
			t.Errorf("complaints are never due by a rule: %+v", due)
		}
		if found := h.differences(t); found != "" {
			t.Error(found)
		}
	})
}
