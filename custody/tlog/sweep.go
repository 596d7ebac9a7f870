package tlog

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"k8s.io/klog/v2"

	"suraag/fault"
)

// draft is how the log's library names a file that it has not finished: the name
// it will have, and a number. The names themselves have at most three digits.
var draft = regexp.MustCompile(`^(\d{5,}|(checkpoint|treeState|version|gcState)\d+)$`)

// sweep removes files that a death left unfinished. They were never part of the
// log.
func (t Tiles) sweep() error {
	err := filepath.WalkDir(t.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !draft.MatchString(d.Name()) {
			return err
		}
		return os.Remove(name)
	})
	if os.IsNotExist(err) {
		return nil
	}
	return fault.As(fault.Unavailable, err)
}

// quiet keeps the log's library from writing to standard error by itself; what
// went wrong is in the errors that it gives. Its logger is one per process, hence
// the once.
var quiet = sync.OnceFunc(func() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
})
