package web_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/casework"
	"suraag/circulation"
	"suraag/fault"
	"suraag/instant"
	"suraag/web"
)

func handler(t testing.TB, d *desk) http.Handler {
	t.Helper()
	h, err := web.NewTicking(web.Config{Desk: d, Complaints: &d.complaints, Figures: figuresFake{}, Alone: "SI A. Example", Now: now, Zone: instant.IST(), Version: "1.0 (test)"}, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func request(method, path string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, path, body)
	r.Host = "127.0.0.1:8473"
	return r
}

func ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	return ask(h, request("GET", path, nil))
}

// file is one file of a form.
type file struct{ field, name, body string }

func form(t testing.TB, path string, fields [][2]string, files ...file) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.field, f.name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, f.body)
	}
	w.Close()
	r := request("POST", path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// everyPage lists an address of each page, by the name of its template.
func everyPage(d *desk) map[string]string {
	src := d.trace.Sightings[1].Source
	return map[string]string{
		"search":                                 "/",
		"trace":                                  "/trace?target=md5%3A4bc93fb481892c12606a481fc53a0ad9&zone=IST",
		"source":                                 "/source/" + src + "?at=120-216",
		"leads":                                  "/leads",
		"lead":                                   "/lead/" + d.leads[0].ID,
		"draft":                                  "/lead/" + d.leads[0].ID + "/draft",
		"requests":                               "/requests",
		"request":                                "/request/" + d.demands[1].ID,
		"request that waits for a second person": "/request/" + d.demands[0].ID,
		"lists":                                  "/lists",
		"packs":                                  "/packs",
		"pack":                                   "/pack/" + d.packs[0].ID,
		"corrections":                            "/corrections",
		"intake":                                 "/intake",
		"received":                               "/intake/received?id=" + src + "&again=" + d.sources[len(d.sources)-1].ID,
		"error":                                  "/trace?target=nonsense",

		"complaints": "/complaints", "complaint-form": "/complaint/new", "complaint": "/complaint/" + complaintID(1), "series": "/series",
		"figures": "/figures?rows=district&row=East&column=complaints", "hash": "/hash",
	}
}

// Every template is executed against its struct.
func TestEveryPageIsWritten(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	names, err := web.PageNames()
	if err != nil {
		t.Fatal(err)
	}
	pages := everyPage(d)
	behind := []string{"signin", "welcome", "account", "people", "person", "cases", "case", "open", "notices", "log", "media", "looking"} // TestEveryPageBehindTheDoorIsWritten
	for _, name := range names {
		path, listed := pages[name]
		if slices.Contains(behind, name) {
			continue
		}
		if !listed {
			t.Errorf("the page %q has no address in this test", name)
			continue
		}
		w := get(h, path)
		if want := map[bool]int{true: 400, false: 200}[name == "error"]; w.Code != want {
			t.Errorf("%s: %s gives %d, not %d: %s", name, path, w.Code, want, w.Body)
		}
	}
}

func TestRoutes(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	src, lead := d.trace.Sightings[1].Source, d.leads[0].ID
	for _, c := range []struct {
		name, method, path string
		want               int
		holds              string
	}{
		{"search", "GET", "/", 200, "What do you want to trace?"},
		{"trace", "GET", "/trace?target=198.51.100.77", 200, "Known as"},
		{"trace of nothing goes to the search", "GET", "/trace?target=", 303, ""},
		{"trace of what nobody saw", "GET", "/trace?target=md5:00000000000000000000000000000000", 200, "No source in the record speaks of this target"},
		{"trace of nonsense", "GET", "/trace?target=nonsense", 400, "Give a hash"},
		{"trace in a zone", "GET", "/trace?target=198.51.100.77&zone=Europe/Berlin", 200, "28 February 2025 19:45:10 CET"},
		{"trace in no zone", "GET", "/trace?target=x&zone=Atlantis", 400, "Asia/Kolkata"},
		{"the machine's own zone is refused", "GET", "/trace?target=x&zone=Local", 400, "is not known"},
		{"zone outside its folder", "GET", "/trace?target=x&zone=../../etc/passwd", 400, "is not known"},
		{"a very long target", "GET", "/trace?target=" + strings.Repeat("a", 5000), 413, "5000 characters"},
		{"too many rows", "GET", "/trace?target=x&show=999999", 400, "from 1 to 5000"},
		{"source", "GET", "/source/" + src, 200, "FIR 12/2025 PS Cyber Cell"},
		{"source by the beginning of its hash", "GET", "/source/" + src[:12], 200, src},
		{"source at a place", "GET", "/source/" + src + "?at=logs/chat.csv!12-40", 200, "logs/chat.csv"},
		{"source at no place", "GET", "/source/" + src + "?at=somewhere", 400, "START-END"},
		{"source behind its end", "GET", "/source/" + src + "?at=0-99999999", 404, "behind the end"},
		{"no source", "GET", "/source/beef", 404, "not in the record"},
		{"problems go on", "GET", "/source/" + src + "?problems_from=101", 200, "row 131"},
		{"leads", "GET", "/leads", 200, "order in which they should be taken up"},
		{"one lead", "GET", "/leads?show=1", 200, "more not shown"},
		{"lead", "GET", "/lead/" + lead, 200, "Next lawful step"},
		{"no lead", "GET", "/lead/beef", 404, "not in the queue"},
		{"intake", "GET", "/intake", 200, "Hand in documents"},
		{"health", "GET", "/healthz", 200, "ok"},
		{"icon", "GET", "/static/icon.svg", 200, "<svg"},
		{"style", "GET", "/static/style.css", 200, "--ground"},
		{"script", "GET", "/static/suraag.js", 200, "EventSource"},
		{"favicon", "GET", "/favicon.ico", 301, ""},
		{"no folder is listed", "GET", "/static/", 404, "No page"},
		{"nothing outside static", "GET", "/static/..%2fweb.go", 404, "No page"},
		{"nowhere", "GET", "/nowhere", 404, "No page"},
		{"no such method", "DELETE", "/leads", 404, "No page"},
		{"API trace", "GET", "/api/trace?target=198.51.100.77", 200, `"not_known"`},
		{"API trace of nothing", "GET", "/api/trace", 400, `"kind": "invalid"`},
		{"API leads", "GET", "/api/leads?limit=2", 200, `"finding"`},
		{"API lead", "GET", "/api/leads/" + lead, 200, `"sort_key"`},
		{"API no lead", "GET", "/api/leads/beef", 404, `"kind": "not found"`},
		{"API source", "GET", "/api/sources/" + src + "?at=1-2", 200, `"hand_ins"`},
		{"API nowhere", "GET", "/api/nowhere", 404, `"kind": "not found"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(h, request(c.method, c.path, nil))
			if w.Code != c.want {
				t.Errorf("%s %s gives %d, not %d: %s", c.method, c.path, w.Code, c.want, w.Body)
			}
			if !strings.Contains(w.Body.String(), c.holds) {
				t.Errorf("%s %s does not say %q: %s", c.method, c.path, c.holds, w.Body)
			}
		})
	}
}

// The JSON holds the very documents of the commands.
func TestAPIGivesTheSameDocuments(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	var got casework.Trace
	if err := json.Unmarshal(get(h, "/api/trace?target=198.51.100.77").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Sightings) != len(d.trace.Sightings) || len(got.Addresses) != len(d.trace.Addresses) || got.Target.Asked != "198.51.100.77" {
		t.Errorf("%d sightings, %d addresses of %q", len(got.Sightings), len(got.Addresses), got.Target.Asked)
	}
	d.leads = nil
	if body := get(h, "/api/leads").Body.String(); strings.TrimSpace(body) != "[]" {
		t.Errorf("no leads are %s, not an empty list", body)
	}
}

func TestErrorsSayWhatToDoNext(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		want  int
		holds []string
	}{
		{"a hint of its own", fault.WithHint(fault.Newf(fault.Conflict, "list %q stands already", "X"), "retract it first"), 409, []string{"contradicts the record", "List &#34;X&#34; stands already.", "Retract it first."}},
		{"no hint", fault.Newf(fault.Unavailable, "database %q is locked", "suraag.db"), 503, []string{"Wait a moment and try again."}},
		{"corrupt", fault.Newf(fault.Corrupt, "original ab"), 422, []string{"suraag verify"}},
		{"a defect", io.ErrUnexpectedEOF, 500, []string{"has a defect", "Nothing in the record was changed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, plainWords)
			d.fail = c.err
			w := get(handler(t, d), "/trace?target=x")
			if w.Code != c.want {
				t.Errorf("status %d, not %d", w.Code, c.want)
			}
			for _, words := range c.holds {
				if !strings.Contains(w.Body.String(), words) {
					t.Errorf("does not say %q: %s", words, w.Body)
				}
			}
			if api := get(handler(t, d), "/api/trace?target=x"); api.Code != c.want || !json.Valid(api.Body.Bytes()) {
				t.Errorf("the API gives %d: %s", api.Code, api.Body)
			}
		})
	}
}

func TestADefectIsAPage(t *testing.T) {
	d := newDesk(t, plainWords)
	d.panics = true
	w := get(handler(t, d), "/trace?target=x")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "has a defect") || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestQuotationsAreSafeToLookAt(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"text", "a b\tc\n", "a b\tc\n"},
		{"other writing", "सुराग", "सुराग"},
		{"no UTF-8", "a\xff\xc3", `a\xff\xc3`},
		{"controls", "a\x00\x1b[2J\r", `a\u0000\u001b[2J\u000d`},
		{"turned writing", "a\u202eb", `a\u202eb`},
		{"the sign of an unknown character itself", "\uFFFD", "\uFFFD"},
		{"nothing", "", ""},
	} {
		if got := web.Quoted([]byte(c.in)); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

// Rules that do not bend (design.md): no place of an address, nobody behind it.
func TestPagesNeverSay(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	for name, path := range everyPage(d) {
		body := strings.ToLower(get(h, path).Body.String())
		others := []string{"http://", "https://"}
		if name == "pack" { // its own words name an operator's portal; no link leads there
			others = []string{`="http://`, `="https://`}
		}
		for _, never := range append(others, "the user", "latitude", "longitude", "city", "<img") {
			if strings.Contains(body, never) {
				t.Errorf("%s says %q", name, never)
			}
		}
	}
	if body := get(h, everyPage(d)["trace"]).Body.String(); !strings.Contains(body, "subscriber of the connection") {
		t.Error("the trace does not speak of the subscriber of the connection")
	}
}

func TestTraceShowsBothZonesAndTheWordsAsWritten(t *testing.T) {
	d := newDesk(t, plainWords)
	body := get(handler(t, d), "/trace?target=198.51.100.77&zone=IST").Body.String()
	for _, words := range []string{"28 February 2025 18:45:10 UTC", "1 March 2025 00:15:10 IST", "02/03/2025 22:15", "order not certain", "time not stated", "Earliest proven", "Would be overturned by"} {
		if !strings.Contains(body, words) {
			t.Errorf("the trace does not say %q", words)
		}
	}
	if got := d.zones[len(d.zones)-1]; got != "IST" {
		t.Errorf("the desk was asked for the zone %q", got)
	}
}

func TestLongListsAreBounded(t *testing.T) {
	d := newDesk(t, plainWords)
	one := d.trace.Sightings[1]
	for range 400 {
		d.trace.Sightings = append(d.trace.Sightings, one)
	}
	h := handler(t, d)
	body := get(h, "/trace?target=198.51.100.77").Body.String()
	if !strings.Contains(body, "360 more not shown.") || !strings.Contains(body, "show=500&amp;target=198.51.100.77#timeline") {
		t.Error("a timeline of 410 does not say that 360 are not shown, and where they are")
	}
	if body := get(h, "/trace?target=198.51.100.77&show=500").Body.String(); strings.Contains(body, "more not shown. <a href=\"/trace") {
		t.Error("a timeline of 410 is not shown whole when 500 are asked for")
	}
}

// Silence about a question that was not asked must not read as an answer.
func TestAnIdentifierHasNoFirstUpload(t *testing.T) {
	d := newDesk(t, plainWords)
	d.trace.Target.Kind, d.trace.Origin = "identifier", circulation.Origins{}
	body := get(handler(t, d), "/trace?target=phone:%2B910000000001").Body.String()
	if strings.Contains(body, "No upload is proven") || !strings.Contains(body, "Only a picture or a hash has a first upload") {
		t.Error("a trace of an identifier speaks of its first upload")
	}
}

func TestADeskIsRequired(t *testing.T) {
	if _, err := web.New(web.Config{}); !fault.Is(err, fault.Internal) {
		t.Errorf("without a desk: %v", err)
	}
}

// What a form says before its first file was checked: for which case it is, and
// who brings it. Nothing behind the file may say otherwise of the next.
func TestNoFieldStandsBehindAFile(t *testing.T) {
	for _, field := range []string{"case", "brought_by", "authority"} {
		d := newDesk(t, plainWords)
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		put := func(name string, content string) {
			part, err := w.CreateFormFile("files", name)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(part, content)
		}
		w.WriteField("authority", "FIR 12/2025")
		w.WriteField("brought_by", "SI A. Example")
		put("one.csv", "a,b")
		w.WriteField(field, "of another")
		put("two.csv", "c,d")
		w.Close()
		r := request("POST", "/intake", &body)
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		got := ask(handler(t, d), r)
		if len(d.received) != 1 || got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "stands behind a file") {
			t.Errorf("%s: %d files are sealed, %d %s", field, len(d.received), got.Code, got.Body)
		}
	}
}
