package circulation

import (
	"slices"
	"time"

	"suraag/instant"
	"suraag/sighting"
)

// Event is one sighting on the timeline.
type Event struct {
	Ref
	Act      sighting.Act          `json:"act"`
	When     instant.Instant       `json:"when,omitzero"`
	Who      []sighting.Identifier `json:"who,omitempty"` // the best maxIDs
	To       []sighting.Identifier `json:"to,omitempty"`  // the best maxIDs
	ToCount  int                   `json:"to_count,omitempty"`
	Via      []sighting.Identifier `json:"via,omitempty"` // the best maxIDs
	Service  string                `json:"service,omitempty"`
	Client   string                `json:"client,omitempty"`
	From     sighting.Endpoint     `json:"from,omitzero"`
	Standing sighting.Standing     `json:"standing"`

	// OrderUncertain: with at least one other event, either may have been first.
	OrderUncertain bool `json:"order_uncertain"`
	// Exchanges are IDs of neighbours with which this event may exchange places,
	// later ones before earlier ones and on each side the nearest first, at most
	// maxExchanges a side; Exchangeable counts all of them.
	Exchanges    []string `json:"may_exchange_with,omitempty"`
	Exchangeable int      `json:"may_exchange_count,omitempty"`
}

// maxExchanges bounds the neighbours that an event names on each side.
const maxExchanges = 4

// Line puts sightings on one timeline, unstated times last, ties by ID. Two
// events whose spans overlap may exchange places, and say so. An event without a
// time may stand anywhere: it is marked, and its neighbours are not, because
// otherwise one undated sighting would make every order uncertain.
func Line(sightings []sighting.Sighting) []Event {
	settled := settle(sightings)
	line := make([]Event, len(settled))
	for n, s := range settled {
		line[n] = Event{
			Ref: refOf(s), Act: s.Act, When: s.When,
			Who: few(s.Who), To: few(s.To), Via: few(s.Via), ToCount: len(unique(s.To)),
			Service: s.Service, Client: s.Client, From: s.From, Standing: s.Standing,
		}
	}
	dated := line
	for n := range line {
		if line[n].When.IsZero() {
			dated = line[:n]
			markUndated(line[n:], len(line))
			break
		}
	}
	countOverlaps(dated)
	nameLater(dated)
	nameEarlier(dated)
	return line
}

func markUndated(events []Event, all int) {
	for n := range events {
		events[n].OrderUncertain = all > 1
		events[n].Exchangeable = all - 1
	}
}

// countOverlaps counts, for each event, those that neither end before it begins
// nor begin after it ends.
func countOverlaps(dated []Event) {
	begins, ends := make([]time.Time, len(dated)), make([]time.Time, len(dated))
	for n := range dated {
		begins[n], ends[n] = dated[n].When.At, dated[n].When.Until
	}
	slices.SortFunc(ends, time.Time.Compare)
	for n := range dated {
		e := &dated[n]
		over, _ := slices.BinarySearchFunc(ends, e.When.At, time.Time.Compare)
		begun, _ := slices.BinarySearchFunc(begins, e.When.Until, func(t, until time.Time) int {
			if t.After(until) {
				return 1
			}
			return -1 // so that the search ends behind the last that begins in time
		})
		e.Exchangeable = max(0, begun-over-1)
		e.OrderUncertain = e.Exchangeable > 0
	}
}

// nameLater names the next events that begin before this one has surely ended;
// as the line is sorted by beginning, they stand directly behind it.
func nameLater(dated []Event) {
	for n := range dated {
		e := &dated[n]
		for m := n + 1; m < len(dated) && m <= n+maxExchanges && e.When.Compare(dated[m].When) == instant.Overlaps; m++ {
			e.Exchanges = append(e.Exchanges, dated[m].ID)
		}
	}
}

// nameEarlier names the last events that have begun and not surely ended. They
// need not stand together (one long span may lie far back), so the events that
// are still open are kept in a chain from which each is taken once.
func nameEarlier(dated []Event) {
	byEnd := make([]int, len(dated))
	before, after := make([]int, len(dated)+1), make([]int, len(dated)+1)
	for n := range dated {
		byEnd[n] = n
	}
	slices.SortStableFunc(byEnd, func(a, b int) int { return dated[a].When.Until.Compare(dated[b].When.Until) })
	head, ended := len(dated), 0 // the head of the chain is both its ends
	before[head], after[head] = head, head
	for n := range dated {
		for ; ended < len(byEnd) && dated[byEnd[ended]].When.Until.Before(dated[n].When.At); ended++ {
			gone := byEnd[ended]
			if gone >= n { // a span that ends before it begins; it was never in the chain
				continue
			}
			before[after[gone]], after[before[gone]] = before[gone], after[gone]
		}
		for m, named := before[head], 0; m != head && named < maxExchanges; m, named = before[m], named+1 {
			dated[n].Exchanges = append(dated[n].Exchanges, dated[m].ID)
		}
		before[n], after[n] = before[head], head
		after[before[n]], before[head] = n, n
	}
}
