package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
	"suraag/people/wall"
)

// Route is an address that is answered, and what whoever asks must be allowed to
// do. What touches a case is decided once more, case by case.
type Route struct {
	Pattern string
	Action  people.Action
	// Streams marks what sends a body that is read as it comes: the handler takes
	// the mark of the form out of it. Asks marks a question with a body, which
	// changes nothing and so needs no mark.
	Streams, Asks bool
}

// Two routes are not decided by the policies: those that anyone may see, because
// they are the door itself, and those that only send somebody on.
const (
	Anyone   people.Action = "anyone"
	Somebody people.Action = "somebody"
)

// visit is somebody who asks, with what opened the door.
type visit struct {
	who   people.Who
	pass  door.Pass
	key   string // by which forms are marked; empty for a token and for a machine without sign-in
	token bool
}

type visitKey struct{}

func visitOf(ctx context.Context) visit {
	v, _ := ctx.Value(visitKey{}).(visit)
	return v
}

// enter finds out who asks.
func (s *server) enter(r *http.Request) (visit, error) {
	if s.Door == nil {
		return visit{who: people.WhoAlone(s.Alone)}, nil
	}
	if head := r.Header.Get("Authorization"); head != "" {
		key, is := strings.CutPrefix(head, "Bearer ")
		if !is {
			return visit{}, fault.WithHint(fault.Newf(fault.Denied, "this kind of authorization is not known"), "send Authorization: Bearer and a token")
		}
		who, pass, err := s.Door.Bearer(r.Context(), strings.TrimSpace(key))
		return visit{who: who, pass: pass, token: true}, err
	}
	key := s.cookie(r, sessionCookie)
	if key == "" {
		return visit{}, fault.WithHint(fault.Newf(fault.Denied, "nobody is signed in"), "sign in")
	}
	who, pass, err := s.Door.Enter(r.Context(), key)
	return visit{who: who, pass: pass, key: key}, err
}

// guarded lets a request through to a handler if whoever asks may do what the
// route is for, and a form only once.
func (s *server) guarded(route Route, h handler) handler {
	if route.Action == Anyone {
		return s.marked(route, h)
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.enter(r)
		if err != nil {
			return s.notSignedIn(w, r, err)
		}
		r = r.WithContext(people.With(context.WithValue(r.Context(), visitKey{}, v), v.who))
		if route.Action != Somebody {
			if err := s.policy.OnUnit(v.who, route.Action); err != nil {
				s.remark(r, err)
				return s.shown(w, r, err)
			}
		}
		return s.shown(w, r, s.marked(route, h)(w, r))
	}
}

// remark notes a refusal for whoever looks after the machine.
func (s *server) remark(r *http.Request, err error) {
	s.Log.Info("refused", "method", r.Method, "path", r.URL.Path, "by", people.From(r.Context()).By, "error", err)
}

