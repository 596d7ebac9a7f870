package spool

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"suraag/custody/arrive"
	"suraag/fault"
)

var day = time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)

// certificate makes one that signs itself, of a key.
func certificate(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotBefore: day, NotAfter: day.AddDate(0, 1, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func newSpool(t *testing.T) (*Spool, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "gate [3]") // a name that would be a pattern
	s, err := Init(dir, Settings{Name: "gate-3", Server: "https://unit.example:8475", Authority: string(certificate(t, key))})
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func add(t *testing.T, s *Spool, name, words string) Entry {
	t.Helper()
	e, _, err := s.Add(arrive.Announcement{Name: name, Authority: "FIR 12/2025"}, strings.NewReader(words), day)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func receipt(e Entry) arrive.Receipt {
	return arrive.Receipt{ID: e.What.SHA256, Size: e.What.Size, Name: e.What.Name, Authority: e.What.Authority, BroughtBy: "machine gate-3", At: day}
}

func names(t *testing.T, s *Spool) string {
	t.Helper()
	all, err := s.Waiting()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range all {
		out = append(out, e.What.Name)
	}
	return strings.Join(out, " ")
}

// What waits comes out in the order in which it went in, also where the clock
// stands still or is put back.
func TestOldestFirst(t *testing.T) {
	s, _ := newSpool(t)
	for n, name := range []string{"a", "b", "c", "d"} {
		if _, _, err := s.Add(arrive.Announcement{Name: name, Authority: "FIR 12/2025"}, strings.NewReader(name), day.Add(-time.Duration(n)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, s); got != "a b c d" {
		t.Errorf("they wait as %q", got)
	}
	if _, fresh, err := s.Add(arrive.Announcement{Name: "b", Authority: "FIR 12/2025"}, strings.NewReader("b"), day); fresh || err != nil {
		t.Errorf("the same again: %v, %v", fresh, err)
	}
	if got := names(t, s); got != "a b c d" {
		t.Errorf("after the same again: %q", got)
	}
}

// No word of a server removes a document but a receipt for it; and of two entries
// of the same bytes, the one that was taken leaves them to the other.
func TestOnlyItsReceiptLetsItGo(t *testing.T) {
	s, _ := newSpool(t)
	a, b := add(t, s, "a", "the same"), add(t, s, "b", "the same")
	for name, change := range map[string]func(*arrive.Receipt){
		"other bytes": func(r *arrive.Receipt) { r.ID = strings.Repeat("0", 64) }, "another size": func(r *arrive.Receipt) { r.Size++ },
		"another name": func(r *arrive.Receipt) { r.Name = "c" }, "another authority": func(r *arrive.Receipt) { r.Authority = "none" }, "no time": func(r *arrive.Receipt) { r.At = time.Time{} },
		"nothing": func(r *arrive.Receipt) { *r = arrive.Receipt{} },
	} {
		r := receipt(a)
		change(&r)
		if err := s.Done(a, r); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("a receipt for %s: %v", name, err)
		}
	}
	if got := names(t, s); got != "a b" {
		t.Fatalf("%q wait", got)
	}
	if err := s.Done(a, receipt(a)); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(b); err != nil {
		t.Errorf("the bytes of the other are gone: %v", err)
	}
	if err := s.Done(b, receipt(b)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Original(b); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the bytes stay: %v", err)
	}
	if got, err := s.Receipts(); err != nil || len(got) != 2 || got[0].Receipt != receipt(a) {
		t.Errorf("%+v, %v", got, err)
	}
}

// A crash may come between any two steps of letting go.
func TestACrashWhileLettingGo(t *testing.T) {
	s, dir := newSpool(t)
	e := add(t, s, "a", "words")
	if err := s.write(receiptsDir, e.ID, Sent{e, receipt(e)}); err != nil { // and the power goes
		t.Fatal(err)
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Tidy(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, s); got != "" {
		t.Errorf("%q waits though its receipt is there", got)
	}
	if loose, err := s.Loose(); err != nil || len(loose) != 0 {
		t.Errorf("%v, %v", loose, err)
	}
	// The power goes after the entry and before the bytes.
	g := add(t, s, "c", "words that the unit has")
	if err := s.write(receiptsDir, g.ID, Sent{g, receipt(g)}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, waitingDir, g.ID+".json")); err != nil {
		t.Fatal(err)
	}
	if err := s.Tidy(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Original(g); fault.KindOf(err) != fault.NotFound {
		t.Errorf("bytes that the unit has stay: %v", err)
	}
	// An add that was cut off before its entry was written says so.
	f := add(t, s, "b", "other words")
	if err := os.Remove(filepath.Join(dir, waitingDir, f.ID+".json")); err != nil {
		t.Fatal(err)
	}
	if loose, err := s.Loose(); err != nil || len(loose) != 1 || loose[0] != f.What.SHA256 {
		t.Errorf("%v, %v", loose, err)
	}
	if err := s.Tidy(); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(f); err != nil {
		t.Errorf("bytes for which there is no receipt are gone: %v", err)
	}
	if got := add(t, s, "b", "other words"); got.What != f.What {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNotAdded(t *testing.T) {
	s, dir := newSpool(t)
	for name, a := range map[string]arrive.Announcement{
		"no authority": {Name: "a"}, "a path": {Name: "../a", Authority: "FIR 12/2025"}, "no name": {Authority: "FIR 12/2025"}, "a name that cannot be read": {Name: "a\nb", Authority: "FIR 12/2025"},
	} {
		if _, _, err := s.Add(a, strings.NewReader("x"), day); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := s.Add(arrive.Announcement{Name: "a", Authority: "FIR 12/2025"}, iotest.ErrReader(errors.New("the stick was pulled out")), day); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a file that breaks off: %v", err)
	}
	if got := names(t, s); got != "" {
		t.Errorf("%q waits", got)
	}
	// What stands in the folder and is not ours is named, not passed over.
	if err := os.WriteFile(filepath.Join(dir, waitingDir, "0-x.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Waiting(); fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "0-x.json") {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNoSpool(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := Settings{Name: "gate-3", Server: "https://unit.example:8475", Authority: string(certificate(t, key))}
	for name, change := range map[string]func(*Settings){
		"no TLS": func(c *Settings) { c.Server = "http://unit.example" }, "a path": func(c *Settings) { c.Server += "/api" }, "no server": func(c *Settings) { c.Server = "" },
		"somebody's password": func(c *Settings) { c.Server = "https://a:b@unit.example" }, "no authority": func(c *Settings) { c.Authority = "words" }, "no name": func(c *Settings) { c.Name = "" },
	} {
		c := good
		change(&c)
		if _, err := Init(filepath.Join(t.TempDir(), "s"), c); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, dir := newSpool(t)
	if _, err := Init(dir, good); fault.KindOf(err) != fault.Conflict {
		t.Errorf("made over another: %v", err)
	}
	if _, err := Open(t.TempDir()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := s.Certify(certificate(t, key)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the certificate of another key: %v", err)
	}
	if _, err := s.Identity(); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no certificate yet: %v", err)
	}
	if err := os.Chmod(filepath.Join(dir, identityFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Identity(); fault.KindOf(err) != fault.Denied {
		t.Errorf("a key that others may read: %v", err)
	}
}

// Every answer of whatever is on the other side is sorted: into what is tried again
// and what is a word of the unit.
func FuzzRefusal(f *testing.F) {
	f.Add(409, []byte(`{"kind":"conflict","error":"no","hint":"yes"}`))
	f.Add(503, []byte(`{"kind":"unavailable","error":"later"}`))
	f.Add(502, []byte("<html>Bad Gateway</html>"))
	f.Add(401, []byte(`{"kind":"denied","error":"not known"}`))
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		what, err := refusalOf(status, text)
		if err == nil || what == taken {
			t.Fatalf("%d %q is no refusal", status, text)
		}
		k := fault.KindOf(err)
		if what == refuses && (k == fault.Unavailable || k == fault.Internal || status == 401) {
			t.Errorf("%d %q: %v is taken for the unit's last word", status, text, err)
		}
	})
}
