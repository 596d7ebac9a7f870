package app

import (
	"fmt"

	"suraag/fault"
)

type verifyCmd struct {
	Bundle     string `help:"Check a bundle instead, without any record." placeholder:"FILE.zip"`
	LogKey     string `help:"Of a bundle: the verifier key of the unit's custody log, as you know it." placeholder:"KEY"`
	Witnesses  string `help:"Of a bundle: file with the policy that says whose cosignatures you ask for." placeholder:"FILE"`
	StampRoots string `help:"Of a bundle: PEM file with the root certificates of time-stamping authorities that you trust." placeholder:"FILE"`
}

// Help is the long help of the command.
func (verifyCmd) Help() string {
	return "Hashes every sealed original again, reads each again and compares every stored record with what its original states. Names each thing that differs. With --bundle it checks a bundle that suraag export wrote, on any machine, with no database and no network.\n\nExamples:\n  suraag verify\n  suraag verify --bundle lead.zip\n\n" + exitCodes + " A difference ends with 7."
}

func (c *verifyCmd) Run(s *stage) error {
	if c.Bundle != "" {
		return c.verifyBundle(s)
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	p := newProgress(s.err)
	v, err := h.Verify(s.ctx, func(done, all int) {
		p.say(func() string { return fmt.Sprintf("checked %d of %d originals", done, all) })
	})
	p.done()
	if err != nil {
		return err
	}
	if s.cli.JSON {
		if err := s.print(v); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(s.out, "%d originals hashed, %d records compared with them", v.Originals, v.Records)
		if v.Older > 0 {
			fmt.Fprintf(s.out, " (%d by an older reader: hand the file in again to read it anew)", v.Older)
		}
		fmt.Fprintln(s.out, ".")
		for _, d := range v.Differences {
			fmt.Fprintf(s.out, "DIFFERS  source %s %s: %s\n", d.Source, d.Record, d.What)
		}
	}
	if n := len(v.Differences); n > 0 {
		return fault.WithHint(fault.Newf(fault.Corrupt, "%s between the record and its originals", counted(n, "difference")), "keep the folder as it is and have it examined")
	}
	if !s.cli.JSON {
		fmt.Fprintln(s.out, "Everything is as it was sealed and read.")
	}
	return nil
}
