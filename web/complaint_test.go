package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	scripts "suraag/actor/script"
	"suraag/actor/series"
	"suraag/casework/complaint"
	"suraag/casework/figures"
	"suraag/fault"
	"suraag/web"
)

func complaintID(n int) string { return fmt.Sprintf("%064x", n) }

// complaintsFake is a small set of complaints.
type complaintsFake struct {
	taken   []complaint.Form
	victims []complaint.Victim
	stages  []complaint.Stage
	decided []series.Decision
	drafts  map[string]web.Draft
	shown   []string // why a victim was shown
	more    int      // complaints in the queue besides the two
}

func (c *complaintsFake) Tables() complaint.Tables {
	t, err := complaint.Shipped(time.UTC)
	if err != nil {
		panic(err)
	}
	return t
}

func waitingComplaint(n int) complaint.Waiting {
	f := complaint.Form{
		Number: fmt.Sprintf("DD %d/2025", n), Station: "Example Cyber Cell", District: "East", TakenBy: "officer one", Received: now().Add(-48 * time.Hour),
		Kinds: []string{"sextortion"}, Heads: []string{"it-67b"}, AgeBand: "12-16", Danger: []string{"deadline"},
		Accused: []complaint.Stated{{Kind: "phone", Value: "+910000000001"}, {Kind: "phone", Value: "12345"}},
	}
	w := complaint.Waiting{Entry: complaint.Entry{Source: complaintID(n), Form: f, Stages: []complaint.Stage{{Seq: 1, Name: complaint.Registered, At: now(), By: "officer one", Words: "FIR 12/2025"}}}, Series: "series-1", Others: 1}
	var tables complaintsFake
	w.Turn = complaint.Weigh(f, complaint.Known{Others: 1, TiedBy: "phone:+910000000001 ties them."}, tables.Tables())
	return w
}

func (c *complaintsFake) Queue(context.Context, bool) ([]complaint.Waiting, int, error) {
	queue := []complaint.Waiting{waitingComplaint(1), waitingComplaint(2)}
	for n := range c.more {
		queue = append(queue, waitingComplaint(3+n))
	}
	return queue, 3, nil
}

func tied() series.Tie {
	return series.Tie{A: complaintID(1), B: complaintID(2), Sort: series.ByIdentifier, On: "phone:+910000000001", Strength: series.Hard, In: 2, Of: 9, Reason: "Both name phone:+910000000001 for the one accused; it stands in 2 of 9 complaints."}
}

func (c *complaintsFake) Find(_ context.Context, id string) (web.Complained, error) {
	if id != complaintID(1) && id != complaintID(2) {
		return web.Complained{}, fault.Newf(fault.NotFound, "no complaint %q in the record", id)
	}
	return web.Complained{Waiting: waitingComplaint(1), May: true, Ties: []series.Tie{tied()}, Hidden: 2, Whom: []string{"Example West desk"}}, nil
}

func (c *complaintsFake) Take(_ context.Context, f complaint.Form, v complaint.Victim, _ string) (string, []complaint.Problem, error) {
	f.Victim, f.TakenBy = "victim-000102030405060708090a0b0c0d0e0f", "officer one"
	if wrong := f.Check(c.Tables()); len(wrong) > 0 {
		return "", wrong, nil
	}
	c.taken, c.victims = append(c.taken, f), append(c.victims, v)
	return complaintID(1), nil, nil
}

func (c *complaintsFake) Reach(_ context.Context, _ string, s complaint.Stage) error {
	c.stages = append(c.stages, s)
	return nil
}

func (c *complaintsFake) Victim(_ context.Context, _, why string) (complaint.Victim, error) {
	if why == "" {
		return complaint.Victim{}, fault.Newf(fault.Invalid, "no reason")
	}
	c.shown = append(c.shown, why)
	return complaint.Victim{Name: "Asha Example", Phone: "+910000000099"}, nil
}

func (c *complaintsFake) Series(context.Context) (series.Found, int, error) {
	f := series.Found{Result: series.Result{
		Series: []series.Series{{ID: "series-1", Complaints: []string{complaintID(1), complaintID(2)}, Ties: []series.Tie{tied()}, Contested: []string{"held apart"}, Sentence: "2 complaints are held to be of one someone."}},
		Hubs:   []series.Hub{{On: "phone:+910000001930", In: 7, Reason: "many people may share it"}},
	}}
	x := scripts.NewIndex()
	for n, sum := range []string{"5000", "9000"} {
		x.Add(scripts.Text{ID: fmt.Sprint(n), Within: fmt.Sprint(n), Words: "Tumhari photo maine save kar li hai agar " + sum + " rupaye abhi nahi bheje to ye photo sab ko bhej dunga <b>"})
	}
	f.Scripts = x.Clusters()
	return f, 1, nil
}

