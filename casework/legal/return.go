package legal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/instant"
	"suraag/sighting"
)

// compareReturn puts the statements of a service's return beside the account and
// the period that were asked about. Nothing is drafted from one that differs.
func (p *Reply) compareReturn(q Question, seen []sighting.Sighting) {
	var rows []Row
	noPort := 0
	for _, s := range seen {
		row := Row{Seen: &s, Fields: []Field{accountField(q, s), periodField(q, s), returnZone(s)}}
		row.judge()
		rows = append(rows, row)
		if s.From.IP.Unmap().Is4() && s.From.Port == 0 {
			noPort++
		}
	}
	p.keep(rows)
	if noPort > 0 {
		p.Sentences = append(p.Sentences, fmt.Sprintf("R8: %d of %d rows state an address without its source port; ask for the ports.", noPort, len(rows)))
	}
}

// accountField: the statement names an account that was asked about.
func accountField(q Question, s sighting.Sighting) Field {
	var asked, answered []string
	for _, i := range q.Identifiers {
		asked = append(asked, i.String())
	}
	same := false
	for _, i := range slices.Concat(s.Who, s.To, s.Via) {
		same = same || slices.Contains(q.Identifiers, i)
	}
	for _, i := range s.Who {
		answered = append(answered, i.String())
	}
	f := field("account", strings.Join(asked, ", "), strings.Join(answered, ", "), same, "the return is about another account")
	if !same && len(s.Who) == 0 {
		f.Verdict, f.Why = NotStated, "the row does not say whose it is"
	}
	return f
}

// periodField: the statement lies in the period. An account may have been opened
// at any time before.
func periodField(q Question, s sighting.Sighting) Field {
	asked := q.Window.In(time.UTC)
	if s.When.IsZero() {
		return Field{Name: "period", Asked: asked, Answered: "no time stated", Verdict: Same}
	}
	inside := !s.When.At.Before(q.Window.From) && !s.When.Until.After(q.Window.Until)
	return field("period", asked, s.When.String(), inside || s.Act == sighting.Register && !s.When.Until.After(q.Window.Until), "the row lies outside the period")
}

// returnZone: a time that can mean two moments says nothing yet (rule R2).
func returnZone(s sighting.Sighting) Field {
	f := field("zone", "stated", s.When.Zone, true, "")
	if s.When.Basis == instant.Ambiguous || s.When.Basis == instant.Assumed {
		f.Answered, f.Verdict, f.Why = string(s.When.Basis), NotStated, "the row's own words do not fix its zone, or its day and month"
	}
	return f
}
