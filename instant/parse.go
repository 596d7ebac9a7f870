package instant

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"suraag/fault"
)

// DateOrder says how a date of three numbers is to be read.
type DateOrder string

// The orders of day and month.
const (
	OrderUnknown DateOrder = ""          // both readings stay, where both are dates
	DayFirst     DateOrder = "day first" // dd/mm/yyyy, as Indian operators are ordered to write
	MonthFirst   DateOrder = "month first"
)

// Rule is what a format, or the officer who hands the file in, says about times
// that do not say it themselves.
type Rule struct {
	Zone  *time.Location // zone of times that state none; nil: none is known
	Basis Basis          // ByRule or Assumed, for times that take Zone
	Order DateOrder
}

// UTC is the rule of formats whose unmarked times are documented to be in UTC.
func UTC() Rule { return Rule{Zone: time.UTC, Basis: ByRule} }

// IST is Indian Standard Time. India has had no summer time since 1945, so the
// offset is fixed.
func IST() *time.Location { return time.FixedZone("IST", 5*3600+1800) }

// clock is what is left of the words when the date has been read.
type reading struct {
	year, month, day, hour, minute int
	second                         int
	nano                           int
	resolution                     time.Duration
	yearFirst                      bool // of two digits
}

var (
	dotNet   = regexp.MustCompile(`^/Date\((-?\d{1,15})([+-]\d{4})?\)/$`)
	epoch    = regexp.MustCompile(`^\d{9,10}(\.\d{1,9})?$`)
	epochMs  = regexp.MustCompile(`^\d{12,13}$`)
	isoDate  = regexp.MustCompile(`^(\d{4})[-/:.](\d{1,2})[-/:.](\d{1,2})`)
	numDate  = regexp.MustCompile(`^(\d{1,2})[-/:.](\d{1,2})[-/:.](\d{4}|\d{2})\b`)
	nameDate = regexp.MustCompile(`(?i)^(\d{1,2})[- ]([a-z]{3,9})[-, ]+(\d{4})\b`)
	unixDate = regexp.MustCompile(`(?i)^(?:[a-z]{3},? +)?([a-z]{3,9}) +(\d{1,2}),? +(\d{2}:\d{2}:\d{2}) +([a-z]{1,5}) +(\d{4})$`)
	wordDate = regexp.MustCompile(`(?i)^([a-z]{3,9}) (\d{1,2}),? (\d{4})\b`)
	clockRe  = regexp.MustCompile(`(?i)^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,:](\d{1,9}))?)?\s*([ap]\.?m\.?)?`)
	offsetRe = regexp.MustCompile(`(?i)^(?:\(?\s*(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2})|\.(\d{1,2}))?\s*\)?)$`)
)

// Parse reads the words of a source. It knows ISO 8601 with and without offset,
// .NET /Date(ms)/, epoch seconds and milliseconds, "YYYY-MM-DD HH:MM:SS UTC",
// "Wed Aug 19 12:00:00 UTC 2021", dd/mm/yyyy and mm:dd:yyyy by the rule's order,
// 30-APR-2022, 12-hour clocks, EXIF dates and "(UTC+5.5)" (formats.md §8.3).
func Parse(raw string, rule Rule) (Instant, error) {
	text := strings.TrimSpace(strings.NewReplacer("\u202f", " ", "\u00a0", " ", "\u200e", "", "\u200f", "").Replace(raw))
	if text == "" {
		return Instant{}, fault.Newf(fault.Invalid, "time %q is empty", raw)
	}
	if len(text) > 64 {
		return Instant{}, fault.Newf(fault.Invalid, "time %q… is longer than any known form of a time", text[:64])
	}
	if i, done, err := parseNumber(text, raw); done {
		return i, err
	}
	dates, rest, err := parseDate(text, raw, rule.Order)
	if err != nil {
		return Instant{}, err
	}
	zone, err := parseClock(dates, rest, raw)
	if err != nil {
		return Instant{}, err
	}
	return place(dates, zone, raw, rule)
}

