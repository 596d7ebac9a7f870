package actor

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"suraag/sighting"
)

// HubLimit is how many different identifiers of one kind and service one
// identifier may tie and still be held to mean one someone: the phone of a
// helpline or a cyber café has served more accounts than one person opens. The
// number is a judgement of this project, not taken from a study.
const HubLimit = 20

// handleLimit: a handle has one account number at a time. One that stands with
// two has changed hands, and joins neither.
const handleLimit = 1

// Actors joins identifiers over hard links that were not undone. Every linking
// identifier of the sightings, on either side, and of the links is in exactly
// one actor, alone if nothing joins it. Weak links, and the links of a hub, join
// nothing and are shown as "perhaps". An undo of identifiers that no link ties
// does nothing. The result does not depend on the order of what is handed in.
func Actors(sightings []sighting.Sighting, links []Link, undone []Undo) []Actor {
	return ActorsBeside(sightings, links, undone, nil)
}

// ActorsBeside is Actors for sightings of which some, by ID, are of another file than
// the one asked about: a near copy is not the file, and each actor says so.
func ActorsBeside(sightings []sighting.Sighting, links []Link, undone []Undo, another map[string]bool) []Actor {
	j := joining{number: map[sighting.Identifier]int{}, another: another}
	settled := settle(sightings, func(s *sighting.Sighting) *sighting.Origin { return &s.Origin })
	for _, s := range settled {
		j.meet(s.Who)
		j.meet(s.To)
	}
	for _, l := range links {
		j.meet([]sighting.Identifier{l.A, l.B})
	}
	j.links = kept(links, undone)
	j.ends = make([][2]int, len(j.links))
	for n, l := range j.links {
		j.ends[n] = [2]int{j.number[l.A], j.number[l.B]}
	}
	j.findHubs()
	j.findAnew(settled)
	j.unite()
	actors := j.actors()
	j.showLinks(actors)
	j.showUndone(actors, undone)
	j.count(actors, settled)
	for n := range actors {
		actors[n].conclude()
	}
	slices.SortFunc(actors, func(a, b Actor) int { return order(a.Identifiers[0], b.Identifiers[0]) })
	return actors
}

// Part gives the undos that take one identifier out of whatever actor it is in.
func Part(links []Link, id sighting.Identifier) []Undo {
	var out []Undo
	for _, l := range links {
		if l.A == id || l.B == id {
			out = append(out, Undo{A: l.A, B: l.B})
		}
	}
	slices.SortFunc(out, orderUndo)
	return slices.Compact(out)
}

func orderUndo(a, b Undo) int {
	return cmp.Or(order(a.A, b.A), order(a.B, b.B), strings.Compare(a.Reason, b.Reason))
}

// ends are two identifiers in order.
type ends [2]sighting.Identifier

func endsOf(a, b sighting.Identifier) ends {
	if order(a, b) > 0 {
		a, b = b, a
	}
	return ends{a, b}
}

// kept gives the links that nobody undid, sorted, each once. A link between
// kinds that never link, which no room of ours makes, is dropped.
func kept(links []Link, undone []Undo) []Link {
	parted := make(map[ends]bool, len(undone))
	for _, u := range undone {
		parted[endsOf(u.A, u.B)] = true
	}
	out := make([]Link, 0, len(links))
	for _, l := range links {
		pair := endsOf(l.A, l.B)
		if parted[pair] || l.A == l.B || !l.A.Links() || !l.B.Links() {
			continue
		}
		l.A, l.B = pair[0], pair[1]
		out = append(out, l)
	}
	slices.SortFunc(out, orderLink)
	return slices.Compact(out)
}

type joining struct {
	another map[string]bool
	number  map[sighting.Identifier]int
	ids     []sighting.Identifier
	links   []Link
	ends    [][2]int // the numbers of the ends of each link
	hubs    map[int][]Hub
	anew    map[int]anew // numbers that may have been given out anew
	parent  []int        // of the union of identifiers, by number
	member  []int        // the actor of each identifier, by number
}

func (j *joining) meet(ids []sighting.Identifier) {
	for _, id := range ids {
		if _, known := j.number[id]; known || !id.Links() {
			continue
		}
		j.number[id] = len(j.ids)
		j.ids = append(j.ids, id)
	}
}

// findHubs counts, over hard links, how many different identifiers of one kind
// and service each identifier ties.
func (j *joining) findHubs() {
	type tie struct {
		of      int
		kind    sighting.IDKind
		service string
	}
	counts := map[tie]int{}
	var last [2]int // links are sorted by pair, and a pair may have several reasons
	for n := range j.links {
		l, pair := &j.links[n], j.ends[n]
		if l.Strength != Hard || pair == last {
			continue
		}
		last = pair
		counts[tie{pair[0], l.B.Kind, l.B.Service}]++
		counts[tie{pair[1], l.A.Kind, l.A.Service}]++
	}
	j.hubs = map[int][]Hub{}
	for t, n := range counts {
		id := j.ids[t.of]
		if h, is := hub(id, t.kind, t.service, n); is {
			j.hubs[t.of] = append(j.hubs[t.of], h)
		}
	}
	for _, h := range j.hubs {
		slices.SortFunc(h, func(a, b Hub) int {
			return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Service, b.Service))
		})
	}
}

