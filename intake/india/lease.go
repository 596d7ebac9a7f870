package india

import (
	"fmt"
	"net/netip"
	"strings"

	"suraag/instant"
	"suraag/intake/table"
	"suraag/sighting"
)

// draft is a lease in the making. The problem is the first reason why the row
// must not be used at all.
type draft struct {
	sighting.Lease
	h       *table.Header
	r       *table.Row
	service string // whose user ids these are, if it was declared
	problem string
}

func newDraft(kind sighting.LeaseKind, h *table.Header, r *table.Row, operator string) *draft {
	d := &draft{h: h, r: r, service: operator}
	d.Kind, d.Operator = kind, operator
	d.Place, d.Notes = r.Place(), table.Doubts(h, r)
	return d
}

func (d *draft) bad(format string, args ...any) {
	if d.problem == "" {
		d.problem = fmt.Sprintf(format, args...)
	}
}

func (d *draft) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

func (d *draft) keep(column, value string) {
	d.Extra = append(d.Extra, sighting.Field{Name: d.h.Title(column), Value: table.Clean(value)})
}

// get gives a stated cell without the single quotes or the apostrophe that some
// operators put around or before values, so that a spreadsheet leaves them be.
func (d *draft) get(column string) string { return unquote(d.h.Get(d.r, column)) }

func unquote(v string) string {
	if len(v) > 1 && v[0] == '\'' && v[len(v)-1] == '\'' {
		v = v[1 : len(v)-1]
	}
	v = strings.TrimSpace(strings.TrimPrefix(v, "'"))
	if !sighting.Stated(v) {
		return ""
	}
	return table.Clean(v)
}

// refuseRounded makes the row bad where a number that names someone was rounded.
func (d *draft) refuseRounded(columns ...string) {
	for _, c := range columns {
		if v := d.get(c); table.Rounded(v) {
			d.bad("%s %q was rounded by a spreadsheet; ask for the file as text", d.h.Title(c), v)
		}
	}
	for _, f := range d.h.Rest(d.r) {
		if v := unquote(f.Value); contact(f.Name) && table.Rounded(v) {
			d.bad("%s %q was rounded by a spreadsheet; ask for the file as text", f.Name, v)
		}
	}
}

// contact knows kept columns with numbers that name someone.
func contact(title string) bool {
	key := table.Key(title)
	for _, word := range []string{"contact", "phone", "mobile", "imsi", "imei", "msisdn"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

// endpoint reads an address and its port. An address that cannot be read makes
// the row bad where it is one of the two that a lease is about.
func (d *draft) endpoint(ipColumn, portColumn string, needed bool) sighting.Endpoint {
	ip, port := d.get(ipColumn), d.get(portColumn)
	if ip == "" || ip == "0.0.0.0" || ip == "::" {
		if port != "" && port != "0" {
			d.keep(portColumn, port)
		}
		return sighting.Endpoint{}
	}
	e, err := sighting.ParseEndpoint(ip, port)
	switch {
	case err == nil:
		return e
	case needed:
		d.bad("%s and %s: %v", d.h.Title(ipColumn), d.h.Title(portColumn), err)
	default:
		d.keep(ipColumn, ip)
		if port != "" {
			d.keep(portColumn, port)
		}
		d.note("%v", err)
	}
	return sighting.Endpoint{}
}

// shared is the space for carriers' own networks (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// inside tells whether an address cannot be met on the public internet: RFC 1918,
// RFC 4193, RFC 6598, loopback and link-local.
func inside(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || shared.Contains(a)
}

// sides puts the addresses on their sides. An operator that logs one address
// only, writes the inner or the outer one under the same title.
func (d *draft) sides() {
	source := d.endpoint(sourceIP, sourcePort, true)
	public := d.endpoint(publicIP, publicPort, true)
	switch {
	case !public.IsZero():
		d.Public, d.Private = public, source
		if inside(public.IP) {
			d.note("the translated address %s is itself not public: it was translated again, and another log is needed", public.IP)
		}
	case source.IsZero():
		d.bad("the row states no address")
	case inside(source.IP):
		d.Private = source
		d.note("only the inner address is stated; the operator's translation log must join it to a public one")
	default:
		d.Public = source
	}
	d.Dest = d.endpoint(destIP, destPort, false)
	if p := d.get(protocol); p != "" {
		for _, e := range []*sighting.Endpoint{&d.Public, &d.Private, &d.Dest} {
			if !e.IsZero() {
				e.Protocol = strings.ToUpper(p)
			}
		}
	}
}

// when reads date and clock, in separate columns or in a joint one. A lease
// without its time says nothing, so a time that cannot be read makes the row bad.
func (d *draft) when(both, date, clock string, order orderOf) instant.Instant {
	text, column := d.get(both), both
	if text == "" {
		text, column = strings.TrimSpace(d.get(date)+" "+d.get(clock)), date
		if c := d.get(clock); d.get(date) == "" || strings.ContainsAny(c, "/-") {
			text, column = c, clock // some fill the whole moment into the clock's column
		}
	}
	if text == "" {
		return instant.Instant{}
	}
	rule := instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: order(d.h.Title(column), text)}
	i, err := instant.Parse(text, rule)
	if err != nil {
		d.bad("%s: %v", d.h.Title(column), err)
	}
	return i
}

// period reads both ends.
func (d *draft) period(order orderOf) {
	d.From = d.when(startBoth, startDate, startTime, order)
	d.To = d.when(endBoth, endDate, endTime, order)
	switch {
	case d.From.IsZero() && d.To.IsZero():
		d.bad("the row states no time")
	case d.From.IsZero():
		d.note("the start of the allocation is not stated")
	case d.To.IsZero():
		d.note("the end of the allocation is not stated")
	case d.To.Compare(d.From) == instant.Before:
		d.bad("the allocation ends at %s, before it starts at %s", d.To, d.From)
	}
}

// identify adds an identifier of the subscriber. What has not the form of its
// kind stays in words; a number of zeros only is a placeholder and would join
// strangers.
func (d *draft) identify(kind sighting.IDKind, column string) {
	v := d.get(column)
	if v == "" {
		return
	}
	if strings.Trim(v, "0:-. ") == "" {
		d.keep(column, v)
		d.note("%s %q is a placeholder, not used", d.h.Title(column), v)
		return
	}
	if kind == sighting.Phone {
		v = sighting.Indian(v)
	}
	id, err := sighting.Identify(kind, d.service, v)
	if err != nil {
		d.keep(column, v)
		d.note("%s: %v", d.h.Title(column), err)
		return
	}
	d.Who = append(d.Who, id)
}

// identifyDevice tells a network card from a handset by the form of the number.
func (d *draft) identifyDevice() {
	v := d.get(device)
	bare := strings.NewReplacer(":", "", "-", "", ".", "", " ", "").Replace(v)
	switch {
	case v == "":
	case len(bare) == 12:
		d.identify(sighting.MAC, device)
	case len(bare) >= 14 && len(bare) <= 16 && strings.Trim(bare, "0123456789") == "":
		d.identify(sighting.IMEI, device)
	default:
		d.keep(device, v)
		d.note("%s %q is neither a MAC address nor an IMEI", d.h.Title(device), v)
	}
}
