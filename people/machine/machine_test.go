package machine_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/fault"
	"suraag/people"
	"suraag/people/machine"
)

var ctx = context.Background()

// book is a record in memory.
type book struct {
	kept []machine.Kept
	log  []custody.Entry
}

func (b *book) InTx(_ context.Context, f func(*sql.Tx) error) error { return f(nil) }
func (b *book) Log(_ context.Context, _ *sql.Tx, e ...custody.Entry) error {
	b.log = append(b.log, e...)
	return nil
}
func (b *book) AddMachine(_ context.Context, _ *sql.Tx, m people.Machine) error {
	for _, k := range b.kept {
		if k.Machine.Name == m.Name {
			return fault.Newf(fault.Conflict, "machine %q is there already", m.Name)
		}
	}
	b.kept = append(b.kept, machine.Kept{Machine: m})
	return nil
}
func (b *book) HoldMachine(_ context.Context, _ *sql.Tx, id string) (machine.Kept, error) {
	for _, k := range b.kept {
		if k.Machine.ID == id {
			return machine.Kept{Machine: k.Machine, Certificates: append([]machine.Certificate(nil), k.Certificates...)}, nil
		}
	}
	return machine.Kept{}, fault.Newf(fault.NotFound, "no such machine")
}
func (b *book) EndMachine(_ context.Context, _ *sql.Tx, id string, at time.Time) error {
	for n := range b.kept {
		if b.kept[n].Machine.ID == id {
			b.kept[n].Machine.Ended = at
		}
	}
	return nil
}
func (b *book) AddCertificate(_ context.Context, _ *sql.Tx, id string, c machine.Certificate) error {
	for n := range b.kept {
		if b.kept[n].Machine.ID == id {
			b.kept[n].Certificates = append(b.kept[n].Certificates, c)
		}
	}
	return nil
}
func (b *book) EndCertificate(_ context.Context, _ *sql.Tx, print string, at time.Time) error {
	for n := range b.kept {
		for i := range b.kept[n].Certificates {
			if c := &b.kept[n].Certificates[i]; c.Fingerprint == print {
				c.Ended = at
			}
		}
	}
	return nil
}
func (b *book) Machines(context.Context) ([]machine.Kept, error) { return b.kept, nil }
func (b *book) MachineOf(_ context.Context, print string) (people.Machine, machine.Certificate, error) {
	for _, k := range b.kept {
		for _, c := range k.Certificates {
			if c.Fingerprint == print {
				return k.Machine, c, nil
			}
		}
	}
	return people.Machine{}, machine.Certificate{}, fault.Newf(fault.NotFound, "no such certificate")
}

