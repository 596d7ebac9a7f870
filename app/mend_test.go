package app_test

import (
	"crypto/rand"
	"database/sql"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/custody/tlog"
	"suraag/custody/witness"
)

// replaceWith puts a file or folder of a copy in the place of that of a data folder.
func replaceWith(t *testing.T, data, from, what string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(data, what)); err != nil {
		t.Fatal(err)
	}
	src := filepath.Join(from, what)
	if info, err := os.Stat(src); err == nil && info.IsDir() {
		if err := os.CopyFS(filepath.Join(data, what), os.DirFS(src)); err != nil {
			t.Fatal(err)
		}
		return
	}
	body, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, what), body)
}

// Whatever was put back, what is said to be done can be done: the log goes on, says
// what happened, and verify finds nothing else.
func TestMend(t *testing.T) {
	t.Parallel()
	mend := []string{"log", "mend", "--authority", "order 7/2025", "--reason", "a disk broke"}
	for name, c := range map[string]struct {
		what, says, verify string
		harm               func(t *testing.T, data, older string)
	}{
		"the database": {"suraag.db", "have lost their words", "were lost with a database", nil},
		"the folder":   {"custody", "made again from the database", "", nil},
		"the tiles are gone": {"", "made again from the database", "", func(t *testing.T, data, _ string) {
			if err := os.RemoveAll(filepath.Join(data, "custody", "tiles")); err != nil {
				t.Fatal(err)
			}
		}},
		"a tile is damaged": {"", "made again from the database", "", func(t *testing.T, data, _ string) {
			write(t, filepath.Join(data, "custody", "tiles", ".state", "treeState"), []byte("{"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			data := exampleRecord(t)
			older := filepath.Join(t.TempDir(), "older")
			if err := copyRecord(older, data); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				must(t, data, "trace", "192.0.2.1")
			}
			if code, _, errs := say(data, mend...); code != 6 || !strings.Contains(errs, "nothing to mend") {
				t.Errorf("mending what is sound exits with %d: %s", code, errs)
			}
			if c.what != "" {
				replaceWith(t, data, older, c.what)
			} else {
				c.harm(t, data, older)
			}
			if code, _, errs := say(data, "trace", "192.0.2.1"); code != 7 || !strings.Contains(errs, "suraag log mend") {
				t.Errorf("what was put back: exit %d: %s", code, errs)
			}
			if out := must(t, data, mend...); !strings.Contains(out, c.says) {
				t.Errorf("mend says %s", out)
			}
			must(t, data, "trace", "192.0.2.1")
			if out := must(t, data, "verify"); !strings.Contains(out, c.verify) {
				t.Errorf("verify says %s", out)
			}
			if out := must(t, data, "log", "show", "--last", "6"); !strings.Contains(out, "log mended") {
				t.Errorf("the log does not say that it was mended:\n%s", out)
			}
		})
	}
}

// Whoever can write to the database and not to the folder of the log has nobody sign
// anew what he changed: what the log published contradicts him.
func TestMendDoesNotSignWhatWasChanged(t *testing.T) {
	t.Parallel()
	data := exampleRecord(t)
	for range 2 {
		must(t, data, "trace", "192.0.2.1")
	}
	db, err := sql.Open("sqlite", filepath.Join(data, "suraag.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []string{`UPDATE log_entry SET leaf = randomblob(32) WHERE place = (SELECT max(place) FROM log_entry)`, `DELETE FROM log_checkpoint`} {
		if _, err := db.Exec(do); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, _, errs := say(data, "log", "mend", "--authority", "order 7/2025", "--reason", "a disk broke")
	if code != 7 || !strings.Contains(errs, "published") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if aside, err := filepath.Glob(filepath.Join(data, "custody-before-*")); err != nil || len(aside) > 0 {
		t.Errorf("moved aside: %v, %v", aside, err)
	}
}

// Where a witness remembers more than there is, the log goes on under another name, and
// what was signed under the old one still verifies.
func TestMendUnderAnotherName(t *testing.T) {
	t.Parallel()
	data, dir := exampleRecord(t), t.TempDir()
	court := filepath.Join(dir, "court")
	wkey, err := tlog.MakeKey(court, "court.example/witness", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := tlog.KeyOf(filepath.Join(data, "custody"))
	if err != nil {
		t.Fatal(err)
	}
	cosigning, err := witness.Open(court, wkey, []string{key.Public})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(cosigning)
	address := server.Listener.Addr().String()
	_, public, err := wkey.Cosigner()
	if err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(dir, "policy")
	write(t, policy, []byte("witness court "+public+" http://"+address+"\nquorum court\n"))
	must(t, data, "log", "configure", "--witnesses", policy)
	older := filepath.Join(dir, "older")
	if err := copyRecord(older, data); err != nil {
		t.Fatal(err)
	}
	must(t, data, "trace", "192.0.2.1") // and then the disk broke

	mend := []string{"log", "mend", "--authority", "order 7/2025", "--reason", "a disk broke"}
	if code, _, errs := say(older, mend...); code != 7 || !strings.Contains(errs, "--name") {
		t.Errorf("without a name: exit %d: %s", code, errs)
	}
	out := must(t, older, append(mend, "--name", "unit.example/custody-2")...)
	renewed, err := tlog.KeyOf(filepath.Join(older, "custody"))
	if err != nil || !strings.Contains(out, renewed.Public) || renewed.Public == key.Public {
		t.Fatalf("%v, mend says %s", err, out)
	}
	server.Close()
	cosigning.Close()
	if cosigning, err = witness.Open(court, wkey, []string{key.Public, renewed.Public}); err != nil {
		t.Fatal(err)
	}
	defer cosigning.Close()
	again := httptest.NewServer(cosigning) // the witness was told the new key
	defer again.Close()
	write(t, policy, []byte("witness court "+public+" "+again.URL+"\nquorum court\n"))
	must(t, older, "log", "configure", "--witnesses", policy)
	must(t, older, "trace", "192.0.2.1")
	must(t, older, "verify")
	must(t, older, "log", "prove", "0")
	write(t, filepath.Join(older, "custody", "former"), nil)
	if code, out, _ := say(older, "verify"); code != 7 || !strings.Contains(out, "former") {
		t.Errorf("the former keys were taken away: exit %d: %s", code, out)
	}
}
