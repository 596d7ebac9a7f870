package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"suraag/fault"
	"suraag/people"
	machines "suraag/people/machine"
)

type machineCmd struct {
	Add   machineAdd   `cmd:"" help:"Let a machine hand in by itself, and make its certificate."`
	List  machineList  `cmd:"" help:"Show the machines, what they hand in to, and until when."`
	Renew machineRenew `cmd:"" help:"Make a certificate anew for a machine whose own is past or lost."`
	End   machineEnd   `cmd:"" help:"Let a machine in no more, from this moment on."`
}

// register is the list of machines, with the authority that signs for them.
func (s *stage) register(h *house) (machines.Register, machines.Authority, error) {
	c, key, err := s.authority(filepath.Join(h.dir, "tls"), forMachines)
	return machines.Register{Book: h.db, Now: s.now}, machines.Authority{Certificate: c, Key: key}, err
}

// request reads a machine's own request for a certificate.
func request(file string) (machines.Request, error) {
	f, err := os.Open(file)
	if err != nil {
		return machines.Request{}, fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20)) // what is too long is refused by ParseRequest
	if err != nil {
		return machines.Request{}, fault.Newf(fault.Unavailable, "request %q: %w", file, err)
	}
	q, err := machines.ParseRequest(text)
	return q, fault.Wrapf(err, "request %q", file)
}

type machineAdd struct {
	Name  string `arg:"" help:"Name: short, lower case, of one machine only, for ever."`
	CSR   string `name:"csr" required:"" help:"The machine's own request for a certificate, as suraag spool init wrote it." placeholder:"FILE"`
	Case  string `help:"Number of the case to which it hands in." placeholder:"NUMBER"`
	Unit  bool   `help:"It hands in for the whole unit."`
	Until string `required:"" help:"Day after which it hands in no more, at most a year away." placeholder:"DAY"`
	Out   string `required:"" short:"o" help:"File to write the certificate to." placeholder:"FILE"`
}

// Help is the long help of the command.
func (machineAdd) Help() string {
	return `Makes a certificate for a machine that hands in by itself: a sensor, or the spool of a remote site. The machine's key is made on the machine (suraag spool init) and never leaves it; take its request here and the certificate back there.

A machine hands in to the one thing that is named here, a case or the whole unit, and does and sees nothing else. A certificate holds for 30 days, and the spool has it renewed by itself until the day given with --until. See doc/remote.md.

Examples:
  suraag machine add gate-3 --csr gate-3.csr --case "FIR 12/2025" --until 2025-12-31 -o gate-3.pem
  suraag machine add cyber-tips --csr tips.csr --unit --until 2025-12-31 -o tips.pem

` + exitCodes
}

func (c *machineAdd) Run(s *stage) error {
	if (c.Case == "") != c.Unit {
		return fault.WithHint(fault.Newf(fault.Invalid, "it is not said to what machine %q hands in", c.Name), "give --case NUMBER, or --unit, and not both")
	}
	until, err := time.Parse(time.DateOnly, c.Until)
	if err != nil {
		return fault.WithHint(fault.Newf(fault.Invalid, "%q is no day", c.Until), "write it as 2025-12-31")
	}
	q, err := request(c.CSR)
	if err != nil {
		return err
	}
	if exists(c.Out) {
		return fault.WithHint(fault.Newf(fault.Conflict, "%q exists", c.Out), "give another file")
	}
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	m := people.Machine{Name: c.Name, For: people.ForUnit, Until: until.AddDate(0, 0, 1)} // the day itself is part of it
	if c.Case != "" {
		w, ctx, err := s.walls(h)
		if err == nil {
			m.For, err = w.MayAdd(ctx, c.Case)
		}
		if err != nil {
			return fault.WithHint(fault.Wrapf(err, "case %q", c.Case), "see suraag case list; suraag case new opens one")
		}
	}
	r, a, err := s.register(h)
	if err != nil {
		return err
	}
	m, der, err := r.Add(s.ctx, s.by(), m, a, q)
	if err != nil {
		return err
	}
	return s.certified(m, der, c.Out)
}

