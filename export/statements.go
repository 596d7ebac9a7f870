package export

import (
	"fmt"
	"strings"

	"suraag/actor"
	"suraag/attribution"
	"suraag/casework"
	"suraag/circulation"
	"suraag/custody"
	"suraag/sighting"
)

// statements makes the statements of leads and traces, in the order of the parts.
func (c *composing) statements(m Material) {
	findings := map[string]bool{} // sightings whose address a lead speaks of
	for _, l := range m.Leads {
		findings[l.Finding.Observation.SightingID] = true
		c.lead(l)
	}
	for _, t := range m.Traces {
		for _, l := range t.Leads {
			findings[l.Finding.Observation.SightingID] = true
			c.lead(l)
		}
	}
	for _, t := range m.Traces {
		c.origins(t.Origin)
	}
	for _, t := range m.Traces {
		for _, a := range t.Addresses {
			if !findings[a.Observation.SightingID] {
				c.address(a)
			}
		}
	}
	for _, t := range m.Traces {
		for _, a := range t.Actors {
			c.together(a)
		}
	}
	for _, t := range m.Traces {
		c.passed(t.Passing)
	}
	for _, t := range m.Traces {
		for _, f := range t.Family {
			c.content(f)
		}
	}
	records := map[string]bool{}
	for _, t := range m.Traces {
		for _, s := range t.Sightings {
			c.seen(s)
			if !records[s.ID] {
				records[s.ID] = true
				c.dossier.Records = append(c.dossier.Records, s.Sighting)
			}
		}
	}
}

// say adds a statement once, however many traces make it.
func (c *composing) say(s Statement) {
	key := string(s.Part) + "\n" + s.Sentence
	for _, r := range s.RestsOn {
		key += "\n" + r.Source + " " + r.Place.String() + " " + r.Record
	}
	if c.said[key] {
		return
	}
	c.said[key] = true
	if s.RestsOn == nil {
		s.RestsOn = []Ref{}
	}
	s.No = len(c.dossier.Statements) + 1
	c.dossier.Statements = append(c.dossier.Statements, s)
}

func (c *composing) lead(l casework.Lead) {
	s := finding(l.Finding, Ref{Source: l.Source, Place: l.Place, Record: l.Finding.Observation.SightingID})
	s.Part, s.Sentence = PartLead, l.Step
	s.For = append([]Reason{{Sentence: l.Finding.Sentence}}, s.For...)
	for _, sign := range l.Danger {
		s.For = append(s.For, Reason{Effect: "danger", Sentence: "Sign of danger to a child: " + sign.Words + "."})
		s.RestsOn = append(s.RestsOn, Ref{Source: sign.Source, Place: sign.Place})
	}
	for _, m := range l.Listed {
		s.For = append(s.For, Reason{Sentence: m.Sentence})
		s.RestsOn = append(s.RestsOn, Ref{Source: m.Source, Place: m.Place, Record: m.Entry})
	}
	c.say(s)
}

func (c *composing) address(a casework.Address) {
	s := finding(a.Finding, Ref{Source: a.Source, Place: a.Place, Record: a.Observation.SightingID})
	s.Part, s.Sentence = PartAddress, a.Sentence
	if a.Because != "" {
		s.For = append([]Reason{{Sentence: "It stands here for " + a.Because + "."}}, s.For...)
	}
	c.say(s)
}

// finding gives what the gate said of one address at one moment, whatever it said.
func finding(f attribution.Finding, at Ref) Statement {
	s := Statement{
		Proven: f.Observation.Standing.Proven(), Standing: string(f.Observation.Standing), When: f.Observation.When, Outcome: f.Outcome,
		For: reasons(f.Reasons), Against: reasons(f.Counter), Missing: f.Missing, RestsOn: []Ref{at},
	}
	if r := f.Resolution; r != nil {
		for _, step := range r.Steps {
			s.For = append(s.For, Reason{Effect: "operator's row", Sentence: step.Sentence})
			if step.Source != "" {
				s.RestsOn = append(s.RestsOn, Ref{Source: step.Source, Place: step.Place, Record: step.LeaseID})
			}
		}
		for _, candidate := range r.Candidates {
			s.For = append(s.For, Reason{Effect: "operator's row", Sentence: "The operator's rows name " + subscriber(candidate) + "."})
		}
	}
	for _, used := range f.Facts.Data {
		s.Data = append(s.Data, Data{string(used.Kind), used.Name, used.AsOf.UTC(), used.SHA256})
	}
	return s
}

func subscriber(c attribution.Candidate) string {
	words := []string{"the subscriber of the connection"}
	if c.Name != "" {
		words = append(words, c.Name)
	}
	for _, i := range c.Identifiers {
		words = append(words, i.String())
	}
	return strings.Join(append(words, c.Notes...), ", ")
}

func reasons(list []attribution.Reason) (out []Reason) {
	for _, r := range list {
		out = append(out, Reason{Rule: r.Rule, Effect: string(r.Effect), Sentence: r.Sentence, Citation: r.Citation})
	}
	return out
}

