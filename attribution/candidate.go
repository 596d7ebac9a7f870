package attribution

import (
	"fmt"
	"slices"
	"strings"

	"suraag/sighting"
)

// unite makes candidates of rows that name a subscriber. Two rows are one
// candidate only if they share a number that an operator gives to one
// subscription and contradict each other in none. When in doubt they stay two:
// a candidate too many costs a question, one too few an innocent person.
func unite(rows []sighting.Lease) []Candidate {
	var out []Candidate
	for _, l := range rows {
		at := slices.IndexFunc(out, func(c Candidate) bool { return same(c.Identifiers, l.Who) })
		if at < 0 {
			out = append(out, Candidate{})
			at = len(out) - 1
		}
		out[at].add(l)
	}
	return out
}

func (c *Candidate) add(l sighting.Lease) {
	for _, i := range l.Who {
		if !slices.Contains(c.Identifiers, i) {
			c.Identifiers = append(c.Identifiers, i)
		}
	}
	c.Name = c.keep("name", c.Name, l.Name)
	c.Address = c.keep("address", c.Address, l.Address)
	if l.ID == "" || !slices.Contains(c.LeaseIDs, l.ID) {
		c.LeaseIDs = append(c.LeaseIDs, l.ID)
	}
}

// keep keeps the first value and notes another.
func (c *Candidate) keep(what, old, value string) string {
	if old == "" || value == "" || strings.EqualFold(old, value) {
		return old + map[bool]string{true: value}[old == ""]
	}
	c.Notes = append(c.Notes, fmt.Sprintf("Another row writes the %s as %q.", what, value))
	return old
}

// SameSubscription tells whether two sets of identifiers that operators state are
// of one subscription, by the rule by which candidates are told apart.
func SameSubscription(a, b []sighting.Identifier) bool { return same(a, b) }

// same tells whether two sets of identifiers are of one subscription.
func same(a, b []sighting.Identifier) bool {
	if clash(a, b, sighting.IMSI) || clash(a, b, sighting.Account) {
		return false
	}
	if shared(a, b, sighting.IMSI) || shared(a, b, sighting.Account) || shared(a, b, sighting.UserID) {
		return !apartInPhones(a, b)
	}
	return shared(a, b, sighting.Phone) && !apartInPhones(a, b)
}

func values(ids []sighting.Identifier, kind sighting.IDKind) (out []sighting.Identifier) {
	for _, i := range ids {
		if i.Kind == kind {
			out = append(out, i)
		}
	}
	return out
}

func shared(a, b []sighting.Identifier, kind sighting.IDKind) bool {
	return slices.ContainsFunc(values(a, kind), func(i sighting.Identifier) bool { return slices.Contains(b, i) })
}

// clash tells whether both state the kind and agree on none.
func clash(a, b []sighting.Identifier, kind sighting.IDKind) bool {
	return len(values(a, kind)) > 0 && len(values(b, kind)) > 0 && !shared(a, b, kind)
}

// apartInPhones tells whether each states a number that the other does not. Rows
// carry contact numbers beside the subscribed one, and one contact can stand
// behind two subscriptions.
func apartInPhones(a, b []sighting.Identifier) bool {
	lacks := func(x, y []sighting.Identifier) bool {
		return slices.ContainsFunc(values(x, sighting.Phone), func(i sighting.Identifier) bool { return !slices.Contains(y, i) })
	}
	return lacks(a, b) && lacks(b, a)
}

// rowInWords tells what a row says.
func rowInWords(l sighting.Lease) string {
	side := l.Public.String()
	if l.PortLast > l.Public.Port {
		side += fmt.Sprintf(" to port %d", l.PortLast)
	}
	if l.Public.IsZero() {
		side = l.Private.String()
	}
	to := subscriberInWords(l)
	if !l.Public.IsZero() && !l.Private.IsZero() {
		to = strings.TrimSuffix(l.Private.String()+", "+to, ", ")
	}
	if to == "" {
		to = "nobody that it names"
	}
	return fmt.Sprintf("%s row: %s belonged to %s from %s to %s.", strings.ToUpper(string(l.Kind)), side, to, l.From, l.To)
}

func subscriberInWords(l sighting.Lease) string {
	var words []string
	if l.Name != "" {
		words = append(words, fmt.Sprintf("%q", l.Name))
	}
	for _, i := range l.Who {
		words = append(words, i.String())
	}
	if len(words) == 0 {
		return ""
	}
	return "the subscriber " + strings.Join(words, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
