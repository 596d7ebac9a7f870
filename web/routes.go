package web

import (
	"embed"
	"io/fs"
	"net/http"
	"time"

	"suraag/people"
)

//go:embed static
var static embed.FS

// The time that a question may take. A hand-in and the progress stream set their
// own deadlines, which move on while bytes move.
const (
	pageTime    = 60 * time.Second
	pictureTime = 2 * time.Minute
	idleTime    = 60 * time.Second
)

// The most bytes that a body may have.
const (
	maxForm      = 64 << 10 // words only
	maxComplaint = 1 << 20  // a story and many messages
	maxPicture   = 64 << 20 // held in memory, never on disk
	maxHandIn    = 64 << 30 // streamed to the sealed originals
)

// route is an address with what answers it.
type route struct {
	Route
	h    handler
	desk deskKind
}

// deskKind names what must be there for a page to be of use.
type deskKind uint8

const (
	mainDesk deskKind = iota
	complaintsDesk
	figuresDesk
	deliveriesDesk
	mediaDesk
)

// needs marks a page that is answered only where its desk is there.
func (r route) needs(d deskKind) route { r.desk = d; return r }

// there tells whether a desk is.
func (s *server) there(d deskKind) bool {
	return d == mainDesk || d == complaintsDesk && s.Complaints != nil || d == figuresDesk && s.Figures != nil || d == deliveriesDesk && s.Deliveries != nil || d == mediaDesk && s.Media != nil
}

// on makes a route. What changes something is a POST, and its form is sent once.
func on(pattern string, a people.Action, h handler) route {
	return route{Route: Route{Pattern: pattern, Action: a}, h: h}
}

// streams marks a route whose body is read as it comes, by the handler.
func (r route) streams() route { r.Streams = true; return r }

// asks marks a question with a body.
func (r route) asks() route { r.Asks = true; return r }

