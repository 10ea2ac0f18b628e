package bench

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// runtimeTick is what the timers of Go's runtime are exact to when all its threads
// sleep: it waits in whole milliseconds.
const runtimeTick = time.Millisecond

// sleeper sleeps until given times, as exactly as the kernel does, which lets timers be
// late by 50 µs, and allocates nothing for it. It is for one goroutine.
type sleeper struct{ timer *time.Timer }

// until sleeps; it returns early, and with an error, if the context ends.
func (s *sleeper) until(ctx context.Context, t time.Time) error {
	if coarse := time.Until(t) - runtimeTick; coarse > 0 {
		if s.timer == nil {
			s.timer = time.NewTimer(coarse)
		} else {
			s.timer.Reset(coarse)
		}
		select {
		case <-s.timer.C:
		case <-ctx.Done():
			s.timer.Stop()
		}
	}
	for ctx.Err() == nil {
		left := time.Until(t)
		if left <= 0 {
			return nil
		}
		ts := unix.NsecToTimespec(int64(left))
		// A signal cuts it short.
		_ = unix.Nanosleep(&ts, nil)
	}
	return context.Cause(ctx)
}
