package web

import (
	"embed"
	"io/fs"
	"net/http"
	"time"
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
	maxForm    = 64 << 10 // words only
	maxPicture = 64 << 20 // held in memory, never on disk
	maxHandIn  = 64 << 30 // streamed to the sealed originals
)

// routes is every address that is answered, grouped by page.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, h handler) { mux.Handle(pattern, s.page(h)) }
	api := func(pattern string, h handler) { mux.Handle(pattern, s.api(h)) }

	page("GET /{$}", timed(pageTime, s.search))

	page("GET /trace", timed(pageTime, s.trace))
	page("POST /trace", timed(pictureTime, limited(maxPicture, s.tracePicture)))
	api("GET /api/trace", timed(pageTime, s.apiTrace))
	api("POST /api/trace", timed(pictureTime, limited(maxPicture, s.apiTracePicture)))

	page("GET /source/{id}", timed(pageTime, s.source))
	api("GET /api/sources/{id}", timed(pageTime, s.apiSource))

	page("GET /leads", timed(pageTime, s.leads))
	page("GET /lead/{id}", timed(pageTime, s.lead))
	api("GET /api/leads", timed(pageTime, s.apiLeads))
	api("GET /api/leads/{id}", timed(pageTime, s.apiLead))

	page("GET /intake", timed(pageTime, s.intake))
	page("POST /intake", limited(maxHandIn, s.receive))
	page("GET /intake/received", timed(pageTime, s.received))
	api("GET /intake/progress", s.progress)

	page("GET /healthz", s.healthz)
	page("GET /favicon.ico", s.favicon)
	page("GET /static/{file...}", s.file)

	api("/api/", nowhere)
	page("/", nowhere)
	return mux
}

// file serves one of our own files and lists no folder.
func (s *server) file(w http.ResponseWriter, r *http.Request) error {
	body, err := fs.ReadFile(static, "static/"+r.PathValue("file"))
	if err != nil {
		return nowhere(w, r)
	}
	kind := map[string]string{
		"style.css": "text/css; charset=utf-8", "suraag.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
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
	if _, err := s.Desk.CountLeads(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return err
}
