package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"suraag/fault"
)

// maxStream bounds how long one stream stays open; the browser opens it again.
const maxStream = 30 * time.Minute

// progress sends the totals, a message each second, until everything is read and
// weighed, then one event called done (Server-Sent Events, HTML standard §9.2).
func (s *server) progress(w http.ResponseWriter, r *http.Request) error {
	rc := http.NewResponseController(w)
	t, err := s.Desk.Totals(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	tick := time.NewTicker(s.tick)
	defer tick.Stop()
	for began := s.Now(); ; {
		if err := send(w, rc, "totals", t); err != nil {
			return nil // the reader went away
		}
		if t.Settled() || s.Now().Sub(began) > maxStream {
			send(w, rc, "done", t)
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-s.Stopping: // the browser opens it again, when we are back
			return nil
		case <-tick.C:
		}
		if t, err = s.Desk.Totals(r.Context()); err != nil {
			s.Log.Warn("progress", "error", err)
			send(w, rc, "fault", apiError{Kind: fault.KindOf(err).String(), Error: err.Error(), Hint: fault.Hint(err)})
			return nil
		}
	}
}

// send writes one event whole and gives it to the reader at once.
func send(w http.ResponseWriter, rc *http.ResponseController, event string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	rc.SetWriteDeadline(time.Now().Add(idleTime)) // a recorder has no deadlines to set
	if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, body); err != nil {
		return err
	}
	return rc.Flush()
}
