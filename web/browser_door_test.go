package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"suraag/people"
	"suraag/people/door"
)

// localHouse is a house in front of which the browser stands. Passkeys belong to
// names, so it is called localhost.
func localHouse(t *testing.T) (*house, *browser) {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(srv.Listener.Addr().String(), ":")
	base := "http://localhost:" + port
	h := newHouseAt(t, base)
	srv.Config.Handler = h.h
	srv.Start()
	t.Cleanup(srv.Close)
	return h, openAt(t, base)
}

// authenticator gives the browser a device that makes passkeys.
func (b *browser) authenticator() webauthn.AuthenticatorID {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		b.t.Fatal(err)
	}
	got, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return got.AuthenticatorID
}

// passkey presses the button of a passkey.
func (b *browser) passkey() {
	b.t.Helper()
	b.until(`document.readyState + document.querySelector("[data-ready]").hidden`, "completefalse")
	b.do(chromedp.Click("[data-go]"))
}

// Somebody who was invited makes a passkey, signs out, signs in by it, adds
// another, and is refused where the device does not verify its user.
func TestBrowserPasskeys(t *testing.T) {
	h, b := localHouse(t)
	device := b.authenticator()
	key := h.pass(h.person("invited", people.Officer), door.Invitation, time.Hour, door.About{})
	b.visit("/welcome?key=" + key)
	b.picture("welcome")
	b.passkey()
	b.until("location.pathname", "/")
	b.until(`document.querySelector(".me").textContent.trim()`, "SI I. Example (invited)")
	b.visit("/account")
	b.picture("account")
	b.do(chromedp.Click(`form[action="/signout"] button`))
	b.until("location.pathname", "/signin")
	b.quiet("welcome")

	b.visit("/signin?to=/cases")
	b.picture("signin")
	b.passkey()
	b.until("location.pathname", "/cases")
	b.quiet("sign-in")
	b.visit("/welcome?key=" + key)
	if words := b.value(`document.querySelector("main").textContent`); !strings.Contains(words, "was used") {
		t.Errorf("a used invitation says %q", words)
	}
	b.complaints = nil // the browser notes the status 403, which is meant

	b.visit("/account")
	b.passkey() // the device has one of this person already and must not make a second
	b.until(`document.querySelector("[data-say]").hidden`, "false")
	b.do(chromedp.Click(`form[action="/signout"] button`))
	b.until("location.pathname", "/signin")
	b.complaints = nil

	if _, err := chromedp.Call(b.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device, IsUserVerified: false}); err != nil {
		t.Fatal(err)
	}
	b.visit("/signin")
	b.passkey()
	b.until(`document.querySelector("[data-say]").hidden`, "false")
	if got := b.value("location.pathname"); got != "/signin" {
		t.Errorf("a passkey that does not verify its user leads to %s", got)
	}
}

// Each page behind the door loads without a complaint, in light and dark, and
// never needs to be moved sideways on a small laptop.
func TestBrowserLoadsEveryPageBehindTheDoor(t *testing.T) {
	h, b := localHouse(t)
	for n := range 6 {
		h.person("officer"+string(rune('1'+n)), people.Officer)
	}
	in := h.newCase(people.Officer, "FIR 0013/2025 PS Cyber Cell", false)
	h.newCase(people.Supervisor, "FIR 0014/2025 PS Harbour", true)
	for n, s := range h.desk.sources {
		if n > 2 {
			break
		}
		if err := h.wall.Put(h.as(people.Officer), in.ID, s.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, login := range []string{"officer1", "analyst"} {
		if err := h.wall.Staff(h.as(people.Officer), in.ID, login, true, false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.wall.Open(h.as(people.Officer), in.ID, "Preparing the request to the operator"); err != nil {
		t.Fatal(err)
	}
	h.people["second"] = h.person("second", people.Officer)
	h.keys["second"] = h.session(h.people["second"])
	if _, err := h.wall.Break(h.as("second"), in.ID, "A child may be in danger now, and nobody of the desk answers"); err != nil {
		t.Fatal(err)
	}
	entries, err := h.book.LastEntries(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	h.desk.entries = entries
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		for _, c := range []struct {
			name string
			role people.Role
			path string
		}{
			{"signin", "", "/signin"}, {"cases", people.Officer, "/cases"}, {"case", people.Officer, "/case/" + in.ID}, {"open", people.Analyst, "/case/" + in.ID + "/open"},
			{"break", people.Supervisor, "/case/" + in.ID + "/open"}, {"intake-case", people.Officer, "/intake?case=" + in.ID}, {"account", people.Officer, "/account"},
			{"notices", people.Supervisor, "/notices"}, {"people", people.Administrator, "/people"}, {"person", people.Administrator, "/person/" + h.people[people.Officer].ID}, {"log", people.Auditor, "/log"},
		} {
			b.visit("/healthz")
			b.do(script(`document.cookie = "suraag=` + h.keys[c.role] + `; path=/"`))
			b.visit(c.path)
			if over := b.value("document.documentElement.scrollWidth - innerWidth"); strings.TrimLeft(over, "-0123456789") != "" || over[0] != '-' && over != "0" {
				t.Errorf("%s is %s pixels wider than the screen", c.name, over)
			}
			if want, _, _ := strings.Cut(c.path, "?"); b.value("location.pathname") != want {
				t.Errorf("%s leads to %s", c.name, b.value("location.pathname"))
			}
			b.picture("door-" + c.name + "-" + scheme)
			b.quiet(c.name)
		}
	}
}
