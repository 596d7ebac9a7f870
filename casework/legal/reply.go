package legal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"suraag/attribution"
	"suraag/casework/pack"
	"suraag/fault"
	"suraag/instant"
	"suraag/sighting"
)

// Verdict says how one field of an answer lies to what was asked.
type Verdict string

// The verdicts. Only Same lets a row be used.
const (
	Same      Verdict = "same"
	Differs   Verdict = "differs"
	NotStated Verdict = "not stated"
)

// Field is one field of a row beside what was asked.
type Field struct {
	Name     string  `json:"name"`
	Asked    string  `json:"asked"`
	Answered string  `json:"answered"`
	Verdict  Verdict `json:"verdict"`
	Why      string  `json:"why,omitempty"`
}

// Row is one row of an answer: an operator's row, or a statement of a service's
// return.
type Row struct {
	Lease   sighting.Lease     `json:"lease,omitzero"`
	Seen    *sighting.Sighting `json:"sighting,omitempty"`
	Fields  []Field            `json:"fields"`
	Matches bool               `json:"matches"`
	Beside  bool               `json:"beside,omitempty"` // of another connection, in an answer that holds the one asked about: not used, not doubted
}

// Origin is where the row stands.
func (r Row) Origin() sighting.Origin {
	if r.Seen != nil {
		return r.Seen.Origin
	}
	return r.Lease.Origin
}

// Words say what kind of row it is.
func (r Row) Words() string {
	if r.Seen != nil {
		return string(r.Seen.Act)
	}
	return string(r.Lease.Kind)
}

// The most rows of an answer that are compared, and of which the differences are
// kept for showing. An extract of a whole day's log answers another question.
const (
	maxRows  = 20_000
	showRows = 500
)

// Reply is an answer compared with its request (rule R5).
type Reply struct {
	Sources    []string   `json:"sources"`
	At         time.Time  `json:"at"`
	By         string     `json:"by"`
	Rows       []Row      `json:"rows"` // those that match, and of the others the first
	Matched    int        `json:"matched"`
	Beside     int        `json:"beside,omitempty"`
	Apart      []string   `json:"apart,omitempty"`    // IDs of every row that differs
	Resolved   []Resolved `json:"resolved,omitempty"` // several stay several
	Void       string     `json:"void,omitempty"`     // why the rows that match lead nowhere (rule R7)
	Sentences  []string   `json:"sentences"`
	Released   bool       `json:"released,omitempty"` // by a second person, with a reason
	ReleasedBy string     `json:"released_by,omitempty"`
	Reason     string     `json:"reason,omitempty"`
}

// Resolved is a subscriber of the connection whom matching rows name, with its
// addresses apart (rule R6).
type Resolved struct {
	Request      string                `json:"request"`
	When         instant.Instant       `json:"when"`
	Endpoint     sighting.Endpoint     `json:"endpoint"`
	Identifiers  []sighting.Identifier `json:"identifiers,omitempty"`
	Name         string                `json:"name,omitempty"`
	Installation string                `json:"installation,omitempty"` // where the line ends
	Billing      string                `json:"billing,omitempty"`      // where the bill goes
	Unsaid       string                `json:"unsaid,omitempty"`       // an address of which the row does not say which it is
	Leases       []string              `json:"leases"`
}

func (x Resolved) rows(zone string) [][2]string {
	out := [][2]string{{"Connection", x.Endpoint.String()}, {"Moment", both(x.When, zone)}, {"Subscriber of the connection", x.Name}}
	for _, i := range x.Identifiers {
		out = append(out, [2]string{identifierName(i), i.Value})
	}
	return append(out, [2]string{"Installation address", orUnstated(x.Installation)}, [2]string{"Billing address", orUnstated(x.Billing)},
		[2]string{"Request", x.Request})
}

func orUnstated(s string) string {
	if s == "" {
		return "not stated"
	}
	return s
}

