package faults

import (
	"syscall"
	"time"
)

// pause sleeps in the kernel, where the runtime's timers take a millisecond.
func pause(d time.Duration) {
	t := syscall.NsecToTimespec(d.Nanoseconds())
	syscall.Nanosleep(&t, nil)
}
