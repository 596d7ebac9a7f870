package web_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"suraag/custody/arrive"
	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
	"suraag/web"
)

// deliveriesFake remembers what was announced, and takes what is sent.
type deliveriesFake struct {
	announced map[string]web.Delivery
	sent      map[string]string
}

func (d *deliveriesFake) Announce(_ context.Context, x web.Delivery) (arrive.Answer, error) {
	if d.announced == nil {
		d.announced, d.sent = map[string]web.Delivery{}, map[string]string{}
	}
	d.announced[x.SHA256] = x
	return arrive.Answer{Upload: x.SHA256}, nil
}

func (d *deliveriesFake) Announced(_ context.Context, owner, id string) (web.Delivery, error) {
	x, there := d.announced[id]
	if !there || x.Owner != owner {
		return web.Delivery{}, fault.Newf(fault.NotFound, "nothing is being sent under this ID")
	}
	return x, nil
}

func (d *deliveriesFake) Send(_ context.Context, owner, id string, _ int64, body io.Reader, may func() error) (arrive.Answer, error) {
	b, err := io.ReadAll(body)
	if err := may(); err != nil {
		return arrive.Answer{}, err
	}
	d.sent[id] += string(b)
	x := d.announced[id]
	return arrive.Answer{Offset: int64(len(b)), Receipt: &arrive.Receipt{ID: id, Name: x.Name, BroughtBy: x.BroughtBy, Authority: x.Authority}}, err
}

func announcing(caseNumber string) string {
	doc, _ := json.Marshal(arrive.Announcement{SHA256: strings.Repeat("a", 64), Size: 2, Name: "a.json", Authority: "FIR 12/2025", Case: caseNumber})
	return string(doc)
}

// program sends something by a token.
func (h *house) program(token, method, path, body string, heads ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "suraag.example.org"
	r.Header.Set("Authorization", "Bearer "+token)
	for n := 0; n+1 < len(heads); n += 2 {
		r.Header.Set(heads[n], heads[n+1])
	}
	return ask(h.h, r)
}

// A token hands in to the cases of its person, as long as that is so: also between
// the announcement and the bytes.
func TestATokenHandsInWhileItMay(t *testing.T) {
	h := newHouse(t)
	token := h.pass(h.people[people.Officer], door.Token, time.Hour, door.About{Name: "scanner", Scope: "hand in"})
	number := h.theCase.Number
	if w := h.program(token, "POST", "/api/intake", announcing(number)); w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	got := h.desk.deliveries.announced[strings.Repeat("a", 64)]
	if got.Case != h.theCase.ID || got.BroughtBy != "SI O. Example (officer)" || got.Owner != h.people[people.Officer].ID {
		t.Errorf("announced %+v", got)
	}
	path := "/api/intake/" + strings.Repeat("a", 64) + "?offset=0"
	another := h.pass(h.people[people.Supervisor], door.Token, time.Hour, door.About{Name: "scanner", Scope: "hand in"})
	if w := h.program(another, "PUT", path, "{}"); w.Code != http.StatusNotFound {
		t.Errorf("another's draft: %d %s", w.Code, w.Body)
	}
	if w := h.program(token, "PUT", path, "{}"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"brought_by": "SI O. Example (officer)"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	h.in(func(ctx context.Context, tx *sql.Tx) error {
		return h.book.SetMember(ctx, tx, h.theCase.ID, h.people[people.Officer].ID, false, "test", h.clock)
	})
	if w := h.program(token, "PUT", path, "{}"); w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
		t.Errorf("taken off the case meanwhile: %d %s", w.Code, w.Body)
	}
}

// endless is a body in the middle of which something happens.
type endless struct {
	io.Reader
	happens func()
}

func (e endless) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if err == io.EOF {
		e.happens()
	}
	return n, err
}

// Who is ended while the bytes come hands nothing in, however long that takes.
func TestWhoIsEndedWhileSendingHandsNothingIn(t *testing.T) {
	h := newHouse(t)
	token := h.pass(h.people[people.Officer], door.Token, time.Hour, door.About{Name: "scanner", Scope: "hand in"})
	known := machinesFake{"gate-3": people.Who{Person: people.NewID(), By: "machine gate-3", Role: people.OfMachine, Session: "s", For: h.theCase.ID}}
	machines, err := web.ForMachines(web.Config{Desk: h.desk, Door: h.door, Wall: h.wall, Origin: origin, TLS: true, Deliveries: &h.desk.deliveries, Machines: known, Now: func() time.Time { return h.clock }})
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/intake/" + strings.Repeat("a", 64) + "?offset=0"
	for name, c := range map[string]struct {
		to   http.Handler
		into string
		sent func(r *http.Request)
		ends func()
	}{
		"a token": {h.h, h.theCase.Number, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }, func() { h.clock = h.clock.Add(2 * time.Hour) }},
		"a machine": {machines, "", func(r *http.Request) {
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{Raw: []byte("gate-3")}}}
		}, func() { delete(known, "gate-3") }},
	} {
		send := func(method, path string, body io.Reader) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, body)
			r.Host = "suraag.example.org"
			c.sent(r)
			return ask(c.to, r)
		}
		if w := send("POST", "/api/intake", strings.NewReader(announcing(c.into))); w.Code != http.StatusOK {
			t.Fatal(name, w.Code, w.Body)
		}
		if w := send("PUT", path, endless{strings.NewReader("{}"), c.ends}); w.Code != http.StatusForbidden {
			t.Errorf("%s that was ended meanwhile: %d %s", name, w.Code, w.Body)
		}
	}
}

