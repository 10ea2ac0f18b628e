//go:build linux

package ring

import (
	"sync/atomic"
)

// SetNotify turns the signal on or off that wakes [Ring.Park] when a completion
// arrives. It is off after New: a caller that waits in Enter needs no second
// wake-up. After turning it on, look at [Ring.Ready] once before parking: a
// completion that came before is not signalled.
func (r *Ring) SetNotify(on bool) {
	var flags uint32
	if !on {
		flags = cqEventfdDisabled
	}
	atomic.StoreUint32(r.q.cqFlags, flags)
}

// Park blocks the goroutine, not its thread, on the runtime's poller until a
// completion is signalled (see [Ring.SetNotify]) or [Ring.Wake] is called.
// After Close it returns os.ErrClosed.
func (r *Ring) Park() error {
	var count [8]byte
	_, err := r.note.Read(count[:])
	return err
}

// Wake makes the current or the next Park return.
func (r *Ring) Wake() error {
	// One in host order: eventfd(2) counts in units of a native uint64, and
	// any value but zero does.
	_, err := r.note.Write([]byte{1, 0, 0, 0, 0, 0, 0, 1})
	return err
}
