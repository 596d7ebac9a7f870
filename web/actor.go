package web

import (
	"net/http"
	"net/url"
	"strings"

	"suraag/fault"
	"suraag/sighting"
)

// Back is the address of this trace; that of a picture, which was dropped, is the
// first page.
func (p tracePage) Back() string {
	if p.Picture {
		return "/"
	}
	return "/trace?" + p.query(url.Values{"target": {p.T.Target.Asked}}) + "#actors"
}

// partActors takes a person's word that two identifiers are not one someone, or
// takes one back.
func (s *server) partActors(w http.ResponseWriter, r *http.Request) error {
	if visitOf(r.Context()).token { // made to hand in
		return fault.WithHint(fault.Newf(fault.Denied, "a token decides nothing of people"), "sign in, and decide on the page of the trace")
	}
	if err := r.ParseForm(); err != nil {
		return bodyError(fault.Newf(fault.Invalid, "the form: %w", err))
	}
	why := strings.TrimSpace(r.PostForm.Get("why"))
	if len(why) > maxField {
		return fault.Newf(fault.TooLarge, "the reason has more than %d characters", maxField)
	}
	var err error
	switch do := r.PostForm.Get("do"); do {
	case "part":
		var a, b sighting.Identifier
		if a, err = sighting.ParseIdentifier(r.PostForm.Get("a")); err == nil {
			b, err = sighting.ParseIdentifier(r.PostForm.Get("b"))
		}
		if err == nil {
			err = s.Desk.Part(r.Context(), a, b, why)
		}
	case "join":
		err = s.Desk.JoinAgain(r.Context(), r.PostForm.Get("word"), why)
	default:
		err = fault.Newf(fault.Invalid, "%q is nothing that can be done with identifiers", short(do))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, onward(r.PostForm.Get("to")), http.StatusSeeOther)
	return nil
}
