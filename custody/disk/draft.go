package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"suraag/fault"
)

// draftName begins the name of every draft.
const draftName = "draft-"

// beginnings is how often a draft is begun anew because somebody who looked for
// abandoned ones came between its name and its lock. A house rule: each time it is a
// matter of microseconds.
const beginnings = 100

// Begin begins a draft in a folder, locked until it is closed. The kernel ends the
// lock with the process, however that ends, so a draft whose writer died can be told
// from one that is being written, by every process that shares the folder.
func Begin(d Disk, folder string) (File, error) {
	for range beginnings {
		f, err := d.CreateTemp(folder, draftName)
		if err != nil {
			return nil, fault.As(fault.Unavailable, err)
		}
		held, err := hold(f)
		if err == nil && held {
			return f, nil
		}
		f.Close()
		d.Remove(f.Name())
		if err != nil {
			return nil, fault.Newf(fault.Unavailable, "draft %q: %w", f.Name(), err)
		}
	}
	return nil, fault.Newf(fault.Unavailable, "no draft could be begun in %q: others keep looking for abandoned ones", folder)
}

// hold locks a draft, and tells whether that came in time: who looked for abandoned
// ones may have the lock, or have removed it.
func hold(draft File) (bool, error) {
	f, is := draft.(*os.File)
	if !is {
		return true, nil // of a disk of a test
	}
	if err := lock(f); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = nil
		}
		return false, err
	}
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(mine, there), err
}

func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// Abandoned names the drafts of a folder whose writer died: those on which nobody
// holds a lock. A folder that is not there has none.
func Abandoned(folder string, yield func(draft string) error) error {
	found, err := fs.Glob(os.DirFS(folder), draftName+"*") // whatever the folder itself is called
	if err != nil {
		return fault.As(fault.Internal, err)
	}
	for _, name := range found {
		f, err := abandoned(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		if f == nil {
			continue
		}
		f.Close()
		if err := yield(name); err != nil {
			return err
		}
	}
	return nil
}

// RemoveAbandoned removes a draft whose writer died; one that somebody writes stays.
func RemoveAbandoned(d Disk, folder, draft string) error {
	if !strings.HasPrefix(draft, draftName) || draft != filepath.Base(draft) {
		return fault.Newf(fault.Invalid, "%q is no draft", draft)
	}
	path := filepath.Join(folder, draft)
	f, err := abandoned(path)
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	if err := d.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Newf(fault.Unavailable, "draft %q: %w", draft, err)
	}
	return nil
}

// abandoned gives the file of a draft with its lock; nil: somebody has that, or it
// is gone.
func abandoned(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "draft %q: %w", path, err)
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, nil
	}
	return f, nil
}
