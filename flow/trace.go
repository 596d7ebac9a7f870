package flow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"suraag/actor"
	"suraag/attribution"
	"suraag/casework"
	"suraag/circulation"
	"suraag/digest"
	"suraag/media"
	"suraag/network"
	"suraag/sighting"
)

// The bounds of one trace. What lies beyond is counted and said.
const (
	maxWeighed  = 300 // moments at addresses
	maxAccounts = 50  // accounts whose other sightings are looked at
	perAccount  = 200 // sightings of one account
	maxContents = 200 // contents of a trace by identifier or address
	maxInner    = 100 // addresses behind an operator's translation to which its rows lead
)

// TraceImage answers for a picture that was handed in. Zone is the viewer's.
func (h *House) TraceImage(ctx context.Context, name string, p media.Print, zone *time.Location) (casework.Trace, error) {
	return h.answer(ctx, Image(name, p, h.Policy), zone)
}

// Trace answers for a digest, an identifier or an address.
func (h *House) Trace(ctx context.Context, target string, zone *time.Location) (casework.Trace, error) {
	q, err := Ask(target)
	if err != nil {
		return casework.Trace{}, err
	}
	return h.answer(ctx, q, zone)
}

// answer asks the record and hands what it finds to the pure rooms.
func (h *House) answer(ctx context.Context, q question, zone *time.Location) (casework.Trace, error) {
	t := casework.Trace{Target: q.target, AsOf: h.Now().UTC()}
	a := &answering{house: h, trace: &t, facts: newLookups(h.Record), most: maxWeighed}
	var err error
	if q.target.Kind != "identifier" && q.target.Kind != "address" {
		err = a.byContent(ctx, q)
	} else {
		err = a.byIdentifier(ctx, q)
	}
	if err != nil {
		return t, err
	}
	err = a.tell(ctx, zone)
	t.Fill()
	return t, err
}

// answering is one question on its way.
type answering struct {
	house   *House
	trace   *casework.Trace
	facts   *lookups
	leases  []sighting.Lease
	related []related
	notes   []string
	most    int             // moments at addresses that are weighed; 0: all
	moments map[moment]bool // that were
}

// moment is the hash of somebody at an address at a time: many are told apart at once.
type moment [16]byte

func momentOf(s sighting.Sighting) moment {
	at := func(t time.Time) string { return fmt.Sprint(t.Unix(), t.Nanosecond()) }
	end := func(e sighting.Endpoint) string { return fmt.Sprintf("%s %d %q", e.IP, e.Port, e.Protocol) }
	text := fmt.Sprintf("%s %s %s %s %q %q", end(s.From), end(s.At), at(s.When.At), at(s.When.Until), sighting.ServiceKey(s.Service), fmt.Sprint(s.Who))
	sum := sha256.Sum256([]byte(text))
	return moment(sum[:16])
}

// byContent gathers the family of a content and its sightings.
func (a *answering) byContent(ctx context.Context, q question) error {
	family, notes, err := a.house.family(ctx, q)
	if err != nil {
		return err
	}
	a.notes = append(a.notes, notes...)
	for n := range family {
		c := &family[n]
		seen, err := a.house.Record.SightingsOf(ctx, c.Things, max(1, a.house.Limits.Answer-len(a.trace.Sightings)+1))
		if err != nil {
			return err
		}
		if c.Relation == casework.NearCopy && a.house.tooPlain(seen, *c) {
			a.notes = append(a.notes, fmt.Sprintf("A near copy was left out: its PDQ quality is below %d, so its nearness says nothing.", a.house.Policy.PDQQuality))
			c.Things = nil
			continue
		}
		describe(c, seen)
		learnForms(c, family[0])
		for _, s := range seen {
			a.trace.Sightings = append(a.trace.Sightings, casework.Seen{Sighting: s, Exact: c.Relation == casework.Same, Distance: c.Distance})
		}
	}
	family = slices.DeleteFunc(family, func(c casework.Content) bool { return c.Relation == casework.NearCopy && c.Things == nil })
	if err := a.house.listed(ctx, family); err != nil {
		return err
	}
	a.trace.Family = family
	return a.others(ctx)
}

