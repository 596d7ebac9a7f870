package flow

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"

	"suraag/attribution"
	"suraag/casework"
	"suraag/digest"
	"suraag/hashset"
	"suraag/network"
	"suraag/sighting"
)

// View says what somebody must not see.
type View interface {
	// Hidden gives those of the sources of which nothing may be shown.
	Hidden(ctx context.Context, sources []string) (map[string]bool, error)
	// Whom names the desks that can be asked about hidden sources.
	Whom(sources []string) []string
}

// For gives the house as somebody may see it: for one question, because it
// counts what it leaves out. Everything that the house answers is worked out from
// what is left, so that nothing hidden can show through a conclusion.
func (h *House) For(v View) *House {
	seen := &House{Originals: h.Originals, Lists: h.Lists, Formats: h.Formats, Policy: h.Policy, Limits: h.Limits, Now: h.Now, Log: h.Log, Queue: h.Queue, Tables: h.Tables, Public: h.Public, Unit: h.Unit, whole: h}
	seen.Record = &veiled{Record: h.Record, house: seen, view: v, left: map[string]string{}}
	return seen
}

// all gives the house of which this may be a view: indexes and lists that were
// opened are there once, and hold those of everybody.
func (h *House) all() *House {
	if h.whole != nil {
		return h.whole
	}
	return h
}

// veiled is a record of which some sources are hidden.
type veiled struct {
	Record
	house *House // whose record it is
	view  View
	left  map[string]string // what was left out: ID → source
}

// hidden tells what was left out so far.
func (h *House) hidden() *casework.Hidden {
	v, is := h.Record.(*veiled)
	if !is || len(v.left) == 0 {
		return nil
	}
	sources := slices.Sorted(maps.Values(v.left))
	return &casework.Hidden{Statements: len(v.left), Desks: v.view.Whom(slices.Compact(sources))}
}

// kept leaves out the records of hidden sources, and counts them.
func kept[R any](ctx context.Context, v *veiled, records []R, origin func(R) (id, source string)) ([]R, error) {
	var sources []string
	for _, r := range records {
		_, source := origin(r)
		sources = append(sources, source)
	}
	slices.Sort(sources)
	hidden, err := v.view.Hidden(ctx, slices.Compact(sources))
	if err != nil {
		return nil, err
	}
	out := make([]R, 0, len(records))
	for _, r := range records {
		if id, source := origin(r); hidden[source] {
			v.left[id] = source
		} else {
			out = append(out, r)
		}
	}
	return out, nil
}

// enough asks for more until a limit is met by what may be seen: what is hidden
// must not push out what is not.
func enough[R any](ctx context.Context, v *veiled, limit int, ask func(limit int) ([]R, error), origin func(R) (id, source string)) ([]R, error) {
	for most := limit; ; most *= 4 {
		all, err := ask(most)
		if err != nil {
			return nil, err
		}
		seen, err := kept(ctx, v, all, origin)
		if err != nil || limit <= 0 || len(all) < most || len(seen) >= limit {
			if limit > 0 {
				seen = seen[:min(limit, len(seen))]
			}
			return seen, err
		}
	}
}

func ofSighting(s sighting.Sighting) (id, source string) { return s.ID, s.Source }
func ofLease(l sighting.Lease) (id, source string)       { return l.ID, l.Source }

func (v *veiled) SightingsOf(ctx context.Context, thingIDs []string, limit int) ([]sighting.Sighting, error) {
	return enough(ctx, v, limit, func(n int) ([]sighting.Sighting, error) { return v.Record.SightingsOf(ctx, thingIDs, n) }, ofSighting)
}

func (v *veiled) SightingsBy(ctx context.Context, i sighting.Identifier, limit int) ([]sighting.Sighting, error) {
	return enough(ctx, v, limit, func(n int) ([]sighting.Sighting, error) { return v.Record.SightingsBy(ctx, i, n) }, ofSighting)
}

func (v *veiled) SightingsFrom(ctx context.Context, e sighting.Endpoint, limit int) ([]sighting.Sighting, error) {
	return enough(ctx, v, limit, func(n int) ([]sighting.Sighting, error) { return v.Record.SightingsFrom(ctx, e, n) }, ofSighting)
}

func (v *veiled) LeasesOf(ctx context.Context, a netip.Addr, from, until time.Time) ([]sighting.Lease, error) {
	all, err := v.Record.LeasesOf(ctx, a, from, until)
	if err != nil {
		return nil, err
	}
	return kept(ctx, v, all, ofLease)
}

func (v *veiled) LeasesBy(ctx context.Context, i sighting.Identifier) ([]sighting.Lease, error) {
	all, err := v.Record.LeasesBy(ctx, i)
	if err != nil {
		return nil, err
	}
	return kept(ctx, v, all, ofLease)
}

// Sets leaves out lists that rest on a hidden source.
func (v *veiled) Sets(ctx context.Context) ([]hashset.Set, error) {
	all, err := v.Record.Sets(ctx)
	if err != nil {
		return nil, err
	}
	var sources []string
	for _, s := range all {
		sources = append(sources, s.Source)
	}
	hidden, err := v.view.Hidden(ctx, sources)
	return slices.DeleteFunc(all, func(s hashset.Set) bool { return hidden[s.Source] }), err
}

