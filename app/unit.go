package app

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"filippo.io/age/plugin"

	"suraag/custody/vault"
	"suraag/fault"
)

// keyFile is where the unit's key lies, below the data folder.
const keyFile = "unit.key"

// unitKey is the unit's key where it lies. It is made when something is encrypted
// for the first time, so that a command that only asks makes no key. A passphrase
// that was given holds as long as the process and the file stay as they are.
type unitKey struct {
	path string
	ask  vault.Asking
	book interface {
		UnitKey(ctx context.Context) (vault.UnitKey, error)
	}

	mu     sync.Mutex
	opened *vault.Key
	file   os.FileInfo // as it was when it was opened
}

// keyTime is how long asking the record for the unit's key may take.
const keyTime = 20 * time.Second

// open gives the key. Another process may have changed it, or have died while it
// did: what the record says of it is asked each time.
func (u *unitKey) open(make bool) (*vault.Key, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), keyTime)
	defer cancel()
	recorded, err := u.book.UnitKey(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := vault.Settle(u.path, recorded); err != nil {
		return nil, err
	}
	now, err := os.Stat(u.path)
	if os.IsNotExist(err) && (!make || recorded.Public != "") {
		err := fault.Newf(fault.NotFound, "the unit's key %q is not there", u.path)
		return nil, fault.WithHint(err, "put back the copy that was kept apart from the record; without it nobody can read who the victims are, or what the vault holds")
	}
	if err == nil && u.file != nil && os.SameFile(now, u.file) && now.ModTime().Equal(u.file.ModTime()) && now.Size() == u.file.Size() && u.opened.Known == recorded.Public {
		return u.opened, nil
	}
	k, err := vault.OpenKey(u.path)
	if err != nil {
		return nil, err
	}
	k.Ask, k.Known = u.ask, recorded.Public
	if u.file, err = os.Stat(u.path); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	u.opened = k
	return k, nil
}

// Public gives the public half of the key.
func (u *unitKey) Public() (vault.UnitKey, error) {
	k, err := u.open(true)
	if err != nil {
		return vault.UnitKey{}, err
	}
	return k.Public()
}

// Encrypt encrypts to the key.
func (u *unitKey) Encrypt(plain []byte) ([]byte, error) {
	k, err := u.open(true)
	if err != nil {
		return nil, err
	}
	return k.Encrypt(plain)
}

// Decrypt reads what was encrypted to the key.
func (u *unitKey) Decrypt(sealed []byte) ([]byte, error) {
	k, err := u.open(false)
	if err != nil {
		return nil, err
	}
	return k.Decrypt(sealed)
}

// unlock asks for the passphrase now, where the key has one, and not in the middle
// of a page.
func (u *unitKey) unlock() error {
	if !exists(u.path) {
		return nil
	}
	k, err := u.open(false)
	if err == nil {
		_, err = k.Unlock()
	}
	return err
}

// passphraseFile names the file that holds the passphrase of the unit's key, where
// nobody sits at a terminal.
const passphraseFile = "SURAAG_UNIT_PASSPHRASE_FILE"

// asking reaches whoever has the unit's key: by a file, or on the terminal, past
// what is piped in and out, and without showing what is typed.
func (s *stage) asking() vault.Asking {
	terminal := plugin.NewTerminalUI(
		func(format string, v ...any) { fmt.Fprintf(s.err, format+"\n", v...) },
		func(format string, v ...any) { fmt.Fprintf(s.err, format+"\n", v...) },
	)
	return vault.Asking{Token: terminal, Passphrase: func(prompt string) (string, error) {
		if path := s.env[passphraseFile]; path != "" {
			return vault.ReadSecret(path)
		}
		return terminal.RequestValue("", prompt+":", true)
	}}
}