// tooPlain tells whether the record states a quality for a near copy's PDQ and
// it is too low to compare (PDQ README: discard below 50).
func (h *House) tooPlain(seen []sighting.Sighting, c casework.Content) bool {
	best := 0
	for _, s := range seen {
		q := s.Content.Quality
		if c.Compared != nil {
			if f, ok := sighting.FormOf(s.Content.Forms, c.Compared.Other); ok {
				q = f.Quality
			}
		}
		best = max(best, q)
	}
	return c.By == digest.PDQ && best > 0 && best < h.Policy.PDQQuality
}

// describe fills in what the sightings say of a content.
func describe(c *casework.Content, seen []sighting.Sighting) {
	c.Sightings = len(seen)
	for n, s := range seen {
		if n == 0 {
			c.Source, c.Place = s.Source, s.Place
		}
		for _, f := range s.Content.Forms {
			if _, known := sighting.FormOf(c.Forms, f.Value); !known {
				c.Forms = append(c.Forms, f)
			}
		}
		if s.Content.Name != "" && !slices.Contains(c.Names, s.Content.Name) && len(c.Names) < 20 {
			c.Names = append(c.Names, s.Content.Name)
		}
	}
	slices.Sort(c.Names)
}

// byIdentifier gathers the sightings of an identifier or an address, and the
// contents that stand in them.
func (a *answering) byIdentifier(ctx context.Context, q question) error {
	r, limit := a.house.Record, a.house.Limits.Answer
	var seen []sighting.Sighting
	var err error
	if q.target.Endpoint != nil {
		seen, err = r.SightingsFrom(ctx, *q.target.Endpoint, limit+1)
	} else {
		seen, err = r.SightingsBy(ctx, *q.target.Identifier, limit+1)
		if err == nil {
			a.leases, err = r.LeasesBy(ctx, *q.target.Identifier)
		}
		if err == nil { // what is in quarantine ties nobody either
			a.leases, err = a.usable(ctx, a.leases)
		}
	}
	if err != nil {
		return err
	}
	contents := map[string]int{}
	for _, s := range seen {
		a.trace.Sightings = append(a.trace.Sightings, casework.Seen{Sighting: s, Exact: true})
		if t, any := sighting.ThingOf(s.Content.Digests, s.Content.Refs); any {
			contents[t.ID]++
		}
	}
	return a.contents(ctx, seen, contents)
}

// contents describes what stands in the sightings of an identifier.
func (a *answering) contents(ctx context.Context, seen []sighting.Sighting, counts map[string]int) error {
	done := map[string]bool{}
	for _, s := range seen {
		t, any := sighting.ThingOf(s.Content.Digests, s.Content.Refs)
		if !any || done[t.ID] {
			continue
		}
		if len(a.trace.Family) == maxContents {
			a.notes = append(a.notes, fmt.Sprintf("More than %d contents stand in these sightings; the rest is not shown.", maxContents))
			break
		}
		things, err := a.house.closure(ctx, t.Digests, t.Refs)
		if err != nil {
			return err
		}
		same, conflicts := withTarget(bindings([]sighting.Thing{t})[0], things)
		c := content(same, casework.SeenWith)
		c.Conflicts, c.Source, c.Place = conflicts, s.Source, s.Place
		for _, id := range c.Things {
			c.Sightings += counts[id]
			done[id] = true
		}
		c.Sentence = fmt.Sprintf("Stands in %d of these sightings.", c.Sightings)
		a.trace.Family = append(a.trace.Family, c)
	}
	return a.house.listed(ctx, a.trace.Family)
}

// others fetches where else the accounts were that passed the content on: an
// account that hides its address once has often forgotten to at another time.
func (a *answering) others(ctx context.Context) error {
	asked := map[sighting.Identifier]bool{}
	have := map[string]bool{}
	for _, s := range a.trace.Sightings {
		have[s.ID] = true
	}
	for _, s := range a.trace.Sightings {
		if !s.Act.Spreads() && s.Act != sighting.Offer {
			continue
		}
		for _, i := range s.Who {
			if !i.Links() || asked[i] {
				continue
			}
			if len(asked) == maxAccounts {
				a.say("More than %d accounts passed this content on; where else the rest were was not looked at.", maxAccounts)
				break
			}
			asked[i] = true
			more, err := a.by(ctx, i)
			if err != nil {
				return err
			}
			for _, m := range more {
				if !have[m.ID] && (m.Act == sighting.Login || m.Act == sighting.Register) && slices.Contains(m.Who, i) {
					have[m.ID] = true
					a.related = append(a.related, related{m, "an account that passed this content on"})
				}
			}
		}
	}
	return a.sameMessages(ctx, have)
}

