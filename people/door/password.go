package door

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/argon2"

	"suraag/custody"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people"
)

// The cost of a password: Argon2id, 3 passes over 64 MiB in 4 lanes (RFC 9106
// §4, the second recommended option).
const (
	argonTime   = 3
	argonMemory = 64 << 10 // KiB
	argonLanes  = 4
	argonKey    = 32
)

// A password stands with a code of another device, so 12 characters are enough
// (NIST SP 800-63B-4 §3.1.1.2 asks for 8 then); what is longer than 200 is no
// password but an attack on our memory.
const (
	minPassword = 12
	maxPassword = 200
)

// step is how long a code holds, in seconds (RFC 6238 §5.2); one step before and
// after is taken too.
const step = 30

// secret is what is stored of a password with its codes.
type secret struct {
	Salt   []byte `json:"salt"`
	Hash   []byte `json:"hash"`
	Code   string `json:"code,omitempty"`   // base32, as an earlier version kept it
	Sealed []byte `json:"sealed,omitempty"` // the same, encrypted to the unit's key
	Last   int64  `json:"last"`             // the step of the last code that was used: none is used twice (RFC 6238 §5.2)
}

// Codes is what a person types or photographs into a device that makes codes.
type Codes struct {
	Secret string
	URL    string // otpauth://totp/…
}

// CodesOf gives what a device that makes codes needs: of the secret that the
// person is already entering, or where there is none, of a new one.
func (d *Door) CodesOf(p people.Person, secret string) Codes {
	if b, err := codeBase.DecodeString(secret); err != nil || len(b) != codeBytes {
		b = make([]byte, codeBytes)
		rand.Read(b) // it never fails (crypto/rand)
		secret = codeBase.EncodeToString(b)
	}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/Suraag:" + p.Login, RawQuery: url.Values{"secret": {secret}, "issuer": {"Suraag"}}.Encode()}
	return Codes{Secret: secret, URL: u.String()}
}

// codeBytes is the length of the secret of a code device (RFC 4226 §4, R6:
// 160 bits are recommended).
const codeBytes = 20

var codeBase = base32.StdEncoding.WithPadding(base32.NoPadding)

// checkPassword refuses what is short, endless, or the person's own name.
func checkPassword(p people.Person, password string) error {
	n := utf8.RuneCountInString(password)
	if n < minPassword || len(password) > maxPassword {
		err := fault.Newf(fault.Invalid, "the password has %d characters, not between %d and %d", n, minPassword, maxPassword)
		return fault.WithHint(err, "four or five words that have nothing to do with each other are good")
	}
	if lower := strings.ToLower(password); len(p.Login) > 3 && strings.Contains(lower, p.Login) || strings.Count(lower, lower[:1]) == len(lower) {
		return fault.WithHint(fault.Newf(fault.Invalid, "the password is one of the first that somebody would try"), "choose another")
	}
	return nil
}

// hash runs Argon2id, two at a time at most: each takes 64 MiB.
func (d *Door) hash(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-ctx.Done():
		return nil, fault.Newf(fault.Unavailable, "other people are signing in: %w", ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey), nil
}

// WelcomePassword keeps the password and the code device of somebody who was
// invited, and lets the person in. The code shows that the device works.
func (d *Door) WelcomePassword(ctx context.Context, invitation, password, codes, code string, v Visitor) (Entered, error) {
	if err := d.limits.Ask(d.bucket(ctx, v, "")); err != nil {
		return Entered{}, err
	}
	p, err := d.Invited(ctx, invitation)
	if err != nil {
		return Entered{}, err
	}
	if err := checkPassword(p, password); err != nil {
		return Entered{}, err
	}
	b, err := codeBase.DecodeString(codes)
	at, fits := d.codeFits(codes, code, 0)
	if err != nil || len(b) != codeBytes || !fits {
		err := fault.Newf(fault.Invalid, "the code does not fit the secret")
		return Entered{}, fault.WithHint(err, "enter the secret into the device once more, look at its clock, and type the code that it shows now")
	}
	s := secret{Salt: make([]byte, 16), Last: at}
	rand.Read(s.Salt) // it never fails (crypto/rand)
	var to vault.UnitKey
	if s.Sealed, to, err = d.seal(p, codes); err != nil {
		err = fault.Newf(fault.Unavailable, "the secret of a code device cannot be kept now: %w", err)
		return Entered{}, fault.WithHint(err, "choose a passkey, which needs no such secret; or have the unit's key put back in its place")
	}
	if s.Hash, err = d.hash(ctx, password, s.Salt); err != nil {
		return Entered{}, err
	}
	doc, err := json.Marshal(s)
	if err != nil {
		return Entered{}, fault.As(fault.Internal, err)
	}
	id := sha256.Sum256([]byte("password\n" + p.ID)) // one a person
	return d.welcome(ctx, invitation, Credential{ID: id[:], Kind: Password, Label: "password with codes", Doc: doc}, v, func(tx *sql.Tx) error {
		return d.book.SameUnitKey(ctx, tx, to.Public)
	})
}

