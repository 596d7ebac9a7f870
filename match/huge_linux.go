package match

import (
	"syscall"
	"unsafe"
)

const (
	hugePage       = 2 << 20
	madviseHuge    = 14 // MADV_HUGEPAGE of <asm-generic/mman-common.h>
	madviseGathers = 25 // MADV_COLLAPSE, since Linux 6.1
)

// adviseHuge asks for huge pages under memory that has not been touched yet. It is
// advice; nothing depends on it.
func adviseHuge(b []byte) { advise(b, madviseHuge) }

// collapse moves memory that is filled onto huge pages, where it is not: what the
// program has used before for something else lies on small ones.
func collapse(b []byte) { advise(b, madviseGathers) }

func advise(b []byte, advice int) {
	if len(b) < 4*hugePage {
		return
	}
	skip := -uintptr(unsafe.Pointer(&b[0])) & (hugePage - 1)
	inner := b[skip:]
	_ = syscall.Madvise(inner[:len(inner)&^(hugePage-1)], advice)
}