// by gives the sightings of an identifier, and says where there are more.
func (a *answering) by(ctx context.Context, i sighting.Identifier) ([]sighting.Sighting, error) {
	all, err := a.house.Record.SightingsBy(ctx, i, perAccount+1)
	if len(all) > perAccount {
		a.say("Only the first %d sightings of %s were looked at for other addresses; trace it by itself.", perAccount, i)
		all = all[:perAccount]
	}
	return all, err
}

// sameMessages fetches what else is stated of a message that carried the content:
// a service's log may know the address where the phone knows the file.
func (a *answering) sameMessages(ctx context.Context, have map[string]bool) error {
	asked := map[sighting.Identifier]bool{}
	for _, s := range a.trace.Sightings {
		for _, i := range s.Via {
			if i.Kind != sighting.Message || i.Service == "" || asked[i] {
				continue
			}
			if len(asked) == maxAccounts {
				a.say("More than %d messages carried this content; what else is stated of the rest was not looked at.", maxAccounts)
				break
			}
			asked[i] = true
			more, err := a.by(ctx, i)
			if err != nil {
				return err
			}
			for _, m := range more {
				if !have[m.ID] && !m.Content.Identified() {
					have[m.ID] = true
					a.related = append(a.related, related{m, "a message that carried this content"})
				}
			}
		}
	}
	return nil
}

// related is a sighting that is not of the content, and what ties it to it.
type related struct {
	sighting.Sighting
	because string
}

// tell weighs what was gathered and writes the answer.
func (a *answering) tell(ctx context.Context, zone *time.Location) error {
	t := a.trace
	slices.SortFunc(t.Sightings, func(x, y casework.Seen) int {
		return cmp.Or(x.When.Sort(y.When), strings.Compare(x.ID, y.ID))
	})
	if limit := a.house.Limits.Answer; len(t.Sightings) > limit {
		t.Sightings = t.Sightings[:limit]
		a.notes = append(a.notes, fmt.Sprintf("Only the first %d sightings are shown and weighed.", limit))
	}
	register, err := a.register(ctx)
	if err != nil {
		return err
	}
	plain, items := []sighting.Sighting{}, []circulation.Item{}
	for n, s := range t.Sightings {
		if words := register.of(s.Sighting); words != "" {
			t.Sightings[n].Notes = append(slices.Clone(s.Notes), "it stands in the register of errors: "+words)
			a.say("Statements that stand in the register of errors are shown, and nothing is concluded from them.")
			continue
		}
		plain = append(plain, s.Sighting)
		items = append(items, circulation.Item{Sighting: s.Sighting, Exact: s.Exact, Distance: s.Distance})
	}
	casework.Uncertain(t.Sightings, circulation.Line(plain))
	t.Where, t.Passing, t.Access = circulation.Places(plain), circulation.Graph(plain), circulation.Access(accesses(plain), zone)
	if t.Target.Kind != "identifier" && t.Target.Kind != "address" {
		t.Origin = circulation.Origin(items)
	}
	if err := a.addresses(ctx); err != nil {
		return err
	}
	all := slices.Clone(plain)
	for _, r := range a.related {
		if register.of(r.Sighting) == "" {
			all = append(all, r.Sighting)
		}
	}
	another := map[string]bool{}
	for _, s := range t.Sightings {
		if !s.Exact {
			another[s.ID] = true
		}
	}
	words, err := a.house.Record.Partings(ctx)
	if err != nil {
		return err
	}
	t.Actors = actor.ActorsBeside(all, actor.Links(all, a.leases), actor.Undos(words), another)
	if err := a.queued(ctx); err != nil {
		return err
	}
	t.Hidden = a.house.hidden()
	t.NotKnown = append(t.Missing(), a.notes...)
	return nil
}

// mistakes is what the register of errors holds of each subject, in words.
type mistakes map[string]string

func (m mistakes) of(s sighting.Sighting) string { return cmp.Or(m[s.ID], m[s.Source]) }

