// Package casework turns what was found into what an officer does next: the
// trace of a target, and leads in the order in which they should be taken up.
//
// Takes sightings, matches and findings. Gives a trace and leads with their
// reasons and counter-reasons. Never fetches anything, and never decides that
// someone did something: a lead calls for a lawful next step, no more.
package casework

import (
	"fmt"
	"strings"
	"time"

	"suraag/actor"
	"suraag/attribution"
	"suraag/circulation"
	"suraag/digest"
	"suraag/hashset"
	"suraag/sighting"
)

// Target is what was asked.
type Target struct {
	Asked       string               `json:"asked"` // as written
	Kind        string               `json:"kind"`  // "image", "video", "digest", "identifier", "address"
	Digests     []digest.Digest      `json:"digests,omitempty"`
	Quality     int                  `json:"pdq_quality,omitempty"` // of an image, 0 to 100
	Forms       []sighting.Form      `json:"pdq_forms,omitempty"`   // of an image: its PDQ values and how each was taken
	Identifier  *sighting.Identifier `json:"identifier,omitempty"`
	Endpoint    *sighting.Endpoint   `json:"endpoint,omitempty"`
	Unavailable string               `json:"unavailable,omitempty"` // why no near copies were looked for
}

// Relation says how a content of the family is tied to the target.
type Relation string

// The relations.
const (
	Same     Relation = "same"      // shares an exact digest with the target
	NearCopy Relation = "near"      // looks like the target: PDQ or PhotoDNA, a person has to look
	Joined   Relation = "joined"    // a person holds it to be of the family
	SeenWith Relation = "seen with" // stands in a sighting of the identifier or address that was asked
)

// Content is one exact file of the family.
type Content struct {
	Digests     []digest.Digest   `json:"digests"`
	Refs        []string          `json:"refs,omitempty"`
	Names       []string          `json:"names,omitempty"` // file names; never a reason to join
	Relation    Relation          `json:"relation"`
	By          digest.Kind       `json:"by,omitempty"`          // of a near copy: the kind compared
	Distance    int               `json:"distance"`              // PDQ: bits of 256; PhotoDNA: squared distance; vPDQ: percent of the frames that are not in the other; TMK: thousandths that level 2 is below 1
	Orientation string            `json:"orientation,omitempty"` // in which the target had to be turned
	Compared    *hashset.Compared `json:"compared,omitempty"`    // of a near copy by PDQ: the two values
	Videos      *hashset.Videos   `json:"videos,omitempty"`      // of a near copy of a video: how much of each is in the other
	Sightings   int               `json:"sightings"`
	Listed      []hashset.Match   `json:"listed,omitempty"`
	Conflicts   []Conflict        `json:"conflicts,omitempty"`
	Source      string            `json:"source,omitempty"` // where it is first stated
	Place       sighting.Place    `json:"place"`
	Sentence    string            `json:"sentence"`
	Things      []string          `json:"-"`
	Forms       []sighting.Form   `json:"-"` // what is stated of how its PDQ values were taken
}

// Conflict is a digest that files with different stronger digests share.
type Conflict struct {
	Shared   digest.Digest   `json:"shared"`
	Stronger []digest.Digest `json:"stronger"`
	Sentence string          `json:"sentence"`
}

// Seen is a sighting of the trace, with how its content is tied to the target.
type Seen struct {
	sighting.Sighting
	Exact          bool `json:"exact"`
	Distance       int  `json:"distance"`
	OrderUncertain bool `json:"order_uncertain"` // its time may lie before or after that of a neighbour
}

// Address is a finding about an address at a moment, and why it stands here.
type Address struct {
	attribution.Finding
	Because string         `json:"because"` // "this content" or "an account that passed this content on"
	Source  string         `json:"source"`
	Place   sighting.Place `json:"place"`
}

