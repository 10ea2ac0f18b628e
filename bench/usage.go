package bench

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what the process has used up so far.
type usage struct {
	user, system time.Duration
	allocs       uint64
	switches     int64 // of context, of all threads
}

func usageNow() usage {
	var r unix.Rusage
	// With these arguments it cannot fail.
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano()), m.Mallocs, int64(r.Nvcsw) + int64(r.Nivcsw)}
}
