package web

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
)

type signinPage struct {
	base
	To      string
	Agency  bool
	Problem string
	Next    string
	Login   string
}

// doorPage is the base of a page that is seen before anybody is signed in.
func (s *server) doorPage(w http.ResponseWriter, r *http.Request, title string) base {
	key := s.cookie(r, visitorCookie)
	if key == "" {
		key = people.NewID()
		s.setCookie(w, visitorCookie, key, int(door.SessionHolds/time.Second))
	}
	b := s.base(r, title, "")
	b.mark = func() string { return s.Door.NewForm(key) }
	return b
}

func (s *server) noDoor() error {
	if s.Door != nil {
		return nil
	}
	return fault.WithHint(fault.Newf(fault.NotFound, "nobody signs in on this machine"), "start suraag serve with --sign-in to have people sign in")
}

// signin is the door.
func (s *server) signin(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	if _, err := s.enter(r); err == nil {
		http.Redirect(w, r, onward(r.URL.Query().Get("to")), http.StatusSeeOther)
		return nil
	}
	p := signinPage{base: s.doorPage(w, r, "Sign in"), To: onward(r.URL.Query().Get("to")), Agency: s.Door.HasAgency()}
	return s.render(w, http.StatusOK, "signin", p)
}

// signinPassword lets somebody in by password and code.
func (s *server) signinPassword(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	in, err := s.Door.SignIn(r.Context(), r.PostForm.Get("login"), r.PostForm.Get("password"), r.PostForm.Get("code"), s.visitor(r))
	to := onward(r.PostForm.Get("to"))
	if err != nil && fault.KindOf(err) != fault.Internal {
		p := signinPage{base: s.doorPage(w, r, "Sign in"), To: to, Agency: s.Door.HasAgency(), Problem: ended(err.Error()), Next: ended(fault.Hint(err)), Login: r.PostForm.Get("login")}
		return s.render(w, fault.KindOf(err).HTTP(), "signin", p)
	}
	if err != nil {
		return err
	}
	s.welcomed(w, in)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// welcomed keeps the keys in the browser.
func (s *server) welcomed(w http.ResponseWriter, in door.Entered) {
	s.setCookie(w, sessionCookie, in.Session, int(door.SessionHolds/time.Second))
	s.setCookie(w, browserCookie, in.Browser, 90*24*60*60)
	s.setCookie(w, visitorCookie, "", 0)
}

// ceremony is what the script of the page sends: the answer of a passkey.
type ceremony struct {
	Key        string          `json:"key"`
	Answer     json.RawMessage `json:"answer"`
	Label      string          `json:"label"`
	Invitation string          `json:"invitation"`
	To         string          `json:"to"`
}

// maxCeremony bounds an answer; attestations with certificates have some KiB.
const maxCeremony = 48 << 10

func readCeremony(r *http.Request) (c ceremony, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxCeremony+1))
	if err != nil {
		return c, bodyError(err)
	}
	if len(body) > maxCeremony {
		return c, fault.Newf(fault.TooLarge, "the answer of the passkey has more than %d bytes", maxCeremony)
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, fault.Newf(fault.Invalid, "the answer of the passkey: %w", err)
	}
	return c, nil
}

// entered answers a script that opened the door.
func (s *server) entered(w http.ResponseWriter, in door.Entered, to string) error {
	s.welcomed(w, in)
	return writeJSON(w, http.StatusOK, map[string]string{"to": to})
}

func (s *server) passkeyBegin(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	c, err := s.Door.BeginPasskey(r.Context(), s.visitor(r))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.marking(r, c))
}

// marking adds the mark under which the answer is to be sent.
func (s *server) marking(r *http.Request, c door.Ceremony) any {
	key := visitOf(r.Context()).key
	if key == "" {
		key = s.cookie(r, visitorCookie)
	}
	return struct {
		door.Ceremony
		Form string `json:"form"`
	}{c, s.Door.NewForm(key)}
}

func (s *server) passkeyFinish(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	c, err := readCeremony(r)
	if err != nil {
		return err
	}
	in, err := s.Door.FinishPasskey(r.Context(), c.Key, c.Answer, s.visitor(r))
	if err != nil {
		return err
	}
	return s.entered(w, in, onward(c.To))
}

