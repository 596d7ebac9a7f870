package intake

import (
	"suraag/fault"
	"suraag/sighting"
)

// origin is the sink that a reader sees. It completes each record's Origin.
type origin struct {
	walk    *walk
	member  *Member
	format  *Format
	refused error // what the outer sink answered, if it refused
	reached int64 // how far the reader had come, bytes
}

func (o *origin) fill(at *sighting.Origin) {
	at.Source = o.walk.source.ID
	at.Reader, at.Version = o.format.Name, o.format.Version
	at.Place.Member = o.member.Path
	at.ID = at.Identify()
	o.reached = max(o.reached, at.Place.End)
}

func (o *origin) answer(err error) error {
	if err != nil {
		o.refused = err
	}
	return err
}

func (o *origin) Sighting(s sighting.Sighting) error {
	if !s.Act.Known() {
		return fault.Newf(fault.Internal, "reader %s gave the act %q", o.format.Name, s.Act)
	}
	o.fill(&s.Origin)
	o.member.Sightings++
	return o.answer(o.walk.sink.Sighting(s))
}

func (o *origin) Lease(l sighting.Lease) error {
	o.fill(&l.Origin)
	o.member.Leases++
	return o.answer(o.walk.sink.Lease(l))
}

func (o *origin) Listing(l sighting.Listing) error {
	o.fill(&l.Origin)
	o.member.Listings++
	return o.answer(o.walk.sink.Listing(l))
}

func (o *origin) Bad(at sighting.Place, reason string) error {
	o.reached = max(o.reached, at.End)
	at.Member = o.member.Path
	o.member.Bad++
	return o.answer(o.walk.sink.Bad(at, reason))
}

func (o *origin) Note(at sighting.Place, text string) error {
	at.Member = o.member.Path
	o.member.Notes++
	return o.answer(o.walk.sink.Note(at, text))
}
