package witness_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	ours "suraag/custody/proof"
	"suraag/custody/tlog"
	"suraag/custody/witness"
	"suraag/fault"
)

const origin = "unit.example/custody"

// made is a log in memory, built with the libraries of others.
type made struct {
	t      testing.TB
	signer note.Signer
	public string
	hashes [][]byte // of leaves
}

func newLog(t testing.TB, size int) *made {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	m := &made{t: t, signer: signer, public: public}
	m.grow(size, "leaf")
	return m
}

func (m *made) grow(n int, word string) {
	for range n {
		m.hashes = append(m.hashes, rfc6962.DefaultHasher.HashLeaf(fmt.Append(nil, word, len(m.hashes))))
	}
}

func (m *made) node(id compact.NodeID) []byte {
	if id.Level == 0 {
		return m.hashes[id.Index]
	}
	left := m.node(compact.NewNodeID(id.Level-1, id.Index*2))
	return rfc6962.DefaultHasher.HashChildren(left, m.node(compact.NewNodeID(id.Level-1, id.Index*2+1)))
}

func (m *made) checkpoint(size int) string {
	m.t.Helper()
	r := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for _, h := range m.hashes[:size] {
		if err := r.Append(h, nil); err != nil {
			m.t.Fatal(err)
		}
	}
	root, err := r.GetRootHash(nil)
	if err != nil {
		m.t.Fatal(err)
	}
	if size == 0 {
		root = rfc6962.DefaultHasher.EmptyRoot()
	}
	text := log.Checkpoint{Origin: origin, Size: uint64(size), Hash: root}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, m.signer)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(signed)
}

// request asks for a cosignature of a size, with the proof from an older one.
func (m *made) request(older, size int) []byte {
	m.t.Helper()
	body := fmt.Sprintf("old %d\n", older)
	if older > 0 && older < size {
		nodes, err := proof.Consistency(uint64(older), uint64(size))
		if err != nil {
			m.t.Fatal(err)
		}
		var hashes [][]byte
		for _, id := range nodes.IDs {
			hashes = append(hashes, m.node(id))
		}
		if hashes, err = nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren); err != nil {
			m.t.Fatal(err)
		}
		for _, h := range hashes {
			body += base64.StdEncoding.EncodeToString(h) + "\n"
		}
	}
	return []byte(body + "\n" + m.checkpoint(size))
}

