package app_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"suraag/app"
	"suraag/app/demo"
	"suraag/casework"
	"suraag/custody"
)

// served is a Suraag that serves a folder, and whoever asks it.
type served struct {
	t    *testing.T
	data string
	base string
}

// watched hands on what the program says until it says where it serves.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

var servesAt = regexp.MustCompile(`serving on (https?://\S+)`)

// serve starts the program itself on a free port, and ends it with the test.
func serve(t *testing.T, data string, args ...string) served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	errs, ended := &watched{}, make(chan int, 1)
	env := []string{"SURAAG_NOW=2025-03-12T09:00:00Z", "SURAAG_BY=officer", "SURAAG_DATA=" + data}
	go func() {
		ended <- app.Run(ctx, env, strings.NewReader(""), io.Discard, errs, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...))
	}()
	t.Cleanup(func() { cancel(); <-ended })
	for range 400 {
		if m := servesAt.FindStringSubmatch(errs.String()); m != nil {
			return served{t, data, m[1]}
		}
		select {
		case code := <-ended:
			ended <- code
			t.Fatalf("serve exits with %d: %s", code, errs)
		case <-time.After(25 * time.Millisecond): // it opens the record
		}
	}
	t.Fatalf("serve does not say where: %s", errs)
	return served{}
}

// visitor is one browser.
type visitor struct {
	served
	client *http.Client
}

// visitor comes with cookies of its own. The name localhost leads to the port.
func (s served) visitor() visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return visitor{s, &http.Client{Jar: jar, Timeout: time.Minute}}
}

func (v visitor) get(path string) (code int, body string) {
	v.t.Helper()
	r, err := v.client.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

var hiddenFields = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// send fills in the form of a page that goes to an address.
func (v visitor) send(page, to string, fields url.Values) (code int, body string) {
	v.t.Helper()
	_, shown := v.get(page)
	at := strings.Index(shown, `action="`+to+`"`)
	if at < 0 {
		v.t.Fatalf("%s has no form to %s: %s", page, to, shown)
	}
	form, _, _ := strings.Cut(shown[at:], "</form>")
	for _, m := range hiddenFields.FindAllStringSubmatch(form, -1) {
		if !fields.Has(m[1]) {
			fields.Set(m[1], m[2])
		}
	}
	r, err := v.client.PostForm(v.base+to, fields)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// invited comes in by an invitation from the terminal, with password and code.
func (s served) invited(login, role string) visitor {
	s.t.Helper()
	return s.accept(s.visitor(), s.invitation(login, role))
}

// invitedOver does the same over a line of one's own.
func (s served) invitedOver(c *http.Client, login, role string) visitor {
	s.t.Helper()
	v := s.visitor()
	c.Jar = v.client.Jar
	v.client = c
	return s.accept(v, s.invitation(login, role))
}

func (s served) invitation(login, role string) string {
	s.t.Helper()
	var in app.Invitation
	if err := json.Unmarshal(ask(s.t, s.data, "people", "invite", "--login", login, "--name", "SI "+login, "--station", "PS Cyber Cell", "--role", role, "--origin", s.base), &in); err != nil {
		s.t.Fatal(err)
	}
	return in.Link
}

var codeSecret = regexp.MustCompile(`name="codes" value="([A-Z2-7]+)"`)

func (s served) accept(v visitor, link string) visitor {
	s.t.Helper()
	page := strings.TrimPrefix(link, s.base)
	_, shown := v.get(page)
	m := codeSecret.FindStringSubmatch(shown)
	if m == nil {
		s.t.Fatalf("no secret: %s", shown)
	}
	code, err := totp.GenerateCode(m[1], time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC))
	if err != nil {
		s.t.Fatal(err)
	}
	const password = "harbour gull lighthouse fog"
	got, body := v.send(page, "/welcome", url.Values{"password": {password}, "again": {password}, "code": {code}, "codes": {m[1]}})
	if got != http.StatusOK || !strings.Contains(body, `href="/account"`) {
		s.t.Fatalf("the invitation gives %d: %s", got, body)
	}
	return v
}

func decoded[T any](t *testing.T, body string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v: %.300s", err, body)
	}
	return v
}

