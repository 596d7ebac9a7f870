// Package look holds the rules of media mode: when the pictures of a case may be
// seen at all, and for how long one person may look.
//
// Takes what was turned on, what was looked at and the moment. Gives whether the
// mode is on, how much looking is left, and until when a break lasts. Never asks
// a clock, never keeps anything, and never shows a picture.
package look

import (
	"strings"
	"time"

	"suraag/fault"
	"suraag/people"
)

// Mode says that a supervisor turned media mode on for a case. It ends by itself.
type Mode struct {
	ID      string    `json:"id"`
	Case    string    `json:"case"`
	Person  string    `json:"person"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	Alone   bool      `json:"alone"` // nobody else was on the case when it was turned on
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Ended   time.Time `json:"ended,omitzero"` // before its time
	EndedBy string    `json:"ended_by,omitempty"`
	SeenBy  string    `json:"seen_by,omitempty"` // the other supervisor who took notice
	SeenAt  time.Time `json:"seen_at,omitzero"`
}

// LongestMode is how long media mode can be on: as long as a stated purpose holds
// (people.OpeningHolds), which is one shift. House rule.
const LongestMode = people.OpeningHolds

// New turns media mode on for some hours.
func New(c people.Case, who people.Who, reason string, hours int, now time.Time) (Mode, error) {
	reason = strings.TrimSpace(reason)
	if most := int(LongestMode / time.Hour); hours < 1 || hours > most {
		err := fault.Newf(fault.Invalid, "media mode for %d hours", hours)
		return Mode{}, fault.WithHint(err, "give 1 to 12 hours; it can be turned on again")
	}
	if err := people.CheckPurpose(reason); err != nil {
		return Mode{}, err
	}
	alone := len(c.Members) == 0 || len(c.Members) == 1 && c.Members[0] == who.Person
	return Mode{
		ID: people.NewID(), Case: c.ID, Person: who.Person, By: who.By, Reason: reason, Alone: alone,
		From: now.UTC(), Until: now.UTC().Add(time.Duration(hours) * time.Hour),
	}, nil
}

// On tells whether the mode is on at a moment.
func (m Mode) On(now time.Time) bool {
	return m.ID != "" && !now.Before(m.From) && now.Before(m.Until) && m.Ended.IsZero()
}

// End gives the mode as somebody ended it before its time.
func (m Mode) End(by string, now time.Time) (Mode, error) {
	if !m.On(now) {
		return m, fault.Newf(fault.Conflict, "media mode is not on")
	}
	m.Ended, m.EndedBy = now.UTC(), by
	return m, nil
}

// Current gives the one of a case's modes that is on; the zero Mode if none is.
func Current(modes []Mode, now time.Time) Mode {
	for _, m := range modes {
		if m.On(now) {
			return m
		}
	}
	return Mode{}
}

// Reveal is one look at one picture.
type Reveal struct {
	ID      string    `json:"id"`
	Mode    string    `json:"mode"`
	Case    string    `json:"case"`
	Item    string    `json:"item"`
	Still   int       `json:"still,omitempty"` // of a video: which of its stills, from 1
	Colour  bool      `json:"colour,omitempty"`
	Known   bool      `json:"known,omitempty"`  // a list categorises it, and Reason says why it has to be seen all the same
	Reason  string    `json:"reason,omitempty"` // where one was needed
	Person  string    `json:"person"`
	By      string    `json:"by"`
	Session string    `json:"session"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`          // it counts to here at most, and wholly if nobody says when it was covered
	Ended   time.Time `json:"ended,omitzero"` // covered again
	Lost    bool      `json:"lost,omitempty"` // nobody said when it was covered
}

// The times of one look. House rules: long enough to describe what is seen, short
// enough that a key that is weighed down, or a browser that died, costs little;
// and no flicker that would count as nothing.
const (
	LongestLook  = 30 * time.Second
	ShortestLook = time.Second
)

// Span is a stretch of time.
type Span struct{ From, To time.Time }

// Span gives what a look counts as, at a moment. One that is held counts so far;
// one that nobody covered counts to the end of its time.
func (r Reveal) Span(now time.Time) Span {
	to := r.Ended
	if to.IsZero() {
		to = now
	}
	if to.After(r.Until) {
		to = r.Until
	}
	if least := r.At.Add(ShortestLook); to.Before(least) {
		to = least
	}
	return Span{r.At, to}
}

// Held tells whether the picture may still be on a screen.
func (r Reveal) Held(now time.Time) bool { return r.Ended.IsZero() && now.Before(r.Until) }

// Cover gives the look as it ended. What is said too late counts to the end of
// its time.
func (r Reveal) Cover(now time.Time) Reveal {
	r.Ended = r.Span(now).To.UTC()
	r.Lost = !now.Before(r.Until)
	return r
}
