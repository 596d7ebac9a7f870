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
	Identifiers []sighting.Identifier `json:"identifiers,omitempty"` // at most maxNodeIDs
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
	maxNodes   = 300
	maxEdges   = 1000
	maxNodeIDs = 20
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
	d := drawing{fold: fold, nodes: map[string]*sketch{}}
	for _, s := range settle(sightings) {
		d.draw(s)
	}
	return d.bounded()
}

type drawing struct {
	fold  func(sighting.Identifier) (string, bool)
	nodes map[string]*sketch
	edges []Edge
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
		if from, to, reason, stated := passing(s.Act, who, other, len(others)); stated {
			d.edges = append(d.edges, Edge{
				Ref: refOf(s), From: from.ID, To: to.ID, Act: s.Act, When: s.When, Via: unique(s.Via),
				Service: s.Service, Standing: s.Standing, Reason: reason,
			})
		}
	}
}

// passing says which way content went, if the act states that it went. In the
// record of a receipt the one who acted is the receiver.
func passing(act sighting.Act, who, other side, others int) (from, to side, reason string, stated bool) {
	switch act {
	case sighting.Send, sighting.Forward:
		verb := "sent it to"
		if act == sighting.Forward {
			verb = "forwarded it to"
		}
		reason = fmt.Sprintf("the source states that %s %s %s", who.id, verb, other.id)
		if other.Kind == Channel {
			reason += "; who in it received it is not stated"
		}
		return who, other, reason, true
	case sighting.Receive:
		reason = fmt.Sprintf("the source states that %s received it from %s", who.id, other.id)
		switch {
		case other.Kind == Channel:
			reason += "; who in it sent it is not stated"
		case others > 1:
			reason += fmt.Sprintf("; it names %d other sides, and which of them sent it is not certain", others)
		}
		return other, who, reason, true
	}
	return side{}, side{}, "", false
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

// others are the nodes of the other side, each of which may be someone else. The
// one who acted is not its own other side.
func (d *drawing) others(s *sighting.Sighting, who side) []side {
	var out []side
	for _, id := range unique(s.To) {
		if slices.Contains(s.Who, id) {
			continue
		}
		n := d.node(id, s)
		n.known[id] = true
		if n == who.sketch || slices.ContainsFunc(out, func(o side) bool { return o.sketch == n }) {
			continue
		}
		n.Sightings.add(s)
		out = append(out, side{n, id})
	}
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

// bounded keeps the earliest edges, then the busiest nodes, and counts the rest.
func (d *drawing) bounded() Passing {
	slices.SortStableFunc(d.edges, func(a, b Edge) int {
		return cmp.Or(a.When.Sort(b.When), strings.Compare(a.ID, b.ID), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	shown := map[string]bool{}
	p := Passing{Nodes: []Node{}, Edges: []Edge{}}
	for _, e := range d.edges {
		fresh := 0
		for _, id := range [...]string{e.From, e.To} {
			if !shown[id] {
				fresh++
			}
		}
		if len(p.Edges) == maxEdges || len(shown)+fresh > maxNodes {
			p.MoreEdges++
			continue
		}
		shown[e.From], shown[e.To] = true, true
		p.Edges = append(p.Edges, e)
	}
	for _, n := range d.busiest() {
		if !shown[n.ID] && len(shown) == maxNodes {
			p.MoreNodes++
			continue
		}
		shown[n.ID] = true
	}
	for _, n := range d.busiest() {
		if shown[n.ID] {
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
	if len(out.Identifiers) > maxNodeIDs {
		out.Identifiers = out.Identifiers[:maxNodeIDs]
	}
	return out
}
