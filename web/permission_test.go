package web_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"suraag/people"
	"suraag/people/door"
	"suraag/web"
)

// allowed says for every route which roles it answers; all others are refused. A
// new route needs a row.
var allowed = map[string]string{
	"GET /{$}": "all", "GET /trace": "investigators", "POST /trace": "investigators", "GET /api/trace": "investigators", "POST /api/trace": "investigators",
	"GET /source/{id}": "investigators", "GET /api/sources/{id}": "investigators",
	"GET /leads": "investigators", "GET /lead/{id}": "investigators", "GET /api/leads": "investigators", "GET /api/leads/{id}": "investigators",
	"GET /intake": "officer supervisor", "POST /intake": "officer supervisor", "GET /intake/received": "officer supervisor", "GET /intake/progress": "officer supervisor",
	"POST /export": "officer supervisor", "GET /lead/{id}/draft": "officer supervisor", "POST /lead/{id}/draft": "officer supervisor", "GET /requests": "investigators", "GET /request/{id}": "investigators",
	"POST /request/{id}/{what}": "officer supervisor", "GET /request/{id}/{name}": "officer supervisor", "GET /clocks.ics": "investigators", "GET /api/requests/{id}": "investigators",
	"POST /api/intake": "officer supervisor", "PUT /api/intake/{id}": "officer supervisor",
	"GET /packs": "investigators", "GET /pack/{id}": "investigators", "POST /pack/{id}": "supervisor",
	"GET /corrections": "investigators", "POST /corrections": "officer supervisor", "POST /correction/{id}": "officer supervisor",
	"GET /lists": "investigators", "POST /lists": "officer supervisor", "POST /actors": "officer supervisor",
	"GET /cases": "investigators", "POST /cases": "officer supervisor", "GET /case/{id}": "investigators", "POST /case/{id}": "investigators",
	"GET /case/{id}/open": "investigators", "POST /case/{id}/open": "investigators",
	"GET /case/{id}/media": "investigators", "POST /case/{id}/media": "investigators", "POST /case/{id}/media/uncover": "investigators", "POST /case/{id}/media/cover": "investigators",
	"GET /looking": "investigators", "POST /looking": "investigators",
	"GET /notices": "supervisor", "POST /notices": "supervisor", "GET /log": "auditor",
	"GET /complaints": "investigators", "GET /complaint/new": "officer supervisor", "POST /complaint/new": "officer supervisor",
	"GET /complaint/{id}": "investigators", "POST /complaint/{id}": "officer supervisor", "GET /series": "investigators", "GET /figures": "investigators",
	"GET /hash":    "anyone",
	"GET /account": "all", "POST /account": "all", "POST /account/token": "investigators", "POST /account/passkey/begin": "all", "POST /account/passkey/finish": "all", "POST /signout": "all",
	"GET /people": "administrator", "POST /people": "administrator", "GET /person/{id}": "administrator", "POST /person/{id}": "administrator",
	// The door itself.
	"GET /signin": "anyone", "POST /signin": "anyone", "POST /signin/passkey/begin": "anyone", "POST /signin/passkey/finish": "anyone",
	"GET /signin/agency": "anyone", "GET /signin/agency/back": "anyone", "GET /welcome": "anyone", "POST /welcome": "anyone",
	"POST /welcome/passkey/begin": "anyone", "POST /welcome/passkey/finish": "anyone",
	"GET /healthz": "anyone", "GET /favicon.ico": "anyone", "GET /static/{file...}": "anyone", "/": "anyone",
}

func mayRoute(pattern string, r people.Role) bool {
	switch who := allowed[pattern]; who {
	case "all", "anyone":
		return true
	case "investigators":
		return r == people.Officer || r == people.Supervisor || r == people.Analyst
	default:
		return slices.Contains(strings.Fields(who), string(r))
	}
}