func plainReasons(sentences []string) (out []Reason) {
	for _, s := range sentences {
		out = append(out, Reason{Sentence: s})
	}
	return out
}

func (c *composing) origins(o circulation.Origins) {
	for _, list := range []struct {
		candidates []circulation.Candidate
		proven     bool
	}{{o.Proven, true}, {o.Claimed, false}, {o.Undated, false}} {
		for _, k := range list.candidates {
			c.say(Statement{
				Part: PartFirst, Sentence: k.Sentence, Proven: list.proven, Standing: k.Strength, When: k.When, For: plainReasons(k.Why), Overturn: k.Overturn,
				RestsOn: []Ref{{Source: k.Source, Place: k.Place, Record: k.ID}},
			})
		}
	}
}

func (c *composing) together(a actor.Actor) {
	var ids []string
	for _, i := range a.Identifiers {
		ids = append(ids, i.String())
	}
	s := Statement{Part: PartTogether, Sentence: strings.Join(ids, " + ") + ": " + a.Sentence}
	for _, l := range a.Links {
		s.For = append(s.For, Reason{Effect: string(l.Strength), Sentence: fmt.Sprintf("%s and %s: %s", l.A, l.B, l.Reason)})
		s.RestsOn = append(s.RestsOn, Ref{Source: l.Source, Place: l.Place, Record: l.SightingID})
	}
	if len(s.RestsOn) == 0 {
		for _, r := range a.Shown {
			s.RestsOn = append(s.RestsOn, Ref{Source: r.Source, Place: r.Place, Record: r.ID})
		}
		s.More = a.Sightings - len(a.Shown)
	}
	for _, p := range a.Perhaps {
		s.Against = append(s.Against, Reason{Sentence: fmt.Sprintf("%s and %s were not joined: %s (%s)", p.A, p.B, p.Why, p.Reason)})
	}
	for _, h := range a.Hubs {
		s.Against = append(s.Against, Reason{Sentence: fmt.Sprintf("%s joins nobody: %s", h.Identifier, h.Why)})
	}
	for _, u := range a.Parted {
		s.Against = append(s.Against, Reason{Sentence: fmt.Sprintf("%s and %s were parted by hand: %s", u.A, u.B, u.Reason)})
	}
	for _, u := range a.Contested {
		s.Against = append(s.Against, Reason{Sentence: fmt.Sprintf("%s and %s were parted by hand, and another chain of links still ties them: %s", u.A, u.B, u.Reason)})
	}
	if a.OnlyReceived {
		s.Against = append(s.Against, Reason{Sentence: "Nothing in the record shows that it did anything but receive."})
	}
	if a.Unidentified > 0 {
		s.Against = append(s.Against, Reason{Sentence: fmt.Sprintf("Of its uploads, sends and forwards, %d carry content that no source identifies.", a.Unidentified)})
	}
	if len(a.Identifiers) > 0 {
		c.say(s)
	}
}

func (c *composing) passed(p circulation.Passing) {
	label := map[string]string{}
	for _, n := range p.Nodes {
		label[n.ID] = n.Label
	}
	for _, e := range p.Edges {
		c.say(Statement{
			Part: PartPassed, Sentence: fmt.Sprintf("%s → %s: %s", label[e.From], label[e.To], e.Reason), Proven: e.Standing.Proven(), Standing: string(e.Standing), When: e.When,
			RestsOn: []Ref{{Source: e.Source, Place: e.Place, Record: e.ID}},
		})
	}
}

func (c *composing) content(f casework.Content) {
	names := append([]string{}, f.Refs...)
	for _, d := range f.Digests {
		names = append(names, d.String())
	}
	if len(names) == 0 {
		names = f.Names
	}
	sentence := strings.Join(names, ", ")
	if f.Sentence != "" {
		sentence += ". " + f.Sentence
	}
	s := Statement{Part: PartContent, Sentence: sentence, Standing: relation(f)}
	if f.Source != "" {
		s.RestsOn = append(s.RestsOn, Ref{Source: f.Source, Place: f.Place})
	}
	for _, m := range f.Listed {
		s.For = append(s.For, Reason{Sentence: m.Sentence})
		s.RestsOn = append(s.RestsOn, Ref{Source: m.Source, Place: m.Place, Record: m.Entry})
	}
	for _, x := range f.Conflicts {
		s.Against = append(s.Against, Reason{Sentence: x.Sentence})
	}
	if f.Relation == casework.NearCopy {
		s.Against = append(s.Against, Reason{Sentence: "A near copy is another file: that the two look alike was computed, and a person has to look."})
	}
	c.say(s)
}

func relation(f casework.Content) string {
	switch f.Relation {
	case casework.Same:
		return "the content that was asked for"
	case casework.NearCopy:
		return fmt.Sprintf("near copy, %s distance %d", strings.ToUpper(string(f.By)), f.Distance)
	}
	return string(f.Relation)
}