// Quarantined gives the IDs of the rows that differ and were not released.
func (p Reply) Quarantined() []string {
	if p.Released {
		return nil
	}
	return p.Apart
}

// All counts the rows of the answer.
func (p Reply) All() int { return p.Matched + p.Beside + len(p.Apart) }

// keep counts the rows and keeps those that are shown.
func (p *Reply) keep(rows []Row) {
	shown := map[bool]int{}
	for _, r := range rows {
		switch {
		case r.Matches:
			p.Matched++
		case r.Beside:
			p.Beside++
		default:
			p.Apart = append(p.Apart, r.Origin().ID)
		}
		if !r.Matches {
			if shown[r.Beside]++; shown[r.Beside] > showRows {
				continue
			}
		}
		p.Rows = append(p.Rows, r)
	}
	slices.SortStableFunc(p.Rows, func(a, b Row) int { return strings.Compare(a.Origin().ID, b.Origin().ID) })
}

// longSpan is the length from which a row cannot show a mistake of a day: it
// would cover the moment with the right day and with the wrong one.
const longSpan = 24 * time.Hour

// Compare puts an answer beside its request, field by field, and takes from the
// rows that match what they say of the subscriber. Rows that differ are kept and
// shown; nothing is taken from them.
func (r Request) Compare(sources []string, leases []sighting.Lease, seen []sighting.Sighting, by string, now time.Time) (Request, error) {
	if err := r.must(Sent, Quarantine, Answered); err != nil {
		return r, fault.WithHint(err, "an answer can only be compared with a request that was sent: suraag request sent")
	}
	p := Reply{Sources: slices.Clone(sources), At: now.UTC().Truncate(time.Second), By: by}
	n := len(leases)
	if r.Draft.Question.About == pack.Account {
		n = len(seen)
	}
	switch {
	case r.Draft.Question.About != pack.Connection && r.Draft.Question.About != pack.Account:
		return r, fault.Newf(fault.Invalid, "request %s asks for nothing that could be compared", r.ID[:12])
	case n == 0:
		return r, fault.WithHint(fault.Newf(fault.NotFound, "the answer holds no row that was understood and could say what was asked"), "see suraag source show for what could not be read")
	case n > maxRows:
		return r, fault.WithHint(fault.Newf(fault.TooLarge, "the answer has %d rows, more than %d", n, maxRows), "ask for the rows of the span alone")
	case r.Draft.Question.About == pack.Account:
		p.compareReturn(r.Draft.Question, seen)
		p.count()
	default:
		p.compare(r.Draft, leases)
		p.resolve(r, now)
	}
	r.Replies = append(slices.Clone(r.Replies), p)
	state, words := Answered, strings.Join(p.Sentences, " ")
	if len(p.Quarantined()) > 0 {
		state = Quarantine
	}
	return r.log(state, by, "reply", words, now), nil
}

// Release is a second person's word that rows in quarantine may be used, for a
// reason: the operator confirmed or corrected them.
func (r Request) Release(by, reason string, now time.Time) (Request, error) {
	if err := r.must(Quarantine); err != nil {
		return r, err
	}
	if err := r.second(by); err != nil {
		return r, err
	}
	last := r.Replies[len(r.Replies)-1]
	if strings.EqualFold(strings.TrimSpace(by), strings.TrimSpace(last.By)) {
		return r, fault.Newf(fault.Denied, "%q handed the reply in and cannot release it (rule R5)", by)
	}
	if err := reasoned(reason); err != nil {
		return r, err
	}
	if len(last.Apart) > showRows {
		return r, fault.WithHint(fault.Newf(fault.TooLarge, "%d rows differ, more than %d", len(last.Apart), showRows), "have the addressee answer again for what was asked")
	}
	last.Released, last.ReleasedBy, last.Reason = true, by, reason
	last.Resolved, last.Void, last.Sentences = nil, "", nil
	if r.Draft.Question.About == pack.Connection {
		last.resolve(r, now)
	} else {
		last.count()
	}
	r.Replies = append(slices.Clone(r.Replies[:len(r.Replies)-1]), last)
	return r.log(Answered, by, "released", reason, now), nil
}

