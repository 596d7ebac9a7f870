package casework

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/attribution"
	"suraag/digest"
	"suraag/hashset"
	"suraag/sighting"
)

// Lead is a finding that calls for a lawful next step.
type Lead struct {
	ID       string              `json:"id"`
	Content  digest.Digest       `json:"content,omitzero"` // strongest digest, by which to trace it
	Step     string              `json:"step"`             // the next lawful step, in one sentence
	Finding  attribution.Finding `json:"finding"`
	Danger   []Signal            `json:"danger,omitempty"` // signs that a child may be in danger now
	Novelty  Novelty             `json:"novelty"`
	Why      []string            `json:"why"` // why it stands where it stands in the queue
	Listed   []hashset.Match     `json:"listed,omitempty"`
	Deadline time.Time           `json:"deadline,omitzero"` // the operator's logs expire
	SortKey  string              `json:"sort_key"`
	Source   string              `json:"source"`
	Place    sighting.Place      `json:"place"`
	Thing    string              `json:"-"`
}

// LeadChange is a lead that came, became another, or went.
type LeadChange struct {
	Lead  Lead
	Known bool // it was in the queue before
	Gone  bool // it is in the queue no more
}

// Sources gives the IDs of the sources on which a lead rests, its own first.
func (l Lead) Sources() []string {
	out := []string{l.Source}
	for _, d := range l.Danger {
		out = append(out, d.Source)
	}
	for _, m := range l.Listed {
		out = append(out, m.Source)
	}
	if l.Finding.Resolution != nil {
		for _, s := range l.Finding.Resolution.Steps {
			out = append(out, s.Source)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// Signal is one sign, with where it is stated.
type Signal struct {
	Words  string         `json:"words"`
	Source string         `json:"source"`
	Place  sighting.Place `json:"place"`
}

// Novelty says whether lists know the content. New material points to abuse that
// may be going on; a picture that is everywhere points to a collector (rescue
// first: product.md, gap 8).
type Novelty string

// The degrees of novelty, the most urgent first.
const (
	Novel  Novelty = "novel" // reported, and on no list of the record
	Near   Novelty = "near"  // like a listed picture, not the same file
	Listed Novelty = "listed"
)

// signs are the words of reports that tell of a child in present danger or of
// live contact: field name (letters only), words its value must hold, sentence.
// The incident types and annotations are those of the CyberTipline reporting API.
var signs = []struct{ field, words, sentence string }{
	{"escalatetohighpriority", "", "the service marked the report as urgent"},
	{"incidenttype", "enticement", "the incident is online enticement: contact with a child"},
	{"incidenttype", "molestation", "the incident is child sexual molestation"},
	{"incidenttype", "trafficking", "the incident is child sex trafficking"},
	{"sextortion", "", "the service marked it as sextortion"},
	{"livestreaming", "", "the service marked it as live streaming"},
	{"physicalharm", "", "the service marked it as showing physical harm"},
	{"possibleselfproduction", "", "the service holds that the child made it: contact with a child is possible"},
	{"accesstochildvictim", "", "the report states access to the child"},
	{"accesstochildren", "", "the report states access to children"},
}

// Danger finds the signs in the report of which a sighting is part, and in others of
// the same content. What another report says may be said of another account, so it
// is told as that report's word, and the report's own word goes before it.
func Danger(own []sighting.Sighting, others ...sighting.Sighting) []Signal {
	var out []Signal
	seen := map[string]bool{}
	for n, s := range slices.Concat(own, others) {
		of := ""
		if n >= len(own) {
			of = "in another report of this content, which may be on another account, "
		}
		signsOf(s, seen, func(sentence string, f sighting.Field) {
			out = append(out, Signal{Words: fmt.Sprintf("%s%s (%s: %q)", of, sentence, f.Name, short(f.Value)), Source: s.Source, Place: s.Place})
		})
	}
	return out
}

// Telling keeps of sightings those in which a sign stands for the first time: all that
// Danger takes from them.
func Telling(all []sighting.Sighting) (out []sighting.Sighting) {
	seen := map[string]bool{}
	for _, s := range all {
		if n := len(seen); n < len(signs) {
			if signsOf(s, seen, func(string, sighting.Field) {}); len(seen) > n {
				out = append(out, s)
			}
		}
	}
	return out
}

// signsOf gives the signs of a sighting that were not seen before.
func signsOf(s sighting.Sighting, seen map[string]bool, yield func(sentence string, f sighting.Field)) {
	for _, f := range s.Extra {
		if said, _ := sighting.ReadTri(f.Value); said == sighting.No || !sighting.Stated(f.Value) {
			continue
		}
		for _, sign := range signs {
			if mentions(f, sign.field, sign.words) && !seen[sign.sentence] {
				seen[sign.sentence] = true
				yield(sign.sentence, f)
			}
		}
	}
}

// mentions tells whether a field has the name, or lists it (annotations are
// listed in one field), and holds the words.
func mentions(f sighting.Field, name, words string) bool {
	value := strings.ToLower(f.Value)
	if strings.Contains(letters(f.Name), name) {
		return strings.Contains(value, words)
	}
	return words == "" && strings.Contains(letters(f.Name), "annotation") && strings.Contains(letters(f.Value), name)
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

func short(s string) string {
	if len(s) <= 80 {
		return s
	}
	return strings.ToValidUTF8(s[:77], "") + "…"
}

// NoveltyOf says what the lists of the record know of a content.
func NoveltyOf(matches []hashset.Match) Novelty {
	n := Novel
	for _, m := range matches {
		if !m.Alerts() {
			continue
		}
		if m.By.Exact() {
			return Listed
		}
		n = Near
	}
	return n
}

// Concerns tells whether a content calls for leads at all: a live list alerts on
// it, or a provider reported it. A picture that merely lies on a seized phone
// does not.
func Concerns(matches []hashset.Match, sightings []sighting.Sighting) bool {
	for _, m := range matches {
		if m.Alerts() {
			return true
		}
	}
	for _, s := range sightings {
		if s.Act == sighting.Report && s.Standing.Proven() && s.Content.Identified() {
			return true
		}
	}
	return false
}

// LeadID is the ID of the lead that a sighting would open.
func LeadID(sighting string) string {
	sum := sha256.Sum256([]byte("suraag lead 1\n" + sighting))
	return hex.EncodeToString(sum[:16])
}

// Open makes the lead of one finding, or none where nothing can be asked.
func Open(f attribution.Finding, content digest.Digest, matches []hashset.Match, danger []Signal) (Lead, bool) {
	if f.Outcome == attribution.Unusable {
		return Lead{}, false
	}
	l := Lead{
		ID: LeadID(f.Observation.SightingID), Content: content, Finding: f, Danger: danger, Novelty: NoveltyOf(matches), Listed: matches,
		Deadline: f.Expires, Source: f.Observation.Source, Place: f.Observation.Place, Step: step(f),
	}
	l.SortKey, l.Why = rank(l)
	return l, true
}

// step says what to do, never more than the outcome allows.
func step(f attribution.Finding) string {
	at := f.Observation.Endpoint.String()
	whom := f.Addressee
	if whom == "" {
		whom = "the operator of the address"
	}
	switch f.Outcome {
	case attribution.Ask:
		if f.Resolution != nil && len(f.Resolution.Candidates) == 1 {
			return fmt.Sprintf("Have %s confirm the one subscriber of the connection %s at %s whom its rows name.", whom, at, f.Observation.When)
		}
		return fmt.Sprintf("Ask %s who was the subscriber of the connection %s at %s.", whom, at, f.Observation.When)
	case attribution.Preserve:
		return fmt.Sprintf("Ask %s only to preserve its records for %s; do not ask for a subscriber yet.", whom, at)
	}
	if f.Addressee == "" {
		return fmt.Sprintf("The address %s does not lead to a person: look for the same identifiers at other addresses.", at)
	}
	return fmt.Sprintf("The address %s does not lead to a person: turn to %s.", at, whom)
}

// rank orders leads: live danger, then novelty, then strength, then the day on
// which the operator's records expire. Each part is a reason that can be checked
// by hand.
func rank(l Lead) (key string, why []string) {
	danger := 1
	if len(l.Danger) > 0 {
		danger = 0
		for _, s := range l.Danger {
			why = append(why, "Danger: "+s.Words+".")
		}
	}
	novelty := map[Novelty]int{Novel: 0, Near: 1, Listed: 2}[l.Novelty]
	why = append(why, map[Novelty]string{
		Novel:  "Novel: no list in the record holds this content, so the abuse may be going on.",
		Near:   "Like a listed picture, but not the same file: a person has to look.",
		Listed: "Known: a list holds exactly this content.",
	}[l.Novelty])
	if l.Novelty == Novel && len(l.Listed) > 0 {
		why[len(why)-1] = "Novel: lists of the record hold this content, but none says that it is abuse; a person has to look."
	}
	strength := map[attribution.Outcome]int{attribution.Ask: 0, attribution.Preserve: 1, attribution.AskOther: 2}[l.Finding.Outcome]
	standing := l.Finding.Observation.Standing
	why = append(why, fmt.Sprintf("Strength: %s, stated by %s.", l.Finding.Outcome, standing))
	expires := "9"
	if !l.Deadline.IsZero() {
		expires = "0" + l.Deadline.UTC().Format("20060102")
		why = append(why, "The operator's records expire on "+l.Deadline.UTC().Format("2 January 2006")+".")
	} else {
		why = append(why, "How long the operator keeps its records is not known.")
	}
	return fmt.Sprintf("%d%d%d%d%s%s", danger, novelty, strength, standing.Rank(), expires, l.ID), why
}

// Sort puts leads in the order of the queue.
func Sort(leads []Lead) {
	slices.SortFunc(leads, func(a, b Lead) int { return cmp.Compare(a.SortKey, b.SortKey) })
}
