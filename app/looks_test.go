package app_test

import (
	"net/http"
	"strings"
	"testing"

	"suraag/app"
)

// The days by which something has to be done say of which demand, so taking them
// out is a look like every other.
func TestTakingTheCalendarIsALook(t *testing.T) {
	data := exampleRecord(t)
	looks := func() (n int) {
		for _, e := range read[[]app.LogEntry](t, must(t, data, "log", "show", "--about", "clocks", "--json")) {
			if e.Kind == "view" && strings.Contains(string(e.Record), "shown_sha256") {
				n++
			}
		}
		return n
	}
	before := looks()
	code, body := serve(t, data).visitor().get("/clocks.ics")
	if code != http.StatusOK || !strings.HasPrefix(body, "BEGIN:VCALENDAR") {
		t.Fatalf("%d %.100s", code, body)
	}
	if got := looks() - before; got != 1 {
		t.Errorf("%d looks are logged for one calendar on the page", got)
	}
	must(t, data, "clock", "list")
	if got := looks() - before; got != 2 {
		t.Errorf("%d looks are logged after the command", got)
	}
}
