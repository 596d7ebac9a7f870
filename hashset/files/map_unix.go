//go:build unix

package files

import (
	"os"
	"runtime"
	"syscall"
)

// mapFile shows a file as memory until nothing needs it any more.
func mapFile(file *os.File, size int) (*mapping, error) {
	b, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	m := &mapping{b}
	runtime.AddCleanup(m, func(b []byte) { _ = syscall.Munmap(b) }, b)
	return m, nil
}