// certified writes a certificate that was made, and says so.
func (s *stage) certified(m people.Machine, der []byte, out string) error {
	if err := os.WriteFile(out, machines.PEM(der), 0o644); err != nil {
		return fault.WithHint(fault.As(fault.Unavailable, err), "suraag machine renew "+m.Name+" makes the certificate anew")
	}
	if s.cli.JSON {
		return s.print(m)
	}
	what := "to its case"
	if m.For == people.ForUnit {
		what = "for the whole unit"
	}
	fmt.Fprintf(s.out, "Machine %s hands in %s until %s. Its certificate is in %s; on the machine: suraag spool init --certificate.\n", m.Name, what, m.Until.AddDate(0, 0, -1).Format("2 January 2006"), out)
	return nil
}

type machineRenew struct {
	Name string `arg:"" help:"Name of the machine."`
	CSR  string `name:"csr" required:"" help:"The machine's own request for a certificate." placeholder:"FILE"`
	Out  string `required:"" short:"o" help:"File to write the certificate to." placeholder:"FILE"`
}

// Help is the long help of the command.
func (machineRenew) Help() string {
	return `Makes a certificate for a machine that is there already, because it was off for so long that its own is past, or its key was lost. Every other certificate of it ends. A spool that pushes has its own renewed by itself and needs no command.

Example:
  suraag machine renew gate-3 --csr gate-3.csr -o gate-3.pem

` + exitCodes
}

func (c *machineRenew) Run(s *stage) error {
	q, err := request(c.CSR)
	if err != nil {
		return err
	}
	if exists(c.Out) {
		return fault.WithHint(fault.Newf(fault.Conflict, "%q exists", c.Out), "give another file")
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	r, a, err := s.register(h)
	if err != nil {
		return err
	}
	m, der, err := r.Recertify(s.ctx, s.by(), c.Name, a, q)
	if err != nil {
		return err
	}
	return s.certified(m, der, c.Out)
}

type machineEnd struct {
	Name string `arg:"" help:"Name of the machine."`
}

// Help is the long help of the command.
func (machineEnd) Help() string {
	return "Lets a machine in no more: at once, also on a line that is open. What it handed in stays. Its name is never given again.\n\nExample:\n  suraag machine end gate-3\n\n" + exitCodes
}

func (c *machineEnd) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	m, err := machines.Register{Book: h.db, Now: s.now}.End(s.ctx, s.by(), c.Name)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(m)
	}
	fmt.Fprintf(s.out, "Machine %s hands in no more.\n", m.Name)
	return nil
}

type machineList struct{}

// Help is the long help of the command.
func (machineList) Help() string {
	return "Shows every machine, to what it hands in, until when, and until when its certificate holds.\n\nExample:\n  suraag machine list\n\n" + exitCodes
}

func (machineList) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.db.Machines(s.ctx)
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(list(all))
	}
	cases, err := h.db.Cases(s.ctx, s.now())
	if err != nil {
		return err
	}
	into := map[string]string{people.ForUnit: "the whole unit"}
	for _, c := range cases {
		into[c.ID] = c.Number
	}
	t := s.table("name", "hands in to", "until", "certificate until", "state")
	for _, k := range all {
		m, state, holds := k.Machine, "may hand in", ""
		for _, c := range k.Certificates {
			if c.Ended.IsZero() && s.now().Before(c.Until) {
				holds = c.Until.Format("2 January 2006")
			}
		}
		switch {
		case !m.Ended.IsZero():
			state = "ended " + m.Ended.Format("2 January 2006")
		case !s.now().Before(m.Until):
			state = "its time is over"
		case holds == "":
			state = "its certificate is past"
		}
		t.AppendRow([]any{m.Name, into[m.For], m.Until.AddDate(0, 0, -1).Format("2 January 2006"), holds, state})
	}
	t.Render()
	return nil
}