func (c *complaintsFake) Decide(_ context.Context, d series.Decision) error {
	c.decided = append(c.decided, d)
	return nil
}

func (c *complaintsFake) TakeBack(context.Context, string, string) error { return nil }

func (c *complaintsFake) Keep(_ context.Context, id string, d web.Draft) (string, error) {
	if id == "" {
		id = "d1"
	}
	if c.drafts == nil {
		c.drafts = map[string]web.Draft{}
	}
	c.drafts[id] = d
	return id, nil
}

func (c *complaintsFake) Draft(_ context.Context, id string) (web.Draft, error) {
	d, there := c.drafts[id]
	if !there {
		return d, fault.Newf(fault.NotFound, "no draft %q", id)
	}
	return d, nil
}

func (c *complaintsFake) Drafts(context.Context) (out []web.Kept, err error) {
	for id := range c.drafts {
		out = append(out, web.Kept{ID: id, At: now()})
	}
	return out, nil
}

func (c *complaintsFake) Drop(_ context.Context, id string) error { delete(c.drafts, id); return nil }

type figuresFake struct{}

func (figuresFake) Count(_ context.Context, q web.Count) (figures.Table, error) {
	w := waitingComplaint(1)
	return figures.Bureau([]complaint.Entry{w.Entry}, q.Rows, q.Period, (&complaintsFake{}).Tables())
}

func (figuresFake) Sheet(context.Context, web.Count, string) ([]byte, string, error) {
	return []byte("a,b\n"), "text/csv; charset=utf-8", nil
}

