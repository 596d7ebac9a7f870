// Package door lets people in and keeps others out: invitations, passkeys,
// passwords with codes, an agency's own sign-in, sessions, tokens and forms.
//
// Takes what someone shows at the door. Gives who it is, or a refusal that says
// no more than it must. It touches the record only through the Book that it is
// given; each thing done is logged in the transaction that does it. It never
// keeps a key that opens a door, only its SHA-256.
package door

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
)

// How long things hold. A session ends after half an hour in which nothing is
// asked, and after 12 hours in any case (NIST SP 800-63B §4.2.3, AAL2).
const (
	SessionIdle  = 30 * time.Minute
	SessionHolds = 12 * time.Hour
	InviteHolds  = 72 * time.Hour
	TokenHolds   = 7 * 24 * time.Hour // at most
	browserHolds = 90 * 24 * time.Hour
	onceHolds    = 10 * time.Minute
	seenEvery    = time.Minute // so often a session's last use is written down
)

// Kind is what a pass is.
type Kind string

// The kinds of pass.
const (
	Session    Kind = "session"
	Token      Kind = "token"
	Invitation Kind = "invitation"
	Browser    Kind = "browser" // in which a person signed in before; opens nothing
)

// Pass is a session, a token or an invitation. Its key is never stored: ID is
// the SHA-256 of it.
type Pass struct {
	ID     string
	Kind   Kind
	Person string
	Made   time.Time
	Seen   time.Time // when it was last shown
	Until  time.Time
	Ended  time.Time
	About  About
}

// About says what people need to know of a pass to recognise it.
type About struct {
	How   string `json:"how,omitempty"`   // session: by what the person signed in
	From  string `json:"from,omitempty"`  // the address from which it was made
	Agent string `json:"agent,omitempty"` // the browser, in its own words
	Name  string `json:"name,omitempty"`  // of a token
	Scope string `json:"scope,omitempty"` // of a token
	By    string `json:"by,omitempty"`    // who invited
}

// CredentialKind is how a person signs in.
type CredentialKind string

// The kinds of credential.
const (
	Passkey  CredentialKind = "passkey"
	Password CredentialKind = "password with codes"
	Agency   CredentialKind = "agency sign-in"
)

// Credential is a way to sign in.
type Credential struct {
	ID     []byte
	Person string
	Kind   CredentialKind
	Label  string
	Made   time.Time
	Used   time.Time
	Doc    json.RawMessage
}

// Book is where all of it is kept. Methods that write take the transaction.
type Book interface {
	InTx(ctx context.Context, f func(*sql.Tx) error) error
	Log(ctx context.Context, tx *sql.Tx, entries ...custody.Entry) error

	AddPerson(ctx context.Context, tx *sql.Tx, p people.Person) error
	// HoldPerson gives a person and keeps everybody else from changing it until the
	// transaction ends.
	HoldPerson(ctx context.Context, tx *sql.Tx, id string) (people.Person, error)
	UpdatePerson(ctx context.Context, tx *sql.Tx, p people.Person) error
	People(ctx context.Context) ([]people.Person, error)
	Person(ctx context.Context, id string) (people.Person, error)
	PersonByLogin(ctx context.Context, login string) (people.Person, error)

	AddCredential(ctx context.Context, tx *sql.Tx, c Credential) error
	UseCredential(ctx context.Context, tx *sql.Tx, c Credential, was json.RawMessage) (bool, error)
	DropCredentials(ctx context.Context, tx *sql.Tx, person string, id []byte) (int64, error)
	Credentials(ctx context.Context, person string) ([]Credential, error)
	Credential(ctx context.Context, id []byte) (Credential, error)

	AddPass(ctx context.Context, tx *sql.Tx, p Pass) error
	SeePass(ctx context.Context, tx *sql.Tx, id string, now time.Time) error
	EndPass(ctx context.Context, tx *sql.Tx, kind Kind, person, id string, now time.Time) (int64, error)
	Pass(ctx context.Context, id string) (Pass, error)
	Passes(ctx context.Context, kind Kind, person string, now time.Time) ([]Pass, error)

	// SameUnitKey refuses what was encrypted to a unit key that was changed meanwhile.
	SameUnitKey(ctx context.Context, tx *sql.Tx, public string) error

	Once(ctx context.Context, tx *sql.Tx, key [32]byte, doc string, now, until time.Time) (bool, error)
	TakeOnce(ctx context.Context, tx *sql.Tx, key [32]byte, now time.Time) (doc string, err error)
}

