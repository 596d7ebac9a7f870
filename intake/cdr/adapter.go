package cdr

import (
	"fmt"
	"strings"

	"suraag/instant"
	"suraag/intake"
	"suraag/intake/draft"
	"suraag/intake/table"
	"suraag/sighting"
)

// row is one row in the making.
type row struct {
	*draft.Draft
	h *table.Header
	t *table.Row
}

// get gives a cell without the single quotes that some operators put around it.
func (r *row) get(column string) string {
	return strings.Trim(table.Clean(r.h.Get(r.t, column)), "' ")
}

// adapt makes the record of a row. The problem is why it is worth nothing.
func adapt(h *table.Header, t *table.Row, o intake.Options) (s sighting.Sighting, problem string) {
	r := &row{draft.New(t.Place(), sighting.Call, sighting.MessageLog, o.Service), h, t}
	r.Notes = table.Doubts(h, t)
	for _, column := range numbers {
		if v := r.get(column); table.Rounded(v) {
			return s, fmt.Sprintf("%s %q was rounded by a spreadsheet; ask for the file as text", h.Title(column), v)
		}
	}
	where, message := read(r.get(kind), r.get(service))
	if message {
		switch where {
		case out:
			r.Act = sighting.Send
		case in:
			r.Act = sighting.Receive
		default:
			return s, fmt.Sprintf("the row is a message, and %q does not say whether it was sent or received", r.get(kind))
		}
	}
	if problem := r.sides(where); problem != "" {
		return s, problem
	}
	r.when(o)
	r.Keep(h.Title(kind), r.get(kind))
	r.Keep(h.Title(service), r.get(service))
	for _, f := range h.Rest(t) {
		r.Keep(f.Name, strings.Trim(f.Value, "' "))
	}
	return r.Sighting, ""
}

// sides puts the target with its device, card and address on one side, the other party on
// the other. Where the row names a calling and a called party, its direction says
// which of them is the target.
func (r *row) sides(where direction) (problem string) {
	us, them := target, other
	if r.h.Missing(target) != "" {
		switch us, them = calling, called; where {
		case in:
			us, them = called, calling
		case unstated:
			r.Note("%q does not say which of the two is the one whose device, card and address are stated", r.get(kind))
		}
	}
	r.number(&r.Who, sighting.Phone, us)
	r.number(&r.To, sighting.Phone, them)
	if us == target || where != unstated {
		r.number(&r.Who, sighting.IMEI, imei)
		r.number(&r.Who, sighting.IMSI, imsi)
		r.Address(r.h.Title(firstIP), r.get(firstIP), r.get(firstEnd))
	} else {
		for _, column := range []string{imei, imsi, firstIP, firstEnd} {
			r.Keep(r.h.Title(column), r.get(column))
		}
	}
	if len(r.Who) == 0 {
		return fmt.Sprintf("the row names nobody: %s %q", r.h.Title(us), r.get(us))
	}
	return ""
}

// number reads a number of a party. A row of zeros is a placeholder, which would
// join strangers; letters are the name of a business that sends in bulk.
func (r *row) number(list *[]sighting.Identifier, k sighting.IDKind, column string) {
	v := r.get(column)
	if v != "" && strings.Trim(v, "0- ") == "" {
		r.Keep(r.h.Title(column), v)
		r.Note("%s %q is a placeholder, not used", r.h.Title(column), v)
		return
	}
	if k == sighting.Phone {
		v = sighting.Indian(v)
	}
	r.Identify(list, k, r.h.Title(column), v)
}

// when reads date and time, which operators log in Indian Standard Time.
func (r *row) when(o intake.Options) {
	day, hour := r.get(date), r.get(clock)
	text := strings.TrimSpace(day + " " + hour)
	if strings.ContainsAny(hour, "/-") {
		text = hour // some fill the whole moment into the clock's column
	}
	r.Time(r.h.Title(date), text, instant.Rule{Zone: instant.IST(), Basis: instant.ByRule, Order: o.Order})
	if text == "" {
		r.Note("time not stated")
	}
}
