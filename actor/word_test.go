package actor_test

import (
	"strings"
	"testing"
	"time"

	"suraag/actor"
	"suraag/fault"
	"suraag/sighting"
)

func TestApart(t *testing.T) {
	at := time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)
	two := ids(t, "phone:+910000000001", "account:example social:1")
	link := ids(t, "url:https://example.org/a")[0]
	for _, c := range []struct {
		name    string
		a, b    sighting.Identifier
		by, why string
		want    string // of the error; empty: none
	}{
		{"a number that was given out anew", two[0], two[1], "officer", "given out anew", ""},
		{"itself", two[0], two[0], "officer", "why", "from itself"},
		{"what never links", two[0], link, "officer", "why", "never links"},
		{"nobody says it", two[0], two[1], " ", "why", "a person and a reason"},
		{"no reason", two[0], two[1], "officer", " ", "a person and a reason"},
		{"an endless reason", two[0], two[1], "officer", strings.Repeat("x", 2000), "at most 1000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := actor.Apart(c.a, c.b, c.by, c.why, at)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				return
			}
			if err != nil || !w.Holds() || len(actor.Undos([]actor.Word{w})) != 1 {
				t.Fatalf("%+v, %v", w, err)
			}
			other, err := actor.Apart(c.b, c.a, c.by, c.why, at)
			if err != nil || other != w {
				t.Errorf("the other way round: %+v, %v", other, err)
			}
			back, err := w.TakenBack("second", "it was not", at.Add(time.Hour))
			if err != nil || back.Holds() || len(actor.Undos([]actor.Word{back})) != 0 {
				t.Errorf("taken back: %+v, %v", back, err)
			}
			if _, err := back.TakenBack("third", "again", at); !fault.Is(err, fault.Conflict) {
				t.Errorf("taken back twice: %v", err)
			}
		})
	}
}
