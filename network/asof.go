package network

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"suraag/fault"
	"suraag/instant"
)

// TorMargin is how far around a moment an exit sighting still counts.
// ExoneraTor, the Tor Project's own service for this question, searches a day to
// each side because those who ask get time zones wrong.
const TorMargin = 24 * time.Hour

// listMargin is how far from the moment a VPN or data centre list may be dated
// and still count as checked. Of the X4BNet VPN list of January 2025, 27 % of
// the entries were gone 20 months later: some 1.4 % a month.
const listMargin = 31 * 24 * time.Hour

// AsOf gathers what the data says of an address at a moment. Of each list it
// asks the newest version that is not later than the moment, else the nearest
// later one, and states the gap. Where no time was stated it asks the newest,
// and says so.
//
// What an address is set aside for comes first and ends the matter, except that
// documentation addresses may be spoken for by example data; see
// DataSet.Example.
func AsOf(ctx context.Context, l Lookup, addr netip.Addr, when instant.Instant) (Facts, error) {
	if !addr.IsValid() {
		return Facts{}, fault.Newf(fault.Invalid, "no address was given to look up")
	}
	addr = addr.Unmap().WithZone("")
	sets, err := l.DataSets(ctx)
	if err != nil {
		return Facts{}, fault.Wrapf(err, "list of address data")
	}
	example := Documentation(addr)
	sets = slices.DeleteFunc(slices.Clone(sets), func(d DataSet) bool { return d.Example() != example })
	// Keepers sort words differently; the answer must not depend on that.
	slices.SortFunc(sets, func(a, b DataSet) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), a.AsOf.Compare(b.AsOf), cmp.Compare(a.ID, b.ID))
	})
	name, rfc, special := Special(addr)
	if special && !example {
		return setAside(addr, name, rfc), nil
	}
	q := &query{ctx: ctx, lookup: l, sets: sets, when: when, facts: Facts{Addr: addr, Example: example}}
	if err := q.run(); err != nil {
		return Facts{}, fault.Wrapf(err, "address %q", addr)
	}
	if example && !q.spokenFor() {
		return setAside(addr, name, rfc), nil
	}
	return q.facts, nil
}

func setAside(addr netip.Addr, name, rfc string) Facts {
	f := Facts{Addr: addr, Special: name, SpecialRFC: rfc}
	f.Notes = []string{fmt.Sprintf("%s is set aside: %s (%s). No data set was asked.", addr, name, rfc)}
	if v4, ok := Embedded(addr); ok {
		f.Embedded = v4
		f.Notes = append(f.Notes, fmt.Sprintf("It carries the IPv4 address %s, as the tunnel's end wrote it.", v4.Addr()))
	}
	return f
}

// query is one look-up under way.
type query struct {
	ctx    context.Context
	lookup Lookup
	sets   []DataSet
	when   instant.Instant
	facts  Facts
	claims []claim // of countries
}

// claim is what one data set says the country is.
type claim struct{ set, country string }

func (q *query) run() error {
	if q.when.IsZero() {
		q.note("No time is stated; the newest data is used, and may be wrong for the moment.")
	}
	if q.facts.Example {
		q.note("Example data: this address is set aside for documentation and belongs to nobody.")
	}
	for _, kind := range []DataKind{KindRanges, KindASN, KindCountry, KindRIR} {
		if err := q.holder(kind); err != nil {
			return err
		}
	}
	for _, step := range []func() error{q.tor, q.vpn, q.hosting, q.profile} {
		if err := step(); err != nil {
			return err
		}
	}
	q.judgeCountry()
	q.judgeMissing()
	return nil
}

func (q *query) note(format string, args ...any) {
	q.facts.Notes = append(q.facts.Notes, fmt.Sprintf(format, args...))
}

// spokenFor tells whether any data set said something of the address itself.
func (q *query) spokenFor() bool {
	return slices.ContainsFunc(q.facts.Data, func(u Used) bool { return u.Kind != KindOperators && u.Says != "" })
}