// Door is the one door of a house.
type Door struct {
	book    Book
	policy  people.Policy
	now     func() time.Time
	keys    *webauthn.WebAuthn
	agency  *agency // nil: none is set up
	limits  *Limiter
	hashing chan struct{} // one place for each password that is being hashed
	unit    Unit
	opened  opened
}

// Config is what a door needs.
type Config struct {
	Book   Book
	Policy people.Policy
	Now    func() time.Time
	Origin string // as browsers write it: https://suraag.example.org:8473
	Unit   Unit   // without it, nobody comes in by password and code
}

// Visitor is what the other side of the line shows of itself.
type Visitor struct {
	From    string // address, without port
	Agent   string
	Browser string // key of the Browser pass, where the browser has one
}

// New makes a door.
func New(c Config) (*Door, error) {
	keys, err := passkeysOf(c.Origin)
	if err != nil {
		return nil, err
	}
	return &Door{book: c.Book, policy: c.Policy, now: c.Now, keys: keys, limits: NewLimiter(c.Now, attempts()), hashing: make(chan struct{}, 2), unit: c.Unit}, nil
}

// newKey makes a key that opens something, and its ID.
func newKey() (key, id string) {
	var b [32]byte
	rand.Read(b[:]) // it never fails (crypto/rand)
	key = base64.RawURLEncoding.EncodeToString(b[:])
	return key, idOf(key)
}

// idOf is what is stored of a key.
func idOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// entry is a log entry of this package: who did what to a person.
func (d *Door) entry(kind custody.Kind, subject, by string, record any) (custody.Entry, error) {
	return custody.Saying(kind, subject, by, d.now().UTC(), record)
}

// logged does something and logs it, both or neither.
func (d *Door) logged(ctx context.Context, kind custody.Kind, subject, by string, record any, f func(tx *sql.Tx) error) error {
	e, err := d.entry(kind, subject, by, record)
	if err != nil {
		return err
	}
	return d.book.InTx(ctx, func(tx *sql.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return d.book.Log(ctx, tx, e)
	})
}

// notHere is what everybody is told whose pass opens nothing, whatever the cause.
func notHere() error {
	return fault.WithHint(fault.Newf(fault.Denied, "nobody is signed in"), "sign in")
}

// Enter tells whose session a key opens, and writes down that it was shown.
func (d *Door) Enter(ctx context.Context, key string) (people.Who, Pass, error) {
	return d.enter(ctx, Session, key)
}

// Bearer tells whose token a key is.
func (d *Door) Bearer(ctx context.Context, key string) (people.Who, Pass, error) {
	return d.enter(ctx, Token, key)
}

func (d *Door) enter(ctx context.Context, kind Kind, key string) (people.Who, Pass, error) {
	p, err := d.valid(ctx, kind, key)
	if err != nil {
		return people.Who{}, p, err
	}
	now := d.now()
	if kind == Session && now.Sub(p.Seen) > SessionIdle {
		return people.Who{}, p, fault.WithHint(fault.Newf(fault.Denied, "the session ended, because nothing was asked for %d minutes", int(SessionIdle.Minutes())), "sign in again")
	}
	person, err := d.book.Person(ctx, p.Person)
	if err != nil || !person.Ended.IsZero() {
		return people.Who{}, p, notHere()
	}
	if now.Sub(p.Seen) >= seenEvery {
		if err := d.book.InTx(ctx, func(tx *sql.Tx) error { return d.book.SeePass(ctx, tx, p.ID, now) }); err != nil {
			return people.Who{}, p, err
		}
	}
	w := person.Who(p.ID[:32])
	if kind == Token {
		if w.Scope = people.Scopes()[p.About.Scope]; w.Scope == nil {
			w.Scope = []people.Action{}
		}
	}
	return w, p, nil
}

// valid gives the pass of a key, if it opens what it should and holds.
func (d *Door) valid(ctx context.Context, kind Kind, key string) (Pass, error) {
	if len(key) > 200 {
		return Pass{}, notHere()
	}
	p, err := d.book.Pass(ctx, idOf(key))
	if fault.Is(err, fault.NotFound) || err == nil && (p.Kind != kind || !p.Ended.IsZero() || !d.now().Before(p.Until)) {
		return Pass{}, notHere()
	}
	return p, err
}

// Entered is a door that opened: the keys for the browser to keep.
type Entered struct {
	Who     people.Who
	Session string
	Browser string
}

