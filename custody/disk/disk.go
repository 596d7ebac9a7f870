// Package disk writes files so that a power cut leaves them whole or not at all.
//
// Takes a disk, so that a test can take the power away at every step
// (custody/disk/fragile). Gives folders and small files whose names are on disk when
// it returns. Never leaves a name to half a file.
package disk

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"suraag/fault"
)

// Disk is what writing needs of a file system.
type Disk interface {
	Mkdir(folder string) error // fs.ErrExist if it is there
	CreateTemp(folder, pattern string) (File, error)
	Create(name string) (File, error) // fs.ErrExist if it is there
	Link(from, to string) error
	Rename(from, to string) error
	Remove(name string) error
	SyncFolder(folder string) error // the names in it are on disk when it returns
}

// File is a file being written.
type File interface {
	io.Writer
	Name() string
	Sync() error // its bytes are on disk when it returns
	Chmod(os.FileMode) error
	Close() error
}

// Machine is the disk of this machine.
func Machine() Disk { return machine{} }

type machine struct{}

func (machine) Mkdir(folder string) error { return os.Mkdir(folder, 0o700) }
func (machine) CreateTemp(folder, pattern string) (File, error) {
	return os.CreateTemp(folder, pattern)
}
func (machine) Create(name string) (File, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}
func (machine) Link(from, to string) error   { return os.Link(from, to) }
func (machine) Rename(from, to string) error { return os.Rename(from, to) }
func (machine) Remove(name string) error     { return os.Remove(name) }

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

// MakeFolder makes a folder with those above it, each with its name on disk before
// anything is put into it. One that is there already may have been made by a process
// that died before its name was on disk.
func MakeFolder(d Disk, folder string) error {
	folder = filepath.Clean(folder)
	above := filepath.Dir(folder)
	err := d.Mkdir(folder)
	if errors.Is(err, os.ErrNotExist) && above != folder {
		if err := MakeFolder(d, above); err != nil {
			return err
		}
		err = d.Mkdir(folder)
	}
	there := errors.Is(err, os.ErrExist)
	if err != nil && !there {
		return fault.As(fault.Unavailable, err)
	}
	if err := d.SyncFolder(above); err != nil && !(there && errors.Is(err, os.ErrPermission)) {
		return err // a folder that somebody else made for us may lie where we may not read
	}
	return nil
}

// Keep writes a small file, mode 0600, so that after a power cut it is there whole or
// as it was before.
func Keep(d Disk, name string, body []byte) error {
	folder := filepath.Dir(name)
	f, err := d.CreateTemp(folder, filepath.Base(name)+".draft-")
	if err != nil {
		return fault.As(fault.Unavailable, err)
	}
	defer d.Remove(f.Name()) // a no-op once it has its name
	_, err = f.Write(body)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fault.Newf(fault.Unavailable, "file %q: %w", name, err)
	}
	if err := d.Rename(f.Name(), name); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	return d.SyncFolder(folder)
}
