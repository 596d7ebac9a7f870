package app_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"suraag/custody"
)

// A pack is reviewed on its page by who answers for it; the register of errors stays
// within the wall.
func TestLawOnPages(t *testing.T) {
	data := exampleRecord(t)
	all := decoded[[]custody.Source](t, string(ask(t, data, "source", "list")))
	tip := all[slices.IndexFunc(all, func(s custody.Source) bool { return s.Name == "cybertip_100000001.json" })]
	s := serve(t, data, "--sign-in")
	a, other, boss := s.invited("a", "officer"), s.invited("b", "officer"), s.invited("s", "supervisor")
	ask(t, data, "case", "new", "FIR A", "--title", "Title of FIR A", "--station", "Station of FIR A", "--charge", "a")
	ask(t, data, "case", "add", "FIR A", tip.ID)

	if code, shown := boss.get("/pack/uk"); code != http.StatusOK || !strings.Contains(shown, "reviewed by nobody") {
		t.Fatalf("%d %.300s", code, shown)
	}
	if code, shown := boss.send("/pack/uk", "/pack/uk", url.Values{"note": {"compared with the statute"}, "compared": {"yes"}}); code != http.StatusOK || !strings.Contains(shown, "Last reviewed by SI s (s)") {
		t.Errorf("reviewed: %d %.400s", code, shown)
	}
	if out := must(t, data, "log", "show", "--last", "0"); !strings.Contains(out, "pack reviewed") {
		t.Errorf("the review is not logged: %s", out)
	}

	enter := func(v visitor, subject string) (int, string) {
		return v.send("/corrections", "/corrections", url.Values{"subject": {subject}, "class": {"time"}, "reason": {"the service sent the time of another file"}})
	}
	if code, shown := enter(other, tip.ID); code == http.StatusOK || strings.Contains(shown, tip.Name) {
		t.Errorf("who is not on the case enters an error: %d %.300s", code, shown)
	}
	if code, _ := enter(other, strings.Repeat("ab", 32)); code != http.StatusNotFound {
		t.Errorf("an error of nothing: %d", code)
	}
	if code, _ := enter(a, tip.ID); code != http.StatusForbidden {
		t.Errorf("without a purpose: %d", code)
	}
	_, shown := a.get("/source/" + tip.ID)
	if code, shown := a.send("/source/"+tip.ID, formTo(shown), url.Values{"purpose": {"The service corrected itself"}, "do": {"open"}}); code != http.StatusOK {
		t.Fatalf("%d %.300s", code, shown)
	}
	ask(t, data, "case", "new", "FIR B", "--title", "Title of FIR B", "--station", "Station of FIR B", "--charge", "b")
	// It was taken out about something that nobody on the case has to know of.
	dir := t.TempDir()
	must(t, data, "export", "bundle", "sha1:"+strings.Repeat("00", 20), "-o", filepath.Join(dir, "nothing.zip"))
	must(t, data, "export", "bundle", "FIR A", "-o", filepath.Join(dir, "case.zip"))
	if code, shown := enter(a, tip.ID); code != http.StatusOK || strings.Count(shown, "Taken out by ") != 1 || !strings.Contains(shown, "something of another case (suraag bundle 1), SHA-256 ") {
		t.Errorf("what was taken out, to who may not see all of it: %d %s", code, shown)
	}
	if code, shown := a.get("/corrections"); code != http.StatusOK || !strings.Contains(shown, "the time of another file") || !strings.Contains(shown, "SI a (a)") {
		t.Errorf("who is on it: %d %.400s", code, shown)
	}
	if _, shown := other.get("/corrections"); strings.Contains(shown, "the time of another file") || !strings.Contains(shown, "1 correction is of cases that you are not on") {
		t.Errorf("who is not on it reads the register: %s", shown)
	}
}
