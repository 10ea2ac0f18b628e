package chaos

import (
	"os"
	"runtime"
	"time"
)

// holdings are what a process may leak.
type holdings struct{ goroutines, descriptors int }

func holdingsNow() holdings {
	h := holdings{goroutines: runtime.NumGoroutine()}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.descriptors = len(list)
	}
	return h
}

// settleTime is how long what has been closed may take to be gone.
const settleTime = 3 * time.Second

// beyond tells what there is more than before: nothing, or what is left after a
// while.
func (before holdings) beyond(settle time.Duration) holdings {
	for end := time.Now().Add(settle); ; time.Sleep(10 * time.Millisecond) {
		now := holdingsNow()
		now.goroutines = max(now.goroutines-before.goroutines, 0)
		now.descriptors = max(now.descriptors-before.descriptors, 0)
		if now == (holdings{}) || time.Now().After(end) {
			return now
		}
	}
}
