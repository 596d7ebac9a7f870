package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"suraag/custody/vault"
	"suraag/fault"
)

func key(t *testing.T, path string) *vault.Key {
	t.Helper()
	k, err := vault.OpenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWhatIsEncryptedIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unit.key")
	sealed, err := key(t, path).Encrypt([]byte("who she is"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("who")) {
		t.Error("it is not encrypted")
	}
	got, err := key(t, path).Decrypt(sealed) // opened anew
	if err != nil || string(got) != "who she is" {
		t.Errorf("%q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestEveryChangedByteIsFound(t *testing.T) {
	k := key(t, filepath.Join(t.TempDir(), "unit.key"))
	sealed, err := k.Encrypt([]byte("who she is"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range sealed {
		bad := bytes.Clone(sealed)
		bad[n] ^= 1
		if got, err := k.Decrypt(bad); err == nil {
			t.Errorf("byte %d changed, and %q was read", n, got)
		}
	}
	for n := range sealed {
		if got, err := k.Decrypt(sealed[:n]); err == nil {
			t.Errorf("cut to %d bytes, and %q was read", n, got)
		}
	}
	other := key(t, filepath.Join(t.TempDir(), "unit.key"))
	if _, err := other.Decrypt(sealed); !fault.Is(err, fault.Corrupt) {
		t.Errorf("another unit's key: %v", err)
	}
}

func TestKeyFiles(t *testing.T) {
	open := filepath.Join(t.TempDir(), "open.key")
	key(t, open)
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.OpenKey(open); !fault.Is(err, fault.Denied) || fault.Hint(err) == "" {
		t.Errorf("a key that others may read: %v", err)
	}
	bad := filepath.Join(t.TempDir(), "bad.key")
	if err := os.WriteFile(bad, []byte("AGE-SECRET-KEY-1NO"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.OpenKey(bad); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a damaged key: %v", err)
	}
}

func TestOneKeyThoughManyBegin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unit.key")
	var wg sync.WaitGroup
	sealed := make([][]byte, 8)
	for n := range sealed {
		wg.Go(func() { sealed[n], _ = key(t, path).Encrypt([]byte("x")) })
	}
	wg.Wait()
	for n, s := range sealed {
		if _, err := key(t, path).Decrypt(s); err != nil {
			t.Errorf("process %d had another key: %v", n, err)
		}
	}
}