// Closure leaves out things of which only hidden sources speak: that two digests
// are of one file is a statement too.
func (v *veiled) Closure(ctx context.Context, digests []digest.Digest, refs []string, listed func([]digest.Digest) ([]sighting.Thing, error)) ([]sighting.Thing, error) {
	onList := map[string]bool{}
	all, err := v.Record.Closure(ctx, digests, refs, func(ds []digest.Digest) ([]sighting.Thing, error) {
		if listed == nil {
			return nil, nil
		}
		found, err := listed(ds)
		for _, t := range found {
			onList[t.ID] = true
		}
		return found, err
	})
	if err != nil {
		return nil, err
	}
	var ids, sources []string
	for _, t := range all {
		ids = append(ids, t.ID)
	}
	of, err := v.Record.SourcesOfThings(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, list := range of {
		sources = append(sources, list...)
	}
	hidden, err := v.view.Hidden(ctx, sources)
	if err != nil {
		return nil, err
	}
	var out []sighting.Thing
	for _, t := range all {
		if onList[t.ID] || slices.ContainsFunc(of[t.ID], func(s string) bool { return !hidden[s] }) {
			out = append(out, t)
		} else if _, err := v.SightingsOf(ctx, []string{t.ID}, mostCounted); err != nil { // they are counted
			return nil, err
		}
	}
	return out, nil
}

// mostCounted bounds how many hidden statements of one content are counted.
const mostCounted = 1000

func (v *veiled) LeadsOf(ctx context.Context, thingIDs []string) ([]casework.Lead, error) {
	all, err := v.Record.LeadsOf(ctx, thingIDs)
	if err != nil {
		return nil, err
	}
	return v.seen(ctx, all)
}

// Seen gives of some leads those that may be seen, as they may be seen, in order.
// It is for a house that For gave; any other sees all.
func (h *House) Seen(ctx context.Context, leads []casework.Lead) ([]casework.Lead, error) {
	v, is := h.Record.(*veiled)
	if !is {
		return leads, nil
	}
	return v.seen(ctx, leads)
}

func (v *veiled) seen(ctx context.Context, leads []casework.Lead) (out []casework.Lead, err error) {
	var all []string
	for _, l := range leads {
		all = append(all, l.Sources()...)
	}
	slices.Sort(all)
	hidden, err := v.view.Hidden(ctx, slices.Compact(all))
	if err != nil {
		return nil, err
	}
	facts := newLookups(v.Record)
	for _, l := range leads {
		open := !hidden[l.Source]
		if open {
			if l, open, err = v.weighedAgain(ctx, facts, l, hidden); err != nil {
				return nil, err
			}
		}
		if open {
			out = append(out, l)
		} else {
			v.left["lead "+l.ID] = l.Source
		}
	}
	casework.Sort(out)
	return out, nil
}

// weighedAgain weighs a lead without what is hidden: rows of an operator that
// were obtained in another case name no subscriber here, and do not make two of
// one either.
func (v *veiled) weighedAgain(ctx context.Context, facts *lookups, l casework.Lead, hidden map[string]bool) (casework.Lead, bool, error) {
	o := l.Finding.Observation
	known, err := network.AsOf(ctx, facts, o.Endpoint.IP, o.When)
	if err != nil {
		return l, false, err
	}
	a := &answering{house: v.house, trace: &casework.Trace{}}
	rows, err := a.rows(ctx, sighting.Sighting{From: o.Endpoint, When: o.When})
	if err != nil {
		return l, false, err
	}
	value, err := v.named(ctx, l)
	if err != nil {
		return l, false, err
	}
	listed := slices.DeleteFunc(slices.Clone(l.Listed), func(m hashset.Match) bool { return hidden[m.Source] })
	danger := slices.DeleteFunc(slices.Clone(l.Danger), func(s casework.Signal) bool { return hidden[s.Source] })
	if o.Corrected, err = v.house.corrected(ctx, o.SightingID, o.Source); err != nil {
		return l, false, err
	}
	again, open := casework.Open(attribution.Weigh(o, known, rows, attribution.Policy{}, v.house.Now()), value, listed, danger)
	again.Thing = l.Thing
	return again, open, nil
}

// named gives the digest by which a lead names its content, if something that may
// be seen states it; else the strongest that the lead's own sighting states.
func (v *veiled) named(ctx context.Context, l casework.Lead) (digest.Digest, error) {
	if l.Content.IsZero() {
		return l.Content, nil
	}
	things, err := v.house.closure(ctx, []digest.Digest{l.Content}, nil)
	if err != nil || slices.ContainsFunc(things, func(t sighting.Thing) bool { return slices.Contains(t.Digests, l.Content) }) {
		return l.Content, err
	}
	seen, err := v.SightingsFrom(ctx, l.Finding.Observation.Endpoint, 0)
	for _, s := range seen {
		if s.ID == l.Finding.Observation.SightingID {
			return strongest(s.Content.Digests), err
		}
	}
	return digest.Digest{}, err
}
