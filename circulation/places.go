package circulation

import (
	"cmp"
	"slices"
	"strings"

	"suraag/instant"
	"suraag/sighting"
)

// Where says in which places content was seen. A country is not among them: it
// follows from an address only as of a date, and belongs to the room network.
type Where struct {
	Services    []Spot `json:"services"`
	Identifiers []Spot `json:"identifiers"` // those who acted
	OtherSides  []Spot `json:"other_sides"` // stated as the other side; the acts are not theirs
	Channels    []Spot `json:"channels"`    // groups, threads, URLs, messages that it went through
	Endpoints   []Spot `json:"endpoints"`   // ip or ip:port from which the acts came

	// What the lists above cannot show, so that no sighting is lost silently.
	ServiceUnstated  int `json:"service_unstated"`
	ActorUnstated    int `json:"actor_unstated"`
	EndpointUnstated int `json:"endpoint_unstated"`
}

// Spot is one place with what was seen there. First is the sighting time with
// the earliest beginning, Last the one with the latest end; where spans overlap,
// another may in truth have been first or last.
type Spot struct {
	Name       string               `json:"name"`
	Identifier *sighting.Identifier `json:"identifier,omitempty"`
	Endpoint   *sighting.Endpoint   `json:"endpoint,omitempty"`
	Acts       map[sighting.Act]int `json:"acts"` // each act by itself: received is not shared
	First      instant.Instant      `json:"first,omitzero"`
	Last       instant.Instant      `json:"last,omitzero"`
	Sightings  Refs                 `json:"sightings"`
}

func (p *Spot) add(s *sighting.Sighting) {
	p.Acts[s.Act]++
	p.Sightings.add(s)
	if s.When.IsZero() {
		return
	}
	if p.First.IsZero() { // sightings arrive in order of time
		p.First = s.When
	}
	if p.Last.IsZero() || s.When.Until.After(p.Last.Until) {
		p.Last = s.When
	}
}

// spots gathers places under a key.
type spots[K comparable] map[K]*Spot

func (m spots[K]) at(key K) *Spot {
	if m[key] == nil {
		m[key] = &Spot{Acts: map[sighting.Act]int{}}
	}
	return m[key]
}

// list gives the busiest place first, then by name.
func (m spots[K]) list() []Spot {
	out := make([]Spot, 0, len(m))
	for _, p := range m {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b Spot) int {
		return cmp.Or(cmp.Compare(b.Sightings.Total, a.Sightings.Total), strings.Compare(a.Name, b.Name))
	})
	return out
}

func addIdentifiers(m spots[sighting.Identifier], ids []sighting.Identifier, s *sighting.Sighting) {
	for _, id := range unique(ids) {
		p := m.at(id)
		if p.Identifier == nil {
			p.Name, p.Identifier = id.String(), &id
		}
		p.add(s)
	}
}

// Places counts sightings by service, identifier, channel and endpoint. Only the
// address from which an act came is a place; the far side is a server or our own
// sensor. A file name is no place.
func Places(sightings []sighting.Sighting) Where {
	services, endpoints := spots[string]{}, spots[sighting.Endpoint]{}
	who, to, via := spots[sighting.Identifier]{}, spots[sighting.Identifier]{}, spots[sighting.Identifier]{}
	var w Where
	for _, s := range settle(sightings) {
		if key := sighting.ServiceKey(s.Service); key == "" {
			w.ServiceUnstated++
		} else {
			p := services.at(key)
			if p.Name == "" || s.Service < p.Name { // one spelling, whoever comes first
				p.Name = s.Service
			}
			p.add(s)
		}
		if s.From.IsZero() {
			w.EndpointUnstated++
		} else {
			e := sighting.Endpoint{IP: s.From.IP, Port: s.From.Port}
			p := endpoints.at(e)
			p.Name, p.Endpoint = e.String(), &e
			p.add(s)
		}
		if len(s.Who) == 0 {
			w.ActorUnstated++
		}
		addIdentifiers(who, s.Who, s)
		addIdentifiers(to, s.To, s)
		addIdentifiers(via, s.Via, s)
	}
	w.Services, w.Endpoints = services.list(), endpoints.list()
	w.Identifiers, w.OtherSides, w.Channels = who.list(), to.list(), via.list()
	return w
}