func postForm(h http.Handler, path string, v url.Values) (int, string, string) {
	r := request("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := ask(h, r)
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

func filled() url.Values {
	return url.Values{
		"do": {"take"}, "kinds": {"sextortion"}, "station": {"Example Cyber Cell"}, "district": {"East"}, "received": {"2025-03-01T10:00"}, "zone": {"Asia/Kolkata"},
		"age_band": {"12-16"}, "story": {"He asks for <money>."}, "id_kind": {"phone", "handle"}, "id_service": {"", "Example Social"}, "id_value": {"+910000000001", "@cool_boy"},
		"message_words": {"paise bhejo", ""}, "message_when": {"28/02/2025 11:45 pm", ""}, "message_service": {"Example Social", ""}, "victim_name": {"Asha Example"},
	}
}

func TestComplaintIsTaken(t *testing.T) {
	d := newDesk(t, plainWords)
	code, to, body := postForm(handler(t, d), "/complaint/new", filled())
	if code != http.StatusSeeOther || !strings.HasPrefix(to, "/complaint/"+complaintID(1)) {
		t.Fatalf("%d %q %s", code, to, body)
	}
	f := d.complaints.taken[0]
	if !f.Received.Equal(time.Date(2025, 3, 1, 4, 30, 0, 0, time.UTC)) || len(f.Accused) != 2 || len(f.Messages) != 1 || d.complaints.victims[0].Name != "Asha Example" {
		t.Errorf("%+v", f)
	}
}

// TestNothingTypedIsLost: a form that is refused, kept as a draft or made longer
// comes back with every word, and each problem stands beside its field.
func TestNothingTypedIsLost(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	v := filled()
	v.Set("station", "")
	v["id_value"] = []string{"12345", "@cool_boy"}
	code, _, body := postForm(h, "/complaint/new", v)
	for _, want := range []string{"Say which station took it.", "has 5 digits and no country", "He asks for &lt;money&gt;.", "@cool_boy", "Asha Example", "28/02/2025 11:45 pm"} {
		if !strings.Contains(body, want) {
			t.Errorf("%d: the form that was refused lacks %q", code, want)
		}
	}
	if code != http.StatusUnprocessableEntity || len(d.complaints.taken) != 0 {
		t.Errorf("%d, taken %d", code, len(d.complaints.taken))
	}
	v.Set("do", "more")
	if _, _, longer := postForm(h, "/complaint/new", v); strings.Count(longer, `name="id_value"`) <= strings.Count(body, `name="id_value"`) || !strings.Contains(longer, "@cool_boy") {
		t.Error("more rows were asked for")
	}
	v.Set("do", "draft")
	code, to, _ := postForm(h, "/complaint/new", v)
	if code != http.StatusSeeOther || !strings.Contains(to, "draft=d1") {
		t.Fatalf("%d %q", code, to)
	}
	if body := get(h, to).Body.String(); !strings.Contains(body, "@cool_boy") || !strings.Contains(body, "Asha Example") {
		t.Error("the draft lacks what was typed")
	}
	v = filled()
	v.Set("draft", "d1")
	if code, _, _ := postForm(h, "/complaint/new", v); code != http.StatusSeeOther || len(d.complaints.drafts) != 0 {
		t.Errorf("%d: a draft that was handed in is kept", code)
	}
}

// A long queue is shown in parts that together hold each complaint once.
func TestLongQueueOfComplaints(t *testing.T) {
	d := newDesk(t, plainWords)
	d.complaints.more = 450
	h := handler(t, d)
	seen, parts := map[string]bool{}, 0
	for next := "/complaints?all=yes"; next != ""; parts++ {
		body := get(h, next).Body.String()
		if parts > 0 && !strings.Contains(body, fmt.Sprintf(`start="%d"`, 200*parts+1)) {
			t.Errorf("%s: the numbers do not go on", next)
		}
		next = ""
		for _, to := range linksOf(t, body) {
			if id, is := strings.CutPrefix(to, "/complaint/"); is && len(id) == 64 {
				if seen[id] {
					t.Fatalf("%s stands twice", id)
				}
				seen[id] = true
			}
			if strings.HasPrefix(to, "/complaints?after=") {
				next = to
			}
		}
	}
	if len(seen) != 452 || parts != 3 {
		t.Errorf("%d complaints in %d parts", len(seen), parts)
	}
	if code := get(h, "/complaints?after=-7").Code; code != http.StatusOK {
		t.Errorf("a place that is none: %d", code)
	}
}

func TestComplaintPage(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	body := get(h, "/complaint/"+complaintID(1)).Body.String()
	for _, want := range []string{"it stands in 2 of 9 complaints", "cases that you are not on", "Ask Example West desk.", "FIR 12/2025", "Danger: He has set a deadline."} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "Asha") {
		t.Error("the page names the child")
	}
	path := "/complaint/" + complaintID(1)
	if code, _, body := postForm(h, path, url.Values{"do": {"victim"}, "why": {" "}}); code != http.StatusBadRequest && code != http.StatusUnprocessableEntity || strings.Contains(body, "Asha") {
		t.Errorf("%d: shown without a reason", code)
	}
	if _, _, body := postForm(h, path, url.Values{"do": {"victim"}, "why": {"to call the mother"}}); !strings.Contains(body, "Asha Example") || d.complaints.shown[0] != "to call the mother" {
		t.Error("not shown with a reason")
	}
	if code, _, _ := postForm(h, path, url.Values{"do": {"stage"}, "name": {"arrested"}, "on": {"2025-03-05"}, "persons": {"2"}}); code != http.StatusSeeOther || d.complaints.stages[0].Persons != 2 || d.complaints.stages[0].By != "SI A. Example" {
		t.Errorf("%d %+v", code, d.complaints.stages)
	}
	if code, _, _ := postForm(h, path, url.Values{"do": {"part"}, "other": {complaintID(2)}, "reason": {"another man"}}); code != http.StatusSeeOther || d.complaints.decided[0].Same {
		t.Errorf("%d %+v", code, d.complaints.decided)
	}
	if code, _, body := postForm(h, path, url.Values{"do": {"burn"}}); code < 400 || !strings.Contains(body, "burn") {
		t.Errorf("%d: an unknown deed", code)
	}
}

// TestHashPageSendsNothing: no field of its form has a name, and its script asks
// no address.
func TestHashPageSendsNothing(t *testing.T) {
	h := handler(t, newDesk(t, plainWords))
	page := parse(t, get(h, "/hash").Body.String())
	for n := range page.Descendants() {
		if n.Data == "input" && attr(n, "name") != "" || n.Data == "form" && attr(n, "action") != "" {
			t.Errorf("%s %v could be sent", n.Data, n.Attr)
		}
	}
	js := get(h, "/static/hash.js").Body.String()
	for _, way := range []string{"fetch(", "XMLHttpRequest", "sendBeacon", "WebSocket", "EventSource", ".submit(", "location"} {
		if strings.Contains(js, way) {
			t.Errorf("the script uses %q", way)
		}
	}
	if !strings.Contains(js, "crypto.subtle.digest") {
		t.Error("the script is not the one that hashes")
	}
}

func TestFiguresOpenWhatIsBehindThem(t *testing.T) {
	h := handler(t, newDesk(t, plainWords))
	if body := get(h, "/figures?rows=district&row=East&column=CR").Body.String(); !strings.Contains(body, "the complaints behind it") || !strings.Contains(body, "/complaint/"+complaintID(1)) {
		t.Error("the cell does not open its complaints")
	}
	w := get(h, "/figures?file=csv")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Disposition"), "figures-2025.csv") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := get(h, "/figures?year=x"); w.Code < 400 || w.Code > 499 {
		t.Errorf("%d", w.Code)
	}
}