func (a *answering) register(ctx context.Context) (mistakes, error) {
	all, err := a.house.Record.Corrections(ctx)
	out := mistakes{}
	for _, c := range all {
		out[c.Subject] = c.Words()
	}
	return out, err
}

// accesses leaves out messages and posts whose content no source identifies:
// they stand in the trace of an account, and are no access to anything known.
func accesses(plain []sighting.Sighting) []sighting.Sighting {
	out := make([]sighting.Sighting, 0, len(plain))
	for _, s := range plain {
		if s.Content.Identified() || s.Act == sighting.Login || s.Act == sighting.Register || s.Act == sighting.Report || s.Act == sighting.TakeDown {
			out = append(out, s)
		}
	}
	return out
}

// addresses puts each moment at an address through the gate, once.
func (a *answering) addresses(ctx context.Context) error {
	left := 0
	if a.moments == nil {
		a.moments = map[moment]bool{}
	}
	seen := a.moments
	weigh := func(s sighting.Sighting, because string) error {
		// Two accounts, or two far sides, at one address in one second may be two people.
		m := momentOf(s)
		if s.From.IsZero() || seen[m] {
			return nil
		}
		if a.most > 0 && len(a.trace.Addresses) >= a.most {
			seen[m], left = true, left+1
			return nil
		}
		f, err := a.weigh(ctx, s)
		seen[m] = f.Observation.Corrected == "" // another statement may hold where this one was wrong
		a.trace.Addresses = append(a.trace.Addresses, casework.Address{Finding: f, Because: because, Source: s.Source, Place: s.Place})
		return err
	}
	// The strongest statement of a moment speaks for it.
	because := "this content"
	if a.trace.Target.Kind == "address" || a.trace.Target.Kind == "identifier" {
		because = "what was asked for"
	}
	byStrength := slices.Clone(a.trace.Sightings)
	slices.SortStableFunc(byStrength, func(x, y casework.Seen) int { return cmp.Compare(x.Standing.Rank(), y.Standing.Rank()) })
	for _, s := range byStrength {
		if err := weigh(s.Sighting, because); err != nil {
			return err
		}
	}
	for _, r := range a.related {
		if err := weigh(r.Sighting, r.because); err != nil {
			return err
		}
	}
	if left > 0 {
		a.say("%d more moments at addresses were not weighed; ask for an address itself.", left)
	}
	return nil
}

// weigh asks for the facts and the operators' rows of one moment.
func (a *answering) weigh(ctx context.Context, s sighting.Sighting) (attribution.Finding, error) {
	facts, err := network.AsOf(ctx, a.facts, s.From.IP, s.When)
	if err != nil {
		return attribution.Finding{}, err
	}
	leases, err := a.rows(ctx, s)
	if err != nil {
		return attribution.Finding{}, err
	}
	o := casework.Observe(s)
	if o.Corrected, err = a.house.corrected(ctx, s.ID, s.Source); err != nil {
		return attribution.Finding{}, err
	}
	f := attribution.Weigh(o, facts, leases, attribution.Policy{}, a.house.Now())
	a.leases = append(a.leases, resolving(f, leases)...)
	return f, nil
}

// margin is how far around a moment operators' rows are fetched; the gate looks
// at their times itself.
const margin = 24 * time.Hour

// rows fetches the operators' rows of a moment: those of the public address, and
// those of the private addresses to which they lead.
func (a *answering) rows(ctx context.Context, s sighting.Sighting) ([]sighting.Lease, error) {
	if s.When.IsZero() {
		return nil, nil
	}
	from, until := s.When.At.Add(-margin), s.When.Until.Add(margin)
	leases, err := a.house.Record.LeasesOf(ctx, s.From.IP, from, until)
	if err != nil {
		return nil, err
	}
	asked := map[netip.Addr]bool{s.From.IP: true}
	for _, l := range leases {
		inner := l.Private.IP
		other := l.Public.Port != 0 && (s.From.Port < l.Public.Port || s.From.Port > max(l.Public.Port, l.PortLast))
		if !inner.IsValid() || asked[inner] || other {
			continue
		}
		if len(asked) > maxInner {
			a.say("More than %d inner addresses stand in operators' rows of %s around %s; the rows of the rest were not looked at.", maxInner, s.From.IP, s.When)
			break
		}
		asked[inner] = true
		more, err := a.house.Record.LeasesOf(ctx, inner, from, until)
		if err != nil {
			return nil, err
		}
		leases = append(leases, more...)
	}
	slices.SortFunc(leases, func(x, y sighting.Lease) int { return strings.Compare(x.ID, y.ID) })
	leases = slices.CompactFunc(leases, func(x, y sighting.Lease) bool { return x.ID == y.ID })
	return a.usable(ctx, leases)
}

