package door_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/pquerna/otp/totp"

	"suraag/custody"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
	"suraag/store"
)

var ctx = context.Background()

// house is a door with its book, and a clock to be moved.
type house struct {
	t     *testing.T
	book  *store.DB
	door  *door.Door
	clock time.Time
	admin people.Who

	policy people.Policy
	key    string // file of the unit's key
}

// unit opens the unit's key, or makes it.
func (h *house) unit() *vault.Key {
	h.t.Helper()
	k, err := vault.OpenKey(h.key)
	if err != nil {
		h.t.Fatal(err)
	}
	return k
}

func newHouse(t *testing.T) *house {
	t.Helper()
	book, err := store.Open(ctx, filepath.Join(t.TempDir(), "record.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	policy, err := people.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, book: book, clock: time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC), policy: policy, key: filepath.Join(t.TempDir(), "unit.key")}
	if h.door, err = door.New(door.Config{Book: book, Policy: policy, Now: h.now, Origin: "https://localhost:8473", Unit: h.unit()}); err != nil {
		t.Fatal(err)
	}
	h.admin = people.Who{Person: people.NewID(), By: "Admin (admin)", Role: people.Administrator, Session: "s"}
	return h
}

func (h *house) now() time.Time { return h.clock }

const password = "harbour gull lighthouse fog"

func (h *house) from(address string) door.Visitor { return door.Visitor{From: address, Agent: "test"} }

func (h *house) code(secret string) string {
	h.t.Helper()
	c, err := totp.GenerateCode(secret, h.clock)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// invited comes in by password; it gives the secret of the codes.
func (h *house) invited(login string, role people.Role) (people.Person, door.Entered, string) {
	h.t.Helper()
	p, key, err := h.door.Invite(ctx, h.admin, people.Person{Login: login, Name: "SI " + login, Station: "PS", Role: role})
	if err != nil {
		h.t.Fatal(err)
	}
	codes := h.door.CodesOf(p, "")
	in, err := h.door.WelcomePassword(ctx, key, password, codes.Secret, h.code(codes.Secret), h.from("192.0.2.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return p, in, codes.Secret
}

func refused(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != want || err == nil {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

// logged counts the entries of a kind in the log.
func (h *house) logged(kind custody.Kind) int {
	h.t.Helper()
	all, err := h.book.Entries(ctx, custody.Query{Kind: kind})
	if err != nil {
		h.t.Fatal(err)
	}
	return len(all)
}

func TestInvitationsWorkOnceAndNotForLong(t *testing.T) {
	h := newHouse(t)
	p, key, err := h.door.Invite(ctx, h.admin, people.Person{Login: "a", Name: "SI A", Station: "PS", Role: people.Officer})
	if err != nil {
		t.Fatal(err)
	}
	codes := h.door.CodesOf(p, "")
	try := func(key, password, code string) error {
		_, err := h.door.WelcomePassword(ctx, key, password, codes.Secret, code, h.from("192.0.2.1"))
		return err
	}
	refused(t, "short password", try(key, "short", h.code(codes.Secret)), fault.Invalid)
	refused(t, "one letter again and again", try(key, strings.Repeat("a", 20), h.code(codes.Secret)), fault.Invalid)
	refused(t, "wrong code", try(key, password, "000000"), fault.Invalid)
	refused(t, "wrong key", try("nonsense", password, h.code(codes.Secret)), fault.Denied)
	if err := try(key, password, h.code(codes.Secret)); err != nil {
		t.Fatal(err)
	}
	refused(t, "used", try(key, password, h.code(codes.Secret)), fault.Denied)
	_, late, err := h.door.Invite(ctx, h.admin, people.Person{Login: "b", Name: "SI B", Station: "PS", Role: people.Officer})
	if err != nil {
		t.Fatal(err)
	}
	h.clock = h.clock.Add(door.InviteHolds)
	_, err = h.door.Invited(ctx, late)
	refused(t, "three days later", err, fault.Denied)
	_, _, err = h.door.Invite(ctx, people.Who{Person: p.ID, By: p.By(), Role: people.Officer}, people.Person{Login: "c", Name: "SI C", Station: "PS", Role: people.Officer})
	refused(t, "an officer inviting", err, fault.Denied)
}

func TestSessionsEnd(t *testing.T) {
	h := newHouse(t)
	p, in, _ := h.invited("a", people.Officer)
	enter := func() error { _, _, err := h.door.Enter(ctx, in.Session); return err }
	for range 20 { // shown every half hour but a bit, it goes on
		h.clock = h.clock.Add(door.SessionIdle - time.Minute)
		if err := enter(); err != nil {
			t.Fatal(h.clock, err)
		}
	}
	h.clock = h.clock.Add(door.SessionHolds - 20*(door.SessionIdle-time.Minute))
	refused(t, "after twelve hours", enter(), fault.Denied)

	_, in, _ = h.invited("b", people.Officer)
	h.clock = h.clock.Add(door.SessionIdle + time.Minute)
	refused(t, "after half an hour of nothing", enter(), fault.Denied)
	open, err := h.door.Passes(ctx, in.Who, door.Session)
	if err != nil || len(open) != 0 {
		t.Errorf("an idle session is listed: %v, %v", open, err)
	}

	p, in, _ = h.invited("c", people.Officer)
	if err := h.door.SetRole(ctx, h.admin, p.ID, people.Analyst); err != nil {
		t.Fatal(err)
	}
	refused(t, "after another role", enter(), fault.Denied)

	_, in, _ = h.invited("d", people.Officer)
	other, theirs, _ := h.invited("e", people.Officer)
	_, pass, err := h.door.Enter(ctx, in.Session)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "ended by somebody else", h.door.EndOwn(ctx, theirs.Who, door.Session, pass.ID), fault.NotFound)
	if err := h.door.EndOwn(ctx, in.Who, door.Session, pass.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, "ended by its person", enter(), fault.Denied)
	if err := h.door.End(ctx, h.admin, other.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.door.Enter(ctx, theirs.Session)
	refused(t, "of somebody who is let in no more", err, fault.Denied)
}

func TestPasswordAndCode(t *testing.T) {
	h := newHouse(t)
	_, _, secret := h.invited("a", people.Officer)
	try := func(login, password, code string) error {
		_, err := h.door.SignIn(ctx, login, password, code, h.from("192.0.2.9"))
		return err
	}
	refused(t, "the code of the invitation again", try("a", password, h.code(secret)), fault.Denied)
	h.clock = h.clock.Add(time.Minute)
	said := map[string]bool{}
	for name, err := range map[string]error{
		"wrong password": try("a", password+"x", h.code(secret)), "wrong code": try("a", password, "000000"), "nobody": try("nobody", password, h.code(secret)), "no code": try("a", password, ""),
	} {
		refused(t, name, err, fault.Denied)
		said[err.Error()+fault.Hint(err)] = true
	}
	if len(said) != 1 {
		t.Errorf("the door tells why it stays shut: %v", said)
	}
	if n := h.logged(custody.SignInRefused); n != 5 {
		t.Errorf("%d refused sign-ins are logged, not 5", n)
	}
	before := h.logged(custody.SignIn)
	if err := try(" A ", password, h.code(secret)); err != nil {
		t.Fatal(err)
	}
	if h.logged(custody.SignIn) != before+1 {
		t.Error("a sign-in is not logged")
	}
	refused(t, "the same code again", try("a", password, h.code(secret)), fault.Denied)
	h.clock = h.clock.Add(time.Minute)
	if err := try("a", password, h.code(secret)); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

// Who guesses is stopped, and stops nobody else: neither a colleague at the same
// address whose browser is known, nor anybody elsewhere.
func TestGuessingLocksNobodyElseOut(t *testing.T) {
	h := newHouse(t)
	_, known, secret := h.invited("a", people.Officer)
	h.clock = h.clock.Add(time.Hour)
	guess := func() error {
		_, err := h.door.SignIn(ctx, "a", "wrong wrong wrong", "000000", h.from("198.51.100.7"))
		return err
	}
	for range 10 {
		refused(t, "a guess", guess(), fault.Denied)
	}
	refused(t, "the eleventh guess", guess(), fault.Unavailable)
	refused(t, "another name from there", func() error {
		_, err := h.door.SignIn(ctx, "b", password, "000000", h.from("198.51.100.7"))
		return err
	}(), fault.Unavailable)
	if _, err := h.door.SignIn(ctx, "a", password, h.code(secret), h.from("192.0.2.1")); err != nil {
		t.Errorf("the person at another address: %v", err)
	}
	h.clock = h.clock.Add(35 * time.Second)
	guess() // whatever came back is used up
	v := h.from("198.51.100.7")
	v.Browser = known.Browser
	if _, err := h.door.SignIn(ctx, "a", password, h.code(secret), v); err != nil {
		t.Errorf("the person at the same address, in the browser that is known: %v", err)
	}
	h.clock = h.clock.Add(time.Minute)
	refused(t, "after a while", guess(), fault.Denied)
}

func TestTheLimiterForgets(t *testing.T) {
	clock := time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)
	l := door.NewLimiter(func() time.Time { return clock }, door.Attempts())
	for range 10 {
		l.Ask("guesser")
	}
	for n := range 30_000 { // from many places at once
		if err := l.Ask(fmt.Sprint("place ", n)); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(time.Millisecond)
	}
	if n := l.Len(); n > 10_000 {
		t.Errorf("%d places are remembered", n)
	}
	refused := false
	for range 3 {
		refused = refused || l.Ask("guesser") != nil
	}
	if !refused {
		t.Error("the flood washed the guesser away")
	}
}

func TestRecovery(t *testing.T) {
	h := newHouse(t)
	p, in, secret := h.invited("a", people.Officer)
	token, err := h.door.MakeToken(ctx, in.Who, "script", "read", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := h.door.Renew(ctx, h.admin, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.door.Enter(ctx, in.Session)
	refused(t, "the old session", err, fault.Denied)
	_, _, err = h.door.Bearer(ctx, token)
	refused(t, "the old token", err, fault.Denied)
	h.clock = h.clock.Add(time.Minute)
	_, err = h.door.SignIn(ctx, "a", password, h.code(secret), h.from("192.0.2.1"))
	refused(t, "the old password", err, fault.Denied)
	if got, err := h.door.Invited(ctx, key); err != nil || got.ID != p.ID {
		t.Errorf("the new invitation: %v, %v", got, err)
	}
	if h.logged(custody.PersonChanged) < 3 {
		t.Error("it is not logged")
	}
	self := people.Who{Person: p.ID, By: p.By(), Role: people.Administrator}
	refused(t, "oneself", h.door.End(ctx, self, p.ID), fault.Denied)
	refused(t, "one's own role", h.door.SetRole(ctx, self, p.ID, people.Auditor), fault.Denied)
}

func TestTokens(t *testing.T) {
	h := newHouse(t)
	_, in, _ := h.invited("a", people.Officer)
	for name, c := range map[string]struct {
		name, scope string
		hold        time.Duration
	}{"no name": {"", "read", time.Hour}, "no such scope": {"x", "everything", time.Hour}, "for ever": {"x", "read", door.TokenHolds + time.Hour}, "for no time": {"x", "read", 0}} {
		_, err := h.door.MakeToken(ctx, in.Who, c.name, c.scope, c.hold)
		refused(t, name, err, fault.Invalid)
	}
	key, err := h.door.MakeToken(ctx, in.Who, "script", "read", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	who, _, err := h.door.Bearer(ctx, key)
	if err != nil || len(who.Scope) == 0 || who.By != in.Who.By {
		t.Errorf("%+v, %v", who, err)
	}
	_, err = h.door.MakeToken(ctx, who, "another", "read", time.Hour)
	refused(t, "a token that makes a token", err, fault.Denied)
	h.clock = h.clock.Add(time.Hour)
	_, _, err = h.door.Bearer(ctx, key)
	refused(t, "an hour later", err, fault.Denied)
	_, err = h.door.MakeToken(ctx, h.admin, "script", "read", time.Hour)
	refused(t, "an administrator's", err, fault.Denied)
}

func TestTheFirstComesFromTheTerminal(t *testing.T) {
	h := newHouse(t)
	admin := people.Person{Login: "admin", Name: "Administrator", Station: "this unit", Role: people.Administrator}
	p, first, err := h.door.InviteFromTerminal(ctx, "root", admin)
	if err != nil {
		t.Fatal(err)
	}
	again, second, err := h.door.InviteFromTerminal(ctx, "root", admin)
	if err != nil || again.ID != p.ID || again.MadeBy != "root, at the terminal" {
		t.Errorf("invited anew: %+v, %v", again, err)
	}
	_, err = h.door.Invited(ctx, first)
	refused(t, "the first link after the second", err, fault.Denied)
	if _, err := h.door.Invited(ctx, second); err != nil {
		t.Error(err)
	}
	admin.Role = people.Officer
	_, _, err = h.door.InviteFromTerminal(ctx, "root", admin)
	refused(t, "another role for the same login", err, fault.Conflict)
}

func TestMarksOfForms(t *testing.T) {
	h := newHouse(t)
	mark := h.door.NewForm("key")
	first, last := "A", mark[len(mark)-1]
	if mark[0] == 'A' {
		first = "B"
	}
	// The last digit has bits that say nothing; another one of them is no second mark.
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	spare := mark[:len(mark)-1] + string(digits[strings.IndexByte(digits, last)+1])
	for name, m := range map[string]string{"none": "", "no mark": "AAAA", "long": strings.Repeat("A", 500), "changed": first + mark[1:], "written otherwise": spare, "another's": h.door.NewForm("other")} {
		_, err := h.door.Spend(ctx, "key", m)
		refused(t, name, err, fault.Denied)
	}
	undo, err := h.door.Spend(ctx, "key", mark)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.door.Spend(ctx, "key", mark)
	refused(t, "twice", err, fault.Conflict)
	if err := undo(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.door.Spend(ctx, "key", mark); err != nil {
		t.Errorf("given back: %v", err)
	}
	old := h.door.NewForm("key")
	h.clock = h.clock.Add(door.SessionHolds)
	_, err = h.door.Spend(ctx, "key", old)
	refused(t, "too old", err, fault.Denied)
}

// provider is an identity provider on this machine, as OpenID Connect has it.
type provider struct {
	*httptest.Server
	key     *rsa.PrivateKey
	clock   func() time.Time
	nonce   string
	claims  map[string]any
	subject string
}

func newProvider(t *testing.T, clock func() time.Time) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, clock: clock, subject: "officer-1"}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code") != "good" || r.FormValue("code_verifier") == "" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		claims := map[string]any{"iss": p.URL, "sub": p.subject, "aud": "suraag", "nonce": p.nonce, "iat": p.clock().Unix(), "exp": p.clock().Add(time.Minute).Unix()}
		for name, v := range p.claims {
			claims[name] = v
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "1"))
		if err != nil {
			t.Error(err)
			return
		}
		doc, _ := json.Marshal(claims)
		signed, err := signer.Sign(doc)
		if err != nil {
			t.Error(err)
			return
		}
		text, _ := signed.CompactSerialize()
		answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": text})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func TestAgencySignIn(t *testing.T) {
	h := newHouse(t)
	p := newProvider(t, func() time.Time { return h.clock })
	h.door.WithAgency(door.Provider{Issuer: p.URL, Client: "suraag", Secret: "secret", Redirect: "https://localhost:8473/signin/agency/back"})
	// there goes to the provider, and gives what comes back.
	there := func(invitation string) (keep, state string) {
		t.Helper()
		address, keep, err := h.door.BeginAgency(ctx, invitation, h.from("192.0.2.1"))
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		p.nonce = q.Get("nonce")
		if q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != "https://localhost:8473/signin/agency/back" {
			t.Errorf("it goes to %s", address)
		}
		return keep, q.Get("state")
	}
	back := func(keep, state, code string) (door.Entered, error) {
		return h.door.FinishAgency(ctx, keep, state, code, h.from("192.0.2.1"))
	}
	keep, state := there("")
	_, err := back(keep, state, "good")
	refused(t, "who was never invited", err, fault.Denied)

	person, invitation, err := h.door.Invite(ctx, h.admin, people.Person{Login: "a", Name: "SI A", Station: "PS", Role: people.Officer})
	if err != nil {
		t.Fatal(err)
	}
	keep, state = there(invitation)
	_, err = back(keep, state+"x", "good")
	refused(t, "the state of another browser", err, fault.Denied)
	_, err = back("", state, "good")
	refused(t, "no cookie", err, fault.Denied)
	in, err := back(keep, state, "good")
	if err != nil || in.Who.Person != person.ID {
		t.Fatal(in, err)
	}
	_, err = back(keep, state, "good")
	refused(t, "the same answer again", err, fault.Conflict)

	keep, state = there("")
	if in, err = back(keep, state, "good"); err != nil || in.Who.Person != person.ID {
		t.Errorf("the next sign-in: %v, %v", in.Who, err)
	}
	for name, claims := range map[string]map[string]any{
		"for another client": {"aud": "other"}, "of another provider": {"iss": "https://evil.example"}, "too old": {"exp": h.clock.Add(-time.Minute).Unix()}, "of another sign-in": {"nonce": "other"},
	} {
		keep, state = there("")
		p.claims = claims
		_, err := back(keep, state, "good")
		refused(t, name, err, fault.Denied)
	}
	p.claims = nil
	keep, state = there("")
	_, err = back(keep, state, "bad")
	refused(t, "a code that the provider refuses", err, fault.Denied)
	p.subject = "officer-2"
	keep, state = there("")
	_, err = back(keep, state, "good")
	refused(t, "another person of the agency", err, fault.Denied)
}

// Nothing that came as an answer of a passkey opens the door or breaks it.
func FuzzAnswersOfPasskeys(f *testing.F) {
	seeds := []string{`{}`, `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`, `null`, `[]`, `{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":"AA"}}`}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	book, err := store.Open(ctx, filepath.Join(f.TempDir(), "record.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { book.Close() })
	policy, err := people.Shipped()
	if err != nil {
		f.Fatal(err)
	}
	clock := time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)
	d, err := door.New(door.Config{Book: book, Policy: policy, Now: func() time.Time { clock = clock.Add(time.Minute); return clock }, Origin: "https://localhost:8473"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		c, err := d.BeginPasskey(ctx, door.Visitor{From: "192.0.2.1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.FinishPasskey(ctx, c.Key, answer, door.Visitor{From: "192.0.2.1"}); err == nil {
			t.Fatalf("%q opens the door", answer)
		}
	})
}
