package attribution

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/sighting"
)

// Resolution is what the operators' own rows say of an address, port and window.
type Resolution struct {
	Steps      []Step            `json:"steps,omitempty"`
	Private    sighting.Endpoint `json:"private,omitzero"`     // behind the operator's translation
	Candidates []Candidate       `json:"candidates,omitempty"` // several stay several
	Void       string            `json:"void,omitempty"`       // why the rows lead nowhere
}

// Step is one row used, or one remark on rows not used.
type Step struct {
	LeaseID  string         `json:"lease,omitempty"`
	Source   string         `json:"source,omitempty"`
	Place    sighting.Place `json:"place,omitzero"`
	Sentence string         `json:"sentence"`
}

// Candidate is a subscriber of the connection whom rows name. It is not whoever
// used it.
type Candidate struct {
	Identifiers []sighting.Identifier `json:"identifiers,omitempty"`
	Name        string                `json:"name,omitempty"`
	Address     string                `json:"address,omitempty"`
	Notes       []string              `json:"notes,omitempty"`
	LeaseIDs    []string              `json:"leases"`
}

// resolve follows the rows and makes the outcome stricter where they contradict
// each other or name several (rules R7 and R8).
func (d *Finding) resolve(leases []sighting.Lease) {
	c := chain{finding: d, rows: leases, out: &Resolution{}}
	if !c.follow() {
		return
	}
	d.Resolution = c.out
	r := Reason{Rule: "R7", Citation: citeWindow, Effect: Blocks}
	switch n := len(c.out.Candidates); {
	case c.out.Void != "":
		r.Sentence = "The operator's rows lead nowhere: " + c.out.Void
		d.take(ruling{r, Preserve})
	case n > 1:
		r.Sentence = fmt.Sprintf("The operator's rows name %d subscribers for this span; none of them may be taken for the one.", n)
		r.Missing = "what tells the subscribers apart"
		d.take(ruling{r, Preserve})
	case n == 1:
		r.Effect = For
		r.Sentence = "The operator's own rows hold the whole span without a change of hands and name one subscriber of the connection."
		d.take(ruling{r, Ask})
	}
}

// chain follows rows from the public side to the subscriber.
type chain struct {
	finding *Finding
	rows    []sighting.Lease
	out     *Resolution
}

func (c *chain) step(l sighting.Lease, format string, args ...any) {
	c.out.Steps = append(c.out.Steps, Step{LeaseID: l.ID, Source: l.Source, Place: l.Place, Sentence: fmt.Sprintf(format, args...)})
}

func (c *chain) remark(format string, args ...any) { c.step(sighting.Lease{}, format, args...) }

func (c *chain) void(format string, args ...any) { c.out.Void = fmt.Sprintf(format, args...) }

// follow tells whether any row speaks of the address at all.
func (c *chain) follow() bool {
	o := c.finding.Observation
	about := c.about(o.Endpoint)
	if o.Endpoint.IsZero() || len(about) == 0 {
		return false
	}
	if refusal := c.refuse(); refusal != "" {
		c.void("%s", refusal)
		return true
	}
	fitting := c.fit(o.Endpoint, about, o.At)
	held, ok := c.held(o.Endpoint, fitting, publicHolder)
	if !ok {
		return true
	}
	var named []sighting.Lease
	sides, unnamed := map[sighting.Endpoint]bool{}, false
	for _, h := range held {
		found, ok := c.subscribers(h)
		if !ok {
			return true
		}
		if private := h.rows[0].Private; !private.IsZero() {
			sides[private] = true
			unnamed = unnamed || len(found) == 0
		}
		named = append(named, found...)
	}
	if unnamed && len(sides) > 1 && len(named) > 0 {
		// The one that is named would be taken for the only one.
		c.void("%s belonged to %d private sides at once, and the rows do not name the subscriber of each.", o.Endpoint, len(sides))
		return true
	}
	c.out.Candidates = unite(named)
	return true
}

// refuse tells why no row may be used.
func (c *chain) refuse() string {
	o := c.finding.Observation
	switch {
	case o.When.IsZero():
		return "no time is stated."
	case !settled(o.When):
		return "the moment is not settled, so no row can be matched to it."
	case o.Endpoint.Port == 0 && addrOf(o.Endpoint.IP).Is4() && c.finding.Facts.CGNAT != sighting.No:
		return "no source port is stated, and customers share this address or may do so."
	}
	return ""
}

// about gives the rows whose public side is the address.
func (c *chain) about(e sighting.Endpoint) (out []sighting.Lease) {
	for _, l := range c.rows {
		if addrOf(l.Public.IP) == addrOf(e.IP) {
			out = append(out, l)
		}
	}
	return out
}

// fit leaves out rows of another port, protocol or far side. A row without a
// port speaks of the whole address; it counts only where addresses are not shared.
func (c *chain) fit(e sighting.Endpoint, rows []sighting.Lease, far sighting.Endpoint) (out []sighting.Lease) {
	otherPort, otherFlow, whole := 0, 0, 0
	for _, l := range rows {
		switch {
		case l.Public.Port == 0 && !wholeAddress(e, c.finding.Facts.CGNAT):
			whole++
		case l.Public.Port != 0 && !hasPort(l, e.Port):
			otherPort++
		case differ(l.Public.Protocol, e.Protocol), elsewhereBound(l.Dest, far):
			otherFlow++
		default:
			out = append(out, l)
		}
	}
	for _, left := range []struct {
		n   int
		why string
	}{{otherPort, "for another port"}, {whole, "without a port, on an address that customers share or may share"}, {otherFlow, "of another protocol or far side"}} {
		if left.n > 0 {
			c.remark("Not used: %s %s.", count(left.n, "row"), left.why)
		}
	}
	return out
}

