package flow

import (
	"context"
	"database/sql"
	"slices"

	"suraag/casework"
	"suraag/custody"
	"suraag/digest"
	"suraag/hashset"
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
		w := &weighing{house: h, tx: tx, done: map[string]bool{}, judged: map[digest.Digest]bool{}, fresh: holds{quarantine: map[digest.Digest]hashset.Quarantine{}}}
		for _, t := range dirty {
			if err := w.around(ctx, t); err != nil {
				return err
			}
		}
		if len(w.fresh.quarantine) > 0 {
			n = thingsPerTurn // what was weighed before the flood was seen waits again
		}
		return nil
	})
	return n, err
}

// weighing is one turn.
type weighing struct {
	house *House
	tx    *sql.Tx
	done  map[string]bool // things whose leads are up to date

	judged map[digest.Digest]bool // values of entries whose matches were counted
	fresh  holds                  // those that were quarantined in this turn
}

// around weighs all that a thing bears on: the contents that share a digest with
// it, because it may have joined or parted them, and their near copies, because
// what a list says of a content counts for what looks like it.
func (w *weighing) around(ctx context.Context, t sighting.Thing) error {
	contents, err := w.contents(ctx, t)
	if err != nil {
		return err
	}
	for _, c := range contents {
		hits, _, err := w.house.nearest(ctx, question{}, c)
		if err != nil {
			return err
		}
		for _, hit := range hits {
			if w.done[hit.thing] {
				continue
			}
			copy, err := w.house.around(ctx, hit)
			if err != nil {
				return err
			}
			if len(copy.Things) == 0 {
				continue
			}
			// From its own side it is no copy.
			copy.Relation, copy.By, copy.Distance, copy.Orientation, copy.Compared, copy.Videos = casework.Same, "", 0, "", nil, nil
			if err := w.content(ctx, copy); err != nil {
				return err
			}
		}
	}
	return nil
}

