package circulation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"suraag/instant"
	"suraag/sighting"
)

// Item is a sighting of the content that is traced, or of a near copy of it.
type Item struct {
	Sighting sighting.Sighting
	Exact    bool // an exact digest agrees
	Distance int  // of the near copy, in bits of its perceptual hash; see the trace's family
}

// Origins are the candidates for the first upload. Each list has the surely
// earlier groups first, within a group the stronger evidence first, and holds at
// most maxCandidates; the rest is counted.
type Origins struct {
	Claimed     []Candidate `json:"claimed"` // what a device, a person or a near copy says
	Proven      []Candidate `json:"proven"`  // what a system recorded that the one who acted could not write to
	Undated     []Candidate `json:"undated"` // no time stated: any of them may be the first
	MoreClaimed int         `json:"more_claimed"`
	MoreProven  int         `json:"more_proven"`
	MoreUndated int         `json:"more_undated"`
}

// maxCandidates bounds each list; rivals beyond it are surely later or weaker.
const maxCandidates = 100

// maxTies bounds the rivals that a candidate names.
const maxTies = 10

// Candidate is one sighting that may be the first upload.
type Candidate struct {
	Ref
	Act      sighting.Act          `json:"act"`
	When     instant.Instant       `json:"when,omitzero"`
	Who      []sighting.Identifier `json:"who,omitempty"` // the best maxIDs
	Service  string                `json:"service,omitempty"`
	From     sighting.Endpoint     `json:"from,omitzero"`
	Standing sighting.Standing     `json:"standing"`
	Grade    string                `json:"grade,omitempty"` // of a network observation
	Exact    bool                  `json:"exact"`
	Distance int                   `json:"distance"` // of a near copy; 0 for an exact one
	Rank     int                   `json:"rank"`     // strength of the evidence, 1 the strongest; see rank
	Strength string                `json:"strength"` // the rank in words
	Group    int                   `json:"group"`    // 0: nobody in the list is surely earlier
	Earliest bool                  `json:"earliest"` // group 0
	Sentence string                `json:"sentence"` // for an officer
	Why      []string              `json:"why"`      // what the place in the list rests on
	Overturn string                `json:"overturn"` // what would overturn it
	Ties     []string              `json:"ties,omitempty"`
	MoreTies int                   `json:"more_ties,omitempty"` // ties beyond those named
}

// Origin finds the candidates for the first upload. Only acts that put content
// somewhere are candidates: upload, send, forward, offer, and hold with a time.
// What was received, downloaded, viewed or reported was somewhere before.
func Origin(items []Item) Origins {
	var claimed, proven, undated []Candidate
	for _, i := range settleItems(items) {
		c, is := candidate(i)
		switch {
		case !is:
		case c.When.IsZero():
			undated = append(undated, c)
		case c.doubts() == "":
			proven = append(proven, c)
		default:
			claimed = append(claimed, c)
		}
	}
	group(claimed)
	group(proven)
	compareLists(claimed, proven)
	slices.SortStableFunc(undated, stronger)
	var o Origins
	o.Claimed, o.MoreClaimed = bound(claimed)
	o.Proven, o.MoreProven = bound(proven)
	o.Undated, o.MoreUndated = bound(undated)
	for _, list := range [][]Candidate{o.Claimed, o.Proven, o.Undated} {
		for n := range list {
			list[n].speak(len(undated))
		}
	}
	return o
}

// settleItems is settle for items. Of two items with one ID the exact one
// stands, then the nearer one.
func settleItems(items []Item) []Item {
	sightings := make([]sighting.Sighting, len(items))
	for n := range items {
		sightings[n] = items[n].Sighting
	}
	handed := make(map[*sighting.Sighting]*Item, len(items))
	best := make(map[string]*Item, len(items))
	for n := range items {
		i := &items[n]
		handed[&sightings[n]] = i
		if old := best[i.Sighting.ID]; i.Sighting.ID != "" && (old == nil || nearer(i, old)) {
			best[i.Sighting.ID] = i
		}
	}
	out := make([]Item, 0, len(items))
	for _, s := range settle(sightings) {
		of := handed[s]
		if repeated := best[s.ID]; repeated != nil {
			of = repeated
		}
		out = append(out, Item{Sighting: *s, Exact: of.Exact, Distance: of.Distance})
	}
	return out
}

func nearer(a, b *Item) bool {
	if a.Exact != b.Exact {
		return a.Exact
	}
	return !a.Exact && a.Distance < b.Distance
}

func candidate(i Item) (Candidate, bool) {
	s := &i.Sighting
	switch s.Act {
	case sighting.Upload, sighting.Send, sighting.Forward, sighting.Offer:
	case sighting.Hold:
		if s.When.IsZero() {
			return Candidate{}, false
		}
	default:
		return Candidate{}, false
	}
	c := Candidate{
		Ref: refOf(s), Act: s.Act, When: s.When, Who: few(s.Who), Service: s.Service, From: s.From,
		Standing: s.Standing, Exact: i.Exact, Grade: s.Grade,
	}
	if !i.Exact {
		c.Distance = i.Distance
	}
	c.Rank, c.Strength = rank(s)
	return c, true
}

// rank gives the strength of the evidence in the order of formats.md §8.9: 1
// upload capture with address and port, 2 record of the upload, 3 stated upload
// time, 4 message sent, 5 peer-to-peer observation, 6 time on a device; behind
// them 7 a person's statement and 8 the rest. However well another act than an
// upload is recorded, it ranks no better than its own step.
func rank(s *sighting.Sighting) (int, string) {
	n, words := known(s)
	step := 1
	switch s.Act {
	case sighting.Send, sighting.Forward:
		step = 4
	case sighting.Offer:
		step = 5
	case sighting.Hold:
		step = 6
	}
	if n < 4 && step > n { // a provider's word on something else than an upload
		words += fmt.Sprintf("; the act is %s, not upload", s.Act)
	}
	return max(n, step), words
}