func (c *composing) seen(s casework.Seen) {
	st := Statement{
		Part: PartSeen, Sentence: sentence(s), Proven: s.Standing.Proven(), Standing: string(s.Standing), When: s.When,
		RestsOn: []Ref{{Source: s.Source, Place: s.Place, Record: s.ID}},
	}
	if s.Grade != "" {
		st.Standing += ", grade " + s.Grade
	}
	for _, n := range s.Notes {
		st.Against = append(st.Against, Reason{Sentence: n})
	}
	if s.When.Doubt != "" {
		st.Against = append(st.Against, Reason{Sentence: "Its time is in doubt: " + s.When.Doubt})
	}
	if s.OrderUncertain {
		st.Against = append(st.Against, Reason{Sentence: "Its order among its neighbours is open: its time may lie before or after theirs."})
	}
	c.say(st)
}

// sentence says a sighting in words, and no more than it states.
func sentence(s casework.Seen) string {
	words := strings.ToUpper(string(s.Act)[:1]) + string(s.Act)[1:]
	if s.Service != "" {
		words += " at " + s.Service
	}
	words += named(" by ", s.Who)
	if s.Act == sighting.Receive {
		words += named(" from ", s.To)
	} else {
		words += named(" to ", s.To)
	}
	words += named(" through ", s.Via)
	if !s.From.IsZero() {
		words += " from the address " + s.From.String()
	}
	if !s.At.IsZero() {
		words += " at the address " + s.At.String()
	}
	if s.Client != "" {
		words += " with " + s.Client
	}
	switch {
	case len(s.Content.Digests) > 0:
		words += ", content " + s.Content.Digests[0].String()
	case len(s.Content.Refs) > 0:
		words += ", content " + s.Content.Refs[0]
	}
	if s.Content.Name != "" {
		words += fmt.Sprintf(", named %q", s.Content.Name)
	}
	if !s.Exact {
		words += fmt.Sprintf(" (a near copy, distance %d)", s.Distance)
	}
	return words + "."
}

// maxNamed bounds the identifiers in one sentence; the records have all.
const maxNamed = 6

func named(before string, ids []sighting.Identifier) string {
	if len(ids) == 0 {
		return ""
	}
	var words []string
	for n, i := range ids {
		if n == maxNamed {
			words = append(words, fmt.Sprintf("%d more", len(ids)-n))
			break
		}
		words = append(words, i.String())
	}
	return before + strings.Join(words, ", ")
}

// against gathers what speaks against the statements or limits them: what the
// rules found to point elsewhere, what was refused, what could not be read, what
// is claimed and not proven, what was not joined (rule R13: it is never left out,
// and never empty).
func (c *composing) against() {
	d := c.dossier
	at := map[string]int{}
	say := func(a Against, no int) {
		key := a.Rule + "\n" + a.Sentence
		n, there := at[key]
		if !there {
			n = len(d.Against)
			at[key] = n
			d.Against = append(d.Against, a)
		}
		if no > 0 {
			d.Against[n].Statements = append(d.Against[n].Statements, no)
		}
	}
	for _, s := range d.Statements {
		for _, r := range s.Against {
			say(Against{Sentence: r.Sentence, Rule: r.Rule, Citation: r.Citation}, s.No)
		}
		for _, r := range s.For {
			if r.Effect == string(attribution.Blocks) || r.Effect == string(attribution.Caution) {
				say(Against{Sentence: r.Sentence, Rule: r.Rule, Citation: r.Citation}, s.No)
			}
		}
		switch {
		case s.Outcome == attribution.Unusable:
			say(Against{Sentence: "Nothing may be asked on this observation; it was refused by the gate."}, s.No)
		case s.Part == PartFirst && s.When.IsZero():
			say(Against{Sentence: "No time is stated: any of these may have been the first."}, s.No)
		case s.Part == PartFirst && !s.Proven:
			say(Against{Sentence: "This is claimed and not proven."}, s.No)
		}
	}
	for _, s := range d.Sources {
		if s.State == custody.Unread {
			say(Against{Sentence: fmt.Sprintf("Nothing in source S%d (%q) could be read: %s", s.No, s.Name, s.Problem)}, 0)
		}
		if n := bad(s); n > 0 {
			say(Against{Sentence: fmt.Sprintf("In source S%d (%q) %s could not be read, and may say otherwise; they are listed with the source.", s.No, s.Name, count(n, "place"))}, 0)
		}
	}
	if len(d.Unused) > 0 {
		say(Against{Sentence: fmt.Sprintf("Under the same authorities, %s held on which no statement here rests; they are listed by hash and may be asked for.", countIs(len(d.Unused), "further original"))}, 0)
	}
	if len(d.Against) == 0 {
		say(Against{Sentence: "The record holds nothing that speaks against these statements. That is no proof: it holds only what was handed in."}, 0)
	}
}

func countIs(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return count(n, what) + " are"
}

func bad(s Source) (n int) {
	for _, p := range s.Problems {
		if p.Kind == "bad" {
			n++
		}
	}
	return n + s.More
}
