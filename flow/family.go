package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"suraag/casework"
	"suraag/digest"
	"suraag/hashset"
	"suraag/sighting"
)

// maxNear bounds how many near copies one trace follows; the nearest stay.
const maxNear = 2000

// near is a value of the record that lies near one of the target's.
type near struct {
	thing       string
	value       digest.Digest
	by          digest.Kind
	distance    int
	orientation string
	videos      *hashset.Videos  // of a video: how much of each is in the other
	compared    hashset.Compared // of PDQ: both values, and how the target's was taken
}

// compare notes which value of the target it was that lies near.
func (n *near) compare(look turned) {
	n.orientation = look.orientation
	n.compared = hashset.Compared{Target: look.value, Preparation: look.preparation, AsShown: look.shown, Other: n.value}
}

// family finds the contents that are the target or near copies of it.
func (h *House) family(ctx context.Context, q question) ([]casework.Content, []string, error) {
	things, err := h.closure(ctx, q.target.Digests, nil)
	if err != nil {
		return nil, nil, err
	}
	target := carriedOf(q.target, things)
	same, conflicts := withTarget(target, things)
	self := content(same, casework.Same)
	self.Conflicts = conflicts
	self.Digests = unite(self.Digests, target)
	self.Forms = q.target.Forms
	if len(self.Things) > 0 {
		self.Sentence = "This is the content that was asked for."
	} else if self.Sentence = "Nothing in the record is this very file."; len(conflicts) > 0 {
		self.Sentence = "Different files in the record carry this value, so it names none of them; ask for one by a stronger hash."
	}
	family := []casework.Content{self}
	hits, notes, err := h.nearest(ctx, q, self)
	if err != nil {
		return nil, nil, err
	}
	copies, err := h.copies(ctx, hits, self)
	if err != nil {
		return nil, nil, err
	}
	copies, more, err := h.asDecided(ctx, self, copies)
	return append(family, copies...), append(notes, more...), err
}

// carriedOf leaves out the kinds that a bare value could have and that nothing in
// the record carries: 32 hex digits are MD5 or ed2k, and only one was meant.
func carriedOf(t casework.Target, things []sighting.Thing) []digest.Digest {
	if t.Kind != "digest" || len(t.Digests) < 2 {
		return t.Digests
	}
	var out []digest.Digest
	for _, d := range t.Digests {
		if slices.ContainsFunc(things, func(x sighting.Thing) bool { return slices.Contains(x.Digests, d) }) {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return t.Digests
	}
	return out
}

// withTarget keeps the things that are the target's own content, and says which
// shared digests were cut because stronger ones differ.
func withTarget(target []digest.Digest, things []sighting.Thing) ([]sighting.Thing, []casework.Conflict) {
	groups, cut := digest.Unite(append([][]digest.Digest{target}, bindings(things)...))
	var same []sighting.Thing
	for n, t := range things {
		// A value asked for alone is asked for in every form that it can have, and a
		// near value binds nothing; then what carries the value is what was meant.
		if groups[n+1] == groups[0] || len(target) == 1 && !target[0].Kind().Exact() && slices.Contains(t.Digests, target[0]) {
			same = append(same, t)
		}
	}
	return same, conflictWords(cut)
}

func bindings(things []sighting.Thing) [][]digest.Digest {
	out := make([][]digest.Digest, len(things))
	for n, t := range things {
		out[n] = slices.Clone(t.Digests)
		for _, r := range t.Refs {
			out[n] = append(out[n], digest.Named(r))
		}
	}
	return out
}

func conflictWords(cut []digest.Conflict) []casework.Conflict {
	var out []casework.Conflict
	for _, c := range cut {
		if c.Shared.Kind() == digest.BTIH || c.Shared.Kind() == digest.BTMH || c.Shared.Kind() == digest.Ref {
			continue // a torrent holds many files: no sign of anything
		}
		out = append(out, casework.Conflict{Shared: c.Shared, Stronger: c.Stronger, Sentence: fmt.Sprintf(
			"Different files share the %s %s: their %s differ. Collisions are made on purpose, so this value was not used to join them.",
			strings.ToUpper(string(c.Shared.Kind())), c.Shared.Hex(), strings.ToUpper(string(c.Stronger[0].Kind())))})
	}
	return out
}

// content gathers things that are one exact file.
func content(things []sighting.Thing, r casework.Relation) casework.Content {
	c := casework.Content{Relation: r}
	for _, t := range things {
		c.Things = append(c.Things, t.ID)
		c.Digests = unite(c.Digests, t.Digests)
		c.Refs = append(c.Refs, t.Refs...)
	}
	slices.Sort(c.Refs)
	c.Refs = slices.Compact(c.Refs)
	return c
}

func unite(a, b []digest.Digest) []digest.Digest {
	out := append(slices.Clone(a), b...)
	slices.SortFunc(out, digest.Digest.Compare)
	return slices.Compact(out)
}

// nearest asks the indexes for values near the target's, in every orientation.
func (h *House) nearest(ctx context.Context, q question, self casework.Content) ([]near, []string, error) {
	looks := slices.Clone(q.turned)
	for _, d := range self.Digests {
		if d.Kind() == digest.PDQ && !slices.ContainsFunc(looks, func(t turned) bool { return t.value == d }) {
			looks = append(looks, turned{value: d})
		}
	}
	best := map[string]near{}
	if len(looks) > 0 {
		if err := h.nearPDQ(ctx, looks, best); err != nil {
			return nil, nil, err
		}
	}
	if err := h.nearPhotoDNA(ctx, self.Digests, best); err != nil {
		return nil, nil, err
	}
	notes, err := h.nearLists(ctx, looks, self.Digests, best)
	if err != nil {
		return nil, nil, err
	}
	more, err := h.nearVideos(ctx, self.Digests, best)
	if err != nil {
		return nil, nil, err
	}
	notes = append(notes, more...)
	var out []near
	for _, n := range best {
		if !slices.Contains(self.Things, n.thing) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.distance, b.distance), strings.Compare(a.thing, b.thing))
	})
	if len(out) > maxNear {
		notes = append(notes, fmt.Sprintf("%d more near copies were not followed.", len(out)-maxNear))
		out = out[:maxNear]
	}
	return out, notes, nil
}

