// Package circulation answers, for one content and its family, where it has
// been, where it was first uploaded and how it is accessed.
//
// Takes sightings. Gives a timeline, places, a graph of who passed it to whom,
// ranked candidates for the first upload and a table of access; every element
// names the sightings that it rests on. Never draws what no source states, never
// counts received as shared or offered as sent, never joins accounts, and never
// depends on the order in which sightings are handed in.
//
// Sightings that carry the same ID are one; the newest reader's version stands.
package circulation

import (
	"cmp"
	"slices"
	"strings"

	"suraag/sighting"
)

// Ref is the way back from a statement to what it rests on.
type Ref struct {
	ID     string         `json:"id"`     // of the sighting
	Source string         `json:"source"` // SHA-256 of the sealed original, hex
	Place  sighting.Place `json:"place"`
}

// Refs are the sightings behind a count. Total is the count; Shown holds the
// first of them in order of time, at most maxRefs.
type Refs struct {
	Total int   `json:"total"`
	Shown []Ref `json:"shown"`
}

// maxRefs keeps a page readable; the timeline has every sighting.
const maxRefs = 20

func (r *Refs) add(s *sighting.Sighting) {
	r.Total++
	if len(r.Shown) < maxRefs {
		r.Shown = append(r.Shown, refOf(s))
	}
}

func refOf(s *sighting.Sighting) Ref { return Ref{ID: s.ID, Source: s.Source, Place: s.Place} }

// settle gives the sightings in order of time, unstated times last, ties by ID,
// and each ID once. It does not touch what it was given.
func settle(sightings []sighting.Sighting) []*sighting.Sighting {
	newest := make(map[string]*sighting.Sighting, len(sightings))
	out := make([]*sighting.Sighting, 0, len(sightings))
	for n := range sightings {
		s := &sightings[n]
		if s.ID == "" { // not identified yet, so nothing says that it is a repeat
			out = append(out, s)
			continue
		}
		if old, twice := newest[s.ID]; !twice || s.Version > old.Version {
			newest[s.ID] = s
		}
	}
	for _, s := range newest {
		out = append(out, s)
	}
	slices.SortFunc(out, order)
	return out
}

// order compares no further than it must: places are costly to write out.
func order(a, b *sighting.Sighting) int {
	if c := a.When.Sort(b.When); c != 0 {
		return c
	}
	if a.ID != b.ID {
		return strings.Compare(a.ID, b.ID)
	}
	return cmp.Or(
		strings.Compare(a.Source, b.Source),
		strings.Compare(a.Place.String(), b.Place.String()),
		strings.Compare(a.Part, b.Part),
	)
}

// told orders the kinds by how well they say who: a number that a service gave
// before a handle (design.md), a self-chosen id late, words last.
func told(k sighting.IDKind) int {
	for n, other := range [...]sighting.IDKind{
		sighting.Account, sighting.Phone, sighting.Email, sighting.Handle, sighting.UserID, sighting.Device,
		sighting.IMEI, sighting.IMSI, sighting.ICCID, sighting.Payment, sighting.Peer, sighting.MAC, sighting.Camera,
		sighting.Exhibit, sighting.Group, sighting.URL, sighting.Message, sighting.Case, sighting.Person,
	} {
		if k == other {
			return n
		}
	}
	return len(sighting.IDKinds())
}

func orderID(a, b sighting.Identifier) int {
	if a.Kind != b.Kind {
		return cmp.Or(cmp.Compare(told(a.Kind), told(b.Kind)), strings.Compare(string(a.Kind), string(b.Kind)))
	}
	if a.Service != b.Service {
		return strings.Compare(a.Service, b.Service)
	}
	return strings.Compare(a.Value, b.Value)
}

// primary is the identifier by which a group that is stated together is named.
func primary(ids []sighting.Identifier) (sighting.Identifier, bool) {
	if len(ids) == 0 {
		return sighting.Identifier{}, false
	}
	return slices.MinFunc(ids, orderID), true
}

// unique gives the identifiers in order, each once.
func unique(ids []sighting.Identifier) []sighting.Identifier {
	out := slices.Clone(ids)
	slices.SortFunc(out, orderID)
	return slices.Compact(out)
}

// maxIDs bounds the identifiers that one element shows: a group message may name
// thousands of recipients.
const maxIDs = 20

// few gives the first identifiers in order, each once, at most maxIDs.
func few(ids []sighting.Identifier) []sighting.Identifier {
	all := unique(ids)
	if len(all) > maxIDs {
		return slices.Clone(all[:maxIDs]) // the rest can be forgotten
	}
	return all
}

// actOrder is the place of an act in the order in which acts are shown.
func actOrder(a sighting.Act) int {
	if n := slices.Index(sighting.Acts(), a); n >= 0 {
		return n
	}
	return len(sighting.Acts())
}
