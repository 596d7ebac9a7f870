package app_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"suraag/app"
)

// Whoever changes the unit's key changes what people sign in with along with it,
// while the pages are served, and verify agrees.
func TestPeopleSignInAfterTheUnitsKeyChanged(t *testing.T) {
	data := exampleRecord(t)
	// A second program is needed for a later time: no code is used twice.
	in := decoded[app.Invitation](t, string(ask(t, data, "people", "invite", "--login", "a", "--name", "SI a", "--station", "PS", "--role", "officer", "--origin", "http://localhost:8473")))
	takeComplaint(t, data, "Asha", "2025-03-01T04:30:00Z", "phone:+910000000001")
	s := serve(t, data, "--sign-in")
	v := s.visitor()
	link := "/welcome?" + in.Link[strings.Index(in.Link, "?")+1:]
	_, shown := v.get(link)
	m := codeSecret.FindStringSubmatch(shown)
	if m == nil {
		t.Fatal(shown)
	}
	code := func(at string) string {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		c, err := totp.GenerateCode(m[1], when)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const password = "harbour gull lighthouse fog"
	if got, body := v.send(link, "/welcome", url.Values{"password": {password}, "again": {password}, "code": {code("2025-03-12T08:59:30Z")}, "codes": {m[1]}}); got != http.StatusOK {
		t.Fatal(got, body)
	}
	if b, err := os.ReadFile(filepath.Join(data, "suraag.db")); err != nil || bytes.Contains(b, []byte(m[1])) {
		t.Errorf("the record holds the secret of the code device (%v)", err)
	}
	out := must(t, data, "vault", "rekey", "--to", "file")
	if !regexp.MustCompile(`[1-9][0-9]* victims?, 0 drafts, 1 sign-in code\.`).MatchString(out) {
		t.Errorf("%s", out)
	}
	must(t, data, "vault", "check") // all of it opens
	again := s.visitor()
	if got, body := again.send("/signin", "/signin", url.Values{"login": {"a"}, "password": {password}, "code": {code("2025-03-12T09:00:00Z")}}); got != http.StatusOK || !strings.Contains(body, `href="/account"`) {
		t.Errorf("after the key was changed: %d %.600s", got, body)
	}
	// The pages are served meanwhile: what is half done may differ once.
	for n := range 3 {
		code, out, errs := say(data, "verify")
		if code == 0 {
			break
		}
		if n == 2 {
			t.Errorf("verify: %d %s %s", code, out, errs)
		}
	}
}