// agencyBegin sends the browser to the agency's provider. It is a link and no
// form, because our policy lets forms go nowhere else.
func (s *server) agencyBegin(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	address, keep, err := s.Door.BeginAgency(r.Context(), r.URL.Query().Get("invitation"), s.visitor(r))
	if err != nil {
		return err
	}
	s.setCookie(w, agencyCookie, keep, 600)
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// agencyBack is where the provider sends the browser back to.
func (s *server) agencyBack(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	q := r.URL.Query()
	in, err := s.Door.FinishAgency(r.Context(), s.cookie(r, agencyCookie), q.Get("state"), q.Get("code"), s.visitor(r))
	s.setCookie(w, agencyCookie, "", 0)
	if err != nil {
		return err
	}
	s.welcomed(w, in)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

type welcomePage struct {
	base
	Person  people.Person
	Key     string
	Codes   door.Codes
	Agency  bool
	Problem string
	Next    string
}

// welcome is the page of an invitation.
func (s *server) welcome(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	return s.renderWelcome(w, r, r.URL.Query().Get("key"), "", nil)
}

func (s *server) renderWelcome(w http.ResponseWriter, r *http.Request, key, codes string, problem error) error {
	person, err := s.Door.Invited(r.Context(), key)
	if err != nil {
		return err
	}
	p := welcomePage{base: s.doorPage(w, r, "Welcome"), Person: person, Key: key, Agency: s.Door.HasAgency(), Codes: s.Door.CodesOf(person, codes)}
	status := http.StatusOK
	if problem != nil {
		status, p.Problem, p.Next = fault.KindOf(problem).HTTP(), ended(problem.Error()), ended(fault.Hint(problem))
	}
	return s.render(w, status, "welcome", p)
}

func (s *server) welcomePassword(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	f := r.PostForm
	if f.Get("password") != f.Get("again") {
		return s.renderWelcome(w, r, f.Get("key"), f.Get("codes"), fault.WithHint(fault.Newf(fault.Invalid, "the two passwords are not the same"), "type it twice alike"))
	}
	in, err := s.Door.WelcomePassword(r.Context(), f.Get("key"), f.Get("password"), f.Get("codes"), f.Get("code"), s.visitor(r))
	if fault.Is(err, fault.Invalid) {
		return s.renderWelcome(w, r, f.Get("key"), f.Get("codes"), err)
	}
	if err != nil {
		return err
	}
	s.welcomed(w, in)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *server) welcomeBegin(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	c, err := readCeremony(r)
	if err != nil {
		return err
	}
	begun, err := s.Door.BeginWelcome(r.Context(), c.Invitation, s.visitor(r))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.marking(r, begun))
}

func (s *server) welcomeFinish(w http.ResponseWriter, r *http.Request) error {
	if err := s.noDoor(); err != nil {
		return err
	}
	c, err := readCeremony(r)
	if err != nil {
		return err
	}
	in, err := s.Door.FinishWelcome(r.Context(), c.Invitation, c.Key, c.Answer, c.Label, s.visitor(r))
	if err != nil {
		return err
	}
	return s.entered(w, in, "/")
}

func (s *server) signout(w http.ResponseWriter, r *http.Request) error {
	v := visitOf(r.Context())
	if err := s.Door.SignOut(r.Context(), v.who, v.pass); err != nil {
		return err
	}
	s.setCookie(w, sessionCookie, "", 0)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

type accountPage struct {
	base
	Sessions    []door.Pass
	Tokens      []door.Pass
	Credentials []door.Credential
	This        string // ID of the session that looks
	MayToken    bool
	NewToken    string
}

// account is one's own page: where one is signed in, and by what.
func (s *server) account(w http.ResponseWriter, r *http.Request) error {
	return s.renderAccount(w, r, "")
}

func (s *server) renderAccount(w http.ResponseWriter, r *http.Request, token string) error {
	v := visitOf(r.Context())
	p := accountPage{base: s.base(r, "Your account", "account"), This: v.pass.ID, NewToken: token, MayToken: s.policy.OnUnit(v.who, people.MakeToken) == nil}
	var err error
	if p.Sessions, err = s.Door.Passes(r.Context(), v.who, door.Session); err != nil {
		return err
	}
	if p.Tokens, err = s.Door.Passes(r.Context(), v.who, door.Token); err != nil {
		return err
	}
	if p.Credentials, err = s.Door.OwnCredentials(r.Context(), v.who); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "account", p)
}

// KeyOf writes the ID of a credential so that a form can hold it.
func (accountPage) KeyOf(c door.Credential) string { return base64.RawURLEncoding.EncodeToString(c.ID) }

func (s *server) accountEnd(w http.ResponseWriter, r *http.Request) error {
	who := people.From(r.Context())
	var err error
	if c := r.PostForm.Get("credential"); c != "" {
		id, bad := base64.RawURLEncoding.DecodeString(c)
		if bad != nil {
			return fault.Newf(fault.Invalid, "credential %q is none", short(c))
		}
		err = s.Door.DropOwn(r.Context(), who, id)
	} else {
		err = s.Door.EndOwn(r.Context(), who, door.Kind(r.PostForm.Get("kind")), r.PostForm.Get("id"))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

func (s *server) accountToken(w http.ResponseWriter, r *http.Request) error {
	hours, err := time.ParseDuration(strings.TrimSpace(r.PostForm.Get("hours")) + "h")
	if err != nil {
		return fault.Newf(fault.Invalid, "%q is no number of hours", short(r.PostForm.Get("hours")))
	}
	key, err := s.Door.MakeToken(r.Context(), people.From(r.Context()), r.PostForm.Get("name"), r.PostForm.Get("scope"), hours)
	if err != nil {
		return err
	}
	return s.renderAccount(w, r, key)
}

func (s *server) anotherBegin(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Door.BeginAnother(r.Context(), people.From(r.Context()))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.marking(r, c))
}

func (s *server) anotherFinish(w http.ResponseWriter, r *http.Request) error {
	c, err := readCeremony(r)
	if err != nil {
		return err
	}
	if err := s.Door.FinishAnother(r.Context(), people.From(r.Context()), c.Key, c.Answer, c.Label); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"to": "/account"})
}
