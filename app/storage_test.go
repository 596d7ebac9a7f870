package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/app"
	"suraag/app/demo"
	"suraag/custody/bucket/s3test"
	"suraag/custody/keeptest"
)

// unit is a data folder whose originals and vault lie in a store.
type unit struct {
	t     *testing.T
	data  string
	store *s3test.Server
}

// storedIn writes the settings of a store into a data folder.
func storedIn(t *testing.T, data string, s *s3test.Server) unit {
	t.Helper()
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "store.toml"), fmt.Appendf(nil, "endpoint = %q\nbucket = %q\naccess_key = %q\nsecret_file = \"store.secret\"\nroots = %q\n", s.URL, s3test.Name, s3test.AccessKey, s.Roots))
	write(t, filepath.Join(data, "store.secret"), []byte(s3test.Secret+"\n"))
	return unit{t, data, s}
}

// run runs the program and gives its exit code and all it says.
func (u unit) run(args ...string) (int, string) {
	u.t.Helper()
	var out bytes.Buffer
	env := []string{"SURAAG_NOW=2025-03-12T09:00:00Z", "SURAAG_BY=officer", "SURAAG_DATA=" + u.data, "HOME=/nonexistent"}
	code := app.Run(context.Background(), env, strings.NewReader(""), &out, &out, args)
	if strings.Contains(out.String(), s3test.Secret) {
		u.t.Errorf("%v shows the secret of the store", args)
	}
	return code, out.String()
}

func (u unit) must(args ...string) string {
	u.t.Helper()
	code, said := u.run(args...)
	if code != 0 {
		u.t.Fatalf("suraag %s exits with %d: %s", strings.Join(args, " "), code, said)
	}
	return said
}

// in counts what lies in a folder of the store.
func (u unit) in(folder string) (n int) {
	for _, key := range u.store.Keys() {
		if strings.HasPrefix(key, folder+"/") {
			n++
		}
	}
	return n
}

// documentsFew writes some documents of the example into a folder.
func documentsFew(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := demo.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name == "cybertip_100000001.json" || f.Name == "example-mobile_nat.csv" {
			write(t, filepath.Join(dir, f.Name), f.Bytes)
		}
	}
	return dir
}

// The whole way with a store instead of files: hand in, read, verify, hold, take
// out, drop, back up, and restore into files.
func TestOriginalsAndVaultInAStore(t *testing.T) {
	u := storedIn(t, filepath.Join(t.TempDir(), "data"), s3test.Start(t))
	if said := u.must("storage", "check"); !strings.Contains(said, "refuses to write over") {
		t.Errorf("%s", said)
	}
	u.must("intake", documentsFew(t), "--authority", "FIR 12/2025 PS Example")
	if n := u.in("originals"); n != 2 {
		t.Errorf("%d originals lie in the store", n)
	}
	u.must("case", "new", "FIR 12/2025", "--title", "t", "--station", "PS")
	exhibit := filepath.Join(t.TempDir(), "exhibit.jpg")
	write(t, exhibit, demo.Picture())
	for range 2 {
		u.must("vault", "put", exhibit, "--case", "FIR 12/2025", "--ground", "section 94 BNSS, order 3/2025")
	}
	var items []struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(u.must("vault", "list", "--json")), &items); err != nil || len(items) != 2 {
		t.Fatal(items, err)
	}
	out := filepath.Join(t.TempDir(), "out.jpg")
	u.must("vault", "get", items[0].ID, "--to", out, "--reason", "shown to the court on 3 March")
	if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, demo.Picture()) {
		t.Errorf("%d bytes came out, %v", len(got), err)
	}
	u.must("vault", "drop", items[0].ID, "--reason", "judgment is final", "--authority", "order 9/2026")
	u.must("vault", "drop", items[0].ID, "--confirm", "--by", "second officer")
	if n := u.in("vault"); n != 1 {
		t.Errorf("%d items lie in the store", n)
	}
	u.must("vault", "check", "--content")
	u.must("verify")
	for _, folder := range []string{"originals", "vault"} {
		if _, err := os.Stat(filepath.Join(u.data, folder)); !os.IsNotExist(err) {
			t.Errorf("%s lies in a folder, too: %v", folder, err)
		}
	}

	// A backup holds all of it, but no secret; restored, it lies in files.
	tar := filepath.Join(t.TempDir(), "copy.tar")
	u.must("backup", tar)
	if body, err := os.ReadFile(tar); err != nil || bytes.Contains(body, []byte(s3test.Secret)) || bytes.Contains(body, []byte("AGE-SECRET-KEY")) {
		t.Errorf("the backup holds a secret, %v", err)
	}
	other := unit{t, filepath.Join(t.TempDir(), "restored"), u.store}
	other.must("restore", tar)
	if said := other.must("storage", "show"); !strings.Contains(said, "files below") {
		t.Errorf("%s", said)
	}
	other.must("verify")
	key, err := os.ReadFile(filepath.Join(u.data, "unit.key"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(other.data, "unit.key"), key)
	other.must("vault", "check", "--content")

	// From files it goes into another store, and stays in the files.
	moved := storedIn(t, other.data, s3test.Start(t))
	if code, _ := moved.run("verify"); code != 7 {
		t.Errorf("before it was copied, verify exits with %d", code)
	}
	for range 2 {
		moved.must("storage", "copy")
	}
	if moved.in("originals") != 2 || moved.in("vault") != 1 {
		t.Errorf("copied: %v", moved.store.Keys())
	}
	moved.must("verify")
	moved.must("vault", "check", "--content")
}