func hub(id sighting.Identifier, kind sighting.IDKind, service string, n int) (Hub, bool) {
	at := ""
	if service != "" {
		at = " at " + service
	}
	h := Hub{Identifier: id, Kind: kind, Service: service, Count: n}
	switch {
	case id.Kind == sighting.Handle && kind == sighting.Account && n > handleLimit:
		h.Why = fmt.Sprintf("%s stands with %d account numbers%s: it changed hands, and joins none of them", id, n, at)
	case n > HubLimit:
		h.Why = fmt.Sprintf("%s ties %d identifiers of kind %s%s, more than %d: many people may share it, so it joins nobody", id, n, kind, at, HubLimit)
	default:
		return Hub{}, false
	}
	return h, true
}

// joins tells whether the link of a number makes its ends one someone, and why
// not.
func (j *joining) joins(link int) (why string, joins bool) {
	if j.links[link].Strength != Hard {
		return j.links[link].Reason, false
	}
	for _, end := range j.ends[link] {
		if h := j.hubs[end]; len(h) > 0 {
			return h[0].Why, false
		}
		if a, may := j.anew[end]; may {
			if why, parts := a.parts(j.ids[end], j.links[link]); parts {
				return why, false
			}
		}
	}
	return "", true
}

func (j *joining) unite() {
	j.parent = make([]int, len(j.ids))
	for n := range j.parent {
		j.parent[n] = n
	}
	for n, pair := range j.ends {
		if _, joins := j.joins(n); joins {
			j.parent[j.root(pair[0])] = j.root(pair[1])
		}
	}
}

// root finds who stands for the union of n, and shortens the way for the next.
func (j *joining) root(n int) int {
	for j.parent[n] != n {
		j.parent[n] = j.parent[j.parent[n]]
		n = j.parent[n]
	}
	return n
}

// actors makes one actor of each union.
func (j *joining) actors() []Actor {
	out := []Actor{}
	j.member = make([]int, len(j.ids))
	of := map[int]int{} // root → place in out
	for n, id := range j.ids {
		r := j.root(n)
		place, known := of[r]
		if !known {
			place = len(out)
			of[r] = place
			out = append(out, Actor{Links: []Link{}, Perhaps: []Perhaps{}, Acts: map[sighting.Act]int{}, Shown: []Ref{}})
		}
		j.member[n] = place
		a := &out[place]
		a.Identifiers = append(a.Identifiers, id)
		a.Hubs = append(a.Hubs, j.hubs[n]...)
	}
	for n := range out {
		slices.SortFunc(out[n].Identifiers, order)
		out[n].ID = actorID(out[n].Identifiers[0])
	}
	return out
}

// actorID is "actor-" and the first 16 hex digits of the SHA-256 of the
// identifier's text, so that an ID in a log or address bar tells nothing.
func actorID(first sighting.Identifier) string {
	sum := sha256.Sum256([]byte(first.String()))
	return "actor-" + hex.EncodeToString(sum[:8])
}

// actorOf gives the place of the actor of an identifier.
func (j *joining) actorOf(id sighting.Identifier) (place int, known bool) {
	n, known := j.number[id]
	if !known {
		return 0, false
	}
	return j.member[n], true
}

// showLinks hands each link to the actors at its ends.
func (j *joining) showLinks(actors []Actor) {
	for n := range j.links {
		l, x, y := &j.links[n], j.member[j.ends[n][0]], j.member[j.ends[n][1]]
		if x == y {
			actors[x].addLink(*l)
			continue
		}
		why, _ := j.joins(n)
		actors[x].addPerhaps(Perhaps{Link: *l, Actor: actors[y].ID, Why: why})
		actors[y].addPerhaps(Perhaps{Link: *l, Actor: actors[x].ID, Why: why})
	}
}

func (a *Actor) addLink(l Link) {
	if len(a.Links) == maxLinks {
		a.MoreLinks++
		return
	}
	a.Links = append(a.Links, l)
}

func (a *Actor) addPerhaps(p Perhaps) {
	if len(a.Perhaps) == maxPerhaps {
		a.MorePerhaps++
		return
	}
	a.Perhaps = append(a.Perhaps, p)
}

// showUndone tells the actors what people have parted, and where it had no
// effect because another chain of links still ties both ends.
func (j *joining) showUndone(actors []Actor, undone []Undo) {
	sorted := slices.Clone(undone)
	for n, u := range sorted {
		pair := endsOf(u.A, u.B)
		sorted[n].A, sorted[n].B = pair[0], pair[1]
	}
	slices.SortFunc(sorted, orderUndo)
	for _, u := range slices.Compact(sorted) {
		x, knownA := j.actorOf(u.A)
		y, knownB := j.actorOf(u.B)
		switch {
		case !knownA || !knownB || u.A == u.B:
		case x == y:
			actors[x].Contested = append(actors[x].Contested, u)
		default:
			actors[x].Parted = append(actors[x].Parted, u)
			actors[y].Parted = append(actors[y].Parted, u)
		}
	}
}
