package actor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"suraag/sighting"
)

// maxTogether bounds the identifiers of one record that are linked each with
// each. A record that states more gets a link from each to the first, so that
// a hostile one cannot make links by the square of its length.
const maxTogether = 16

// Links finds which identifiers a source states to be one someone: those that
// one sighting names as the one who acted, and those that an operator states for
// one subscriber. The other side of a sighting may be several people and links
// nothing. The result has each pair once for each reason, sorted; the record
// with the strongest standing, then the smallest ID, speaks for it.
func Links(sightings []sighting.Sighting, leases []sighting.Lease) []Link {
	g := gathering{number: map[sighting.Identifier]uint32{}, found: map[pair]*stated{}}
	for _, s := range settle(sightings, func(s *sighting.Sighting) *sighting.Origin { return &s.Origin }) {
		g.together(s.Who, because(s.Standing), record{&s.Origin, s.Standing.Rank(), s.When.At, s.When.Until})
	}
	for _, l := range settle(leases, func(l *sighting.Lease) *sighting.Origin { return &l.Origin }) {
		g.together(l.Who, bySubscriber, leased(l))
	}
	return g.links()
}

// settle gives the records in order of ID, and each ID once: the newest reader's
// version stands. It does not touch what it was given.
func settle[T any](records []T, origin func(*T) *sighting.Origin) []*T {
	all := make([]*T, len(records))
	for n := range records {
		all[n] = &records[n]
	}
	slices.SortFunc(all, func(a, b *T) int {
		x, y := origin(a), origin(b)
		if x.ID != y.ID {
			return strings.Compare(x.ID, y.ID)
		}
		return cmp.Or(
			cmp.Compare(y.Version, x.Version),
			strings.Compare(x.Source, y.Source),
			strings.Compare(x.Place.String(), y.Place.String()),
			strings.Compare(x.Part, y.Part),
		)
	})
	return slices.CompactFunc(all, func(a, b *T) bool {
		return origin(a).ID == origin(b).ID && origin(a).ID != "" // without an ID nothing says that it is a repeat
	})
}

// reason is why identifiers were stated together.
type reason uint8

// In the order of their words, which is that of orderLink.
const (
	byPerson reason = iota
	byRecord
	bySubscriber
)

func because(s sighting.Standing) reason {
	if s == sighting.Statement {
		return byPerson
	}
	return byRecord
}

func (r reason) String() string {
	switch r {
	case byPerson:
		return "a person states both for the one who acted"
	case bySubscriber:
		return "the operator states both for one subscriber"
	}
	return "one record states both for the one who acted"
}

type pair struct {
	a, b uint32
	why  reason
}

// record is what states a link, and how strongly.
type record struct {
	*sighting.Origin
	standing int
	from, to time.Time // zero where it does not say when
}

func leased(l *sighting.Lease) record {
	r := record{&l.Origin, 0, l.From.At, l.From.Until}
	if !l.To.IsZero() {
		r.to = l.To.Until
	}
	if r.from.IsZero() {
		r.from = r.to
	}
	return r
}

type stated struct {
	best     record
	count    int
	from, to time.Time
}

type gathering struct {
	number map[sighting.Identifier]uint32
	ids    []sighting.Identifier
	found  map[pair]*stated
}

func (g *gathering) numberOf(id sighting.Identifier) uint32 {
	n, known := g.number[id]
	if !known {
		n = uint32(len(g.ids))
		g.number[id] = n
		g.ids = append(g.ids, id)
	}
	return n
}

func (g *gathering) together(who []sighting.Identifier, why reason, r record) {
	if len(who) < 2 {
		return
	}
	ids, _ := unique(who)
	for n, a := range ids {
		if n > 0 && len(ids) > maxTogether {
			return
		}
		for _, b := range ids[n+1:] {
			g.add(pair{g.numberOf(a), g.numberOf(b), why}, r)
		}
	}
}

// add counts a record. Records come in order of ID, so the first of the
// strongest standing speaks.
func (g *gathering) add(p pair, r record) {
	s := g.found[p]
	if s == nil {
		s = &stated{best: r}
		g.found[p] = s
	}
	s.count++
	if !r.from.IsZero() {
		if s.from.IsZero() || r.from.Before(s.from) {
			s.from = r.from
		}
		if r.to.After(s.to) {
			s.to = r.to
		}
	}
	if r.standing < s.best.standing {
		s.best = r
	}
}

// links gives what was gathered in the order of orderLink. It sorts numbers: to
// compare the identifiers of every pair would take most of the time.
func (g *gathering) links() []Link {
	byOrder := make([]uint32, len(g.ids))
	for n := range byOrder {
		byOrder[n] = uint32(n)
	}
	slices.SortFunc(byOrder, func(a, b uint32) int { return order(g.ids[a], g.ids[b]) })
	place := make([]uint32, len(g.ids))
	for n, id := range byOrder {
		place[id] = uint32(n)
	}
	pairs := slices.Collect(maps.Keys(g.found))
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(cmp.Compare(place[x.a], place[y.a]), cmp.Compare(place[x.b], place[y.b]), cmp.Compare(x.why, y.why))
	})
	out := make([]Link, len(pairs))
	for n, p := range pairs {
		out[n] = g.link(p)
	}
	return out
}

func (g *gathering) link(p pair) Link {
	s := g.found[p]
	l := Link{A: g.ids[p.a], B: g.ids[p.b], SightingID: s.best.ID, Source: s.best.Source, Place: s.best.Place, Count: s.count, From: s.from, To: s.to}
	var but string
	l.Strength, but = strength(l.A, l.B, p.why)
	l.Reason = p.why.String()
	if but != "" {
		l.Reason += "; " + but
	}
	return l
}

func orderLink(a, b Link) int {
	if c := cmp.Or(order(a.A, b.A), order(a.B, b.B)); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Reason, b.Reason), strings.Compare(a.SightingID, b.SightingID))
}

// strength weighs a pair by its kinds. A peer id is self-chosen (rule R15). A
// handle can change hands, so it joins only the account number of its own
// service. A MAC may be the router's, and a camera may be lent: they speak of a
// connection or a thing. What a person says joins nothing by itself.
func strength(a, b sighting.Identifier, why reason) (Strength, string) {
	if why == byPerson {
		return Weak, "no system recorded it"
	}
	for _, id := range [...]sighting.Identifier{a, b} {
		switch id.Kind {
		case sighting.Peer:
			return Weak, "a peer id is self-chosen"
		case sighting.MAC:
			return Weak, "a MAC may be that of a router that several people use"
		case sighting.Camera:
			return Weak, "a camera may be lent"
		}
	}
	if (a.Kind == sighting.Handle) != (b.Kind == sighting.Handle) {
		if ownAccount(a, b) || ownAccount(b, a) {
			return Hard, fmt.Sprintf("account number and handle of one service, %s", a.Service)
		}
		return Weak, "a handle can change hands"
	}
	if a.Kind == sighting.Handle {
		return Weak, "handles can change hands"
	}
	return Hard, ""
}

func ownAccount(handle, account sighting.Identifier) bool {
	return handle.Kind == sighting.Handle && account.Kind == sighting.Account && handle.Service == account.Service && handle.Service != ""
}
