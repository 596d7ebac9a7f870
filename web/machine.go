package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"

	"suraag/custody/arrive"
	"suraag/fault"
	"suraag/people"
)

// Machines lets machines in by the certificate that they show.
type Machines interface {
	// Known tells which machine shows a certificate, if it may still come in.
	Known(ctx context.Context, der []byte) (people.Who, error)
	// Renew makes the next certificate of a machine, PEM, for a request of its own.
	Renew(ctx context.Context, w people.Who, shown, request []byte) ([]byte, error)
}

// machineRoutes is every address that is answered to machines.
func (s *server) machineRoutes() []route {
	return []route{
		on("POST /api/intake", people.Deliver, timed(pageTime, limited(maxForm, s.announce))),
		on("PUT /api/intake/{id}", people.Deliver, limited(maxHandIn, s.send)),
		on("POST /api/machine/renew", people.Certify, timed(pageTime, limited(maxForm, s.renewMachine))),
	}
}

// MachineRoutes lists them, for whoever checks who may do what.
func MachineRoutes() []Route {
	var out []Route
	for _, r := range (&server{}).machineRoutes() {
		out = append(out, r.Route)
	}
	return out
}

// ForMachines gives what machines ask: nothing else of the pages is there. The line
// has to show a certificate that the unit's authority for machines made
// (tls.RequireAndVerifyClientCert); whether it still counts is asked with every
// request, so that a machine that was ended is out in the middle of a line too.
func ForMachines(c Config) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	if c.Machines == nil || c.Deliveries == nil {
		return nil, fault.Newf(fault.Internal, "web: nobody lets machines in, or takes what they bring")
	}
	mux := http.NewServeMux()
	for _, r := range s.machineRoutes() {
		mux.Handle(r.Pattern, s.wrap(s.machineMay(r.Route, r.h)))
	}
	mux.Handle("/", s.wrap(s.machineMay(Route{Action: Somebody}, func(w http.ResponseWriter, r *http.Request) error {
		return writeJSON(w, http.StatusNotFound, apiError{Kind: fault.NotFound.String(), Error: "nothing is here for machines", Hint: "see doc/remote.md"})
	})))
	return s.recovered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		mux.ServeHTTP(w, r)
	})), nil
}

// machineMay lets a request of a machine through to a handler.
func (s *server) machineMay(route Route, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
			return fault.Newf(fault.Denied, "this line is for machines, and a browser asks on it") // it would show its certificate for any page
		}
		shown, err := shownBy(r.TLS)
		if err != nil {
			return err
		}
		who, err := s.Machines.Known(r.Context(), shown)
		if fault.Is(err, fault.Denied) {
			return writeJSON(w, http.StatusUnauthorized, apiError{Kind: fault.Denied.String(), Error: err.Error(), Hint: fault.Hint(err)})
		}
		if err != nil {
			return err
		}
		r = r.WithContext(people.With(context.WithValue(r.Context(), visitKey{}, visit{who: who}), who))
		if route.Action != Somebody {
			if err := s.policy.OnUnit(who, route.Action); err != nil {
				s.remark(r, err)
				return err
			}
		}
		return h(w, r)
	}
}

func shownBy(line *tls.ConnectionState) ([]byte, error) {
	if line == nil || len(line.PeerCertificates) == 0 {
		return nil, fault.Newf(fault.Denied, "no certificate was shown")
	}
	return line.PeerCertificates[0].Raw, nil
}

// renewMachine makes the next certificate of the machine that asks.
func (s *server) renewMachine(w http.ResponseWriter, r *http.Request) error {
	if err := s.byProgram(r); err != nil {
		return err
	}
	var a arrive.Renewal
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		return bodyError(fault.Newf(fault.Invalid, "the request for a certificate: %w", err))
	}
	shown, err := shownBy(r.TLS)
	if err != nil {
		return err
	}
	made, err := s.Machines.Renew(r.Context(), people.From(r.Context()), shown, []byte(a.Request))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, arrive.Renewal{Certificate: string(made)})
}
