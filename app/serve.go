package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"suraag/fault"
	"suraag/people"
	"suraag/people/door"
	"suraag/web"
)

type serveCmd struct {
	Addr     string   `help:"Address and port. What other machines can reach needs sign-in and TLS." default:"127.0.0.1:8473"`
	SignIn   bool     `help:"Have people sign in, also on this machine alone. Invite the first with suraag people invite."`
	Name     []string `help:"Name under which browsers reach these pages, as suraag.example.org. May be repeated; passkeys belong to the first." placeholder:"HOST"`
	TLSCert  string   `name:"tls-cert" help:"Certificate for TLS, PEM." placeholder:"FILE"`
	TLSKey   string   `name:"tls-key" help:"Key of the certificate, PEM." placeholder:"FILE"`
	TLSAuto  bool     `name:"tls-auto" help:"Make a private authority in the data folder, and a certificate by it."`
	Machines string   `help:"Address and port on which machines hand in, over mutual TLS (suraag machine add). Needs TLS." placeholder:"ADDR"`
	Issuer   string   `name:"oidc-issuer" help:"Identity provider of the agency, by which people may sign in too." placeholder:"URL"`
	Client   string   `name:"oidc-client" help:"ID under which the provider knows this Suraag." placeholder:"ID"`
	Secret   string   `name:"oidc-secret" help:"Secret of that ID; better given as SURAAG_OIDC_SECRET." placeholder:"WORDS"`
}

// Help is the long help of the command.
func (serveCmd) Help() string {
	return `Serves the pages and the API until stopped, and works on the queue meanwhile. Nothing on a page comes from another host.

On this machine alone, nobody signs in unless --sign-in is given: whoever uses the machine sees everything, and every page says so. What other machines can reach is served only with sign-in and over TLS.

Examples:
  suraag serve
  suraag serve --sign-in --tls-auto --name localhost
  suraag serve --addr 0.0.0.0:8473 --tls-auto --name suraag.example.org
  suraag serve --addr 0.0.0.0:8473 --tls-cert cert.pem --tls-key key.pem --name suraag.example.org
  suraag serve --addr 0.0.0.0:8473 --tls-auto --name suraag.example.org --machines 0.0.0.0:8475

The API answers what the commands print with --json: /api/trace?target=…, /api/leads, /api/leads/ID, /api/sources/ID. Where people sign in, programs send Authorization: Bearer and a token. Programs hand in with POST and PUT /api/intake, by a token for handing in; machines do so on the address of --machines, by their certificate, and nothing else is there (doc/remote.md).

` + exitCodes
}

