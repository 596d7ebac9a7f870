package circulation

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"suraag/instant"
	"suraag/sighting"
)

// AccessTable says by which services and programs content is reached, with which
// act and at which hours.
type AccessTable struct {
	Zone string               `json:"zone"` // of the hours that are not in UTC
	Rows []AccessRow          `json:"rows"`
	Acts map[sighting.Act]int `json:"acts"`

	// Shared counts the acts that pass content on (upload, send, forward). The
	// next three are counted apart and never in it (IPED issues 2548 and 2786).
	Shared   int `json:"shared"`
	Offered  int `json:"offered"`
	Received int `json:"received"`
	Held     int `json:"held"`
}

// AccessRow is one service, program and act. Empty service or client: not
// stated. The hours count sightings from 0:00–0:59 to 23:00–23:59; a sighting
// whose span touches two hours, or whose zone is assumed or ambiguous, is in
// none of them but in the count beside. A zone of a half hour cuts other hours
// than UTC does, so the two counts can differ.
type AccessRow struct {
	Service       string       `json:"service"`
	Client        string       `json:"client"`
	Act           sighting.Act `json:"act"`
	Count         int          `json:"count"`
	Hours         [24]int      `json:"hours"`
	NotCertain    int          `json:"hour_not_certain"`
	HoursUTC      [24]int      `json:"hours_utc"`
	NotCertainUTC int          `json:"hour_not_certain_utc"`
	TimeNotStated int          `json:"time_not_stated"` // also counted as not certain
	Sightings     Refs         `json:"sightings"`
}

// Access counts sightings by service, client, act and hour in the viewer's zone
// and in UTC. A nil zone is UTC.
func Access(sightings []sighting.Sighting, zone *time.Location) AccessTable {
	if zone == nil {
		zone = time.UTC
	}
	type key struct {
		service, client string
		act             sighting.Act
	}
	rows := map[key]*AccessRow{}
	table := AccessTable{Zone: zone.String(), Acts: map[sighting.Act]int{}}
	for _, s := range settle(sightings) {
		k := key{sighting.ServiceKey(s.Service), s.Client, s.Act}
		if rows[k] == nil {
			rows[k] = &AccessRow{Service: s.Service, Client: s.Client, Act: s.Act}
		}
		rows[k].Service = min(rows[k].Service, s.Service) // one spelling, whoever comes first
		rows[k].add(s, zone)
		table.add(s.Act)
	}
	table.Rows = make([]AccessRow, 0, len(rows))
	for _, r := range rows {
		table.Rows = append(table.Rows, *r)
	}
	slices.SortFunc(table.Rows, func(a, b AccessRow) int {
		return cmp.Or(strings.Compare(sighting.ServiceKey(a.Service), sighting.ServiceKey(b.Service)),
			strings.Compare(a.Client, b.Client),
			cmp.Compare(actOrder(a.Act), actOrder(b.Act)), strings.Compare(string(a.Act), string(b.Act)))
	})
	return table
}

func (t *AccessTable) add(act sighting.Act) {
	t.Acts[act]++
	switch {
	case act.Spreads():
		t.Shared++
	case act == sighting.Offer:
		t.Offered++
	case act == sighting.Receive:
		t.Received++
	case act == sighting.Hold:
		t.Held++
	}
}

func (r *AccessRow) add(s *sighting.Sighting, zone *time.Location) {
	r.Count++
	r.Sightings.add(s)
	if s.When.IsZero() {
		r.TimeNotStated++
	}
	if h, certain := hour(s.When, zone); certain {
		r.Hours[h]++
	} else {
		r.NotCertain++
	}
	if h, certain := hour(s.When, time.UTC); certain {
		r.HoursUTC[h]++
	} else {
		r.NotCertainUTC++
	}
}

// hour gives the hour of the day in a zone, where the whole span lies in it. A
// zone that someone assumed may be wrong by hours, so it gives none (rule R2).
func hour(i instant.Instant, zone *time.Location) (h int, certain bool) {
	if i.IsZero() || i.Basis == instant.Ambiguous || i.Basis == instant.Assumed || i.Spread() >= time.Hour {
		return 0, false
	}
	first, last := i.At.In(zone).Hour(), i.Until.In(zone).Hour()
	return first, first == last
}
