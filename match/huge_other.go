//go:build !linux

package match

func adviseHuge([]byte) {}