// A program that asks without end is held up, and told to wait.
func TestAProgramIsHeldToItsPace(t *testing.T) {
	h := newHouse(t)
	token := h.pass(h.people[people.Officer], door.Token, time.Hour, door.About{Name: "scanner", Scope: "hand in"})
	codes := map[int]int{}
	for range 130 {
		codes[h.program(token, "POST", "/api/intake", announcing("unit")).Code]++
	}
	if codes[http.StatusOK] != 100 || codes[http.StatusServiceUnavailable] != 30 {
		t.Errorf("%v", codes)
	}
	h.clock = h.clock.Add(5 * time.Second)
	for range 20 {
		codes[h.program(token, "POST", "/api/intake", announcing("unit")).Code]++
	}
	if codes[http.StatusOK] != 110 {
		t.Errorf("after five seconds: %v", codes)
	}
}

// machinesFake knows certificates by their bytes.
type machinesFake map[string]people.Who

func (m machinesFake) Known(_ context.Context, der []byte) (people.Who, error) {
	w, known := m[string(der)]
	if !known {
		return w, fault.Newf(fault.Denied, "this certificate lets no machine in")
	}
	return w, nil
}

func (m machinesFake) Renew(context.Context, people.Who, []byte, []byte) ([]byte, error) {
	return []byte("certificate"), nil
}

// Every route for machines, asked by every kind of asker: a row each. A new route
// needs one.
func TestEveryRouteForMachines(t *testing.T) {
	h := newHouse(t)
	machine := func(forWhat string) people.Who {
		return people.Who{Person: people.NewID(), By: "machine gate-3", Role: people.OfMachine, Session: "s", For: forWhat}
	}
	known := machinesFake{"of the case": machine(h.theCase.ID), "of the unit": machine(people.ForUnit), "of nothing": machine("")}
	handler, err := web.ForMachines(web.Config{Desk: h.desk, Door: h.door, Wall: h.wall, Origin: origin, TLS: true, Deliveries: &h.desk.deliveries, Machines: known, Now: func() time.Time { return h.clock }})
	if err != nil {
		t.Fatal(err)
	}
	send := func(shown, method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if r.TLS = nil; shown != "" {
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{Raw: []byte(shown)}}}
		}
		r.AddCookie(&http.Cookie{Name: "__Host-suraag", Value: h.keys[people.Supervisor]}) // opens nothing here
		return ask(handler, r)
	}
	id := strings.Repeat("a", 64)
	rows := map[string]map[string]int{
		"POST /api/intake":        {"of the case": 200, "of the unit": 200, "of nothing": 403, "nobody": 401, "": 403},
		"PUT /api/intake/{id}":    {"of the case": 200, "of the unit": 404, "of nothing": 403, "nobody": 401, "": 403},
		"POST /api/machine/renew": {"of the case": 200, "of the unit": 200, "of nothing": 403, "nobody": 401, "": 403},
	}
	if n := len(web.MachineRoutes()); n != len(rows) {
		t.Errorf("%d routes, %d rows", n, len(rows))
	}
	for _, route := range web.MachineRoutes() {
		method, path, _ := strings.Cut(strings.ReplaceAll(route.Pattern, "{id}", id), " ")
		if method == "PUT" {
			path += "?offset=0"
			if w := send("of the case", "POST", "/api/intake", announcing("")); w.Code != http.StatusOK {
				t.Fatal(w.Code, w.Body)
			}
		}
		for shown, want := range rows[route.Pattern] {
			body := announcing("")
			if w := send(shown, method, path, body); w.Code != want {
				t.Errorf("%s, %q: %d, want %d: %s", route.Pattern, shown, w.Code, want, w.Body)
			}
			if method == "POST" && strings.HasSuffix(path, "/intake") && shown == "of the unit" {
				if got := h.desk.deliveries.announced[id]; got.Case != "" || got.BroughtBy != "machine gate-3" {
					t.Errorf("for the unit: %+v", got)
				}
			}
		}
	}
	// A browser that was given a machine's certificate shows it for any page that asks.
	for _, head := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://other.example"}, {"Origin", "null"}} {
		for _, path := range []string{"/api/intake", "/api/machine/renew"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(announcing("")))
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{Raw: []byte("of the unit")}}}
			r.Header.Set(head[0], head[1])
			if w := ask(handler, r); w.Code != http.StatusForbidden {
				t.Errorf("%s by a browser (%s: %s): %d %s", path, head[0], head[1], w.Code, w.Body)
			}
		}
	}
	for _, path := range []string{"/", "/trace", "/api/leads", "/people", "/healthz", "/static/style.css", "/signin"} {
		if w := send("of the unit", "GET", path, ""); w.Code != http.StatusNotFound || !strings.Contains(w.Header().Get("Content-Type"), "json") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
