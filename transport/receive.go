package transport

import (
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/xdrwire"
	"golang.org/x/sys/unix"
)

// listToArm has the connection's receive seen to at the next entry into the
// kernel: then most is known of what is outstanding.
func (c *Conn) listToArm() {
	if !c.listedToArm {
		c.listedToArm = true
		c.engine.driver.toArm = append(c.engine.driver.toArm, c)
	}
}

// queueReceives queues a receive for every connection that has none in flight,
// cancels those that stand in a call's way, and buries connections that have
// ended.
func (e *Engine) queueReceives() {
	list := e.driver.toArm
	n := 0
	for ; n < len(list) && e.ring.Free() > 0; n++ {
		c := list[n]
		c.listedToArm = false
		switch {
		case c.receiving && c.cancelling:
			c.cancelling = false
			c.entries++
			c.guardCancel(1)
			e.ring.Cancel(c.userData(kindRecv), c.userData(kindCancel))
		case c.receiving:
		case c.err == nil:
			c.arm()
		default:
			c.reapIfDead()
		}
	}
	e.driver.toArm = dropFirst(list, n)
}

// arm queues the connection's next receive, aimed as its plan says.
func (c *Conn) arm() {
	e := c.engine
	c.rx.aimNext(&c.aim, sight{c.plan(), c.headerBytes(), len(c.staging), smallPayload})
	c.receiving, c.recvUses = true, 0
	c.entries++
	if c.live > 0 {
		e.stats.aimed(c.aim.plan)
	}
	c.setLowat()
	first := &c.aim.parts[0]
	switch {
	case len(c.aim.parts) > 1:
		c.gather(nil)
		c.recvMsg()
	case first.call == nil:
		c.recv(c.staging[:first.n])
	default:
		c.armPayload(first)
	}
	c.hoped = c.aim.bytes() // settle changes the aim
	e.driver.hoped += c.hoped
	for i := range c.aim.parts {
		if call := c.aim.parts[i].call; call != nil {
			call.aimed = true
		}
	}
	c.guardArmed()
}

// recv and recvMsg queue a receive into one piece of memory, or several.
func (c *Conn) recv(p []byte) {
	c.engine.ring.Recv(c.fd, p, c.recvFlags(), c.userData(kindRecv))
}

func (c *Conn) recvMsg() {
	c.engine.ring.RecvMsg(c.fd, c.message, c.recvFlags(), c.userData(kindRecv))
}

// plan is the plan for the next receive.
func (c *Conn) plan() Plan {
	p := c.engine.opt.Plan
	switch {
	case p == PlanExact, p == PlanStaged:
		return p
	case p == PlanAuto && c.live > 0 && c.large == 0:
		return PlanStaged
	case c.live == 0, c.live == 1 && c.rx.call != nil:
		// There is nothing to hope for behind the only call's payload.
		return PlanExact
	case p == PlanSpeculative, p == PlanAuto && c.trust.earned():
		return PlanSpeculative
	case c.live == 1:
		return PlanExact
	}
	return PlanOverlap
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
// that lose count of them when such a receive is cancelled it must not, nor
// while the last of them may be fewer than a wake-up takes.
func (c *Conn) recvFlags() ring.RecvFlags {
	switch {
	case c.lowat > 1 && c.engine.has(PollFirst):
		c.recvUses = PollFirst
		return ring.PollFirst
	case c.lowat == 1 && c.aim.certain && c.engine.has(WaitAll):
		c.recvUses = WaitAll
		return unix.MSG_WAITALL
	}
	return 0
}

// armPayload queues a receive of nothing but one call's payload.
func (c *Conn) armPayload(p *part) {
	e, at := c.engine, p.at
	first := at.segment(p.call.target, p.n)
	r := e.regionOf(first)
	fixed := r != nil && r.index >= 0 && e.opt.FixedBuffers && c.aim.plan == PlanExact
	switch {
	case fixed && len(first) < p.n && e.has(ReadvFixed):
		e.stats.FixedReceives++
		c.gather(r)
		c.recvUses = ReadvFixed
		e.fixed.ReadvFixed(c.fd, c.message, r.index, c.userData(kindRecv))
	case fixed && e.has(ReadFixed):
		e.stats.FixedReceives++
		p.n = len(first)
		c.recvUses = ReadFixed
		e.fixed.ReadFixed(c.fd, first, r.index, c.userData(kindRecv))
	case len(first) == p.n:
		c.recv(first)
	default:
		c.gather(nil)
		c.recvMsg()
	}
}

// gather lists the aim's memory in the message, as long as there is room and, if
// a region is given, as it lies in there; it shortens the aim to what it listed.
func (c *Conn) gather(within *Region) {
	c.message.Reset()
	staging := c.staging
	for i := range c.aim.parts {
		p := &c.aim.parts[i]
		if p.call == nil {
			if !c.message.Append(staging[:p.n]) {
				c.aim.parts = c.aim.parts[:i]
				return
			}
			staging = staging[p.n:]
			continue
		}
		at := p.at
		for left := p.n; left > 0; {
			piece := at.segment(p.call.target, left)
			if within != nil && c.engine.regionOf(piece) != within || !c.message.Append(piece) {
				p.n -= left
				c.aim.parts = c.aim.parts[:i+1]
				return
			}
			at.advance(p.call.target, len(piece))
			left -= len(piece)
		}
	}
}

// received takes in the completion of the receive.
func (c *Conn) received(cqe ring.CQE) {
	c.receiving, c.cancelling = false, false
	c.engine.driver.hoped -= c.hoped
	c.message.Reset()
	// The kernel has let go of the memory.
	if c.err == nil {
		c.settle(cqe)
	}
	for i := range c.aim.parts {
		call := c.aim.parts[i].call
		if call == nil {
			continue
		}
		call.aimed = false
		if call.cancelErr != nil && call.state != stateDone {
			c.giveUp(call, call.cancelErr)
		}
	}
	clear(c.aim.parts) // calls that are the callers' again
	if c.err == nil {
		c.listToArm()
	}
}

func (c *Conn) settle(cqe ring.CQE) {
	switch errno := cqe.Errno(); {
	case errno == unix.EINTR, errno == unix.EAGAIN, errno == unix.ECANCELED:
		// ECANCELED: for a call's sake, or because the thread that submitted
		// the receive has exited. No byte was taken.
	case errno != 0:
		if !c.refusedReceive(errno) {
			c.abort(errno)
		}
	case cqe.Result == 0:
		c.abort(c.eof())
	default:
		c.engine.stats.ReceivedBytes += uint64(cqe.Result)
		missed, err := c.rx.settle(&c.aim, c.staging, int(cqe.Result))
		if missed {
			c.engine.stats.WrongGuesses++
			c.trust.missed()
		}
		if err != nil {
			c.abort(err)
		}
	}
}