func open(t *testing.T, dir string, logs ...string) (*witness.Witness, string) {
	t.Helper()
	key, err := tlog.KeyOf(dir)
	if err != nil {
		if key, err = tlog.MakeKey(dir, "court.example/witness", rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	_, public, err := key.Cosigner()
	if err != nil {
		t.Fatal(err)
	}
	w, err := witness.Open(dir, key, logs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, public
}

func TestCosigns(t *testing.T) {
	l, dir := newLog(t, 10), t.TempDir()
	w, public := open(t, dir, l.public)
	policy, err := ours.ParsePolicy("witness court " + public + " https://court.example/\nquorum court\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ older, size int }{{0, 3}, {3, 3}, {3, 8}, {8, 10}} {
		a := w.Cosign(l.request(step.older, step.size))
		if a.Status != http.StatusOK {
			t.Fatalf("%d → %d: %+v", step.older, step.size, a)
		}
		signed := l.checkpoint(step.size) + a.Body
		got, err := policy.Cosigned([]byte(signed))
		if err != nil || len(got) != 1 || time.Since(got[0].At) > time.Minute {
			t.Errorf("%v, %v in %s", got, err, signed)
		}
	}
	if _, err := policy.Cosigned([]byte(l.checkpoint(10))); !fault.Is(err, fault.Corrupt) {
		t.Errorf("without a cosignature: %v", err)
	}
	// What it cosigned outlives the process.
	w.Close()
	w, _ = open(t, dir, l.public)
	if a := w.Cosign(l.request(0, 3)); a != (witness.Answer{Status: http.StatusConflict, Body: "10\n"}) {
		t.Errorf("after a new start: %+v", a)
	}
}

func TestRefuses(t *testing.T) {
	l := newLog(t, 8)
	fork := newLog(t, 4)
	fork.signer, fork.public = l.signer, l.public
	fork.grow(6, "rewritten")
	stranger := newLog(t, 8)
	for _, c := range []struct {
		name string
		body []byte
		want witness.Answer
	}{
		{"a log that was shortened", l.request(0, 4), witness.Answer{Status: 409, Body: "6\n"}},
		{"a log that was shortened, with the size that is known", []byte("old 6\n\n" + l.checkpoint(4)), witness.Answer{Status: 400, Body: "the old size 6 is greater"}},
		{"a log that was rewritten", fork.request(6, 8), witness.Answer{Status: 422, Body: "does not continue"}},
		{"another log of the same size", fork.request(6, 6), witness.Answer{Status: 409}},
		{"a log that nobody named", bytes.ReplaceAll(l.request(6, 8), []byte(origin), []byte("other.example/log")), witness.Answer{Status: 404, Body: "not witnessed here"}},
		{"a log with another key", stranger.request(6, 8), witness.Answer{Status: 403, Body: "checkpoint"}},
		{"no proof", []byte("old 6\n\n" + l.checkpoint(8)), witness.Answer{Status: 422, Body: "does not continue"}},
		{"no old size", []byte("\n" + l.checkpoint(8)), witness.Answer{Status: 400}},
		{"an old size that nobody writes so", []byte("old 06\n\n" + l.checkpoint(8)), witness.Answer{Status: 400, Body: "old SIZE"}},
		{"a hash that is none", []byte("old 6\nAAAA\n\n" + l.checkpoint(8)), witness.Answer{Status: 400, Body: "32 bytes"}},
		{"a book of hashes", []byte("old 6\n" + strings.Repeat("A\n", 64) + "\n" + l.checkpoint(8)), witness.Answer{Status: 400, Body: "longer than 63"}},
		{"nothing", nil, witness.Answer{Status: 400}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := open(t, t.TempDir(), l.public)
			if a := w.Cosign(l.request(0, 6)); a.Status != http.StatusOK {
				t.Fatalf("%+v", a)
			}
			got := w.Cosign(c.body)
			if got.Status != c.want.Status || !strings.Contains(got.Body, c.want.Body) || c.want.Status == 409 && got.Body != c.want.Body {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if a := w.Cosign(l.request(6, 8)); a.Status != http.StatusOK {
				t.Errorf("afterwards the log itself is refused: %+v", a)
			}
		})
	}
}

func TestOneWitnessPerFolder(t *testing.T) {
	dir := t.TempDir()
	_, _ = open(t, dir)
	key, err := tlog.KeyOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := witness.Open(dir, key, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := witness.Open(t.TempDir(), key, []string{"no key"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no key of a log: %v", err)
	}
}

func TestHTTP(t *testing.T) {
	l := newLog(t, 4)
	w, _ := open(t, t.TempDir(), l.public)
	server := httptest.NewServer(w)
	defer server.Close()
	for _, c := range []struct {
		method, path, body string
		want               int
		kind               string
	}{
		{http.MethodPost, "/add-checkpoint", string(l.request(0, 3)), 200, "text/plain; charset=utf-8"},
		{http.MethodPost, "/add-checkpoint", string(l.request(0, 4)), 409, "text/x.tlog.size"},
		{http.MethodGet, "/add-checkpoint", "", 405, "text/plain; charset=utf-8"},
		{http.MethodPost, "/", "", 404, "text/plain; charset=utf-8"},
		{http.MethodPost, "/add-checkpoint", strings.Repeat("a", 1<<17), 413, "text/plain; charset=utf-8"},
	} {
		r, err := http.NewRequestWithContext(context.Background(), c.method, server.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want || resp.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %s, %s", c.method, c.path, resp.Status, resp.Header.Get("Content-Type"))
		}
	}
}

// Whatever is sent, a witness that knows size 6 cosigns nothing shorter, and
// nothing that the log did not sign.
func FuzzCosign(f *testing.F) {
	l := newLog(f, 8)
	seeds := [][]byte{l.request(0, 6), l.request(6, 8), l.request(6, 6), l.request(0, 3), []byte("old 6\n\n" + l.checkpoint(4)), nil}
	if len(seeds[1]) < 100 {
		f.Fatal("the seeds are gone")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	dir := f.TempDir()
	key, err := tlog.MakeKey(dir, "court.example/witness", rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	w, err := witness.Open(dir, key, []string{l.public})
	if err != nil {
		f.Fatal(err)
	}
	if a := w.Cosign(l.request(0, 6)); a.Status != http.StatusOK {
		f.Fatalf("%+v", a)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if a := w.Cosign(body); a.Status != http.StatusOK {
			return
		}
		_, signed, _ := bytes.Cut(body, []byte("\n\n"))
		if cp, err := ours.Open(signed, l.public); err != nil || cp.Size < 6 {
			t.Errorf("cosigned %+v (%v) of %q", cp, err, body)
		}
	})
}
