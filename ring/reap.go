//go:build linux

package ring

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Reap copies completions into dst, gives their room back to the kernel and
// returns how many there were. It makes a syscall only if the kernel holds
// completions that did not fit the queue.
func (r *Ring) Reap(dst []CQE) int {
	r.guardMapped()
	if len(r.withdrawn) > 0 {
		n := copy(dst, r.withdrawn)
		r.withdrawn = r.withdrawn[n:]
		r.inFlight.Add(-int64(n))
		return n
	}
	if atomic.LoadUint32(r.q.sqFlags)&(sqCQOverflow|sqTaskrun) != 0 {
		r.enter(0, 0, enterGetEvents, 0, true)
	}
	head := *r.q.cqHead
	tail := atomic.LoadUint32(r.q.cqTail)
	n := 0
	for ; n < len(dst) && head != tail; n++ {
		e := &r.q.cqes[head&r.q.cqMask]
		dst[n] = CQE{UserData: e.UserData(), Result: e.Result(), Flags: e.Flags()}
		if dst[n].Flags&cqeMore == 0 {
			r.inFlight.Add(-1)
		}
		head++
	}
	atomic.StoreUint32(r.q.cqHead, head)
	r.guardReaped()
	return n
}

// Ready reports whether a completion waits to be reaped.
func (r *Ring) Ready() bool {
	return len(r.withdrawn) > 0 || atomic.LoadUint32(r.q.cqHead) != atomic.LoadUint32(r.q.cqTail)
}

// CanWait reports whether Enter could wait with a bound when the ring was made
// (IORING_FEAT_EXT_ARG, since 5.11).
func (r *Ring) CanWait() bool { return r.waitErr == nil }

// Enter submits what is queued and, if min > 0, waits until that many
// completions are there or the wait has passed, whichever is first; running out
// of time is not an error. The call keeps the goroutine's P: wait is meant to be
// well below a millisecond. Without [Ring.CanWait] it does not wait at all.
//
// The error is the kernel's errno, in a [ForbiddenError] where a filter has refused
// the call; EAGAIN and EBUSY mean that it wants completions reaped first. What is
// queued stays queued.
func (r *Ring) Enter(min uint32, wait time.Duration) error {
	return r.enterFor(min, wait, true)
}

// EnterAway is Enter for a goroutine that gives its P away meanwhile: for entries
// with so much to copy that the kernel itself takes long.
func (r *Ring) EnterAway(min uint32, wait time.Duration) error {
	return r.enterFor(min, wait, false)
}

func (r *Ring) enterFor(min uint32, wait time.Duration, keepP bool) error {
	r.guardEnter()
	var flags uint32
	if r.params.Flags&setupDeferTaskrun != 0 {
		flags = enterGetEvents
	}
	if min > 0 && wait > 0 && r.CanWait() {
		flags |= enterGetEvents
	} else {
		min, wait = 0, 0
	}
	return r.enter(uint32(r.Queued()), min, flags, wait, keepP)
}

func (r *Ring) enter(submit, min, flags uint32, wait time.Duration, keepP bool) error {
	for {
		r.enters.Add(1)
		taken, errno := rawEnter(r.fd, submit, min, flags, wait, keepP)
		switch errno {
		case 0:
			// Another thread's Enter took some of what was queued. The kernel
			// does not wait when there is less to take than it was told.
			if min == 0 || uint32(taken) >= submit {
				return nil
			}
			submit = uint32(r.Queued())
		case unix.ETIME:
			return nil
		case unix.EINTR:
			// A signal cut the wait short. The caller looks at its
			// completions and waits again; what was not submitted yet is
			// tried again here.
			if submit = uint32(r.Queued()); submit == 0 {
				return nil
			}
		default:
			return refusal("io_uring_enter", errno)
		}
	}
}
