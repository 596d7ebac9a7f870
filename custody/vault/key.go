package vault

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"suraag/fault"
)

// UnitKey is what the record says of the unit's key, since it was first used to
// put something into the vault, or changed.
type UnitKey struct {
	Public string    `json:"public"` // its public half
	Kind   string    `json:"kind"`   // where the other half lives
	At     time.Time `json:"at,omitzero"`
	By     string    `json:"by,omitempty"`
}

// InFile is the kind of a key that lies open in its file.
const InFile = "file"

// Key is the unit's key.
type Key struct{ identity *age.X25519Identity }

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
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "unit key %q: %w", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		err := fault.Newf(fault.Denied, "unit key %q may be read by others (mode %v)", path, info.Mode().Perm())
		return nil, fault.WithHint(err, "chmod 600 the file, and ask who has read it")
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(b)))
	if err != nil {
		err := fault.Newf(fault.Corrupt, "unit key %q is no age identity: %w", path, err)
		return nil, fault.WithHint(err, "put back the copy of the key that was kept apart from the record")
	}
	return &Key{identity}, nil
}

// newKey makes a key. The file is made at once with the right mode, whole, and
// never over another.
func newKey(path string) (*Key, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".unit-key-*") // mode 0600
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "unit key %q: %w", path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(identity.String() + "\n")
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Link(f.Name(), path) // unlike a rename, it takes no other's place
	}
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return OpenKey(path)
	}
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "unit key %q: %w", path, err)
	}
	return &Key{identity}, nil
}

// Public gives the public half of the key.
func (k *Key) Public() (UnitKey, error) {
	return UnitKey{Public: k.identity.Recipient().String(), Kind: InFile}, nil
}

// Encrypt encrypts to the unit's key.
func (k *Key) Encrypt(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, k.identity.Recipient())
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return b.Bytes(), nil
}

// maxPlain bounds what is decrypted at once.
const maxPlain = 16 << 20

// Decrypt reads what Encrypt wrote; anything else, or a byte changed, is corrupt.
func (k *Key) Decrypt(sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), k.identity)
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
}
