package vault_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"filippo.io/age/plugin"

	"suraag/custody"
	"suraag/custody/vault"
	"suraag/fault"
	"suraag/store/pgtest"
)

const words = "correct horse battery staple" // xkcd.com/936; an example, and no passphrase of anybody

// TestMain lets the test binary be the plugin of a token when age starts it.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "age-plugin-made") {
		os.Exit(madeToken())
	}
	os.Exit(m.Run())
}

// madeToken is a token of this test: the data of its identity is the private key
// itself, which a real one would never give away. It asks for a PIN.
func madeToken() int {
	p, err := plugin.New("made")
	if err != nil {
		return 1
	}
	identity := func(data []byte) (age.Identity, error) {
		if pin, err := p.RequestValue("PIN of the token", true); err != nil || pin != "123456" {
			return nil, errors.New("wrong PIN")
		}
		return age.ParseX25519Identity(string(data))
	}
	p.HandleIdentity(identity)
	p.HandleIdentityAsRecipient(func(data []byte) (age.Recipient, error) {
		i, err := age.ParseX25519Identity(string(data))
		if err != nil {
			return nil, err
		}
		return i.Recipient(), nil
	})
	p.HandleRecipient(func(data []byte) (age.Recipient, error) { return age.ParseX25519Recipient(string(data)) })
	p.RegisterFlags(flag.CommandLine)
	flag.Parse()
	return p.Main()
}

// token makes a token, puts its program on PATH, and gives the text of its key file.
func token(t *testing.T, withRecipient bool) []byte {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(exe, filepath.Join(dir, "age-plugin-made")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	text := "#       Serial: 0000000, made\n"
	if withRecipient {
		text += "#    Recipient: " + plugin.EncodeRecipient("made", []byte(i.Recipient().String())) + "\n"
	}
	return []byte(text + plugin.EncodeIdentity("made", []byte(i.String())) + "\n")
}

// person answers what a key asks.
func person(passphrase, pin string) vault.Asking {
	return vault.Asking{
		Passphrase: func(string) (string, error) { return passphrase, nil },
		Token: &plugin.ClientUI{RequestValue: func(string, string, bool) (string, error) {
			if pin == "" {
				return "", errors.New("nobody is here")
			}
			return pin, nil
		}},
	}
}

func parsed(t *testing.T, text []byte, ask vault.Asking) *vault.Key {
	t.Helper()
	k, err := vault.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	k.Ask = ask
	return k
}

func TestAKeyBehindAPassphrase(t *testing.T) {
	if _, _, err := vault.MakeLocked("too short"); !fault.Is(err, fault.Invalid) || fault.Hint(err) == "" {
		t.Errorf("a short passphrase: %v", err)
	}
	made, text, err := vault.MakeLockedFast(words)
	if err != nil {
		t.Fatal(err)
	}
	public, err := made.Public()
	if err != nil || public.Kind != vault.InPassphrase {
		t.Fatal(public, err)
	}
	if bytes.Contains(text, []byte("AGE-SECRET-KEY")) {
		t.Error("the key lies open in its file")
	}
	k := parsed(t, text, vault.Asking{})
	k.Known = public.Public
	sealed, err := k.Encrypt([]byte("who she is")) // nobody has to be asked
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Decrypt(sealed); !fault.Is(err, fault.Unavailable) || fault.Hint(err) == "" {
		t.Errorf("nobody can be asked: %v", err)
	}
	k.Ask = person("another horse battery staple", "")
	if _, err := k.Decrypt(sealed); !fault.Is(err, fault.Denied) {
		t.Errorf("another passphrase: %v", err)
	}
	k.Ask = person(words, "")
	if got, err := k.Decrypt(sealed); err != nil || string(got) != "who she is" {
		t.Errorf("%q, %v", got, err)
	}
	k.Ask = vault.Asking{}
	if _, err := k.Decrypt(sealed); err != nil {
		t.Errorf("it was asked a second time: %v", err)
	}
	// The age library reads the file with nothing of ours.
	by, err := age.NewScryptIdentity(words)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(text)), by)
	if err != nil {
		t.Fatal(err)
	}
	if ids, err := age.ParseIdentities(r); err != nil || len(ids) != 1 {
		t.Errorf("age reads %v, %v", ids, err)
	}
	// A record that names another key is told before anything is read or encrypted.
	other := parsed(t, text, person(words, ""))
	other.Known = "age1other"
	if _, err := other.Decrypt(sealed); !fault.Is(err, fault.Corrupt) {
		t.Errorf("the record names another key: %v", err)
	}
	changed := bytes.Clone(text)
	changed[len(text)/2] ^= 1
	if _, err := parsed(t, changed, person(words, "")).Decrypt(sealed); err == nil {
		t.Error("a changed key file was read")
	}
}

