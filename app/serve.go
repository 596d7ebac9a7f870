package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"suraag/fault"
	"suraag/web"
)

type serveCmd struct {
	Addr string `help:"Address and port. Loopback only: there is no sign-in yet." default:"127.0.0.1:8473"`
}

// Help is the long help of the command.
func (serveCmd) Help() string {
	return `Serves the pages and the API on this machine until stopped, and works on the queue meanwhile. Nothing on a page comes from another host.

Examples:
  suraag serve
  suraag serve --addr 127.0.0.1:9000 --data /srv/suraag

The API answers what the commands print with --json: /api/trace?target=…, /api/leads, /api/leads/ID, /api/sources/ID.

` + exitCodes
}

func (c *serveCmd) Run(s *stage) error {
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	return s.serve(h, c.Addr)
}

// loopback refuses every other address: whoever reaches the pages may read all.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fault.Newf(fault.Invalid, "address %q: %w", addr, err)
	}
	if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
		return nil
	}
	err = fault.Newf(fault.Denied, "address %q can be reached from other machines, and there is no sign-in yet", addr)
	return fault.WithHint(err, "give 127.0.0.1:PORT; from another machine use an SSH tunnel")
}

// serve answers until it is stopped. Requests under way may end.
func (s *stage) serve(h *house, addr string) error {
	if err := loopback(addr); err != nil {
		return err
	}
	zone, err := s.zone()
	if err != nil {
		return err
	}
	pages, err := web.New(web.Config{Desk: desk{h, s.by()}, Now: s.now, Zone: zone, Log: s.log, Version: Version})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fault.WithHint(fault.Newf(fault.Unavailable, "%w", err), "another suraag serves there already? Give another --addr")
	}
	stop, err := h.work(s.ctx, 2)
	if err != nil {
		l.Close()
		return err
	}
	server := web.Server(pages, s.log)
	server.BaseContext = func(net.Listener) context.Context { return s.ctx }
	go func() {
		<-s.ctx.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(ctx)
	}()
	fmt.Fprintf(s.err, "suraag: serving on http://%s — Ctrl-C stops.\n", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fault.As(fault.Unavailable, err)
	}
	return stop()
}
