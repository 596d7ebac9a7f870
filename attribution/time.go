package attribution

import (
	"fmt"
	"time"

	"suraag/instant"
	"suraag/network"
)

const citeTime = "IPCO annual reports 2018 (conversion of time a persistent cause of error) and 2019 (error 6: the wrong year was asked, an innocent person was arrested)"

// exactTime is rule R2: one moment, in a zone that the source or its format
// fixes, to the second. Where the words can mean two moments a second person has
// to resolve it; until then nothing may be sent.
func exactTime(o Observation, now time.Time) []ruling {
	say := func(e Effect, most Outcome, missing, format string, args ...any) []ruling {
		return []ruling{{Reason{Rule: "R2", Citation: citeTime, Sentence: fmt.Sprintf(format, args...), Effect: e, Missing: missing}, most}}
	}
	w := o.When
	switch {
	case w.IsZero():
		return say(Blocks, Unusable, "the time", "The source states no time, so nobody can say who held the address.")
	case w.At.After(now):
		return say(Blocks, Unusable, "the true time", "The time %s lies in the future: a clock, a year or a zone is wrong.", w)
	case w.Basis == instant.Ambiguous:
		return say(Blocks, Unusable, "a second person's decision which moment is meant", "The time %q can mean more than one moment (%s). Taken together: %s.", w.Raw, w.Doubt, w)
	case w.Basis == instant.Assumed:
		return say(Blocks, Unusable, "the zone of the time, from the source or a second person", "The source does not say in which zone %q is; %s was only assumed.", w.Raw, w.Zone)
	case w.Exact():
		return say(For, Ask, "", "The time is exact to the second: %s (%s).", w, w.Basis)
	case w.Spread() <= time.Minute:
		return say(Blocks, Preserve, "the second", "The source states %q without the second; within a minute an address or port can change hands.", w.Raw)
	}
	return say(Blocks, Unusable, "the time of day to the second", "The source fixes the time only to %s.", w)
}

const citeErrors = "IOCCO 2016; IPCO annual reports 2017 to 2019 (errors are told to everyone concerned)"

// uncorrected is the gate's part of rule R14: what was found to be wrong leads to
// nothing more.
func uncorrected(o Observation) []ruling {
	if o.Corrected == "" {
		return nil
	}
	return []ruling{{Reason{Rule: "R14", Citation: citeErrors, Sentence: "The register of errors holds what this rests on: " + o.Corrected, Effect: Blocks,
		Missing: "a statement without the error, as a document of its own"}, Unusable}}
}

const citeWindow = "RFC 6302 §2 (time to the second from a traceable source); attribution errors by clock difference: IPCO annual reports 2017–2019"

// windowOf is the span to ask for: the moment, widened on both sides by what the
// observing clock and the operator's clock may be off. Of a moment that is not
// settled (rule R2) there is none.
func windowOf(o Observation, f network.Facts, p Policy) Window {
	if !settled(o.When) {
		return Window{}
	}
	seen, operator := clocks(o, f, p)
	return Window{From: o.When.At.Add(-seen - operator), Until: o.When.Until.Add(seen + operator)}
}

// settled tells whether the words mean one moment, be it without its second.
func settled(w instant.Instant) bool {
	return !w.IsZero() && w.Basis != instant.Ambiguous && w.Basis != instant.Assumed
}

// clocks gives what the observing clock and the operator's clock may be off.
func clocks(o Observation, f network.Facts, p Policy) (seen, operator time.Duration) {
	seen, operator = p.ServiceUncertainty, p.DefaultClockError
	if o.onNetwork() {
		seen = p.SensorUncertainty
	}
	if f.ClockError > 0 {
		operator = f.ClockError
	}
	return seen, operator
}

// askedWindow is the first half of rule R7: says which span is asked for and why.
// The other half, a lease that changes hands inside it, is in resolve.go.
func askedWindow(o Observation, f network.Facts, p Policy, w Window) []ruling {
	if w.From.IsZero() {
		return nil
	}
	basis := "by default, as it states none"
	if f.ClockError > 0 {
		basis = "as it states"
	}
	seen, operator := clocks(o, f, p)
	sentence := fmt.Sprintf("Ask for the span %s: the moment with %s to each side, of which %s for the clock that saw it and %s for the operator's (%s).",
		w.In(time.UTC), seen+operator, seen, operator, basis)
	return []ruling{{Reason{Rule: "R7", Citation: citeWindow, Sentence: sentence, Effect: For}, Ask}}
}

// In prints the window in a zone for the letter: month in letters, year in
// four digits, to the second outward (rule R2).
func (w Window) In(zone *time.Location) string {
	if w.From.IsZero() {
		return "time not stated"
	}
	until := w.Until
	if cut := until.Truncate(time.Second); cut.Before(until) {
		until = cut.Add(time.Second)
	}
	return w.From.Truncate(time.Second).In(zone).Format(instant.Layout) + " to " + until.In(zone).Format(instant.Layout)
}