func wholeAddress(e sighting.Endpoint, cgnat sighting.Tri) bool {
	return addrOf(e.IP).Is6() || cgnat == sighting.No
}

// hasPort tells whether the row's port or block of ports holds the port.
func hasPort(l sighting.Lease, port uint16) bool {
	return port != 0 && (l.Public.Port == port || l.Public.Port <= port && port <= l.PortLast)
}

func differ(a, b string) bool { return a != "" && b != "" && !strings.EqualFold(a, b) }

// elsewhereBound tells whether the row logs another far side than the one seen. A
// translator may give one public port to several insiders at once if they talk to
// different far sides.
func elsewhereBound(logged, seen sighting.Endpoint) bool {
	if logged.IsZero() || seen.IsZero() {
		return false
	}
	return addrOf(logged.IP) != addrOf(seen.IP) || logged.Port != 0 && seen.Port != 0 && logged.Port != seen.Port
}

// held gives the spans that cover the whole window. It ends the chain if the
// hands changed inside the window, or may have, or if no row holds then.
func (c *chain) held(e sighting.Endpoint, rows []sighting.Lease, holder func(sighting.Lease) string) (held []hold, ok bool) {
	w := c.finding.Window
	var partly []hold
	for _, h := range holds(rows, holder) {
		switch h.lies(w) {
		case covers:
			held = append(held, h)
		case touches:
			partly = append(partly, h)
		}
	}
	if len(partly) > 0 {
		for _, h := range partly {
			c.step(h.rows[0], "%s: %s holds it from %s to %s, which is not surely the whole span.", e, h.holder, h.from, h.to)
		}
		c.void("%s changed hands inside the span %s, or may have.", e, w.In(time.UTC))
		return nil, false
	}
	if len(held) == 0 {
		c.remark("No row holds %s over the span %s.", e, w.In(time.UTC))
	}
	return held, true
}

// publicHolder is whoever a row gives the public side to: the private side, else
// the subscriber.
func publicHolder(l sighting.Lease) string {
	if !l.Private.IsZero() {
		return l.Private.String()
	}
	return subscriberKey(l)
}

func subscriberKey(l sighting.Lease) string {
	var words []string
	for _, i := range l.Who {
		words = append(words, i.String())
	}
	slices.Sort(words)
	if len(words) == 0 {
		words = []string{l.Name}
	}
	return strings.Join(words, " ")
}

// subscribers gives the rows that name the subscriber of a hold: its own, or
// those of the private side.
func (c *chain) subscribers(h hold) (named []sighting.Lease, ok bool) {
	private := h.rows[0].Private
	for _, l := range h.rows {
		c.step(l, "%s", rowInWords(l))
		if names(l) {
			named = append(named, l)
		}
	}
	if private.IsZero() {
		return named, true
	}
	if c.out.Private.IsZero() {
		c.out.Private = private
	}
	held, ok := c.held(private, c.inner(private, h), subscriberKey)
	if !ok {
		return nil, false
	}
	for _, in := range held {
		for _, l := range in.rows {
			c.step(l, "%s", rowInWords(l))
			named = append(named, l)
		}
	}
	if len(named) == 0 {
		c.remark("No row on file names the subscriber behind %s: ask the operator for it.", private)
	}
	return named, true
}

// inner gives the subscriber rows of the private side. Rows that carry a public
// side of their own were followed from there. Private addresses repeat from
// operator to operator, so rows of another operator are not of this address; and
// where two documents do not both name their operator, only an inner port that is
// the same in both ties them.
func (c *chain) inner(private sighting.Endpoint, h hold) (out []sighting.Lease) {
	loose := 0
	for _, l := range c.rows {
		side := l.Private
		if !l.Public.IsZero() && !l.Private.IsZero() {
			continue
		}
		if side.IsZero() {
			side = l.Public
		}
		if !names(l) || addrOf(side.IP) != addrOf(private.IP) || side.Port != 0 && side.Port != private.Port || differ(l.Operator, h.rows[0].Operator) {
			continue
		}
		if (side.Port == 0 || private.Port == 0) && !h.ties(l) {
			loose++
			continue
		}
		out = append(out, l)
	}
	if loose > 0 {
		c.remark("Not used: %s of other documents about %s. Private addresses repeat from operator to operator, and not both documents name theirs; hand them in again with the operator stated.", count(loose, "row"), private.IP)
	}
	return out
}

// ties tells whether a row is of the operator of the hold: both say so, or one
// document states both.
func (h hold) ties(l sighting.Lease) bool {
	return slices.ContainsFunc(h.rows, func(r sighting.Lease) bool {
		return r.Source == l.Source || r.Operator != "" && strings.EqualFold(r.Operator, l.Operator)
	})
}

// names tells whether a row names a subscriber.
func names(l sighting.Lease) bool { return len(l.Who) > 0 || l.Name != "" }
