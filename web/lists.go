package web

import (
	"net/http"
	"strings"

	"suraag/digest"
	"suraag/fault"
	"suraag/hashset"
)

// Lists are the lists of known digests, and what people have to decide of them.
type Lists struct {
	Sets      []hashset.Set
	Runs      []hashset.Run        // those that go on
	Held      []hashset.Quarantine // entries that matched too much
	Negatives []hashset.Negative   // digests that must not alert
}

// Decision is what somebody says of a digest of lists.
type Decision struct {
	What   string // one of the constants below
	Digest digest.Digest
	By     string
	Reason string
}

// What can be decided.
const (
	ConfirmEntry = "confirm"      // an entry in quarantine is right; two people have to say so
	DismissEntry = "dismiss"      // it says nothing
	AddNegative  = "negative"     // a digest must not alert
	EndNegative  = "end negative" // it may again
)

type listsPage struct {
	base
	Lists
	Apart int // see hashset.Unrelated
}

// lists shows the lists, and the entries on which people have to decide.
func (s *server) lists(w http.ResponseWriter, r *http.Request) error {
	p := listsPage{base: s.base(r, "Lists", "lists"), Apart: hashset.Unrelated}
	var err error
	if p.Lists, err = s.Desk.Lists(r.Context()); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "lists", p)
}

// decide takes a decision in the name of whoever is signed in.
func (s *server) decide(w http.ResponseWriter, r *http.Request) error {
	if visitOf(r.Context()).token { // made to hand in; what a list means is a person's word
		return fault.WithHint(fault.Newf(fault.Denied, "a token decides nothing of lists"), "sign in, and decide on the page of lists")
	}
	if err := r.ParseForm(); err != nil {
		return bodyError(fault.Newf(fault.Invalid, "the form: %w", err))
	}
	d, err := digest.Parse(strings.TrimSpace(r.PostForm.Get("digest")))
	if err != nil {
		return fault.WithHint(err, "write KIND:VALUE, such as md5:0cc175b9c0f1b6a831c399e269772661")
	}
	said := Decision{What: r.PostForm.Get("what"), Digest: d, By: visitOf(r.Context()).who.By, Reason: strings.TrimSpace(r.PostForm.Get("reason"))}
	if len(said.Reason) > maxField {
		return fault.Newf(fault.TooLarge, "the reason has more than %d characters", maxField)
	}
	if err := s.Desk.Decide(r.Context(), said); err != nil {
		return err
	}
	http.Redirect(w, r, "/lists", http.StatusSeeOther)
	return nil
}
