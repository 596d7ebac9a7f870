package app

import (
	"fmt"
	"os"
	"path/filepath"

	"suraag/app/validate"
	"suraag/fault"
)

type validateCmd struct {
	Write string `help:"Write validation.md and validation.json into this folder instead of printing." placeholder:"DIR"`
}

// Help is the long help of the command.
func (validateCmd) Help() string {
	return `Measures how well altered pictures are found again and how often unrelated ones are taken for near copies, and reports both with confidence intervals and in plain words. The pictures are freely licensed photographs from Debian packages, which are downloaded with apt-get (about 200 MB) into a temporary folder, not installed, and removed afterwards. The record in use is not touched. Takes some minutes.

Examples:
  suraag validate
  suraag validate --write doc

` + exitCodes
}

func (c *validateCmd) Run(s *stage) error {
	dir, err := os.MkdirTemp("", "suraag-validate-")
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer os.RemoveAll(dir)
	tell := func(what string) { fmt.Fprintln(s.err, what) }
	pictures, sources, err := validate.Fetch(s.ctx, dir, tell)
	if err != nil {
		return err
	}
	r, err := validate.Measure(s.ctx, pictures, tell)
	if err != nil {
		return err
	}
	r.Sources = sources
	if c.Write != "" {
		return writeReport(c.Write, r)
	}
	if s.cli.JSON {
		return s.print(r)
	}
	return r.Write(s.out)
}

func writeReport(dir string, r *validate.Results) error {
	figures, err := r.JSON()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "validation.json"), figures, 0o644); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	f, err := os.Create(filepath.Join(dir, "validation.md"))
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	if err := r.Write(f); err != nil {
		f.Close()
		return fault.As(fault.Unavailable, err)
	}
	if err := f.Close(); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	return nil
}
