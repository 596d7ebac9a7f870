package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"suraag/fault"
)

// How long a private authority and a certificate by it hold. Browsers take 398
// days at most of the public ones (CA/Browser Forum, Ballot SC22); a certificate
// is made anew at each start, so a month of running is enough.
const (
	authorityHolds   = 10 * 365 * 24 * time.Hour
	certificateHolds = 90 * 24 * time.Hour
)

// privateAuthority gives TLS by a certificate of an authority that lies in the
// data folder. Each machine of the unit takes the authority's certificate once;
// its key leaves this machine never.
func (s *stage) privateAuthority(names []string) (*tls.Config, error) {
	dir, err := s.data()
	if err != nil {
		return nil, err
	}
	authority, key, err := s.authority(filepath.Join(dir, "tls"), forPages)
	if err != nil {
		return nil, err
	}
	pair, err := s.certificate(authority, key, names)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(s.err, "suraag: TLS by a private authority: have each browser trust %s\n", filepath.Join(dir, "tls", "authority.pem"))
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}, nil
}

// authorityOf names one of the unit's private authorities: what the one signed,
// the other does not vouch for.
type authorityOf struct {
	file, name string
	use        x509.ExtKeyUsage
}

// The authorities.
var (
	forPages    = authorityOf{"authority", "Suraag private authority", x509.ExtKeyUsageServerAuth}
	forMachines = authorityOf{"machines", "Suraag authority for machines", x509.ExtKeyUsageClientAuth}
)

// authority reads an authority of a folder, or makes it.
func (s *stage) authority(dir string, of authorityOf) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fault.As(fault.Unavailable, err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fault.As(fault.Unavailable, err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil { // two who begin at once would make two
		return nil, nil, fault.As(fault.Unavailable, err)
	}
	certFile, keyFile := filepath.Join(dir, of.file+".pem"), filepath.Join(dir, of.file+".key")
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.makeAuthority(of, certFile, keyFile); err != nil {
			return nil, nil, err
		}
		pair, err = tls.LoadX509KeyPair(certFile, keyFile)
	}
	if err != nil {
		err := fault.Newf(fault.Corrupt, "private authority in %q: %w", dir, err)
		return nil, nil, fault.WithHint(err, "move the folder away; new authorities are then made: every browser has to trust the one anew, and every machine needs a certificate of the other (suraag machine renew)")
	}
	key, is := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !is {
		return nil, nil, fault.Newf(fault.Corrupt, "private authority in %q has no ECDSA key", dir)
	}
	return pair.Leaf, key, nil
}

func (s *stage) makeAuthority(of authorityOf, certFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	now := s.now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: of.name}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(authorityHolds),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{of.use},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	// The key goes first: an authority whose key is missing could never be used.
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	return fault.As(fault.Unavailable, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
}

func serial() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // it never fails (crypto/rand)
	return new(big.Int).SetBytes(b[:])
}

// certificate makes one for the names of these pages, and for this machine.
func (s *stage) certificate(authority *x509.Certificate, by *ecdsa.PrivateKey, names []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fault.As(fault.Internal, err)
	}
	now := s.now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: names[0]}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateHolds),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, name := range names {
		if name != "localhost" {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority, key.Public(), by)
	if err != nil {
		return tls.Certificate{}, fault.As(fault.Internal, err)
	}
	return tls.Certificate{Certificate: [][]byte{der, authority.Raw}, PrivateKey: key}, nil
}
