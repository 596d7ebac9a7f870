package circulation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"suraag/instant"
	"suraag/sighting"
)

// Passing is the graph of who passed content to whom, where a source states it.
// That two accounts had the same content draws nothing between them.
type Passing struct {
	Nodes     []Node `json:"nodes"`
	Edges     []Edge `json:"edges"`
	MoreNodes int    `json:"more_nodes"` // not shown
	MoreEdges int    `json:"more_edges"` // not shown
}

// NodeKind says what a node stands for.
type NodeKind string

// The kinds of node.
const (
	Identity NodeKind = "identity" // identifiers that are stated together
	Channel  NodeKind = "channel"  // a group, thread or URL: many people
	Posted   NodeKind = "posted"   // an upload to a service; who saw it there is not stated
)

// Node is one end of an edge, or stands alone.
type Node struct {
	ID          string                `json:"id"`
	Kind        NodeKind              `json:"kind"`
	Label       string                `json:"label"`
	Identifiers []sighting.Identifier `json:"identifiers,omitempty"` // the best maxIDs
	Service     string                `json:"service,omitempty"`     // of a post
	By          string                `json:"by,omitempty"`          // of a post: the node that uploaded, if stated
	Acts        map[sighting.Act]int  `json:"acts,omitempty"`        // what it did itself, each act by itself
	Sightings   Refs                  `json:"sightings"`             // all that speak of it, on either side
}

// sketch is a node while it is drawn.
type sketch struct {
	Node
	known map[sighting.Identifier]bool
}

// side is one end as a sighting states it: the node, and by which identifier.
type side struct {
	*sketch
	id sighting.Identifier
}

// Edge is one passing, stated by one sighting.
type Edge struct {
	Ref
	From     string                `json:"from"` // node ID
	To       string                `json:"to"`   // node ID
	Act      sighting.Act          `json:"act"`  // as the source states it: send, forward or receive
	When     instant.Instant       `json:"when,omitzero"`
	Via      []sighting.Identifier `json:"via,omitempty"`
	Service  string                `json:"service,omitempty"`
	Standing sighting.Standing     `json:"standing"`
	Reason   string                `json:"reason"`
}

// What one picture can hold and still be read (OpenCTI issue 9268); the rest is
// counted as not shown.
const (
	maxNodes = 300
	maxEdges = 1000
)

// Graph draws an edge for a send or forward with a stated recipient, from the
// sender, and for a receipt with a stated sender, to the receiver. Offers,
// uploads, downloads and holdings draw none: an upload is a node of its own,
// "posted at", and who saw it there is not stated. The earliest edges are shown
// first when there are too many.
func Graph(sightings []sighting.Sighting) Passing {
	return GraphBy(sightings, nil)
}

// GraphBy is Graph with identifiers folded into nodes: fold gives the ID of the
// actor to which an identifier belongs. What fold does not know stays a node by
// itself. Nothing is merged by it: the same call with another fold splits again.
func GraphBy(sightings []sighting.Sighting, fold func(sighting.Identifier) (actor string, known bool)) Passing {
	d := drawing{fold: fold, nodes: map[string]*sketch{}, shown: map[*sketch]bool{}}
	for _, s := range settle(sightings) {
		d.draw(s)
	}
	return d.bounded()
}

type drawing struct {
	fold  func(sighting.Identifier) (string, bool)
	nodes map[string]*sketch
	shown map[*sketch]bool
	edges []Edge // those shown
	more  int    // edges not shown
}

func (d *drawing) draw(s *sighting.Sighting) {
	who, named := d.who(s)
	others := d.others(s, who)
	if s.Act == sighting.Upload {
		d.post(s, who)
	}
	if !named {
		return // someone unnamed did it; there is no end to draw an edge from
	}
	for _, other := range others {
		from, to, stated := passing(s.Act, who, other)
		switch {
		case !stated:
		case !d.room(from, to):
			d.more++
		default:
			d.edges = append(d.edges, Edge{
				Ref: refOf(s), From: from.ID, To: to.ID, Act: s.Act, When: s.When, Via: few(s.Via),
				Service: s.Service, Standing: s.Standing, Reason: why(s, who, other, len(others)),
			})
		}
	}
}

// room tells whether an edge can be shown, and keeps the place of its ends.
func (d *drawing) room(from, to side) bool {
	fresh := 0
	for _, end := range [...]side{from, to} {
		if !d.shown[end.sketch] {
			fresh++
		}
	}
	if len(d.edges) == maxEdges || len(d.shown)+fresh > maxNodes {
		return false
	}
	d.shown[from.sketch], d.shown[to.sketch] = true, true
	return true
}

// passing says which way content went, if the act states that it went. In the
// record of a receipt the one who acted is the receiver.
func passing(act sighting.Act, who, other side) (from, to side, stated bool) {
	switch act {
	case sighting.Send, sighting.Forward:
		return who, other, true
	case sighting.Receive:
		return other, who, true
	}
	return side{}, side{}, false
}