// codeFits tells whether a code is that of now, or of the step before or after,
// and was not used before.
func (d *Door) codeFits(codes, code string, last int64) (at int64, fits bool) {
	code = strings.Join(strings.Fields(code), "")
	now := d.now().Unix() / step
	for _, at := range []int64{now, now - 1, now + 1} {
		want, err := totp.GenerateCode(codes, d.now().Add(time.Duration((at-now)*step)*time.Second))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return at, at > last
		}
	}
	return 0, false
}

// bucket names where attempts are counted: a browser in which this very person
// signed in before has a bucket of its own, so that strangers who guess from the
// same address, or in the same name, lock nobody out.
func (d *Door) bucket(ctx context.Context, v Visitor, person string) string {
	if v.Browser != "" && person != "" {
		if p, err := d.valid(ctx, Browser, v.Browser); err == nil && p.Person == person {
			return "browser " + p.ID
		}
	}
	return "address " + v.From
}

// SignIn lets somebody in by password and code. Whatever is wrong, the answer and
// its cost are the same.
func (d *Door) SignIn(ctx context.Context, login, password, code string, v Visitor) (in Entered, err error) {
	login = strings.ToLower(strings.TrimSpace(login))
	if len(login) > 100 || len(password) > maxPassword || len(code) > 20 {
		return in, fault.Newf(fault.TooLarge, "that is longer than any login, password or code")
	}
	p, stored, err := d.passwordOf(ctx, login)
	if err != nil {
		return in, err
	}
	if err := d.limits.Ask(d.bucket(ctx, v, p.ID)); err != nil {
		return in, err
	}
	var s secret
	if stored.Doc != nil {
		if err := json.Unmarshal(stored.Doc, &s); err != nil {
			return in, fault.Newf(fault.Corrupt, "stored password of %q: %w", login, err)
		}
	}
	salt := s.Salt
	if salt == nil {
		salt = make([]byte, 16) // nobody is there, which must not be told by the time it takes
	}
	got, err := d.hash(ctx, password, salt)
	if err != nil {
		return in, err
	}
	right := subtle.ConstantTimeCompare(got, s.Hash) == 1
	asked := s
	if !right { // nothing is decrypted for who does not have the password
		asked.Sealed = nil
	}
	codes, err := d.codeOf(p, asked)
	if err != nil {
		return in, d.unchecked(ctx, subjectOf(p, cut(login, 40)), v, err)
	}
	at, fits := d.codeFits(codes, code, s.Last)
	if !right || !fits {
		return in, d.refused(ctx, subjectOf(p, cut(login, 40)), string(Password), "login, password or code", v)
	}
	was, to := stored.Doc, ""
	s.Last = at
	if s.Code != "" { // as an earlier version kept it
		if sealed, key, err := d.seal(p, s.Code); err == nil { // without the key, the next time
			s.Sealed, s.Code, to = sealed, "", key.Public
		}
	}
	if stored.Doc, err = json.Marshal(s); err != nil {
		return in, fault.As(fault.Internal, err)
	}
	stored.Used = d.now()
	err = d.book.InTx(ctx, func(tx *sql.Tx) error {
		if to != "" {
			if err := d.book.SameUnitKey(ctx, tx, to); err != nil {
				return err
			}
		}
		if ok, err := d.book.UseCredential(ctx, tx, stored, was); err != nil || !ok {
			return errors.Join(err, changedMeanwhile(ok))
		}
		in, err = d.begin(ctx, tx, p, string(Password), v)
		return err
	})
	return in, err
}

// unchecked logs that somebody could not be let in, because the unit's key does not
// open the secret of the code device.
func (d *Door) unchecked(ctx context.Context, subject string, v Visitor, why error) error {
	err := d.logged(ctx, custody.SignInRefused, subject, custody.Program, map[string]string{"how": string(Password), "why": "the unit's key opens no code", "from": v.From}, func(*sql.Tx) error { return nil })
	if err != nil {
		return err
	}
	return why
}

// passwordOf gives the person of a login with the password, or nothing.
func (d *Door) passwordOf(ctx context.Context, login string) (people.Person, Credential, error) {
	p, err := d.book.PersonByLogin(ctx, login)
	if fault.Is(err, fault.NotFound) || err == nil && !p.Ended.IsZero() {
		return people.Person{}, Credential{}, nil
	}
	if err != nil {
		return p, Credential{}, err
	}
	all, err := d.book.Credentials(ctx, p.ID)
	for _, c := range all {
		if c.Kind == Password {
			return p, c, err
		}
	}
	return p, Credential{}, err
}
