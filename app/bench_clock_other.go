//go:build !linux

package app

import "time"

// processorTime is the time on the wall where the system's clock for threads has no common name.
func processorTime() time.Duration { return time.Duration(time.Now().UnixNano()) }

// programTime is the same for the whole program.
func programTime() time.Duration { return processorTime() }
