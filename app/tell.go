package app

import (
	"fmt"
	"io"
	"strings"
	"time"

	"suraag/actor"
	"suraag/attribution"
	"suraag/casework"
	"suraag/circulation"
	"suraag/hashset"
	"suraag/instant"
	"suraag/sighting"
)

// teller writes a trace for a person at a terminal: the answer first, then what
// it rests on.
type teller struct {
	out  io.Writer
	zone *time.Location
}

// The most of each kind that the terminal shows; --json has all.
const (
	showSightings = 30
	showAddresses = 20
	showOrigins   = 3
	showActors    = 8
)

func (w *teller) say(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

func (w *teller) head(words string) {
	w.say("\n%s\n%s", words, strings.Repeat("─", len([]rune(words))))
}

// at is a short way back to the original: source and place.
func at(source string, p sighting.Place) string {
	if len(source) < 12 {
		return ""
	}
	s := "[" + source[:12] + " " + p.String()
	if p.Locator != "" {
		s += ", " + p.Locator
	}
	return s + "]"
}

func (w *teller) when(i instant.Instant) string {
	if i.IsZero() {
		return "time not stated"
	}
	if i.Spread() >= 12*time.Hour {
		return fmt.Sprintf("%s (written %q)", i, i.Raw)
	}
	return i.String() + " = " + i.In(w.zone)
}

func (w *teller) trace(t casework.Trace) {
	w.say("Trace of %s %s, as of %s", t.Target.Kind, t.Target.Asked, t.AsOf.In(w.zone).Format(instant.Layout))
	w.family(t.Family)
	w.origin(t.Origin)
	w.addresses(t.Addresses)
	w.leads(t.Leads)
	w.actors(t.Actors)
	w.sightings(t.Sightings)
	w.passing(t.Passing)
	w.access(t.Access)
	if len(t.NotKnown) > 0 {
		w.head("What is not known")
		for _, n := range t.NotKnown {
			w.say("  %s", n)
		}
	}
}

func (w *teller) family(family []casework.Content) {
	for _, c := range family {
		if c.Relation == casework.Same {
			w.head("Known as")
			for _, d := range c.Digests {
				if d.Kind().Exact() {
					w.say("  %s", d)
				}
			}
		}
		for _, m := range c.Listed {
			if c.Relation == casework.Same {
				w.say("  %s %s", m.Sentence, at(m.Source, m.Place))
			}
		}
		for _, x := range c.Conflicts {
			w.say("  Caution: %s", x.Sentence)
		}
	}
	var others []casework.Content
	for _, c := range family {
		if c.Relation != casework.Same {
			others = append(others, c)
		}
	}
	if len(others) == 0 {
		return
	}
	w.head(fmt.Sprintf("Other contents (%d)", len(others)))
	for _, c := range others {
		name := "no digest"
		if len(c.Digests) > 0 {
			name = brief(c.Digests[0].String())
		} else if len(c.Refs) > 0 {
			name = c.Refs[0]
		}
		w.say("  %s: %s Seen %s.", name, c.Sentence, times(c.Sightings))
		for _, m := range c.Listed {
			w.say("    %s", m.Sentence)
		}
	}
}

func (w *teller) origin(o circulation.Origins) {
	if len(o.Proven)+len(o.Claimed)+len(o.Undated) == 0 {
		return
	}
	w.head("First upload")
	w.candidates("Earliest proven", o.Proven)
	w.candidates("Earliest claimed (not proven)", o.Claimed)
}

func (w *teller) candidates(words string, list []circulation.Candidate) {
	if len(list) == 0 {
		w.say("  %s: none.", words)
		return
	}
	w.say("  %s:", words)
	for n, c := range list {
		if n == showOrigins {
			w.say("    %d more.", len(list)-n)
			break
		}
		w.say("  %2d. %s", n+1, w.when(c.When))
		w.say("      %s %s", c.Sentence, at(c.Source, c.Place))
		w.say("      Would be overturned by: %s", c.Overturn)
	}
}

func (w *teller) addresses(list []casework.Address) {
	if len(list) == 0 {
		return
	}
	w.head("Addresses (" + counted(len(list), "moment") + ")")
	for n, a := range list {
		if n == showAddresses {
			w.say("  %d more; --json has all.", len(list)-n)
			break
		}
		w.finding(a.Finding, "  ")
		w.say("    seen with %s %s", a.Because, at(a.Source, a.Place))
	}
}

func (w *teller) finding(f attribution.Finding, indent string) {
	w.say("%s%-16s %s at %s", indent, strings.ToUpper(string(f.Outcome)), f.Observation.Endpoint, w.when(f.Observation.When))
	w.say("%s  %s", indent, f.Sentence)
	for _, m := range f.Missing {
		w.say("%s  missing: %s", indent, m)
	}
	if f.Resolution == nil {
		return
	}
	for _, c := range f.Resolution.Candidates {
		w.say("%s  the operator's rows name: %s", indent, candidateWords(c))
	}
}

func candidateWords(c attribution.Candidate) string {
	var parts []string
	if c.Name != "" {
		parts = append(parts, c.Name)
	}
	for _, i := range c.Identifiers {
		parts = append(parts, i.String())
	}
	return "the subscriber of the connection, " + strings.Join(parts, ", ")
}

func (w *teller) leads(list []casework.Lead) {
	if len(list) == 0 {
		return
	}
	w.head(fmt.Sprintf("Leads (%d)", len(list)))
	for _, l := range list {
		w.say("  %s  %s", l.ID[:12], l.Step)
	}
}

func (w *teller) actors(list []actor.Actor) {
	if len(list) == 0 {
		return
	}
	w.head(fmt.Sprintf("Who goes together (%d)", len(list)))
	for n, a := range list {
		if n == showActors {
			w.say("  %d more; --json has all.", len(list)-n)
			break
		}
		var ids []string
		for _, i := range a.Identifiers {
			ids = append(ids, i.String())
		}
		w.say("  %s", strings.Join(ids, " + "))
		w.say("    %s", a.Sentence)
		for _, l := range a.Links {
			w.say("    %s and %s: %s %s", l.A, l.B, l.Reason, at(l.Source, l.Place))
		}
		for _, u := range a.Parted {
			w.say("    Parted by hand: %s and %s: %s; suraag actor undo %.12s", u.A, u.B, u.Reason, u.Word)
		}
		for _, u := range a.Contested {
			w.say("    Parted by hand, but still tied by other links: %s and %s: %s; suraag actor undo %.12s", u.A, u.B, u.Reason, u.Word)
		}
	}
}

func (w *teller) sightings(list []casework.Seen) {
	if len(list) == 0 {
		return
	}
	w.head("Timeline (" + counted(len(list), "sighting") + ")")
	for n, s := range list {
		if n == showSightings {
			w.say("  %d more; --json has all.", len(list)-n)
			break
		}
		mark := " "
		if s.OrderUncertain {
			mark = "~"
		}
		w.say("%s %s  %s", mark, w.when(s.When), seenWords(s))
		w.say("    %s, %s %s", s.Standing, s.Reader, at(s.Source, s.Place))
	}
}

func seenWords(s casework.Seen) string {
	words := string(s.Act)
	if s.Service != "" {
		words += " at " + s.Service
	}
	if len(s.Who) > 0 {
		words += " by " + s.Who[0].String()
	}
	if len(s.To) > 0 {
		side := " to "
		if s.Act == sighting.Receive {
			side = " from "
		}
		words += side + s.To[0].String()
		if len(s.To) > 1 {
			words += fmt.Sprintf(" and %d more", len(s.To)-1)
		}
	}
	if !s.From.IsZero() {
		words += " from " + s.From.String()
	}
	if !s.Exact {
		words += fmt.Sprintf(" (near copy, distance %d)", s.Distance)
	}
	return words
}

func (w *teller) passing(p circulation.Passing) {
	if len(p.Edges) == 0 {
		return
	}
	w.head(fmt.Sprintf("Passed on, as stated (%d)", len(p.Edges)))
	label := map[string]string{}
	for _, n := range p.Nodes {
		label[n.ID] = n.Label
	}
	for _, e := range p.Edges {
		w.say("  %s → %s: %s %s", label[e.From], label[e.To], e.Reason, at(e.Source, e.Place))
	}
}

func (w *teller) access(a circulation.AccessTable) {
	if len(a.Rows) == 0 {
		return
	}
	w.head("How it is accessed")
	w.say("  shared %d, offered %d, received %d, held %d: each counted by itself, as stated: two sources may state one act", a.Shared, a.Offered, a.Received, a.Held)
	for _, r := range a.Rows {
		service := r.Service
		if service == "" {
			service = "service not stated"
		}
		if r.Client != "" {
			service += ", " + r.Client
		}
		w.say("  %-36s %-10s %s", service, r.Act, times(r.Count))
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func matches(list []hashset.Match) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.Sentence)
	}
	return out
}

// brief keeps a name in a line: the value of a video may have thousands of characters.
func brief(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