// known ranks how the source came to know. A provider's capture that lacks the
// address or the port is worth no more than its other records.
func known(s *sighting.Sighting) (int, string) {
	switch s.Standing {
	case sighting.ProviderCapture:
		if !s.From.IsZero() && s.From.Port != 0 {
			return 1, "the service's own capture of the act, with address and port"
		}
		return 2, "the service's own capture of the act, without address and port both"
	case sighting.ProviderRecord:
		return 2, "the service's record of the item"
	case sighting.ProviderMetadata:
		return 3, "a time that the service states for the item"
	case sighting.MessageLog:
		return 4, "a service's log of messages"
	case sighting.Observation:
		return 5, "an observation on a peer-to-peer network"
	case sighting.DeviceFile:
		return 6, "a time kept on a device"
	case sighting.Statement:
		return 7, "what a person states"
	}
	return 8, "evidence of a kind that is not known"
}

// doubts says why a candidate is only claimed; nothing means that it is proven.
func (c *Candidate) doubts() string {
	switch {
	case c.Standing == sighting.DeviceFile:
		return "file times are set by the device and survive copying, so this time is claimed and not proven"
	case c.Standing == sighting.Statement:
		return "a person, or an export that a person made, says so; no system recorded it"
	case !c.Standing.Proven():
		return "how the source came to know it is not stated"
	case !c.Exact:
		return "the recorded act is that of a near copy; it does not prove the upload of this content"
	case c.Standing == sighting.Observation && underGraded(c.Grade):
		if c.Grade == "" {
			return "the observation states no grade: whether the peer was seen to have this content is not known"
		}
		return fmt.Sprintf("the observation has grade %s: the peer was not seen to have this content", c.Grade)
	case c.When.Basis == instant.Assumed:
		return "the source states no zone; the one applied was assumed when the file was handed in"
	}
	return ""
}

// underGraded tells whether a grade falls short of "advertised having pieces of
// the file" (G3, attribution.md §1.5). The gate lets no observation without a
// grade pass either (rule R11), so the two never tell different stories.
func underGraded(grade string) bool { return grade != "G3" }

// group sorts candidates. A group is all whose spans reach back to before the
// first sure end among those that remain: no one in it is surely before another,
// and everyone in a later group is surely after someone in it (instant.Compare).
func group(list []Candidate) {
	slices.SortStableFunc(list, func(a, b Candidate) int { return a.When.Sort(b.When) })
	firstEnd := make([]instant.Instant, len(list)) // the earliest end from here on
	for n := len(list) - 1; n >= 0; n-- {
		firstEnd[n] = list[n].When
		if n+1 < len(list) && firstEnd[n+1].Until.Before(firstEnd[n].Until) {
			firstEnd[n] = firstEnd[n+1]
		}
	}
	for from, number := 0, 0; from < len(list); number++ {
		to := from + 1
		for to < len(list) && firstEnd[from].Compare(list[to].When) != instant.Before {
			to++
		}
		members := list[from:to]
		slices.SortStableFunc(members, stronger)
		tie(members, number)
		from = to
	}
}

// stronger orders by strength of evidence, then exact before near, then by act,
// then by time and ID.
func stronger(a, b Candidate) int {
	near := func(c Candidate) int {
		if c.Exact {
			return -1
		}
		return c.Distance
	}
	return cmp.Or(
		cmp.Compare(a.Rank, b.Rank),
		cmp.Compare(near(a), near(b)),
		cmp.Compare(actStrength(a.Act), actStrength(b.Act)),
		a.When.Sort(b.When),
		strings.Compare(a.ID, b.ID),
	)
}

func actStrength(a sighting.Act) int {
	return slices.Index([]sighting.Act{sighting.Upload, sighting.Send, sighting.Offer, sighting.Hold, sighting.Forward}, a)
}

// tie tells the members of a group of each other.
func tie(members []Candidate, number int) {
	for n := range members {
		c := &members[n]
		c.Group, c.Earliest = number, number == 0
		for m := 0; m < len(members) && len(c.Ties) < maxTies; m++ {
			if m != n {
				c.Ties = append(c.Ties, members[m].ID)
			}
		}
		c.MoreTies = len(members) - 1 - len(c.Ties)
	}
}

func bound(list []Candidate) ([]Candidate, int) {
	shown := min(len(list), maxCandidates)
	return append(make([]Candidate, 0, shown), list[:shown]...), len(list) - shown
}

// compareLists says how the claimed ones lie to the earliest proven ones.
func compareLists(claimed, proven []Candidate) {
	if len(proven) == 0 {
		return
	}
	begins, ends := proven[0].When, proven[0].When // of the group that could be first
	for _, p := range proven {
		if !p.Earliest {
			break
		}
		if p.When.At.Before(begins.At) {
			begins = p.When
		}
		if p.When.Until.Before(ends.Until) {
			ends = p.When
		}
	}
	for n := range claimed {
		c := &claimed[n]
		switch {
		case c.When.Compare(begins) == instant.Before:
			c.Why = append(c.Why, "its time lies before that of every proven candidate, but it is only claimed")
		case c.When.Compare(ends) == instant.After:
			c.Why = append(c.Why, "a proven candidate is surely earlier")
		default:
			c.Why = append(c.Why, "its time overlaps that of an earliest proven candidate")
		}
	}
}
