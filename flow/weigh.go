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
		if err := w.drop(ctx, []string{t.ID}, nil); err != nil {
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
	kept := map[string]bool{}
	err := w.eachLead(ctx, c, func(leads []casework.Lead) error {
		for _, l := range leads {
			kept[l.ID] = true
		}
		changes, err := w.house.Record.AddLeads(ctx, w.tx, leads)
		if err != nil {
			return err
		}
		return w.changed(ctx, changes)
	})
	if err != nil {
		return err
	}
	for _, id := range c.Things {
		w.done[id] = true
	}
	return w.drop(ctx, c.Things, kept)
}

// drop takes the leads of things that are not kept out of the queue.
func (w *weighing) drop(ctx context.Context, things []string, kept map[string]bool) error {
	return w.house.Record.DropLeads(ctx, w.tx, things, kept, func(gone []casework.LeadChange) error { return w.changed(ctx, gone) })
}

// changed logs what became of each lead.
func (w *weighing) changed(ctx context.Context, changes []casework.LeadChange) error {
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

// surveyed is what all sightings of a content say together.
type surveyed struct {
	casework.Content
	reported bool
	ranks    [9]bool             // of the standings that speak; see sighting.Standing.Rank
	telling  []sighting.Sighting // of which signs of danger are told
	only     []sighting.Sighting // all of them, where they are few
}

// survey looks at every sighting of a content once.
func (w *weighing) survey(ctx context.Context, self casework.Content, r reports) (surveyed, error) {
	s := surveyed{Content: self}
	pages := 0
	err := w.sightings(ctx, self.Things, func(page []sighting.Sighting) error {
		was := s.Content
		describe(&s.Content, page)
		s.only = page
		if pages++; pages > 1 {
			s.Sightings += was.Sightings
			s.Source, s.Place, s.only = was.Source, was.Place, nil
		}
		s.reported = s.reported || casework.Concerns(nil, page)
		for _, x := range page {
			s.ranks[x.Standing.Rank()] = true
		}
		others, err := r.first(ctx, page)
		s.telling = casework.Telling(append(s.telling, others...))
		return err
	})
	return s, err
}

// sightings gives every sighting of things in order of time, some at a time.
func (w *weighing) sightings(ctx context.Context, things []string, some func([]sighting.Sighting) error) error {
	return paged(w.house.Limits.Answer, func(last sighting.Sighting, limit int) ([]sighting.Sighting, error) {
		return w.house.Record.SightingsAfter(ctx, things, last, limit)
	}, some)
}

// paged gives sightings some at a time: a content that sensors see for months has more
// than fit into a machine.
func paged(limit int, next func(last sighting.Sighting, limit int) ([]sighting.Sighting, error), some func([]sighting.Sighting) error) error {
	for last := (sighting.Sighting{}); ; {
		page, err := next(last, limit)
		if err != nil || len(page) == 0 {
			return err
		}
		last = page[len(page)-1]
		if err := some(page); err != nil || len(page) < limit {
			return err
		}
	}
}

// leadsAtOnce is how many leads are held at once: each is some kilobytes, with the facts
// on which it rests.
const leadsAtOnce = 500

// eachLead weighs one content, with its near copies on lists, and gives its leads some
// at a time. What it holds meanwhile is a few pages of sightings, and 16 bytes of each
// moment.
func (w *weighing) eachLead(ctx context.Context, self casework.Content, some func([]casework.Lead) error) error {
	h := w.house
	r := reports{house: h, known: map[sighting.Identifier][]sighting.Sighting{}}
	all, err := w.survey(ctx, self, r)
	if err != nil || all.Sightings == 0 {
		return err
	}
	family, err := h.onLists(ctx, all.Content)
	if err != nil {
		return err
	}
	if err := w.flood(ctx, &family[0]); err != nil {
		return err
	}
	if !all.reported && !casework.Concerns(family[0].Listed, nil) {
		return nil
	}
	pages := func(some func([]sighting.Sighting) error) error { return w.sightings(ctx, self.Things, some) }
	if all.only != nil {
		pages = func(some func([]sighting.Sighting) error) error { return some(all.only) }
	}
	moments := map[moment]bool{}
	for rank, speaks := range all.ranks { // the strongest statement of a moment speaks for it
		if !speaks {
			continue
		}
		err := pages(func(page []sighting.Sighting) error {
			page = slices.DeleteFunc(slices.Clone(page), func(s sighting.Sighting) bool { return s.Standing.Rank() != rank })
			for part := range slices.Chunk(page, leadsAtOnce) {
				a := &answering{house: h, trace: &casework.Trace{Family: family}, facts: newLookups(h.Record), moments: moments}
				for _, s := range part {
					a.trace.Sightings = append(a.trace.Sightings, casework.Seen{Sighting: s, Exact: true})
				}
				if err := a.addresses(ctx); err != nil {
					return err
				}
				leads, err := a.leads(ctx, r, all, family[0].Listed)
				if err == nil && len(leads) > 0 {
					err = some(leads)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// leads opens the leads of addresses that were weighed.
func (a *answering) leads(ctx context.Context, r reports, all surveyed, listed []hashset.Match) (leads []casework.Lead, err error) {
	if all.only == nil {
		clear(r.known) // of the page before
	}
	thing, stated := map[string]string{}, map[string]sighting.Sighting{}
	for _, s := range a.trace.Sightings {
		t, _ := sighting.ThingOf(s.Content.Digests, s.Content.Refs)
		thing[s.ID], stated[s.ID] = t.ID, s.Sighting
	}
	for _, f := range a.trace.Addresses {
		own, err := r.of(ctx, stated[f.Observation.SightingID])
		if err != nil {
			return nil, err
		}
		signals := casework.Danger(own, all.telling...)
		if l, open := casework.Open(f.Finding, strongest(all.Digests), listed, signals); open {
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

// of gives a sighting and, of its whole report, what tells of danger.
func (r reports) of(ctx context.Context, s sighting.Sighting) ([]sighting.Sighting, error) {
	out := []sighting.Sighting{s}
	for _, i := range s.Via {
		if i.Kind != sighting.Case {
			continue
		}
		if _, asked := r.known[i]; !asked {
			// What is said of it whole bears its own, last time.
			var telling []sighting.Sighting
			err := paged(r.house.Limits.Answer, func(last sighting.Sighting, limit int) ([]sighting.Sighting, error) {
				return r.house.Record.SightingsByAfter(ctx, i, last, limit)
			}, func(page []sighting.Sighting) error {
				telling = casework.Telling(append(telling, page...))
				return nil
			})
			if err != nil {
				return nil, err
			}
			r.known[i] = telling
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
