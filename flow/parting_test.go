package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"suraag/actor"
	"suraag/fault"
	"suraag/sighting"
)

// TestPersonsWordOnIdentifiers: what records state together a person can part, and
// put together again; both ways the trace says who and why, and nothing else moves.
func TestPersonsWordOnIdentifiers(t *testing.T) {
	h := newHouse(t)
	line := func(day int, account string) string {
		_, value, _ := strings.Cut(md5of("a"), ":")
		return fmt.Sprintf(`{"observed_at":"2025-03-%02dT10:00:00Z","act":"upload","who":["%s","phone:+910000000001"],"md5":"%s"}`+"\n", day, account, value)
	}
	h.handIn(t, "seen.jsonl", []byte(line(1, "account:example social:1")+line(2, "account:example chat:2")))
	one, other := identifierOf(t, "account:example chat:2"), identifierOf(t, "phone:+910000000001")
	groups := func() (out []string) {
		for _, a := range h.trace(t, md5of("a")).Actors {
			var ids []string
			for _, i := range a.Identifiers {
				ids = append(ids, i.String())
			}
			line := strings.Join(ids, " ")
			for _, u := range a.Parted {
				line += " (" + u.Reason + ")"
			}
			out = append(out, line)
		}
		return out
	}
	if got := groups(); len(got) != 1 {
		t.Fatalf("before any word: %q", got)
	}
	w, err := h.PartIdentifiers(ctx, one, other, "Inspector A", "the number was given out anew")
	if err != nil {
		t.Fatal(err)
	}
	got := groups()
	if len(got) != 2 || !strings.Contains(got[0]+got[1], "the number was given out anew (Inspector A") {
		t.Errorf("held apart: %q", got)
	}
	if _, err := h.PartIdentifiers(ctx, other, one, "Inspector B", "once more"); !fault.Is(err, fault.Conflict) {
		t.Errorf("held apart twice: %v", err)
	}
	if _, err := h.PartIdentifiers(ctx, one, identifierOf(t, "phone:+910000000009"), "Inspector B", "mistyped"); !fault.Is(err, fault.NotFound) {
		t.Errorf("what nobody states: %v", err)
	}
	// Whoever sees neither document parts nothing, and takes nothing back.
	blind := h.For(some{h.sourceOf(t, "seen.jsonl"): true})
	if _, err := blind.PartIdentifiers(ctx, one, identifierOf(t, "account:example social:1"), "Inspector B", "unseen"); !fault.Is(err, fault.NotFound) {
		t.Errorf("of what is hidden: %v", err)
	}
	if _, err := blind.TakeBackParting(ctx, w.ID, "Inspector B", "unseen"); !fault.Is(err, fault.NotFound) {
		t.Errorf("taking back what is hidden: %v", err)
	}
	if _, err := h.TakeBackParting(ctx, w.ID[:8], "Inspector B", "it was not"); err != nil {
		t.Fatal(err)
	}
	if got := groups(); len(got) != 1 || strings.Contains(got[0], "(") {
		t.Errorf("after it was taken back: %q", got)
	}
	all, err := h.Record.Partings(ctx)
	if err != nil || len(all) != 1 || all[0].UndoneBy != "Inspector B" || len(actor.Undos(all)) != 0 {
		t.Errorf("the word does not stay: %+v, %v", all, err)
	}
}

func identifierOf(t *testing.T, text string) sighting.Identifier {
	t.Helper()
	i, err := sighting.ParseIdentifier(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (h *house) sourceOf(t *testing.T, name string) string {
	t.Helper()
	all, err := h.Record.Sources(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Name == name {
			return s.ID
		}
	}
	t.Fatalf("no source %q", name)
	return ""
}
