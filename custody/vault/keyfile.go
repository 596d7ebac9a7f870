package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"

	"suraag/custody/disk"
	"suraag/fault"
)

// newKey makes a key that lies open in its file.
func newKey(path string) (*Key, error) {
	k, text, err := MakeKey()
	if err != nil {
		return nil, err
	}
	err = writeKey(disk.Machine(), path, text)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return OpenKey(path)
	}
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "unit key %q: %w", path, err)
	}
	return k, nil
}

// MakeKey makes a key that lies open in its file, and the text of that file.
func MakeKey() (*Key, []byte, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, nil, fault.As(fault.Internal, err)
	}
	return &Key{kind: InFile, identity: identity}, []byte(identity.String() + "\n"), nil
}

// workFactor is the base-2 logarithm of scrypt's N with which a key is encrypted,
// r = 8 and p = 1: age's own ("1s on a modern machine", filippo.io/age, scrypt.go),
// twice the least that OWASP names (Password Storage Cheat Sheet: N = 2^17).
const workFactor = 18

// minPassphrase is how many characters a passphrase has at least where nothing
// else guards what it opens (NIST SP 800-63B-4, section 3.1.1.2).
const minPassphrase = 15

// MakeLocked makes a key that is encrypted with a passphrase, and the text of its
// file, which the age program reads too.
func MakeLocked(passphrase string) (*Key, []byte, error) { return makeLocked(passphrase, workFactor) }

func makeLocked(passphrase string, factor int) (*Key, []byte, error) {
	if n := utf8.RuneCountInString(passphrase); n < minPassphrase {
		err := fault.Newf(fault.Invalid, "the passphrase has %d characters, fewer than %d", n, minPassphrase)
		return nil, nil, fault.WithHint(err, "take five or more words that nobody would put together")
	}
	open, text, err := MakeKey()
	if err != nil {
		return nil, nil, err
	}
	by, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, nil, fault.As(fault.Invalid, err)
	}
	by.SetWorkFactor(factor)
	var b bytes.Buffer
	armored := armor.NewWriter(&b)
	w, err := age.Encrypt(armored, by)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = errors.Join(w.Close(), armored.Close())
	}
	if err != nil {
		return nil, nil, fault.As(fault.Internal, err)
	}
	return &Key{kind: InPassphrase, locked: b.Bytes(), identity: open.identity}, b.Bytes(), nil
}

// writeKey writes a key file: at once with the right mode, whole, durable, and
// never over another, which is fs.ErrExist.
func writeKey(d disk.Disk, path string, text []byte) error {
	f, err := d.CreateTemp(filepath.Dir(path), ".unit-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer d.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = d.Link(f.Name(), path) // unlike a rename, it takes no other's place
	}
	if err == nil {
		err = d.SyncFolder(filepath.Dir(path))
	}
	return err
}

// nextKey is where a key waits to take the place of another: it is known by its
// public half, so that whoever opens the record after a power cut can tell whether
// the record was already encrypted to it.
func nextKey(path, public string) string { return path + ".next-" + short([]byte(public)) }

// beforeKey is where a key lies that another took the place of.
func beforeKey(path string, text []byte) string { return path + ".before-" + short(text) }

func short(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:8])
}

// Settle puts the key that the record names into its place, where a change of keys
// was cut off after the record was encrypted to it. It tells where the key before
// lies now; nothing: there was nothing to do.
func Settle(path string, recorded UnitKey) (before string, err error) {
	next := nextKey(path, recorded.Public)
	if _, err := os.Stat(next); recorded.Public == "" || errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	old, err := os.ReadFile(path)
	fresh, waits := os.ReadFile(next)
	if errors.Is(waits, fs.ErrNotExist) { // another process was faster
		return "", nil
	}
	if err == nil && waits == nil && bytes.Equal(old, fresh) { // cut off at the very end
		return "", fault.As(fault.Unavailable, os.Remove(next))
	}
	if err == nil {
		before = beforeKey(path, old)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = takePlace(disk.Machine(), next, path, before)
	}
	if errors.Is(err, fs.ErrNotExist) { // another process was faster
		return "", nil
	}
	if err != nil {
		return "", fault.Newf(fault.Unavailable, "unit key %q: %w", path, err)
	}
	return before, nil
}

// takePlace puts a key into the place of another, which stays under the name
// before: that name is on disk before the place is taken.
func takePlace(d disk.Disk, next, path, before string) error {
	folder := filepath.Dir(path)
	if before != "" {
		if err := d.Link(path, before); err != nil && !errors.Is(err, fs.ErrExist) { // it is there: cut off after this
			return err
		}
		if err := d.SyncFolder(folder); err != nil {
			return err
		}
	}
	// The waiting name goes only when the place is taken for certain: a rename that
	// was not synced may have taken one name away and not yet given the other.
	taking := next + ".taking"
	if err := d.Remove(taking); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.Link(next, taking); err != nil {
		return err
	}
	if err := d.Rename(taking, path); err != nil {
		return err
	}
	if err := d.SyncFolder(folder); err != nil {
		return err
	}
	return d.Remove(next)
}

// changing keeps others from changing the key until it is closed, which the kernel
// does with the process, however that ends.
func changing(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "unit key %q: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.WithHint(fault.Newf(fault.Conflict, "the unit's key %q is being changed at this moment", path), "wait until that ends; suraag vault key shows which key there is then")
	}
	return f, nil
}

// dropNext removes keys that wait to take the place of another and never will.
func dropNext(path string) error {
	folder := filepath.Dir(path)
	found, err := fs.Glob(os.DirFS(folder), filepath.Base(path)+".next-*") // whatever the folder itself is called
	for _, f := range found {
		err = errors.Join(err, os.Remove(filepath.Join(folder, f)))
	}
	return err
}

// ReadSecret reads one line of a file that only its owner can read: a passphrase,
// or the secret of a store.
func ReadSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fault.Newf(fault.Unavailable, "secret %q: %w", path, err)
	}
	defer f.Close()
	if err := ownersOnly(path); err != nil {
		return "", fault.Wrapf(err, "secret")
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", fault.Newf(fault.Unavailable, "secret %q: %w", path, err)
	}
	line, rest, _ := bytes.Cut(b, []byte("\n"))
	if line = bytes.TrimSuffix(line, []byte("\r")); len(line) == 0 || len(b) > maxSecret || len(bytes.TrimSpace(rest)) > 0 {
		return "", fault.Newf(fault.Invalid, "secret %q is not one line of at most %d bytes", path, maxSecret)
	}
	return string(line), nil
}

const maxSecret = 4096