// contents weighs the contents that share a digest with a thing, directly or
// through others, and gives them. The leads of a thing of which nothing speaks
// any more go.
func (w *weighing) contents(ctx context.Context, t sighting.Thing) ([]casework.Content, error) {
	all, err := w.house.closure(ctx, t.Digests, t.Refs)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(x sighting.Thing) bool { return x.ID == t.ID }) {
		if err := w.put(ctx, []string{t.ID}, nil); err != nil {
			return nil, err
		}
	}
	var out []casework.Content
	for _, same := range groups(all) {
		c := content(same, casework.Same)
		out = append(out, c)
		if err := w.content(ctx, c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// groups parts things into contents.
func groups(things []sighting.Thing) [][]sighting.Thing {
	lowest, _ := digest.Unite(bindings(things))
	at := map[int]int{}
	var out [][]sighting.Thing
	for n, t := range things {
		g, seen := at[lowest[n]]
		if !seen {
			g = len(out)
			at[lowest[n]] = g
			out = append(out, nil)
		}
		out[g] = append(out[g], t)
	}
	return out
}

// content weighs one content and replaces its leads.
func (w *weighing) content(ctx context.Context, c casework.Content) error {
	if w.done[c.Things[0]] {
		return nil
	}
	leads, err := w.leadsOf(ctx, c)
	if err != nil {
		return err
	}
	for _, id := range c.Things {
		w.done[id] = true
	}
	return w.put(ctx, c.Things, leads)
}

// put replaces the leads of things and logs what became of each.
func (w *weighing) put(ctx context.Context, things []string, leads []casework.Lead) error {
	changes, err := w.house.Record.PutLeads(ctx, w.tx, things, leads)
	if err != nil {
		return err
	}
	for _, c := range changes {
		kind := custody.LeadOpened
		if c.Gone {
			kind = custody.LeadClosed
		} else if c.Known {
			kind = custody.LeadChanged
		}
		if err := w.house.log(ctx, w.tx, kind, c.Lead.ID, custody.Program, c.Lead); err != nil {
			return err
		}
	}
	return nil
}

// leadsOf weighs one content, with its near copies on lists.
func (w *weighing) leadsOf(ctx context.Context, self casework.Content) (leads []casework.Lead, err error) {
	h := w.house
	seen, err := h.Record.SightingsOf(ctx, self.Things, h.Limits.Answer)
	if err != nil || len(seen) == 0 {
		return nil, err
	}
	a := &answering{house: h, trace: &casework.Trace{}, facts: newLookups(h.Record)}
	describe(&self, seen)
	family, err := h.onLists(ctx, self)
	if err != nil {
		return nil, err
	}
	if err := w.flood(ctx, &family[0]); err != nil {
		return nil, err
	}
	a.trace.Family = family
	for _, s := range seen {
		a.trace.Sightings = append(a.trace.Sightings, casework.Seen{Sighting: s, Exact: true})
	}
	if !casework.Concerns(family[0].Listed, seen) {
		return nil, nil
	}
	if err := a.addresses(ctx); err != nil {
		return nil, err
	}
	reports := reports{house: h, known: map[sighting.Identifier][]sighting.Sighting{}}
	others, err := reports.first(ctx, seen)
	if err != nil {
		return nil, err
	}
	thing, stated := map[string]string{}, map[string]sighting.Sighting{}
	for _, s := range seen {
		t, _ := sighting.ThingOf(s.Content.Digests, s.Content.Refs)
		thing[s.ID], stated[s.ID] = t.ID, s
	}
	for _, f := range a.trace.Addresses {
		own, err := reports.of(ctx, stated[f.Observation.SightingID])
		if err != nil {
			return nil, err
		}
		signals := casework.Danger(own, others...)
		if l, open := casework.Open(f.Finding, strongest(self.Digests), family[0].Listed, signals); open {
			l.Thing = thing[f.Observation.SightingID]
			leads = append(leads, l)
		}
	}
	casework.Sort(leads)
	return leads, nil
}

// reports looks for the reports of which sightings are part: what is said of a
// report as a whole stands in its other sightings.
type reports struct {
	house *House
	known map[sighting.Identifier][]sighting.Sighting
}

// of gives the whole report of a sighting, itself first.
func (r reports) of(ctx context.Context, s sighting.Sighting) ([]sighting.Sighting, error) {
	out := []sighting.Sighting{s}
	for _, i := range s.Via {
		if i.Kind != sighting.Case {
			continue
		}
		if _, asked := r.known[i]; !asked {
			// What is said of it whole bears its own, last time.
			all, err := r.house.Record.SightingsBy(ctx, i, r.house.Limits.Answer)
			if err != nil {
				return nil, err
			}
			r.known[i] = all
		}
		out = append(out, r.known[i]...)
	}
	return out, nil
}

// first gives the reports of the first sightings, to a bound: they are looked at for
// what they say of the content; each lead's own report is looked at in any case.
func (r reports) first(ctx context.Context, seen []sighting.Sighting) ([]sighting.Sighting, error) {
	out := slices.Clone(seen)
	for _, s := range seen {
		if len(r.known) >= maxAccounts {
			break
		}
		all, err := r.of(ctx, s)
		if err != nil {
			return nil, err
		}
		out = append(out, all[1:]...)
	}
	return out, nil
}

// onLists gives a content with the entries that it matches, exactly or nearly,
// as a trace of it would.
func (h *House) onLists(ctx context.Context, self casework.Content) ([]casework.Content, error) {
	hits, _, err := h.nearest(ctx, question{}, self)
	if err != nil {
		return nil, err
	}
	copies, err := h.copies(ctx, hits, self)
	if err == nil {
		copies, _, err = h.asDecided(ctx, self, copies)
	}
	if err != nil {
		return nil, err
	}
	family := []casework.Content{self}
	for _, c := range copies {
		seen, err := h.Record.SightingsOf(ctx, c.Things, perAccount)
		if err != nil {
			return nil, err
		}
		describe(&c, seen)
		learnForms(&c, self)
		if !h.tooPlain(seen, c) {
			family = append(family, c)
		}
	}
	if err := h.listed(ctx, family); err != nil {
		return nil, err
	}
	return family[:1], nil
}
