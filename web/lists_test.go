package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A held entry is shown with its count, a silenced digest with who and why, and a
// decision reaches the desk in the name of whoever is there.
func TestListsAndDecisions(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	w := get(h, "/lists")
	for _, words := range []string{"&lt;b&gt;known&lt;/b&gt;", "lay near 40 contents", "two people have to confirm it", "A. Officer", "logo of the provider", `name="what" value="confirm"`} {
		if !strings.Contains(w.Body.String(), words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	for _, c := range []struct {
		name   string
		form   url.Values
		code   int
		reason string
	}{
		{"confirm", url.Values{"what": {"confirm"}, "digest": {"pdq:" + strings.Repeat("0f", 32)}, "reason": {" looked at it "}}, http.StatusSeeOther, "looked at it"},
		{"nonsense", url.Values{"what": {"confirm"}, "digest": {"nonsense"}}, http.StatusBadRequest, ""},
		{"a long reason", url.Values{"what": {"negative"}, "digest": {"md5:" + strings.Repeat("0", 32)}, "reason": {strings.Repeat("x", 60_000)}}, http.StatusRequestEntityTooLarge, ""},
	} {
		d.decided = nil
		r := request("POST", "/lists", strings.NewReader(c.form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := ask(h, r)
		if w.Code != c.code {
			t.Errorf("%s: %d, not %d: %s", c.name, w.Code, c.code, w.Body)
		}
		if c.reason != "" && (len(d.decided) != 1 || d.decided[0].Reason != c.reason || d.decided[0].By == "") {
			t.Errorf("%s: decided %+v", c.name, d.decided)
		}
		if c.reason == "" && len(d.decided) > 0 {
			t.Errorf("%s: decided %+v", c.name, d.decided)
		}
	}
}