// house is a register with an authority and a clock.
type house struct {
	*book
	machine.Register
	authority machine.Authority
	clock     time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{book: &book{}, clock: time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC)}
	h.Register = machine.Register{Book: h.book, Now: func() time.Time { return h.clock }}
	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: h.clock.Add(-time.Hour), NotAfter: h.clock.AddDate(10, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	h.authority = machine.Authority{Certificate: c, Key: key}
	return h
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func requestBy(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "I am the supervisor"}, DNSNames: []string{"suraag.example.org"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

func request(t testing.TB) machine.Request {
	t.Helper()
	q, err := machine.ParseRequest(requestBy(t, newKey(t)))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (h *house) add(t *testing.T, name string) (people.Machine, []byte) {
	t.Helper()
	m, der, err := h.Add(ctx, "officer", people.Machine{Name: name, For: "case", Until: h.clock.AddDate(0, 6, 0)}, h.authority, request(t))
	if err != nil {
		t.Fatal(err)
	}
	return m, der
}

// What a machine asks for in its request is not what it gets.
func TestACertificateSaysWhatTheUnitSays(t *testing.T) {
	h := newHouse(t)
	_, der := h.add(t, "gate-3")
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject.CommonName != "gate-3" || len(c.DNSNames) > 0 || c.IsCA || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth {
		t.Errorf("the certificate says %v, %v, %v, %v", c.Subject, c.DNSNames, c.IsCA, c.ExtKeyUsage)
	}
	if got := c.NotAfter.Sub(h.clock); got != machine.CertificateHolds {
		t.Errorf("it holds for %v", got)
	}
	if err := c.CheckSignatureFrom(h.authority.Certificate); err != nil {
		t.Error(err)
	}
}

func TestWhoIsKnown(t *testing.T) {
	h := newHouse(t)
	m, der := h.add(t, "gate-3")
	w, err := h.Known(ctx, der)
	if err != nil || w.Person != m.ID || w.By != "machine gate-3" || w.Role != people.OfMachine || w.For != "case" {
		t.Fatalf("%+v, %v", w, err)
	}
	then := h.clock
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"its certificate is past", func() { h.clock = then.Add(machine.CertificateHolds) }},
		{"its time is over", func() { h.clock = then.AddDate(0, 6, 0) }},
		{"it was ended", func() {
			if _, err := h.End(ctx, "officer", "gate-3"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		h.clock = then
		c.do()
		if _, err := h.Known(ctx, der); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	h.clock = then
	if _, err := h.Known(ctx, []byte("another")); fault.KindOf(err) != fault.Denied {
		t.Errorf("a certificate that nobody made: %v", err)
	}
	if _, err := h.End(ctx, "officer", "gate-3"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("ended twice: %v", err)
	}
	if _, err := h.Renew(ctx, w, machine.Fingerprint(der), h.authority, request(t)); fault.KindOf(err) != fault.Denied {
		t.Errorf("renewed after its end: %v", err)
	}
	if _, _, err := h.Recertify(ctx, "officer", "gate-3", h.authority, request(t)); fault.KindOf(err) != fault.Denied {
		t.Errorf("a certificate for an ended machine: %v", err)
	}
}

// While a certificate is renewed its answer may be lost, so two hold at once, and
// never three.
func TestRenewal(t *testing.T) {
	h := newHouse(t)
	_, first := h.add(t, "gate-3")
	known := func(der []byte) bool { _, err := h.Known(ctx, der); return err == nil }
	renew := func(with []byte) []byte {
		t.Helper()
		h.clock = h.clock.Add(time.Hour)
		w, err := h.Known(ctx, with)
		if err != nil {
			t.Fatal(err)
		}
		der, err := h.Renew(ctx, w, machine.Fingerprint(with), h.authority, request(t))
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	second := renew(first)
	if !known(first) || !known(second) {
		t.Error("one of two does not hold")
	}
	again := renew(first) // the answer was lost
	if !known(first) || known(second) || !known(again) {
		t.Error("the lost one holds on")
	}
	third := renew(again)
	if known(first) || !known(again) || !known(third) {
		t.Error("the first holds on after the second was used")
	}
	_, fresh, err := h.Recertify(ctx, "officer", "gate-3", h.authority, request(t))
	if err != nil || known(third) || known(again) || !known(fresh) {
		t.Errorf("after a certificate by hand others hold: %v", err)
	}
	for _, e := range h.log {
		if e.Kind != custody.MachineChanged || e.Subject != h.kept[0].Machine.ID {
			t.Errorf("entry %+v", e)
		}
	}
	var last machine.Kept // without the one that ended before
	if err := json.Unmarshal(h.log[len(h.log)-1].Record, &last); err != nil || len(last.Certificates) != 4 || last.Machine.Name != "gate-3" {
		t.Errorf("the log says %+v, %v", last, err)
	}
}

// A machine that has its certificate renewed without end is ended all the same: what
// the log says of it does not grow beyond what an entry holds.
func TestRenewedWithoutEnd(t *testing.T) {
	h := newHouse(t)
	m, der := h.add(t, "gate-3")
	for range 6000 {
		h.kept[0].Certificates = append(h.kept[0].Certificates, machine.Certificate{Fingerprint: strings.Repeat("a", 64), Made: h.clock, Until: h.clock.AddDate(0, 1, 0), Ended: h.clock})
	}
	h.clock = h.clock.Add(time.Hour)
	if _, err := h.End(ctx, "officer", "gate-3"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Known(ctx, der); fault.KindOf(err) != fault.Denied {
		t.Errorf("machine %s after its end: %v", m.Name, err)
	}
	if _, err := h.log[len(h.log)-1].Canonical(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoMachine(t *testing.T) {
	h := newHouse(t)
	h.add(t, "gate-3")
	until := h.clock.AddDate(0, 1, 0)
	for name, c := range map[string]struct {
		m    people.Machine
		want fault.Kind
	}{
		"a name that is taken":   {people.Machine{Name: "gate-3", For: people.ForUnit, Until: until}, fault.Conflict},
		"a name with spaces":     {people.Machine{Name: "gate 3", For: people.ForUnit, Until: until}, fault.Invalid},
		"no name":                {people.Machine{For: people.ForUnit, Until: until}, fault.Invalid},
		"for ever":               {people.Machine{Name: "x", For: people.ForUnit, Until: h.clock.AddDate(9, 0, 0)}, fault.Invalid},
		"until yesterday":        {people.Machine{Name: "x", For: people.ForUnit, Until: h.clock.AddDate(0, 0, -1)}, fault.Invalid},
		"without saying so long": {people.Machine{Name: "x", For: people.ForUnit}, fault.Invalid},
	} {
		if _, _, err := h.Add(ctx, "officer", c.m, h.authority, request(t)); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A certificate never holds longer than its machine.
	_, der, err := h.Add(ctx, "officer", people.Machine{Name: "short", For: people.ForUnit, Until: h.clock.Add(48 * time.Hour)}, h.authority, request(t))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := x509.ParseCertificate(der); err != nil || !c.NotAfter.Equal(h.clock.Add(48*time.Hour)) {
		t.Errorf("%v, %v", c.NotAfter, err)
	}
}

func TestWhatIsNoRequest(t *testing.T) {
	good := requestBy(t, newKey(t))
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := pem.Decode(good)
	forged := append([]byte(nil), b.Bytes...)
	forged[len(forged)-1] ^= 1
	for name, text := range map[string][]byte{
		"nothing": nil, "words": []byte("let me in"), "another block": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Bytes}),
		"something behind it": append(append([]byte(nil), good...), "x"...), "RSA": requestBy(t, weak), "another curve": requestBy(t, curve),
		"a key that it does not have": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: forged}), "endless": []byte(strings.Repeat("x", 17<<10)),
	} {
		if _, err := machine.ParseRequest(text); err == nil {
			t.Errorf("%s is taken for a request", name)
		}
	}
}

// Whatever is taken for a request makes a certificate that the authority signed.
func FuzzParseRequest(f *testing.F) {
	f.Add(requestBy(f, newKey(f)))
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		q, err := machine.ParseRequest(text)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Errorf("%v: %v", k, err)
			}
			return
		}
		h := newHouse(t)
		_, der, err := h.Add(ctx, "officer", people.Machine{Name: "x", For: people.ForUnit, Until: h.clock.AddDate(0, 1, 0)}, h.authority, q)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := x509.ParseCertificate(der); err != nil || c.CheckSignatureFrom(h.authority.Certificate) != nil {
			t.Errorf("%v", err)
		}
	})
}
