// Package confine runs one outside program on one hostile file.
//
// Takes the path of a program, its arguments, the file and bounds. Gives what the program writes. The
// program gets no shell, no network, no terminal, a temporary folder of its own and, as its only
// file, the one that it is to read; its memory, processor time, output and wall time are bounded, and
// it ends, with all that it started, when any bound is passed or the caller's context ends. It is
// never run without those bounds: where the system cannot set them, it is not run.
package confine

import (
	"context"
	"io"
	"os"
	"time"

	"suraag/fault"
)

// Limits bound one run.
type Limits struct {
	Memory int64         // address space, bytes
	CPU    time.Duration // processor time, whole seconds
	Wall   time.Duration
	Output int64 // bytes that are taken from it
}

// Program is an outside program that was found on this machine.
type Program struct{ path string }

// Input is the name under which a program finds the file that it is to read.
const Input = "/proc/self/fd/3"

// Run gives the file to the program and what it writes to use, as it comes. The first size bytes of r are
// the file.
//
// Errors: fault.Unavailable where programs cannot be confined here, fault.TooLarge for a bound passed,
// fault.Corrupt for a program that says that it failed, with its own words, and that of use.
func (p Program) Run(ctx context.Context, args []string, r io.ReaderAt, size int64, limits Limits, use func(io.Reader) error) error {
	if p.path == "" {
		return fault.Newf(fault.Unavailable, "no program to run")
	}
	if limits.Memory <= 0 || limits.CPU < time.Second || limits.Wall <= 0 || limits.Output <= 0 {
		return fault.Newf(fault.Invalid, "limits %+v: each must be above zero, and a second of processor time at least", limits)
	}
	folder, err := os.MkdirTemp("", "suraag-confined-")
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer os.RemoveAll(folder)
	return p.run(ctx, args, r, size, limits, folder, use)
}
