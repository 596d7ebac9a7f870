package circulation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suraag/circulation"
	"suraag/instant"
	"suraag/sighting"
)

// TestReceivedIsNotShared: IPED issues 2548 and 2786, received counted as
// shared; and offered is never counted as sent.
func TestReceivedIsNotShared(t *testing.T) {
	var in []sighting.Sighting
	for _, act := range sighting.Acts() {
		in = append(in, see(t, "of "+string(act), act, "2025-03-01T10:00:00Z"))
	}
	table := circulation.Access(in, nil)
	if table.Shared != 3 || table.Offered != 1 || table.Received != 1 || table.Held != 1 {
		t.Errorf("want 3 shared (upload, send, forward), 1 offered, 1 received, 1 held: %+v", table)
	}
	if len(table.Rows) != len(in) || table.Acts[sighting.Send] != 1 || table.Acts[sighting.Offer] != 1 {
		t.Errorf("each act stands by itself: %+v", table.Acts)
	}
	only := circulation.Access([]sighting.Sighting{
		see(t, "a", sighting.Receive, ""), see(t, "b", sighting.Offer, ""), see(t, "c", sighting.Download, ""),
	}, nil)
	if only.Shared != 0 {
		t.Errorf("received, offered and downloaded count %d as shared", only.Shared)
	}
}

// TestHours: naive timestamps (flowsint issue 149) are in no hour.
func TestHours(t *testing.T) {
	ist := instant.IST()
	parse := func(words string, rule instant.Rule) instant.Instant {
		i, err := instant.Parse(words, rule)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	const none = -1
	for _, c := range []struct {
		name      string
		when      instant.Instant
		utc, zone int
	}{
		{"stated UTC", at(t, "2025-02-28T18:45:10Z"), 18, 0},
		{"by rule", parse("2025-03-01 00:15:10", instant.Rule{Zone: ist, Basis: instant.ByRule}), 18, 0},
		{"naive: no zone stated", at(t, "2025-02-28 18:45:10"), none, none},
		{"zone only assumed", parse("2025-03-01 00:15:10", instant.Rule{Zone: ist, Basis: instant.Assumed}), none, none},
		{"day and month could be exchanged", parse("03/04/2025 10:00:00", instant.UTC()), none, none},
		{"not stated", instant.Instant{}, none, none},
		{"an hour that is one in UTC and two in India", instant.Instant{
			At: time.Date(2025, 3, 1, 10, 0, 0, 0, time.UTC), Until: time.Date(2025, 3, 1, 10, 59, 59, 0, time.UTC), Basis: instant.StatedUTC}, 10, none},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := see(t, "a", sighting.Download, "")
			s.When = c.when
			row := circulation.Access([]sighting.Sighting{s}, ist).Rows[0]
			hours := func(h int) (want [24]int, not int) {
				if h == none {
					return want, 1
				}
				want[h] = 1
				return want, 0
			}
			wantUTC, notUTC := hours(c.utc)
			wantZone, notZone := hours(c.zone)
			if row.HoursUTC != wantUTC || row.NotCertainUTC != notUTC {
				t.Errorf("UTC: %v, not certain %d", row.HoursUTC, row.NotCertainUTC)
			}
			if row.Hours != wantZone || row.NotCertain != notZone {
				t.Errorf("%s: %v, not certain %d", ist, row.Hours, row.NotCertain)
			}
		})
	}
}

func TestRowsByServiceClientAndAct(t *testing.T) {
	row := func(name, service, client string, act sighting.Act) sighting.Sighting {
		s := see(t, name, act, "")
		s.Service, s.Client = service, client
		return s
	}
	table := circulation.Access([]sighting.Sighting{
		row("a", "Example Social", "app 1", sighting.View), row("b", "example social", "app 1", sighting.View),
		row("c", "Example Social", "app 1", sighting.Upload), row("d", "Example Social", "app 2", sighting.View), row("e", "", "", sighting.View),
	}, time.UTC)
	var got []string
	for _, r := range table.Rows {
		got = append(got, r.Service+"|"+r.Client+"|"+string(r.Act)+"|"+string(rune('0'+r.Count)))
	}
	want := []string{"||view|1", "Example Social|app 1|upload|1", "Example Social|app 1|view|2", "Example Social|app 2|view|1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
