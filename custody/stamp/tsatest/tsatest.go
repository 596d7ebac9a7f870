// Package tsatest is a time-stamping authority for tests: OpenSSL behind HTTP on
// loopback. What it signs proves nothing to anybody.
package tsatest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// config is as openssl-ts(1) wants it.
const config = `
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[tsa_cert]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[other_cert]
basicConstraints = critical,CA:false
extendedKeyUsage = codeSigning
[tsa]
default_tsa = made
[made]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`

// Authority is a running time-stamping authority.
type Authority struct {
	URL   string
	Roots string // its root certificate, PEM
	Dir   string
}

// Start starts an authority for the length of a test. OpenSSL has to be there.
func Start(t testing.TB) Authority {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tsa.cnf"), config)
	write(t, filepath.Join(dir, "serial"), "01\n")
	OpenSSL(t, dir, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
		"-days", "30", "-subj", "/O=Made for tests/CN=Example root", "-config", "tsa.cnf", "-extensions", "ca")
	Certify(t, dir, "tsa", "tsa_cert")
	roots, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	a := Authority{Roots: string(roots), Dir: dir}
	one := make(chan struct{}, 1) // the serial number is in a file
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one <- struct{}{}
		defer func() { <-one }()
		answer(w, r, dir)
	}))
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// Certify makes a key and a certificate of the authority's root.
func Certify(t testing.TB, dir, name, extensions string) {
	t.Helper()
	OpenSSL(t, dir, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name+".key", "-out", name+".csr",
		"-subj", "/O=Made for tests/CN=Example "+name, "-config", "tsa.cnf")
	OpenSSL(t, dir, "x509", "-req", "-in", name+".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
		"-extfile", "tsa.cnf", "-extensions", extensions, "-out", name+".pem")
}

func answer(w http.ResponseWriter, r *http.Request, dir string) {
	query, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "query"), query, 0o600)
	}
	if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(w, "no query", http.StatusBadRequest)
		return
	}
	c := exec.Command("openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
	c.Dir = dir
	if said, err := c.CombinedOutput(); err != nil {
		http.Error(w, string(said), http.StatusInternalServerError)
		return
	}
	reply, err := os.ReadFile(filepath.Join(dir, "reply"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(reply)
}

// OpenSSL runs openssl in a folder and gives what it says.
func OpenSSL(t testing.TB, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("openssl", args...)
	c.Dir = dir
	said, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, said)
	}
	return string(said)
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
