package transport

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"sync/atomic"

	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

// Conn is one connection to an RPC server. Its methods are safe from many
// goroutines.
type Conn struct {
	engine *Engine
	opt    ConnOptions
	peer   string
	id     uint32
	fd     int
	guard  connGuard

	// Read without the lock, by those who choose among connections.
	outstanding atomic.Int64 // live and in the backlog
	ended       atomic.Bool  // takes no calls any more

	// Guarded by Engine.mu.
	slots   slots
	backlog callList // accepted, waiting for a slot
	live    int      // calls in slots, without the dead
	bodies  int      // of those, calls whose result is collected
	large   int      // of those, reads that are not small
	sent    callList // reply outstanding, in the order of sending
	trust   trust
	send    sender
	closing bool  // new calls are refused
	err     error // why the connection has ended; nil while it lives
	keeping bool  // it has ended, and calls wait in the backlog to be sent again
	retired bool  // another is in its place
	redial  error // why there was no new connection, at the last try
	entries int   // entries queued or in flight

	rx          receiver
	payloadHead int    // least usual head of the calls with payload so far
	heardBefore uint64 // rx.heard, when the first of the dead slots died
	silence     silence
	aim         aim
	receiving   bool         // a receive is queued or in flight
	hoped       int          // bytes it is aimed at
	recvUses    Accelerators // that it was made with
	lowat       int          // bytes that wake it up
	cancelling  bool         // it is to be cancelled
	listedToArm bool         // in driver.toArm
	message     *ring.Message
	staging     []byte
	pinner      runtime.Pinner
}

// NewConn runs RPC over the connected TCP socket fd, which the connection owns
// from here on, also if there is an error: no poller may have it. peer is what
// errors call the server.
func (e *Engine) NewConn(fd int, peer string, o ConnOptions) (*Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.unfit(); err != nil {
		unix.Close(fd)
		return nil, err
	}
	if err := e.ring.Attach(fd); err != nil {
		return nil, fmt.Errorf("transport: taking over the socket to %s: %w", peer, err)
	}
	o = o.withDefaults()
	c := &Conn{
		engine:  e,
		opt:     o,
		peer:    peer,
		fd:      fd,
		slots:   newSlots(o.Depth),
		message: new(ring.Message),
		staging: make([]byte, o.StagingBytes),
		trust:   trust{need: needAtFirst},
		lowat:   1,
	}
	c.rx = newReceiver(c, &e.stats, &e.scratch)
	c.pinner.Pin(&c.staging[0])
	c.id = e.freeID()
	e.conns[c.id] = c
	c.listToArm()
	e.lazily()
	return c, nil
}

// freeID finds a place for a connection. A place is free again when the last
// entry of the connection that had it has completed, so that no completion can
// be taken for another's.
func (e *Engine) freeID() uint32 {
	for i, c := range e.conns {
		if c == nil {
			return uint32(i)
		}
	}
	e.conns = append(e.conns, nil)
	return uint32(len(e.conns) - 1)
}

// Peer is the server's address as given to NewConn.
func (c *Conn) Peer() string { return c.peer }

// Err is why the connection has ended, nil while it lives.
func (c *Conn) Err() error {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	if c.err == nil {
		return nil
	}
	return c.lostError()
}

// Outstanding is the number of calls accepted and not finished: what a caller
// with several connections balances by. One that takes no calls any more has
// math.MaxInt. It takes no lock.
func (c *Conn) Outstanding() int {
	if c.ended.Load() {
		return math.MaxInt
	}
	return int(c.outstanding.Load())
}

// Close ends the connection when its calls are done, or after
// Options.CloseTimeout; calls left then fail with [ErrClosed]. New calls are
// refused from the start.
func (c *Conn) Close() error {
	e := c.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	c.closing = true
	c.ended.Store(true)
	c.forsake(ErrClosed)
	e.driveUntil(e.opt.CloseTimeout, func() bool { return c.live+c.backlog.count == 0 })
	c.abort(ErrClosed)
	e.driveUntil(e.opt.CloseTimeout, func() bool { return c.fd < 0 })
	return nil
}

func (c *Conn) lostError() error {
	if errors.Is(c.err, ErrClosed) {
		return ErrClosed
	}
	return &ConnError{Peer: c.peer, Err: c.err, Redial: c.redial}
}

// accept takes a call in. The conn is alive.
func (c *Conn) accept(call *Call) {
	call.Err, call.Received, call.Body = nil, 0, call.Body[:0]
	call.xid, call.cursor, call.cancelErr = 0, cursor{}, nil
	call.size = 0
	for _, p := range call.Iovs {
		call.size += len(p)
	}
	call.target = call.Iovs
	if call.Bounce {
		if cap(call.bounce[0]) < call.size {
			call.bounce[0] = make([]byte, call.size)
		}
		call.bounce[0] = call.bounce[0][:call.size]
		call.target = call.bounce[:]
	}
	for _, p := range call.target {
		if len(p) > 0 && c.engine.regionOf(p) == nil {
			call.pinner.Pin(&p[0])
		}
	}
	call.guardTaken()
	c.engine.deadline.consider(call.Deadline)
	c.outstanding.Add(1)
	c.enter(call)
}

// enter has the call sent as soon as it can be. On a connection that has ended it
// waits.
func (c *Conn) enter(call *Call) {
	c.backlog.push(call)
	c.startQueued()
	c.watch()
}