// Trace is the answer to one question, on one day, from one record.
type Trace struct {
	Target    Target                  `json:"target"`
	AsOf      time.Time               `json:"as_of"` // when it was asked
	Family    []Content               `json:"family"`
	Sightings []Seen                  `json:"sightings"`
	Where     circulation.Where       `json:"where"`
	Passing   circulation.Passing     `json:"passing"`
	Origin    circulation.Origins     `json:"origin"`
	Access    circulation.AccessTable `json:"access"`
	Actors    []actor.Actor           `json:"actors"`
	Addresses []Address               `json:"addresses"`
	Leads     []Lead                  `json:"leads"`
	Hidden    *Hidden                 `json:"hidden,omitempty"` // what belongs to cases that whoever asked is not on
	NotKnown  []string                `json:"not_known"`        // what the record does not tell
}

// Hidden counts what a trace must not show, so that silence is not taken for an
// answer, and says who can be asked. It tells nothing else of it.
type Hidden struct {
	Statements int      `json:"statements"`
	Desks      []string `json:"desks"`
}

// Say puts it in plain words.
func (h Hidden) Say() string {
	words := fmt.Sprintf("%d statements are in cases that you are not on", h.Statements)
	if h.Statements == 1 {
		words = "1 statement is in a case that you are not on"
	}
	return words + "; contact " + strings.Join(h.Desks, " or ") + "."
}

// Fill makes empty lists of those that nothing filled: as JSON they are [] and
// never null, so that a reader need not guess whether null means none.
func (t *Trace) Fill() {
	fill(&t.Family)
	fill(&t.Sightings)
	fill(&t.Origin.Claimed)
	fill(&t.Origin.Proven)
	fill(&t.Origin.Undated)
	fill(&t.Actors)
	fill(&t.Addresses)
	fill(&t.Leads)
	fill(&t.NotKnown)
	for n := range t.Family {
		fill(&t.Family[n].Digests)
	}
}

func fill[E any](list *[]E) {
	if *list == nil {
		*list = []E{}
	}
}

// Uncertain marks the sightings whose order a timeline leaves open. The mark
// stands at the vague time, not at every clear one that it overlaps.
func Uncertain(seen []Seen, events []circulation.Event) {
	open := map[string]bool{}
	for _, e := range events {
		if e.OrderUncertain && e.When.Spread() >= time.Minute {
			open[e.ID] = true
		}
	}
	for n := range seen {
		seen[n].OrderUncertain = open[seen[n].ID]
	}
}

// Observe says of a sighting what the gate needs to know.
func Observe(s sighting.Sighting) attribution.Observation {
	return attribution.Observation{
		Endpoint: s.From, When: s.When, Act: s.Act, Standing: s.Standing, Grade: s.Grade, Service: s.Service, At: s.At,
		SightingID: s.ID, Source: s.Source, Place: s.Place, Who: s.Who, Network: s.Standing == sighting.Observation,
	}
}

// Missing lists in plain words what a trace does not tell, so that silence is
// never read as an answer.
func (t *Trace) Missing() []string {
	var out []string
	say := func(when bool, words string) {
		if when {
			out = append(out, words)
		}
	}
	var spread, listed bool
	for _, s := range t.Sightings {
		spread = spread || s.Act.Spreads()
	}
	for _, c := range t.Family {
		listed = listed || len(c.Listed) > 0
	}
	image := t.Target.Kind == "image" || t.Target.Kind == "video" || t.Target.Kind == "digest"
	none := "No source in the record speaks of this target. That says nothing about where else it may be."
	if t.Hidden != nil {
		out = append(out, t.Hidden.Say())
		none = "No source that you may see speaks of this target."
	}
	say(len(t.Sightings) == 0, none)
	say(image && !listed, "No list in the record holds this content. Ask the list owners whether it is new.")
	say(len(t.Sightings) > 0 && len(t.Origin.Proven) == 0 && image, "No upload is proven: no system that the person could not write to recorded one.")
	say(len(t.Sightings) > 0 && !spread && image, "Nothing in the record shows that anyone passed it on.")
	say(len(t.Sightings) > 0 && len(t.Addresses) == 0, "No sighting states an address.")
	say(t.Target.Unavailable != "", "Near copies were not looked for: "+t.Target.Unavailable+".")
	return out
}