func (p *Reply) compare(d Draft, leases []sighting.Lease) {
	q := d.Question
	inner := map[sighting.Endpoint]bool{} // private sides to which matching rows lead
	var rows []Row
	var later []sighting.Lease
	for _, l := range leases {
		if l.Public.IsZero() {
			later = append(later, l)
			continue
		}
		row := Row{Lease: l, Fields: append([]Field{address(q, l), port(d, l)}, common(q, l)...)}
		row.judge()
		if row.Matches && !l.Private.IsZero() {
			inner[sighting.Endpoint{IP: l.Private.IP.Unmap(), Port: l.Private.Port}] = true
		}
		rows = append(rows, row)
	}
	for _, l := range later {
		row := Row{Lease: l, Fields: append([]Field{behind(inner, l)}, common(q, l)...)}
		row.judge()
		rows = append(rows, row)
	}
	beside(q, rows)
	p.keep(rows)
}

// beside marks rows of other connections. Operators answer with whole extracts of
// their logs; a row of another port or time is no mistake if the same answer holds
// the row that was asked for. A row of another address or zone always is one. So is
// one that differs in its time alone and meets the span: it contradicts the row that
// matches.
func beside(q Question, rows []Row) {
	matched := func(outer bool) bool {
		return slices.ContainsFunc(rows, func(r Row) bool { return r.Matches && r.Lease.Public.IsZero() != outer })
	}
	outer, inner := matched(true), matched(false)
	for n, r := range rows {
		if r.Matches || r.Lease.Public.IsZero() && !inner || !r.Lease.Public.IsZero() && !outer {
			continue
		}
		differs, unstated := map[string]bool{}, false
		for _, f := range r.Fields {
			differs[f.Name] = f.Verdict != Same
			unstated = unstated || f.Verdict == NotStated
		}
		another := differs["port"] || differs["far side"] || differs["inner address"]
		rows[n].Beside = !unstated && !differs["address"] && !differs["zone"] && (another || !meets(q.Window, r.Lease))
	}
}

// meets tells whether a row may speak of any moment of a span.
func meets(w attribution.Window, l sighting.Lease) bool {
	ends := l.To.Until
	if l.To.IsZero() {
		ends = l.From.Until
	}
	return !l.From.At.After(w.Until) && !ends.Before(w.From)
}

func (r *Row) judge() {
	r.Matches = !slices.ContainsFunc(r.Fields, func(f Field) bool { return f.Verdict != Same })
}

func field(name, asked, answered string, same bool, why string) Field {
	f := Field{Name: name, Asked: asked, Answered: answered, Verdict: Same}
	if !same {
		f.Verdict, f.Why = Differs, why
	}
	return f
}

func address(q Question, l sighting.Lease) Field {
	return field("address", q.Endpoint.IP.Unmap().String(), l.Public.IP.Unmap().String(), q.Endpoint.IP.Unmap() == l.Public.IP.Unmap(), "the answer is about another address")
}

func port(d Draft, l sighting.Lease) Field {
	q := d.Question
	asked, answered := fmt.Sprint(q.Endpoint.Port), fmt.Sprint(l.Public.Port)
	if l.PortLast > l.Public.Port {
		answered += fmt.Sprintf(" to %d", l.PortLast)
	}
	switch {
	case q.Endpoint.Port == 0:
		return field("port", "not stated", answered, true, "")
	case l.Public.Port == 0 && (q.Endpoint.IP.Unmap().Is6() || d.Facts.CGNAT == sighting.No): // nobody shares the address
		return field("port", asked, "not stated", true, "")
	case l.Public.Port == 0:
		return Field{Name: "port", Asked: asked, Answered: "not stated", Verdict: NotStated, Why: "without the port the row may speak of any customer who shared the address"}
	}
	same := l.Public.Port == q.Endpoint.Port || l.Public.Port <= q.Endpoint.Port && q.Endpoint.Port <= l.PortLast
	return field("port", asked, answered, same, "the answer is about another port")
}

