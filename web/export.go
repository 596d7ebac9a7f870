package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"suraag/fault"
	"suraag/people"
)

// Download is a document on its way out.
type Download struct {
	Name  string // of the file
	Type  string // media type
	Write func(ctx context.Context, w io.Writer) error
}

// The documents that a page offers.
const (
	AsBundle = "bundle" // a zip that can be checked anywhere
	AsPDF    = "pdf"    // its readable document alone
)

// export hands a document out. That it was taken is logged before its first byte
// leaves; nothing else changes, so that the form needs no mark.
func (s *server) export(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	what := r.PostForm.Get("what")
	if what != AsBundle && what != AsPDF {
		return fault.Newf(fault.Invalid, "document %q is neither %q nor %q", short(what), AsBundle, AsPDF)
	}
	zone, _, err := s.zone(r)
	if err != nil {
		return err
	}
	rc := http.NewResponseController(w)
	rc.SetWriteDeadline(time.Now().Add(pictureTime + idleTime)) // a recorder has no deadlines to set
	ctx, cancel := context.WithTimeout(r.Context(), pictureTime)
	defer cancel()
	d, err := s.Desk.Export(ctx, r.PostForm.Get("target"), what, zone)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", d.Type)
	w.Header().Set("Content-Disposition", `attachment; filename="`+d.Name+`"`)
	if err := d.Write(r.Context(), movingOut{w, rc}); err != nil {
		s.Log.Warn("a document was not taken to its end", "name", d.Name, "error", err)
		panic(http.ErrAbortHandler) // so that nobody takes the part for the whole
	}
	return nil
}

// movingOut lets an answer take its time as long as bytes move.
type movingOut struct {
	io.Writer
	rc *http.ResponseController
}

func (m movingOut) Write(p []byte) (int, error) {
	m.rc.SetWriteDeadline(time.Now().Add(idleTime))
	return m.Writer.Write(p)
}

// Exports tells whether whoever looks at a page may take documents out.
func (s *server) exports(r *http.Request) bool {
	return s.policy.OnUnit(people.From(r.Context()), people.Export) == nil
}