// closer keeps the smallest distance of a thing; PDQ goes before PhotoDNA.
func closer(best map[string]near, n near) {
	old, seen := best[n.thing]
	if !seen || old.by == n.by && n.distance < old.distance || old.by != n.by && n.by == digest.PDQ {
		best[n.thing] = n
	}
}

// nearPDQ looks in the index of all PDQ values of the record.
func (h *House) nearPDQ(ctx context.Context, looks []turned, best map[string]near) error {
	for _, look := range looks {
		err := h.all().near.near(ctx, h.Record, look.value, h.Policy.PDQDistance, func(value digest.Digest, thing string, distance int) {
			n := near{thing: thing, value: value, by: digest.PDQ, distance: distance}
			n.compare(look)
			closer(best, n)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// nearPhotoDNA compares with every PhotoDNA value of the record: there is no
// index for it, and no way to compute one of a picture.
func (h *House) nearPhotoDNA(ctx context.Context, own []digest.Digest, best map[string]near) error {
	var mine []digest.Digest
	for _, d := range own {
		if d.Kind() == digest.PhotoDNA {
			mine = append(mine, d)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	return h.Record.Codes(ctx, digest.PhotoDNA, func(value digest.Digest, thing string) error {
		for _, m := range mine {
			if n, ok := digest.SquaredDistance(m, value); ok && n <= h.Policy.PhotoDNA {
				closer(best, near{thing: thing, value: value, by: digest.PhotoDNA, distance: n})
			}
		}
		return nil
	})
}

// copies gathers near things into contents: things that share an exact digest
// are one content, as near as its nearest thing.
func (h *House) copies(ctx context.Context, hits []near, self casework.Content) ([]casework.Content, error) {
	done := map[string]bool{}
	for _, id := range self.Things {
		done[id] = true
	}
	var out []casework.Content
	for _, hit := range hits {
		if done[hit.thing] {
			continue
		}
		c, err := h.around(ctx, hit)
		if err != nil {
			return nil, err
		}
		if len(c.Things) == 0 {
			continue // nothing live speaks of it any more
		}
		for _, id := range c.Things {
			done[id] = true
		}
		out = append(out, c)
	}
	return out, nil
}

// around gives the content to which a near thing belongs.
func (h *House) around(ctx context.Context, hit near) (casework.Content, error) {
	things, err := h.closure(ctx, []digest.Digest{hit.value}, nil)
	if err != nil {
		return casework.Content{}, err
	}
	at := slices.IndexFunc(things, func(t sighting.Thing) bool { return t.ID == hit.thing })
	if at >= 0 {
		if things, err = h.closure(ctx, things[at].Digests, things[at].Refs); err != nil {
			return casework.Content{}, err
		}
		at = slices.IndexFunc(things, func(t sighting.Thing) bool { return t.ID == hit.thing })
	}
	if at < 0 {
		return casework.Content{Relation: casework.NearCopy}, nil
	}
	groups, cut := digest.Unite(bindings(things))
	var own []sighting.Thing
	for n, t := range things {
		if groups[n] == groups[at] {
			own = append(own, t)
		}
	}
	c := content(own, casework.NearCopy)
	c.By, c.Distance, c.Orientation, c.Conflicts = hit.by, hit.distance, hit.orientation, conflictWords(cut)
	if hit.by == digest.PDQ {
		c.Compared = &hit.compared
	}
	c.Videos = hit.videos
	c.Sentence = nearWords(c)
	return c, nil
}

func nearWords(c casework.Content) string {
	if c.Videos != nil {
		return "Looks like the target: " + c.Videos.Words("the target", "it") + "; to be checked by a person."
	}
	if c.By == digest.PhotoDNA {
		return fmt.Sprintf("Near: its PhotoDNA lies at squared distance %d; to be checked by a person.", c.Distance)
	}
	return fmt.Sprintf("Looks like the target: PDQ differs in %d of 256 bits%s; to be checked by a person.", c.Distance, c.Compared.Words(c.Orientation))
}

// learnForms adds to a near copy what its own sightings, and those of the target, say of
// how the compared values were taken.
func learnForms(c *casework.Content, target casework.Content) {
	if c.Compared == nil {
		return
	}
	if f, ok := sighting.FormOf(target.Forms, c.Compared.Target); ok && c.Compared.Preparation == "" {
		c.Compared.Preparation = f.Preparation
		if f.Orientation != "" {
			c.Orientation, c.Compared.AsShown = f.Orientation, true
		}
	}
	if f, ok := sighting.FormOf(c.Forms, c.Compared.Other); ok {
		c.Compared.OtherPreparation, c.Compared.OtherOrientation = f.Preparation, f.Orientation
	}
	c.Sentence = nearWords(*c)
}

// listed finds the lists on which each content of a family stands. The target
// takes the near copies' entries as near matches.
func (h *House) listed(ctx context.Context, family []casework.Content) error {
	seen := 0
	for _, c := range family {
		if c.Sightings > 0 {
			seen++
		}
	}
	for n := range family {
		c := &family[n]
		entries, err := h.listingsOf(ctx, c.Things, c.Digests)
		if err != nil {
			return err
		}
		for _, e := range entries {
			m := matchOf(e, *c)
			m.Common = max(0, seen-1)
			m.Sentence = m.Say()
			c.Listed = append(c.Listed, m)
			if c.Relation == casework.NearCopy && len(family) > 0 {
				near := m
				near.By, near.Distance, near.Orientation, near.Compared, near.Videos, near.Value = c.By, c.Distance, c.Orientation, c.Compared, c.Videos, ""
				if c.Compared != nil {
					near.Value = c.Compared.Other.Hex()
				} else if at := slices.IndexFunc(c.Digests, func(d digest.Digest) bool { return d.Kind() == c.By }); at >= 0 {
					near.Value = c.Digests[at].Hex()
				}
				near.Sentence = near.Say()
				family[0].Listed = append(family[0].Listed, near)
			}
		}
	}
	return h.hold(ctx, family)
}

// matchOf says by which digest an entry is the content: the strongest that both
// carry.
func matchOf(e hashset.Listed, c casework.Content) hashset.Match {
	m := hashset.Match{
		Set: e.Set.ID, SetName: e.Set.Name, From: e.Set.From, Entry: e.Listing.ID, Ref: e.Listing.Ref, Category: e.Listing.Category,
		Meaning: hashset.Mean(e.Listing.Scheme, e.Listing.Category), Series: e.Listing.Series, Quality: e.Listing.Quality,
		Source: e.Listing.Source, Place: e.Listing.Place,
	}
	ds := slices.Clone(e.Listing.Digests)
	slices.SortFunc(ds, digest.Digest.Compare)
	for _, d := range ds {
		if slices.Contains(c.Digests, d) {
			m.By, m.Value = d.Kind(), d.Hex()
			if f, ok := sighting.FormOf(c.Forms, d); ok {
				m.Compared = &hashset.Compared{Target: d, Preparation: f.Preparation, AsShown: f.Orientation != "", Other: d}
				m.Orientation = f.Orientation
			}
			break
		}
	}
	return m
}