// parseNumber reads the forms that count from 1970 and so are in UTC.
func parseNumber(text, raw string) (i Instant, done bool, err error) {
	if m := dotNet.FindStringSubmatch(text); m != nil {
		ms, _ := strconv.ParseInt(m[1], 10, 64)
		i, err = span(time.UnixMilli(ms), time.Millisecond, raw, StatedUTC, "UTC")
		return i, true, err
	}
	if _, err := time.Parse("200601021504", text); err == nil {
		// Twelve digits are milliseconds of the last century or, far likelier, these.
		return i, true, fault.Newf(fault.Invalid, "time %q can be milliseconds since 1970 or year, month, day, hour and minute", raw)
	}
	if epochMs.MatchString(text) {
		ms, _ := strconv.ParseInt(text, 10, 64)
		i, err = span(time.UnixMilli(ms), time.Millisecond, raw, StatedUTC, "UTC")
		return i, true, err
	}
	if epoch.MatchString(text) {
		whole, part, _ := strings.Cut(text, ".")
		s, _ := strconv.ParseInt(whole, 10, 64)
		ns, res := fraction(part)
		i, err = span(time.Unix(s, int64(ns)), res, raw, StatedUTC, "UTC")
		return i, true, err
	}
	return Instant{}, false, nil
}

// fraction reads the digits after the decimal point and says how fine they are.
func fraction(digits string) (ns int, resolution time.Duration) {
	if digits == "" {
		return 0, time.Second
	}
	resolution = time.Second
	for range digits {
		resolution /= 10
	}
	ns, _ = strconv.Atoi((digits + "00000000")[:9])
	return ns, max(resolution, 1)
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func month(name string) int {
	for n, m := range months {
		if len(name) >= 3 && strings.EqualFold(name[:3], m) {
			return n + 1
		}
	}
	return 0
}

// parseDate gives one reading of the date, or two where day and month could be
// exchanged and no rule says which is first.
func parseDate(text, raw string, order DateOrder) (dates []*reading, rest string, err error) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return []*reading{{year: number(m[1]), month: number(m[2]), day: number(m[3])}}, text[len(m[0]):], nil
	}
	if m := unixDate.FindStringSubmatch(text); m != nil {
		return []*reading{{year: number(m[5]), month: month(m[1]), day: number(m[2])}}, m[3] + " " + m[4], nil
	}
	if m := nameDate.FindStringSubmatch(text); m != nil {
		return []*reading{{year: number(m[3]), month: month(m[2]), day: number(m[1])}}, text[len(m[0]):], nil
	}
	if m := wordDate.FindStringSubmatch(text); m != nil {
		return []*reading{{year: number(m[3]), month: month(m[1]), day: number(m[2])}}, text[len(m[0]):], nil
	}
	m := numDate.FindStringSubmatch(text)
	if m == nil {
		return nil, "", fault.Newf(fault.Invalid, "time %q has no known form", raw)
	}
	a, b, year := number(m[1]), number(m[2]), number(m[3])
	if len(m[3]) == 2 && strings.Contains(m[0], ":") {
		return nil, "", fault.Newf(fault.Invalid, "time %q has no date, or one that cannot be told from a time of day", raw)
	}
	if len(m[3]) == 2 {
		year += 2000
	}
	dayFirst, monthFirst := &reading{year: year, month: b, day: a}, &reading{year: year, month: a, day: b}
	switch {
	case order == DayFirst:
		dates = []*reading{dayFirst}
	case order == MonthFirst:
		dates = []*reading{monthFirst}
	case a > 12 || a == b:
		dates = []*reading{dayFirst}
	case b > 12:
		dates = []*reading{monthFirst}
	default:
		dates = []*reading{dayFirst, monthFirst}
	}
	// "25-02-19" is written year first as well (ISO 8601:1988 allowed it).
	if yearFirst := (&reading{year: 2000 + a, month: b, day: year % 100, yearFirst: true}); order == OrderUnknown && len(m[3]) == 2 && strings.Contains(m[0], "-") && yearFirst.valid() {
		dates = append(dates, yearFirst)
	}
	return dates, text[len(m[0]):], nil
}

