package door_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/custody"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
)

// with is the same door with another key.
func (h *house) with(k door.Unit) *door.Door {
	h.t.Helper()
	d, err := door.New(door.Config{Book: h.book, Policy: h.policy, Now: h.now, Origin: "https://localhost:8473", Unit: k})
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// stored gives the document of a person's password.
func (h *house) stored(login string) (door.Credential, string) {
	h.t.Helper()
	p, err := h.book.PersonByLogin(ctx, login)
	if err != nil {
		h.t.Fatal(err)
	}
	all, err := h.book.Credentials(ctx, p.ID)
	if err != nil || len(all) != 1 {
		h.t.Fatal(all, err)
	}
	return all[0], string(all[0].Doc)
}

// older writes the secret of a person as an earlier version kept it.
func (h *house) older(login, secret string) {
	h.t.Helper()
	c, doc := h.stored(login)
	var fields map[string]any
	if err := json.Unmarshal([]byte(doc), &fields); err != nil {
		h.t.Fatal(err)
	}
	delete(fields, "sealed")
	fields["code"] = secret
	was := c.Doc
	var err error
	if c.Doc, err = json.Marshal(fields); err != nil {
		h.t.Fatal(err)
	}
	h.use(c, was)
}

func (h *house) use(c door.Credential, was json.RawMessage) {
	h.t.Helper()
	e, err := custody.Saying(custody.PersonChanged, c.Person, "test", h.clock, map[string]string{"what": "made for the test"})
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.book.InTx(ctx, func(tx *sql.Tx) error {
		if ok, err := h.book.UseCredential(ctx, tx, c, was); err != nil || !ok {
			h.t.Fatal(ok, err)
		}
		return h.book.Log(ctx, tx, e)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// inFile tells whether the database's files hold some words.
func (h *house) inFile(words string) bool {
	h.t.Helper()
	h.book.Scrub(ctx)
	found, err := filepath.Glob(h.book.Where + "*")
	if err != nil || len(found) == 0 {
		h.t.Fatal(found, err)
	}
	for _, name := range found {
		b, err := os.ReadFile(name)
		if err != nil {
			h.t.Fatal(err)
		}
		if bytes.Contains(b, []byte(words)) {
			return true
		}
	}
	return false
}

// signIn tries the door with the right password and code.
func (h *house) signIn(d *door.Door, login, secret string) error {
	h.t.Helper()
	h.clock = h.clock.Add(90e9) // no code is used twice
	_, err := d.SignIn(ctx, login, password, h.code(secret), h.from("192.0.2.9"))
	return err
}

// Who has the database has no codes.
func TestSecretsOfCodesAreEncrypted(t *testing.T) {
	h := newHouse(t)
	_, _, secret := h.invited("a", people.Officer)
	if _, doc := h.stored("a"); strings.Contains(doc, secret) || !strings.Contains(doc, `"sealed"`) {
		t.Errorf("the record holds %s", doc)
	}
	if h.inFile(secret) {
		t.Error("the secret stands in the database's file")
	}
	if err := h.signIn(h.door, "a", secret); err != nil {
		t.Error(err)
	}
	if err := h.signIn(h.with(h.unit()), "a", secret); err != nil { // after a start
		t.Error(err)
	}
}

// What an earlier version kept open is encrypted at the next start, or when it is
// used; and it is gone from the file.
func TestOlderSecretsAreEncrypted(t *testing.T) {
	for name, how := range map[string]func(h *house, secret string) error{
		"at the start": func(h *house, _ string) error {
			n, err := h.door.SealCodes(ctx)
			if n != 1 {
				h.t.Errorf("%d are encrypted", n)
			}
			return err
		},
		"when it is used": func(h *house, secret string) error { return h.signIn(h.door, "a", secret) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			_, _, secret := h.invited("a", people.Officer)
			h.older("a", secret)
			if !h.inFile(secret) {
				t.Fatal("the secret does not stand in the file; the test tests nothing")
			}
			if err := how(h, secret); err != nil {
				t.Fatal(err)
			}
			if _, doc := h.stored("a"); strings.Contains(doc, secret) || h.inFile(secret) {
				t.Errorf("the record holds %s", doc)
			}
			if err := h.signIn(h.with(h.unit()), "a", secret); err != nil {
				t.Error(err)
			}
			if n, err := h.door.SealCodes(ctx); n != 0 || err != nil {
				t.Errorf("again: %d, %v", n, err)
			}
		})
	}
	// Without the key nobody is locked out: it is done later.
	h := newHouse(t)
	_, _, secret := h.invited("a", people.Officer)
	h.older("a", secret)
	gone := h.with(lost{})
	if _, err := gone.SealCodes(ctx); err == nil {
		t.Error("encrypted without a key")
	}
	if err := h.signIn(gone, "a", secret); err != nil {
		t.Errorf("a secret that lies open, without the key: %v", err)
	}
}

// lost is a key that is not there.
type lost struct{}

func (lost) Public() (vault.UnitKey, error) {
	return vault.UnitKey{}, fault.Newf(fault.NotFound, "the unit's key is not there")
}
func (l lost) Encrypt([]byte) ([]byte, error) { _, err := l.Public(); return nil, err }
func (l lost) Decrypt([]byte) ([]byte, error) { _, err := l.Public(); return nil, err }

// A lost key is told, with what to do; and what is told to do opens the door.
func TestALostKeyLocksNobodyOut(t *testing.T) {
	for name, key := range map[string]func(h *house) door.Unit{
		"it is not there": func(*house) door.Unit { return lost{} },
		"it is another": func(h *house) door.Unit {
			h.key = filepath.Join(h.t.TempDir(), "another.key")
			return h.unit()
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			_, _, secret := h.invited("a", people.Officer)
			d := h.with(key(h))
			err := h.signIn(d, "a", secret)
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Hint(err), "renew your sign-in") || !strings.Contains(fault.Hint(err), "passkey") {
				t.Fatalf("%v (%s)", err, fault.Hint(err))
			}
			p, err := h.book.PersonByLogin(ctx, "a")
			if err != nil {
				t.Fatal(err)
			}
			_, link, err := d.Renew(ctx, h.admin, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.BeginWelcome(ctx, link, h.from("192.0.2.9")); err != nil { // a passkey needs no key of the unit
				t.Errorf("a passkey: %v", err)
			}
			codes := d.CodesOf(p, "")
			_, err = d.WelcomePassword(ctx, link, password, codes.Secret, h.code(codes.Secret), h.from("192.0.2.9"))
			if _, gone := key(h).(lost); gone != (err != nil) || err != nil && !strings.Contains(fault.Hint(err), "choose a passkey") {
				t.Errorf("a password anew: %v (%s)", err, fault.Hint(err))
			}
		})
	}
}

// Who does not have the password has nothing decrypted: no token is asked for a
// stranger, and whether somebody is there is not told by a key that opens nothing.
func TestOnlyThePasswordAsksForTheKey(t *testing.T) {
	h := newHouse(t)
	h.invited("a", people.Officer)
	h.key = filepath.Join(h.t.TempDir(), "another.key")
	d := h.with(h.unit())
	said := map[string]string{}
	for _, login := range []string{"a", "nobody"} {
		_, err := d.SignIn(ctx, login, "another password than hers", "123456", h.from("192.0.2.9"))
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", login, err)
		}
		said[login] = fmt.Sprint(err, fault.Hint(err))
	}
	if said["a"] != said["nobody"] {
		t.Errorf("%v", said)
	}
}

// One person's secret does not open another's door, however it got into the record.
func TestASecretIsItsPersons(t *testing.T) {
	h := newHouse(t)
	_, _, mine := h.invited("a", people.Officer)
	h.invited("boss", people.Administrator)
	own, _ := h.stored("a")
	theirs, _ := h.stored("boss")
	sealed, err := door.SealedCode(own.Doc)
	if err != nil {
		t.Fatal(err)
	}
	was := theirs.Doc
	if theirs.Doc, err = door.WithSealedCode(theirs.Doc, sealed); err != nil {
		t.Fatal(err)
	}
	h.use(theirs, was)
	if err := h.signIn(h.door, "boss", mine); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the administrator's door opens by an officer's codes: %v", err)
	}
}

// What was encrypted to a key that was changed meanwhile is not kept.
func TestAKeyThatIsChangedMeanwhile(t *testing.T) {
	h := newHouse(t)
	p, link, err := h.door.Invite(ctx, h.admin, people.Person{Login: "a", Name: "SI A", Station: "PS", Role: people.Officer})
	if err != nil {
		t.Fatal(err)
	}
	book := &meddled{Book: h.book}
	d, err := door.New(door.Config{Book: book, Policy: h.policy, Now: h.now, Origin: "https://localhost:8473", Unit: h.unit()})
	if err != nil {
		t.Fatal(err)
	}
	book.other = func() {
		err := h.book.InTx(ctx, func(tx *sql.Tx) error {
			return h.book.SetUnitKey(context.Background(), tx, vault.UnitKey{Public: "another", Kind: vault.InFile, At: h.clock, By: "SI"})
		})
		if err != nil {
			t.Error(err)
		}
	}
	codes := d.CodesOf(p, "")
	if _, err := d.WelcomePassword(ctx, link, password, codes.Secret, h.code(codes.Secret), h.from("192.0.2.9")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
}