// Changed bytes in the store are named; a store that does not answer is no change.
func TestVerifyOverAStore(t *testing.T) {
	u := storedIn(t, filepath.Join(t.TempDir(), "data"), s3test.Start(t))
	u.must("intake", documentsFew(t), "--authority", "FIR 12/2025 PS Example")
	u.store.Err(func(w http.ResponseWriter, r *http.Request) bool {
		s3test.Refuse(w, http.StatusForbidden, "AccessDenied")
		return true
	})
	if code, said := u.run("verify"); code != 5 || strings.Contains(said, "DIFFERS") || !strings.Contains(said, "does not serve") {
		t.Errorf("a store that refuses: exit %d, %s", code, said)
	}
	u.store.Err(nil)
	u.must("verify")
	for _, key := range u.store.Keys() {
		u.store.Change(key, func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	}
	if code, said := u.run("verify"); code != 7 || strings.Count(said, "its bytes were changed after sealing") != 2 {
		t.Errorf("changed: exit %d, %s", code, said)
	}
}

// Settings that would leave something open are refused before anything is done.
func TestStoreSettings(t *testing.T) {
	data := t.TempDir()
	u := storedIn(t, data, s3test.Start(t))
	if err := os.Chmod(filepath.Join(data, "store.secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, said := u.run("storage", "check"); code != 5 || !strings.Contains(said, "may be read by others") {
		t.Errorf("an open secret: exit %d, %s", code, said)
	}
	write(t, filepath.Join(data, "store.toml"), []byte("endpoint = 'http://192.0.2.1'\nbucket = 'unit-7'\naccess_key = 'x'\n"))
	if code, said := u.run("case", "list"); code != 5 && code != 3 || strings.Contains(said, "No case") {
		t.Errorf("no TLS: exit %d, %s", code, said)
	}
	if err := os.Remove(filepath.Join(data, "store.toml")); err != nil {
		t.Fatal(err)
	}
	if code, said := u.run("storage", "check"); code != 3 || !strings.Contains(said, "no store is set") {
		t.Errorf("no settings: exit %d, %s", code, said)
	}
}

// Of content that was changed in the store, no part is given out.
func TestChangedContentIsNotGivenOut(t *testing.T) {
	u := storedIn(t, filepath.Join(t.TempDir(), "data"), s3test.Start(t))
	u.must("case", "new", "FIR 12/2025", "--title", "t", "--station", "PS")
	exhibit, out := filepath.Join(t.TempDir(), "exhibit.bin"), filepath.Join(t.TempDir(), "out.bin")
	write(t, exhibit, keeptest.Body(300_000))
	u.must("vault", "put", exhibit, "--case", "FIR 12/2025", "--ground", "section 94 BNSS, order 3/2025")
	var items []struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(u.must("vault", "list", "--json")), &items); err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	get := []string{"vault", "get", items[0].ID, "--to", out, "--reason", "shown to the court on 3 March"}
	for what, change := range map[string]func([]byte) []byte{
		"the last byte": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut off":       func(b []byte) []byte { return b[:len(b)-1] },
	} {
		key := u.store.Keys()[0]
		var good []byte
		u.store.Change(key, func(b []byte) []byte { good = bytes.Clone(b); return change(b) })
		for _, args := range [][]string{get, {"vault", "check"}, {"verify"}, {"verify", "--content"}} {
			if code, said := u.run(args...); code != 7 {
				t.Errorf("%s, %v: exit %d, %s", what, args, code, said)
			}
		}
		if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) != 0 {
			t.Errorf("%s: %v is given out, %v", what, left, err)
		}
		u.store.Change(key, func([]byte) []byte { return good })
	}
	u.must(get...)
}