func (c *serveCmd) Run(s *stage) error {
	p, err := c.plan(s)
	if err != nil {
		return err
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.key.unlock(); err != nil {
		return err
	}
	if err := s.tidy(h); err != nil {
		return err
	}
	return s.serve(h, p)
}

// plan is how pages are served.
type plan struct {
	addr     string
	signIn   bool
	names    []string
	secure   *tls.Config // nil: without TLS
	machines string      // address on which machines hand in; empty: none do
	provider door.Provider
}

// plan refuses every way of serving that would show the record to whoever asks.
func (c *serveCmd) plan(s *stage) (plan, error) {
	p := plan{addr: c.Addr, signIn: c.SignIn, names: c.Name, machines: c.Machines, provider: door.Provider{Issuer: c.Issuer, Client: c.Client, Secret: c.Secret}}
	own, err := onlyHere(c.Addr)
	if err != nil {
		return p, err
	}
	secure := c.TLSAuto || c.TLSCert != "" || c.TLSKey != ""
	switch {
	case !own && !secure:
		err := fault.Newf(fault.Denied, "address %q can be reached from other machines, and nothing would be encrypted", c.Addr)
		return p, fault.WithHint(err, "give --tls-cert and --tls-key, or --tls-auto; or 127.0.0.1:PORT for this machine alone")
	case !own && len(c.Name) == 0:
		err := fault.Newf(fault.Invalid, "address %q can be reached from other machines, and they have no name for it", c.Addr)
		return p, fault.WithHint(err, "give --name and the name that browsers are to use; passkeys belong to it")
	case c.Machines != "" && !secure:
		err := fault.Newf(fault.Denied, "machines are known by their certificates, and there is no TLS to show them in")
		return p, fault.WithHint(err, "give --tls-auto, or --tls-cert with --tls-key, besides --machines")
	case c.TLSAuto && c.TLSCert+c.TLSKey != "":
		return p, fault.WithHint(fault.Newf(fault.Invalid, "two certificates are asked for"), "give --tls-auto, or --tls-cert with --tls-key")
	case secure && !c.TLSAuto && (c.TLSCert == "" || c.TLSKey == ""):
		return p, fault.WithHint(fault.Newf(fault.Invalid, "a certificate and its key belong together"), "give --tls-cert and --tls-key")
	}
	for n, name := range p.names {
		p.names[n] = strings.ToLower(strings.TrimSuffix(name, "."))
		_, notName := netip.ParseAddr(name)
		if u, err := url.Parse("https://" + name); err != nil || u.Host != name || u.Port() != "" || notName == nil {
			return p, fault.WithHint(fault.Newf(fault.Invalid, "name %q is no name of a machine", name), "give a name without scheme, port and path, and no address: passkeys belong to names")
		}
	}
	p.signIn = p.signIn || !own || secure // whoever encrypts a line does not want it open to everybody
	if p.signIn && len(p.names) == 0 {
		p.names = []string{"localhost"}
	}
	if !secure {
		return p, nil
	}
	if c.TLSAuto {
		p.secure, err = s.privateAuthority(p.names)
		return p, err
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return p, fault.Newf(fault.Invalid, "certificate %q with key %q: %w", c.TLSCert, c.TLSKey, err)
	}
	p.secure = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
	return p, nil
}

// onlyHere tells whether only this machine reaches an address.
func onlyHere(addr string) (bool, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false, fault.Newf(fault.Invalid, "address %q: %w", addr, err)
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback(), nil
}

// loopback refuses every other address.
func loopback(addr string) error {
	own, err := onlyHere(addr)
	if err == nil && !own {
		err = fault.WithHint(fault.Newf(fault.Denied, "address %q can be reached from other machines", addr), "give 127.0.0.1:PORT")
	}
	return err
}

// origin is how browsers write the address of the pages.
func (p plan) origin(l net.Addr) string {
	_, port, _ := net.SplitHostPort(l.String()) // a listener's address has a port
	scheme, usual := "http", "80"
	if p.secure != nil {
		scheme, usual = "https", "443"
	}
	host := l.String()
	if len(p.names) > 0 {
		if host = p.names[0]; port != usual {
			host = net.JoinHostPort(host, port)
		}
	}
	return scheme + "://" + host
}

// door is where people come in.
func (s *stage) door(h *house, origin string) (*door.Door, error) {
	policy, err := people.Shipped()
	if err != nil {
		return nil, err
	}
	return door.New(door.Config{Book: h.db, Policy: policy, Now: s.now, Origin: origin, Unit: h.key})
}

// config is what the pages, and what machines ask, are made of.
func (s *stage) config(h *house, p plan, at net.Addr) (web.Config, error) {
	zone, err := s.zone()
	if err != nil {
		return web.Config{}, err
	}
	origin := p.origin(at)
	w, _, err := s.walls(h)
	if err != nil {
		return web.Config{}, err
	}
	d := desk{h, w, s.by()}
	deliveries, err := d.deliveries()
	if err != nil {
		return web.Config{}, err
	}
	c := web.Config{
		Desk: d, Complaints: complaintDesk{d}, Figures: figuresDesk{d}, Media: newMediaDesk(d), Deliveries: deliveries, Now: s.now, Zone: zone, Log: s.log, Version: Version,
		Wall: w, Origin: origin, TLS: p.secure != nil, Hosts: p.names, Stopping: s.ctx.Done(),
	}
	if !p.signIn {
		c.Alone = s.by()
		return c, nil
	}
	if c.Door, err = s.door(h, origin); err != nil {
		return c, err
	}
	if n, err := c.Door.SealCodes(s.ctx); err != nil {
		fmt.Fprintf(s.err, "suraag: secrets of code devices lie open in the record, and are encrypted at the next start: %v\n", err)
	} else if n > 0 {
		h.db.Scrub(s.ctx)
	}
	if p.provider.Issuer != "" {
		p.provider.Redirect = origin + "/signin/agency/back"
		c.Door.WithAgency(p.provider)
	}
	return c, nil
}

// serve answers until it is stopped. Requests under way may end.
func (s *stage) serve(h *house, p plan) error {
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		return fault.WithHint(fault.Newf(fault.Unavailable, "%w", err), "another suraag serves there already? Give another --addr")
	}
	defer l.Close()
	c, err := s.config(h, p, l.Addr())
	if err != nil {
		return err
	}
	pages, err := web.New(c)
	if err != nil {
		return err
	}
	open := l
	if p.secure != nil {
		open = tls.NewListener(l, p.secure)
	}
	lines := []line{{pages, open}}
	if p.machines != "" {
		m, err := s.forMachines(h, p, c)
		if err != nil {
			return err
		}
		defer m.on.Close()
		lines = append(lines, m)
	}
	stop, err := h.work(s.ctx, 2)
	if err != nil {
		return err
	}
	s.announce(h, p, l.Addr())
	return errors.Join(s.answerAll(lines), stop())
}

// line is what answers on one listener.
type line struct {
	handler http.Handler
	on      net.Listener
}

// answerAll answers on every line until the program is stopped, or one of them
// cannot go on.
func (s *stage) answerAll(lines []line) error {
	ctx, stop := context.WithCancel(s.ctx)
	defer stop()
	ended := make(chan error, len(lines))
	for _, l := range lines {
		go func() {
			defer stop()
			server := web.Server(l.handler, s.log)
			ended <- answer(ctx, server, func() error { return server.Serve(l.on) })
		}()
	}
	var err error
	for range lines {
		err = errors.Join(err, <-ended)
	}
	return err
}

// announce says where the pages are, and who may see them.
func (s *stage) announce(h *house, p plan, at net.Addr) {
	fmt.Fprintf(s.err, "suraag: serving on %s — Ctrl-C stops.\n", p.origin(at))
	if !p.signIn {
		fmt.Fprintln(s.err, "suraag: nobody signs in: whoever uses this machine sees everything. --sign-in changes that.")
		return
	}
	if all, err := h.db.People(s.ctx); err == nil && len(all) == 0 {
		fmt.Fprintf(s.err, "suraag: nobody is invited yet. suraag people invite --origin %s makes the link of the first administrator.\n", p.origin(at))
	}
}
