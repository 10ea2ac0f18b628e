package readv

import (
	"sync/atomic"

	"golang.org/x/sys/cpu"
)

// uses are those of a handle that is given back when it has been closed and the
// last use has ended. They are counted by ring, so that reads of one file on
// different rings do not meet here.
type uses struct {
	rings  []useCount
	closed atomic.Bool
	over   atomic.Bool
}

type useCount struct {
	atomic.Int64
	_ cpu.CacheLinePad
}

func newUses(rings int) uses { return uses{rings: make([]useCount, rings)} }

// begin begins a use, or reports false if the handle has been closed. Then end
// has to be called all the same.
func (u *uses) begin(ring int) bool {
	// Count first and look then, while close does the opposite: one sees the
	// other.
	u.rings[ring].Add(1)
	return !u.closed.Load()
}

// end ends a use. It reports whether the handle is to be given back, once.
func (u *uses) end(ring int) bool {
	u.guardCount(u.rings[ring].Add(-1))
	return u.closed.Load() && u.ended()
}

// close refuses further uses. It reports whether the handle is to be given back
// now; first is false if it was closed before.
func (u *uses) close() (first, giveBack bool) {
	if u.closed.Swap(true) {
		return false, false
	}
	return true, u.ended()
}

// ended reports, once, that no use is left. After close none begins that counts,
// so that what is 0 stays 0, but for those that are refused, which end.
func (u *uses) ended() bool {
	for i := range u.rings {
		if u.rings[i].Load() > 0 {
			return false
		}
	}
	return u.over.CompareAndSwap(false, true)
}
