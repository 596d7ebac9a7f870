//go:build !linux

package match

func adviseHuge([]byte) {}

func collapse([]byte) {}
