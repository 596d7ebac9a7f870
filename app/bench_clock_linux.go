package app

import (
	"time"

	"golang.org/x/sys/unix"
)

// programTime tells how long all threads of the program have run on processors.
func programTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return 0 // not possible: the clock exists since Linux 2.6.12
	}
	return time.Duration(t.Nano())
}

// processorTime tells how long this thread has run on a processor.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0 // not possible: the clock exists since Linux 2.6.12
	}
	return time.Duration(t.Nano())
}
