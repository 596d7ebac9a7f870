package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"sync"
	"time"

	"suraag/custody"
	"suraag/fault"
	machines "suraag/people/machine"
	"suraag/web"
)

// forMachines opens the line on which machines hand in. It has an address of its
// own, so that no browser is ever asked for a certificate, and nothing but what
// machines may ask is to be found there.
func (s *stage) forMachines(h *house, p plan, c web.Config) (line, error) {
	r, a, err := s.register(h)
	if err != nil {
		return line{}, err
	}
	c.Machines = machineDoor{r, a}
	handler, err := web.ForMachines(c)
	if err != nil {
		return line{}, err
	}
	own := x509.NewCertPool()
	own.AddCert(a.Certificate)
	secure := &tls.Config{
		Certificates: p.secure.Certificates, MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: own, Time: s.now,
		SessionTicketsDisabled: true, // each line shows its certificate anew
		VerifyConnection:       (&handshakes{h: h, register: r, ctx: s.ctx, told: map[string]time.Time{}}).known,
	}
	l, err := net.Listen("tcp", p.machines)
	if err != nil {
		return line{}, fault.WithHint(fault.Newf(fault.Unavailable, "%w", err), "another suraag serves there already? Give another address with --machines")
	}
	fmt.Fprintf(s.err, "suraag: machines hand in on https://%s, over mutual TLS.\n", l.Addr())
	return line{handler, tls.NewListener(l, secure)}, nil
}

// handshakes ends a line whose certificate lets nobody in (any more), before
// anything is asked on it.
type handshakes struct {
	h        *house
	register machines.Register
	ctx      context.Context
	mu       sync.Mutex
	told     map[string]time.Time
}

// tellEvery is how often the refusal of one certificate is logged: a machine that
// was ended knocks for ever.
const tellEvery = time.Hour

func (k *handshakes) known(line tls.ConnectionState) error {
	leaf := line.PeerCertificates[0] // the authority has been checked: there is one
	_, err := k.register.Known(k.ctx, leaf.Raw)
	if !fault.Is(err, fault.Denied) {
		return err
	}
	print := machines.Fingerprint(leaf.Raw)
	k.mu.Lock()
	now := k.h.Now()
	fresh := now.Sub(k.told[print]) >= tellEvery
	if fresh {
		k.told[print] = now // only what our own authority signed gets here, so there are few
	}
	k.mu.Unlock()
	if fresh {
		if err := k.h.note(k.ctx, custody.SignInRefused, "machine "+leaf.Subject.CommonName, custody.Program, map[string]string{"how": "certificate of a machine", "why": "not known, ended or past", "certificate": print}); err != nil {
			k.h.Log.Warn("the refusal of a machine", "error", err)
		}
	}
	return err
}