// The work that a passphrase costs is what the documents say.
func TestWorkFactor(t *testing.T) {
	_, text, err := vault.MakeLocked(words)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(armor.NewReader(bytes.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(strings.SplitN(string(raw), "-> scrypt ", 2)[1], "\n")
	if !strings.HasSuffix(line, " 18") {
		t.Errorf("the stanza ends with %q", line)
	}
}

func TestAKeyInAToken(t *testing.T) {
	for _, withRecipient := range []bool{true, false} {
		text := token(t, withRecipient)
		k := parsed(t, text, person("", "123456"))
		public, err := k.Public()
		if err != nil || public.Kind != vault.InToken || strings.HasPrefix(public.Public, "age1made1") != withRecipient || strings.Contains(public.Public, "AGE-PLUGIN") {
			t.Errorf("%+v, %v", public, err)
		}
		k.Ask = person("", "")
		sealed, err := k.Encrypt([]byte("who she is"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Decrypt(sealed); !fault.Is(err, fault.Unavailable) {
			t.Errorf("nobody gives the PIN: %v", err)
		}
		k.Ask = person("", "123456")
		if got, err := k.Decrypt(sealed); err != nil || string(got) != "who she is" {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := parsed(t, token(t, withRecipient), person("", "123456")).Decrypt(sealed); err == nil {
			t.Error("another token opens it")
		}
		t.Setenv("PATH", t.TempDir())
		if _, err := k.Decrypt(sealed); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "age-plugin-made") {
			t.Errorf("the plugin is not installed: %v", err)
		}
	}
}

// A token that never answers is asked once, however many wait for it: each asking is
// a program of its own.
func TestATokenThatDoesNotAnswer(t *testing.T) {
	k := parsed(t, token(t, true), person("", "123456"))
	sealed, err := k.Encrypt([]byte("who she is"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vault.WaitLess(200 * time.Millisecond))
	var asked atomic.Int32
	touched := make(chan struct{})
	k.Ask.Token = &plugin.ClientUI{RequestValue: func(string, string, bool) (string, error) {
		asked.Add(1)
		<-touched
		return "123456", nil
	}}
	for range 3 {
		if _, err := k.Decrypt(sealed); !fault.Is(err, fault.Unavailable) || fault.Hint(err) == "" {
			t.Errorf("nobody touches it: %v", err)
		}
	}
	if n := asked.Load(); n > 1 {
		t.Errorf("it was asked %d times at once", n)
	}
	close(touched)
	vault.WaitLess(time.Minute)
	if got, err := k.Decrypt(sealed); err != nil || string(got) != "who she is" {
		t.Errorf("touched: %q, %v", got, err)
	}
}

func TestKeyTexts(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "comments": "# created\n", "half a key": "AGE-SECRET-KEY-1NO", "a recipient": "age1qqqq", "half a token": "AGE-PLUGIN-MADE-1NO",
		"too long": strings.Repeat("#", 70_000),
		"two":      "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\nAGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n", // 32 times 0x42, of age's own tests
	} {
		if _, err := vault.ParseKey([]byte(text)); err == nil || strings.Contains(err.Error(), "1NO") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, seed := range []string{
		"# public key: age1x\nAGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n", "-----BEGIN AGE ENCRYPTED FILE-----\nYQ==\n-----END AGE ENCRYPTED FILE-----\n",
		"#    Recipient: " + plugin.EncodeRecipient("made", []byte("x")) + "\n" + plugin.EncodeIdentity("made", []byte("x")), "age-encryption.org/v1\n", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := vault.ParseKey(text)
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Errorf("%v", err)
			}
			return
		}
		if k.Kind() == vault.InFile {
			if p, err := k.Public(); err != nil || !strings.HasPrefix(p.Public, "age1") {
				t.Errorf("%+v, %v", p, err)
			}
		}
	})
}

// secrets puts something into every table that holds what is encrypted to the
// unit's key.
func (u *unit) secrets() (items []vault.Item) {
	u.t.Helper()
	for range 3 {
		items = append(items, u.put(body(50)))
	}
	err := u.db.InTx(ctx, func(tx *sql.Tx) error {
		for _, text := range []string{"one", "two"} {
			sealed, err := u.Unit.Encrypt([]byte(text))
			if err == nil {
				err = u.db.PutVictim(ctx, tx, "victim-"+text, sealed, day)
			}
			if err == nil {
				err = u.db.PutDraft(ctx, tx, "draft-"+text, "SI a", sealed, day)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		u.t.Fatal(err)
	}
	return items
}

// readable fails unless the key in the file opens everything, and content comes
// out as it went in.
func (u *unit) readable(ask vault.Asking) {
	u.t.Helper()
	path := filepath.Join(u.dir, "unit.key")
	recorded, err := u.db.UnitKey(ctx)
	if err != nil {
		u.t.Fatal(err)
	}
	if _, err := vault.Settle(path, recorded); err != nil {
		u.t.Fatal(err)
	}
	k := key(u.t, path)
	k.Ask = ask
	if p, err := k.Public(); err != nil || p.Public != recorded.Public {
		u.t.Errorf("the key is %+v, recorded is %+v, %v", p, recorded, err)
	}
	u.Unit = k
	n, err := u.CheckKey(ctx, func(s vault.Sealed, why error) error {
		u.t.Errorf("%s %s: %v", s.Table, s.ID, why)
		return nil
	})
	if err != nil || n != 7 {
		u.t.Errorf("%d rows, %v", n, err)
	}
	items, err := u.db.VaultItems(ctx, "")
	if err != nil {
		u.t.Fatal(err)
	}
	for _, i := range items {
		r, err := u.Open(ctx, i)
		if err != nil {
			u.t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body(50)) {
			u.t.Errorf("item %s: %d bytes, %v", i.ID, len(got), err)
		}
		r.Close()
	}
}

func TestRekeyToEveryKind(t *testing.T) {
	u := newUnit(t)
	u.secrets()
	path := filepath.Join(u.dir, "unit.key")
	for _, c := range []struct {
		kind string
		made func() (*vault.Key, []byte, error)
	}{
		{vault.InPassphrase, func() (*vault.Key, []byte, error) { return vault.MakeLockedFast(words) }},
		{vault.InToken, func() (*vault.Key, []byte, error) {
			text := token(t, false)
			return parsed(t, text, person("", "123456")), text, nil
		}},
		{vault.InFile, vault.MakeKey},
		{vault.InFile, vault.MakeKey},
	} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		to, text, err := c.made()
		if err != nil {
			t.Fatal(err)
		}
		was := u.Unit
		done, err := u.Rekey(ctx, path, to, text, "SI a")
		if err != nil || done.Items != 3 || done.Victims != 2 || done.Drafts != 2 || done.Key.Kind != c.kind {
			t.Fatalf("%s: %+v, %v", c.kind, done, err)
		}
		kept, err := os.ReadFile(done.Before)
		if err != nil || !bytes.Equal(kept, before) {
			t.Errorf("the key before is not kept: %v", err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		u.readable(person(words, "123456"))
		if _, err := was.Decrypt(u.firstWrapped()); err == nil {
			t.Error("the key before still opens an item")
		}
		entries, err := u.db.EntriesAbout(ctx, done.Key.Public)
		if err != nil || len(entries) != 1 || entries[0].Kind != custody.UnitKeyChanged || !strings.Contains(string(entries[0].Canonical), `"victims":2`) {
			t.Errorf("logged: %+v, %v", entries, err)
		}
	}
	if left, err := filepath.Glob(path + ".next-*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if kept, err := filepath.Glob(path + ".before-*"); err != nil || len(kept) != 4 {
		t.Errorf("kept: %v", kept)
	}
}

// On PostgreSQL others write at the same time: whatever is put in while keys change,
// the key in the file opens it afterwards, or it was refused.
func TestRekeyWhileOthersPut(t *testing.T) {
	u := newUnitOn(t, t.TempDir(), pgtest.Start(t).New(t))
	u.secrets()
	path := filepath.Join(u.dir, "unit.key")
	other, stop := *u.Vault, make(chan struct{})
	var refused, done atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := other.Put(ctx, about(), bytes.NewReader(body(50))); fault.Is(err, fault.Conflict) {
				refused.Add(1)
				other.Unit = key(t, path) // as a person does it again
			} else if err != nil {
				t.Error(err)
			} else {
				done.Add(1)
			}
		}
	})
	for n := 0; n < 5 || (refused.Load() < 2 || done.Load() < 2) && n < 500; n++ {
		to, text, err := vault.MakeKey()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Rekey(ctx, path, to, text, "SI a"); err != nil {
			t.Fatal(err)
		}
		u.Unit = key(t, path)
	}
	close(stop)
	wg.Wait()
	n, err := u.CheckKey(ctx, func(s vault.Sealed, why error) error { t.Errorf("%s %s: %v", s.Table, s.ID, why); return nil })
	if err != nil || refused.Load() < 2 || int64(n) != 7+done.Load() {
		t.Errorf("%d rows, %d puts were done and %d refused, %v", n, done.Load(), refused.Load(), err)
	}
	items, err := u.db.VaultItems(ctx, "")
	if err != nil || len(items)+4 != n || len(u.kept()) != len(items) {
		t.Errorf("%d items, %d stored, %v", len(items), len(u.kept()), err)
	}
}

func (u *unit) firstWrapped() []byte {
	items, err := u.db.VaultItems(ctx, "")
	if err != nil || len(items) == 0 {
		u.t.Fatal(err)
	}
	return items[0].Wrapped
}

// A key that does not open what it encrypted changes nothing.
func TestRekeyToAKeyThatLocksOut(t *testing.T) {
	u := newUnit(t)
	u.secrets()
	path := filepath.Join(u.dir, "unit.key")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := u.firstWrapped()
	text := token(t, false)
	to := parsed(t, text, person("", "")) // nobody knows its PIN
	if _, err := u.Rekey(ctx, path, to, text, "SI a"); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("%v", err)
	}
	now, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(now, before) || !bytes.Equal(wrapped, u.firstWrapped()) {
		t.Errorf("something was changed, %v", err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	u.readable(vault.Asking{})
}

// A row that the present key does not open stops it before anything is changed.
func TestRekeyOfADamagedRow(t *testing.T) {
	u := newUnit(t)
	u.secrets()
	if _, err := u.db.ExecContext(ctx, `UPDATE victim SET sealed = 'x' WHERE ref = 'victim-two'`); err != nil {
		t.Fatal(err)
	}
	to, text, err := vault.MakeKey()
	if err != nil {
		t.Fatal(err)
	}
	wrapped := u.firstWrapped()
	if _, err := u.Rekey(ctx, filepath.Join(u.dir, "unit.key"), to, text, "SI a"); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "victim-two") {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(wrapped, u.firstWrapped()) {
		t.Error("items were changed")
	}
}

// What comes while the keys are changed is encrypted to the new one, or refused.
func TestWhatComesDuringARekey(t *testing.T) {
	u := newUnit(t)
	u.secrets()
	path := filepath.Join(u.dir, "unit.key")
	to, text, err := vault.MakeKey()
	if err != nil {
		t.Fatal(err)
	}
	old := *u.Vault
	late := &old
	u.Book = &hooked{Book: u.db, before: func() { // between the work and the transaction
		if _, err := late.Put(ctx, about(), bytes.NewReader(body(50))); err != nil {
			t.Error(err)
		}
		if _, err := u.db.ExecContext(ctx, `DELETE FROM draft WHERE id = 'draft-one'`); err != nil {
			t.Error(err)
		}
	}}
	if done, err := u.Rekey(ctx, path, to, text, "SI a"); err != nil || done.Items != 4 || done.Drafts != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	u.readable(vault.Asking{})
	if _, err := late.Put(ctx, about(), bytes.NewReader(body(50))); !fault.Is(err, fault.Conflict) {
		t.Errorf("somebody who still has the key before: %v", err)
	}
}

// Two people change the key at one moment: one of them is refused, and neither loses
// the key to which the other encrypts.
func TestTwoRekeysAtOnce(t *testing.T) {
	u := newUnit(t)
	u.secrets()
	path := filepath.Join(u.dir, "unit.key")
	change := func(v *vault.Vault) error {
		to, text, err := vault.MakeKey()
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Rekey(ctx, path, to, text, "SI a")
		return err
	}
	other := *u.Vault
	other.Book = &book{u.db, fault.Newf(fault.Unavailable, "the power is gone"), nil}
	u.Book = &hooked{Book: u.db, before: func() {
		if err := change(&other); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second change of keys: %v", err)
		}
	}}
	if err := change(u.Vault); err != nil {
		t.Fatal(err)
	}
	u.Book = u.db
	u.readable(vault.Asking{})
	if err := change(u.Vault); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

type hooked struct {
	vault.Book
	before func()
	after  func() error
}

func (b *hooked) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	if b.before != nil {
		b.before()
	}
	err := b.Book.InTx(ctx, f)
	if err == nil && b.after != nil {
		err = b.after()
	}
	return err
}

// The power goes at each step of a change of keys: afterwards one key opens
// everything, and it is the one in the file once whoever comes next has settled it.
func TestRekeyCutOff(t *testing.T) {
	gone := fault.Newf(fault.Unavailable, "the power is gone")
	for name, c := range map[string]struct {
		cut     func(u *unit) vault.Book
		changed bool
	}{
		"before the transaction": {func(u *unit) vault.Book { return &book{u.db, gone, nil} }, false},
		"within it":              {func(u *unit) vault.Book { return failing{u.db} }, false},
		"its answer is lost":     {func(u *unit) vault.Book { return &book{u.db, nil, gone} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnit(t)
			u.secrets()
			path := filepath.Join(u.dir, "unit.key")
			before, err := u.db.UnitKey(ctx)
			if err != nil {
				t.Fatal(err)
			}
			to, text, err := vault.MakeKey()
			if err != nil {
				t.Fatal(err)
			}
			good := u.Book
			u.Book = c.cut(u)
			if _, err := u.Rekey(ctx, path, to, text, "SI a"); err == nil {
				t.Error("nothing was told")
			}
			u.Book = good
			now, err := u.db.UnitKey(ctx)
			if err != nil || (now.Public != before.Public) != c.changed {
				t.Errorf("recorded is %+v, before %+v, %v", now, before, err)
			}
			u.readable(vault.Asking{})
			u.readable(vault.Asking{}) // settling twice does no harm
		})
	}
	t.Run("and begun anew", func(t *testing.T) {
		u := newUnit(t)
		u.secrets()
		path := filepath.Join(u.dir, "unit.key")
		for n, b := range []vault.Book{&book{u.db, nil, gone}, u.db} {
			to, text, err := vault.MakeKey()
			if err != nil {
				t.Fatal(err)
			}
			u.Book = b
			if n == 1 { // as a new process opens it
				if u.Unit, err = vault.ParseKey(u.waiting()); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := u.Rekey(ctx, path, to, text, "SI a"); (err == nil) != (n == 1) {
				t.Fatal(err)
			}
		}
		u.readable(vault.Asking{})
		if kept, err := filepath.Glob(path + ".before-*"); err != nil || len(kept) != 2 {
			t.Errorf("kept: %v, %v", kept, err)
		}
	})
	t.Run("between the files", func(t *testing.T) {
		u := newUnit(t)
		u.secrets()
		path := filepath.Join(u.dir, "unit.key")
		to, text, err := vault.MakeKey()
		if err != nil {
			t.Fatal(err)
		}
		u.Book = &book{u.db, nil, gone}
		if _, err := u.Rekey(ctx, path, to, text, "SI a"); err == nil {
			t.Error("nothing was told")
		}
		next, err := filepath.Glob(path + ".next-*")
		if err != nil || len(next) != 1 {
			t.Fatal(next, err)
		}
		if err := os.Link(path, path+".before-half"); err != nil { // as far as Settle may come
			t.Fatal(err)
		}
		if err := os.Link(next[0], next[0]+".taking"); err != nil {
			t.Fatal(err)
		}
		u.Book = u.db
		u.readable(vault.Asking{})
		if err := os.Link(path, next[0]); err != nil { // it came to the end but for this
			t.Fatal(err)
		}
		u.readable(vault.Asking{})
		if left, err := filepath.Glob(path + ".next-*"); err != nil || len(left) != 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
		if kept, err := filepath.Glob(path + ".before-*"); err != nil || len(kept) != 2 {
			t.Errorf("kept: %v, %v", kept, err)
		}
	})
}

// waiting gives the text of the key that waits to take its place.
func (u *unit) waiting() []byte {
	u.t.Helper()
	next, err := filepath.Glob(filepath.Join(u.dir, "unit.key.next-*"))
	if err != nil || len(next) != 1 {
		u.t.Fatal(next, err)
	}
	text, err := os.ReadFile(next[0])
	if err != nil {
		u.t.Fatal(err)
	}
	return text
}

// failing takes the power away in the middle of the transaction.
type failing struct{ vault.Book }

func (f failing) SetUnitKey(context.Context, *sql.Tx, vault.UnitKey) error {
	return fault.Newf(fault.Unavailable, "the power is gone")
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want fault.Kind
	}{
		"one line": {"hunter two and more\r\n", 0o600, fault.Internal}, "open": {"x\n", 0o644, fault.Denied}, "empty": {"\n", 0o600, fault.Invalid},
		"two lines": {"a\nb\n", 0o600, fault.Invalid}, "too long": {strings.Repeat("x", 5000), 0o600, fault.Invalid},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		got, err := vault.ReadSecret(path)
		if c.want == fault.Internal {
			if err != nil || got != "hunter two and more" {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		} else if !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
