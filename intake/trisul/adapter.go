package trisul

import (
	"fmt"
	"strings"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/table"
	"suraag/sighting"
)

// lease makes the record of a row, or says why the row must not be used.
func lease(h *table.Header, r *table.Row, o intake.Options) (l sighting.Lease, problem string) {
	get := func(column string) string {
		if v := h.Get(r, column); sighting.Stated(v) {
			return table.Clean(v)
		}
		return ""
	}
	l = sighting.Lease{Kind: sighting.IPDR, Operator: o.Service, Name: get(custName), Address: get(address), Static: get(ipType)}
	l.Place, l.Notes, l.Extra = r.Place(), table.Doubts(h, r), h.Rest(r)
	if problem := sides(&l, get); problem != "" {
		return l, problem
	}
	if problem := period(&l, get, instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: instant.DayFirst}); problem != "" {
		return l, problem
	}
	if problem := identify(&l, get, o.Service); problem != "" {
		return l, problem
	}
	if len(l.Who) == 0 {
		l.Kind = sighting.NAT
	}
	return l, ""
}

// sides reads the addresses. Without a translated one the source is the public
// one, unless it cannot be: RFC 1918, RFC 4193 or RFC 6598.
func sides(l *sighting.Lease, get func(string) string) (problem string) {
	read := func(ip, port string) (e sighting.Endpoint) {
		if v := get(ip); v == "" || v == "0.0.0.0" || v == "::" {
			return e
		}
		e, err := sighting.ParseEndpoint(get(ip), get(port))
		if err != nil && problem == "" {
			problem = ip + ": " + err.Error()
		}
		if !e.IsZero() {
			e.Protocol = strings.ToUpper(get(protocol))
		}
		return e
	}
	source, public := read(srcIP, srcPort), read(natIP, natPort)
	l.Dest = read(destIP, destPort)
	switch {
	case problem != "":
		return problem
	case !public.IsZero():
		l.Public, l.Private = public, source
	case source.IsZero():
		return "the row states no address"
	case inner(source):
		l.Private = source
		l.Notes = append(l.Notes, "only the inner address is stated; a translation log must join it to a public one")
	default:
		l.Public = source
	}
	return ""
}

// inner tells whether an address cannot be met on the public internet.
func inner(e sighting.Endpoint) bool {
	b := e.IP.AsSlice()
	carrier := len(b) == 4 && b[0] == 100 && b[1]&0xc0 == 64 // 100.64.0.0/10
	return carrier || e.IP.IsPrivate() || e.IP.IsLoopback() || e.IP.IsLinkLocalUnicast()
}

func period(l *sighting.Lease, get func(string) string, rule instant.Rule) (problem string) {
	for _, p := range []struct {
		column string
		into   *instant.Instant
	}{{start, &l.From}, {end, &l.To}} {
		v := get(p.column)
		if v == "" {
			l.Notes = append(l.Notes, p.column+" is not stated")
			continue
		}
		i, err := instant.Parse(v, rule)
		if err != nil {
			return p.column + ": " + err.Error()
		}
		*p.into = i
	}
	switch {
	case l.From.IsZero() && l.To.IsZero():
		return "the row states no time"
	case l.To.Compare(l.From) == instant.Before:
		return fmt.Sprintf("it ends at %s, before it starts at %s", l.To, l.From)
	}
	return ""
}

func identify(l *sighting.Lease, get func(string) string, service string) (problem string) {
	for _, c := range []struct {
		column string
		kind   sighting.IDKind
	}{{phoneNo, sighting.Phone}, {userID, sighting.UserID}} {
		v := get(c.column)
		switch {
		case v == "":
			continue
		case table.Rounded(v):
			return fmt.Sprintf("%s %q was rounded by a spreadsheet; ask for the file as text", c.column, v)
		}
		if c.kind == sighting.Phone {
			v = sighting.Indian(v)
		}
		id, err := sighting.Identify(c.kind, service, v)
		if err != nil || strings.Trim(v, "0") == "" {
			l.Extra = append(l.Extra, sighting.Field{Name: c.column, Value: v})
			l.Notes = append(l.Notes, fmt.Sprintf("%s %q names nobody for certain, kept in words", c.column, v))
			continue
		}
		l.Who = append(l.Who, id)
	}
	return ""
}
