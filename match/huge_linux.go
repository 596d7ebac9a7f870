package match

import (
	"syscall"
	"unsafe"
)

// adviseHuge asks for huge pages under memory that has not been touched yet: random
// reads then miss the page tables less. It is advice; nothing depends on it.
func adviseHuge(b []byte) {
	const page, advice = 2 << 20, 14 // MADV_HUGEPAGE of <asm-generic/mman-common.h>
	if len(b) < 4*page {
		return
	}
	skip := -uintptr(unsafe.Pointer(&b[0])) & (page - 1)
	inner := b[skip:]
	_ = syscall.Madvise(inner[:len(inner)&^(page-1)], advice)
}
