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
	on := func(pattern string, h handler) { mux.Handle(pattern, s.wrap(h)) }

	on("GET /{$}", timed(pageTime, s.search))

	on("GET /trace", timed(pageTime, s.trace))
	on("POST /trace", timed(pictureTime, limited(maxPicture, s.tracePicture)))
	on("GET /api/trace", timed(pageTime, s.apiTrace))
	on("POST /api/trace", timed(pictureTime, limited(maxPicture, s.apiTracePicture)))

	on("GET /source/{id}", timed(pageTime, s.source))
	on("GET /api/sources/{id}", timed(pageTime, s.apiSource))

	on("GET /leads", timed(pageTime, s.leads))
	on("GET /lead/{id}", timed(pageTime, s.lead))
	on("GET /api/leads", timed(pageTime, s.apiLeads))
	on("GET /api/leads/{id}", timed(pageTime, s.apiLead))

	on("GET /intake", timed(pageTime, s.intake))
	on("POST /intake", limited(maxHandIn, s.receive))
	on("GET /intake/received", timed(pageTime, s.received))
	on("GET /intake/progress", s.progress)

	on("GET /healthz", timed(pageTime, s.healthz))
	on("GET /favicon.ico", timed(pageTime, s.favicon))
	on("GET /static/{file...}", timed(pageTime, s.file))

	on("/", timed(pageTime, nowhere))
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
