package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The trace's page takes a person's word that two identifiers are not one someone,
// and brings whoever said it back to the trace.
func TestPartActorsOnThePage(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	body := get(h, "/trace?target=198.51.100.77").Body.String()
	if !strings.Contains(body, `action="/actors"`) || !strings.Contains(body, `name="a"`) {
		t.Fatal("the page has no form to part identifiers")
	}
	part := url.Values{"do": {"part"}, "a": {"phone:+910000000001"}, "b": {"account:example social:1"}, "why": {" the number was given out anew "}, "to": {"/trace?target=198.51.100.77"}}
	code, to, _ := postForm(h, "/actors", part)
	if code != http.StatusSeeOther || to != "/trace?target=198.51.100.77" || len(d.parted) != 1 || d.parted[0] != "phone:+910000000001 | account:example social:1 | the number was given out anew" {
		t.Errorf("%d %q %q", code, to, d.parted)
	}
	if code, _, _ := postForm(h, "/actors", url.Values{"do": {"join"}, "word": {"3f1c8a5e2b90"}, "why": {"it was not"}}); code != http.StatusSeeOther || len(d.parted) != 2 {
		t.Errorf("taking back: %d %q", code, d.parted)
	}
	for name, v := range map[string]url.Values{
		"no identifier":   {"do": {"part"}, "a": {"nobody"}, "b": {"phone:+910000000001"}, "why": {"why so"}},
		"an endless word": {"do": {"part"}, "a": {"phone:+910000000001"}, "b": {"phone:+910000000002"}, "why": {strings.Repeat("x", 9000)}},
		"nothing to do":   {"do": {"marry"}},
	} {
		if code, _, _ := postForm(h, "/actors", v); code < 400 || len(d.parted) != 2 {
			t.Errorf("%s: %d %q", name, code, d.parted)
		}
	}
}
