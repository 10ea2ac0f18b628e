package transport

import (
	"runtime"

	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/xdrwire"
	"golang.org/x/sys/unix"
)

// sender is the send side of one connection. Calls are encoded into one buffer
// while the kernel sends another: however many are added between two entries
// into the kernel leave with one send.
type sender struct {
	filling, sending sendBuffer
	sent             int          // bytes of sending that are out
	inFlight         bool         // a send entry is queued or in flight
	listed           bool         // in driver.toSend
	uses             Accelerators // that the send was made with
}

// maxUnsentBytes is how much is encoded behind a send that does not get on. Slots
// bound it, but for a server that answers calls which have not been sent.
const maxUnsentBytes = 1 << 20

// room reports whether more may be encoded; if not, a send completes before that
// changes.
func (s *sender) room() bool { return len(s.filling.b) < maxUnsentBytes }

// sendBuffer is pinned memory that grows.
type sendBuffer struct {
	b      []byte
	pinner runtime.Pinner
}

// set takes over what append returned, and pins it if it has moved.
func (s *sendBuffer) set(b []byte) {
	if cap(b) != cap(s.b) {
		s.pinner.Unpin()
		s.pinner.Pin(&b[:1][0])
	}
	s.b = b
}

func (s *sender) unpin() {
	s.filling.pinner.Unpin()
	s.sending.pinner.Unpin()
}

// enqueue encodes a call for sending.
func (c *Conn) enqueue(call *Call) {
	call.guardSame()
	c.encode(call.xid, call.Procedure, call.Cred, call.Args)
}

func (c *Conn) encode(xid uint32, p xdrwire.Procedure, cred xdrwire.Auth, args []byte) {
	b, at := xdrwire.BeginRecord(c.send.filling.b)
	b = xdrwire.AppendCall(b, xid, p, cred)
	b = append(b, args...)
	xdrwire.EndRecord(b, at)
	c.send.filling.set(b)
	c.listToSend()
}

func (c *Conn) listToSend() {
	if c.send.inFlight {
		c.engine.driver.behind = true
	} else if !c.send.listed {
		c.send.listed = true
		c.engine.driver.toSend = append(c.engine.driver.toSend, c)
	}
}

// queueSends queues a send entry for every connection that has something to
// send and nothing under way.
func (e *Engine) queueSends() {
	list := e.driver.toSend
	n := 0
	for ; n < len(list) && e.ring.Free() > 0; n++ {
		c := list[n]
		c.send.listed = false
		if c.err == nil {
			c.queueSend()
		}
	}
	e.driver.toSend = dropFirst(list, n)
}

// dropFirst drops the first n of the list, whose memory goes on being used.
func dropFirst(list []*Conn, n int) []*Conn {
	k := copy(list, list[n:])
	clear(list[k:])
	return list[:k]
}

func (c *Conn) queueSend() {
	s := &c.send
	if s.sent == len(s.sending.b) {
		s.filling, s.sending = s.sending, s.filling
		s.filling.b = s.filling.b[:0]
		s.sent = 0
	}
	e := c.engine
	flags := uint32(noSignal)
	s.uses = e.uses & CancelBytes
	if s.uses != 0 {
		// The kernel goes on until all is out, but where it loses count of what is
		// when the submitting thread exits: then all of it would be sent again.
		flags |= unix.MSG_WAITALL
	}
	e.ring.Send(c.fd, s.sending.b[s.sent:], flags, c.userData(kindSend))
	s.inFlight = true
	c.entries++
	e.driver.sends++
}

// sendDone takes in the completion of a send.
func (c *Conn) sendDone(cqe ring.CQE) {
	s := &c.send
	s.inFlight = false
	switch errno := cqe.Errno(); errno {
	case 0:
		s.sent += int(cqe.Result)
		c.engine.stats.SentBytes += uint64(cqe.Result)
	case unix.EINTR, unix.EAGAIN, unix.ECANCELED:
		// ECANCELED: the thread that submitted the send has exited. Nothing
		// of it went out.
	default:
		if c.err != nil || !c.refusedSend(errno) {
			c.abort(errno)
			return
		}
	}
	if s.sent < len(s.sending.b) || len(s.filling.b) > 0 {
		c.listToSend()
	}
	c.startQueued()
}