// startQueued sends calls from the backlog as far as slots are free and the server
// takes in what is sent.
func (c *Conn) startQueued() {
	for c.err == nil && c.backlog.head != nil && c.slots.available() && c.send.room() {
		call := c.backlog.pop()
		call.xid = c.slots.occupy(call)
		call.state = stateSent
		c.sent.push(call)
		c.rx.allow(call)
		c.live++
		c.engine.driver.live++
		if call.size > smallPayload {
			c.large++
			c.engine.driver.large++
		}
		if call.Reply == nil {
			c.bodies++
		} else if h := call.Reply.UsualHead(); h < c.payloadHead || c.payloadHead == 0 {
			c.payloadHead = h
		}
		c.enqueue(call)
	}
}

// release ends a call's stay in its slot. A dead slot stays taken until the late
// reply comes: the server still counts the call as outstanding.
func (c *Conn) release(call *Call, dead bool) {
	c.slots.vacate(call.xid, dead)
	if call.state == stateSent {
		c.sent.remove(call)
	}
	c.live--
	c.engine.driver.live--
	if call.size > smallPayload {
		c.large--
		c.engine.driver.large--
	}
	if call.Reply == nil {
		c.bodies--
	}
}

// lookup implements calls for the receiver.
func (c *Conn) lookup(xid uint32) (_ *Call, late bool) {
	call, late := c.slots.find(xid)
	if call == nil {
		switch {
		case late:
			c.engine.stats.LateReplies++
			c.startQueued()
		case c.silence.xid != 0 && xid == c.silence.xid:
			late = true // the ping's
		default:
			c.engine.stats.UnknownReplies++
		}
		return nil, late
	}
	inOrder := call == c.sent.head
	if !inOrder {
		c.engine.stats.OutOfOrder++
	}
	c.trust.replied(inOrder)
	c.sent.remove(call)
	call.state = stateReceiving
	return call, false
}

// expected implements calls for the receiver.
func (c *Conn) expected(after *Call) *Call {
	if after == nil {
		return c.sent.head
	}
	return after.next
}

// finish implements calls for the receiver.
func (c *Conn) finish(call *Call, err error) {
	c.engine.driver.answered++
	c.release(call, false)
	c.engine.complete(call, err)
	c.startQueued()
}

// cancel ends a call early. Where the kernel may be writing to the call's
// memory, the receive's own completion comes first.
func (c *Conn) cancel(call *Call, err error) {
	switch {
	case call.state == stateIdle || call.state == stateDone: // ended meanwhile
	case call.cancelErr != nil && call.cancelErr != errLost: // on its way
	case call.aimed:
		call.cancelErr = err
		c.cancelling = true
		c.listToArm()
	default:
		c.giveUp(call, err)
	}
}

// giveUp ends a call that no receive is aimed at. The late reply to a call that
// was sent is dropped when it comes.
func (c *Conn) giveUp(call *Call, err error) {
	if err == errLost {
		c.drop(call)
		return
	}
	switch call.state {
	case stateQueued:
		c.backlog.remove(call)
	case stateSent:
		if c.slots.dead == 0 {
			c.heardBefore = c.rx.heard
		}
		c.release(call, true)
	case stateReceiving:
		c.rx.abandon()
		c.release(call, false)
	}
	receiving := call.state == stateReceiving
	c.engine.complete(call, err)
	if receiving {
		c.startQueued()
	} else {
		c.checkSilence(err)
	}
}

// checkSilence gives the connection up when a deadline passes, every slot waits
// for a reply to a call that was given up, and nothing of any reply has come since
// the first of them was. Callers that cancel prove nothing about the server.
func (c *Conn) checkSilence(why error) {
	if why == ErrDeadline && c.slots.allDead() && c.rx.heard == c.heardBefore {
		c.abort(ErrSilent)
	}
}

// abort ends the connection. Its calls fail or are kept, except one whose memory
// a receive is aimed at: that one waits for the receive's completion, which the
// shutdown brings about.
func (c *Conn) abort(why error) {
	if c.err != nil {
		return
	}
	c.err = why
	c.ended.Store(true)
	e := c.engine
	if why != ErrClosed {
		e.stats.LostConns++
		e.opt.Logger.Warn("connection ended", "peer", c.peer, "err", why)
		c.tellLost()
	}
	unix.Shutdown(c.fd, unix.SHUT_RDWR)
	unsent := c.backlog
	c.backlog = callList{}
	if call := c.rx.call; call != nil {
		c.drop(call)
	}
	for call := c.sent.head; call != nil; {
		next := call.next
		c.drop(call)
		call = next
	}
	for call := unsent.pop(); call != nil; call = unsent.pop() {
		c.lose(call)
	}
	c.listToArm() // for its burial
	e.lazily()
}

// reapIfDead closes the socket when the last entry of an ended connection has
// completed. The connection's place is free when no call waits on it any more.
func (c *Conn) reapIfDead() {
	if c.err == nil || c.entries > 0 {
		return
	}
	if c.fd >= 0 {
		c.engine.ring.Detach(c.fd)
		c.fd = -1
		c.pinner.Unpin()
		c.send.unpin()
		c.staging, c.send.filling.b, c.send.sending.b = nil, nil, nil
	}
	if !c.keeping && c.engine.conns[c.id] == c {
		c.engine.conns[c.id] = nil
	}
}

// eof is what the end of the stream means where it came.
func (c *Conn) eof() error {
	if c.rx.recordOpen() || c.rx.markLen > 0 {
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}
