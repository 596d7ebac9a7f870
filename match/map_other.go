//go:build !unix

package match

import (
	"io"
	"os"
)

// mapFile reads the file, where none can be mapped.
func mapFile(file *os.File, size int) (*mapping, error) {
	words := make([]uint64, (size+7)/8) // so that numbers lie where they should
	b := asBytes(words)[:size]
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, int64(size)), b); err != nil {
		return nil, err
	}
	return &mapping{b}, nil
}
