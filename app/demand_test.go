package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"suraag/casework"
	"suraag/custody"
)

// Who broke the glass reads. Demands are drafted, approved and sent by those who
// are on the case, and by none of them on rows that they may not see.
func TestWhoMayDemand(t *testing.T) {
	data := exampleRecord(t)
	all := decoded[[]custody.Source](t, string(ask(t, data, "source", "list")))
	named := func(name string) custody.Source {
		return all[slices.IndexFunc(all, func(s custody.Source) bool { return s.Name == name })]
	}
	tip, rows := named("cybertip_100000001.json"), named("example-mobile_nat.csv")
	var lead casework.Lead // of the tip, resolved by the operator's rows
	for _, l := range decoded[[]casework.Lead](t, string(ask(t, data, "lead", "list", "--limit", "0"))) {
		if l.Source == tip.ID && slices.Contains(l.Sources(), rows.ID) {
			lead = l
		}
	}
	if lead.ID == "" {
		t.Fatal("no lead of the tip rests on the operator's rows; the example changed")
	}
	s := serve(t, data, "--sign-in")
	mine, both, boss := s.invited("a", "officer"), s.invited("both", "officer"), s.invited("s", "supervisor")
	for number, login := range map[string]string{"FIR A": "a", "FIR B": "both"} {
		ask(t, data, "case", "new", number, "--title", "Title of "+number, "--station", "Station of "+number, "--charge", login)
		ask(t, data, "case", "add", number, "--member", "both")
	}
	ask(t, data, "case", "add", "FIR A", tip.ID)
	ask(t, data, "case", "add", "FIR B", rows.ID)
	request := ask(t, data, "request", "draft", lead.ID, "--instrument", "in-preserve", "--unit", "PS Cyber Cell", "--officer", "A. Example", "--rank", "SI", "--email", "a@example.org", "--case", "FIR A", "--offence", "section 67B, IT Act 2000")
	id := regexp.MustCompile(`"id": "([0-9a-f]+)"`).FindStringSubmatch(string(request))
	if id == nil {
		t.Fatalf("no request: %s", request)
	}
	enter := func(v visitor, number, do string) {
		t.Helper()
		c := regexp.MustCompile(`(/case/[0-9a-f]{32})(?:/open)?">` + number).FindStringSubmatch(body(v, "/cases"))[1]
		if code, shown := v.send(c+"/open", c+"/open", url.Values{"purpose": {"A child may be in danger now"}, "do": {do}, "to": {"/cases"}}); code != http.StatusOK {
			t.Fatalf("%s: %d %.300s", do, code, shown)
		}
	}
	enter(mine, "FIR A", "open")
	enter(both, "FIR A", "open")
	enter(both, "FIR B", "open")
	enter(boss, "FIR A", "break")
	draft := "/lead/" + lead.ID + "/draft"
	page := "/request/" + id[1]
	for _, path := range []string{"/lead/" + lead.ID, page} {
		if code, shown := boss.get(path); code != http.StatusOK {
			t.Errorf("who broke the glass reads %s: %d %.300s", path, code, shown)
		}
	}
	if code, shown := boss.get(draft); code != http.StatusForbidden || !strings.Contains(shown, "may not demand on") || !strings.Contains(shown, "Station of FIR A") {
		t.Errorf("who broke the glass drafts: %d %.400s", code, shown)
	}
	for _, step := range []string{"approve", "refuse", "withdraw", "sent"} {
		_, shown := boss.get("/cases")
		mark := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(shown)
		r, err := boss.client.PostForm(boss.base+page+"/"+step, url.Values{"form": {mark[1]}, "compared": {"yes"}, "words": {"words"}})
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusForbidden {
			t.Errorf("who broke the glass takes the step %q: %d", step, r.StatusCode)
		}
	}
	if code, shown := both.get(draft); code != http.StatusOK || !strings.Contains(shown, "in-preserve") {
		t.Errorf("who is on both cases: %d %.300s", code, shown)
	}
	// What the rows resolve is not for who may not see them to demand on, and whom to
	// ask is said.
	if code, shown := mine.get(draft); code != http.StatusForbidden || !strings.Contains(shown, "in cases which you are not on") || !strings.Contains(shown, "Station of FIR B") || strings.Contains(shown, rows.Name) {
		t.Errorf("a lead that rests on hidden rows: %d %.600s", code, shown)
	}
}
