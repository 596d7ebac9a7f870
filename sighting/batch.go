package sighting

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"suraag/digest"
)

// Batch is some records of one source, in file order.
type Batch struct {
	Sightings []Sighting
	Leases    []Lease
}

// Len counts the records.
func (b Batch) Len() int { return len(b.Sightings) + len(b.Leases) }

// Thing is the set of digests and names that one statement gave for one file.
// Which things are one content is worked out when it is asked, by digest.Unite,
// so that no order of reading can change it.
type Thing struct {
	ID      string          `json:"id"`
	Digests []digest.Digest `json:"digests,omitempty"`
	Refs    []string        `json:"refs,omitempty"`
}

// ThingOf gives the thing of a content, or nothing where nothing identifies it.
func ThingOf(digests []digest.Digest, refs []string) (Thing, bool) {
	t := Thing{Digests: slices.Clone(digests), Refs: slices.Clone(refs)}
	slices.SortFunc(t.Digests, digest.Digest.Compare)
	t.Digests = slices.Compact(t.Digests)
	slices.Sort(t.Refs)
	t.Refs = slices.Compact(t.Refs)
	if len(t.Digests) == 0 && len(t.Refs) == 0 {
		return t, false
	}
	var text strings.Builder
	for _, d := range t.Digests {
		text.WriteString(d.String() + "\n")
	}
	for _, r := range t.Refs {
		text.WriteString("ref:" + r + "\n")
	}
	sum := sha256.Sum256([]byte(text.String()))
	t.ID = hex.EncodeToString(sum[:16])
	return t, true
}

// Problem is a bad row or a note.
type Problem struct {
	Seq    int64  `json:"seq"`  // order in the source
	Kind   string `json:"kind"` // "bad" or "note"
	Place  Place  `json:"place"`
	Reason string `json:"reason"`
}

// Superseded is a record that a newer reader version replaced.
type Superseded struct {
	ID      string          `json:"id"`
	Version int             `json:"version"`
	Kind    string          `json:"kind"`
	Doc     json.RawMessage `json:"record"`
	At      time.Time       `json:"superseded_at"`
}
