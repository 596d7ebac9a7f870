//go:build !unix

package files

import (
	"io"
	"os"
)

// mapFile reads the file, where none can be mapped.
func mapFile(file *os.File, size int) (*mapping, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, int64(size)), b); err != nil {
		return nil, err
	}
	return &mapping{b}, nil
}
