package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/app"
	"suraag/custody/proof"
	"suraag/custody/stamp"
	"suraag/custody/stamp/tsatest"
	"suraag/custody/tlog"
	"suraag/custody/witness"
)

// say runs the program and gives its exit code and what it prints.
func say(data string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	env := []string{"SURAAG_BY=officer", "SURAAG_DATA=" + data}
	code = app.Run(context.Background(), env, strings.NewReader(""), &o, &e, args)
	return code, o.String(), e.String()
}

func must(t *testing.T, data string, args ...string) string {
	t.Helper()
	code, out, errs := say(data, args...)
	if code != 0 {
		t.Fatalf("suraag %s exits with %d: %s", strings.Join(args, " "), code, errs)
	}
	return out
}

func read[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// The whole way of an entry: logged with the data, cosigned, time-stamped, proven
// with the evidence alone, and erased.
func TestCustodyLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "letter.txt")
	write(t, file, []byte("a letter that no reader knows"))
	key := strings.TrimSpace(must(t, data, "log", "configure", "--name", "unit.example/custody"))
	key = key[strings.LastIndex(key, "\n")+1:]

	court := filepath.Join(dir, "court")
	wkey, err := tlog.MakeKey(court, "court.example/witness", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w, err := witness.Open(court, wkey, []string{key})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	server := httptest.NewServer(w)
	defer server.Close()
	_, public, err := wkey.Cosigner()
	if err != nil {
		t.Fatal(err)
	}
	tsa := tsatest.Start(t)
	policy, roots := filepath.Join(dir, "policy"), filepath.Join(dir, "roots.pem")
	write(t, policy, []byte("witness court "+public+" "+server.URL+"\nquorum court\n"))
	write(t, roots, []byte(tsa.Roots))
	must(t, data, "log", "configure", "--witnesses", policy, "--timestamp", tsa.URL, "--roots", roots, "--every", "1m")

	say(data, "intake", file, "--authority", "FIR 12/2025 PS Example") // ends with "not read": nobody knows its format
	entries := read[[]app.LogEntry](t, must(t, data, "log", "show", "--last", "0", "--json"))
	if len(entries) != 6 || entries[1].Kind != "source sealed" || entries[1].By != "officer" || !strings.Contains(string(entries[1].Record), "FIR 12/2025 PS Example") {
		t.Fatalf("entries %+v", entries)
	}
	state := read[app.LogState](t, must(t, data, "log", "status", "--json"))
	if state.Published != 6 || state.Waiting != 0 || len(state.Cosigned) != 1 || state.Stamped.IsZero() || state.Key != key || state.Problem != "" {
		t.Errorf("state %+v", state)
	}

	e := read[proof.Evidence](t, must(t, data, "log", "prove", "4"))
	cp, by, err := e.Verify()
	if err != nil || len(by) != 1 || by[0].Witness != "court.example/witness" || cp.Size < 5 || e.Key != key {
		t.Errorf("evidence %+v: %v, %v", e, by, err)
	}
	trusted, err := stamp.Roots(tsa.Roots)
	if err != nil {
		t.Fatal(err)
	}
	stamped := read[proof.Evidence](t, must(t, data, "log", "prove", "2"))
	if _, err := stamp.Verify(stamped.Token, []byte(stamped.Checkpoint), trusted); err != nil {
		t.Error(err)
	}
	forged := e
	forged.Record = strings.Replace(e.Record, "FIR 12", "FIR 13", 1)
	if _, _, err := forged.Verify(); err == nil {
		t.Error("another record is proven by the same evidence")
	}

	must(t, data, "log", "erase", "4", "--authority", "Order 3/2026", "--reason", "acquitted")
	gone := read[app.LogEntry](t, must(t, data, "log", "show", "4"))
	if !gone.Erased || gone.Subject+gone.By+string(gone.Record) != "" || gone.Leaf != e.Leaf {
		t.Errorf("after erasing: %+v", gone)
	}
	last := read[[]app.LogEntry](t, must(t, data, "log", "show", "--last", "1", "--json"))
	if last[0].Kind != "erased" || last[0].Subject != e.Leaf || !strings.Contains(string(last[0].Record), "acquitted") {
		t.Errorf("the erasure is not logged: %+v", last)
	}
	if _, _, err := read[proof.Evidence](t, must(t, data, "log", "prove", "4")).Verify(); err != nil {
		t.Errorf("the leaf of an erased entry: %v", err)
	}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"log", "erase", "4", "--authority", "x", "--reason", "y"}, 6},
		{[]string{"log", "erase", "6", "--authority", "x", "--reason", "y"}, 6}, // the record of an erasure
		{[]string{"log", "erase", "4"}, 2},
		{[]string{"log", "show", "99"}, 3},
		{[]string{"log", "show", "-1"}, 2},
		{[]string{"log", "prove", "04"}, 4},
		{[]string{"log", "configure", "--name", "other.example"}, 6},
		{[]string{"log", "configure", "--witnesses", file}, 4},
		{[]string{"log", "configure", "--timestamp", "ftp://tsa.example/"}, 4},
	} {
		if code, _, errs := say(data, c.args...); code != c.code {
			t.Errorf("suraag %v exits with %d, want %d: %s", c.args, code, c.code, errs)
		}
	}
}

// A data folder that was put back is refused by every command, with what to do.
func TestPutBack(t *testing.T) {
	data := exampleRecord(t)
	older := filepath.Join(t.TempDir(), "older")
	if err := os.CopyFS(older, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	must(t, data, "trace", "192.0.2.1") // one more entry
	for name, what := range map[string]string{"the folder of the log": "custody", "the database": "suraag.db"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(dir, what)); err != nil {
				t.Fatal(err)
			}
			from := filepath.Join(older, what)
			if info, err := os.Stat(from); err == nil && info.IsDir() {
				err = os.CopyFS(filepath.Join(dir, what), os.DirFS(from))
				if err != nil {
					t.Fatal(err)
				}
			} else {
				body, err := os.ReadFile(from)
				if err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(dir, what), body)
			}
			for _, args := range [][]string{{"trace", "192.0.2.1"}, {"serve", "--addr", "127.0.0.1:0"}, {"worker"}, {"log", "status"}} {
				code, _, errs := say(dir, args...)
				if code != 7 || !strings.Contains(errs, "put back to an older state") || !strings.Contains(errs, "hint:") {
					t.Errorf("suraag %v exits with %d: %s", args, code, errs)
				}
			}
		})
	}
}
