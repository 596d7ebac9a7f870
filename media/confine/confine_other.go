//go:build !linux

package confine

import (
	"context"
	"io"

	"suraag/fault"
)

// Find finds no program: only on Linux can one be confined.
func Find(name string) (Program, error) {
	return Program{}, fault.Newf(fault.Unavailable, "%s is not used: outside programs can be confined on Linux only", name)
}

func (p Program) run(context.Context, []string, io.ReaderAt, int64, Limits, string, func(io.Reader) error) error {
	return fault.Newf(fault.Unavailable, "outside programs can be confined on Linux only")
}
