package web_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"suraag/custody/vault"
	"suraag/instant"
	"suraag/people"
	"suraag/people/door"
	"suraag/people/wall"
	"suraag/store"
	"suraag/web"
)

// house is pages on which people sign in, with a book in which somebody of each
// role has a session, and with a case of the officer's.
type house struct {
	t       testing.TB
	h       http.Handler
	desk    *desk
	media   *mediaFake
	book    *store.DB
	door    *door.Door
	wall    *wall.Wall
	clock   time.Time
	people  map[people.Role]people.Person
	keys    map[people.Role]string // of sessions
	theCase people.Case
	cases   int // made so far, for their numbers
}

const origin = "https://suraag.example.org"

func newHouse(t testing.TB) *house { return newHouseAt(t, origin) }

func newHouseAt(t testing.TB, origin string) *house {
	t.Helper()
	book, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "record.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	policy, err := people.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, desk: newDesk(t, plainWords), media: &mediaFake{}, book: book, clock: now(), people: map[people.Role]people.Person{}, keys: map[people.Role]string{}}
	clock := func() time.Time { return h.clock }
	h.wall = &wall.Wall{Book: book, Policy: policy, Now: clock}
	key, err := vault.OpenKey(filepath.Join(t.TempDir(), "unit.key"))
	if err != nil {
		t.Fatal(err)
	}
	if h.door, err = door.New(door.Config{Book: book, Policy: policy, Now: clock, Origin: origin, Unit: key}); err != nil {
		t.Fatal(err)
	}
	h.h, err = web.New(web.Config{
		Desk: h.desk, Complaints: &h.desk.complaints, Figures: figuresFake{}, Media: h.media, Deliveries: &h.desk.deliveries, Now: clock, Zone: instant.IST(), Version: "1.0 (test)", Door: h.door, Wall: h.wall, Origin: origin, TLS: strings.HasPrefix(origin, "https:"), Hosts: []string{"suraag.example.org"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range people.Roles() {
		h.people[r] = h.person(string(r), r)
		h.keys[r] = h.session(h.people[r])
	}
	h.theCase = h.newCase(people.Officer, "FIR 12/2025", false)
	return h
}

func (h *house) in(f func(ctx context.Context, tx *sql.Tx) error) {
	h.t.Helper()
	ctx := context.Background()
	if err := h.book.InTx(ctx, func(tx *sql.Tx) error { return f(ctx, tx) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) person(login string, r people.Role) people.Person {
	h.t.Helper()
	p := people.Person{ID: people.NewID(), Login: login, Name: "SI " + strings.ToUpper(login[:1]) + ". Example", Station: "PS Cyber Cell", Role: r, Made: h.clock, MadeBy: "the terminal"}
	h.in(func(ctx context.Context, tx *sql.Tx) error { return h.book.AddPerson(ctx, tx, p) })
	return p
}

// session opens a session as a passkey would.
func (h *house) session(p people.Person) string {
	return h.pass(p, door.Session, door.SessionHolds, door.About{How: "passkey", From: "192.0.2.7", Agent: "Example browser"})
}

func (h *house) pass(p people.Person, kind door.Kind, hold time.Duration, about door.About) string {
	h.t.Helper()
	key := people.NewID()
	sum := sha256.Sum256([]byte(key))
	h.in(func(ctx context.Context, tx *sql.Tx) error {
		return h.book.AddPass(ctx, tx, door.Pass{ID: hex.EncodeToString(sum[:]), Kind: kind, Person: p.ID, Made: h.clock, Seen: h.clock, Until: h.clock.Add(hold), About: about})
	})
	return key
}

func (h *house) as(r people.Role) context.Context {
	key := h.keys[r]
	sum := sha256.Sum256([]byte(key))
	return people.With(context.Background(), h.people[r].Who(hex.EncodeToString(sum[:16])))
}

func (h *house) newCase(by people.Role, number string, sealed bool) people.Case {
	h.t.Helper()
	c, err := h.wall.New(h.as(by), people.Case{Number: number, Title: "Lighthouse series", Station: "PS Cyber Cell", Sealed: sealed})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// ask sends a request as somebody in a session; an empty key is nobody.
func (h *house) ask(key, method, path string, body url.Values, heads ...string) *httptest.ResponseRecorder {
	var r *http.Request
	if body == nil {
		r = httptest.NewRequest(method, origin+path, nil)
	} else {
		r = httptest.NewRequest(method, origin+path, strings.NewReader(body.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for n := 0; n+1 < len(heads); n += 2 {
		r.Header.Set(heads[n], heads[n+1])
	}
	if key != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-suraag", Value: key})
	}
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, r)
	return w
}

func (h *house) get(r people.Role, path string) *httptest.ResponseRecorder {
	return h.ask(h.keys[r], "GET", path, nil)
}

var markOf = regexp.MustCompile(`name="form" value="([^"]+)"`)

// post fills in the first form of a page and sends it.
func (h *house) post(r people.Role, page, path string, fields url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	got := h.get(r, page)
	m := markOf.FindStringSubmatch(got.Body.String())
	if m == nil {
		h.t.Fatalf("%s has no form with a mark: %d %s", page, got.Code, got.Body)
	}
	fields.Set("form", m[1])
	return h.ask(h.keys[r], "POST", path, fields)
}

// Every page behind the door is written.
func TestEveryPageBehindTheDoorIsWritten(t *testing.T) {
	h := newHouse(t)
	invitation := h.pass(h.person("invited", people.Officer), door.Invitation, time.Hour, door.About{})
	if w := h.post(people.Officer, "/case/"+h.theCase.ID+"/open", "/case/"+h.theCase.ID+"/open", url.Values{"purpose": {"Preparing the request"}, "to": {"/case/" + h.theCase.ID}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	if w := h.post(people.Supervisor, "/case/"+h.theCase.ID+"/open", "/case/"+h.theCase.ID+"/open", url.Values{"purpose": {"A child may be in danger"}, "do": {"break"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	for _, c := range []struct {
		role  people.Role
		path  string
		holds []string
	}{
		{"", "/signin", []string{"With your passkey", "With password and code"}},
		{"", "/welcome?key=" + invitation, []string{"Welcome, SI I. Example", "otpauth://totp/Suraag:invited"}},
		{people.Officer, "/account", []string{"this one", "Make a token", "192.0.2.7"}},
		{people.Auditor, "/account", []string{"this one"}},
		{people.Officer, "/cases", []string{"FIR 12/2025", "Lighthouse series", "Open a case"}},
		{people.Analyst, "/cases", []string{"not on it; ask PS Cyber Cell"}},
		{people.Officer, "/case/" + h.theCase.ID, []string{"in charge", "It has none yet"}},
		{people.Supervisor, "/case/" + h.theCase.ID, []string{"Lighthouse series"}},
		{people.Officer, "/case/" + h.theCase.ID + "/open", []string{"What do you need it for?"}},
		{people.Supervisor, "/notices", []string{"A child may be in danger", "another supervisor takes notice"}},
		{people.Administrator, "/people", []string{"Invite somebody", "officer"}},
		{people.Administrator, "/person/" + h.people[people.Officer].ID, []string{"Close all doors and invite anew"}},
		{people.Administrator, "/person/" + h.people[people.Administrator].ID, []string{"This is you"}},
		{people.Auditor, "/log", []string{"What a case holds is not shown here"}},
		{people.Officer, "/intake", []string{"For the case", "FIR 12/2025"}},
	} {
		w := h.ask(h.keys[c.role], "GET", c.path, nil)
		for _, words := range c.holds {
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), words) {
				t.Errorf("%s %s: %d, without %q: %s", c.role, c.path, w.Code, words, w.Body)
			}
		}
	}
}
