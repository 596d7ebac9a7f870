package door

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"suraag/fault"
	"suraag/people"
)

// Provider is an agency's own identity provider (OpenID Connect Core 1.0). It
// says who somebody is, never what the person may do: nobody is let in whom
// nobody invited.
type Provider struct {
	Issuer   string // https://…
	Client   string // as the provider knows this Suraag
	Secret   string
	Redirect string       // this Suraag's address to come back to
	HTTP     *http.Client // nil: one with a time limit
}

// agency is a provider with what it says of itself, asked once.
type agency struct {
	Provider
	now   func() time.Time
	mu    sync.Mutex
	asked *oidc.Provider
}

// WithAgency lets people sign in at their agency's provider too.
func (d *Door) WithAgency(p Provider) {
	if p.HTTP == nil {
		p.HTTP = &http.Client{Timeout: 20 * time.Second}
	}
	d.agency = &agency{Provider: p, now: d.now}
}

// HasAgency tells whether an agency's own sign-in is set up.
func (d *Door) HasAgency() bool { return d.agency != nil }

func (a *agency) provider(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked == nil {
		// The provider keeps this context for its keys, so it must not end with the request.
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), a.HTTP), a.Issuer)
		if err != nil {
			err = fault.Newf(fault.Unavailable, "identity provider %q: %w", a.Issuer, err)
			return nil, nil, fault.WithHint(err, "use a passkey meanwhile, and tell whoever looks after Suraag")
		}
		a.asked = p
	}
	return a.asked, &oauth2.Config{
		ClientID: a.Client, ClientSecret: a.Secret, RedirectURL: a.Redirect, Endpoint: a.asked.Endpoint(), Scopes: []string{oidc.ScopeOpenID},
	}, nil
}

// errand is what a browser keeps while it is at the provider.
type errand struct {
	State, Nonce, Verifier, Invitation string
}

// BeginAgency gives the address of the provider, and what the browser keeps in a
// cookie until it comes back. The invitation is empty for who was here before.
func (d *Door) BeginAgency(ctx context.Context, invitation string, v Visitor) (address, keep string, err error) {
	if d.agency == nil {
		return "", "", fault.Newf(fault.NotFound, "no agency sign-in is set up")
	}
	if err := d.limits.Ask("agency " + v.From); err != nil {
		return "", "", err
	}
	if invitation != "" {
		if _, err := d.Invited(ctx, invitation); err != nil {
			return "", "", err
		}
	}
	_, config, err := d.agency.provider(ctx)
	if err != nil {
		return "", "", err
	}
	state, _ := newKey()
	nonce, _ := newKey()
	e := errand{State: state, Nonce: nonce, Verifier: oauth2.GenerateVerifier(), Invitation: invitation}
	address = config.AuthCodeURL(e.State, oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier))
	return address, strings.Join([]string{e.State, e.Nonce, e.Verifier, e.Invitation}, "."), nil
}

// FinishAgency lets somebody in whom the provider knows and who was invited.
func (d *Door) FinishAgency(ctx context.Context, keep, state, code string, v Visitor) (in Entered, err error) {
	if d.agency == nil {
		return in, fault.Newf(fault.NotFound, "no agency sign-in is set up")
	}
	parts := strings.Split(keep, ".")
	if len(parts) != 4 || parts[0] == "" || parts[0] != state || len(code) > 4096 {
		return in, fault.WithHint(fault.Newf(fault.Denied, "this sign-in was not begun in this browser"), "begin again")
	}
	e := errand{parts[0], parts[1], parts[2], parts[3]}
	err = d.book.InTx(ctx, func(tx *sql.Tx) error { // once, like every ceremony
		free, err := d.book.Once(ctx, tx, sha256.Sum256([]byte("agency\n"+e.State)), "", d.now(), d.now().Add(onceHolds))
		if err == nil && !free {
			err = fault.WithHint(fault.Newf(fault.Conflict, "this sign-in was finished already"), "begin again")
		}
		return err
	})
	if err != nil {
		return in, err
	}
	issuer, subject, err := d.agency.ask(ctx, e, code)
	if fault.Is(err, fault.Denied) {
		return in, d.refused(ctx, "unknown", string(Agency), err.Error(), v)
	}
	if err != nil {
		return in, err
	}
	id := sha256.Sum256([]byte("agency\n" + issuer + "\n" + subject))
	if e.Invitation != "" {
		doc, err := json.Marshal(map[string]string{"issuer": issuer, "subject": subject})
		if err != nil {
			return in, fault.As(fault.Internal, err)
		}
		return d.welcome(ctx, e.Invitation, Credential{ID: id[:], Kind: Agency, Label: issuer, Doc: doc}, v, nil)
	}
	c, err := d.book.Credential(ctx, id[:])
	var p people.Person
	if err == nil {
		p, err = d.book.Person(ctx, c.Person)
	}
	if fault.Is(err, fault.NotFound) || err == nil && !p.Ended.IsZero() {
		return in, d.refused(ctx, subjectOf(p, "unknown"), string(Agency), "the provider knows this person, and nobody invited them here", v)
	}
	if err != nil {
		return in, err
	}
	was := c.Doc
	c.Used = d.now()
	err = d.book.InTx(ctx, func(tx *sql.Tx) error {
		if ok, err := d.book.UseCredential(ctx, tx, c, was); err != nil || !ok {
			return errors.Join(err, changedMeanwhile(ok)) // an administrator may have closed this door
		}
		in, err = d.begin(ctx, tx, p, string(Agency), v)
		return err
	})
	return in, err
}

// ask trades the code for a token and checks it. Whatever the provider did not
// sign for this very sign-in is fault.Denied.
func (a *agency) ask(ctx context.Context, e errand, code string) (issuer, subject string, err error) {
	provider, config, err := a.provider(ctx)
	if err != nil {
		return "", "", err
	}
	ctx = oidc.ClientContext(ctx, a.HTTP)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(e.Verifier))
	if err != nil {
		return "", "", fault.Newf(fault.Denied, "the provider gave no token: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	checked, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: a.Client, Now: a.now}).Verify(ctx, raw)
	if err != nil {
		return "", "", fault.Newf(fault.Denied, "the provider's token: %w", err)
	}
	if checked.Nonce != e.Nonce {
		return "", "", fault.Newf(fault.Denied, "the provider's token is of another sign-in")
	}
	return checked.Issuer, checked.Subject, nil
}
