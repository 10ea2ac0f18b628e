package poll

import (
	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

// entry is what was queued and not yet taken up by Enter.
type entry struct {
	kind     kind
	waitAll  bool
	fd       int
	p        []byte        // what to receive into, or to send
	message  *ring.Message // instead of p
	target   uint64        // of a cancel
	userData uint64
}

type kind uint8

const (
	kindNop kind = iota
	kindRecv
	kindSend
	kindCancel
)

func (r *Ring) push(e entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == r.size {
		return ring.ErrFull
	}
	r.queue = append(r.queue, e)
	r.inFlight++
	return nil
}

// Withdraw takes back what is queued and Enter has not taken up: it completes with
// ECANCELED.
func (r *Ring) Withdraw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.queue {
		r.postLocked(e.userData, -int32(unix.ECANCELED))
	}
	clear(r.queue)
	r.queue = r.queue[:0]
}

// Queued is the number of entries that Enter has not taken up yet.
func (r *Ring) Queued() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue)
}

// Free is the number of entries that can be queued before the next Enter.
func (r *Ring) Free() int { return r.size - r.Queued() }

// Nop queues an entry that does nothing but complete.
func (r *Ring) Nop(userData uint64) error {
	return r.push(entry{kind: kindNop, userData: userData})
}

// Recv queues a receive from the socket fd into p. Of the flags MSG_WAITALL has an
// effect: the entry completes when p is full, at the end of the stream, with an
// error, or when it is cancelled.
func (r *Ring) Recv(fd int, p []byte, flags ring.RecvFlags, userData uint64) error {
	return r.push(entry{kind: kindRecv, fd: fd, p: p, waitAll: flags&unix.MSG_WAITALL != 0, userData: userData})
}

// RecvMsg is Recv into the segments of m, which is read when Enter takes the entry
// up, and not later.
func (r *Ring) RecvMsg(fd int, m *ring.Message, flags ring.RecvFlags, userData uint64) error {
	return r.push(entry{kind: kindRecv, fd: fd, message: m, waitAll: flags&unix.MSG_WAITALL != 0, userData: userData})
}

// Send queues p to be sent to the socket fd. Of msgFlags MSG_WAITALL has an effect:
// the entry completes when all is sent, or with an error. There is no SIGPIPE: the
// Go runtime sees to that.
func (r *Ring) Send(fd int, p []byte, msgFlags uint32, userData uint64) error {
	return r.push(entry{kind: kindSend, fd: fd, p: p, waitAll: msgFlags&unix.MSG_WAITALL != 0, userData: userData})
}

// Cancel queues a request to cancel the entry in flight whose user data is target.
// Its own completion carries 0, or ENOENT if there is no such entry. The target
// completes for itself: with ECANCELED, or the bytes it has.
func (r *Ring) Cancel(target, userData uint64) error {
	return r.push(entry{kind: kindCancel, target: target, userData: userData})
}
