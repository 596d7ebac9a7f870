package stamp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"suraag/custody/stamp"
	"suraag/custody/stamp/tsatest"
	"suraag/fault"
)

var (
	ctx     = context.Background()
	message = []byte("unit.example/custody\n3\nAAAA\n")
)

// stamped has a message stamped.
func stamped(t testing.TB, a tsatest.Authority) []byte {
	t.Helper()
	roots, err := stamp.Roots(a.Roots)
	if err != nil {
		t.Fatal(err)
	}
	answer, s, err := stamp.Ask(ctx, http.DefaultClient, a.URL, message, roots)
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(s.Time); d < -time.Minute || d > time.Minute || s.Accuracy != time.Second || !strings.Contains(s.Authority, "Example tsa") {
		t.Errorf("stamp %+v", s)
	}
	return answer
}

// OpenSSL, which knows nothing of us, accepts what we keep.
func TestOpenSSLVerifies(t *testing.T) {
	a := tsatest.Start(t)
	answer := stamped(t, a)
	dir := t.TempDir()
	for name, body := range map[string][]byte{"checkpoint": message, "token.tsr": answer, "roots.pem": []byte(a.Roots)} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := tsatest.OpenSSL(t, dir, "ts", "-verify", "-data", "checkpoint", "-in", "token.tsr", "-CAfile", "roots.pem")
	if !strings.Contains(said, "Verification: OK") {
		t.Error(said)
	}
}

// Two that verify at once do not disturb each other (the race detector looks).
func TestVerifyFromManySides(t *testing.T) {
	a := tsatest.Start(t)
	answer := stamped(t, a)
	roots, err := stamp.Roots(a.Roots)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				if _, err := stamp.Verify(answer, message, roots); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestVerifyRefuses(t *testing.T) {
	a, other := tsatest.Start(t), tsatest.Start(t)
	answer := stamped(t, a)
	roots, _ := stamp.Roots(a.Roots)
	stranger, _ := stamp.Roots(other.Roots)
	if _, err := stamp.Verify(answer, message, roots); err != nil {
		t.Fatal(err)
	}
	if _, err := stamp.Verify(answer, append(bytes.Clone(message), '\n'), roots); !fault.Is(err, fault.Corrupt) {
		t.Errorf("another message: %v", err)
	}
	if _, err := stamp.Verify(answer, message, stranger); !fault.Is(err, fault.Corrupt) {
		t.Errorf("an authority that nobody trusts: %v", err)
	}
	if _, err := stamp.Verify(nil, message, roots); !fault.Is(err, fault.Corrupt) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := stamp.Verify(make([]byte, 1<<17), message, roots); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a book: %v", err)
	}
	if _, err := stamp.Roots("no PEM"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no root: %v", err)
	}
}

// What counts is what the certificate was good for at the time of the stamp.
func TestPurposeAndTimeOfCertificate(t *testing.T) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example root"}, NotBefore: year(2020), NotAfter: year(2040),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	if root, err = x509.ParseCertificate(rootDER); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(root)
	for _, c := range []struct {
		name  string
		usage x509.ExtKeyUsage
		since int
		good  bool
	}{
		{"for time-stamping", x509.ExtKeyUsageTimeStamping, 2021, true},
		{"for time-stamping, but not yet then", x509.ExtKeyUsageTimeStamping, 2024, false},
		{"for something else", x509.ExtKeyUsageCodeSigning, 2021, false},
	} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Example authority"}, NotBefore: year(c.since), NotAfter: year(2039), ExtKeyUsage: []x509.ExtKeyUsage{c.usage},
		}
		der, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, rootKey)
		if err != nil {
			t.Fatal(err)
		}
		if leaf, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(message)
		made := timestamp.Timestamp{
			HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: year(2023), SerialNumber: big.NewInt(7), Policy: []int{1, 2, 3}, AddTSACertificate: true,
		}
		answer, err := made.CreateResponseWithOpts(leaf, key, crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		got, err := stamp.Verify(answer, message, roots)
		if c.good && (err != nil || !got.Time.Equal(year(2023))) || !c.good && !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestAskRefuses(t *testing.T) {
	a := tsatest.Start(t)
	old := stamped(t, a)
	roots, _ := stamp.Roots(a.Roots)
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   fault.Kind
	}{
		{"an answer to an earlier question", func(w http.ResponseWriter, _ *http.Request) { w.Write(old) }, fault.Corrupt},
		{"no answer", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "later", http.StatusServiceUnavailable) }, fault.Unavailable},
		{"an endless answer", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20)) }, fault.TooLarge},
		{"words", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) }, fault.Corrupt},
	} {
		server := httptest.NewServer(c.answer)
		if _, _, err := stamp.Ask(ctx, server.Client(), server.URL, message, roots); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		server.Close()
	}
}

// Whatever is changed in an answer: it is refused, or it still states the same.
func FuzzVerify(f *testing.F) {
	a := tsatest.Start(f)
	answer := stamped(f, a)
	roots, err := stamp.Roots(a.Roots)
	if err != nil {
		f.Fatal(err)
	}
	want, err := stamp.Verify(answer, message, roots)
	if err != nil {
		f.Fatal(err)
	}
	if len(answer) < 100 {
		f.Fatalf("an answer of %d bytes: nothing to harm", len(answer))
	}
	for n := range len(answer) {
		f.Add(n, byte(1))
		f.Add(n, byte(0x80))
	}
	f.Fuzz(func(t *testing.T, at int, change byte) {
		if at < 0 || at >= len(answer) {
			return
		}
		harmed := bytes.Clone(answer)
		harmed[at] ^= change
		got, err := stamp.Verify(harmed, message, roots)
		if err == nil && got != want {
			t.Errorf("byte %d changed by %#x: %+v", at, change, got)
		}
	})
}