// parseClock fills the time of day into every reading and gives the zone words.
func parseClock(dates []*reading, rest, raw string) (zone string, err error) {
	rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(rest, " ,"), "T"))
	m := clockRe.FindStringSubmatch(rest)
	var r reading
	r.resolution = 24 * time.Hour
	if m != nil {
		r.hour, _ = strconv.Atoi(m[1])
		r.minute, _ = strconv.Atoi(m[2])
		r.resolution = time.Minute
		if m[3] != "" {
			r.second, _ = strconv.Atoi(m[3])
			r.nano, r.resolution = fraction(m[4])
		}
		if m[5] != "" {
			if r.hour < 1 || r.hour > 12 {
				return "", fault.Newf(fault.Invalid, "time %q has hour %d on a 12-hour clock", raw, r.hour)
			}
			r.hour = r.hour%12 + map[byte]int{'a': 0, 'p': 12}[m[5][0]|0x20]
		}
		rest = rest[len(m[0]):]
	}
	for _, d := range dates {
		d.hour, d.minute, d.second, d.nano, d.resolution = r.hour, r.minute, r.second, r.nano, r.resolution
	}
	return strings.TrimSpace(rest), nil
}

// valid refuses 31 February and 25:00, which time.Date would quietly move.
func (r *reading) valid() bool {
	t := time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, r.second, r.nano, time.UTC)
	return t.Year() == r.year && int(t.Month()) == r.month && t.Day() == r.day && t.Hour() == r.hour && t.Minute() == r.minute && t.Second() == r.second
}

// date is the day as the reading has it, month in letters.
func (r *reading) date() string { return r.in(time.UTC).Format("2 January 2006") }

func (r *reading) in(zone *time.Location) time.Time {
	return time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, r.second, r.nano, zone)
}

// place puts the readings on the UTC line.
func place(dates []*reading, zoneWords, raw string, rule Rule) (Instant, error) {
	var good []*reading
	for _, d := range dates {
		if d.valid() {
			good = append(good, d)
		}
	}
	if len(good) == 0 {
		return Instant{}, fault.Newf(fault.Invalid, "time %q is no date and time of the calendar", raw)
	}
	zone, basis, err := zoneOf(zoneWords, raw, rule)
	if err != nil {
		return Instant{}, err
	}
	whole, err := one(good[0], zone, basis, raw)
	if err != nil || len(good) == 1 {
		return whole, err
	}
	doubt, own := "day and month could be exchanged", whole.Doubt
	if dates[len(dates)-1].yearFirst {
		doubt = "the year could stand first"
	}
	days := []string{good[0].date()}
	whole.Doubt = ""
	for _, d := range good[1:] {
		another, err := one(d, zone, basis, raw)
		if err != nil {
			return Instant{}, err
		}
		another.Doubt = ""
		whole = either(whole, another, "")
		days = append(days, d.date())
	}
	whole.Doubt = doubt + ": " + strings.Join(days, " or ")
	if own != "" {
		whole.Doubt += "; " + own
	}
	return whole, nil
}

