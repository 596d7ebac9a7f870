package spool

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"suraag/custody/arrive"
	"suraag/fault"
)

// How long a push goes on trying: half a second at first, twice as long each time,
// five minutes at most (house rule; a unit's server that is down for a night is
// asked a hundred times).
const (
	firstWait = 500 * time.Millisecond
	lastWait  = 5 * time.Minute
)

// How long a line may stand still, and how long the server may take for an answer
// once it has everything: it hashes the whole document first.
const (
	stillFor  = time.Minute
	answerFor = 10 * time.Minute
)

// refusalsAgain is after how long a push that goes on offers again what was refused.
const refusalsAgain = time.Hour

// lookEvery is how often a push that goes on looks for what was added.
const lookEvery = 2 * time.Second

// Pusher brings what waits to the unit.
type Pusher struct {
	Spool    *Spool
	Now      func() time.Time
	Say      func(format string, args ...any) // one line a thing that was done
	Patience time.Duration                    // how long a server that does not answer is tried; 0: for ever

	client *http.Client
	server string
	mine   tls.Certificate

	renewNext time.Time
}

// Push brings what waits to the unit, oldest first, and gives what was refused. With
// watch it goes on until the context ends.
func (p *Pusher) Push(ctx context.Context, watch bool) (refused int, err error) {
	release, err := p.Spool.lock("push.lock", syscall.LOCK_NB)
	if err != nil {
		return 0, fault.WithHint(err, "one push at a time; wait for the other, or end it")
	}
	defer release()
	if err := p.Spool.Tidy(); err != nil {
		return 0, err
	}
	if err := p.connect(); err != nil {
		return 0, err
	}
	offered := map[string]time.Time{}
	for {
		if err := p.renew(ctx); err != nil {
			return refused, err
		}
		all, err := p.Spool.Waiting()
		if err != nil {
			return refused, err
		}
		refused = 0
		for _, e := range all {
			if at, was := offered[e.ID]; !was || p.Now().Sub(at) >= refusalsAgain {
				taken, err := p.deliver(ctx, e)
				if err != nil {
					return refused, err
				}
				if taken {
					continue
				}
				offered[e.ID] = p.Now()
			}
			refused++
		}
		if !watch {
			return refused, nil
		}
		if err := sleep(ctx, lookEvery); err != nil {
			return refused, nil // it was to go on until now
		}
	}
}

