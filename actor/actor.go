// Package actor says which identifiers are held to be one someone.
//
// Takes sightings, operators' leases and the links that people have undone.
// Gives links with their reasons, and actors made of them. Never merges: actors
// are computed anew from links each time, so taking a link away splits them
// again. An address or port, a file name, a group, a URL, a message and a name
// in words never link, since one address is seen by many people.
package actor

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"suraag/sighting"
)

// Strength says what a link may do.
type Strength string

// The strengths.
const (
	Hard Strength = "hard" // joins identifiers into one actor
	Weak Strength = "weak" // is shown as "perhaps" and joins nothing
)

// Link holds two identifiers to be one someone. A sorts before B.
type Link struct {
	A          sighting.Identifier `json:"a"`
	B          sighting.Identifier `json:"b"`
	Reason     string              `json:"reason"`
	Strength   Strength            `json:"strength"`
	SightingID string              `json:"sighting"` // of the first record that states it: a sighting, or a lease
	Source     string              `json:"source"`
	Place      sighting.Place      `json:"place"`
	Count      int                 `json:"count"` // records that state it for this reason
	// From and To are when the first and the last record that says when stated it;
	// zero if none does.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Undo takes away every link between two identifiers, in either order, whoever
// states it, until it is dropped again.
type Undo struct {
	A      sighting.Identifier `json:"a"`
	B      sighting.Identifier `json:"b"`
	Reason string              `json:"reason,omitempty"` // of the person who parted them
	Word   string              `json:"word,omitempty"`   // ID of the Word by which they were
}

// Ref is the way back to a sighting.
type Ref struct {
	ID     string         `json:"id"`
	Source string         `json:"source"`
	Place  sighting.Place `json:"place"`
}

// Bounds on what one actor shows; the totals beside them are complete.
const (
	maxRefs    = 20
	maxLinks   = 200
	maxPerhaps = 50
)

// Actor is identifiers held to be one someone.
type Actor struct {
	// ID follows from the identifier that sorts first (see order and actorID). It
	// stays as long as that one stays first, whatever else joins or leaves.
	ID          string                `json:"id"`
	Identifiers []sighting.Identifier `json:"identifiers"`
	Links       []Link                `json:"links"` // between its identifiers
	MoreLinks   int                   `json:"more_links,omitempty"`
	Perhaps     []Perhaps             `json:"perhaps"` // what may belong to it and was not joined
	MorePerhaps int                   `json:"more_perhaps,omitempty"`
	Hubs        []Hub                 `json:"hubs,omitempty"`      // its identifiers that too many share
	Parted      []Undo                `json:"parted,omitempty"`    // parted by hand from another actor
	Contested   []Undo                `json:"contested,omitempty"` // parted by hand, but another chain of links still ties both ends

	Acts         map[sighting.Act]int  `json:"acts"`                   // what it did itself, each act by itself
	Unidentified int                   `json:"unidentified"`           // of its uploads, sends and forwards: those whose content no source identifies
	Another      int                   `json:"another_file,omitempty"` // of its acts: those with another file than the one traced, near it or joined to it
	WasSent      int                   `json:"was_sent"`               // others' sends and forwards that name it as recipient
	NamedSender  int                   `json:"named_sender"`           // others' receipts that name it as the other side
	OnlyReceived bool                  `json:"only_received"`          // received, or is named as recipient, and did nothing else with content
	Sentence     string                `json:"sentence"`
	AlsoStated   []sighting.Identifier `json:"also_stated,omitempty"` // names, exhibits: stated with it, never a reason to join
	Sightings    int                   `json:"sightings"`
	Shown        []Ref                 `json:"shown"` // the first of them by ID
}

// Perhaps is a link that did not join.
type Perhaps struct {
	Link
	Actor string `json:"actor"` // ID of the other actor
	Why   string `json:"why"`   // why it did not join
}

// Hub is an identifier that ties too many others of one kind to mean one someone.
type Hub struct {
	Identifier sighting.Identifier `json:"identifier"`
	Kind       sighting.IDKind     `json:"kind"` // of the others
	Service    string              `json:"service,omitempty"`
	Count      int                 `json:"count"`
	Why        string              `json:"why"`
}

// rank orders the kinds by how well they say who: a number that a service gave
// before a handle (design.md), self-chosen ids late.
func rank(k sighting.IDKind) int {
	kinds := [...]sighting.IDKind{
		sighting.Account, sighting.Phone, sighting.Email, sighting.IMSI, sighting.IMEI, sighting.ICCID, sighting.UserID,
		sighting.Payment, sighting.Device, sighting.Handle, sighting.Camera, sighting.MAC, sighting.Peer,
	}
	for n, other := range kinds {
		if k == other {
			return n
		}
	}
	return len(kinds)
}

// order sorts identifiers by kind, service and value. It is called often, so it
// compares no further than it must.
func order(a, b sighting.Identifier) int {
	if a.Kind != b.Kind {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), strings.Compare(string(a.Kind), string(b.Kind)))
	}
	if a.Service != b.Service {
		return strings.Compare(a.Service, b.Service)
	}
	return strings.Compare(a.Value, b.Value)
}

// unique gives the identifiers in order, each once, split into those that may
// link and those that never do.
func unique(ids []sighting.Identifier) (linking, words []sighting.Identifier) {
	for _, id := range ids {
		if id.Links() {
			linking = append(linking, id)
		} else {
			words = append(words, id)
		}
	}
	slices.SortFunc(linking, order)
	slices.SortFunc(words, order)
	return slices.Compact(linking), slices.Compact(words)
}