// choose gives, of every list of a kind, the version to ask, by name.
func (q *query) choose(kind DataKind) []DataSet {
	best := map[string]DataSet{}
	for _, d := range q.sets {
		if d.Kind != kind {
			continue
		}
		if old, seen := best[d.Name]; !seen || q.better(d, old) {
			best[d.Name] = d
		}
	}
	var out []DataSet
	for _, d := range best {
		out = append(out, d)
	}
	// The list nearest to the moment speaks first.
	slices.SortFunc(out, func(a, b DataSet) int {
		if q.better(a, b) != q.better(b, a) {
			return map[bool]int{true: -1, false: 1}[q.better(a, b)]
		}
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// next gives, of every list of a kind of which an issue before the moment is at
// hand, the first one after it, if it lies near enough to count.
func (q *query) next(kind DataKind) []DataSet {
	var out []DataSet
	for _, chosen := range q.choose(kind) {
		if q.when.IsZero() || chosen.AsOf.After(q.when.At) {
			continue
		}
		var first DataSet
		for _, d := range q.sets {
			if d.Kind == kind && d.Name == chosen.Name && d.AsOf.After(q.when.At) && q.gap(d) <= listMargin && (first.ID == "" || q.better(d, first)) {
				first = d
			}
		}
		if first.ID != "" {
			out = append(out, first)
		}
	}
	return out
}

// better tells whether version a is to be asked rather than b: not later than
// the moment before later, then the nearest, then the last imported.
func (q *query) better(a, b DataSet) bool {
	if q.when.IsZero() {
		return cmp.Or(a.AsOf.Compare(b.AsOf), a.Imported.Compare(b.Imported)) > 0
	}
	lateA, lateB := a.AsOf.After(q.when.At), b.AsOf.After(q.when.At)
	if lateA != lateB {
		return lateB
	}
	if lateA {
		return cmp.Or(b.AsOf.Compare(a.AsOf), a.Imported.Compare(b.Imported)) > 0
	}
	return cmp.Or(a.AsOf.Compare(b.AsOf), a.Imported.Compare(b.Imported)) > 0
}

func (q *query) gap(d DataSet) time.Duration {
	if q.when.IsZero() {
		return 0
	}
	return d.AsOf.Sub(q.when.At)
}

// ask gives the most specific row of a set for an address, if there is one.
func (q *query) ask(d DataSet, addr netip.Addr) (Range, bool, error) {
	rows, err := q.lookup.Find(q.ctx, d.ID, addr, q.when.At, q.when.Until)
	if err != nil {
		return Range{}, false, fault.Wrapf(err, "address data %q", d.Name)
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Range) bool {
		return !r.Covers(addr) || !r.During(q.when.At, q.when.Until)
	})
	if len(rows) == 0 {
		return Range{}, false, nil
	}
	best := rows[0]
	for _, r := range rows[1:] {
		if !smaller(best, r) {
			best = r
		}
	}
	return best, true, nil
}

func (q *query) used(d DataSet, says string) {
	q.facts.Data = append(q.facts.Data, Used{Kind: d.Kind, DataSet: d.ID, Name: d.Name, AsOf: d.AsOf, SHA256: d.SHA256, Gap: q.gap(d), Says: says})
	if !q.when.IsZero() {
		q.note("%s list %q is dated %s, %s.", d.Kind, d.Name, d.AsOf.UTC().Format("2 January 2006"), inWords(q.gap(d)))
	}
}

// inWords tells how far a list's date lies from the moment.
func inWords(gap time.Duration) string {
	side := "after the moment"
	if gap < 0 {
		gap, side = -gap, "before the moment"
	}
	switch days := int(gap / (24 * time.Hour)); {
	case days == 0:
		return "within a day of the moment"
	case days == 1:
		return "1 day " + side
	default:
		return fmt.Sprintf("%d days %s", days, side)
	}
}