// connect makes the line: to a server that the unit's authority vouches for, by
// our own certificate, over nobody else's proxy.
func (p *Pusher) connect() (err error) {
	c, err := p.Spool.Settings()
	if err != nil {
		return err
	}
	if p.mine, err = p.Spool.Identity(); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(c.Authority))
	if p.client != nil {
		p.client.CloseIdleConnections()
	}
	p.server = c.Server
	p.client = &http.Client{
		Transport: &http.Transport{
			Proxy:           nil,
			DialContext:     (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
			TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{p.mine}, MinVersion: tls.VersionTLS13, Time: p.Now},
			IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return nil
}

// outcomes of offering an entry once.
type outcome int

const (
	taken   outcome = iota
	refuses         // the unit does not take it as it is
	later           // the server does not answer, or not now
)

// deliver brings one entry to the unit, or notes why the unit does not take it. An
// error is one that holds for every entry.
func (p *Pusher) deliver(ctx context.Context, e Entry) (bool, error) {
	wait, began, broken := firstWait, time.Now(), 0
	for {
		what, err := p.offer(ctx, e)
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case what == taken:
			p.Say("%s: the unit has it", e.What.Name)
			return true, nil
		case fault.Is(err, fault.Corrupt) && broken == 0 && p.Spool.Check(e) == nil:
			broken++ // what came there was damaged, what is here is not: once more, from its beginning
		case what == refuses:
			p.Say("%s: refused: %v", e.What.Name, err)
			return false, p.Spool.Refuse(e, err.Error(), fault.Hint(err), p.Now())
		case notLetIn(err):
			return false, fault.WithHint(fault.Newf(fault.Denied, "the unit's server does not let this machine in: %w", err), "ask the unit: suraag machine list; what waits stays here")
		case p.Patience > 0 && time.Since(began) >= p.Patience:
			return false, fault.WithHint(fault.Newf(fault.Unavailable, "server %s: %w", p.server, err), "what waits stays here; run suraag spool push again, or with --watch")
		}
		if err := sleep(ctx, wait/2+rand.N(wait/2+1)); err != nil { // so that many sites do not come back at one moment
			return false, err
		}
		if wait *= 2; wait > lastWait {
			wait = lastWait
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// notLetIn tells whether the other side ended the handshake, or answered that it
// knows nobody of this certificate.
func notLetIn(err error) bool {
	var op *net.OpError
	return fault.Is(err, fault.Denied) || errors.As(err, &op) && op.Op == "remote error"
}

// offer announces an entry and sends what the server has not got of it.
func (p *Pusher) offer(ctx context.Context, e Entry) (outcome, error) {
	body, err := json.Marshal(e.What)
	if err != nil {
		return refuses, fault.As(fault.Internal, err)
	}
	var a arrive.Answer
	what, err := p.ask(ctx, http.MethodPost, "/api/intake", "application/json", int64(len(body)), bytes.NewReader(body), &a)
	if err != nil {
		return what, err
	}
	if a.Receipt != nil {
		return p.done(e, *a.Receipt)
	}
	if a.Upload == "" || a.Offset < 0 || a.Offset > e.What.Size {
		return later, fault.Newf(fault.Unavailable, "the server asks for %q from byte %d on", a.Upload, a.Offset)
	}
	o, err := p.Spool.Original(e)
	if err != nil {
		return refuses, err
	}
	defer o.Close()
	n := e.What.Size - a.Offset
	path := "/api/intake/" + a.Upload + "?offset=" + strconv.FormatInt(a.Offset, 10)
	var b arrive.Answer
	what, err = p.ask(ctx, http.MethodPut, path, "application/octet-stream", n, io.NewSectionReader(o, a.Offset, n), &b)
	if fault.Is(err, fault.NotFound) {
		what = later // the draft was forgotten: it is announced anew
	}
	if err != nil {
		return what, err
	}
	if b.Receipt == nil {
		return later, fault.Newf(fault.Unavailable, "the server has %d of %d bytes", b.Offset, e.What.Size)
	}
	return p.done(e, *b.Receipt)
}

func (p *Pusher) done(e Entry, r arrive.Receipt) (outcome, error) {
	if err := p.Spool.Done(e, r); err != nil {
		return refuses, err
	}
	return taken, nil
}

// ask sends a request and reads the answer. A line on which nothing moves is given
// up.
func (p *Pusher) ask(ctx context.Context, method, path, kind string, size int64, body io.Reader, into any) (outcome, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	still := time.AfterFunc(stillFor, func() { giveUp(fault.Newf(fault.Unavailable, "nothing moved for too long")) })
	defer still.Stop()
	r, err := http.NewRequestWithContext(ctx, method, p.server+path, &moving{body, still})
	if err != nil {
		return later, fault.As(fault.Internal, err)
	}
	if r.ContentLength = size; size == 0 {
		r.Body = http.NoBody
		still.Reset(answerFor)
	}
	r.Header.Set("Content-Type", kind)
	answer, err := p.client.Do(r)
	if err != nil {
		return later, fault.Newf(fault.Unavailable, "%w", err)
	}
	defer answer.Body.Close()
	still.Reset(stillFor)
	text, err := io.ReadAll(io.LimitReader(answer.Body, arrive.MaxAnswer))
	if err != nil {
		return later, fault.Newf(fault.Unavailable, "the answer broke off: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return refusalOf(answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return later, fault.Newf(fault.Unavailable, "the answer is none of Suraag's: %w", err)
	}
	return taken, nil
}

// moving puts off giving up while bytes move.
type moving struct {
	io.Reader
	still *time.Timer
}

func (m *moving) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if err == io.EOF {
		m.still.Reset(answerFor)
	} else {
		m.still.Reset(stillFor)
	}
	return n, err
}

// refusalOf sorts an answer that is none of success. What is not Suraag's own words
// comes from something in between, and may be over later.
func refusalOf(status int, text []byte) (outcome, error) {
	var r arrive.Refusal
	if err := json.Unmarshal(text, &r); err != nil || r.Error == "" {
		return later, fault.Newf(fault.Unavailable, "the answer is HTTP %d, and none of Suraag's", status)
	}
	kind := fault.Internal
	for _, k := range []fault.Kind{fault.NotFound, fault.Invalid, fault.Denied, fault.Conflict, fault.Corrupt, fault.Unavailable, fault.TooLarge} {
		if k.String() == r.Kind {
			kind = k
		}
	}
	err := fault.Newf(kind, "%s", r.Error)
	if r.Hint != "" {
		err = fault.WithHint(err, r.Hint)
	}
	switch {
	case status == http.StatusUnauthorized, kind == fault.Unavailable, kind == fault.Internal:
		return later, err
	}
	return refuses, err
}

// renewAt is how much of a certificate's time may pass before the next is asked for.
const renewAt = 3 // a third

// renew has the certificate renewed when two thirds of its time are over: a site
// that was off for a week then still has one that holds.
func (p *Pusher) renew(ctx context.Context) error {
	leaf := p.mine.Leaf
	whole, left := leaf.NotAfter.Sub(leaf.NotBefore), leaf.NotAfter.Sub(p.Now())
	if left > whole/renewAt || left > 0 && p.Now().Before(p.renewNext) {
		return nil
	}
	if left <= 0 {
		err := fault.Newf(fault.Denied, "the certificate of this machine held until %s", leaf.NotAfter.Format("2 January 2006 15:04 MST"))
		return fault.WithHint(err, "take "+RequestFile+" to the unit (suraag machine renew), then: suraag spool init --certificate FILE; what waits stays here")
	}
	key, request, err := newIdentity(leaf.Subject.CommonName)
	if err != nil {
		return err
	}
	certificate, err := p.nextCertificate(ctx, request)
	if err != nil {
		p.Say("certificate: not renewed, it holds until %s: %v", leaf.NotAfter.Format("2 January 2006 15:04 MST"), err)
		p.renewNext = p.Now().Add(refusalsAgain)
		return nil // there is time yet
	}
	until, err := p.Spool.become(key, certificate)
	if err != nil {
		return err
	}
	if err := keep(p.Spool.file(RequestFile), request); err != nil { // of the key that is used now
		return err
	}
	p.Say("certificate: renewed, it holds until %s", until.Format("2 January 2006 15:04 MST"))
	return p.connect()
}

func (p *Pusher) nextCertificate(ctx context.Context, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, stillFor)
	defer cancel()
	body, err := json.Marshal(arrive.Renewal{Request: string(request)})
	if err != nil {
		return nil, fault.As(fault.Internal, err)
	}
	var got arrive.Renewal
	_, err = p.ask(ctx, http.MethodPost, "/api/machine/renew", "application/json", int64(len(body)), bytes.NewReader(body), &got)
	return []byte(got.Certificate), err
}

// Line describes an entry for people.
func (e Entry) Line() string {
	return fmt.Sprintf("%s (%d bytes, SHA-256 %s), held under %s", e.What.Name, e.What.Size, e.What.SHA256[:12], e.What.Authority)
}
