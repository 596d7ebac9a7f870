package machine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"time"

	"suraag/fault"
	"suraag/people"
)

// CertificateHolds is how long one certificate holds. A machine that pushes has it
// renewed by itself, so it may be short (RFC 8739 §1: short-lived certificates take
// the place of revocation; ours are revoked besides).
const CertificateHolds = 30 * 24 * time.Hour

// early is how far back a certificate begins, for machines whose clock is behind.
const early = time.Hour

// Authority makes the certificates of machines.
type Authority struct {
	Certificate *x509.Certificate
	Key         *ecdsa.PrivateKey
}

// maxRequest bounds a request; one for a P-256 key has a few hundred bytes.
const maxRequest = 16 << 10

// Request is a machine's own request for a certificate. All that is taken of it is
// the key: what a machine may do is not for it to say.
type Request struct{ key *ecdsa.PublicKey }

// ParseRequest reads a request (PKCS #10, RFC 2986, in PEM) and checks that
// whoever made it has the key.
func ParseRequest(text []byte) (Request, error) {
	if len(text) > maxRequest {
		return Request{}, fault.Newf(fault.TooLarge, "the request for a certificate has more than %d bytes", maxRequest)
	}
	bad := func(why string) (Request, error) {
		err := fault.Newf(fault.Invalid, "this is no request for a certificate: %s", why)
		return Request{}, fault.WithHint(err, "suraag spool init makes one on the machine itself")
	}
	b, rest := pem.Decode(text)
	if b == nil || b.Type != "CERTIFICATE REQUEST" || strings.TrimSpace(string(rest)) != "" {
		return bad("one block CERTIFICATE REQUEST in PEM, and nothing behind it, is expected")
	}
	q, err := x509.ParseCertificateRequest(b.Bytes)
	if err != nil {
		return bad(err.Error())
	}
	if err := q.CheckSignature(); err != nil {
		return bad("it is not signed by its own key: " + err.Error())
	}
	key, is := q.PublicKey.(*ecdsa.PublicKey)
	if !is || key.Curve != elliptic.P256() {
		return bad("its key is not ECDSA on P-256")
	}
	return Request{key}, nil
}

// sign makes the certificate of a machine.
func (a Authority) sign(q Request, m people.Machine, now time.Time) ([]byte, Certificate, error) {
	until := now.Add(CertificateHolds)
	if until.After(m.Until) {
		until = m.Until
	}
	until = until.UTC().Truncate(time.Second) // as X.509 holds it (RFC 5280 §4.1.2.5)
	var serial [16]byte
	rand.Read(serial[:]) // it never fails (crypto/rand)
	serial[0] &= 0x7f    // positive (RFC 5280 §4.1.2.2)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial[:]), Subject: pkix.Name{CommonName: m.Name}, NotBefore: now.Add(-early), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, q.key, a.Key)
	if err != nil {
		return nil, Certificate{}, fault.Newf(fault.Internal, "certificate of machine %q: %w", m.Name, err)
	}
	return der, Certificate{Fingerprint: Fingerprint(der), Made: now, Until: until}, nil
}

// PEM writes a certificate as files hold it.
func PEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
