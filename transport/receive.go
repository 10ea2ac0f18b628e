package transport

import (
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/xdrwire"
	"golang.org/x/sys/unix"
)

// arm queues the connection's next receive, aimed as its plan says.
func (c *Conn) arm() {
	c.engine.makeRoom()
	c.aim = c.rx.aimNext(c.plan(), c.headerBytes(), len(c.staging))
	c.receiving = true
	c.entries++
	if c.aim.direct > 0 {
		c.armPayload()
	} else {
		c.recv(c.staging[:c.aim.staging])
	}
}

// recv and recvMsg queue a receive into one piece of memory, or several.
func (c *Conn) recv(p []byte) {
	c.engine.ring.Recv(c.fd, p, c.recvFlags(), c.userData(kindRecv))
}

func (c *Conn) recvMsg() {
	c.engine.ring.RecvMsg(c.fd, c.message, c.recvFlags(), c.userData(kindRecv))
}

// plan is the plan for the next receive. There is no header to hope for behind
// the payload of the only call.
func (c *Conn) plan() Plan {
	switch {
	case c.live <= 1:
		return PlanExact
	case c.engine.opt.Plan == PlanAuto:
		return PlanOverlap
	}
	return c.engine.opt.Plan
}

// headerBytes is how many bytes from the start of a record are free of payload,
// whichever outstanding call it answers.
func (c *Conn) headerBytes() int {
	const least = xdrwire.MarkBytes + xdrwire.MinReplyBytes
	if c.bodies > 0 {
		return least
	}
	return least + c.payloadHead
}

// recvFlags has the kernel wait for all bytes where they are owed. On kernels
// that lose count of them when such a receive is cancelled it must not.
func (c *Conn) recvFlags() uint32 {
	f := &c.engine.opt.features
	if c.aim.certain && f.WaitAll.Answer == ring.Yes && f.CancelKeepsBytes.Answer == ring.Yes {
		return unix.MSG_WAITALL
	}
	return 0
}

// armPayload queues a receive that starts with payload.
func (c *Conn) armPayload() {
	e, call := c.engine, c.rx.call
	at := call.cursor
	first := at.segment(call.target, c.aim.direct)
	if c.aim.staging == 0 {
		e.stats.ExactReceives++
		if r := e.regionOf(first); r != nil && e.opt.FixedBuffers {
			e.stats.FixedReceives++
			c.readFixed(r, first)
			return
		}
		if len(first) == c.aim.direct {
			c.recv(first)
			return
		}
	} else {
		e.stats.OverlapReceives++
	}
	c.gather(nil)
	c.message.Append(c.staging[:c.aim.staging])
	c.recvMsg()
}

// readFixed receives into registered memory: all segments that lie in the first
// one's region where the kernel takes several, else the first.
func (c *Conn) readFixed(r *Region, first []byte) {
	e := c.engine
	if len(first) < c.aim.direct && e.opt.features.ReadvFixed.Answer == ring.Yes {
		c.gather(r)
		e.ring.ReadvFixed(c.fd, c.message, r.index, c.userData(kindRecv))
		return
	}
	c.aim.direct = len(first)
	e.ring.ReadFixed(c.fd, first, r.index, c.userData(kindRecv))
}

// gather lists the payload's segments in the message, as long as they lie in the
// region, if there is one, and there is room for one more; it shortens the aim
// to what it listed.
func (c *Conn) gather(within *Region) {
	call, at := c.rx.call, c.rx.call.cursor
	c.message.Reset()
	for left := c.aim.direct; left > 0; {
		p := at.segment(call.target, left)
		if within != nil && c.engine.regionOf(p) != within || c.message.Len() == ring.MaxSegments-1 {
			c.aim.direct, c.aim.staging = c.message.Bytes(), 0
			return
		}
		c.message.Append(p)
		at.advance(call.target, len(p))
		left -= len(p)
	}
}

// received takes in the completion of the receive.
func (c *Conn) received(cqe ring.CQE) {
	c.receiving = false
	c.message.Reset()
	if c.err == nil {
		c.settle(cqe)
	}
	// The kernel has let go of the memory: a call that was to end can.
	if call := c.rx.call; call != nil && call.cancelErr != nil {
		c.rx.abandon()
		c.release(call, false)
		c.engine.complete(call, call.cancelErr)
		c.startQueued()
	}
	if c.err == nil {
		c.arm()
	}
}

func (c *Conn) settle(cqe ring.CQE) {
	switch errno := cqe.Errno(); {
	case errno == unix.EINTR, errno == unix.EAGAIN, errno == unix.ECANCELED:
		// ECANCELED: for a call's sake, or because the thread that submitted
		// the receive has exited. No byte was taken.
	case errno != 0:
		c.abort(errno)
	case cqe.Result == 0:
		c.abort(c.eof())
	default:
		c.heard++
		c.engine.stats.ReceivedBytes += uint64(cqe.Result)
		if err := c.rx.settle(c.aim, c.staging, int(cqe.Result)); err != nil {
			c.abort(err)
		}
	}
}
