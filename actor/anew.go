package actor

import (
	"fmt"
	"slices"
	"time"

	"suraag/sighting"
)

// NumberHolds is for how long a phone number of which nothing is heard is held to
// be still the same person's. In India a prepaid number may be taken away after 90
// days without use and given to somebody else after 15 more (TRAI, Telecom
// Consumers Protection (Sixth Amendment) Regulations 2013). Other countries may be
// quicker; a shorter time would part what belongs together.
const NumberHolds = (90 + 15) * 24 * time.Hour

// anew is a number of which nothing was heard for longer than NumberHolds: what
// was stated with it before may have been somebody else's.
type anew struct {
	until time.Time // the last that was heard before
	since time.Time // the first after
}

// findAnew looks for such numbers. What counts is when records state a number, alone
// or with others; only what is stated after the last silence joins.
func (j *joining) findAnew(settled []*sighting.Sighting) {
	heard := map[int][][2]time.Time{}
	hear := func(n int, from, to time.Time) {
		if !from.IsZero() && j.ids[n].Kind == sighting.Phone {
			heard[n] = append(heard[n], [2]time.Time{from, to})
		}
	}
	for _, s := range settled {
		for _, i := range s.Who {
			if n, known := j.number[i]; known {
				hear(n, s.When.At, s.When.Until)
			}
		}
	}
	for n, l := range j.links {
		for _, end := range j.ends[n] {
			hear(end, l.From, l.To)
		}
	}
	j.anew = map[int]anew{}
	for n, all := range heard {
		slices.SortFunc(all, func(a, b [2]time.Time) int { return a[0].Compare(b[0]) })
		last := all[0][1]
		for _, span := range all[1:] {
			if span[0].Sub(last) > NumberHolds {
				j.anew[n] = anew{last, span[0]}
			}
			if span[1].After(last) {
				last = span[1]
			}
		}
	}
}

// parts tells whether a link was stated before the silence, or does not say when.
func (a anew) parts(number sighting.Identifier, l Link) (why string, parts bool) {
	day := func(t time.Time) string { return t.UTC().Format("2 January 2006") }
	silence := fmt.Sprintf("nothing is heard of %s from %s to %s, and a number of which nothing is heard for %d days can be given out anew", number, day(a.until), day(a.since), int(NumberHolds.Hours()/24))
	switch {
	case l.From.IsZero():
		return "no record says when it held; " + silence, true
	case l.To.Before(a.since):
		return "it was stated before; " + silence, true
	}
	return "", false
}
