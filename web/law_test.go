package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"suraag/casework/pack"
	"suraag/people"
)

// A review is of the very text that was read, in the name of whoever is signed in,
// and by those who answer for what leaves the unit.
func TestAPackIsReviewedOnItsPage(t *testing.T) {
	h := newHouse(t)
	p := h.desk.packs[1]
	path := "/pack/" + p.ID
	page := h.get(people.Supervisor, path).Body.String()
	for _, words := range []string{p.SHA256, "No letter can be made from it", p.Instruments[0].LegalBasis, "Verify:"} {
		if !strings.Contains(page, words) && !strings.Contains(page, strings.ReplaceAll(words, "&", "&amp;")) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if body := h.get(people.Officer, path).Body.String(); strings.Contains(body, "Record the review") {
		t.Error("an officer is offered to review")
	}
	for name, c := range map[string]struct {
		fields url.Values
		want   int
	}{
		"without the text that was read": {url.Values{"note": {"compared with the Gazette"}, "compared": {"yes"}}, 400},
		"without a word on comparing":    {url.Values{"note": {"compared with the Gazette"}, "shown": {p.SHA256}}, 400},
		"whole":                          {url.Values{"note": {"compared with the Gazette"}, "shown": {p.SHA256}, "compared": {"yes"}, "by": {"another"}}, 303},
	} {
		if w := h.post(people.Supervisor, path, path, c.fields); w.Code != c.want {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if want := p.ID + " " + p.SHA256 + " SI S. Example (supervisor): compared with the Gazette"; len(h.desk.reviewed) != 1 || h.desk.reviewed[0] != want {
		t.Errorf("reviewed: %q", h.desk.reviewed)
	}
	if w := h.get(people.Supervisor, "/pack/nowhere"); w.Code != http.StatusNotFound {
		t.Errorf("a pack that is none: %d", w.Code)
	}
}

// Whoever reviews a pack stands for all of it, so its page leaves no word out.
func TestAPackIsShownWhole(t *testing.T) {
	h := newHouse(t)
	n := 0
	for _, p := range h.desk.packs {
		shown := words(parse(t, h.get(people.Supervisor, "/pack/"+p.ID).Body.String()))
		var walk func(v reflect.Value, at string)
		walk = func(v reflect.Value, at string) {
			if d, is := v.Interface().(pack.Day); is {
				if n++; !d.IsZero() && !strings.Contains(shown, d.String()) {
					t.Errorf("pack %s does not show %s: %s", p.ID, at, d)
				}
				return
			}
			switch v.Kind() {
			case reflect.Struct:
				for i := range v.NumField() {
					walk(v.Field(i), at+"."+v.Type().Field(i).Name)
				}
			case reflect.Slice:
				for i := range v.Len() {
					walk(v.Index(i), at)
				}
			case reflect.String:
				text := strings.Join(strings.Fields(v.String()), " ")
				if n++; !strings.Contains(shown, text) && !strings.HasSuffix(at, ".Verified") {
					t.Errorf("pack %s does not show %s: %q", p.ID, at, text)
				}
			case reflect.Int, reflect.Uint32:
				if n++; !v.IsZero() && !strings.Contains(shown, fmt.Sprint(v.Interface())) {
					t.Errorf("pack %s does not show %s: %v", p.ID, at, v.Interface())
				}
			}
		}
		for _, part := range []any{p.Title, p.Expires, p.ReviewDays, p.Jurisdiction, p.Instruments, p.Addressees, p.Clocks, p.SHA256} {
			walk(reflect.ValueOf(part), "pack")
		}
	}
	if n < 300 {
		t.Errorf("only %d values were looked for", n)
	}
}

// An error is entered by a person, and that somebody was told too.
func TestCorrectionsOnTheirPage(t *testing.T) {
	h := newHouse(t)
	c := h.desk.register[0]
	page := h.get(people.Officer, "/corrections").Body.String()
	for _, words := range []string{"Not told yet", c.Recipients[0].Name, "2 corrections are of cases that you are not on", "Taken out by Third Officer on ", c.Taken[0].SHA256, "tell whoever was given it."} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	enter := func(fields url.Values) *httptest.ResponseRecorder {
		return h.post(people.Officer, "/corrections", "/corrections", fields)
	}
	subject := h.desk.sources[0].ID
	for name, x := range map[string]struct {
		fields url.Values
		want   int
	}{
		"no kind":      {url.Values{"subject": {subject}, "reason": {"the time of another file"}}, 400},
		"another kind": {url.Values{"subject": {subject}, "class": {"weather"}, "reason": {"the time of another file"}}, 400},
		"endless":      {url.Values{"subject": {subject}, "class": {"time"}, "reason": {strings.Repeat("x", 5000)}}, 413},
		"whole":        {url.Values{"subject": {subject}, "class": {"time"}, "reason": {"the time of another file"}, "by": {"another"}}, 303},
	} {
		if w := enter(x.fields); w.Code != x.want {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if len(h.desk.entered) != 1 || h.desk.entered[0].By != "SI O. Example (officer)" || h.desk.entered[0].Subject != subject {
		t.Errorf("entered: %+v", h.desk.entered)
	}
	to := "/correction/" + c.ID
	if w := h.post(people.Officer, "/corrections", to, url.Values{"request": {c.Recipients[0].Request}, "on": {"2025-03-11"}}); w.Code != http.StatusSeeOther {
		t.Errorf("told: %d %s", w.Code, w.Body)
	}
	if w := h.post(people.Officer, "/corrections", to, url.Values{"request": {c.Recipients[0].Request}, "on": {"yesterday"}}); w.Code != http.StatusBadRequest {
		t.Errorf("told on no day: %d", w.Code)
	}
	if len(h.desk.told) != 1 || !strings.HasSuffix(h.desk.told[0], " SI O. Example (officer) 2025-03-11") {
		t.Errorf("told: %q", h.desk.told)
	}
}