// address fills a pattern in.
func (h *house) address(pattern string) (method, path string) {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		return "GET", "/nowhere"
	}
	id := h.theCase.ID
	switch {
	case strings.Contains(path, "/complaint"):
		id = complaintID(1)
	case strings.Contains(path, "/source"):
		id = h.desk.sources[0].ID
	case strings.Contains(path, "/lead"):
		id = h.desk.leads[0].ID
	case strings.Contains(path, "/request"):
		id = h.desk.demands[0].ID
	case strings.Contains(path, "/pack/"):
		id = h.desk.packs[0].ID
	case strings.Contains(path, "/correction/"):
		id = h.desk.register[0].ID
	case strings.Contains(path, "/person"):
		id = h.people[people.Auditor].ID
	}
	path = strings.NewReplacer("{id}", id, "{$}", "", "{file...}", "style.css", "{what}", "approve", "{name}", "letter.pdf").Replace(path)
	if strings.HasSuffix(path, "trace") && method == "GET" {
		path += "?target=198.51.100.77"
	}
	return method, path
}

// Every route, asked by every role over HTTP, answers exactly those that its row
// names; nobody who is not signed in gets past the door.
func TestEveryRouteForEveryRole(t *testing.T) {
	routes := web.Routes()
	if len(routes) != len(allowed) {
		t.Errorf("%d routes, %d rows", len(routes), len(allowed))
	}
	h := newHouse(t)
	for _, route := range routes {
		if _, listed := allowed[route.Pattern]; !listed {
			t.Errorf("route %q has no row", route.Pattern)
			continue
		}
		method, path := h.address(route.Pattern)
		for _, role := range append(people.Roles(), "") {
			var body url.Values
			if method == "POST" {
				body = url.Values{} // no mark: whoever may do it is told that, after the policies let it through
			}
			w := h.ask(h.keys[role], method, path, body)
			// What hangs on the case besides is told by its number: TestEveryCaseActionOverHTTP.
			refused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "may not") && !strings.Contains(w.Body.String(), "case FIR 12/2025")
			switch {
			case role == "" && allowed[route.Pattern] != "anyone":
				if w.Code != http.StatusUnauthorized && w.Code != http.StatusForbidden && !strings.HasPrefix(w.Header().Get("Location"), "/signin") {
					t.Errorf("%s answers nobody with %d: %s", route.Pattern, w.Code, w.Body)
				}
			case role != "" && mayRoute(route.Pattern, role) == refused:
				t.Errorf("%s as %s gives %d, allowed is %v: %.300s", route.Pattern, role, w.Code, mayRoute(route.Pattern, role), w.Body)
			}
		}
	}
}

// Whatever a role finds by following links and opening addresses, it gets to no
// page that its row forbids.
func TestACrawlReachesNothingForbidden(t *testing.T) {
	h := newHouse(t)
	patterns := http.NewServeMux() // tells which route an address belongs to
	for _, route := range web.Routes() {
		patterns.HandleFunc(route.Pattern, func(http.ResponseWriter, *http.Request) {})
	}
	for _, role := range people.Roles() {
		queue, seen := []string{"/"}, map[string]bool{}
		for _, route := range web.Routes() { // what others may see, tried too
			if method, path := h.address(route.Pattern); method == "GET" && route.Pattern != "GET /intake/progress" {
				queue = append(queue, path)
			}
		}
		reached := 0
		for len(queue) > 0 && len(seen) < 400 {
			path := queue[0]
			queue = queue[1:]
			if seen[path] {
				continue
			}
			seen[path] = true
			w := h.get(role, path)
			r, err := http.NewRequest("GET", origin+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, pattern := patterns.Handler(r)
			if w.Code == http.StatusOK && !mayRoute(pattern, role) {
				t.Errorf("%s reaches %s (%s)", role, path, pattern)
			}
			if w.Code == http.StatusInternalServerError {
				t.Errorf("%s at %s: %s", role, path, w.Body)
			}
			if w.Code == http.StatusOK {
				reached++
			}
			if to := w.Header().Get("Location"); strings.HasPrefix(to, "/") {
				queue = append(queue, to)
			}
			for _, to := range linksOf(t, w.Body.String()) {
				if u, err := url.Parse(to); err == nil && u.Host == "" && strings.HasPrefix(u.Path, "/") && len(queue) < 400 {
					u.Fragment = ""
					queue = append(queue, u.String())
				}
			}
		}
		if reached < 4 {
			t.Errorf("%s reached %d pages; the crawl is broken", role, reached)
		}
	}
}

func linksOf(t *testing.T, page string) (out []string) {
	t.Helper()
	for n := range parse(t, page).Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" {
			out = append(out, attr(n, "href"))
		}
	}
	return out
}

