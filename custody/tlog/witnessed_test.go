package tlog_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"suraag/custody/proof"
	"suraag/custody/tlog"
	"suraag/custody/witness"
	"suraag/fault"
)

// organisation runs a witness that can be put out of order.
type organisation struct {
	url, key string
	down     atomic.Bool
}

func organisations(t *testing.T, n int, log tlog.Key) []*organisation {
	t.Helper()
	var out []*organisation
	for i := range n {
		dir := t.TempDir()
		key, err := tlog.MakeKey(dir, fmt.Sprintf("org%d.example/witness", i), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		w, err := witness.Open(dir, key, []string{log.Public})
		if err != nil {
			t.Fatal(err)
		}
		o := &organisation{}
		if _, o.key, err = key.Cosigner(); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if o.down.Load() {
				http.Error(rw, "out of order", http.StatusServiceUnavailable)
				return
			}
			w.ServeHTTP(rw, r)
		}))
		t.Cleanup(func() { server.Close(); w.Close() })
		o.url = server.URL
		out = append(out, o)
	}
	return out
}

// twoOf is a policy of two of the organisations.
func twoOf(t *testing.T, all []*organisation) proof.Policy {
	t.Helper()
	var text, names strings.Builder
	for n, o := range all {
		fmt.Fprintf(&text, "witness w%d %s %s\n", n, o.key, o.url)
		fmt.Fprintf(&names, " w%d", n)
	}
	p, err := proof.ParsePolicy(text.String() + "group two 2" + names.String() + "\nquorum two\n")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Two of three witnesses are enough; one is not, and then nothing is published,
// the entries wait, and it is said who did not answer.
func TestFailsClosed(t *testing.T) {
	dir, l := t.TempDir(), &ledger{}
	key := newKey(t, dir)
	orgs := organisations(t, 3, key)
	cfg := config(dir, l)
	cfg.Policy = twoOf(t, orgs)
	w, err := tlog.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	advance := func(n int, atMost time.Duration) bool {
		t.Helper()
		l.add(n)
		if _, err := w.Advance(ctx); err != nil {
			t.Fatal(err)
		}
		_, all, err := w.Await(ctx, atMost)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	orgs[0].down.Store(true)
	if !advance(3, 10*time.Second) {
		t.Fatal("two witnesses are not enough")
	}
	signed := []byte(l.checkpoints[0].Note)
	if by, err := cfg.Policy.Cosigned(signed); err != nil || len(by) != 2 {
		t.Errorf("cosigned by %v, %v", by, err)
	}
	orgs[1].down.Store(true)
	if advance(4, 500*time.Millisecond) {
		t.Fatal("one witness is enough")
	}
	if published, _ := tlog.TilesOf(dir).Checkpoint(ctx); string(published) != string(signed) {
		t.Errorf("published without witnesses:\n%s", published)
	}
	waiting, said, err := w.Unpublished(ctx)
	if err != nil || waiting != 4 || len(said) != 3 || !strings.Contains(fmt.Sprint(said), "out of order") {
		t.Errorf("%d wait, %+v, %v", waiting, said, err)
	}
	orgs[1].down.Store(false)
	if _, all, err := w.Await(ctx, 10*time.Second); err != nil || !all || l.checkpoints[1].Size != 7 {
		t.Errorf("after the witness came back: %v, %v, %+v", all, err, l.checkpoints)
	}
}

// A folder and a database that were put back together contradict nothing on the
// machine. The witnesses remember.
func TestWitnessRemembers(t *testing.T) {
	for _, c := range []struct {
		name   string
		before int // entries at the time of the copy
	}{{"to an older state", 3}, {"to the beginning", 0}} {
		t.Run(c.name, func(t *testing.T) {
			dir, old, l := t.TempDir(), t.TempDir(), &ledger{}
			cfg := config(dir, l)
			cfg.Policy = twoOf(t, organisations(t, 2, newKey(t, dir)))
			witnessed := func(n int) {
				t.Helper()
				l.add(n)
				w, err := tlog.Open(ctx, cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				if _, err := w.Advance(ctx); err != nil {
					t.Fatal(err)
				}
				if _, all, err := w.Await(ctx, 10*time.Second); err != nil || !all {
					t.Fatal(all, err)
				}
			}
			if c.before > 0 {
				witnessed(c.before)
			}
			copied := *l
			if err := os.CopyFS(old, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			witnessed(5)
			*l = copied
			os.RemoveAll(dir)
			if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
				t.Fatal(err)
			}
			_, err := tlog.Open(ctx, cfg)
			if !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "put back to an older state") || fault.Hint(err) == "" {
				t.Errorf("%v (hint %q)", err, fault.Hint(err))
			}
		})
	}
}

// A log begins although no witness answers yet; nothing is published until one does.
func TestBeginsWithoutWitness(t *testing.T) {
	dir, l := t.TempDir(), &ledger{}
	orgs := organisations(t, 2, newKey(t, dir))
	for _, o := range orgs {
		o.down.Store(true)
	}
	cfg := config(dir, l)
	cfg.Policy = twoOf(t, orgs)
	l.add(2)
	w, err := tlog.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if moved, err := w.Advance(ctx); err != nil || moved != 2 {
		t.Fatal(moved, err)
	}
	if signed, _ := tlog.TilesOf(dir).Checkpoint(ctx); len(signed) != 0 {
		t.Errorf("published %s", signed)
	}
	for _, o := range orgs {
		o.down.Store(false)
	}
	if _, all, err := w.Await(ctx, 10*time.Second); err != nil || !all {
		t.Error(all, err)
	}
}