// zoneOf reads the zone words, or falls back on the rule.
func zoneOf(words, raw string, rule Rule) (*time.Location, Basis, error) {
	switch strings.ToUpper(words) {
	case "Z", "UTC", "GMT", "(UTC)", "+00:00", "+0000", "(UTC+0)", "(UTC)Z":
		return time.UTC, StatedUTC, nil
	case "IST":
		// IST is also Israel's and Ireland's: believed only where the rule agrees
		// that the source is Indian.
		if rule.Zone != nil && rule.Zone.String() == "IST" {
			return rule.Zone, rule.Basis, nil
		}
	case "":
		if rule.Zone == nil {
			return nil, Ambiguous, nil
		}
		return rule.Zone, rule.Basis, nil
	}
	m := offsetRe.FindStringSubmatch(words)
	if m == nil {
		return nil, "", fault.Newf(fault.Invalid, "time %q ends in %q, which is no zone known for certain", raw, words)
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi(m[3])
	if m[4] != "" { // "+5.5": UFED writes hours as a decimal number
		f, _ := strconv.ParseFloat("0."+m[4], 64)
		minutes = int(f*60 + 0.5)
	}
	// All offsets in use are multiples of a quarter hour: "+5.30" is no fraction of an
	// hour but half past five, or a slip.
	if minutes%15 != 0 {
		return nil, "", fault.Newf(fault.Invalid, "time %q has the offset %q, which no clock has: minutes after a colon, or a fraction of an hour after a point", raw, words)
	}
	if hours > 14 || minutes > 59 {
		return nil, "", fault.Newf(fault.Invalid, "time %q has the offset %q, beyond 14 hours", raw, words)
	}
	seconds := hours*3600 + minutes*60
	if m[1] == "-" {
		seconds = -seconds
	}
	if seconds == 0 {
		return time.UTC, StatedUTC, nil
	}
	return time.FixedZone(fmt.Sprintf("%s%02d:%02d", m[1], hours, minutes), seconds), StatedOffset, nil
}

// one places one reading. Without a zone the moment can lie anywhere that some
// clock on earth shows these words: UTC−12 to UTC+14. In a zone whose clock was
// set back, both moments stay.
func one(r *reading, zone *time.Location, basis Basis, raw string) (Instant, error) {
	if zone == nil {
		i, err := span(r.in(time.UTC), r.resolution, raw, Ambiguous, "")
		i.At, i.Until = i.At.Add(-14*time.Hour), i.Until.Add(12*time.Hour)
		i.Doubt = "no zone stated"
		return i, err
	}
	t := r.in(zone)
	i, err := span(t, r.resolution, raw, basis, zoneName(t, basis))
	if err != nil {
		return Instant{}, err
	}
	if start, end := t.ZoneBounds(); start.IsZero() && end.IsZero() {
		return i, nil // a zone whose clock is never set
	}
	if r.resolution == 24*time.Hour { // a day on which the clock is set back is longer
		if next := r.in(zone).AddDate(0, 0, 1).UTC(); next.After(i.Until) {
			i.Until = next.Add(-1)
		}
	}
	shown, other := readings(r, t)
	doubt := "the clock was set back and showed this time twice"
	switch len(shown) {
	case 1:
		return i, nil
	case 0:
		// The writer's clock was on one side of the jump or the other.
		shown, doubt = other, "the clock was set forward and never showed this time"
	}
	slices.SortFunc(shown, time.Time.Compare)
	first, last := shown[0], shown[len(shown)-1]
	last = last.Add(i.Spread())
	i.At, i.Until, i.Basis = first, last, Ambiguous
	i.Doubt = fmt.Sprintf("%s: %s or %s", doubt, first.Format(Layout), shown[len(shown)-1].Format(Layout))
	return i, nil
}

// readings gives the moments at which a clock of the zone showed the words, by each
// offset in use around t; and those at which it would have.
func readings(r *reading, t time.Time) (shown, other []time.Time) {
	begins, ends := t.ZoneBounds()
	around := []time.Time{t}
	if !begins.IsZero() {
		around = append(around, begins.Add(-1))
	}
	if !ends.IsZero() {
		around = append(around, ends)
	}
	words := r.in(time.UTC)
	seen := map[int]bool{}
	for _, near := range around {
		_, offset := near.Zone()
		if seen[offset] {
			continue
		}
		seen[offset] = true
		at := words.Add(-time.Duration(offset) * time.Second)
		switch {
		case at.In(t.Location()).Format(time.DateTime) == words.Format(time.DateTime):
			shown = append(shown, at)
		case at.Sub(t).Abs() <= mostSet:
			other = append(other, at)
		}
	}
	return shown, other
}

// mostSet is the most by which a clock was set at once: a day, where a country moved
// to the other side of the date line.
const mostSet = 24 * time.Hour

func zoneName(t time.Time, basis Basis) string {
	if basis == StatedUTC {
		return "UTC"
	}
	name := t.Location().String()
	if name == "" {
		name = t.Format("-07:00")
	}
	return name
}

// either keeps two readings of the same words.
func either(a, b Instant, doubt string) Instant {
	if b.At.Before(a.At) {
		a, b = b, a
	}
	if a.Doubt != "" {
		doubt += "; " + a.Doubt
	}
	a.Doubt, a.Until, a.Basis = doubt, b.Until, Ambiguous
	return a
}