// behind compares a row that speaks of an address inside the operator's network:
// a row of the same answer that matches has to lead there.
func behind(inner map[sighting.Endpoint]bool, l sighting.Lease) Field {
	var asked []string
	found := false
	for e := range inner {
		asked = append(asked, e.String())
		found = found || e.IP == l.Private.IP.Unmap() && (l.Private.Port == 0 || e.Port == 0 || l.Private.Port == e.Port)
	}
	slices.Sort(asked)
	want := strings.Join(asked, ", ")
	if want == "" {
		want = "an inner address to which a row of the answer leads"
	}
	return field("inner address", want, l.Private.String(), found, "no row of this answer ties this inner address to the one that was asked about")
}

// common compares what every row has: far side, zone and time.
func common(q Question, l sighting.Lease) []Field {
	var out []Field
	if !q.Far.IsZero() && !l.Dest.IsZero() {
		same := q.Far.IP.Unmap() == l.Dest.IP.Unmap() && (q.Far.Port == 0 || l.Dest.Port == 0 || q.Far.Port == l.Dest.Port)
		out = append(out, field("far side", q.Far.String(), l.Dest.String(), same, "the row logs another far side than the one seen"))
	}
	return append(out, zoneField(q, l), spanField(q, l))
}

// zoneField compares the zone of the row's times with the one that the request
// printed beside UTC. Any other is a difference, also where the moment would fit:
// errors of zone are the commonest of all.
func zoneField(q Question, l sighting.Lease) Field {
	asked := q.Zone
	for _, i := range []instant.Instant{l.From, l.To} {
		switch {
		case i.IsZero():
			continue
		case i.Basis == instant.Ambiguous, i.Basis == instant.Assumed:
			return Field{Name: "zone", Asked: asked, Answered: string(i.Basis), Verdict: NotStated, Why: "the row's own words do not fix its zone, or its day and month"}
		case offsetOf(i.Zone, i.At) != offsetOf(q.Zone, i.At):
			return field("zone", asked, i.Zone, false, "the row is in another zone than the operator's logs")
		}
	}
	return field("zone", asked, zoneOf(l), true, "")
}

func zoneOf(l sighting.Lease) string {
	if l.From.Zone != "" {
		return l.From.Zone
	}
	return l.To.Zone
}

// spanField compares the row's time with the span. A row about one moment has to
// be about the very moment asked; any other has to cover the whole span and be
// shorter than a day.
func spanField(q Question, l sighting.Lease) Field {
	asked := q.Window.In(time.UTC)
	answered := l.From.String() + " to " + l.To.String()
	say := func(v Verdict, why string) Field {
		return Field{Name: "span", Asked: asked, Answered: answered, Verdict: v, Why: why}
	}
	if l.From.IsZero() {
		return say(NotStated, "the row does not say when it begins")
	}
	if oneMoment(l) {
		f := field("moment", q.When.In(time.UTC), l.From.String(), l.From.At.Truncate(time.Second).Equal(q.When.At.Truncate(time.Second)), "the row answers about another moment")
		return f
	}
	switch {
	case l.To.IsZero():
		return say(NotStated, "the row does not say when it ends")
	case l.To.Until.Before(l.From.At):
		return say(Differs, "the row ends before it begins")
	case l.From.Until.After(q.Window.From) || l.To.At.Before(q.Window.Until):
		return say(Differs, "the row does not hold the whole span: another day or time, or the address changed hands inside it")
	case l.To.At.Sub(l.From.At) >= longSpan:
		return say(Differs, "the row spans a day or more, so that a mistake of a day could not be seen; have the operator confirm it")
	}
	return say(Same, "")
}

