package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"suraag/custody/arrive"
	"suraag/fault"
	"suraag/people"
)

// Delivery is a document that a program hands in.
type Delivery struct {
	HandIn
	Owner  string // who sends it: the ID of a person or a machine
	SHA256 string
	Size   int64
}

// Deliveries takes what programs hand in, as far as it comes.
type Deliveries interface {
	// Announce gives the receipt of this very hand-in, if it was made before; else
	// under which ID, and from which byte on, the document is to be sent.
	Announce(ctx context.Context, d Delivery) (arrive.Answer, error)
	// Announced gives what an owner announced under an ID.
	Announced(ctx context.Context, owner, upload string) (Delivery, error)
	// Send takes bytes from an offset on; with the last one may is asked, and then the
	// document is handed in, and the answer is its receipt.
	Send(ctx context.Context, owner, upload string, offset int64, body io.Reader, may func() error) (arrive.Answer, error)
}

// announce takes the word of a program on what it is about to send.
func (s *server) announce(w http.ResponseWriter, r *http.Request) error {
	if err := s.byProgram(r); err != nil {
		return err
	}
	var a arrive.Announcement
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields() // a field that nobody reads would be a promise that nobody keeps
	if err := d.Decode(&a); err != nil {
		return bodyError(fault.WithHint(fault.Newf(fault.Invalid, "the announcement: %w", err), "see doc/remote.md for its fields"))
	}
	x, err := announced(a)
	if err != nil {
		return err
	}
	if err := s.mayDeliver(r, &x); err != nil {
		return err
	}
	answer, err := s.Deliveries.Announce(r.Context(), x)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}

// announced checks what a program says by the rules of the form.
func announced(a arrive.Announcement) (Delivery, error) {
	if err := a.Checked(); err != nil {
		return Delivery{}, err
	}
	in := HandIn{
		Name: a.Name, Authority: a.Authority, Case: a.Case, Zone: a.Zone, DateOrder: a.DateOrder, Service: a.Service, Format: a.Format, ListName: a.ListName, ListFrom: a.ListFrom,
		BroughtBy: "whoever sends it", // mayDeliver names it
	}
	return Delivery{HandIn: in, SHA256: a.SHA256, Size: a.Size}, in.checked()
}

// send takes the bytes of what was announced.
func (s *server) send(w http.ResponseWriter, r *http.Request) error {
	if err := s.byProgram(r); err != nil {
		return err
	}
	offset, err := strconv.ParseInt(r.URL.Query().Get("offset"), 10, 64)
	if err != nil || offset < 0 {
		return fault.WithHint(fault.Newf(fault.Invalid, "offset %q is no number of bytes", short(r.URL.Query().Get("offset"))), "send ?offset= with the number that the announcement was answered with")
	}
	rc := http.NewResponseController(w)
	rc.SetWriteDeadline(time.Time{}) // a question before may have left one on this connection
	who := people.From(r.Context())
	x, err := s.Deliveries.Announced(r.Context(), ownerOf(who), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.mayDeliver(r, &x); err != nil { // it may have been allowed when it was announced, and not be now
		return err
	}
	select {
	case s.sending <- struct{}{}:
		defer func() { <-s.sending }()
	default:
		return fault.WithHint(fault.Newf(fault.Unavailable, "%d documents are being sent at this moment", maxSending), "send it again in a while; what has come stays")
	}
	answer, err := s.Deliveries.Send(r.Context(), x.Owner, r.PathValue("id"), offset, moving{r.Body, rc}, func() error { return s.stillMay(r, x) })
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}

// stillMay asks once more whether a sender may hand in: a body may come for as long as
// somebody likes, and who was ended meanwhile is out.
func (s *server) stillMay(r *http.Request, x Delivery) error {
	who := people.From(r.Context())
	if who.Role == people.OfMachine {
		shown, err := shownBy(r.TLS)
		if err != nil {
			return err
		}
		if who, err = s.Machines.Known(r.Context(), shown); err != nil {
			return err
		}
	} else {
		v, err := s.enter(r)
		if err != nil {
			return err
		}
		who = v.who
	}
	r = r.WithContext(people.With(r.Context(), who))
	if err := s.policy.OnUnit(who, people.Deliver); err != nil {
		return err
	}
	return s.mayDeliver(r, &x)
}

// byProgram refuses a browser: what a page sends carries a mark (marked), and this
// has none. It also holds a sender to a pace.
func (s *server) byProgram(r *http.Request) error {
	v := visitOf(r.Context())
	if s.Door != nil && !v.token && v.who.Role != people.OfMachine {
		err := fault.Newf(fault.Denied, "this address is for programs, which show a token or a certificate")
		return fault.WithHint(err, "make a token for handing in on your account's page; in a browser, use the page Hand in")
	}
	return s.paces.Ask(ownerOf(v.who))
}

// ownerOf names whose a draft is: a person's token may end and another go on.
func ownerOf(w people.Who) string {
	if w.Person == "" {
		return string(w.Role) // a machine without sign-in
	}
	return w.Person
}

// mayDeliver finds out for which case a program brings something, and whether it
// may.
func (s *server) mayDeliver(r *http.Request, x *Delivery) error {
	who := people.From(r.Context())
	x.BroughtBy, x.Owner = who.By, ownerOf(who)
	if who.Role == people.OfMachine {
		if x.ListName+x.ListFrom != "" {
			err := fault.Newf(fault.Denied, "a machine hands in documents and no lists: a list decides what the whole unit is alerted to")
			return fault.WithHint(err, "have an officer hand it in")
		}
		if x.Case == "" {
			x.Case = who.For
		}
	}
	switch {
	case x.Case == forUnit || x.Case == "" && s.Door == nil:
		x.Case = ""
		return s.policy.OnUnit(who, people.HandIn)
	case x.Case == "":
		err := fault.Newf(fault.Invalid, "it is not said for which case this is brought")
		return fault.WithHint(err, `give "case" with its number, or "unit" where it belongs to none`)
	case s.Wall == nil:
		return fault.Newf(fault.NotFound, "this record has no cases")
	}
	id, err := s.Wall.MayAdd(r.Context(), x.Case)
	x.Case = id
	return err
}
