package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"suraag/custody/tlog"
	"suraag/custody/witness"
	"suraag/fault"
)

type witnessCmd struct {
	Dir  string   `required:"" help:"Folder of the witness: its key, and the last checkpoint of each log." placeholder:"DIR"`
	Name string   `help:"Name of the witness; needed the first time." placeholder:"NAME"`
	Log  []string `help:"Verifier key of a log to witness; may be given more than once." placeholder:"KEY" sep:"none"`
	Addr string   `help:"Address and port." default:"127.0.0.1:8474"`
	Cert string   `help:"File with a TLS certificate; needed on any address but this machine's." placeholder:"FILE"`
	Key  string   `help:"File with its key." placeholder:"FILE"`
}

// Help is the long help of the command.
func (witnessCmd) Help() string {
	return `Cosigns the checkpoints of other organisations' custody logs: each that continues the last one seen of that log, and no other. A unit that shortened or rewrote its log gets no signature any more. The witness sees sizes and hashes, never a word of what is logged.

Keep the folder: a witness that forgets what it saw can be shown an older log.

Example:
  suraag witness --dir /srv/witness --name witness.ngo.example --log unit.example/custody+5f2c…+AXk… --addr 127.0.0.1:8474

` + exitCodes
}

func (c *witnessCmd) Run(s *stage) error {
	tls := c.Cert != "" || c.Key != ""
	if !tls {
		if err := loopback(c.Addr); err != nil {
			return fault.WithHint(fault.Newf(fault.Denied, "address %q can be reached from other machines, and no certificate was given", c.Addr), "give --cert and --key")
		}
	}
	key, err := tlog.KeyOf(c.Dir)
	if fault.Is(err, fault.NotFound) {
		if c.Name == "" {
			return fault.WithHint(fault.Newf(fault.Invalid, "the witness in %q has no name yet", c.Dir), "give --name witness.example the first time")
		}
		key, err = tlog.MakeKey(c.Dir, c.Name, rand.Reader)
	}
	if err != nil {
		return err
	}
	_, public, err := key.Cosigner()
	if err != nil {
		return err
	}
	w, err := witness.Open(c.Dir, key, c.Log)
	if err != nil {
		return err
	}
	defer w.Close()
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	server := &http.Server{Handler: w, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	fmt.Fprintf(s.err, "suraag: witness of %s on %s. Its key, for the policy of those logs:\n", counted(len(c.Log), "log"), l.Addr())
	fmt.Fprintln(s.out, public)
	err = answer(s.ctx, server, func() error {
		if tls {
			return server.ServeTLS(l, c.Cert, c.Key)
		}
		return server.Serve(l)
	})
	if errors.Is(err, os.ErrNotExist) {
		return fault.As(fault.NotFound, err)
	}
	return err
}