func oneMoment(l sighting.Lease) bool {
	return l.Kind == sighting.Subscriber && l.To.IsZero() || l.To.At.Equal(l.From.At) && l.To.Until.Equal(l.From.Until)
}

// resolve asks the gate what the rows that match say (rule R7), and keeps every
// candidate by itself.
func (p *Reply) resolve(r Request, now time.Time) {
	q := r.Draft.Question
	var use []sighting.Lease
	for _, row := range p.Rows {
		if row.Matches || p.Released {
			l := row.Lease
			if l.Operator == "" { // the rows of one answer are of whoever was asked
				l.Operator = r.Draft.Addressee.Name
			}
			use = append(use, l)
		}
	}
	p.count()
	if len(use) == 0 {
		return
	}
	o := attribution.Observation{Endpoint: q.Endpoint, At: q.Far, When: q.When, Standing: sighting.ProviderCapture}
	res := attribution.Weigh(o, r.Draft.Facts, use, attribution.Policy{}, now).Resolution
	if res == nil {
		return
	}
	p.Void = res.Void
	for _, c := range res.Candidates {
		x := Resolved{Request: r.ID, When: q.When, Endpoint: q.Endpoint, Identifiers: c.Identifiers, Name: c.Name, Leases: c.LeaseIDs}
		for _, l := range use {
			if slices.Contains(c.LeaseIDs, l.ID) {
				x.addresses(l)
			}
		}
		p.Resolved = append(p.Resolved, x)
	}
	p.tell()
}

// addresses takes a row's addresses, each into its own place. An address of which
// the row does not say which it is, is neither.
func (x *Resolved) addresses(l sighting.Lease) {
	for _, f := range l.Extra {
		name := strings.ToLower(f.Name)
		switch {
		case !strings.Contains(name, "address") || !sighting.Stated(f.Value):
		case strings.Contains(name, "install"):
			x.Installation = keep(x.Installation, f.Value)
		case strings.Contains(name, "billing"):
			x.Billing = keep(x.Billing, f.Value)
		}
	}
	x.Unsaid = keep(x.Unsaid, l.Address)
}

// keep keeps both of two values that differ: a person has to decide.
func keep(old, value string) string {
	if old == "" || value == "" || strings.EqualFold(old, value) {
		return old + map[bool]string{true: value}[old == ""]
	}
	return old + " / " + value
}

func (p *Reply) count() {
	say := func(format string, args ...any) { p.Sentences = append(p.Sentences, fmt.Sprintf(format, args...)) }
	switch {
	case p.Released:
		say("%d of %d rows differed from what was asked; %s released them: %s.", len(p.Apart), p.All(), p.ReleasedBy, strings.TrimSuffix(p.Reason, "."))
	case len(p.Apart) > 0:
		say("R5: %d of %d rows differ from what was asked and are in quarantine.", len(p.Apart), p.All())
	default:
		say("%d of %d rows say what was asked.", p.Matched, p.All())
	}
	if p.Beside > 0 {
		say("%d of %d rows speak of other connections and are not used for this request.", p.Beside, p.All())
	}
}

func (p *Reply) tell() {
	say := func(format string, args ...any) { p.Sentences = append(p.Sentences, fmt.Sprintf(format, args...)) }
	switch n := len(p.Resolved); {
	case p.Void != "":
		say("R7: the rows lead nowhere: %s", p.Void)
	case n == 0:
		say("The rows name no subscriber.")
	case n > 1:
		say("The rows name %d subscribers; none of them may be taken for the one.", n)
	default:
		say("The rows name one subscriber of the connection.")
		if p.Resolved[0].Installation == "" {
			say("R6: the installation address is not stated; ask for it by itself. No warrant can be drafted without it.")
		}
		say("R3: uncorroborated until a second, independent observation leads to the same subscriber.")
	}
}