// The whole wall, from the terminal to the page: who is not on a case learns
// from no page and no document what its sources say, only how much it is and
// whom to ask.
func TestWhatIsInACaseStaysInIt(t *testing.T) {
	t.Parallel()
	data := exampleRecord(t)
	all := decoded[[]custody.Source](t, string(ask(t, data, "source", "list")))
	var inside []custody.Source
	for _, s := range all {
		if s.Name == "cybertip_100000001.json" || strings.HasPrefix(s.Name, "example-mobile") || strings.HasPrefix(s.Name, "whatsapp_") {
			inside = append(inside, s)
		}
	}
	if len(inside) != 4 {
		t.Fatalf("%d sources of the example are put into the case", len(inside))
	}
	before := traceOf(t, data, demo.Target)

	s := serve(t, data, "--sign-in")
	mine, other := s.invited("a", "officer"), s.invited("b", "officer")
	supervisor, auditor := s.invited("s", "supervisor"), s.invited("audit", "auditor")
	ask(t, data, "case", "new", "FIR 12/2025", "--title", "Keeper of the lighthouse", "--station", "PS Cyber Cell", "--charge", "a")
	add := []string{"case", "add", "FIR 12/2025"}
	for _, x := range inside {
		add = append(add, x.ID)
	}
	ask(t, data, add...)

	path := "/api/trace?target=" + url.QueryEscape(demo.Target)
	full := decoded[casework.Trace](t, body(mine, path))
	if len(full.Sightings) != len(before.Sightings) || full.Hidden != nil || len(full.Leads) != len(before.Leads) {
		t.Errorf("who is on the case sees %d of %d sightings, %d of %d leads", len(full.Sightings), len(before.Sightings), len(full.Leads), len(before.Leads))
	}

	part := decoded[casework.Trace](t, body(other, path))
	if part.Hidden == nil || part.Hidden.Statements < 3 || !slices.Equal(part.Hidden.Desks, []string{"PS Cyber Cell"}) {
		t.Errorf("who is not on it is told %+v", part.Hidden)
	}
	if len(part.Sightings) == 0 || len(part.Sightings) >= len(full.Sightings) {
		t.Errorf("who is not on it sees %d of %d sightings", len(part.Sightings), len(full.Sightings))
	}
	if !strings.Contains(strings.Join(part.NotKnown, " "), "statements are in cases that you are not on; contact PS Cyber Cell.") {
		t.Errorf("what is not known: %q", part.NotKnown)
	}

	// Words that only the sources of the case say.
	_, listed := mine.get("/api/leads?limit=2000")
	secrets := []string{"Keeper of the lighthouse", "cybertip_100000001.json", "example-mobile_nat.csv", "whatsapp_910000000001"}
	for _, x := range inside {
		secrets = append(secrets, x.ID)
	}
	for _, x := range full.Sightings {
		if slices.ContainsFunc(inside, func(s custody.Source) bool { return s.ID == x.Source }) {
			secrets = append(secrets, x.ID)
		}
	}
	var named, elsewhere []string // subscribers, as rows of the case name them, and as others do
	for _, l := range decoded[[]casework.Lead](t, listed) {
		if r := l.Finding.Resolution; r != nil {
			into := &elsewhere
			if slices.ContainsFunc(inside, func(s custody.Source) bool { return slices.Contains(l.Sources(), s.ID) }) {
				into = &named
			}
			for _, c := range r.Candidates {
				*into = append(*into, c.Name)
			}
		}
	}
	for _, n := range named {
		if n != "" && !strings.Contains(strings.Join(elsewhere, "\n"), n) {
			secrets = append(secrets, `"`+n+`"`, ">"+n+"<")
		}
	}
	if len(named) == 0 {
		t.Error("no subscriber is named in the case; the example changed")
	}
	addresses := []string{path, "/trace?target=" + url.QueryEscape(demo.Target), "/api/trace?target=198.51.100.77", "/api/trace?target=%2B910000000001", "/trace?target=198.51.100.77:51602",
		"/api/leads?limit=2000", "/leads?show=2000", "/", "/intake", "/cases"}
	for _, l := range decoded[[]casework.Lead](t, body(other, "/api/leads?limit=2000")) {
		addresses = append(addresses, "/lead/"+l.ID, "/api/leads/"+l.ID)
	}
	for _, x := range part.Sightings {
		addresses = append(addresses, "/source/"+x.Source)
	}
	slices.Sort(addresses)
	for _, a := range slices.Compact(addresses) {
		code, shown := other.get(a)
		if code != http.StatusOK {
			t.Errorf("%s gives %d: %.200s", a, code, shown)
		}
		for _, secret := range secrets {
			if strings.Contains(shown, secret) {
				t.Errorf("%s tells %q to who is not on the case", a, secret)
			}
		}
	}
	for _, x := range inside {
		if code, shown := other.get("/source/" + x.ID); code != http.StatusForbidden || strings.Contains(shown, x.Name) {
			t.Errorf("source of the case: %d %s", code, shown)
		}
	}
	for _, l := range full.Leads {
		if slices.ContainsFunc(inside, func(s custody.Source) bool { return s.ID == l.Source }) {
			if code, shown := other.get("/lead/" + l.ID); code != http.StatusForbidden {
				t.Errorf("lead of the case: %d %.200s", code, shown)
			}
		}
	}

	taken := func(v visitor) (int, string) {
		r, err := v.client.PostForm(v.base+"/export", url.Values{"target": {demo.Target}, "what": {"bundle"}})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(b)
	}
	t.Run("what is taken out stays within the wall too", func(t *testing.T) {
		code, bundle := taken(other)
		if code != http.StatusOK || !strings.HasPrefix(bundle, "PK") || !strings.Contains(bundle, "statements are in cases that you are not on") {
			t.Fatalf("who is not on the case gets %d: %.300s", code, bundle)
		}
		for _, secret := range secrets {
			if strings.Contains(bundle, secret) {
				t.Errorf("the bundle tells %q to who is not on the case", secret)
			}
		}
		if code, shown := taken(mine); code != http.StatusForbidden {
			t.Errorf("sources of the case are taken out without a purpose: %d %.300s", code, shown)
		}
		if code, _ := taken(auditor); code != http.StatusForbidden {
			t.Errorf("an auditor takes documents out: %d", code)
		}
	})
	t.Run("the purpose is stated on opening", func(t *testing.T) {
		code, shown := mine.get("/source/" + inside[0].ID)
		if code != http.StatusOK || !strings.Contains(shown, "What do you need it for?") {
			t.Fatalf("a source of the case opens without a purpose: %d %.300s", code, shown)
		}
		code, shown = mine.send("/source/"+inside[0].ID, formTo(shown), url.Values{"purpose": {"Preparing the request to the operator"}, "do": {"open"}})
		if code != http.StatusOK || !strings.Contains(shown, inside[0].Authority) {
			t.Errorf("after the purpose: %d %.300s", code, shown)
		}
		if code, bundle := taken(mine); code != http.StatusOK || !strings.Contains(bundle, "sources/"+inside[0].ID) {
			t.Errorf("a bundle after the purpose: %d %.300s", code, bundle)
		}
	})
	t.Run("the glass is broken, and a supervisor is told at once", func(t *testing.T) {
		_, shown := other.get("/cases")
		m := regexp.MustCompile(`/case/([0-9a-f]{32})/open`).FindStringSubmatch(shown)
		if m == nil {
			t.Fatal(shown)
		}
		if _, shown := supervisor.get("/"); strings.Contains(shown, `class="count"`) {
			t.Error("a notice before anything was broken")
		}
		code, shown := other.send(m[0], m[0], url.Values{"purpose": {"A child may be in danger now"}, "do": {"break"}})
		if code != http.StatusOK || !strings.Contains(shown, "Keeper of the lighthouse") {
			t.Fatalf("breaking the glass: %d %.300s", code, shown)
		}
		if tr := decoded[casework.Trace](t, body(other, path)); tr.Hidden != nil {
			t.Errorf("after it %+v is hidden", tr.Hidden)
		}
		if _, shown := supervisor.get("/"); !strings.Contains(shown, `class="count">1<`) {
			t.Error("the supervisor is not told at once")
		}
		if _, shown := supervisor.get("/notices"); !strings.Contains(shown, "A child may be in danger now") || !strings.Contains(shown, "SI b (b)") {
			t.Errorf("notices: %s", shown)
		}
		if code, _ := supervisor.send("/notices", "/notices", url.Values{}); code != http.StatusOK {
			t.Errorf("taking notice: %d", code)
		}
		if _, shown := supervisor.get("/"); strings.Contains(shown, `class="count"`) {
			t.Error("the notice stays after it was taken")
		}
	})
	t.Run("the auditor reads who did it, and nothing of what is in the case", func(t *testing.T) {
		_, shown := auditor.get("/log")
		for _, words := range []string{"break-glass", "A child may be in danger now", "Preparing the request to the operator", "sign-in", "SI b (b)"} {
			if !strings.Contains(shown, words) {
				t.Errorf("the log does not say %q", words)
			}
		}
		for _, secret := range append(secrets[:1:1], demo.Target, "+910000000001") {
			if strings.Contains(shown, secret) {
				t.Errorf("the auditor's page tells %q", secret)
			}
		}
		if code, _ := auditor.get("/source/" + inside[0].ID); code != http.StatusForbidden {
			t.Errorf("an auditor at a source: %d", code)
		}
	})
}

