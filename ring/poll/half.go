package poll

import (
	"time"

	"golang.org/x/sys/unix"
)

// half is one direction of a socket, with the entry it is at.
//
// busy and userData are guarded by Ring.mu. The entry's state belongs to the
// submitter, who holds Ring.submit, until it calls wait, and from then on to the
// goroutine that waits, until that calls finish. interrupted is the submitter's.
type half struct {
	ring     *Ring
	busy     bool
	userData uint64

	segments [][]byte // the entry's memory, as far as it is still to be done
	whole    bool     // go on until all is done
	took     int      // bytes done
	errno    unix.Errno
	vectors  vectors

	interrupted bool // the deadline is in the past
	transfer    func(fd int) (n int, err error)
	onPoller    func(func(fd uintptr) bool) error // of a syscall.RawConn
	setDeadline func(time.Time) error

	try  func(fd uintptr) bool // h.attempt and h.work, made once: an
	work func()                // entry allocates nothing
}

func (h *half) init(r *Ring, transfer func(int) (int, error),
	onPoller func(func(uintptr) bool) error, setDeadline func(time.Time) error) {
	*h = half{ring: r, transfer: transfer, onPoller: onPoller, setDeadline: setDeadline}
	h.try, h.work = h.attempt, h.waitAndFinish
}

// aim makes the entry the one that the half is at.
func (h *half) aim(e *entry) {
	if e.message != nil {
		h.segments = e.message.AppendSegments(h.segments[:0])
	} else {
		h.segments = append(h.segments[:0], e.p)
	}
	h.whole, h.took, h.errno = e.waitAll, 0, 0
}

// attempt does as much as can be done at once, and reports whether the entry is to
// complete.
func (h *half) attempt(fd uintptr) bool {
	for {
		h.ring.calls.Add(1)
		n, err := h.transfer(int(fd))
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return false
		case err != nil:
			h.errno = errnoOf(err)
			return true
		case n == 0:
			return true // the end of the stream
		}
		h.took += n
		h.segments = advance(h.segments, n)
		if !h.whole || len(h.segments) == 0 {
			return true
		}
	}
}

// wait has a goroutine go on with the entry when the socket is ready.
func (h *half) wait() {
	if h.interrupted {
		// For an earlier entry, which has completed.
		h.interrupted = false
		h.setDeadline(time.Time{})
	}
	h.ring.waiting.Add(1)
	go h.work()
}

// interrupt makes the entry complete with what it has. It may do so by itself at
// the same time.
func (h *half) interrupt() {
	h.interrupted = true
	h.setDeadline(time.Unix(0, 1))
}

func (h *half) waitAndFinish() {
	defer h.ring.waiting.Done()
	// Readiness is signalled once: the first attempt comes after the poller was
	// told to look out for it.
	if h.onPoller(h.try) != nil {
		h.errno = unix.ECANCELED // interrupted, or the socket was closed
	}
	h.finish()
}

// finish posts the entry's completion: nothing of its memory is touched any more.
func (h *half) finish() {
	result := int32(h.took)
	if h.took == 0 {
		result = -int32(h.errno)
	}
	clear(h.segments)
	r := h.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	h.busy = false
	r.postLocked(h.userData, result)
}
