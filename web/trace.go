package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"suraag/attribution"
	"suraag/casework"
	"suraag/circulation"
	"suraag/fault"
	"suraag/people"
)

// The rows of a list that a trace shows, and the most that it can be asked for.
const (
	showRows = 50
	mostRows = 5000
)

// section is one part of the trace, as the list of contents names it.
type section struct {
	ID    string
	Title string
	Count string
	Key   string // that leads there
}

type tracePage struct {
	base
	T        casework.Trace
	Headline string
	Picture  bool // a picture was handed in, and dropped
	May      bool // say that two identifiers are not one someone
	Show     int
	Sections []section
	Drawing  drawing
	Hours    []chart // of all acts: the viewer's zone, then UTC
}

// trace answers what stands in the search box.
func (s *server) trace(w http.ResponseWriter, r *http.Request) error {
	target, show, err := s.question(r)
	if err != nil {
		return err
	}
	if target == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	zone, _, err := s.zone(r)
	if err != nil {
		return err
	}
	t, err := s.Desk.Trace(r.Context(), target, zone)
	if err != nil {
		return err
	}
	b := s.base(r, "Trace of "+short(target), "search")
	b.Query = target
	return s.renderTrace(w, r, b, t, false, show)
}

// question reads what is asked for.
func (s *server) question(r *http.Request) (target string, show int, err error) {
	if target = strings.TrimSpace(r.URL.Query().Get("target")); len(target) > 4096 {
		return "", 0, fault.Newf(fault.TooLarge, "target %q has %d characters", short(target), len(target))
	}
	show, err = bounded(r, "show", showRows, mostRows)
	return target, show, err
}

func (s *server) renderTrace(w http.ResponseWriter, r *http.Request, b base, t casework.Trace, picture bool, show int) error {
	s.name(r.Context(), b, sourcesOf(t, show)...)
	p := tracePage{base: b, T: t, Picture: picture, Show: show, Headline: headline(b, t), Drawing: draw(t.Passing), Hours: chartsOf(b, t.Access)}
	p.Sections = p.sections()
	p.May = s.policy.OnUnit(people.From(r.Context()), people.HandIn) == nil && !visitOf(r.Context()).token
	return s.render(w, http.StatusOK, "trace", p)
}

func (s *server) apiTrace(w http.ResponseWriter, r *http.Request) error {
	target, _, err := s.question(r)
	if err != nil {
		return err
	}
	if target == "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "no target was given"), "add ?target= and a hash, an address or an identifier")
	}
	zone, _, err := s.zone(r)
	if err != nil {
		return err
	}
	t, err := s.Desk.Trace(r.Context(), target, zone)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, t)
}

// sections is the list of contents, in the order of the page. The first nine
// have a key of their own.
func (p tracePage) sections() []section {
	t := p.T
	out := []section{
		{ID: "known", Title: "Known as", Count: number(len(t.Family))},
		{ID: "timeline", Title: "Timeline", Count: number(len(t.Sightings))},
		{ID: "where", Title: "Where", Count: number(len(t.Where.Services))},
		{ID: "passing", Title: "Who passed it to whom", Count: number(len(t.Passing.Edges) + t.Passing.MoreEdges)},
		{ID: "origin", Title: "First upload", Count: number(len(t.Origin.Proven) + len(t.Origin.Claimed) + t.Origin.MoreProven + t.Origin.MoreClaimed)},
		{ID: "access", Title: "Access", Count: number(len(t.Access.Rows))},
		{ID: "actors", Title: "Who goes together", Count: number(len(t.Actors))},
		{ID: "addresses", Title: "Addresses", Count: number(len(t.Addresses))},
		{ID: "leads", Title: "Leads", Count: number(len(t.Leads))},
		{ID: "unknown", Title: "What is not known", Count: number(len(t.NotKnown))},
	}
	for n := range out {
		out[n].Key = fmt.Sprint((n + 1) % 10)
	}
	return out
}

// ShowMore is the address of this page with longer lists; a picture has none,
// because it was dropped.
func (p tracePage) ShowMore(at string) string {
	if p.Picture || p.Show >= mostRows {
		return ""
	}
	q := url.Values{"target": {p.T.Target.Asked}, "show": {fmt.Sprint(min(mostRows, p.Show*10))}}
	return "/trace?" + p.query(q) + "#" + at
}