// why gives the reason of an edge in the identifiers that the source uses.
func why(s *sighting.Sighting, who, other side, others int) string {
	act, it := s.Act, "it"
	if !s.Content.Identified() {
		it = "something that it does not identify"
	}
	switch {
	case act == sighting.Receive && other.Kind == Channel:
		return fmt.Sprintf("the source states that %s received %s from %s; who in it sent it is not stated", who.id, it, other.id)
	case act == sighting.Receive && others > 1:
		return fmt.Sprintf("the source states that %s received %s from %s; it names %d other sides, and which of them sent it is not certain",
			who.id, it, other.id, others)
	case act == sighting.Receive:
		return fmt.Sprintf("the source states that %s received %s from %s", who.id, it, other.id)
	}
	verb, open := "sent", ""
	if act == sighting.Forward {
		verb = "forwarded"
	}
	if other.Kind == Channel {
		open = "; who in it received it is not stated"
	}
	return fmt.Sprintf("the source states that %s %s %s to %s%s", who.id, verb, it, other.id, open)
}

// who is the node of the one who acted, if anyone is named.
func (d *drawing) who(s *sighting.Sighting) (side, bool) {
	id, stated := primary(s.Who)
	if !stated {
		return side{}, false
	}
	n := d.node(id, s)
	n.Sightings.add(s)
	n.Acts[s.Act]++
	for _, also := range s.Who {
		n.known[also] = true
	}
	return side{n, id}, true
}

// others are the nodes of the other side, in order, each of which may be someone
// else. The one who acted is not its own other side.
func (d *drawing) others(s *sighting.Sighting, who side) []side {
	if len(s.To) == 0 {
		return nil
	}
	themselves := make(map[sighting.Identifier]bool, len(s.Who))
	for _, id := range s.Who {
		themselves[id] = true
	}
	var out []side
	met := map[*sketch]bool{who.sketch: true}
	for _, id := range unique(s.To) {
		if themselves[id] {
			continue
		}
		n := d.node(id, s)
		n.known[id] = true
		if met[n] {
			continue
		}
		met[n] = true
		n.Sightings.add(s)
		out = append(out, side{n, id})
	}
	slices.SortFunc(out, func(a, b side) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// node finds or makes the node of an identifier. Words and numbers that mean
// something only inside one document never join two documents.
func (d *drawing) node(id sighting.Identifier, s *sighting.Sighting) *sketch {
	key, kind := id.String(), Identity
	switch id.Kind {
	case sighting.Group, sighting.URL:
		kind = Channel
	case sighting.Person:
		key += " in sighting " + s.ID
	case sighting.Exhibit, sighting.Case, sighting.Message:
		key += " in source " + s.Source
	default:
		if d.fold != nil {
			if actor, known := d.fold(id); known {
				key = actor
			}
		}
	}
	n := d.nodes[key]
	if n == nil {
		n = &sketch{
			Node:  Node{ID: key, Kind: kind, Label: id.String(), Acts: map[sighting.Act]int{}},
			known: map[sighting.Identifier]bool{},
		}
		d.nodes[key] = n
	}
	return n
}

// post makes the node of what one uploader, or one upload by nobody named, put
// on one service.
func (d *drawing) post(s *sighting.Sighting, who side) {
	service := s.Service
	if service == "" {
		service = "a service that is not stated"
	}
	key, label, by := "posted at "+sighting.ServiceKey(service), "posted at "+service, ""
	if who.sketch != nil {
		by = who.ID
		key += " by " + by
	} else {
		key += " in sighting " + s.ID
	}
	n := d.nodes[key]
	if n == nil {
		n = &sketch{Node: Node{ID: key, Kind: Posted, Label: label, Service: service, By: by, Acts: map[sighting.Act]int{}}}
		d.nodes[key] = n
	}
	n.Label, n.Service = min(n.Label, label), min(n.Service, service) // one spelling, whoever comes first
	n.Acts[s.Act]++
	n.Sightings.add(s)
}

// bounded adds the busiest nodes to those that edges need, and counts the rest.
// Sightings were drawn in order of time, so the edges shown are the earliest.
func (d *drawing) bounded() Passing {
	p := Passing{Nodes: []Node{}, Edges: append([]Edge{}, d.edges...), MoreEdges: d.more}
	busiest := d.busiest()
	for _, n := range busiest {
		if !d.shown[n] && len(d.shown) == maxNodes {
			p.MoreNodes++
			continue
		}
		d.shown[n] = true
	}
	for _, n := range busiest {
		if d.shown[n] {
			p.Nodes = append(p.Nodes, n.finished())
		}
	}
	return p
}

func (d *drawing) busiest() []*sketch {
	out := make([]*sketch, 0, len(d.nodes))
	for _, n := range d.nodes {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *sketch) int {
		return cmp.Or(cmp.Compare(b.Sightings.Total, a.Sightings.Total), strings.Compare(a.ID, b.ID))
	})
	return out
}

// finished gives the node with its identifiers, the best of which names it.
func (n *sketch) finished() Node {
	out := n.Node
	for id := range n.known {
		out.Identifiers = append(out.Identifiers, id)
	}
	slices.SortFunc(out.Identifiers, orderID)
	if n.Kind == Identity && len(out.Identifiers) > 0 {
		out.Label = out.Identifiers[0].String()
	}
	if len(out.Identifiers) > maxIDs {
		out.Identifiers = out.Identifiers[:maxIDs]
	}
	return out
}