// shown renders an error here, where it is known who asks; so the page of the
// error has the same bar as every other.
func (s *server) shown(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil {
		return nil
	}
	var need wall.NeedPurpose
	if errors.As(err, &need) && r.Method == http.MethodGet && !inJSON(r) {
		http.Redirect(w, r, "/case/"+need.Case.ID+"/open?to="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return nil
	}
	s.renderError(w, r, err)
	return nil
}

// notSignedIn sends a person to the door and back here afterwards.
func (s *server) notSignedIn(w http.ResponseWriter, r *http.Request, err error) error {
	if !fault.Is(err, fault.Denied) {
		return err
	}
	if inJSON(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="suraag"`)
		return writeJSON(w, http.StatusUnauthorized, apiError{Kind: fault.Denied.String(), Error: err.Error(), Hint: "sign in, or send Authorization: Bearer and a token"})
	}
	if r.Method != http.MethodGet {
		return fault.WithHint(fault.Newf(fault.Denied, "%w", err), "sign in again in another tab, then load the form again")
	}
	to := "/signin"
	if path := r.URL.RequestURI(); path != "/" {
		to += "?to=" + url.QueryEscape(path)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// marked takes the mark of a form: once. A form that is refused may be corrected
// and sent again.
func (s *server) marked(route Route, h handler) handler {
	if !strings.HasPrefix(route.Pattern, "POST ") || route.Streams || route.Asks || s.Door == nil {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		v := visitOf(r.Context())
		if v.token {
			return h(w, r)
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxComplaint) // the largest form; each route sets its own
		mark := r.Header.Get("Suraag-Form")
		if mark == "" {
			if err := r.ParseForm(); err != nil {
				return bodyError(fault.Newf(fault.Invalid, "the form: %w", err))
			}
			mark = r.PostForm.Get("form")
		}
		undo, err := s.spend(r, v, mark)
		if err != nil {
			return err
		}
		if err = h(w, r); err != nil {
			if undoErr := undo(context.WithoutCancel(r.Context())); undoErr != nil {
				s.Log.Warn("mark of a refused form", "error", undoErr)
			}
		}
		return err
	}
}

// spend takes a mark. Before sign-in it hangs on a cookie that the page set.
func (s *server) spend(r *http.Request, v visit, mark string) (undo func(context.Context) error, err error) {
	if s.Door == nil || v.token {
		return func(context.Context) error { return nil }, nil
	}
	key := v.key
	if key == "" {
		key = s.cookie(r, visitorCookie)
	}
	if key == "" {
		err := fault.Newf(fault.Denied, "this form was not made for this browser")
		return nil, fault.WithHint(err, "let the browser keep cookies of this site, and load the page again")
	}
	return s.Door.Spend(r.Context(), key, mark)
}

// The cookies. Over TLS their names begin with __Host-, so that no other name or
// path can set them (RFC 6265bis §4.1.3.2).
const (
	sessionCookie = "suraag"
	visitorCookie = "suraag-visitor"
	browserCookie = "suraag-browser"
	agencyCookie  = "suraag-agency"
)

func (s *server) cookieName(name string) string {
	if s.TLS {
		return "__Host-" + name
	}
	return name
}

func (s *server) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie keeps something in the browser; an empty value ends it. Lax, because
// an agency's sign-in comes back from another site.
func (s *server) setCookie(w http.ResponseWriter, name, value string, seconds int) {
	if value == "" {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.TLS, SameSite: http.SameSiteLaxMode})
}

// visitor is what the other side shows of itself.
func (s *server) visitor(r *http.Request) door.Visitor {
	return door.Visitor{From: fromOf(r.RemoteAddr), Agent: r.UserAgent(), Browser: s.cookie(r, browserCookie)}
}

// fromOf gives the address of a connection; of IPv6 the first 64 bits, which is
// what one customer gets (RFC 6177 §2).
func fromOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if addr = addr.Unmap(); addr.Is6() {
		p, err := addr.WithZone("").Prefix(64)
		if err == nil {
			return p.String()
		}
	}
	return addr.String()
}

// tab is a place in the bar at the top.
type tab struct {
	Section, Path, Words string
	Count                int64
}

// tabs are the places in the bar, each with what it takes to see it.
var tabs = []struct {
	tab
	action people.Action
}{
	{tab{"search", "/", "Search", 0}, people.Search},
	{tab{"leads", "/leads", "Leads", 0}, people.Search},
	{tab{"requests", "/requests", "Demands", 0}, people.Search},
	{tab{"lists", "/lists", "Lists", 0}, people.Search},
	{tab{"cases", "/cases", "Cases", 0}, people.ListCases},
	{tab{"complaints", "/complaints", "Complaints", 0}, people.Search},
	{tab{"figures", "/figures", "Figures", 0}, people.Search},
	{tab{"intake", "/intake", "Hand in", 0}, people.HandIn},
	{tab{"notices", "/notices", "Notices", 0}, people.ReadNotices},
	{tab{"people", "/people", "People", 0}, people.ManagePeople},
	{tab{"log", "/log", "Log", 0}, people.ReadLog},
}

// tabsOf gives the places that whoever asks may see.
func (s *server) tabsOf(r *http.Request) (out []tab) {
	who := visitOf(r.Context()).who
	for _, t := range tabs {
		if s.policy.OnUnit(who, t.action) != nil || s.Wall == nil && needsWall(t.action) ||
			t.Section == "complaints" && !s.there(complaintsDesk) || t.Section == "figures" && !s.there(figuresDesk) {
			continue
		}
		if t.action == people.ReadNotices {
			var err error
			if t.Count, err = s.Wall.CountNotices(r.Context()); err != nil {
				s.Log.Warn("notices", "error", err)
			}
		}
		out = append(out, t.tab)
	}
	return out
}

// needsWall tells whether a page is of no use in a record without cases.
func needsWall(a people.Action) bool {
	return slices.Contains([]people.Action{people.ListCases, people.NewCase, people.ReadNotices, people.ReadLog}, a)
}

// home is the first page of whoever may search, and the way on for others.
func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	if s.policy.OnUnit(people.From(r.Context()), people.Search) == nil {
		return s.search(w, r)
	}
	to := "/account"
	if t := s.tabsOf(r); len(t) > 0 {
		to = t[0].Path
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// onward reads where somebody wanted to go, and takes nothing but a path of ours.
func onward(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(to, "\\\r\n") || strings.HasPrefix(u.Path, "/signin") {
		return "/"
	}
	return u.RequestURI()
}
