package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"suraag/fault"
	"suraag/hashset"
)

// Keeper keeps entries below one folder.
type Keeper struct {
	dir      string
	memory   int // see the constants of these names
	perIndex int64

	mu   sync.Mutex // guards open
	open map[string]*entries
}

// In gives the keeper of a folder, which is made if it is not there.
func In(dir string) (*Keeper, error) {
	k := &Keeper{dir: dir, memory: memory, perIndex: perIndex, open: map[string]*entries{}}
	if err := os.MkdirAll(k.drafts(), 0o700); err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	return k, nil
}

func (k *Keeper) drafts() string { return filepath.Join(k.dir, "drafts") }

func (k *Keeper) path(source, suffix string) (string, error) {
	if len(source) < 3 || source != filepath.Base(source) || source[0] == '.' {
		return "", fault.Newf(fault.Invalid, "source %q has no proper name", source)
	}
	return filepath.Join(k.dir, source[:2], source+suffix), nil
}

// Create begins the entries of a source.
func (k *Keeper) Create(source string) (hashset.Draft, error) { return k.create(source) }

// settle flushes a finished draft and puts it in its place, its indexes before it.
// Who has the file open that was there goes on with that one.
func (k *Keeper) settle(f *os.File, source string, near []string) error {
	to, err := k.path(source, ".list")
	if err != nil {
		return err
	}
	folder := filepath.Dir(to)
	if err := errors.Join(os.MkdirAll(folder, 0o700), f.Sync(), f.Chmod(0o400)); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	k.mu.Lock() // whoever opens finds the old files or the new ones, never some of each
	defer k.mu.Unlock()
	for _, name := range near {
		if err := os.Rename(filepath.Join(k.drafts(), name), filepath.Join(folder, name)); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	if err := errors.Join(os.Rename(f.Name(), to), flush(folder)); err != nil {
		return fault.Newf(fault.Unavailable, "entries of %s: %w", source, err)
	}
	delete(k.open, source)
	return k.sweep(source, near)
}

// sweep removes indexes that no file of entries names any more.
func (k *Keeper) sweep(source string, keep []string) error {
	folder := filepath.Join(k.dir, source[:2])
	found, err := fs.Glob(os.DirFS(folder), source+".*.near") // whatever the folder itself is called
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	for _, name := range found {
		if !slices.Contains(keep, name) {
			if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fault.As(fault.Unavailable, err)
			}
		}
	}
	return nil
}

// Drop removes entries that are damaged.
func (k *Keeper) Drop(source string) error {
	path, err := k.path(source, ".list")
	if err != nil {
		return err
	}
	k.mu.Lock()
	delete(k.open, source)
	k.mu.Unlock()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.As(fault.Unavailable, err)
	}
	return k.sweep(source, nil)
}

// Open gives the entries of a source. They stay open from one question to the next.
func (k *Keeper) Open(source string) (hashset.Entries, error) {
	path, err := k.path(source, ".list")
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.open[source]; e != nil && e.stands(path) {
		return e, nil
	}
	e, err := openEntries(path, source)
	if fault.Is(err, fault.Corrupt) {
		e, err = openEntries(path, source) // another program may just have put new ones there
	}
	if err != nil {
		return nil, err
	}
	k.open[source] = e
	return e, nil
}

func flush(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
