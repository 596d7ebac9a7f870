package attribution

import (
	"fmt"
	"net/netip"
	"time"

	"suraag/network"
	"suraag/sighting"
)

// Weigh puts an observation through every rule. The facts are those of
// network.AsOf for the observation's address and moment; leases are whatever rows
// operators have answered, in any order, also of other addresses. now is the
// time of weighing: it tells a time in the future and records that have expired.
func Weigh(o Observation, f network.Facts, leases []sighting.Lease, p Policy, now time.Time) Finding {
	p = p.withDefaults()
	f = sharedAsRowsShow(f, o.Endpoint.IP, leases)
	d := Finding{Observation: o, Outcome: Ask, Facts: f, Window: windowOf(o, f, p)}
	d.take(uncorrected(o)...)
	d.take(exactTime(o, now)...)
	d.take(askedWindow(o, f, p, d.Window)...)
	d.take(sourcePort(o, f)...)
	d.take(addressee(&d, o, f, p)...)
	d.take(registeredPlace(o, f, p)...)
	d.take(firstHand(o)...)
	d.resolve(leases)
	d.take(household()...)
	d.take(elsewhere(o, f, d.Resolution)...)
	d.expiry(now)
	d.AskFor = askFor(d)
	d.Sentence = sentence(d)
	return d
}

// addrOf is the address in its plain form.
func addrOf(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// expiry computes until when the operator keeps its records.
func (d *Finding) expiry(now time.Time) {
	f, o := d.Facts, d.Observation
	if f.RetentionDays <= 0 || o.When.IsZero() {
		d.miss("how long the operator keeps its records")
		return
	}
	d.Expires = o.When.At.AddDate(0, 0, f.RetentionDays)
	d.ExpiresSource = fmt.Sprintf("%d days: %s", f.RetentionDays, f.RetentionSource)
	if !f.RetentionDate.IsZero() {
		d.ExpiresSource += f.RetentionDate.UTC().Format(", as of 2 January 2006")
	}
	if now.After(d.Expires) {
		d.take(ruling{Reason: Reason{Rule: "R7", Citation: citeWindow, Effect: Caution,
			Sentence: fmt.Sprintf("The operator's records ended on %s by the period on file; it may have nothing left.", d.Expires.Format("2 January 2006"))}})
	}
}
