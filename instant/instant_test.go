package instant_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/instant"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestParse(t *testing.T) {
	ist := instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: instant.DayFirst}
	istMonthFirst := instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: instant.MonthFirst}
	none := instant.Rule{}
	for _, c := range []struct {
		name, raw string
		rule      instant.Rule
		at        string
		spread    time.Duration
		basis     instant.Basis
		zone      string
	}{
		{"ISO with Z", "2025-02-28T18:45:10Z", none, "2025-02-28T18:45:10Z", time.Second - 1, instant.StatedUTC, "UTC"},
		{"ISO with offset", "2025-01-02T03:04:05-05:00", none, "2025-01-02T08:04:05Z", time.Second - 1, instant.StatedOffset, "-05:00"},
		{"ISO with milliseconds", "2024-01-15T14:30:00.250Z", none, "2024-01-15T14:30:00.25Z", time.Millisecond - 1, instant.StatedUTC, "UTC"},
		{"returns of Meta", "2025-02-28 18:45:10 UTC", none, "2025-02-28T18:45:10Z", time.Second - 1, instant.StatedUTC, "UTC"},
		{"returns of Google", "2025-02-28 18:30:00 Z", none, "2025-02-28T18:30:00Z", time.Second - 1, instant.StatedUTC, "UTC"},
		{"Snapchat", "Wed Aug 19 12:00:00 UTC 2021", none, "2021-08-19T12:00:00Z", time.Second - 1, instant.StatedUTC, "UTC"},
		{".NET", "/Date(1714537200000)/", none, "2024-05-01T04:20:00Z", time.Millisecond - 1, instant.StatedUTC, "UTC"},
		{".NET with offset, which changes nothing", "/Date(1714537200000+0530)/", none, "2024-05-01T04:20:00Z", time.Millisecond - 1, instant.StatedUTC, "UTC"},
		{"epoch seconds", "1740768310", none, "2025-02-28T18:45:10Z", time.Second - 1, instant.StatedUTC, "UTC"},
		{"epoch milliseconds", "1740768310123", none, "2025-02-28T18:45:10.123Z", time.Millisecond - 1, instant.StatedUTC, "UTC"},
		{"Indian IPDR, day first", "01/03/2025 00:15:10", ist, "2025-02-28T18:45:10Z", time.Second - 1, instant.ByRule, "IST"},
		{"Indian NAT syslog, month first", "02:28:2025 23:58:00", istMonthFirst, "2025-02-28T18:28:00Z", time.Second - 1, instant.ByRule, "IST"},
		{"older BSNL date", "30-APR-2022 10:00:00", ist, "2022-04-30T04:30:00Z", time.Second - 1, instant.ByRule, "IST"},
		{"12-hour clock without seconds", "14/03/26, 10:58 pm", ist, "2026-03-14T17:28:00Z", time.Minute - 1, instant.ByRule, "IST"},
		{"12 am is midnight", "14/03/26, 12:05 am", ist, "2026-03-13T18:35:00Z", time.Minute - 1, instant.ByRule, "IST"},
		{"narrow space before am", "14/03/26, 9:19:05\u202fam", ist, "2026-03-14T03:49:05Z", time.Second - 1, instant.ByRule, "IST"},
		{"EXIF in a declared zone", "2024:05:01 10:00:00", instant.Rule{Zone: instant.IST(), Basis: instant.Assumed}, "2024-05-01T04:30:00Z", time.Second - 1, instant.Assumed, "IST"},
		{"VICS capture time", "9/29/2024 9:59:59 PM (UTC-5)", none, "2024-09-30T02:59:59Z", time.Second - 1, instant.StatedOffset, "-05:00"},
		{"UFED extraction time", "13/05/2024 10:00:00(UTC+5.5)", none, "2024-05-13T04:30:00Z", time.Second - 1, instant.StatedOffset, "+05:30"},
		{"date only", "2024-05-03 UTC", none, "2024-05-03T00:00:00Z", 24*time.Hour - 1, instant.StatedUTC, "UTC"},
		{"no zone: 26 hours in which some clock showed it", "2024-05-01 10:00:00", none, "2024-04-30T20:00:00Z", 26*time.Hour + time.Second - 1, instant.Ambiguous, ""},
		{"day and month could be exchanged", "03/04/2025 10:00:00 UTC", none, "2025-03-04T10:00:00Z", 30*24*time.Hour + time.Second - 1, instant.Ambiguous, "UTC"},
		{"day above 12 settles the order", "13/04/2025 10:00:00 UTC", none, "2025-04-13T10:00:00Z", time.Second - 1, instant.StatedUTC, "UTC"},
		{"the clock set back shows it twice", "2024-11-03 01:30:00", instant.Rule{Zone: zone(t, "America/New_York"), Basis: instant.Assumed}, "2024-11-03T05:30:00Z", time.Hour + time.Second - 1, instant.Ambiguous, "America/New_York"},
		{"a day on which the clock is set back has 25 hours", "2024-11-03", instant.Rule{Zone: zone(t, "America/New_York"), Basis: instant.ByRule}, "2024-11-03T04:00:00Z", 25*time.Hour - 1, instant.ByRule, "America/New_York"},
		{"the clock set forward by half an hour", "2025-10-05 02:15:00", instant.Rule{Zone: zone(t, "Australia/Lord_Howe"), Basis: instant.ByRule}, "2025-10-04T15:15:00Z", 30*time.Minute + time.Second - 1, instant.Ambiguous, "Australia/Lord_Howe"},
		{"a day that a country left out", "2011-12-30 10:00:00", instant.Rule{Zone: zone(t, "Pacific/Apia"), Basis: instant.ByRule}, "2011-12-29T20:00:00Z", 24*time.Hour + time.Second - 1, instant.Ambiguous, "Pacific/Apia"},
		{"the clock set back by three hours", "2010-03-05 00:30:00", instant.Rule{Zone: zone(t, "Antarctica/Casey"), Basis: instant.ByRule}, "2010-03-04T13:30:00Z", 3*time.Hour + time.Second - 1, instant.Ambiguous, "Antarctica/Casey"},
		{"a year of two digits may stand first", "19-03-25 10:00:00 UTC", none, "2019-03-25T10:00:00Z", 2186*24*time.Hour + time.Second - 1, instant.Ambiguous, "UTC"},
		{"a year of two digits, order known", "19-03-25 10:00:00", ist, "2025-03-19T04:30:00Z", time.Second - 1, instant.ByRule, "IST"},
		{"the clock set forward never shows it", "2024-03-10 02:30:00", instant.Rule{Zone: zone(t, "America/New_York"), Basis: instant.Assumed}, "2024-03-10T06:30:00Z", time.Hour + time.Second - 1, instant.Ambiguous, "America/New_York"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := instant.Parse(c.raw, c.rule)
			if err != nil {
				t.Fatal(err)
			}
			if at := got.At.Format(time.RFC3339Nano); at != c.at {
				t.Errorf("at = %s, want %s", at, c.at)
			}
			if got.Spread() != c.spread || got.Basis != c.basis || got.Zone != c.zone {
				t.Errorf("spread %v, basis %q, zone %q; want %v, %q, %q", got.Spread(), got.Basis, got.Zone, c.spread, c.basis, c.zone)
			}
			if got.Raw != c.raw {
				t.Errorf("raw = %q, want the words as written, %q", got.Raw, c.raw)
			}
			if got.Basis == instant.Ambiguous && got.Doubt == "" {
				t.Error("ambiguous without saying why")
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for name, raw := range map[string]string{
		"empty":                       " ",
		"placeholder":                 "N/A",
		"31 February":                 "2025-02-31T00:00:00Z",
		"hour 25":                     "2025-02-28T25:00:00Z",
		"hour 13 on a 12-hour clock":  "14/03/26, 13:05 pm",
		"a zone that three use":       "2025-02-28 10:00:00 IST",
		"beyond any offset":           "2025-02-28T10:00:00+19:00",
		"year 9999":                   "9999-01-01T00:00:00Z",
		"scientific notation":         "1.74E+09",
		"an offset that no clock has": "2025-02-28 10:00:00 UTC+5.30",
		"a time of day alone":         "10:11:12",
		"milliseconds, or a date":     "202502281845",
	} {
		if got, err := instant.Parse(raw, instant.Rule{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %q gave %v, %v; want an invalid error", name, raw, got, err)
		}
	}
}

func TestExact(t *testing.T) {
	for raw, want := range map[string]bool{
		"2025-02-28T18:45:10Z":    true,
		"2025-02-28 18:45 UTC":    false,
		"2025-02-28 18:45:10":     false,
		"03/04/2025 10:00:00 UTC": false,
	} {
		i, err := instant.Parse(raw, instant.Rule{})
		if err != nil {
			t.Fatal(err)
		}
		if i.Exact() != want {
			t.Errorf("%q exact = %v, want %v", raw, i.Exact(), want)
		}
	}
}

func TestCompare(t *testing.T) {
	parse := func(raw string) instant.Instant {
		i, err := instant.Parse(raw, instant.Rule{})
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	clear, later, vague := parse("2025-04-01T00:00:00Z"), parse("2025-04-02T00:00:00Z"), parse("03/04/2025 10:00:00 UTC")
	if clear.Compare(later) != instant.Before || later.Compare(clear) != instant.After {
		t.Error("two clear instants are not in order")
	}
	if vague.Compare(later) != instant.Overlaps {
		t.Error("an instant that may be March or April was put before or after 2 April")
	}
	if (instant.Instant{}).Compare(clear) != instant.Overlaps {
		t.Error("an unstated time was put in order")
	}
}

func TestPrintedInLetters(t *testing.T) {
	i, _ := instant.Parse("2025-02-28T18:45:10Z", instant.Rule{})
	if got, want := i.In(instant.IST()), "1 March 2025 00:15:10 IST"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An instant that is written to JSON and read back is the same instant, and the
// words inside it always lie within its own span.
func FuzzParse(f *testing.F) {
	seeds := []string{"2025-02-28T18:45:10Z", "03/04/2025 10:00", "/Date(1714537200000)/", "02:28:2025 23:58:00", "Wed Aug 19 12:00:00 UTC 2021", "14/03/26, 12:05 am", "30-APR-2022", "1740768310.5", "2024-05-01 10:00:00(UTC+5.5)", "19-03-25 10:00"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, rule := range []instant.Rule{{}, {Zone: instant.IST(), Basis: instant.ByRule, Order: instant.DayFirst}} {
			i, err := instant.Parse(raw, rule)
			if err != nil {
				continue
			}
			if i.Until.Before(i.At) || i.Spread() > 32*366*24*time.Hour {
				t.Fatalf("%q spans %v to %v", raw, i.At, i.Until)
			}
			text, err := json.Marshal(i)
			if err != nil {
				t.Fatal(err)
			}
			var back instant.Instant
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			if back.Raw == i.Raw && !cmp.Equal(i, back) {
				t.Fatalf("%q: %v became %v", raw, i, back)
			}
		}
	})
}
