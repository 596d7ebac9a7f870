package files

import (
	"io"
	"os"

	"suraag/fault"
)

// disk is what writing originals needs of a file system, so that a test can take
// the power away at every step.
type disk interface {
	MkdirAll(folder string) error
	CreateTemp(folder, pattern string) (file, error)
	Link(from, to string) error
	Remove(name string) error
	SyncFolder(folder string) error // the names in it are on disk when it returns
}

// file is a file being written.
type file interface {
	io.Writer
	Name() string
	Sync() error // its bytes are on disk when it returns
	Chmod(os.FileMode) error
	Close() error
}

// machine is the disk of this machine.
type machine struct{}

func (machine) MkdirAll(folder string) error { return os.MkdirAll(folder, 0o700) }
func (machine) CreateTemp(folder, pattern string) (file, error) {
	return os.CreateTemp(folder, pattern)
}
func (machine) Link(from, to string) error { return os.Link(from, to) }
func (machine) Remove(name string) error   { return os.Remove(name) }

func (machine) SyncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fault.Newf(fault.Unavailable, "folder %q: %w", folder, err)
	}
	return nil
}