// begin starts a session in a transaction.
func (d *Door) begin(ctx context.Context, tx *sql.Tx, p people.Person, how string, v Visitor) (Entered, error) {
	now := d.now()
	about := About{How: how, From: v.From, Agent: cut(v.Agent, 200)}
	key, id := newKey()
	err := d.book.AddPass(ctx, tx, Pass{ID: id, Kind: Session, Person: p.ID, Made: now, Seen: now, Until: now.Add(SessionHolds), About: about})
	if err != nil {
		return Entered{}, err
	}
	browser, browserID := newKey()
	err = d.book.AddPass(ctx, tx, Pass{ID: browserID, Kind: Browser, Person: p.ID, Made: now, Seen: now, Until: now.Add(browserHolds), About: about})
	if err != nil {
		return Entered{}, err
	}
	e, err := d.entry(custody.SignIn, p.ID, p.By(), map[string]string{"how": how, "from": v.From, "session": id[:32]})
	if err != nil {
		return Entered{}, err
	}
	return Entered{Who: p.Who(id[:32]), Session: key, Browser: browser}, d.book.Log(ctx, tx, e)
}

// refused logs that someone was not let in, and says so without saying why.
func (d *Door) refused(ctx context.Context, subject, how, why string, v Visitor) error {
	err := d.logged(ctx, custody.SignInRefused, subject, custody.Program, map[string]string{"how": how, "why": why, "from": v.From}, func(*sql.Tx) error { return nil })
	if err != nil {
		return err
	}
	return fault.WithHint(fault.Newf(fault.Denied, "that does not open the door"), "check what you typed and try again; if you lost your key, an administrator can invite you anew")
}

// SignOut ends a session.
func (d *Door) SignOut(ctx context.Context, w people.Who, p Pass) error {
	return d.logged(ctx, custody.SignOut, w.Person, w.By, map[string]string{"session": p.ID[:32]}, func(tx *sql.Tx) error {
		_, err := d.book.EndPass(ctx, tx, Session, w.Person, p.ID, d.now())
		return err
	})
}

// Passes gives the open sessions or tokens of whoever asks. Sessions that nobody
// used for too long are left out.
func (d *Door) Passes(ctx context.Context, w people.Who, kind Kind) ([]Pass, error) {
	if err := d.policy.OnUnit(w, people.OwnAccount); err != nil {
		return nil, err
	}
	return d.open(ctx, kind, w.Person)
}

func (d *Door) open(ctx context.Context, kind Kind, person string) ([]Pass, error) {
	now := d.now()
	all, err := d.book.Passes(ctx, kind, person, now)
	var out []Pass
	for _, p := range all {
		if kind != Session || now.Sub(p.Seen) <= SessionIdle {
			out = append(out, p)
		}
	}
	return out, err
}

// EndOwn ends one of one's own sessions or tokens.
func (d *Door) EndOwn(ctx context.Context, w people.Who, kind Kind, id string) error {
	if err := d.policy.OnUnit(w, people.OwnAccount); err != nil {
		return err
	}
	if kind != Session && kind != Token {
		return fault.Newf(fault.Invalid, "%q is neither a session nor a token", cut(string(kind), 40))
	}
	return d.logged(ctx, custody.SignOut, w.Person, w.By, map[string]string{string(kind): cut(id, 32)}, func(tx *sql.Tx) error {
		n, err := d.book.EndPass(ctx, tx, kind, w.Person, id, d.now())
		if err == nil && n == 0 {
			err = fault.Newf(fault.NotFound, "no such %s of yours is open", kind)
		}
		return err
	})
}

// MakeToken makes a token for programs: for one scope, and for at most TokenHolds.
// The key is given once and never again.
func (d *Door) MakeToken(ctx context.Context, w people.Who, name, scope string, hold time.Duration) (key string, err error) {
	if err := d.policy.OnUnit(w, people.MakeToken); err != nil {
		return "", err
	}
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 100 {
		return "", fault.WithHint(fault.Newf(fault.Invalid, "a token needs a name of at most 100 characters"), "say what it is for")
	}
	if people.Scopes()[scope] == nil {
		return "", fault.WithHint(fault.Newf(fault.Invalid, "scope %q is not known", cut(scope, 40)), `give "read" or "hand in"`)
	}
	if hold <= 0 || hold > TokenHolds {
		return "", fault.Newf(fault.Invalid, "a token holds for at most %d days", int(TokenHolds.Hours()/24))
	}
	now := d.now()
	key, id := newKey()
	p := Pass{ID: id, Kind: Token, Person: w.Person, Made: now, Seen: now, Until: now.Add(hold), About: About{Name: name, Scope: scope}}
	err = d.logged(ctx, custody.PersonChanged, w.Person, w.By, map[string]string{"what": "token made", "token": id[:32], "name": name, "scope": scope}, func(tx *sql.Tx) error {
		return d.book.AddPass(ctx, tx, p)
	})
	return key, err
}

// cut bounds what others wrote.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
