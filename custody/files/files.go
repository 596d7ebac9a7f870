// Package files keeps originals as files: DIR/ab/abcdef….
//
// Takes a folder. Gives a custody.Keeper. Never overwrites: a file is written
// beside its place, flushed, made read-only and then linked to its name, so that
// a name that exists has all its bytes, also after a power cut.
package files

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"suraag/custody"
	"suraag/custody/disk"
	"suraag/fault"
)

// Keeper keeps originals below one folder.
type Keeper struct {
	dir  string
	disk disk.Disk
}

// In gives the keeper of a folder, which is made if it is not there; its name is on
// disk when it returns.
func In(dir string) (*Keeper, error) { return on(disk.Machine(), dir) }

func on(d disk.Disk, dir string) (*Keeper, error) {
	return &Keeper{dir, d}, disk.MakeFolder(d, filepath.Join(dir, "drafts"))
}

func (k *Keeper) path(name string) (string, error) {
	if len(name) < 3 || name != filepath.Base(name) || name[0] == '.' {
		return "", fault.Newf(fault.Invalid, "original %q has no proper name", name)
	}
	return filepath.Join(k.dir, name[:2], name), nil
}

// Create begins a draft in the same file system as its later place. It stays locked
// until it has its name or is discarded.
func (k *Keeper) Create() (custody.Draft, error) {
	f, err := disk.Begin(k.disk, k.drafts())
	if err != nil {
		return nil, err
	}
	return &draft{File: f, keeper: k}, nil
}

func (k *Keeper) drafts() string { return filepath.Join(k.dir, "drafts") }

type draft struct {
	disk.File
	keeper *Keeper
}

// Keep flushes the draft and links it to its name. The order matters: bytes,
// then name, then folder, each on disk before the next. It is closed after that, so
// that nobody takes a draft without its name yet for one whose writer died.
func (d *draft) Keep(name string) error {
	to, err := d.keeper.path(name)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Chmod(0o400)); err != nil {
		return fault.Newf(fault.Unavailable, "original %q: %w", name, err)
	}
	folder := filepath.Dir(to)
	on := d.keeper.disk
	if err := disk.MakeFolder(on, folder); err != nil {
		return err
	}
	err = on.Link(d.Name(), to)
	if errors.Is(err, fs.ErrExist) {
		if err := d.same(to); err != nil {
			return fault.Wrapf(err, "original %q", name)
		}
	} else if err != nil {
		return fault.Newf(fault.Unavailable, "original %q: %w", name, err)
	}
	return on.SyncFolder(folder)
}

// same refuses what lies under the name already, if it is something else: who brings
// the bytes again would be told that they are kept, and may let go of the last copy.
func (d *draft) same(path string) error {
	if _, is := d.File.(*os.File); !is {
		return nil // of a disk of a test
	}
	ours, err := sumOf(d.Name())
	if err != nil {
		return err
	}
	theirs, err := sumOf(path)
	if err == nil && ours != theirs {
		err = fault.Newf(fault.Corrupt, "other bytes lie in %q: they were changed after sealing", path)
	}
	return err
}

func sumOf(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, fault.As(fault.Unavailable, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, fault.As(fault.Unavailable, err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// Discard removes the draft's own name; what was kept has another.
func (d *draft) Discard() {
	d.Close()
	d.keeper.disk.Remove(d.Name())
}

type original struct {
	*os.File
	size int64
}

func (o original) Size() int64 { return o.size }

// Open gives a kept original.
func (k *Keeper) Open(name string) (custody.Original, error) {
	from, err := k.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Newf(fault.NotFound, "original %s is not in %q", name, k.dir)
	}
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fault.As(fault.Unavailable, err)
	}
	return original{f, info.Size()}, nil
}

// Remove takes a name and its bytes away. What the disk still holds of them is for
// whoever looks after the disk.
func (k *Keeper) Remove(name string) error {
	path, err := k.path(name)
	if err != nil {
		return err
	}
	err = k.disk.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Newf(fault.Unavailable, "original %q: %w", name, err)
	}
	return k.disk.SyncFolder(filepath.Dir(path))
}

// List gives the names of all originals in order. Drafts are none.
func (k *Keeper) List(yield func(string) error) error {
	found, err := fs.Glob(os.DirFS(k.dir), "??/*") // whatever the folder itself is called
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	sort.Strings(found)
	for _, path := range found {
		if err := yield(path[len("??/"):]); err != nil {
			return err
		}
	}
	return nil
}

// Abandoned names drafts whose writer died: those on which nobody holds a lock.
func (k *Keeper) Abandoned(yield func(string) error) error { return disk.Abandoned(k.drafts(), yield) }

// RemoveAbandoned removes a draft whose writer died.
func (k *Keeper) RemoveAbandoned(draft string) error {
	return disk.RemoveAbandoned(k.disk, k.drafts(), draft)
}
