package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"filippo.io/age/plugin"

	"suraag/fault"
)

// UnitKey is what the record says of the unit's key, since it was first used to
// put something into the vault, or changed.
type UnitKey struct {
	Public string    `json:"public"` // its public half; of a token that states none, a fingerprint
	Kind   string    `json:"kind"`   // where the other half lives
	At     time.Time `json:"at,omitzero"`
	By     string    `json:"by,omitempty"`
}

// Where the private half of a unit's key lives.
const (
	InFile       = "file"       // open in its file
	InPassphrase = "passphrase" // in its file, encrypted with a passphrase
	InToken      = "token"      // in hardware, which a program age-plugin-NAME reaches
)

// Asking is how a key reaches whoever has it. What is nil cannot be asked.
type Asking struct {
	Passphrase func(prompt string) (string, error)
	Token      *plugin.ClientUI
}

// Key is the unit's key. It may be used by many at once.
type Key struct {
	Ask   Asking // set before the key is used
	Known string // its public half as the record has it: with it, what is encrypted needs no passphrase

	kind    string
	locked  []byte // of a passphrase: the encrypted file
	token   string // of a token: its identity as age writes it
	written string // of a token: the recipient that stands beside it

	using    sync.Mutex // of a token, while it is asked
	mu       sync.Mutex
	identity *age.X25519Identity // of a file; of a passphrase, once it was given
}

// maxKeyFile bounds a key file: an identity, or an encrypted one, and comments.
const maxKeyFile = 64 << 10

// OpenKey reads the key from its file, or makes one where there is none. A key
// file that others may read is refused: who can read it can read every victim.
func OpenKey(path string) (*Key, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path)
	}
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "unit key %q: %w", path, err)
	}
	if err := ownersOnly(path); err != nil {
		return nil, fault.Wrapf(err, "unit key")
	}
	k, err := ParseKey(b)
	if err != nil {
		err := fault.Wrapf(err, "unit key %q", path)
		return nil, fault.WithHint(err, "put back the copy of the key that was kept apart from the record")
	}
	return k, nil
}

// ownersOnly refuses a file that others may read.
func ownersOnly(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fault.Newf(fault.Unavailable, "%q: %w", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		err := fault.Newf(fault.Denied, "%q may be read by others (mode %v)", path, info.Mode().Perm())
		return fault.WithHint(err, "chmod 600 the file, and ask who has read it")
	}
	return nil
}

// ParseKey reads the text of a key file: an age identity, one that age encrypted
// with a passphrase, or the identity of a plugin. Lines that begin with # are
// comments; one that names the recipient of a token, as plugins write it, is used.
func ParseKey(b []byte) (*Key, error) {
	if len(b) > maxKeyFile {
		return nil, fault.Newf(fault.TooLarge, "a key file of %d bytes, more than %d", len(b), maxKeyFile)
	}
	text := strings.TrimSpace(string(b))
	if strings.HasPrefix(text, armor.Header) || strings.HasPrefix(text, "age-encryption.org/") {
		return &Key{kind: InPassphrase, locked: bytes.Clone(b)}, nil
	}
	k := &Key{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		comment, is := strings.CutPrefix(line, "#")
		switch {
		case is:
			k.recipientIn(comment)
		case line == "":
		case k.kind != "":
			return nil, fault.Newf(fault.Corrupt, "it holds more than one identity of age")
		case strings.HasPrefix(line, "AGE-PLUGIN-"):
			if _, _, err := plugin.ParseIdentity(line); err != nil {
				return nil, fault.Newf(fault.Corrupt, "it is no identity of a plugin of age")
			}
			k.kind, k.token = InToken, line
		default:
			identity, err := age.ParseX25519Identity(line)
			if err != nil {
				return nil, fault.Newf(fault.Corrupt, "it is no age identity") // its words may be half a key, and are not repeated
			}
			k.kind, k.identity = InFile, identity
		}
	}
	if k.kind == "" {
		return nil, fault.Newf(fault.Corrupt, "it holds no age identity")
	}
	return k, nil
}

