package look

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"suraag/fault"
	"suraag/people"
)

// The bounds of looking, of which nobody gets more.
const (
	// MostADay is for how long analysts of the Internet Watch Foundation look at
	// most in a day (as saferinternet.org.uk tells).
	MostADay = 4 * time.Hour
	// BreakAfter and BreakHolds: ten minutes after every hour (as preda.org tells
	// of hotlines). The hour runs on the clock of the wall from the first look of a
	// stretch, not over looks alone: it is the hour at the task that tires. House rule.
	BreakAfter = time.Hour
	BreakHolds = 10 * time.Minute
)

// Limit says how much a person may look in a day. One of no person is the unit's.
type Limit struct {
	ID     string    `json:"id"`
	Person string    `json:"person,omitempty"`
	By     string    `json:"by"`
	Minute int       `json:"minutes"` // a day
	At     time.Time `json:"at"`
	From   time.Time `json:"from"` // it holds from then on
}

// LowestLimit keeps a limit from being a way to lock somebody out.
const LowestLimit = 5 * time.Minute

// NewLimit sets a limit. A lower one holds at once; a higher one from the next day on,
// so that nobody raises it while looking.
func NewLimit(person, by string, minutes int, had time.Duration, zone *time.Location, now time.Time) (Limit, error) {
	if minutes < int(LowestLimit/time.Minute) || minutes > int(MostADay/time.Minute) {
		err := fault.Newf(fault.Invalid, "a limit of %d minutes a day", minutes)
		return Limit{}, fault.WithHint(err, "give 5 to 240 minutes; more than four hours a day is nobody's")
	}
	l := Limit{ID: people.NewID(), Person: person, By: by, Minute: minutes, At: now.UTC(), From: now.UTC()}
	if time.Duration(minutes)*time.Minute > had {
		l.From = nextDay(now, zone).UTC()
	}
	return l, nil
}

// Allowed gives how much may be looked in a day: the least of the house's bound,
// the unit's limit and the person's own.
func Allowed(limits []Limit, person string, now time.Time) time.Duration {
	return min(MostADay, inForce(limits, "", now), inForce(limits, person, now))
}

// inForce gives the limit that was set last among those that hold.
func inForce(limits []Limit, person string, now time.Time) time.Duration {
	latest, at := MostADay, time.Time{}
	for _, l := range limits {
		if l.Person == person && !l.From.After(now) && !l.At.Before(at) {
			latest, at = time.Duration(l.Minute)*time.Minute, l.At
		}
	}
	return latest
}

// dayOf gives when a day began in a zone.
func dayOf(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func nextDay(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// Back is how far back looks have to be known to reckon a budget: a day of 25
// hours, and a stretch that began before it.
const Back = 27 * time.Hour

// Budget is what somebody may still look.
type Budget struct {
	Limit time.Duration `json:"limit"`
	Used  time.Duration `json:"used"`
	Left  time.Duration `json:"left"`
	// Break is until when a break lasts; the zero time if there is none. Next is when
	// one is due; zero if no stretch has begun.
	Break time.Time `json:"break,omitzero"`
	Next  time.Time `json:"next,omitzero"`
	// Day is when the day began, Again when the next does.
	Day   time.Time `json:"day"`
	Again time.Time `json:"again"`
}

// Reckon works out a budget from all looks of a person, in all cases and
// sessions, of the time that Back says.
func Reckon(spans []Span, limit time.Duration, zone *time.Location, now time.Time) Budget {
	b := Budget{Limit: limit, Day: dayOf(now, zone), Again: nextDay(now, zone)}
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var began, last time.Time
	for _, s := range spans {
		if !s.To.After(s.From) {
			continue
		}
		b.Used += within(s, b.Day, b.Again)
		if last.IsZero() || s.From.Sub(last) >= BreakHolds {
			began = s.From
		}
		if s.To.After(last) {
			last = s.To
		}
	}
	b.Left = max(0, b.Limit-b.Used)
	if last.IsZero() || now.Sub(last) >= BreakHolds {
		return b
	}
	if b.Next = began.Add(BreakAfter); !now.Before(b.Next) {
		b.Break, b.Next = last.Add(BreakHolds), time.Time{}
	}
	return b
}

// within gives how much of a span lies in a day.
func within(s Span, from, to time.Time) time.Duration {
	if s.From.Before(from) {
		s.From = from
	}
	if s.To.After(to) {
		s.To = to
	}
	return max(0, s.To.Sub(s.From))
}

// ErrSpent marks that a budget is spent or a break is due; the page counts down.
type ErrSpent struct {
	Budget Budget
	err    error
}

func (e ErrSpent) Error() string { return e.err.Error() }

// Unwrap gives the refusal with its kind.
func (e ErrSpent) Unwrap() error { return e.err }

// Longest gives how long the next look may last, or says why there is none now.
func (b Budget) Longest(m Mode, now time.Time) (time.Duration, error) {
	most := min(LongestLook, b.Left, m.Until.Sub(now))
	if !b.Next.IsZero() {
		most = min(most, b.Next.Sub(now))
	}
	var err error
	switch {
	case b.Left < ShortestLook:
		err = fault.Newf(fault.Denied, "you have looked for %s today, which is all of a day's", Minutes(b.Used))
		err = fault.WithHint(err, "go on tomorrow; somebody else on the case can look")
	case !b.Break.IsZero():
		err = fault.Newf(fault.Denied, "an hour of looking is over, and a break of ten minutes is due")
		err = fault.WithHint(err, "leave the desk; the page says when the break is over")
	case most < ShortestLook:
		err = fault.WithHint(fault.Newf(fault.Denied, "less than a second is left before a break or the end of media mode"), "wait a moment")
	}
	if err != nil {
		return 0, ErrSpent{b, err}
	}
	return most, nil
}

// Minutes writes a time as people say it.
func Minutes(d time.Duration) string {
	d = d.Round(time.Second)
	switch m := int(d.Round(time.Minute) / time.Minute); {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case m < 60:
		return strconv.Itoa(m) + " min"
	case m%60 == 0:
		return strconv.Itoa(m/60) + " h"
	default:
		return fmt.Sprintf("%d h %02d min", m/60, m%60)
	}
}

// Hours is how much somebody looked on each of some days, the last first.
type Hours struct {
	Person string          `json:"person"`
	Days   []time.Duration `json:"days"`
	Limit  time.Duration   `json:"limit"`
}

// HoursOf counts the looks of one person over days that end with today's.
func HoursOf(person string, spans []Span, days int, limit time.Duration, zone *time.Location, now time.Time) Hours {
	h := Hours{Person: person, Days: make([]time.Duration, days), Limit: limit}
	to := nextDay(now, zone)
	for n := range h.Days {
		from := dayOf(to.Add(-time.Hour), zone)
		for _, s := range spans {
			h.Days[n] += within(s, from, to)
		}
		to = from
	}
	return h
}