// usable leaves out rows of answers that differ from what was asked (rule R5) and
// rows that were found to be wrong (rule R14).
func (a *answering) usable(ctx context.Context, leases []sighting.Lease) ([]sighting.Lease, error) {
	var ids, subjects []string
	for _, l := range leases {
		ids, subjects = append(ids, l.ID), append(subjects, l.ID, l.Source)
	}
	quarantined, err := a.house.Record.Quarantined(ctx, ids)
	if err != nil {
		return nil, err
	}
	wrong, err := mistaken(ctx, a.house.Record, slices.Compact(slices.Sorted(slices.Values(subjects))))
	if err != nil {
		return nil, err
	}
	kept := slices.DeleteFunc(slices.Clone(leases), func(l sighting.Lease) bool { return quarantined[l.ID] || wrong[l.ID] || wrong[l.Source] })
	if n := len(leases) - len(kept); n > 0 {
		a.say("Rows of operators that are in quarantine or were corrected are not used.")
	}
	return kept, nil
}

// mistaken tells which of the subjects stand in the register of errors.
func mistaken(ctx context.Context, register requests, subjects []string) (map[string]bool, error) {
	all, err := register.CorrectionsOf(ctx, subjects)
	wrong := map[string]bool{}
	for _, c := range all {
		wrong[c.Subject] = true
	}
	return wrong, err
}

// corrected says what the register of errors holds of any of the subjects.
func (h *House) corrected(ctx context.Context, subjects ...string) (string, error) {
	all, err := h.Record.CorrectionsOf(ctx, subjects)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[len(all)-1].Words(), nil
}

// say notes what a trace does not tell, once.
func (a *answering) say(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(a.notes, note) {
		a.notes = append(a.notes, note)
	}
}

// resolving keeps the rows by which the gate resolved a moment, for the actors.
func resolving(f attribution.Finding, leases []sighting.Lease) (out []sighting.Lease) {
	if f.Resolution == nil {
		return nil
	}
	for _, l := range leases {
		if slices.ContainsFunc(f.Resolution.Steps, func(st attribution.Step) bool { return st.LeaseID == l.ID }) {
			out = append(out, l)
		}
	}
	return out
}

// queued takes the leads of the contents from the queue, so that a trace and
// the queue never tell two stories.
func (a *answering) queued(ctx context.Context) error {
	var ids []string
	for _, c := range a.trace.Family {
		ids = append(ids, c.Things...)
	}
	leads, err := a.house.Record.LeadsOf(ctx, ids)
	a.trace.Leads = leads
	return err
}

func strongest(ds []digest.Digest) digest.Digest {
	if len(ds) == 0 {
		return digest.Digest{}
	}
	return slices.MinFunc(ds, digest.Digest.Compare)
}

// lookups keeps the list of data sets during one trace. Address data that stands in
// the register of errors answers nothing (rule R14).
type lookups struct {
	network.Lookup
	register requests
	sets     []network.DataSet
}

func newLookups(r Record) *lookups { return &lookups{Lookup: r, register: r} }

func (l *lookups) DataSets(ctx context.Context) ([]network.DataSet, error) {
	if l.sets != nil {
		return l.sets, nil
	}
	sets, err := l.Lookup.DataSets(ctx)
	if err != nil {
		return nil, err
	}
	var subjects []string
	for _, s := range sets {
		subjects = append(subjects, s.ID, s.SHA256)
	}
	wrong, err := mistaken(ctx, l.register, subjects)
	if err != nil {
		return nil, err
	}
	l.sets = slices.DeleteFunc(slices.Clone(sets), func(s network.DataSet) bool { return wrong[s.ID] || wrong[s.SHA256] })
	return l.sets, nil
}
