// Package stamp asks a time-stamping authority for the time of a checkpoint, and
// checks what it answered.
//
// Takes a message and the certificates of authorities that one trusts. Gives the
// authority's signed answer (RFC 3161), or the time that such an answer proves.
// Only the SHA-256 of the message leaves the machine. Never asks whether a
// certificate was revoked: that needs the network, and is for the court's expert.
package stamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"

	"suraag/fault"
)

// Stamp is what a time stamp proves: the message was there at that time.
type Stamp struct {
	Time      time.Time     `json:"time"`
	Accuracy  time.Duration `json:"accuracy,omitempty"` // as the authority states it; 0: not stated
	Authority string        `json:"authority"`          // subject of the certificate that signed
	Serial    string        `json:"serial"`             // of the stamp, hex
}

// maxAnswer bounds what is read of an authority's answer, in bytes.
const maxAnswer = 64 << 10

// Ask has an authority stamp a message, checks the answer and gives it as it came
// (DER, a TimeStampResp that openssl ts -verify -in takes).
func Ask(ctx context.Context, client *http.Client, url string, message []byte, roots *x509.CertPool) ([]byte, Stamp, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, Stamp{}, fault.As(fault.Unavailable, err)
	}
	query, err := timestamp.CreateRequest(bytes.NewReader(message), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true, Nonce: nonce})
	if err != nil {
		return nil, Stamp{}, fault.As(fault.Internal, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(query))
	if err != nil {
		return nil, Stamp{}, fault.Newf(fault.Invalid, "time-stamping authority %q: %w", url, err)
	}
	r.Header.Set("Content-Type", "application/timestamp-query") // RFC 3161 §3.4
	resp, err := client.Do(r)
	if err != nil {
		return nil, Stamp{}, fault.Newf(fault.Unavailable, "time-stamping authority: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, Stamp{}, fault.Newf(fault.Unavailable, "time-stamping authority %q answers %s (%v)", url, resp.Status, err)
	}
	got, err := Verify(answer, message, roots)
	if err != nil {
		return nil, Stamp{}, err
	}
	if t, err := parseAnswer(answer); err != nil || t.Nonce == nil || t.Nonce.Cmp(nonce) != 0 {
		return nil, Stamp{}, fault.Newf(fault.Corrupt, "time-stamping authority %q answers another question than was asked", url)
	}
	return answer, got, nil
}

// Verify checks an authority's answer over a message: that it is over the
// message's SHA-256, that the certificate which it names signed it (RFC 5816,
// RFC 2634 §5.4), and that this certificate was, at the time of the stamp, good
// for time-stamping and led to one of the roots.
func Verify(answer, message []byte, roots *x509.CertPool) (s Stamp, err error) {
	if len(answer) > maxAnswer {
		return s, fault.Newf(fault.TooLarge, "time stamp of %d bytes is longer than %d", len(answer), maxAnswer)
	}
	defer func() { // the library's reader of BER was not made for hostile bytes
		if r := recover(); r != nil {
			s, err = Stamp{}, fault.Newf(fault.Corrupt, "time stamp cannot be read: %v", r)
		}
	}()
	t, err := parseAnswer(answer)
	if err != nil {
		return s, fault.Newf(fault.Corrupt, "time stamp: %w", err)
	}
	sum := sha256.Sum256(message)
	if t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, sum[:]) {
		return s, fault.Newf(fault.Corrupt, "the time stamp is of another message")
	}
	signed, err := parseToken(t.RawToken)
	if err != nil {
		return s, fault.Newf(fault.Corrupt, "time stamp: %w", err)
	}
	signer := signed.GetOnlySigner()
	if signer == nil {
		return s, fault.Newf(fault.Corrupt, "the time stamp does not bring the one certificate that signed it")
	}
	if err := named(signed, signer); err != nil {
		return s, err
	}
	between := x509.NewCertPool()
	for _, c := range signed.Certificates {
		between.AddCert(c)
	}
	if err := signed.VerifyWithOpts(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}); err != nil {
		return s, fault.Newf(fault.Corrupt, "time stamp: %w", err)
	}
	return Stamp{Time: t.Time.UTC(), Accuracy: t.Accuracy, Authority: signer.Subject.String(), Serial: t.SerialNumber.Text(16)}, nil
}

// parsing has one token parsed at a time: the library's reader of BER counts the depth
// of what it writes in a variable of its package (pkcs7 ber.go, encodeIndent).
var parsing sync.Mutex

func parseAnswer(answer []byte) (*timestamp.Timestamp, error) {
	parsing.Lock()
	defer parsing.Unlock()
	return timestamp.ParseResponse(answer)
}

func parseToken(token []byte) (*pkcs7.PKCS7, error) {
	parsing.Lock()
	defer parsing.Unlock()
	return pkcs7.Parse(token)
}

// The attributes that bind a signature to the very certificate (RFC 2634 §5.4,
// RFC 5035 §3): without one, another certificate of the same key would do.
var (
	signingCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	signingCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	idSHA256             = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
)

type certificateIDs struct {
	Certs    []certificateID
	Policies asn1.RawValue `asn1:"optional"`
}

type certificateID struct {
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"` // only in the second version; SHA-256 if absent
	Hash      []byte
	Issuer    asn1.RawValue `asn1:"optional"`
}

func named(signed *pkcs7.PKCS7, signer *x509.Certificate) error {
	two, one := sha256.Sum256(signer.Raw), sha1.Sum(signer.Raw)
	for _, v := range []struct {
		attribute asn1.ObjectIdentifier
		sum       []byte
	}{{signingCertificateV2, two[:]}, {signingCertificate, one[:]}} {
		var ids certificateIDs
		if err := signed.UnmarshalSignedAttribute(v.attribute, &ids); err != nil || len(ids.Certs) == 0 {
			continue
		}
		id := ids.Certs[0] // the first is the signer's
		if a := id.Algorithm.Algorithm; len(a) > 0 && !a.Equal(idSHA256) {
			return fault.Newf(fault.Invalid, "the time stamp names its certificate by the hash %s, which is not known here", a)
		}
		if bytes.Equal(id.Hash, v.sum) {
			return nil
		}
		return fault.Newf(fault.Corrupt, "the time stamp names another certificate than the one that signed it")
	}
	return fault.Newf(fault.Corrupt, "the time stamp does not name the certificate that signed it")
}

// Roots reads the certificates of authorities that are trusted, as PEM.
func Roots(pem string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(pem)) {
		err := fault.Newf(fault.Invalid, "no certificate of a time-stamping authority could be read")
		return nil, fault.WithHint(err, "give a PEM file with the root certificate that the authority publishes")
	}
	return pool, nil
}
