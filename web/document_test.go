package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"suraag/fault"
)

func export(h http.Handler, body string) (w *httptest.ResponseRecorder, dropped any) {
	defer func() { dropped = recover() }()
	r := request("POST", "/export", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w, nil
}

func TestExport(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	w, _ := export(h, "what=bundle&target=76aba756619b")
	if w.Code != http.StatusOK || w.Body.String() != "document about 76aba756619b" || w.Header().Get("Content-Disposition") != `attachment; filename="lead-bundle.zip"` {
		t.Errorf("%d %q %q", w.Code, w.Body, w.Header())
	}
	if w, _ := export(h, "what=everything&target=x"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "everything") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := get(h, "/export"); w.Code == http.StatusOK {
		t.Error("a document can be taken by following a link")
	}
	d.fail = fault.Newf(fault.Denied, "a source belongs to a case that you are not on")
	if w, _ := export(h, "what=pdf&target=x"); w.Code != http.StatusForbidden || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("%d %q", w.Code, w.Header())
	}
}

// Nobody takes the part of a document for the whole.
func TestABrokenExportDropsTheLine(t *testing.T) {
	_, dropped := export(handler(t, newDesk(t, plainWords)), "what=bundle&target=breaks")
	if err, is := dropped.(error); !is || !errors.Is(err, http.ErrAbortHandler) {
		t.Errorf("the answer ends as if it were whole: %v", dropped)
	}
}

func TestPagesOfferDocuments(t *testing.T) {
	d := newDesk(t, plainWords)
	h := handler(t, d)
	for _, path := range []string{"/lead/" + d.leads[0].ID, "/trace?target=" + d.leads[0].Content.String()} {
		if body := get(h, path).Body.String(); !strings.Contains(body, `action="/export" method="post"`) || !strings.Contains(body, `value="bundle"`) || !strings.Contains(body, `value="pdf"`) {
			t.Errorf("%s offers no document", path)
		}
	}
}
