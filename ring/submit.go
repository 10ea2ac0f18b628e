//go:build linux

package ring

import (
	"sync/atomic"

	iouring "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// next hands out the entry to fill, or nil when the queue is full.
func (r *Ring) next() *sqe {
	r.guardQueue()
	if r.Free() == 0 {
		return nil
	}
	e := &r.q.sqes[r.sqTail&r.q.sqMask]
	e.Reset()
	return e
}

// publish shows the entry filled last to the kernel, which reads it at the next
// Enter. The store orders the entry's bytes before the tail.
func (r *Ring) publish() {
	r.sqTail++
	r.inFlight.Add(1)
	atomic.StoreUint32(r.q.sqTail, r.sqTail)
}

// Withdraw takes back what is queued and the kernel has not taken: it completes with
// ECANCELED. Nobody may be inside Enter. It is for rings whose Enter is refused.
func (r *Ring) Withdraw() {
	r.guardWithdrawn()
	head := atomic.LoadUint32(r.q.sqHead)
	for i := head; i != r.sqTail; i++ {
		r.withdrawn = append(r.withdrawn, CQE{UserData: userDataOf(&r.q.sqes[i&r.q.sqMask]), Result: -int32(unix.ECANCELED)})
	}
	r.sqTail = head
	atomic.StoreUint32(r.q.sqTail, head)
}

// Queued is the number of entries the kernel has not taken yet.
func (r *Ring) Queued() int {
	return int(atomic.LoadUint32(r.q.sqTail) - atomic.LoadUint32(r.q.sqHead))
}

// Free is the number of entries that can be queued before the next Enter.
func (r *Ring) Free() int {
	return len(r.q.sqes) - int(r.sqTail-atomic.LoadUint32(r.q.sqHead))
}

func (r *Ring) queue(op uint8, fd int, addr uint64, length uint32, offset uint64, userData uint64) *sqe {
	e := r.next()
	if e == nil {
		return nil
	}
	e.PrepOperation(op, int32(fd), addr, length, offset)
	e.SetUserData(userData)
	return e
}

// Nop queues an entry that does nothing but complete.
func (r *Ring) Nop(userData uint64) error {
	if r.queue(iouring.IORING_OP_NOP, -1, 0, 0, 0, userData) == nil {
		return ErrFull
	}
	r.publish()
	return nil
}

// Recv queues recv(2) from the socket fd into p.
func (r *Ring) Recv(fd int, p []byte, flags RecvFlags, userData uint64) error {
	e := r.queue(iouring.IORING_OP_RECV, fd, addressOf(p), uint32(len(p)), 0, userData)
	if e == nil {
		return ErrFull
	}
	setRecvFlags(e, flags)
	r.publish()
	return nil
}

func setRecvFlags(e *sqe, flags RecvFlags) {
	e.SetOpFlags(uint32(flags))
	if flags&PollFirst != 0 {
		e.SetIoprio(recvSendPollFirst)
	}
}

// Send queues send(2) of p to the socket fd with msgFlags (MSG_*).
func (r *Ring) Send(fd int, p []byte, msgFlags uint32, userData uint64) error {
	e := r.queue(iouring.IORING_OP_SEND, fd, addressOf(p), uint32(len(p)), 0, userData)
	if e == nil {
		return ErrFull
	}
	e.SetOpFlags(msgFlags)
	r.publish()
	return nil
}

// RecvMsg queues recvmsg(2) from the socket fd into the segments of m. The
// kernel reads m and its iovecs when the entry is submitted, not later; the
// memory they point to is lent until the completion.
func (r *Ring) RecvMsg(fd int, m *Message, flags RecvFlags, userData uint64) error {
	e := r.queue(iouring.IORING_OP_RECVMSG, fd, m.address(), 1, 0, userData)
	if e == nil {
		return ErrFull
	}
	setRecvFlags(e, flags)
	r.guardMessage(m)
	r.publish()
	return nil
}

// ReadFixed queues a read from fd into p, which lies inside the buffer
// registered at index of the ring's [BufferTable].
func (r *Ring) ReadFixed(fd int, p []byte, index int, userData uint64) error {
	// Sockets have no position: offset -1 means "the current one".
	e := r.queue(iouring.IORING_OP_READ_FIXED, fd, addressOf(p), uint32(len(p)), ^uint64(0), userData)
	if e == nil {
		return ErrFull
	}
	e.SetBufIndex(uint16(index))
	r.publish()
	return nil
}

// ReadvFixed queues a read from fd into the segments of m, all of which lie
// inside the one buffer registered at index. Since 6.15.
func (r *Ring) ReadvFixed(fd int, m *Message, index int, userData uint64) error {
	e := r.queue(opReadvFixed, fd, m.iovAddress(), uint32(m.Len()), ^uint64(0), userData)
	if e == nil {
		return ErrFull
	}
	e.SetBufIndex(uint16(index))
	r.guardMessage(m)
	r.publish()
	return nil
}

// RecvFixed is Recv into p, which lies inside the buffer registered at index.
// Since 7.2.
func (r *Ring) RecvFixed(fd int, p []byte, index int, msgFlags uint32, userData uint64) error {
	e := r.queue(iouring.IORING_OP_RECV, fd, addressOf(p), uint32(len(p)), 0, userData)
	if e == nil {
		return ErrFull
	}
	e.SetOpFlags(msgFlags)
	e.SetIoprio(recvSendFixedBuf)
	e.SetBufIndex(uint16(index))
	r.publish()
	return nil
}

// Cancel queues a request to cancel the entry in flight whose user data is
// target. Its own completion carries 0, ENOENT (no such entry) or EALREADY (it
// is running and cannot be stopped); the target always completes for itself.
func (r *Ring) Cancel(target, userData uint64) error {
	if r.queue(iouring.IORING_OP_ASYNC_CANCEL, -1, target, 0, 0, userData) == nil {
		return ErrFull
	}
	r.publish()
	return nil
}
