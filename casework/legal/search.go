package legal

import (
	"slices"
	"strings"
	"time"

	"suraag/attribution"
	"suraag/casework"
	"suraag/casework/pack"
	"suraag/sighting"
)

// Answer is one line of the checklist before a coercive step (rule R12).
type Answer struct {
	Question string `json:"question"`
	Words    string `json:"words"`
	By       string `json:"by"`
}

// Checklist is what has to be answered, in words, before anyone's door is knocked
// at (rule R12; IOCCO, recommendations of July 2015, no. 5).
func Checklist() []string {
	return []string{
		"Was the wireless network open, or its password known to others?",
		"Who lives, lodges or works at the installation address?",
		"Do neighbours or visitors use the connection?",
		"Could malware or a proxy there have passed on someone else's traffic?",
		"Is a device that fits the record known to have been there at the moment?",
		"Is the installation address still the subscriber's, and was it at the moment?",
	}
}

// searchRefusals are the rules before a search: two independent answers that name
// the same one subscriber, its installation address, and every question answered.
func searchRefusals(in Input) (out []Refusal) {
	out = append(out, twoAlike(in.Resolved)...)
	for _, x := range in.Resolved {
		if x.Installation == "" {
			out = append(out, refuse("R6", citeApart, "the installation address, from the operator", "The answer to request %s does not state the installation address; a billing address is no place to search.", x.Request[:12])...)
		}
	}
	for n, q := range Checklist() {
		if n >= len(in.Checklist) || in.Checklist[n].Question != q || len(strings.TrimSpace(in.Checklist[n].Words)) < 3 {
			out = append(out, refuse("R12", citeHousehold, "an answer in words", "Not answered: %s", q)...)
		}
	}
	return out
}

func twoAlike(all []Resolved) []Refusal {
	say := func(format string, args ...any) []Refusal {
		return refuse("R3", citeTwice, "a second, independent resolution", format, args...)
	}
	if len(all) < 2 {
		return say("Only %d answer names a subscriber; a search needs two that are independent.", len(all))
	}
	for _, x := range all[1:] {
		switch {
		case x.Request == all[0].Request:
			return say("Both resolutions come from one request.")
		case !alike(all[0], x):
			return say("The two answers do not name the same subscriber.")
		case x.When.At.Sub(all[0].When.At).Abs() < minApart && oneLine(x.Endpoint, all[0].Endpoint):
			return say("The two observations are of the same address within a day of each other; it may be the same lease.")
		}
	}
	return nil
}

// alike tells whether two resolutions are of one subscription. An e-mail address or
// a contact's number may stand behind two of them; a user id speaks only beside the
// operator who gave it.
func alike(a, b Resolved) bool {
	given := func(ids []sighting.Identifier) []sighting.Identifier {
		return slices.DeleteFunc(slices.Clone(ids), func(i sighting.Identifier) bool { return !i.Links() })
	}
	return attribution.SameSubscription(given(a.Identifiers), given(b.Identifiers))
}

// Sole gives the one subscriber that the newest usable reply of a request names,
// and false where there is none, or several, or the rows are void.
func (r Request) Sole() (Resolved, bool) {
	if r.State != Answered || len(r.Replies) == 0 {
		return Resolved{}, false
	}
	p := r.Replies[len(r.Replies)-1]
	if p.Void != "" || len(p.Resolved) != 1 {
		return Resolved{}, false
	}
	return p.Resolved[0], true
}

// Second finds the lead by which a request is to be corroborated (rule R3): fit
// to be asked, of a shared identifier, and surely not the same lease. The
// strongest in the order of the queue wins.
func Second(first Request, queue []casework.Lead) (casework.Lead, bool) {
	for _, l := range queue {
		o := l.Finding.Observation
		in := Input{Follows: &first, Lead: l, Record: sighting.Sighting{Origin: sighting.Origin{ID: o.SightingID}}}
		if l.Finding.Outcome == "ask" && len(secondObservation(in, time.Time{})) == 0 && first.Draft.Question.About == pack.Connection {
			return l, true
		}
	}
	return casework.Lead{}, false
}