// routes is every address that is answered, grouped by page, with what whoever
// asks must be allowed to do (people/policy.cedar). What shows something of a
// case asks the wall besides.
func (s *server) routes() []route {
	return []route{
		on("GET /{$}", Somebody, timed(pageTime, s.home)),

		on("GET /trace", people.Search, timed(pageTime, s.trace)),
		on("POST /trace", people.Search, timed(pictureTime, limited(maxPicture, s.tracePicture))).asks(),
		on("GET /api/trace", people.Search, timed(pageTime, s.apiTrace)),
		on("POST /api/trace", people.Search, timed(pictureTime, limited(maxPicture, s.apiTracePicture))).asks(),

		on("POST /actors", people.HandIn, timed(pageTime, limited(maxForm, s.partActors))),

		on("GET /source/{id}", people.Search, timed(pageTime, s.source)),
		on("GET /api/sources/{id}", people.Search, timed(pageTime, s.apiSource)),

		on("GET /leads", people.Search, timed(pageTime, s.leads)),
		on("GET /lead/{id}", people.Search, timed(pageTime, s.lead)),
		on("GET /api/leads", people.Search, timed(pageTime, s.apiLeads)),
		on("GET /api/leads/{id}", people.Search, timed(pageTime, s.apiLead)),

		on("POST /export", people.Export, limited(maxForm, s.export)).asks(),

		// On what belongs to a case, those who are on it: the desk asks the wall.
		on("GET /lead/{id}/draft", people.Demand, timed(pageTime, s.draft)),
		on("POST /lead/{id}/draft", people.Demand, timed(pageTime, limited(maxForm, s.makeDraft))),
		on("GET /requests", people.Search, timed(pageTime, s.requests)),
		on("GET /request/{id}", people.Search, timed(pageTime, s.request)),
		on("POST /request/{id}/{what}", people.Demand, timed(pictureTime, limited(maxForm, s.act))),
		on("GET /request/{id}/{name}", people.Export, timed(pageTime, s.paper)),
		on("GET /packs", people.Search, timed(pageTime, s.packs)),
		on("GET /pack/{id}", people.Search, timed(pageTime, s.pack)),
		on("POST /pack/{id}", people.ReviewPack, timed(pageTime, limited(maxForm, s.reviewPack))),
		on("GET /corrections", people.Search, timed(pageTime, s.corrections)),
		on("POST /corrections", people.HandIn, timed(pageTime, limited(maxForm, s.correct))),
		on("POST /correction/{id}", people.HandIn, timed(pageTime, limited(maxForm, s.told))),
		on("GET /clocks.ics", people.Search, timed(pageTime, s.calendar)),
		on("GET /api/requests/{id}", people.Search, timed(pageTime, s.apiRequest)),

		on("GET /intake", people.HandIn, timed(pageTime, s.intake)),
		on("POST /intake", people.HandIn, limited(maxHandIn, s.receive)).streams(),
		on("GET /intake/received", people.HandIn, timed(pageTime, s.received)),
		on("GET /intake/progress", people.HandIn, s.progress),

		on("POST /api/intake", people.Deliver, timed(pageTime, limited(maxForm, s.announce))).needs(deliveriesDesk),
		on("PUT /api/intake/{id}", people.Deliver, limited(maxHandIn, s.send)).needs(deliveriesDesk),

		on("GET /lists", people.Search, timed(pageTime, s.lists)),
		on("POST /lists", people.HandIn, timed(pageTime, limited(maxForm, s.decide))),

		on("GET /cases", people.ListCases, timed(pageTime, s.cases)),
		on("POST /cases", people.NewCase, timed(pageTime, limited(maxForm, s.newCase))),
		on("GET /case/{id}", people.ListCases, timed(pageTime, s.kase)),
		on("POST /case/{id}", people.ListCases, timed(pageTime, limited(maxForm, s.caseChange))),
		on("GET /case/{id}/open", people.ListCases, timed(pageTime, s.openCase)),
		on("POST /case/{id}/open", people.ListCases, timed(pageTime, limited(maxForm, s.opened))),
		on("GET /case/{id}/media", people.ListCases, timed(mediaTime, s.media)).needs(mediaDesk),
		on("POST /case/{id}/media", people.ListCases, timed(pageTime, limited(maxForm, s.mediaChange))).needs(mediaDesk),
		on("POST /case/{id}/media/uncover", people.ListCases, timed(mediaTime, limited(maxForm, s.uncover))).needs(mediaDesk),
		on("POST /case/{id}/media/cover", people.OwnHours, timed(pageTime, limited(maxForm, s.cover))).needs(mediaDesk),
		on("GET /looking", people.OwnHours, timed(pageTime, s.looking)).needs(mediaDesk),
		on("POST /looking", people.OwnHours, timed(pageTime, limited(maxForm, s.setLimit))).needs(mediaDesk),
		on("GET /notices", people.ReadNotices, timed(pageTime, s.notices)),
		on("POST /notices", people.ReadNotices, timed(pageTime, limited(maxForm, s.noticed))),

		on("GET /complaints", people.Search, timed(pageTime, s.complaints)).needs(complaintsDesk),
		on("GET /complaint/new", people.HandIn, timed(pageTime, s.newComplaint)).needs(complaintsDesk),
		on("POST /complaint/new", people.HandIn, timed(pageTime, limited(maxComplaint, s.takeComplaint))).needs(complaintsDesk),
		on("GET /complaint/{id}", people.Search, timed(pageTime, s.complaint)).needs(complaintsDesk),
		on("POST /complaint/{id}", people.HandIn, timed(pageTime, limited(maxForm, s.complaintChange))).needs(complaintsDesk),
		on("GET /series", people.Search, timed(pageTime, s.series)).needs(complaintsDesk),
		on("GET /figures", people.Search, timed(pageTime, s.figures)).needs(figuresDesk),
		on("GET /hash", Anyone, timed(pageTime, s.hash)),

		on("GET /log", people.ReadLog, timed(pageTime, s.log)),

		on("GET /signin", Anyone, timed(pageTime, s.signin)),
		on("POST /signin", Anyone, timed(pageTime, limited(maxForm, s.signinPassword))),
		on("POST /signin/passkey/begin", Anyone, timed(pageTime, limited(maxForm, s.passkeyBegin))),
		on("POST /signin/passkey/finish", Anyone, timed(pageTime, limited(maxForm, s.passkeyFinish))),
		on("GET /signin/agency", Anyone, timed(pageTime, s.agencyBegin)),
		on("GET /signin/agency/back", Anyone, timed(pageTime, s.agencyBack)),
		on("GET /welcome", Anyone, timed(pageTime, s.welcome)),
		on("POST /welcome", Anyone, timed(pageTime, limited(maxForm, s.welcomePassword))),
		on("POST /welcome/passkey/begin", Anyone, timed(pageTime, limited(maxForm, s.welcomeBegin))),
		on("POST /welcome/passkey/finish", Anyone, timed(pageTime, limited(maxForm, s.welcomeFinish))),

		on("GET /account", people.OwnAccount, timed(pageTime, s.account)),
		on("POST /account", people.OwnAccount, timed(pageTime, limited(maxForm, s.accountEnd))),
		on("POST /account/token", people.MakeToken, timed(pageTime, limited(maxForm, s.accountToken))),
		on("POST /account/passkey/begin", people.OwnAccount, timed(pageTime, limited(maxForm, s.anotherBegin))),
		on("POST /account/passkey/finish", people.OwnAccount, timed(pageTime, limited(maxForm, s.anotherFinish))),
		on("POST /signout", people.OwnAccount, timed(pageTime, limited(maxForm, s.signout))),

		on("GET /people", people.ManagePeople, timed(pageTime, s.everybody)),
		on("POST /people", people.ManagePeople, timed(pageTime, limited(maxForm, s.invite))),
		on("GET /person/{id}", people.ManagePeople, timed(pageTime, s.person)),
		on("POST /person/{id}", people.ManagePeople, timed(pageTime, limited(maxForm, s.personChange))),

		on("GET /healthz", Anyone, timed(pageTime, s.healthz)),
		on("GET /favicon.ico", Anyone, timed(pageTime, s.favicon)),
		on("GET /static/{file...}", Anyone, timed(pageTime, s.file)),
		on("/", Anyone, timed(pageTime, nowhere)),
	}
}