// recipientIn takes the recipient out of a comment like "Recipient: age1…"
// (age-plugin-yubikey, age-plugin-tpm) or "public key: age1…" (age-keygen).
func (k *Key) recipientIn(comment string) {
	what, value, found := strings.Cut(comment, ":")
	what, value = strings.ToLower(strings.TrimSpace(what)), strings.TrimSpace(value)
	if _, _, err := plugin.ParseRecipient(value); found && err == nil && (what == "recipient" || what == "public key") {
		k.written = value
	}
}

// Kind tells where the private half lives.
func (k *Key) Kind() string { return k.kind }

// Program names the program that reaches a token; empty: none is needed.
func (k *Key) Program() string {
	name, _, err := plugin.ParseIdentity(k.token)
	if k.kind != InToken || err != nil {
		return ""
	}
	return "age-plugin-" + name
}

// Public gives the public half of the key.
func (k *Key) Public() (UnitKey, error) {
	switch {
	case k.kind == InToken && k.written != "":
		return UnitKey{Public: k.written, Kind: k.kind}, nil
	case k.kind == InToken:
		sum := sha256.Sum256([]byte(k.token)) // the identity itself may say more than others may know
		return UnitKey{Public: k.Program() + " sha256:" + hex.EncodeToString(sum[:]), Kind: k.kind}, nil
	case k.kind == InPassphrase && k.Known != "":
		return UnitKey{Public: k.Known, Kind: k.kind}, nil
	}
	identity, err := k.Unlock()
	if err != nil {
		return UnitKey{}, err
	}
	return UnitKey{Public: identity.Recipient().String(), Kind: k.kind}, nil
}

// Unlock asks for the passphrase where one is needed and was not given yet. A
// token is not asked: it answers each time by itself.
func (k *Key) Unlock() (*age.X25519Identity, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.identity != nil || k.kind == InToken {
		return k.identity, nil
	}
	if k.Ask.Passphrase == nil {
		err := fault.Newf(fault.Unavailable, "the unit's key needs its passphrase, and nobody can be asked")
		return nil, fault.WithHint(err, askHint)
	}
	words, err := k.Ask.Passphrase("Passphrase of the unit's key")
	if err != nil {
		return nil, fault.WithHint(fault.Newf(fault.Unavailable, "passphrase of the unit's key: %w", err), askHint)
	}
	identity, err := unlocked(k.locked, words)
	if err != nil {
		return nil, err
	}
	if is := identity.Recipient().String(); k.Known != "" && k.Known != is {
		return nil, fault.Newf(fault.Corrupt, "the unit's key is %s, and the record was encrypted to %s", is, k.Known)
	}
	k.identity = identity
	return identity, nil
}

const askHint = "run it on a terminal, or put the passphrase into a file that only you can read and name it in SURAAG_UNIT_PASSPHRASE_FILE"

// unlocked opens an identity that was encrypted with a passphrase.
func unlocked(file []byte, passphrase string) (*age.X25519Identity, error) {
	by, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fault.Newf(fault.Denied, "passphrase of the unit's key: %w", err)
	}
	var in io.Reader = bytes.NewReader(file)
	if bytes.HasPrefix(bytes.TrimSpace(file), []byte(armor.Header)) {
		in = armor.NewReader(in)
	}
	r, err := age.Decrypt(in, by)
	var no *age.NoIdentityMatchError
	if errors.As(err, &no) {
		return nil, fault.WithHint(fault.Newf(fault.Denied, "the passphrase does not open the unit's key"), "try again; nobody can open it without")
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(r, maxKeyFile+1))
	}
	if err != nil {
		return nil, fault.WithHint(fault.Newf(fault.Corrupt, "the file of the unit's key was changed: %w", err), "put back the copy of the key that was kept apart from the record")
	}
	k, err := ParseKey(text)
	if err != nil || k.kind != InFile {
		return nil, fault.Newf(fault.Corrupt, "what the passphrase opens is no age identity")
	}
	return k.identity, nil
}

// recipient is to whom everything is encrypted.
func (k *Key) recipient() (age.Recipient, error) {
	if k.kind == InToken {
		if k.written != "" {
			r, err := plugin.NewRecipient(k.written, k.ui())
			return r, fault.As(fault.Corrupt, err)
		}
		i, err := plugin.NewIdentity(k.token, k.ui())
		if err != nil {
			return nil, fault.As(fault.Corrupt, err)
		}
		return i.Recipient(), nil
	}
	public, err := k.Public()
	if err != nil {
		return nil, err
	}
	r, err := age.ParseX25519Recipient(public.Public)
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "the record names a unit key that is none: %w", err)
	}
	return r, nil
}

