package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/web"
)

var fields = [][2]string{
	{"authority", "FIR 12/2025 PS Cyber Cell"}, {"brought_by", "SI A. Example"}, {"zone", "IST"}, {"date_order", "day first"},
	{"service", "Example Social"}, {"format", ""}, {"list_name", ""}, {"list_from", ""},
}

func with(name, value string) [][2]string {
	out := [][2]string{}
	for _, f := range fields {
		if f[0] == name {
			f[1] = value
		}
		out = append(out, f)
	}
	return out
}

func TestHandInSealsEachFileWithWhatWasDeclared(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	w := ask(h, form(t, "/intake", fields, file{"files", "tip.json", "{}"}, file{"files", `C:\reports\return.zip`, "PK"}))
	if w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	want := web.HandIn{Name: "tip.json", BroughtBy: "SI A. Example", Authority: "FIR 12/2025 PS Cyber Cell", Zone: "IST", DateOrder: "day first", Service: "Example Social"}
	second := want
	second.Name = "return.zip"
	if diff := cmp.Diff([]web.HandIn{want, second}, d.received); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"{}", "PK"}, d.bodies); diff != "" {
		t.Error(diff)
	}
	page := get(h, w.Header().Get("Location"))
	for _, words := range []string{"tip.json", "return.zip", "waits to be read", `http-equiv="refresh"`} {
		if !strings.Contains(page.Body.String(), words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if again := ask(h, form(t, "/intake", fields, file{"files", "tip.json", "{}"})); !strings.Contains(again.Header().Get("Location"), "again=") {
		t.Errorf("the same file again leads to %q", again.Header().Get("Location"))
	}
}

func TestHandInsThatAreRefused(t *testing.T) {
	tip := file{"files", "tip.json", "{}"}
	for _, c := range []struct {
		name   string
		fields [][2]string
		files  []file
		want   int
		says   string
	}{
		{"no authority", with("authority", " "), []file{tip}, 400, "Held under"},
		{"nobody", with("brought_by", ""), []file{tip}, 400, "Brought by"},
		{"unknown zone", with("zone", "Atlantis"), []file{tip}, 400, "Asia/Kolkata"},
		{"half a list", with("list_name", "Example Hotline"), []file{tip}, 400, "both are needed"},
		{"no file", fields, nil, 400, "choose at least one file"},
		{"an empty choice", fields, []file{{"files", "", ""}}, 400, "choose at least one file"},
		{"a very long field", with("authority", strings.Repeat("x", 5000)), []file{tip}, 413, "4096"},
		{"files before the authority", nil, []file{tip}, 400, "Held under"},
		{"one of two", fields, []file{{"files", "refused.bin", "x"}, tip}, 422, "Split it."},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, plainWords)
			w := ask(handler(t, d), form(t, "/intake", c.fields, c.files...))
			if w.Code != c.want || !strings.Contains(strings.ToLower(w.Body.String()), strings.ToLower(c.says)) {
				t.Errorf("%d, does not say %q: %s", w.Code, c.says, w.Body)
			}
			if c.want != 422 && len(d.received) > 0 {
				t.Error("something was sealed all the same")
			}
			if c.want == 422 && (len(d.received) != 1 || !strings.Contains(w.Body.String(), "tip.json")) {
				t.Error("the good file beside a refused one was not sealed, or not told")
			}
		})
	}
}

func TestHandInThatBreaksOff(t *testing.T) {
	d := newDesk(t, plainWords)
	r := form(t, "/intake", fields, file{"files", "tip.json", strings.Repeat("x", 1000)})
	body := make([]byte, r.ContentLength-500)
	if _, err := r.Body.Read(body); err != nil {
		t.Fatal(err)
	}
	cut := request("POST", "/intake", strings.NewReader(string(body)))
	cut.Header = r.Header
	if w := ask(handler(t, d), cut); w.Code < 400 {
		t.Errorf("a hand-in that broke off gives %d: %s", w.Code, w.Body)
	}
	if len(d.received) > 0 {
		t.Error("half a file was sealed")
	}
}

// The picture is hashed and dropped: it is handed on whole, and nothing of it is
// written anywhere.
func TestPictureIsNeverKept(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	d := newDesk(t, plainWords)
	h := handler(t, d)
	picture := strings.Repeat("lighthouse", 1<<20)
	sum := sha256.Sum256([]byte(picture))
	w := ask(h, form(t, "/trace", [][2]string{{"zone", "Europe/Berlin"}}, file{"picture", "lighthouse.png", picture}))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "hashed and dropped") || !strings.Contains(w.Body.String(), "CET") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	bare := request("POST", "/api/trace", strings.NewReader(picture))
	bare.Header.Set("Content-Type", "image/png")
	if w := ask(h, bare); w.Code != 200 || !json.Valid(w.Body.Bytes()) {
		t.Errorf("the API gives %d: %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{hex.EncodeToString(sum[:]), hex.EncodeToString(sum[:])}, d.pictures); diff != "" {
		t.Error(diff)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPicturesThatAreNone(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	words := request("POST", "/trace", strings.NewReader("target=x"))
	words.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := ask(h, words); w.Code != 400 || !strings.Contains(w.Body.String(), "is no picture") {
		t.Errorf("words: %d %s", w.Code, w.Body)
	}
	if w := ask(h, form(t, "/trace", nil, file{"picture", "", ""})); w.Code != 400 || !strings.Contains(w.Body.String(), "Choose a picture") {
		t.Errorf("nothing: %d %s", w.Code, w.Body)
	}
}

func TestProgressGoesOnUntilEverythingIsRead(t *testing.T) {
	d := newDesk(t, plainWords)
	d.totals = []web.Totals{{Waiting: 2}, {Waiting: 1, Weighing: 3}, {Sightings: 7}}
	w := get(handler(t, d), "/intake/progress")
	var events []string
	for line := range strings.Lines(w.Body.String()) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "event: "); is {
			events = append(events, name)
		}
	}
	if diff := cmp.Diff([]string{"totals", "totals", "totals", "done"}, events); diff != "" {
		t.Error(diff)
	}
	if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Error(kind)
	}
	if !strings.Contains(w.Body.String(), `data: {"sources":0,"sightings":7,`) || !strings.Contains(w.Body.String(), `"waiting":2,"weighing":0}`) {
		t.Error(w.Body)
	}
	d.fail = fault.Newf(fault.Unavailable, "locked")
	if w := get(handler(t, d), "/intake/progress"); w.Code != 503 || !json.Valid(w.Body.Bytes()) {
		t.Errorf("a record that does not answer: %d %s", w.Code, w.Body)
	}
}
