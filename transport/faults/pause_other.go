//go:build !linux

package faults

import "time"

// pause sleeps, for a millisecond at least where the runtime's timers are coarse.
func pause(d time.Duration) { time.Sleep(d) }