func formTo(page string) string {
	m := regexp.MustCompile(`action="(/case/[0-9a-f]{32}/open)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return m[1]
}

func body(v visitor, path string) string {
	_, shown := v.get(path)
	return shown
}

// The traps that others fell into, each by its name.
func TestTrapsOfPermission(t *testing.T) {
	t.Parallel()
	data := exampleRecord(t)
	all := decoded[[]custody.Source](t, string(ask(t, data, "source", "list")))
	tip := all[slices.IndexFunc(all, func(s custody.Source) bool { return s.Name == "cybertip_100000001.json" })]
	s := serve(t, data, "--sign-in")
	a, b, both := s.invited("a", "officer"), s.invited("b", "officer"), s.invited("both", "officer")
	for number, login := range map[string]string{"FIR A": "a", "FIR B": "b"} {
		ask(t, data, "case", "new", number, "--title", "Title of "+number, "--station", "Station of "+number, "--charge", login)
		ask(t, data, "case", "add", number, "--member", "both")
	}
	ask(t, data, "case", "add", "FIR A", tip.ID)
	leads := func(v visitor) (n int) {
		for _, l := range decoded[[]casework.Lead](t, body(v, "/api/leads?limit=2000")) {
			if l.Source == tip.ID {
				n++
			}
		}
		return n
	}
	caseOf := func(v visitor, number string) string {
		m := regexp.MustCompile(`<a href="(/case/[0-9a-f]{32})">` + number).FindStringSubmatch(body(v, "/cases"))
		if m == nil {
			t.Fatalf("no case %s", number)
		}
		return m[1]
	}
	open := func(v visitor, number string) string {
		c := caseOf(v, number)
		if code, body := v.send(c+"/open", c+"/open", url.Values{"purpose": {"Reading for the test"}, "do": {"open"}, "to": {c}}); code != http.StatusOK {
			t.Fatal(code, body)
		}
		return c
	}

	t.Run("permissions are not lost when an item moves (coop#1154)", func(t *testing.T) {
		if leads(a) == 0 || leads(b) != 0 {
			t.Fatalf("a sees %d leads of the tip, b %d", leads(a), leads(b))
		}
		// Weighed again, the leads are other rows of the queue.
		ask(t, data, "hashset", "retract", "Mistaken list", "--reason", "so that everything it touched is weighed again")
		ask(t, data, "network", "import", filepath.Join(countries(t)), "--kind", "country", "--as-of", "2025-03-09")
		if leads(a) == 0 || leads(b) != 0 {
			t.Errorf("weighed again: a sees %d leads of the tip, b %d", leads(a), leads(b))
		}
		from := open(both, "FIR A")
		to := strings.TrimPrefix(caseOf(both, "FIR B"), "/case/")
		if code, body := both.send(from, from, url.Values{"do": {"move"}, "source": {tip.ID}, "to": {to}}); code != http.StatusOK {
			t.Fatal(code, body)
		}
		if leads(a) != 0 || leads(b) == 0 {
			t.Errorf("moved: a sees %d leads of the tip, b %d", leads(a), leads(b))
		}
		if code, _ := a.get("/source/" + tip.ID); code != http.StatusForbidden {
			t.Errorf("a at the source: %d", code)
		}
	})
	t.Run("who works on the other case is not shown, nor under what", func(t *testing.T) {
		bytes := originalOf(t, data, tip.ID)
		if code, body := a.bring(strings.TrimPrefix(caseOf(a, "FIR A"), "/case/"), "same.json", "FIR A of a", "SI a of station A", bytes); code != http.StatusOK {
			t.Fatal(code, body)
		}
		open(a, "FIR A")
		code, shown := a.get("/source/" + tip.ID)
		if code != http.StatusOK || !strings.Contains(shown, "FIR A of a") {
			t.Fatalf("a at the source: %d %.400s", code, shown)
		}
		open(b, "FIR B")
		if _, shown := b.get("/source/" + tip.ID); strings.Contains(shown, "FIR A") || strings.Contains(shown, "SI a (a)") {
			t.Errorf("b is told of the hand-in of the other case: %s", shown)
		}
	})
	t.Run("what two cases share is not changed across them (iris#462)", func(t *testing.T) {
		// Now the tip is in both. Taking it out of one leaves it in the other.
		from := caseOf(both, "FIR B")
		open(both, "FIR B")
		ask(t, data, "case", "new", "FIR C", "--title", "Title of FIR C", "--station", "Station of FIR C", "--charge", "both")
		to := strings.TrimPrefix(caseOf(both, "FIR C"), "/case/")
		if code, body := both.send(from, from, url.Values{"do": {"move"}, "source": {tip.ID}, "to": {to}}); code != http.StatusOK {
			t.Fatal(code, body)
		}
		if leads(a) == 0 || leads(b) != 0 {
			t.Errorf("a sees %d leads of the tip, b %d", leads(a), leads(b))
		}
		_, shown := a.get("/source/" + tip.ID)
		for _, words := range []string{"FIR B", "FIR C"} {
			if strings.Contains(shown, words) {
				t.Errorf("a is told of %s", words)
			}
		}
	})
	t.Run("handing in again opens no wall, and closes none", func(t *testing.T) {
		code, shown := b.bring("unit", "again.json", "FIR 99/2025", "SI b", originalOf(t, data, tip.ID))
		if code != http.StatusUnprocessableEntity || !strings.Contains(shown, "belong to a case that you are not on") {
			t.Errorf("for the unit: %d %.400s", code, shown)
		}
		if leads(b) != 0 {
			t.Error("b sees the leads of the tip")
		}
		note := all[slices.IndexFunc(all, func(s custody.Source) bool { return s.Name == "board-notes.csv" })]
		if code, body := a.bring(strings.TrimPrefix(caseOf(a, "FIR A"), "/case/"), "board-notes.csv", "FIR A", "SI a", originalOf(t, data, note.ID)); code != http.StatusOK {
			t.Fatal(code, body)
		}
		if code, _ := b.get("/source/" + note.ID); code != http.StatusOK {
			t.Errorf("what was the whole unit's is taken from b: %d", code)
		}
	})
}

// bring hands one document in by the form.
func (v visitor) bring(forCase, name, authority, by string, bytes []byte) (int, string) {
	v.t.Helper()
	_, page := v.get("/intake")
	mark := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page)
	if mark == nil {
		v.t.Fatal(page)
	}
	body, kind := multipartForm(v.t, [][2]string{{"form", mark[1]}, {"case", forCase}, {"authority", authority}, {"brought_by", by}}, name, bytes)
	r, err := v.client.Post(v.base+"/intake", kind, body)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func multipartForm(t *testing.T, fields [][2]string, name string, content []byte) (io.Reader, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("files", name)
	if err != nil {
		t.Fatal(err)
	}
	part.Write(content)
	w.Close()
	return &body, w.FormDataContentType()
}

func originalOf(t *testing.T, data, id string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(data, "originals", id[:2], id))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// countries writes address data, whose import has every address weighed again.
func countries(t *testing.T) string {
	t.Helper()
	files, err := demo.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.NetworkKind == "country" {
			path := filepath.Join(t.TempDir(), "country.csv")
			write(t, path, f.Bytes)
			return path
		}
	}
	t.Fatal("the example has no countries")
	return ""
}

// Every way of serving that would show the record to whoever asks is refused.
func TestServeRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want int
		says string
	}{
		{"other machines without TLS", []string{"--addr", "0.0.0.0:0"}, 5, "nothing would be encrypted"},
		{"other machines without TLS, with sign-in", []string{"--addr", "192.0.2.1:0", "--sign-in"}, 5, "nothing would be encrypted"},
		{"every address without TLS", []string{"--addr", ":0"}, 5, "nothing would be encrypted"},
		{"a name that is not this machine", []string{"--addr", "suraag.example.org:0"}, 5, "nothing would be encrypted"},
		{"other machines without a name", []string{"--addr", "0.0.0.0:0", "--tls-auto"}, 4, "have no name for it"},
		{"an address for a name", []string{"--addr", "0.0.0.0:0", "--tls-auto", "--name", "192.0.2.1"}, 4, "passkeys belong to names"},
		{"a name with a path", []string{"--addr", "0.0.0.0:0", "--tls-auto", "--name", "example.org/x"}, 4, "no name of a machine"},
		{"a certificate without its key", []string{"--tls-cert", "cert.pem"}, 4, "belong together"},
		{"two certificates", []string{"--tls-cert", "c", "--tls-key", "k", "--tls-auto"}, 4, "two certificates"},
		{"a certificate that is not there", []string{"--tls-cert", "c", "--tls-key", "k"}, 4, "no such file"},
		{"no address", []string{"--addr", "8473"}, 4, "missing port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var errs bytes.Buffer
			code := app.Run(context.Background(), []string{"SURAAG_DATA=" + t.TempDir()}, strings.NewReader(""), io.Discard, &errs, append([]string{"serve"}, c.args...))
			if said := errs.String(); code != c.want || !strings.Contains(said, c.says) || !strings.Contains(said, "hint:") && c.want == 5 {
				t.Errorf("exit code %d, want %d: %s", code, c.want, said)
			}
		})
	}
}

// The private authority encrypts, and the cookies of the door are bound to it.
func TestServeOverTLS(t *testing.T) {
	data := exampleRecord(t)
	s := serve(t, data, "--tls-auto")
	authority, err := os.ReadFile(filepath.Join(data, "tls", "authority.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		t.Fatal("the authority is no certificate")
	}
	then := func() time.Time { return time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC) }
	client := func(c *tls.Config) *http.Client {
		c.Time = then
		return &http.Client{Transport: &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	r, err := client(&tls.Config{RootCAs: roots}).Get(s.base + "/leads")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/signin?to=%2Fleads" || r.TLS.Version != tls.VersionTLS13 {
		t.Errorf("who is not signed in gets %d to %q over TLS %x", r.StatusCode, r.Header.Get("Location"), r.TLS.Version)
	}
	if r, err = client(&tls.Config{RootCAs: roots}).Get(s.base + "/signin"); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if set := r.Header.Get("Set-Cookie"); !strings.HasPrefix(set, "__Host-suraag-visitor=") || !strings.Contains(set, "; Secure") || !strings.Contains(set, "; HttpOnly") || r.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("cookie %q, strict transport %q", set, r.Header.Get("Strict-Transport-Security"))
	}
	for name, c := range map[string]*tls.Config{"without trust in the authority": {RootCAs: x509.NewCertPool()}, "by an older TLS": {RootCAs: roots, MaxVersion: tls.VersionTLS12}, "under another name": {RootCAs: roots, ServerName: "evil.example"}} {
		if r, err := client(c).Get(s.base + "/signin"); err == nil {
			r.Body.Close()
			t.Errorf("%s it answers %d", name, r.StatusCode)
		}
	}
	if key, err := os.Stat(filepath.Join(data, "tls", "authority.key")); err != nil || key.Mode().Perm() != 0o600 {
		t.Errorf("the key of the authority: %v, %v", key, err)
	}
}
