package door

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"strings"
	"sync"

	"suraag/custody"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people"
)

// Unit is the unit's key. Secrets of code devices are encrypted to it: whoever has
// the database alone makes no codes of anybody.
type Unit interface {
	Public() (vault.UnitKey, error)
	Encrypt(plain []byte) ([]byte, error)
	Decrypt(sealed []byte) ([]byte, error)
}

// SealedCode gives what is encrypted to the unit's key in the document of a
// password; nothing, where there is nothing. Whoever changes the unit's key asks.
func SealedCode(doc []byte) ([]byte, error) {
	var s secret
	if err := json.Unmarshal(doc, &s); err != nil {
		return nil, fault.Newf(fault.Corrupt, "stored password: %w", err)
	}
	return s.Sealed, nil
}

// WithSealedCode gives the document with what is encrypted to another key.
func WithSealedCode(doc, sealed []byte) ([]byte, error) {
	var s secret
	if err := json.Unmarshal(doc, &s); err != nil {
		return nil, fault.Newf(fault.Corrupt, "stored password: %w", err)
	}
	s.Sealed = sealed
	doc, err := json.Marshal(s)
	return doc, fault.As(fault.Internal, err)
}

// lostKey tells whoever comes by password that it cannot be checked, and what opens
// the door all the same.
func lostKey(err error) error {
	err = fault.Newf(fault.Unavailable, "no code can be checked now: %w", err)
	return fault.WithHint(err, "a passkey opens the door meanwhile. Otherwise put the unit's key back in its place; if it is lost, have an administrator renew your sign-in (page People, or suraag people invite on the machine) and choose a passkey")
}

// seal encrypts the secret of a person's code device, and tells to which key. The
// person stands with it, so that nobody's secret is taken for another's.
func (d *Door) seal(p people.Person, code string) (sealed []byte, to vault.UnitKey, err error) {
	if d.unit == nil {
		return nil, to, fault.Newf(fault.Internal, "this door has no key to encrypt the secrets of code devices to")
	}
	if to, err = d.unit.Public(); err != nil {
		return nil, to, err
	}
	sealed, err = d.unit.Encrypt([]byte(p.ID + "\n" + code))
	return sealed, to, err
}

// codeOf gives the secret of a person's code device. Where nobody is there, or no
// code, it asks for the key all the same: that it is lost is told to everybody.
func (d *Door) codeOf(p people.Person, s secret) (string, error) {
	if s.Code != "" { // of an earlier version; sealed when it is used
		return s.Code, nil
	}
	if d.unit == nil {
		return "", lostKey(fault.Newf(fault.Internal, "this door has no key"))
	}
	if _, err := d.unit.Public(); err != nil {
		return "", lostKey(err)
	}
	if len(s.Sealed) == 0 {
		return "", nil
	}
	return d.opened.get(s.Sealed, func() (string, error) {
		plain, err := d.unit.Decrypt(s.Sealed)
		if err != nil {
			return "", lostKey(err)
		}
		whose, code, _ := strings.Cut(string(plain), "\n")
		if whose != p.ID {
			return "", lostKey(fault.Newf(fault.Corrupt, "the secret of the code device is another person's"))
		}
		return code, nil
	})
}

// opened remembers what was decrypted: a key in a token would have to be touched for
// everybody who signs in.
type opened struct {
	mu   sync.Mutex
	code map[[sha256.Size]byte]string
}

// maxOpened bounds what is remembered; a unit has fewer people.
const maxOpened = 10_000

func (o *opened) get(sealed []byte, open func() (string, error)) (string, error) {
	key := sha256.Sum256(sealed)
	o.mu.Lock()
	code, known := o.code[key]
	o.mu.Unlock()
	if known {
		return code, nil
	}
	code, err := open()
	if err != nil {
		return "", err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.code) >= maxOpened || o.code == nil {
		o.code = map[[sha256.Size]byte]string{}
	}
	o.code[key] = code
	return code, nil
}

// SealCodes encrypts the secrets that an earlier version left open in the record,
// and tells how many.
func (d *Door) SealCodes(ctx context.Context) (n int, err error) {
	all, err := d.book.People(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		held, err := d.book.Credentials(ctx, p.ID)
		if err != nil {
			return n, err
		}
		for _, c := range held {
			done, err := d.sealCode(ctx, p, c)
			if err != nil {
				return n, fault.Wrapf(err, "codes of %s", p.Login)
			}
			if done {
				n++
			}
		}
	}
	return n, nil
}

func (d *Door) sealCode(ctx context.Context, p people.Person, c Credential) (done bool, err error) {
	if c.Kind != Password {
		return false, nil
	}
	var s secret
	if err := json.Unmarshal(c.Doc, &s); err != nil {
		return false, fault.Newf(fault.Corrupt, "stored password: %w", err)
	}
	if s.Code == "" {
		return false, nil
	}
	was := c.Doc
	sealed, to, err := d.seal(p, s.Code)
	if err != nil {
		return false, err
	}
	s.Sealed, s.Code = sealed, ""
	if c.Doc, err = json.Marshal(s); err != nil {
		return false, fault.As(fault.Internal, err)
	}
	err = d.logged(ctx, custody.PersonChanged, p.ID, custody.Program, map[string]string{"what": "secret of the code device encrypted to the unit's key"}, func(tx *sql.Tx) error {
		if err := d.book.SameUnitKey(ctx, tx, to.Public); err != nil {
			return err
		}
		done, err = d.book.UseCredential(ctx, tx, c, was) // not where it was used meanwhile, which sealed it too
		if err == nil {
			err = changedMeanwhile(done)
		}
		return err
	})
	if fault.Is(err, fault.Conflict) {
		return false, nil // the next start does what is left
	}
	return done, err
}
