package match

import "unsafe"

// The large arrays of a segment lie on huge pages where the system has them.

func hugeBytes(n int) []uint8 {
	b := make([]uint8, n)
	adviseHuge(b)
	return b
}

func hugeWords[T uint32 | uint64 | half](n int) []T {
	words := make([]T, n)
	if n > 0 {
		adviseHuge(unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), n*int(unsafe.Sizeof(words[0]))))
	}
	return words
}
