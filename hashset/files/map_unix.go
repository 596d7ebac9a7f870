//go:build unix

package files

import (
	"os"
	"syscall"
)

// mapFile shows a file as memory until the program ends: entries are replaced only
// when they are made again, and somebody may still be reading a value of the old ones.
func mapFile(file *os.File, size int) (*mapping, error) {
	b, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &mapping{b}, nil
}
