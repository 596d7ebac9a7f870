package flow

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"suraag/casework"
	"suraag/digest"
	"suraag/sighting"
)

// thingsPerTurn is how many contents one transaction weighs: the turn is held
// for as long, and nobody else may mark the same contents meanwhile.
const thingsPerTurn = 50

// WeighLeads is the stage that brings the queue of leads up to date with what
// was learned. It takes turns until nothing is left to weigh.
func (h *House) WeighLeads(ctx context.Context) error {
	for {
		n, err := h.weighSome(ctx)
		if err != nil || n < thingsPerTurn {
			return err
		}
	}
}

func (h *House) weighSome(ctx context.Context) (n int, err error) {
	err = h.Record.InTx(ctx, func(tx *sql.Tx) error {
		if err := h.Record.TakeTurn(ctx, tx, "leads", h.Now()); err != nil {
			return err
		}
		dirty, err := h.Record.TakeDirty(ctx, tx, thingsPerTurn)
		n = len(dirty)
		if err != nil {
			return err
		}
		done := map[string]bool{}
		for _, t := range dirty {
			if done[t.ID] {
				continue
			}
			things, leads, err := h.leadsOf(ctx, t)
			if err != nil {
				return err
			}
			for _, id := range things {
				done[id] = true
			}
			if err := h.Record.PutLeads(ctx, tx, things, leads); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// leadsOf weighs the content to which a thing belongs, with its near copies on
// lists. The thing itself is always among those whose leads are replaced, even
// where nothing speaks of it any more.
func (h *House) leadsOf(ctx context.Context, t sighting.Thing) (things []string, leads []casework.Lead, err error) {
	things = []string{t.ID}
	all, err := h.Record.Closure(ctx, t.Digests, t.Refs)
	if err != nil {
		return nil, nil, err
	}
	same, _ := withTarget(bindings([]sighting.Thing{t})[0], all)
	if len(same) == 0 {
		return things, nil, nil
	}
	self := content(same, casework.Same)
	seen, err := h.Record.SightingsOf(ctx, self.Things, h.Limits.Answer)
	if err != nil {
		return nil, nil, err
	}
	things = unite2(self.Things, t.ID)
	self.Digests = unite(self.Digests, t.Digests)
	a := &answering{house: h, trace: &casework.Trace{}, facts: newLookups(h.Record)}
	family, err := h.onLists(ctx, self)
	if err != nil {
		return nil, nil, err
	}
	a.trace.Family = family
	for _, s := range seen {
		a.trace.Sightings = append(a.trace.Sightings, casework.Seen{Sighting: s, Exact: true})
	}
	if !casework.Concerns(family[0].Listed, seen) {
		return things, nil, nil
	}
	if err := a.addresses(ctx); err != nil {
		return nil, nil, err
	}
	signals, err := h.danger(ctx, seen)
	if err != nil {
		return nil, nil, err
	}
	thing := map[string]string{}
	for _, s := range seen {
		t, _ := sighting.ThingOf(s.Content.Digests, s.Content.Refs)
		thing[s.ID] = t.ID
	}
	for _, f := range a.trace.Addresses {
		if l, open := casework.Open(f.Finding, strongest(self.Digests), family[0].Listed, signals); open {
			l.Thing = thing[f.Observation.SightingID]
			leads = append(leads, l)
		}
	}
	casework.Sort(leads)
	return things, leads, nil
}

// danger looks for signs in the reports of which the content is part: what is
// said of the report as a whole stands in its other sightings.
func (h *House) danger(ctx context.Context, seen []sighting.Sighting) ([]casework.Signal, error) {
	reports := slices.Clone(seen)
	asked := map[sighting.Identifier]bool{}
	for _, s := range seen {
		for _, i := range s.Via {
			if i.Kind != sighting.Case || asked[i] || len(asked) == maxAccounts {
				continue
			}
			asked[i] = true
			more, err := h.Record.SightingsBy(ctx, i, perAccount)
			if err != nil {
				return nil, err
			}
			reports = append(reports, more...)
		}
	}
	return casework.Danger(reports), nil
}

func unite2(ids []string, id string) []string {
	out := append(slices.Clone(ids), id)
	slices.SortFunc(out, strings.Compare)
	return slices.Compact(out)
}

// onLists gives a content with the entries that it matches, exactly or nearly.
func (h *House) onLists(ctx context.Context, self casework.Content) ([]casework.Content, error) {
	family := []casework.Content{self}
	hits, _, err := h.near(ctx, question{}, self)
	if err != nil {
		return nil, err
	}
	for _, hit := range hits {
		family = append(family, casework.Content{Relation: casework.NearCopy, By: hit.by, Distance: hit.distance, Things: []string{hit.thing}, Digests: []digest.Digest{hit.value}})
	}
	if err := h.listed(ctx, family); err != nil {
		return nil, err
	}
	return family[:1], nil
}
