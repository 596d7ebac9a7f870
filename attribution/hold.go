package attribution

import (
	"cmp"
	"slices"
	"time"

	"suraag/instant"
	"suraag/sighting"
)

// cover says how a row's span lies to the window.
type cover int

const (
	apart   cover = iota // surely outside
	touches              // part of the window, or perhaps part of it
	covers               // surely the whole window
)

// hold is an unbroken span in which the rows give something to one holder. Its
// ends are instants of their own: each lies somewhere between two moments.
type hold struct {
	holder string
	from   instant.Instant
	to     instant.Instant
	rows   []sighting.Lease
}

// moment tells whether the row speaks of one moment only: an operator's answer
// to a question about it.
func moment(l sighting.Lease) bool {
	return !l.From.IsZero() && (l.To.IsZero() && l.Kind == sighting.Subscriber || l.To.At.Equal(l.From.At) && l.To.Until.Equal(l.From.Until))
}

// zoneDoubt is how far an assumed zone may be off: clocks on earth show times
// from UTC−12 to UTC+14.
const zoneDoubt = 26 * time.Hour

// wide gives the end with all the doubt that it has. An ambiguous instant holds
// every reading already; an assumed zone is not doubted in the instant itself.
func wide(i instant.Instant) instant.Instant {
	if i.Basis == instant.Assumed {
		i.At, i.Until = i.At.Add(-zoneDoubt), i.Until.Add(zoneDoubt)
	}
	return i
}

// lies tells how the span lies to the window. It covers the window only if it
// does so by the latest start and the earliest end that the words allow; it is
// apart only if it is by the earliest start and the latest end. An end that is
// not stated may lie anywhere.
func (h hold) lies(w Window) cover {
	from, to := wide(h.from), wide(h.to)
	if len(h.rows) == 1 && moment(h.rows[0]) {
		return answers(from, w)
	}
	switch {
	case !from.IsZero() && from.At.After(w.Until), !to.IsZero() && to.Until.Before(w.From):
		return apart
	case !from.IsZero() && !from.Until.After(w.From) && !to.IsZero() && !to.At.Before(w.Until):
		return covers
	}
	return touches
}

// answers tells whether an answer about a moment speaks of the window.
func answers(at instant.Instant, w Window) cover {
	switch {
	case at.Until.Before(w.From) || at.At.After(w.Until):
		return apart
	case !at.At.Before(w.From) && !at.Until.After(w.Until):
		return covers
	}
	return touches
}

// joinGap is how far apart two rows of one holder may lie and still be one hold:
// logs are cut at whole seconds.
const joinGap = time.Second

// holds puts rows of one holder that follow each other into one span, so that a
// session which the operator logged in pieces is not taken for a change of hands.
func holds(rows []sighting.Lease, holder func(sighting.Lease) string) []hold {
	var out []hold
	for _, l := range rows {
		out = append(out, hold{holder: holder(l), from: l.From, to: l.To, rows: []sighting.Lease{l}})
	}
	slices.SortStableFunc(out, func(a, b hold) int {
		return cmp.Or(cmp.Compare(a.holder, b.holder), a.from.Sort(b.from), a.to.Sort(b.to))
	})
	var joined []hold
	for _, h := range out {
		if n := len(joined) - 1; n >= 0 && follows(joined[n], h) {
			joined[n].rows = append(joined[n].rows, h.rows...)
			if h.to.IsZero() || h.to.Until.After(joined[n].to.Until) {
				joined[n].to = h.to
			}
			continue
		}
		joined = append(joined, h)
	}
	return joined
}

func follows(a, b hold) bool {
	if a.holder != b.holder || !settled(a.to) || !settled(b.from) || !settled(a.from) || !settled(b.to) {
		return false
	}
	if moment(a.rows[0]) || moment(b.rows[0]) {
		return false
	}
	// By the latest reading too: of rows that state no seconds, a minute may lie between.
	return !b.from.At.After(a.to.Until.Add(joinGap)) && b.from.Until.Before(a.to.At.Add(2*joinGap))
}
