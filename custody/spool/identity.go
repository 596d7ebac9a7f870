package spool

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"suraag/fault"
)

// Settings are what a spool was made with.
type Settings struct {
	Name      string `json:"name"`      // of this machine
	Server    string `json:"server"`    // https://unit.example:8475
	Authority string `json:"authority"` // certificates by which the server is known, PEM
}

const (
	settingsFile = "spool.json"
	identityFile = "identity.pem" // the key of this machine, and its certificate
	// RequestFile is the machine's request for a certificate, to be taken to the unit.
	RequestFile = "request.csr"
)

// Init makes a spool: its folder, the key of this machine, and the request for a
// certificate. The key never leaves the folder.
func Init(dir string, c Settings) (*Spool, error) {
	if _, err := os.Stat(filepath.Join(dir, settingsFile)); err == nil {
		err := fault.Newf(fault.Conflict, "there is a spool in %q", dir)
		return nil, fault.WithHint(err, "give another folder with --spool")
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	key, request, err := newIdentity(c.Name)
	if err != nil {
		return nil, err
	}
	if err := keep(filepath.Join(dir, identityFile), key); err != nil {
		return nil, err
	}
	if err := keep(filepath.Join(dir, RequestFile), request); err != nil {
		return nil, err
	}
	s, err := open(dir)
	if err != nil {
		return nil, err
	}
	doc, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	return s, keep(filepath.Join(dir, settingsFile), append(doc, '\n')) // last: a spool that has it has all
}

func (c Settings) check() error {
	u, err := url.Parse(c.Server)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return fault.WithHint(fault.Newf(fault.Invalid, "server %q is no address of a server", c.Server), "give --server https://HOST:PORT, as suraag serve --machines prints it")
	}
	if c.Name == "" || len(c.Name) > 40 {
		return fault.WithHint(fault.Newf(fault.Invalid, "name %q has not between 1 and 40 characters", c.Name), "give --name, the name under which the unit knows this machine")
	}
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(c.Authority)) {
		return fault.WithHint(fault.Newf(fault.Invalid, "there is no certificate by which the server could be known"), "give --authority with the unit's tls/authority.pem")
	}
	return nil
}

// Settings gives what the spool was made with.
func (s *Spool) Settings() (c Settings, err error) {
	doc, err := os.ReadFile(filepath.Join(s.dir, settingsFile))
	if err == nil {
		err = json.Unmarshal(doc, &c)
	}
	if err != nil {
		return c, fault.Newf(fault.Corrupt, "settings of the spool in %q: %w", s.dir, err)
	}
	return c, c.check()
}

// newIdentity makes a key and the request for a certificate of it, both PEM.
func newIdentity(name string) (key, request []byte, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fault.As(fault.Internal, err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, nil, fault.As(fault.Internal, err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, k)
	if err != nil {
		return nil, nil, fault.As(fault.Internal, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

// Certify takes the certificate that the unit made for this machine's key.
func (s *Spool) Certify(certificate []byte) (until time.Time, err error) {
	old, err := os.ReadFile(filepath.Join(s.dir, identityFile))
	if err != nil {
		return until, fault.Newf(fault.Unavailable, "key of the spool in %q: %w", s.dir, err)
	}
	key, _ := pem.Decode(old)
	if key == nil {
		return until, fault.Newf(fault.Corrupt, "%q holds no key", filepath.Join(s.dir, identityFile))
	}
	return s.become(pem.EncodeToMemory(key), certificate)
}

// become writes key and certificate as one file: never one without the other.
func (s *Spool) become(key, certificate []byte) (until time.Time, err error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		err := fault.Newf(fault.Invalid, "this certificate is not for the key of this machine: %w", err)
		return until, fault.WithHint(err, "take "+RequestFile+" of this very folder to the unit, and bring back what suraag machine add writes")
	}
	return pair.Leaf.NotAfter, keep(filepath.Join(s.dir, identityFile), append(key, certificate...))
}

// Identity gives key and certificate of this machine.
func (s *Spool) Identity() (tls.Certificate, error) {
	file := filepath.Join(s.dir, identityFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, fault.Newf(fault.NotFound, "%q is missing", file)
	}
	if err != nil {
		return tls.Certificate{}, fault.As(fault.Unavailable, err)
	}
	if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o077 != 0 {
		err := fault.Newf(fault.Denied, "%q may be read by others (mode %v)", file, info.Mode().Perm())
		return tls.Certificate{}, fault.WithHint(err, "chmod 600 the file; if somebody may have read it, have the unit end this machine")
	}
	key, rest := pem.Decode(text)
	if key == nil {
		return tls.Certificate{}, fault.Newf(fault.Corrupt, "%q holds no key", file)
	}
	if len(rest) > 0 {
		pair, err := tls.X509KeyPair(rest, text)
		return pair, fault.As(fault.Corrupt, err)
	}
	err = fault.Newf(fault.NotFound, "this machine has no certificate yet")
	return tls.Certificate{}, fault.WithHint(err, "take "+filepath.Join(s.dir, RequestFile)+" to the unit (suraag machine add), then: suraag spool init --certificate FILE")
}

func (s *Spool) file(name string) string { return filepath.Join(s.dir, name) }
