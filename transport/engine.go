package transport

import (
	"errors"
	"sync"
	"time"

	"github.com/ringreadv/ringreadv/ring"
)

// Engine drives connections over one ring. All methods are safe from many
// goroutines.
type Engine struct {
	opt Options

	mu      sync.Mutex
	ring    ioRing
	fixed   fixedRing // nil where memory cannot be registered
	kind    EngineKind
	uses    Accelerators
	cqes    [64]ring.CQE
	conns   []*Conn // by id; nil where a connection has gone
	table   bufferTable
	regions []*Region // by address
	lent    lentRanges
	scratch []byte // of settle, to move bytes
	guard   engineGuard
	stats   Stats

	driver   driver
	deadline deadlineTimer
	watcher  watcher

	closing bool  // no new work
	closed  bool  // nobody enters the kernel any more
	gone    bool  // so is the ring
	broken  error // why the ring cannot be entered any more
	leaked  error
	leaking bool // the kernel has memory for good
	keeper  sync.WaitGroup
	lost    sync.WaitGroup // calls of ConnOptions.Lost
}

// NewEngine sets up a ring of the kind that the options say. Errors are those of
// ring.New, unless the engine may do without io_uring, and that [EngineVariable] or
// [WithoutVariable] say something else than names.
func NewEngine(o Options) (*Engine, error) {
	o = o.withDefaults()
	b, err := newBacking(&o)
	if err != nil {
		return nil, err
	}
	return newEngineOn(b, o), nil
}

// newEngineOn makes an engine of a ring and options that are complete.
func newEngineOn(b backing, o Options) *Engine {
	e := &Engine{opt: o, ring: b.ring, fixed: b.fixed, kind: b.kind, uses: (b.offers &^ o.Without).standing()}
	e.driver.tick = newStoppedTimer(e.onTick)
	e.deadline.timer = newStoppedTimer(e.expire)
	e.watcher.timer = newStoppedTimer(e.lookForSilence)
	e.keeper.Go(e.keep)
	return e
}

// unfit is why the engine takes no connection, nil if it does. The lock is held.
func (e *Engine) unfit() error {
	if e.closing {
		return ErrClosed
	}
	return e.broken
}

func newStoppedTimer(f func()) *time.Timer {
	t := time.AfterFunc(time.Hour, f)
	t.Stop()
	return t
}

// Kind is what the engine works with: EngineURing or EnginePoller.
func (e *Engine) Kind() EngineKind { return e.kind }

// Stats returns a snapshot of the counters.
func (e *Engine) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stats
	s.Syscalls += e.ring.Enters()
	s.InFlight = int(s.Accepted - s.Reported)
	for _, c := range e.conns {
		if c != nil {
			s.Connections++
		}
	}
	return s
}

// Close ends the engine and its connections: new work is refused, calls in
// flight get Options.CloseTimeout to end by themselves and are then failed with
// [ErrClosed], calls of ConnOptions.Lost are waited for, and only when the kernel has let go of all memory is the ring
// unmapped. Finished calls can still be popped from their queues. An error
// means that the kernel did not let go in time ([ErrLeaked]): the memory of the
// calls that ended with it must not be used again.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closing {
		for !e.gone {
			e.letPass(time.Millisecond)
		}
		defer e.mu.Unlock()
		return e.leaked
	}
	e.closing = true
	e.driveUntil(e.opt.CloseTimeout, func() bool { return e.pendingCalls() == 0 })
	for _, c := range e.conns {
		if c != nil {
			c.abort(ErrClosed)
			c.forsake(ErrClosed)
		}
	}
	e.driveUntil(time.Second, func() bool { return e.liveConns() == 0 })
	leaking := e.leak()
	// From here on nobody enters the kernel any more; wait for those who are
	// inside.
	e.closed = true
	for e.driver.inside > 0 || e.driver.driving {
		e.letPass(100 * time.Microsecond)
	}
	e.driver.tick.Stop()
	e.deadline.timer.Stop()
	e.watcher.timer.Stop()
	wakeErr := e.ring.Wake()
	e.mu.Unlock()
	e.keeper.Wait()
	e.lost.Wait()

	e.mu.Lock()
	defer e.mu.Unlock()
	e.leaked = errors.Join(leaking, wakeErr, e.ring.Close())
	e.gone = true
	e.guardClosed()
	return e.leaked
}

func (e *Engine) pendingCalls() int {
	n := 0
	for _, c := range e.conns {
		if c != nil {
			n += c.live + c.backlog.count
		}
	}
	return n
}

func (e *Engine) liveConns() int {
	n := 0
	for _, c := range e.conns {
		if c != nil {
			n++
		}
	}
	return n
}

// complete reports a call. No memory of it may be aimed at any more.
func (e *Engine) complete(c *Call, err error) {
	c.guardComplete()
	if err == nil && c.Bounce && c.Received > 0 {
		var to cursor
		to.copyFrom(c.Iovs, c.bounce[0][:c.Received])
		e.stats.CopiedBytes += uint64(c.Received)
	}
	c.pinner.Unpin()
	e.report(c, err)
}

func (e *Engine) report(c *Call, err error) {
	c.Conn.outstanding.Add(-1)
	if err != nil {
		e.stats.Failed++
		c.Received, c.Body = 0, c.Body[:0]
		c.Err = &OpError{Peer: c.Conn.peer, Call: c.Procedure.String(), XID: c.xid, Err: err}
	} else {
		e.stats.PayloadBytes += uint64(c.Received)
	}
	c.state = stateDone
	c.queue.finished(c)
}
