package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"suraag/casework/legal"
)

func post(path string, fields url.Values) *http.Request {
	r := request("POST", path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// Rule R1: no page has a field into which an address, a port or a time of an
// observation could be typed.
func TestNoFieldForAddressOrTime(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	known := []string{"instrument", "by", "law", "unit", "officer", "rank", "email", "case", "offence", // who asks, and with which instrument
		"exhibit", "compared", "words", "on", "sources", "target", "zone"} // steps; "on" is the day of sending
	for _, path := range []string{"/lead/" + d.leads[0].ID + "/draft", "/request/" + d.demands[0].ID, "/request/" + d.demands[1].ID} {
		for n := range parse(t, get(h, path).Body.String()).Descendants() {
			if n.Type == html.ElementNode && slices.Contains([]string{"input", "select", "textarea"}, n.Data) && !slices.Contains(known, attr(n, "name")) {
				t.Errorf("%s has the field %q", path, attr(n, "name"))
			}
		}
	}
}

// The exhibit stands beside the demand, with both times, and says with which bytes
// it was compared.
func TestRequestBesideItsExhibit(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	doc := parse(t, get(h, "/request/"+d.demands[0].ID).Body.String())
	said := words(doc)
	for _, want := range []string{"198.51.100.77", "51602", "28 February 2025 18:45:10 UTC", "1 March 2025 00:15:10 IST", `198.51.100.77 \xff\u202e\u0000`, d.demands[0].Draft.Exhibit.SHA256, "Counsel must approve", "First Officer drafted it and cannot approve it"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q:\n%s", want, said)
		}
	}
	answered := words(parse(t, get(h, "/request/"+d.demands[1].ID).Body.String()))
	for _, want := range []string{"in quarantine", "51602 51603", "the answer is about another port", "R5: 1 of 1 rows differ", "Release"} {
		if !strings.Contains(answered, want) {
			t.Errorf("the page of the answer lacks %q", want)
		}
	}
}

func TestSteps(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	id := d.demands[0].ID
	approve := url.Values{"by": {"SI B. Second"}, "exhibit": {d.demands[0].Draft.Exhibit.SHA256}, "compared": {"yes"}}
	without := func(name string) url.Values {
		v := url.Values{}
		for k, x := range approve {
			if k != name {
				v[k] = x
			}
		}
		return v
	}
	for _, c := range []struct {
		name, step string
		fields     url.Values
		want       int
		holds      string
	}{
		{"without a name", "approve", without("by"), 400, "obody is named"},
		{"without comparing", "approve", without("compared"), 400, "stated that the demand was compared"},
		{"approved", "approve", approve, 303, ""},
		{"a day that is none", "sent", url.Values{"by": {"x"}, "words": {"portal"}, "on": {"31/02/2025"}}, 400, "is not like"},
		{"a step that nobody knows", "delete", url.Values{"by": {"x"}}, 404, ""},
		{"a reply", "reply", url.Values{"by": {"SI A"}, "sources": {" abcdef  fedcba "}}, 303, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(h, post("/request/"+id+"/"+c.step, c.fields))
			if w.Code != c.want || !strings.Contains(w.Body.String(), c.holds) {
				t.Errorf("%d: %s", w.Code, w.Body)
			}
		})
	}
	if len(d.acts) != 2 || d.acts[0].What != "approve" || d.acts[0].Exhibit != approve.Get("exhibit") || !slices.Equal(d.acts[1].Sources, []string{"abcdef", "fedcba"}) {
		t.Errorf("steps %+v", d.acts)
	}
	foreign := post("/request/"+id+"/approve", approve)
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := ask(h, foreign); w.Code != 403 {
		t.Errorf("a page of another site approves: %d", w.Code)
	}
	if w := get(h, "/request/"+id+"?done=Approved+by+counsel"); strings.Contains(w.Body.String(), "Approved by counsel") {
		t.Error("an address brings words of its own onto the page")
	}
	if w := get(h, "/request/"+id+"?done=approve"); !strings.Contains(w.Body.String(), "It is approved.") {
		t.Error("what was done is not said")
	}
}

func TestDraftPage(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	path := "/lead/" + d.leads[0].ID + "/draft"
	fields := url.Values{"instrument": {"in-bnss94"}, "by": {"SI A"}, "law": {"IN"}, "unit": {"Cell"}, "officer": {"SI A"}, "case": {"FIR 1/2025"}, "offence": {"67B"}}
	if w := ask(h, post(path, fields)); w.Code != 303 || w.Header().Get("Location") != "/request/"+d.demands[0].ID {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	if x := d.drafts[0]; x.Instrument != "in-bnss94" || x.Office.Case != "FIR 1/2025" || x.By != "SI A" {
		t.Errorf("%+v", x)
	}
	if w := ask(h, post(path, url.Values{"by": {"SI A"}})); w.Code != 400 {
		t.Errorf("without an instrument: %d", w.Code)
	}
	d.refusals = []legal.Refusal{{Rule: "R8", Sentence: "No source port is stated.", Citation: "RFC 6302", Missing: "the source port"}}
	w := ask(h, post(path, fields))
	if body := w.Body.String(); w.Code != 403 || !strings.Contains(body, "No source port is stated.") || !strings.Contains(body, `value="FIR 1/2025"`) || strings.Contains(body, "The unit is not stated.") {
		t.Errorf("a refusal: %d %s", w.Code, body)
	}
}

func TestPaperAndCalendar(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	for name, kind := range map[string]string{
		"letter.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "letter.pdf": "application/pdf", "note.pdf": "application/pdf", "note.exe": "",
	} {
		w := get(h, "/request/"+d.demands[0].ID+"/"+name)
		if kind == "" {
			if w.Code != 404 {
				t.Errorf("%s: %d", name, w.Code)
			}
			continue
		}
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || w.Body.String() != name {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	w := get(h, "/clocks.ics")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/calendar") || !strings.HasPrefix(w.Body.String(), "BEGIN:VCALENDAR\r\n") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// What is due within two weeks stands among the leads.
func TestRemindersAmongTheLeads(t *testing.T) {
	d := newDesk(t, plainWords)
	d.clocks = []legal.Clock{
		{Request: d.demands[0].ID, Kind: legal.ReplyDue, Due: now().AddDate(0, 0, 3), Words: "Soon."},
		{Request: d.demands[0].ID, Kind: legal.RenewBy, Due: now().AddDate(0, 0, -3), Words: "Late.", Past: true},
		{Request: d.demands[0].ID, Kind: legal.LogsEnd, Due: now().AddDate(0, 0, 90), Words: "Far."},
	}
	body := get(handler(t, d), "/leads").Body.String()
	if !strings.Contains(body, "Soon.") || !strings.Contains(body, "Late.") || strings.Contains(body, "Far.") {
		t.Errorf("reminders: %s", body)
	}
}
