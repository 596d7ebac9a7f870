package look_test

import (
	"strings"
	"testing"
	"time"

	"suraag/fault"
	"suraag/people"
	"suraag/people/look"
)

var kolkata = time.FixedZone("IST", 5*3600+1800)

// at reads a moment of 12 March 2025 in India; a day may be put before it.
func at(t *testing.T, clock string) time.Time {
	t.Helper()
	if !strings.Contains(clock, " ") {
		clock = "2025-03-12 " + clock
	}
	when, err := time.ParseInLocation("2006-01-02 15:04:05", clock, kolkata)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// spans reads "from-to" pairs.
func spans(t *testing.T, pairs ...string) (out []look.Span) {
	t.Helper()
	for _, p := range pairs {
		from, to, _ := strings.Cut(p, " to ")
		out = append(out, look.Span{From: at(t, from), To: at(t, to)})
	}
	return out
}

func TestModeIsOnForItsTimeOnly(t *testing.T) {
	m := look.Mode{ID: "m", From: at(t, "10:00:00"), Until: at(t, "12:00:00")}
	ended := m
	ended.Ended = at(t, "11:00:00")
	for name, c := range map[string]struct {
		mode look.Mode
		now  string
		want bool
	}{
		"before":                 {m, "09:59:59", false},
		"first moment":           {m, "10:00:00", true},
		"in between":             {m, "11:59:59", true},
		"its end":                {m, "12:00:00", false},
		"none at all":            {look.Mode{}, "11:00:00", false},
		"ended before its time":  {ended, "11:30:00", false},
		"ended, asked of before": {ended, "10:30:00", false},
	} {
		if got := c.mode.On(at(t, c.now)); got != c.want {
			t.Errorf("%s: on is %v", name, got)
		}
	}
	if got := look.Current([]look.Mode{ended, m}, at(t, "11:30:00")); got != m {
		t.Errorf("the current one is %+v", got)
	}
	if got := look.Current([]look.Mode{ended, m}, at(t, "13:00:00")); got != (look.Mode{}) {
		t.Errorf("after all ended, %+v is on", got)
	}
	if over, err := m.End("SI", at(t, "11:00:00")); err != nil || over.On(at(t, "11:00:00")) || over.EndedBy != "SI" {
		t.Errorf("%+v, %v", over, err)
	}
	if _, err := m.End("SI", at(t, "12:00:00")); !fault.Is(err, fault.Conflict) {
		t.Errorf("ended twice: %v", err)
	}
}

func TestModeNeedsAReasonAndEnds(t *testing.T) {
	me := people.Who{Person: "me", By: "Insp. A (a)"}
	on := func(members ...string) people.Case { return people.Case{ID: "c", Members: members} }
	for name, c := range map[string]struct {
		c      people.Case
		reason string
		hours  int
		alone  bool
		ok     bool
	}{
		"an hour":             {on("me", "b"), "To describe the series", 1, false, true},
		"a shift":             {on("me"), "To describe the series", 12, true, true},
		"a supervisor of two": {on("b", "me"), "To describe the series", 8, false, true},
		"more than a shift":   {on("me"), "To describe the series", 13, false, false},
		"no time":             {on("me"), "To describe the series", 0, false, false},
		"backwards":           {on("me"), "To describe the series", -1, false, false},
		"no reason":           {on("me"), "  work  ", 1, false, false},
	} {
		m, err := look.New(c.c, me, c.reason, c.hours, at(t, "10:00:00"))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.ok && (m.Alone != c.alone || m.By != me.By || m.Until.Sub(m.From) != time.Duration(c.hours)*time.Hour) {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestWhatALookCounts(t *testing.T) {
	r := look.Reveal{At: at(t, "10:00:00"), Until: at(t, "10:00:30")}
	covered := r
	covered.Ended = at(t, "10:00:12")
	for name, c := range map[string]struct {
		r    look.Reveal
		now  string
		want time.Duration
		held bool
	}{
		"held so far":                     {r, "10:00:07", 7 * time.Second, true},
		"a flicker":                       {r, "10:00:00", time.Second, true},
		"nobody covered it":               {r, "14:00:00", 30 * time.Second, false},
		"covered":                         {covered, "14:00:00", 12 * time.Second, false},
		"covered, asked while it is held": {covered, "10:00:12", 12 * time.Second, false},
	} {
		s := c.r.Span(at(t, c.now))
		if got := s.To.Sub(s.From); got != c.want || c.r.Held(at(t, c.now)) != c.held {
			t.Errorf("%s: counts %s, held %v", name, got, c.r.Held(at(t, c.now)))
		}
	}
	if got := r.Cover(at(t, "10:00:12")); !got.Ended.Equal(at(t, "10:00:12")) || got.Lost {
		t.Errorf("covered in time: %+v", got)
	}
	if got := r.Cover(at(t, "11:00:00")); !got.Ended.Equal(r.Until) || !got.Lost {
		t.Errorf("said too late: %+v", got)
	}
}

func TestBudget(t *testing.T) {
	for name, c := range map[string]struct {
		spans     []look.Span
		limit     time.Duration
		now       string
		used      time.Duration
		brk, next string // moments; empty: none
		longest   time.Duration
		refused   string
	}{
		"nothing yet":                             {nil, 4 * time.Hour, "10:00:00", 0, "", "", 30 * time.Second, ""},
		"a look just now":                         {spans(t, "09:59:00 to 09:59:20"), 4 * time.Hour, "10:00:00", 20 * time.Second, "", "10:59:00", 30 * time.Second, ""},
		"a look ten minutes ago":                  {spans(t, "09:49:40 to 09:50:00"), 4 * time.Hour, "10:00:00", 20 * time.Second, "", "", 30 * time.Second, ""},
		"an hour since the first of a stretch":    {spans(t, "09:00:00 to 09:00:10", "09:09:00 to 09:09:10", "09:18:00 to 09:18:10", "09:27:00 to 09:27:10", "09:36:00 to 09:36:10", "09:45:00 to 09:45:10", "09:54:00 to 09:54:10"), 4 * time.Hour, "10:00:00", 70 * time.Second, "10:04:10", "", 0, "break"},
		"the last second before a break":          {spans(t, "09:00:05 to 09:09:00", "09:10:00 to 09:59:00"), 4 * time.Hour, "10:00:00", 3475 * time.Second, "", "10:00:05", 5 * time.Second, ""},
		"less than a second before a break":       {spans(t, "09:00:00 to 09:59:59"), 4 * time.Hour, "09:59:59", 3599 * time.Second, "", "10:00:00", time.Second, ""},
		"a break that was taken":                  {spans(t, "08:00:00 to 09:00:00"), 4 * time.Hour, "09:10:00", time.Hour, "", "", 30 * time.Second, ""},
		"a break that is being taken":             {spans(t, "08:00:00 to 09:00:00"), 4 * time.Hour, "09:09:59", time.Hour, "09:10:00", "", 0, "break"},
		"a pause of nine minutes is no break":     {spans(t, "08:00:00 to 08:30:00", "08:39:59 to 08:50:00"), 4 * time.Hour, "08:55:00", 2401 * time.Second, "", "09:00:00", 30 * time.Second, ""},
		"a pause of ten minutes begins anew":      {spans(t, "08:00:00 to 08:30:00", "08:40:00 to 08:50:00"), 4 * time.Hour, "08:55:00", 40 * time.Minute, "", "09:40:00", 30 * time.Second, ""},
		"the day is spent":                        {spans(t, "06:00:00 to 07:00:00", "07:10:00 to 08:10:00", "08:20:00 to 09:20:00", "09:30:00 to 10:30:00"), 4 * time.Hour, "18:00:00", 4 * time.Hour, "", "", 0, "all of a day"},
		"ten seconds are left":                    {spans(t, "06:00:00 to 06:29:50"), 30 * time.Minute, "18:00:00", 1790 * time.Second, "", "", 10 * time.Second, ""},
		"half a second is not looked at":          {spans(t, "06:00:00 to 06:30:00"), 30*time.Minute + time.Second/2, "18:00:00", 30 * time.Minute, "", "", 0, "all of a day"},
		"a lower limit after it was passed":       {spans(t, "06:00:00 to 06:30:00"), 10 * time.Minute, "18:00:00", 30 * time.Minute, "", "", 0, "all of a day"},
		"yesterday is not today":                  {spans(t, "2025-03-11 20:00:00 to 2025-03-11 21:00:00"), time.Hour, "00:30:00", 0, "", "", 30 * time.Second, ""},
		"a look over midnight counts in both":     {spans(t, "2025-03-11 23:59:50 to 2025-03-12 00:00:20"), time.Hour, "00:30:00", 20 * time.Second, "", "", 30 * time.Second, ""},
		"a stretch goes on over midnight":         {spans(t, "2025-03-11 23:30:00 to 2025-03-11 23:59:00", "00:05:00 to 00:29:00"), 4 * time.Hour, "00:30:00", 24 * time.Minute, "00:39:00", "", 0, "break"},
		"spans of two cases, out of order":        {spans(t, "09:30:00 to 09:30:10", "09:25:00 to 09:25:05"), 4 * time.Hour, "09:31:00", 15 * time.Second, "", "10:25:00", 30 * time.Second, ""},
		"a span that goes backwards says nothing": {[]look.Span{{From: at(t, "09:30:00"), To: at(t, "09:00:00")}}, 4 * time.Hour, "09:31:00", 0, "", "", 30 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			now := at(t, c.now)
			b := look.Reckon(c.spans, c.limit, kolkata, now)
			if b.Used != c.used || b.Left != max(0, c.limit-c.used) {
				t.Errorf("used %s, left %s", b.Used, b.Left)
			}
			for what, m := range map[string][2]any{"break": {b.Break, c.brk}, "next": {b.Next, c.next}} {
				got, want := m[0].(time.Time), time.Time{}
				if m[1] != "" {
					want = at(t, m[1].(string))
				}
				if !got.Equal(want) {
					t.Errorf("%s at %s, want %q", what, got, m[1])
				}
			}
			longest, err := b.Longest(look.Mode{Until: now.Add(time.Hour)}, now)
			if longest != c.longest {
				t.Errorf("a look may last %s, want %s", longest, c.longest)
			}
			if (err != nil) != (c.refused != "") || err != nil && !strings.Contains(err.Error(), c.refused) {
				t.Errorf("refused with %v, want %q", err, c.refused)
			}
			if err != nil && (!fault.Is(err, fault.Denied) || fault.Hint(err) == "") {
				t.Errorf("%v is %s, hint %q", err, fault.KindOf(err), fault.Hint(err))
			}
		})
	}
	now := at(t, "10:00:00")
	if d, err := look.Reckon(nil, time.Hour, kolkata, now).Longest(look.Mode{Until: now.Add(8 * time.Second)}, now); err != nil || d != 8*time.Second {
		t.Errorf("eight seconds before the mode ends: %s, %v", d, err)
	}
}

func TestLimits(t *testing.T) {
	unit := func(minutes int, from string) look.Limit {
		return look.Limit{Minute: minutes, At: at(t, from), From: at(t, from)}
	}
	own := func(minutes int, set, from string) look.Limit {
		return look.Limit{Person: "me", Minute: minutes, At: at(t, set), From: at(t, from)}
	}
	for name, c := range map[string]struct {
		limits []look.Limit
		want   time.Duration
	}{
		"none":                            {nil, 4 * time.Hour},
		"the unit's":                      {[]look.Limit{unit(120, "08:00:00")}, 2 * time.Hour},
		"one's own is lower":              {[]look.Limit{unit(120, "08:00:00"), own(60, "09:00:00", "09:00:00")}, time.Hour},
		"one's own is higher":             {[]look.Limit{unit(120, "08:00:00"), own(180, "09:00:00", "09:00:00")}, 2 * time.Hour},
		"never above the house's":         {[]look.Limit{unit(600, "08:00:00")}, 4 * time.Hour},
		"another's says nothing":          {[]look.Limit{{Person: "other", Minute: 5, At: at(t, "08:00:00"), From: at(t, "08:00:00")}}, 4 * time.Hour},
		"the later one holds":             {[]look.Limit{unit(60, "09:00:00"), unit(120, "08:00:00")}, time.Hour},
		"raised from tomorrow on":         {[]look.Limit{own(30, "08:00:00", "08:00:00"), own(60, "09:00:00", "2025-03-13 00:00:00")}, 30 * time.Minute},
		"raised for tomorrow, then lower": {[]look.Limit{own(60, "09:00:00", "2025-03-13 00:00:00"), own(20, "09:30:00", "09:30:00")}, 20 * time.Minute},
	} {
		if got := look.Allowed(c.limits, "me", at(t, "10:00:00")); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	now := at(t, "10:00:00")
	for name, c := range map[string]struct {
		minutes int
		had     time.Duration
		from    string
	}{
		"lower, at once":             {60, 2 * time.Hour, "10:00:00"},
		"the same":                   {120, 2 * time.Hour, "10:00:00"},
		"higher, from the next day":  {180, 2 * time.Hour, "2025-03-13 00:00:00"},
		"more than the house's":      {241, 2 * time.Hour, ""},
		"so low that it shuts out":   {4, 2 * time.Hour, ""},
		"less than nothing":          {-1, 2 * time.Hour, ""},
		"so much that it wraps over": {1 << 62, 2 * time.Hour, ""},
	} {
		l, err := look.NewLimit("me", "me", c.minutes, c.had, kolkata, now)
		if (err == nil) != (c.from != "") || err == nil && !l.From.Equal(at(t, c.from)) {
			t.Errorf("%s: from %s, %v", name, l.From, err)
		}
	}
}

func TestHoursByDay(t *testing.T) {
	got := look.HoursOf("me", spans(t, "2025-03-11 23:59:50 to 2025-03-12 00:00:20", "09:00:00 to 09:00:05", "2025-03-10 09:00:00 to 2025-03-10 09:01:00"), 3, time.Hour, kolkata, at(t, "10:00:00"))
	if len(got.Days) != 3 || got.Days[0] != 25*time.Second || got.Days[1] != 10*time.Second || got.Days[2] != time.Minute {
		t.Errorf("%v", got.Days)
	}
	// A day of 25 hours is one day.
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 10, 26, 23, 30, 0, 0, berlin)
	long := []look.Span{{From: time.Date(2025, 10, 26, 0, 10, 0, 0, berlin), To: time.Date(2025, 10, 26, 0, 20, 0, 0, berlin)}}
	if h := look.HoursOf("me", long, 2, time.Hour, berlin, now); h.Days[0] != 10*time.Minute || h.Days[1] != 0 {
		t.Errorf("in autumn: %v", h.Days)
	}
	if b := look.Reckon(long, time.Hour, berlin, now); b.Used != 10*time.Minute {
		t.Errorf("in autumn: used %s", b.Used)
	}
}

func TestMinutesInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 s", 12 * time.Second: "12 s", time.Minute: "1 min", 65 * time.Minute: "1 h 05 min", 4 * time.Hour: "4 h", 59*time.Minute + 59*time.Second: "1 h"} {
		if got := look.Minutes(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