// mux answers every route.
func (s *server) mux() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		if s.Wall == nil && needsWall(r.Action) || !s.there(r.desk) {
			continue // a record without cases has no pages of them
		}
		mux.Handle(r.Pattern, s.wrap(s.guarded(r.Route, r.h)))
	}
	return mux
}

// Routes lists every address that is answered, for whoever checks who may do what.
func Routes() []Route {
	var out []Route
	for _, r := range (&server{}).routes() {
		out = append(out, r.Route)
	}
	return out
}

// file serves one of our own files and lists no folder.
func (s *server) file(w http.ResponseWriter, r *http.Request) error {
	body, err := fs.ReadFile(static, "static/"+r.PathValue("file"))
	if err != nil {
		return nowhere(w, r)
	}
	kind := map[string]string{
		"style.css": "text/css; charset=utf-8", "suraag.js": "text/javascript; charset=utf-8", "passkey.js": "text/javascript; charset=utf-8", "hash.js": "text/javascript; charset=utf-8", "media.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	}[r.PathValue("file")]
	if kind == "" {
		return nowhere(w, r)
	}
	w.Header().Set("Content-Type", kind)
	_, err = w.Write(body)
	return err
}

// favicon answers browsers that ask without looking into the page.
func (s *server) favicon(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/static/icon.svg", http.StatusMovedPermanently)
	return nil
}

// healthz tells a supervisor whether the record answers.
func (s *server) healthz(w http.ResponseWriter, r *http.Request) error {
	if err := s.Desk.Answers(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return err
}