// Every route that changes something refuses a foreign origin, an ended session,
// a session that is too old, no mark, the mark of another, and a form sent twice.
func TestEveryChangeIsGuarded(t *testing.T) {
	h := newHouse(t)
	if w := h.post(people.Officer, "/case/"+h.theCase.ID+"/open", "/case/"+h.theCase.ID+"/open", url.Values{"purpose": {"Preparing the request"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	n := 0
	for _, route := range web.Routes() {
		method, path := h.address(route.Pattern)
		if method != "POST" || route.Asks {
			continue
		}
		n++
		role := people.Officer
		for _, r := range people.Roles() {
			if mayRoute(route.Pattern, r) {
				role = r
				break
			}
		}
		key, theirs := h.keys[role], h.door.NewForm(h.keys[people.Analyst])
		if role == people.Analyst {
			theirs = h.door.NewForm(h.keys[people.Officer])
		}
		ended, old := h.session(h.people[role]), h.session(h.people[role])
		_, pass, err := h.door.Enter(context.Background(), ended)
		if err != nil {
			t.Fatal(err)
		}
		h.in(func(ctx context.Context, tx *sql.Tx) error {
			_, err := h.book.EndPass(ctx, tx, door.Session, h.people[role].ID, pass.ID, h.clock)
			return err
		})
		send := func(key, mark string, heads ...string) *http.Response {
			if route.Streams {
				r := form(t, path, [][2]string{{"form", mark}, {"case", h.theCase.ID}, {"authority", "FIR 12/2025"}, {"brought_by", "SI"}}, file{"files", "a.json", "{}"})
				r.Host = "suraag.example.org"
				for i := 0; i+1 < len(heads); i += 2 {
					r.Header.Set(heads[i], heads[i+1])
				}
				r.AddCookie(&http.Cookie{Name: "__Host-suraag", Value: key})
				return ask(h.h, r).Result()
			}
			return h.ask(key, "POST", path, url.Values{"form": {mark}}, heads...).Result()
		}
		anyone := allowed[route.Pattern] == "anyone"
		refused := func(name string, got *http.Response, want ...int) {
			t.Helper()
			if !slices.Contains(want, got.StatusCode) {
				t.Errorf("%s, %s: %d", route.Pattern, name, got.StatusCode)
			}
		}
		refused("foreign page", send(key, h.door.NewForm(key), "Sec-Fetch-Site", "cross-site"), 403)
		refused("foreign origin", send(key, h.door.NewForm(key), "Sec-Fetch-Site", "", "Origin", "https://evil.example"), 403)
		refused("no mark", send(key, ""), 403)
		refused("another's mark", send(key, theirs), 403)
		if anyone {
			continue // its marks hang on a cookie of the visitor: TestSignInFormsAreSentOnce
		}
		out := 403
		if strings.HasPrefix(path, "/api/") || strings.HasSuffix(path, "/media/uncover") || strings.HasSuffix(path, "/media/cover") {
			out = 401 // a program, or a script, is told to show who it is
		}
		refused("ended session", send(ended, h.door.NewForm(ended)), out)
		then := h.clock
		h.clock = h.clock.Add(door.SessionIdle + time.Minute)
		refused("idle session", send(old, h.door.NewForm(old)), out)
		h.clock = then
		if route.Pattern == "POST /signout" {
			key = h.session(h.people[role]) // the others need theirs
		}
		mark := h.door.NewForm(key)
		first := send(key, mark)
		if first.StatusCode == http.StatusForbidden && route.Streams {
			t.Errorf("%s: its own form is refused", route.Pattern)
		}
		if first.StatusCode < 400 {
			again := send(key, mark)
			refused("sent twice", again, 409, 403) // 403 where the first ended the session
		}
	}
	if n < 15 {
		t.Errorf("only %d routes change something", n)
	}
}

// A form that worked is refused when it comes again; one that was refused may be
// corrected and sent again.
func TestAFormIsSentOnce(t *testing.T) {
	h := newHouse(t)
	key := h.keys[people.Officer]
	mark := h.door.NewForm(key)
	newCase := url.Values{"form": {mark}, "number": {"FIR 13/2025"}, "title": {"t"}, "station": {""}}
	if w := h.ask(key, "POST", "/cases", newCase); w.Code != http.StatusBadRequest {
		t.Fatalf("a case without a station: %d", w.Code)
	}
	newCase.Set("station", "PS Harbour")
	if w := h.ask(key, "POST", "/cases", newCase); w.Code != http.StatusSeeOther {
		t.Fatalf("corrected: %d %s", w.Code, w.Body)
	}
	newCase.Set("number", "FIR 14/2025")
	if w := h.ask(key, "POST", "/cases", newCase); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "sent already") {
		t.Errorf("sent again: %d %s", w.Code, w.Body)
	}
	old := h.door.NewForm(key)
	h.clock = h.clock.Add(door.SessionHolds)
	fresh := h.session(h.people[people.Officer])
	newCase.Set("form", old)
	if w := h.ask(fresh, "POST", "/cases", newCase); w.Code != http.StatusForbidden {
		t.Errorf("a form of an earlier session: %d", w.Code)
	}
}

func TestSignInFormsAreSentOnce(t *testing.T) {
	h := newHouse(t)
	page := h.ask("", "GET", "/signin", nil)
	visitor := page.Result().Cookies()[0]
	if visitor.Name != "__Host-suraag-visitor" || !visitor.Secure || !visitor.HttpOnly || visitor.Path != "/" || visitor.Domain != "" {
		t.Errorf("cookie %+v", visitor)
	}
	mark := markOf.FindStringSubmatch(page.Body.String())[1]
	send := func(cookie string) int {
		return h.ask("", "POST", "/signin", url.Values{"form": {mark}, "login": {"officer"}, "password": {"wrong wrong wrong"}, "code": {"000000"}}, "Cookie", cookie).Code
	}
	if got := send("__Host-suraag-visitor=" + visitor.Value); got != http.StatusForbidden {
		t.Errorf("a wrong password: %d", got)
	}
	if got := send("__Host-suraag-visitor=" + visitor.Value); got != http.StatusConflict {
		t.Errorf("the same form again: %d", got)
	}
	if got := send("__Host-suraag-visitor=somebody-else"); got != http.StatusForbidden {
		t.Errorf("with another's cookie: %d", got)
	}
	if got := send("x=y"); got != http.StatusForbidden {
		t.Errorf("without the cookie: %d", got)
	}
}

// Tokens do what they were made for, over HTTP.
func TestTokensOverHTTP(t *testing.T) {
	h := newHouse(t)
	read := h.pass(h.people[people.Officer], door.Token, time.Hour, door.About{Name: "script", Scope: "read"})
	handIn := h.pass(h.people[people.Officer], door.Token, time.Hour, door.About{Name: "scanner", Scope: "hand in"})
	none := h.pass(h.people[people.Officer], door.Token, time.Hour, door.About{Name: "old", Scope: "everything"})
	for _, c := range []struct {
		name, key, method, path string
		want                    int
	}{
		{"read: leads", read, "GET", "/api/leads", 200},
		{"read: trace", read, "GET", "/api/trace?target=198.51.100.77", 200},
		{"read: another token", read, "POST", "/account/token", 403},
		{"hand in: decide of a list", handIn, "POST", "/lists", 403},
		{"hand in: part two identifiers", handIn, "POST", "/actors", 403},
		{"read: a new case", read, "POST", "/cases", 403},
		{"read: account", read, "GET", "/account", 403},
		{"hand in: leads", handIn, "GET", "/api/leads", 403},
		{"a scope that is none", none, "GET", "/api/leads", 403},
		{"no token at all", "nonsense", "GET", "/api/leads", 401},
		{"a session's key is no token", h.keys[people.Officer], "GET", "/api/leads", 401},
	} {
		if w := h.ask("", c.method, c.path, nil, "Authorization", "Bearer "+c.key); w.Code != c.want {
			t.Errorf("%s: %d, want %d: %.200s", c.name, w.Code, c.want, w.Body)
		}
	}
	if w := h.ask(read, "GET", "/api/leads", nil); w.Code != 401 {
		t.Errorf("a token in a cookie: %d", w.Code)
	}
	if w := h.ask("", "GET", "/api/leads", nil, "Authorization", "Basic b2ZmaWNlcjpzZWNyZXQ="); w.Code != 401 {
		t.Errorf("another kind of authorization: %d", w.Code)
	}
	h.clock = h.clock.Add(2 * time.Hour)
	if w := h.ask("", "GET", "/api/leads", nil, "Authorization", "Bearer "+read); w.Code != 401 {
		t.Errorf("a token that is too old: %d", w.Code)
	}
}

// Where somebody wanted to go is a path of ours, or nothing.
func TestSignInLeadsNowhereElse(t *testing.T) {
	h := newHouse(t)
	for to, want := range map[string]string{
		"/leads?show=5": "/leads?show=5", "https://evil.example/": "/", "//evil.example/": "/", "/\\evil.example": "/", "javascript:alert(1)": "/", "": "/", "/signin?to=/signin": "/", "/%0d%0aSet-Cookie:x": "/%0d%0aSet-Cookie:x",
	} {
		w := h.get(people.Officer, "/signin?to="+url.QueryEscape(to))
		if got := w.Header().Get("Location"); !strings.EqualFold(got, want) {
			t.Errorf("to %q leads to %q, not %q", to, got, want)
		}
	}
}

// A machine without sign-in is wanted, and says so on every page.
func TestAMachineWithoutSignInSaysSo(t *testing.T) {
	if _, err := web.New(web.Config{Desk: newDesk(t, plainWords)}); err == nil {
		t.Error("pages without a door were made, and nobody wanted them")
	}
	h := newHouse(t)
	if _, err := web.New(web.Config{Desk: h.desk, Door: h.door, Wall: h.wall, Alone: "SI"}); err == nil {
		t.Error("pages with a door and without one were made")
	}
	d := newDesk(t, plainWords)
	for name, path := range everyPage(d) {
		if body := get(handler(t, d), path).Body.String(); !strings.Contains(body, "Nobody signs in on this machine") {
			t.Errorf("%s does not say so", name)
		}
	}
	if body := h.get(people.Officer, "/leads").Body.String(); strings.Contains(body, "Nobody signs in") || !strings.Contains(body, "SI O. Example (officer)") {
		t.Error("a page behind the door does not say who is signed in")
	}
}

// What each role may do to a case, by what it is to the case, over HTTP. The
// letters: k know of it, v look into it, o state a purpose, s decide who is on it,
// l seal it, a put a source into it, h hand in to it, b break the glass.
func TestEveryCaseActionOverHTTP(t *testing.T) {
	relations := []string{"not on it", "not on it, sealed", "on it", "on it, purpose stated", "in charge, purpose stated", "broke the glass"}
	table := map[people.Role][]string{
		people.Officer:       {"k b", "", "k o a h", "k v o a h", "k v o s l a h", "k v b"},
		people.Supervisor:    {"k b", "k b", "k o s l a h", "k v o s l a h", "k v o s l a h", "k v s l b"},
		people.Analyst:       {"k", "", "k o", "k v o", "k v o", "k"},
		people.Auditor:       {"", "", "", "", "", ""},
		people.Administrator: {"", "", "", "", "", ""},
	}
	tries := map[string]func(h *house, r people.Role, c string) int{
		"k": func(h *house, r people.Role, c string) int { return h.get(r, "/case/"+c+"/open").Code },
		"v": func(h *house, r people.Role, c string) int { return h.get(r, "/case/"+c).Code },
		"o": func(h *house, r people.Role, c string) int {
			return h.change(r, "/case/"+c+"/open", "do", "open", "purpose", "Preparing the request")
		},
		"s": func(h *house, r people.Role, c string) int {
			return h.change(r, "/case/"+c, "do", "put on", "login", "extra")
		},
		"l": func(h *house, r people.Role, c string) int { return h.change(r, "/case/"+c, "do", "seal") },
		"a": func(h *house, r people.Role, c string) int {
			h.desk.sources = append(h.desk.sources, source(people.NewID(), "of the unit"))
			return h.change(r, "/case/"+c, "do", "add", "source", h.desk.sources[len(h.desk.sources)-1].ID)
		},
		"h": func(h *house, r people.Role, c string) int { return h.bring(r, c) },
		"b": func(h *house, r people.Role, c string) int {
			return h.change(r, "/case/"+c+"/open", "do", "break", "purpose", "A child may be in danger")
		},
	}
	h := newHouse(t)
	h.person("extra", people.Officer)
	for role, rows := range table {
		for n, relation := range relations {
			for letter, try := range tries {
				c := h.related(role, relation)
				want := slices.Contains(strings.Fields(rows[n]), letter)
				got := try(h, role, c.ID)
				if done := got == http.StatusOK || got == http.StatusSeeOther && letter != "v"; done != want {
					t.Errorf("%s, %s, %s: %d, want allowed %v", role, relation, letter, got, want)
				}
				if hidden := !strings.Contains(rows[n], "k"); hidden && got != http.StatusNotFound && got != http.StatusForbidden {
					t.Errorf("%s, %s, %s: %d tells that the case is there", role, relation, letter, got)
				}
			}
		}
	}
}

// related makes a case to which somebody stands in a relation.
func (h *house) related(r people.Role, relation string) people.Case {
	h.t.Helper()
	h.cases++
	c := people.Case{ID: people.NewID(), Number: fmt.Sprintf("FIR %d/2026", h.cases), Title: "t", Station: "PS Harbour", InCharge: h.people[people.Officer].ID, Made: h.clock}
	me := h.people[r].ID
	if strings.HasPrefix(relation, "in charge") {
		c.InCharge = me
	} else if c.InCharge == me {
		c.InCharge = h.people[people.Supervisor].ID
	}
	c.Sealed = strings.HasSuffix(relation, "sealed")
	who := h.as(r)
	h.in(func(ctx context.Context, tx *sql.Tx) error {
		if err := h.book.AddCase(ctx, tx, c); err != nil {
			return err
		}
		if strings.HasPrefix(relation, "on it") || strings.HasPrefix(relation, "in charge") {
			if err := h.book.SetMember(ctx, tx, c.ID, me, true, "test", h.clock); err != nil {
				return err
			}
		}
		o := people.Opening{ID: people.NewID(), Case: c.ID, Person: me, By: people.From(who).By, Session: people.From(who).Session, Purpose: "made for the test", At: h.clock, Until: h.clock.Add(time.Hour)}
		o.Emergency = relation == "broke the glass"
		if o.Emergency || strings.HasSuffix(relation, "stated") {
			return h.book.AddOpening(ctx, tx, o)
		}
		return nil
	})
	return c
}

// change sends a form with these fields and a mark.
func (h *house) change(r people.Role, path string, fields ...string) int {
	v := url.Values{"form": {h.door.NewForm(h.keys[r])}, "to": {"/cases"}}
	for n := 0; n+1 < len(fields); n += 2 {
		v.Set(fields[n], fields[n+1])
	}
	return h.ask(h.keys[r], "POST", path, v).Code
}

// bring hands a document in to a case.
func (h *house) bring(r people.Role, caseID string) int {
	q := form(h.t, "/intake", [][2]string{{"form", h.door.NewForm(h.keys[r])}, {"case", caseID}, {"authority", "FIR 12/2025"}, {"brought_by", "SI"}}, file{"files", people.NewID() + ".json", people.NewID()})
	q.Host = "suraag.example.org"
	q.AddCookie(&http.Cookie{Name: "__Host-suraag", Value: h.keys[r]})
	return ask(h.h, q).Code
}
