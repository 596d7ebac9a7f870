package door

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
)

// passkeysOf makes the relying party of an origin (Web Authentication Level 3).
// A passkey has to be discoverable, so that nobody types a name, and to verify
// its user, so that having it is not enough.
func passkeysOf(origin string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return nil, fault.Newf(fault.Invalid, "origin %q is no address of pages", origin)
	}
	keys, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Suraag", RPOrigins: []string{origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
		AttestationPreference:  protocol.PreferNoAttestation,
	})
	if err != nil {
		err = fault.Newf(fault.Invalid, "origin %q: %w", origin, err)
		return nil, fault.WithHint(err, "give scheme, name and port, as https://suraag.example.org:8473; passkeys belong to names, not to addresses")
	}
	return keys, nil
}

// holder is a person as the library wants to see one.
type holder struct {
	person people.Person
	keys   []webauthn.Credential
}

func (h holder) WebAuthnID() []byte {
	b, _ := hex.DecodeString(h.person.ID) // it is hex, or the record would not have given it
	return b
}
func (h holder) WebAuthnName() string                       { return h.person.Login }
func (h holder) WebAuthnDisplayName() string                { return h.person.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holderOf gives a person with all passkeys.
func (d *Door) holderOf(ctx context.Context, p people.Person) (holder, error) {
	all, err := d.book.Credentials(ctx, p.ID)
	h := holder{person: p}
	for _, c := range all {
		if c.Kind != Passkey {
			continue
		}
		var key webauthn.Credential
		if err := json.Unmarshal(c.Doc, &key); err != nil {
			return h, fault.Newf(fault.Corrupt, "stored passkey of %q: %w", p.Login, err)
		}
		h.keys = append(h.keys, key)
	}
	return h, err
}

// Ceremony is what a browser needs to use or make a passkey. Key is handed back
// with the answer.
type Ceremony struct {
	Key     string `json:"key"`
	Options any    `json:"options"`
}

// remember keeps the state of a ceremony until it is finished, once.
func (d *Door) remember(ctx context.Context, what string, state *webauthn.SessionData, options any) (Ceremony, error) {
	doc, err := json.Marshal(state)
	if err != nil {
		return Ceremony{}, fault.As(fault.Internal, err)
	}
	key, _ := newKey()
	err = d.book.InTx(ctx, func(tx *sql.Tx) error {
		_, err := d.book.Once(ctx, tx, ceremonyKey(what, key), string(doc), d.now(), d.now().Add(onceHolds))
		return err
	})
	return Ceremony{Key: key, Options: options}, err
}

// recall gives the state of a ceremony, once, whatever becomes of it.
func (d *Door) recall(ctx context.Context, what, key string) (state webauthn.SessionData, err error) {
	err = d.book.InTx(ctx, func(tx *sql.Tx) error {
		doc, err := d.book.TakeOnce(ctx, tx, ceremonyKey(what, key), d.now())
		if err != nil {
			return err
		}
		return fault.As(fault.Corrupt, json.Unmarshal([]byte(doc), &state))
	})
	return state, err
}

func ceremonyKey(what, key string) [32]byte { return sha256.Sum256([]byte(what + "\n" + key)) }

const (
	signing = "passkey sign-in"
	making  = "passkey made for "
)

// BeginPasskey begins a sign-in by passkey. Nobody says who they are: the
// passkey does.
func (d *Door) BeginPasskey(ctx context.Context, v Visitor) (Ceremony, error) {
	if err := d.limits.Ask("passkey " + v.From); err != nil {
		return Ceremony{}, err
	}
	options, state, err := d.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fault.As(fault.Internal, err)
	}
	return d.remember(ctx, signing, state, options.Response)
}

// FinishPasskey lets somebody in whose passkey answered.
func (d *Door) FinishPasskey(ctx context.Context, key string, answer []byte, v Visitor) (in Entered, err error) {
	state, err := d.recall(ctx, signing, key)
	if err != nil {
		return in, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return in, fault.Newf(fault.Invalid, "answer of the passkey: %w", err)
	}
	var who people.Person
	var stored Credential
	broken := error(nil)
	_, fresh, err := d.keys.ValidatePasskeyLogin(func(rawID, handle []byte) (webauthn.User, error) {
		h, c, err := d.ownerOf(ctx, rawID, handle)
		if err != nil && !fault.Is(err, fault.NotFound) {
			broken = err
		}
		who, stored = h.person, c
		return h, err
	}, state, parsed)
	if broken != nil {
		return in, broken
	}
	if err != nil || fresh.Authenticator.CloneWarning {
		why := "the passkey is not known or its answer is wrong"
		if err == nil {
			why = "the counter of the passkey went backwards: it may have been copied"
		}
		return in, d.refused(ctx, subjectOf(who, "unknown passkey"), string(Passkey), why, v)
	}
	doc, err := json.Marshal(fresh)
	if err != nil {
		return in, fault.As(fault.Internal, err)
	}
	was := stored.Doc
	stored.Doc, stored.Used = doc, d.now()
	err = d.book.InTx(ctx, func(tx *sql.Tx) error {
		if ok, err := d.book.UseCredential(ctx, tx, stored, was); err != nil || !ok {
			return errors.Join(err, changedMeanwhile(ok))
		}
		in, err = d.begin(ctx, tx, who, string(Passkey), v)
		return err
	})
	return in, err
}

func changedMeanwhile(ok bool) error {
	if ok {
		return nil
	}
	return fault.Newf(fault.Conflict, "it was used elsewhere at the same moment")
}

