package web

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"time"

	"suraag/fault"
	"suraag/instant"
	"suraag/people"
)

//go:embed *.tmpl
var templates embed.FS

// pages holds a template for each page, each with the layout around it.
type pages map[string]*template.Template

func parsePages() (pages, error) {
	shared := template.New("").Funcs(words)
	shared, err := shared.ParseFS(templates, "layout.tmpl", "part.tmpl")
	if err != nil {
		return nil, fault.Newf(fault.Internal, "templates: %w", err)
	}
	files, err := fs.Glob(templates, "*.tmpl")
	if err != nil {
		return nil, fault.Newf(fault.Internal, "templates: %w", err)
	}
	out := pages{}
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".tmpl")
		if name == "layout" || name == "part" {
			continue
		}
		t, err := shared.Clone()
		if err == nil {
			_, err = t.ParseFS(templates, f)
		}
		if err != nil {
			return nil, fault.Newf(fault.Internal, "template %q: %w", name, err)
		}
		out[name] = t
	}
	return out, nil
}

// base is what every page has. It is embedded in the page's own struct.
type base struct {
	Title   string
	Section string // of the bar at the top: "search", "leads", "requests", "intake"
	Query   string // what stands in the search box
	Version string
	Zone    *time.Location
	now     time.Time
	asked   string            // the zone as the address asks for it; empty: the default
	names   map[string]string // source → the name under which it was handed in
	Tabs    []tab
	By      string // who is signed in; empty: nobody
	Alone   bool   // nobody signs in on this machine
	Exports bool   // whoever looks may take documents out
	Traces  bool   // whoever looks may search
	Looks   bool   // whoever looks may have to do with media mode
	mark    func() string
}

// Mark is the mark of one form: it is taken once.
func (b base) Mark() string {
	if b.mark == nil {
		return ""
	}
	return b.mark()
}

func (s *server) base(r *http.Request, title, section string) base {
	b := base{Title: title, Section: section, Version: s.Version, Zone: s.Zone, now: s.Now(), names: map[string]string{}}
	v := visitOf(r.Context())
	b.Alone, b.Exports = s.Door == nil, s.exports(r)
	if v.who.Role != "" {
		b.Tabs, b.Traces = s.tabsOf(r), s.policy.OnUnit(v.who, people.Search) == nil
		b.Looks = s.Media != nil && s.policy.OnUnit(v.who, people.OwnHours) == nil
	}
	if !b.Alone {
		b.By = v.who.By
	}
	if v.key != "" {
		b.mark = func() string { return s.Door.NewForm(v.key) }
	}
	if zone, asked, err := s.zone(r); err == nil {
		b.Zone, b.asked = zone, asked
	}
	return b
}

// zone gives the zone that a request asks for. "Local" is refused, because it
// means that of the machine, which nobody can see on a page.
func (s *server) zone(r *http.Request) (zone *time.Location, asked string, err error) {
	asked = strings.TrimSpace(r.URL.Query().Get("zone"))
	zone, err = readZone(asked, s.Zone)
	return zone, asked, err
}

func readZone(asked string, otherwise *time.Location) (*time.Location, error) {
	switch asked {
	case "":
		return otherwise, nil
	case "IST":
		return instant.IST(), nil
	}
	zone, err := time.LoadLocation(asked)
	if err != nil || asked == "Local" {
		err := fault.Newf(fault.Invalid, "zone %q is not known", short(asked))
		return nil, fault.WithHint(err, "give a name like Asia/Kolkata, IST or UTC")
	}
	return zone, nil
}

// render writes a page whole or not at all.
func (s *server) render(w http.ResponseWriter, status int, name string, page any) error {
	var body bytes.Buffer
	t := s.pages[name]
	if t == nil {
		return fault.Newf(fault.Internal, "no template %q", name)
	}
	if err := t.ExecuteTemplate(&body, "layout", page); err != nil {
		return fault.Newf(fault.Internal, "template %q: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body.Bytes()) // whoever went away misses nothing that could be told
	return nil
}

// shown is a moment as pages print it, month in letters (package instant).
type shown struct {
	Stated bool
	UTC    string
	Local  string // in the viewer's zone; empty where that is UTC
	Raw    string // as written
	Basis  instant.Basis
	Doubt  string
}

// When gives an instant of a source in both zones.
func (b base) When(i instant.Instant) shown {
	if i.IsZero() {
		return shown{UTC: "time not stated", Raw: i.Raw}
	}
	m := shown{Stated: true, UTC: i.In(time.UTC), Raw: i.Raw, Basis: i.Basis, Doubt: i.Doubt}
	if b.TwoZones() {
		m.Local = i.In(b.Zone)
	}
	return m
}

// At gives a moment that Suraag itself knows.
func (b base) At(t time.Time) shown {
	if t.IsZero() {
		return shown{UTC: "not known"}
	}
	m := b.When(instant.At(t.Truncate(time.Second)))
	m.Raw, m.Basis = "", ""
	return m
}

// TwoZones tells whether the viewer's zone is another than UTC.
func (b base) TwoZones() bool { return b.Zone.String() != "UTC" }

// UTC is the zone that every page shows.
func (b base) UTC() *time.Location { return time.UTC }

// ZoneName is the viewer's zone in words.
func (b base) ZoneName() string { return b.Zone.String() }

// AskedZone is the zone that the address of this page asks for.
func (b base) AskedZone() string { return b.asked }

// TraceURL is the address of a trace, in the zone of this page.
func (b base) TraceURL(target any) string {
	q := url.Values{"target": {text(target)}}
	if b.asked != "" {
		q.Set("zone", b.asked)
	}
	return "/trace?" + q.Encode()
}

// LeadURL is the address of a lead, in the zone of this page.
func (b base) LeadURL(id string) string {
	if q := b.query(url.Values{}); q != "" {
		return "/lead/" + url.PathEscape(id) + "?" + q
	}
	return "/lead/" + url.PathEscape(id)
}

// first gives at most n elements of any list; more counts the rest.
func first(n int, list any) (any, error) {
	v, err := listOf(list)
	if err != nil {
		return nil, err
	}
	return v.Slice(0, min(n, v.Len())).Interface(), nil
}

func more(n int, list any) (int, error) {
	v, err := listOf(list)
	if err != nil {
		return 0, err
	}
	return max(0, v.Len()-n), nil
}

func listOf(list any) (reflect.Value, error) {
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice {
		return v, fault.Newf(fault.Internal, "%T is no list", list)
	}
	return v, nil
}
