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
	// Context switches of all threads: those that sleep had, and those that were taken
	// off their CPUs.
	voluntary, involuntary int64
}

func usageNow() usage {
	var r unix.Rusage
	// With these arguments it cannot fail.
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano()), m.Mallocs, int64(r.Nvcsw), int64(r.Nivcsw)}
}

func (u usage) minus(o usage) usage {
	return usage{u.user - o.user, u.system - o.system, u.allocs - o.allocs, u.voluntary - o.voluntary, u.involuntary - o.involuntary}
}