func subjectOf(p people.Person, otherwise string) string {
	if p.ID == "" {
		return otherwise
	}
	return p.ID
}

// ownerOf finds whose passkey it is. The handle that it states has to be that of
// its owner.
func (d *Door) ownerOf(ctx context.Context, rawID, handle []byte) (holder, Credential, error) {
	c, err := d.book.Credential(ctx, rawID)
	if err != nil {
		return holder{}, c, err
	}
	p, err := d.book.Person(ctx, c.Person)
	if err != nil {
		return holder{}, c, err
	}
	h, err := d.holderOf(ctx, p)
	if err == nil && (c.Kind != Passkey || !p.Ended.IsZero() || !bytes.Equal(handle, h.WebAuthnID())) {
		err = fault.Newf(fault.NotFound, "no such passkey")
	}
	return h, c, err
}

// BeginWelcome begins making the first passkey of somebody who was invited.
func (d *Door) BeginWelcome(ctx context.Context, invitation string, v Visitor) (Ceremony, error) {
	if err := d.limits.Ask("passkey " + v.From); err != nil {
		return Ceremony{}, err
	}
	p, err := d.Invited(ctx, invitation)
	if err != nil {
		return Ceremony{}, err
	}
	return d.beginMaking(ctx, p)
}

func (d *Door) beginMaking(ctx context.Context, p people.Person) (Ceremony, error) {
	h, err := d.holderOf(ctx, p)
	if err != nil {
		return Ceremony{}, err
	}
	var known []protocol.CredentialDescriptor
	for _, k := range h.keys {
		known = append(known, k.Descriptor())
	}
	options, state, err := d.keys.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return Ceremony{}, fault.As(fault.Internal, err)
	}
	return d.remember(ctx, making+p.ID, state, options.Response)
}

// made checks a new passkey.
func (d *Door) made(ctx context.Context, p people.Person, key string, answer []byte, label string) (Credential, error) {
	state, err := d.recall(ctx, making+p.ID, key)
	if err != nil {
		return Credential{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Credential{}, fault.Newf(fault.Invalid, "answer of the new passkey: %w", err)
	}
	fresh, err := d.keys.CreateCredential(holder{person: p}, state, parsed)
	if err != nil {
		return Credential{}, fault.WithHint(fault.Newf(fault.Denied, "the new passkey was not accepted: %w", err), "begin again; the key has to ask for a fingerprint, a face or a PIN")
	}
	doc, err := json.Marshal(fresh)
	if err != nil {
		return Credential{}, fault.As(fault.Internal, err)
	}
	if label = cut(label, 100); label == "" {
		label = "passkey"
	}
	return Credential{ID: fresh.ID, Person: p.ID, Kind: Passkey, Label: label, Made: d.now(), Doc: doc}, nil
}

// FinishWelcome keeps the first passkey of somebody who was invited, and lets
// the person in.
func (d *Door) FinishWelcome(ctx context.Context, invitation, key string, answer []byte, label string, v Visitor) (Entered, error) {
	p, err := d.Invited(ctx, invitation)
	if err != nil {
		return Entered{}, err
	}
	c, err := d.made(ctx, p, key, answer, label)
	if err != nil {
		return Entered{}, err
	}
	return d.welcome(ctx, invitation, c, v, nil)
}

// BeginAnother begins making another passkey of somebody who is signed in.
func (d *Door) BeginAnother(ctx context.Context, w people.Who) (Ceremony, error) {
	p, err := d.own(ctx, w)
	if err != nil {
		return Ceremony{}, err
	}
	return d.beginMaking(ctx, p)
}

// FinishAnother keeps another passkey.
func (d *Door) FinishAnother(ctx context.Context, w people.Who, key string, answer []byte, label string) error {
	p, err := d.own(ctx, w)
	if err != nil {
		return err
	}
	c, err := d.made(ctx, p, key, answer, label)
	if err != nil {
		return err
	}
	return d.logged(ctx, custody.PersonChanged, p.ID, w.By, map[string]string{"what": "passkey added", "label": c.Label}, func(tx *sql.Tx) error {
		return d.book.AddCredential(ctx, tx, c)
	})
}

func (d *Door) own(ctx context.Context, w people.Who) (people.Person, error) {
	if err := d.policy.OnUnit(w, people.OwnAccount); err != nil {
		return people.Person{}, err
	}
	return d.book.Person(ctx, w.Person)
}

// OwnCredentials gives the ways in which somebody signs in.
func (d *Door) OwnCredentials(ctx context.Context, w people.Who) ([]Credential, error) {
	if _, err := d.own(ctx, w); err != nil {
		return nil, err
	}
	return d.book.Credentials(ctx, w.Person)
}

// DropOwn forgets one of one's own ways to sign in, unless it is the last.
func (d *Door) DropOwn(ctx context.Context, w people.Who, id []byte) error {
	all, err := d.OwnCredentials(ctx, w)
	if err != nil {
		return err
	}
	if len(all) < 2 {
		return fault.WithHint(fault.Newf(fault.Conflict, "it is your only way to sign in"), "add another first")
	}
	return d.logged(ctx, custody.PersonChanged, w.Person, w.By, map[string]string{"what": "credential ended", "credential": hex.EncodeToString(id)}, func(tx *sql.Tx) error {
		n, err := d.book.DropCredentials(ctx, tx, w.Person, id)
		if err == nil && n == 0 {
			err = fault.Newf(fault.NotFound, "you have no such way to sign in")
		}
		return err
	})
}
