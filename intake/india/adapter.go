package india

import (
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// detail makes the lease of an IPDR row.
func detail(h *table.Header, r *table.Row, o intake.Options) *draft {
	d := newDraft(sighting.IPDR, h, r, o.Service)
	d.refuseRounded(rounded...)
	d.sides()
	d.period(dayFirst)
	d.identify(sighting.Phone, msisdn)
	d.identify(sighting.UserID, userID)
	d.identify(sighting.IMSI, imsi)
	d.identify(sighting.IMEI, imei)
	d.identifyDevice()
	d.Name, d.Address, d.Static = d.get(person), d.get(address), d.get(static)
	d.Extra = append(d.Extra, h.Rest(r)...)
	return d
}

// translation makes the lease of a row of a translation log.
func translation(h *table.Header, r *table.Row, o intake.Options) *draft {
	d := newDraft(sighting.NAT, h, r, o.Service)
	d.sides()
	if d.Public.IsZero() && d.problem == "" {
		d.bad("the row states no translated address")
	}
	if d.Private.IsZero() && d.problem == "" {
		d.note("the row states no source address")
	}
	d.period(natOrder(o.Order))
	d.Extra = append(d.Extra, h.Rest(r)...)
	return d
}

// answer makes the lease of an operator's answer. It is about one moment.
func answer(h *table.Header, r *table.Row, o intake.Options) *draft {
	d := newDraft(sighting.Subscriber, h, r, o.Service)
	d.refuseRounded(mobile, username)
	e := d.endpoint(ip, port, true)
	switch {
	case e.IsZero():
		d.bad("the row states no address")
	case inside(e.IP):
		d.Private = e
		d.note("the address is one inside the operator's network")
	default:
		d.Public = e
	}
	d.From = d.when("", date, clock, dayFirst)
	d.To = d.From
	if d.From.IsZero() {
		d.bad("the row states no time")
	}
	d.identify(sighting.UserID, username)
	d.identify(sighting.Phone, mobile)
	d.Name, d.Address = d.get(person), d.get(address)
	d.Extra = append(d.Extra, h.Rest(r)...)
	return d
}
