// Package instant is the one way that Suraag speaks of time.
//
// Takes the words of a source and the rule for its zone. Gives the span of UTC
// in which the moment lies, with the words as written and the reason for the
// zone. Never guesses silently: where the words can mean two moments the span
// holds both, and the instant says so.
//
// Wrong conversion of times is the commonest cause of an innocent home being
// entered after an IP address was resolved (IPCO annual reports 2017–2019; rule
// R2 of the attribution rules), so no other type carries a time of a source.
package instant

import (
	"fmt"
	"time"

	"suraag/fault"
)

// Basis says why the zone is what it is.
type Basis string

// The bases, surest first.
const (
	StatedUTC    Basis = "stated UTC"    // the words name UTC (Z, UTC, epoch seconds)
	StatedOffset Basis = "stated offset" // the words give an offset from UTC
	ByRule       Basis = "by rule"       // the format's own rule fixes the zone (an Indian operator's log is in IST)
	Assumed      Basis = "assumed"       // someone declared the zone when the file was handed in
	Ambiguous    Basis = "ambiguous"     // no zone, day and month exchangeable, or a clock that was set back
)

// Instant is a moment as a source states it. The zero value means that no time
// was stated. The moment lies between At and Until, both included.
type Instant struct {
	At    time.Time `json:"at"`             // UTC, nanoseconds: the first moment the words can mean
	Until time.Time `json:"until"`          // UTC, nanoseconds: the last moment the words can mean
	Raw   string    `json:"raw"`            // as written
	Basis Basis     `json:"basis"`          // why the zone is what it is
	Zone  string    `json:"zone,omitempty"` // the zone applied: "UTC", "+05:30", "Asia/Kolkata"
	Doubt string    `json:"doubt,omitempty"`
}

// IsZero tells whether no time was stated.
func (i Instant) IsZero() bool { return i.At.IsZero() && i.Until.IsZero() }

// Spread is how far apart the first and last possible moments are.
func (i Instant) Spread() time.Duration { return i.Until.Sub(i.At) }

// Exact tells whether the words fix the moment to the second in a stated or
// ruled zone, which is what an operator needs to answer (RFC 6302 §2.3).
func (i Instant) Exact() bool {
	return !i.IsZero() && i.Basis != Ambiguous && i.Basis != Assumed && i.Spread() <= time.Second
}

// Order says how two instants lie.
type Order int

// The orders. Overlaps means that either may have been first.
const (
	Before   Order = -1
	Overlaps Order = 0
	After    Order = 1
)

// Compare tells whether i is surely before or surely after j. An instant that
// was not stated overlaps everything.
func (i Instant) Compare(j Instant) Order {
	switch {
	case i.IsZero() || j.IsZero():
		return Overlaps
	case i.Until.Before(j.At):
		return Before
	case j.Until.Before(i.At):
		return After
	}
	return Overlaps
}

// Sort is a total order for showing: by first moment, then last, unstated last.
func (i Instant) Sort(j Instant) int {
	switch {
	case i.IsZero() && j.IsZero():
		return 0
	case i.IsZero():
		return 1
	case j.IsZero():
		return -1
	}
	if c := i.At.Compare(j.At); c != 0 {
		return c
	}
	return i.Until.Compare(j.Until)
}

// Layout prints a moment so that day and month cannot be exchanged and no year
// can be misread: "28 February 2025 18:45:10 UTC" (rule R2; IPCO 2019 error 6).
const Layout = "2 January 2006 15:04:05 MST"

// String gives the span in UTC.
func (i Instant) String() string { return i.In(time.UTC) }

// In gives the span in a zone, month in letters, year in four digits.
func (i Instant) In(zone *time.Location) string {
	switch {
	case i.IsZero():
		return "time not stated"
	case i.Spread() < time.Second:
		return i.At.In(zone).Format(Layout)
	case i.Spread() < time.Minute && i.Basis != Ambiguous:
		return i.At.In(zone).Format("2 January 2006 15:04 MST") + ", seconds not stated"
	}
	return fmt.Sprintf("between %s and %s", i.At.In(zone).Format(Layout), i.Until.In(zone).Format(Layout))
}

// At makes an instant that is known exactly, for what Suraag itself saw.
func At(t time.Time) Instant {
	t = t.UTC()
	return Instant{At: t, Until: t, Raw: t.Format(time.RFC3339Nano), Basis: StatedUTC, Zone: "UTC"}
}

// The span that can be stored: nanoseconds since 1970 in 64 bits reach from 1678
// to 2262. A stated time outside the years below is a typing or parsing error.
const (
	firstYear = 1970
	lastYear  = 2200
)

// span makes an instant of one reading of the words that is good to a resolution.
func span(t time.Time, resolution time.Duration, raw string, basis Basis, zone string) (Instant, error) {
	t = t.UTC()
	if y := t.Year(); y < firstYear || y > lastYear {
		return Instant{}, fault.Newf(fault.Invalid, "time %q falls in the year %d, outside %d to %d", raw, y, firstYear, lastYear)
	}
	return Instant{At: t, Until: t.Add(resolution - 1), Raw: raw, Basis: basis, Zone: zone}, nil
}
