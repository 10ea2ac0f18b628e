package poll

import (
	"time"

	"golang.org/x/sys/unix"
)

// Enter takes up what is queued and, if min > 0, waits until that many completions
// are there, or have been reaped meanwhile, or the wait has passed, whichever is
// first. It returns no error: what entries meet is in their completions.
func (r *Ring) Enter(min uint32, wait time.Duration) error {
	r.mu.Lock()
	target := r.done.reaped + uint64(min)
	r.mu.Unlock()
	r.takeUp()
	if min > 0 && wait > 0 {
		r.await(target, wait)
	}
	return nil
}

// EnterAway is Enter, which keeps no P anyway.
func (r *Ring) EnterAway(min uint32, wait time.Duration) error { return r.Enter(min, wait) }

// takeUp does what is queued, as far as it can be done at once. One goroutine at a
// time: an entry finds all that were queued before it in flight or done.
func (r *Ring) takeUp() {
	r.submit.Lock()
	defer r.submit.Unlock()
	r.mu.Lock()
	r.batch, r.queue = r.queue, r.batch[:0]
	r.mu.Unlock()
	for i := range r.batch {
		r.start(&r.batch[i])
	}
	clear(r.batch)
}

func (r *Ring) start(e *entry) {
	switch e.kind {
	case kindNop:
		r.post(e.userData, 0)
	case kindCancel:
		r.post(e.userData, -int32(r.cancel(e.target)))
	default:
		r.transfer(e)
	}
}

// transfer starts a receive or a send.
func (r *Ring) transfer(e *entry) {
	h, errno := r.claim(e)
	if errno != 0 {
		r.post(e.userData, -int32(errno))
		return
	}
	h.aim(e)
	if h.attempt(uintptr(e.fd)) {
		h.finish()
		return
	}
	h.wait()
}

// claim finds the half of a socket that an entry is for, and makes it busy.
func (r *Ring) claim(e *entry) (*half, unix.Errno) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sockets[e.fd]
	if s == nil {
		return nil, unix.EBADF
	}
	h := &s.in
	if e.kind == kindSend {
		h = &s.out
	}
	if h.busy {
		return nil, unix.EBUSY
	}
	h.busy, h.userData = true, e.userData
	return h, 0
}

// cancel has the entry with this user data end soon.
func (r *Ring) cancel(userData uint64) unix.Errno {
	h := r.find(userData)
	if h == nil {
		return unix.ENOENT
	}
	h.interrupt()
	return 0
}

func (r *Ring) find(userData uint64) *half {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sockets {
		for _, h := range []*half{&s.in, &s.out} {
			if h.busy && h.userData == userData {
				return h
			}
		}
	}
	return nil
}