// APIURL is the address of the same document as JSON.
func (p tracePage) APIURL() string {
	if p.Picture {
		return ""
	}
	return "/api/trace?" + p.query(url.Values{"target": {p.T.Target.Asked}})
}

// Digests are the exact digests of a picture that was asked about, by which its
// trace can be asked for again.
func (p tracePage) Digests() (out []string) {
	for _, d := range p.T.Target.Digests {
		if d.Kind().Exact() {
			out = append(out, d.String())
		}
	}
	return out
}

// OfContent tells whether a content was asked about, and not an identifier or an
// address, of which no first upload is looked for.
func (p tracePage) OfContent() bool {
	return p.T.Target.Kind == "image" || p.T.Target.Kind == "video" || p.T.Target.Kind == "digest"
}

// Fit counts the addresses of an outcome.
func (p tracePage) Fit(o attribution.Outcome) (n int) {
	for _, a := range p.T.Addresses {
		if a.Outcome == o {
			n++
		}
	}
	return n
}

// Addresses are those of the trace, what can be asked first. The order of the
// document, which is that of the strength of the statements, stays within.
func (p tracePage) Addresses() []casework.Address {
	out := slices.Clone(p.T.Addresses)
	slices.SortStableFunc(out, func(a, b casework.Address) int {
		return cmp.Compare(slices.Index(outcomes(), a.Outcome), slices.Index(outcomes(), b.Outcome))
	})
	return out
}

// NodeName names an end of an edge.
func (p tracePage) NodeName(id string) string {
	for _, n := range p.T.Passing.Nodes {
		if n.ID == id {
			return n.Label
		}
	}
	return id
}

// Posts are the nodes that stand for an upload to a service.
func (p tracePage) Posts() (out []circulation.Node) {
	for _, n := range p.T.Passing.Nodes {
		if n.Kind == circulation.Posted {
			out = append(out, n)
		}
	}
	return out
}

// headline says the whole trace in one or two sentences.
func headline(b base, t casework.Trace) string {
	if len(t.Sightings) == 0 && t.Hidden != nil {
		return "No source that you may see speaks of this target. " + t.Hidden.Say()
	}
	if len(t.Sightings) == 0 {
		return "No source in the record speaks of this target. That says nothing about where else it may be."
	}
	sources := map[string]bool{}
	for _, s := range t.Sightings {
		sources[s.Source] = true
	}
	var out strings.Builder
	fmt.Fprintf(&out, "Stated %s in %s%s.", count(len(t.Sightings), "time", "times"), count(len(sources), "source", "sources"), places(t.Where.Services))
	if len(t.Origin.Proven) > 0 {
		c := t.Origin.Proven[0]
		fmt.Fprintf(&out, " The earliest proven %s is of %s", c.Act, b.one(c))
		if c.Service != "" {
			out.WriteString(" at " + c.Service)
		}
		out.WriteString(".")
	}
	fit := 0
	for _, a := range t.Addresses {
		if a.Outcome == attribution.Ask {
			fit++
		}
	}
	if len(t.Addresses) > 0 {
		fmt.Fprintf(&out, " Of %s at addresses, %s fit to ask an operator about.", count(len(t.Addresses), "moment", "moments"), isAre(fit))
	}
	return out.String()
}

// one gives the moment of a candidate in the viewer's zone and in UTC.
func (b base) one(c circulation.Candidate) string {
	m := b.When(c.When)
	if m.Local == "" {
		return m.UTC
	}
	return m.Local + " (" + m.UTC + ")"
}

func isAre(n int) string {
	switch n {
	case 0:
		return "none is"
	case 1:
		return "1 is"
	}
	return number(n) + " are"
}

// places names the busiest services, and counts the others.
func places(services []circulation.Spot) string {
	if len(services) == 0 {
		return ""
	}
	var names []string
	for _, s := range services[:min(3, len(services))] {
		names = append(names, s.Name)
	}
	out := ", at " + strings.Join(names, ", ")
	if rest := len(services) - len(names); rest > 0 {
		out += " and " + count(rest, "other service", "other services")
	}
	return out
}