func (k *Key) ui() *plugin.ClientUI {
	if k.Ask.Token == nil {
		return &plugin.ClientUI{}
	}
	return k.Ask.Token
}

// Encrypt encrypts to the unit's key.
func (k *Key) Encrypt(plain []byte) ([]byte, error) {
	to, err := k.recipient()
	if err != nil {
		return nil, err
	}
	return bounded(k, func() ([]byte, error) {
		var b bytes.Buffer
		w, err := age.Encrypt(&b, to)
		if err != nil && k.kind == InToken {
			return nil, tokenFault(err)
		}
		if err == nil {
			_, err = w.Write(plain)
		}
		if err == nil {
			err = w.Close()
		}
		return b.Bytes(), fault.As(fault.Internal, err)
	})
}

// maxPlain bounds what is decrypted at once.
const maxPlain = 16 << 20

// Decrypt reads what Encrypt wrote; anything else, or a byte changed, is corrupt.
func (k *Key) Decrypt(sealed []byte) ([]byte, error) {
	identity, err := k.identities()
	if err != nil {
		return nil, err
	}
	return bounded(k, func() ([]byte, error) {
		r, err := age.Decrypt(bytes.NewReader(sealed), identity)
		if err != nil && k.kind == InToken {
			return nil, tokenFault(err)
		}
		if err != nil {
			return nil, fault.Newf(fault.Corrupt, "what was encrypted to the unit's key cannot be read with it: %w", err)
		}
		plain, err := io.ReadAll(io.LimitReader(r, maxPlain+1))
		if err != nil {
			return nil, fault.Newf(fault.Corrupt, "what was encrypted to the unit's key was changed: %w", err)
		}
		if len(plain) > maxPlain {
			return nil, fault.Newf(fault.TooLarge, "what was encrypted has more than %d bytes", maxPlain)
		}
		return plain, nil
	})
}

func (k *Key) identities() (age.Identity, error) {
	if k.kind == InToken {
		i, err := plugin.NewIdentity(k.token, k.ui())
		return i, fault.As(fault.Corrupt, err)
	}
	return k.Unlock()
}

// tokenWait is how long a token may take: a touch is asked for 15 seconds by
// common ones, and a person looks for it first (house rule).
var tokenWait = time.Minute // tests wait less

// tokenPoll is how often whoever waits for another's turn looks.
const tokenPoll = 20 * time.Millisecond

// bounded keeps a token that never answers from stopping everybody else. It is asked
// one thing at a time: who asks while it does not answer starts no program besides.
func bounded(k *Key, f func() ([]byte, error)) ([]byte, error) {
	if k.kind != InToken {
		return f()
	}
	type answer struct {
		b   []byte
		err error
	}
	done, over := make(chan answer, 1), time.After(tokenWait)
	for asked := false; ; {
		if !asked && k.using.TryLock() {
			asked = true
			go func() {
				defer k.using.Unlock()
				b, err := f()
				done <- answer{b, err}
			}()
		}
		again := time.After(tokenPoll)
		if asked {
			again = nil
		}
		select {
		case a := <-done:
			return a.b, a.err
		case <-again:
			continue
		case <-over:
		}
		return nil, fault.WithHint(fault.Newf(fault.Unavailable, "the token did not answer within %s", tokenWait), "plug it in, and touch it when it blinks")
	}
}

// tokenFault tells a token's errors apart, as far as they can be.
func tokenFault(err error) error {
	var none *plugin.NotFoundError
	if errors.As(err, &none) {
		err := fault.Newf(fault.Unavailable, "the program age-plugin-%s, which reaches the token of the unit's key, is not installed here", none.Name)
		return fault.WithHint(err, "install it, in a folder of PATH")
	}
	err = fault.Newf(fault.Unavailable, "the token of the unit's key did not open it: %w", err)
	return fault.WithHint(err, "plug in the token that the key lives in; if it is the right one, what was encrypted was changed")
}
