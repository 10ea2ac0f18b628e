package transport

import "errors"

// errLost has a call that the receive in flight is aimed at treated as what it
// is when the receive has completed: one whose connection has ended.
var errLost = errors.New("the connection has ended")

// tellLost calls ConnOptions.Lost, unless the connection or the engine is being
// closed anyway.
func (c *Conn) tellLost() {
	e := c.engine
	if c.opt.Lost == nil || c.closing || e.closing {
		return
	}
	c.keeping = true
	e.lost.Go(func() { c.opt.Lost(c) })
}

// keeps reports whether the call may wait on the connection, which has ended, to
// be made again.
func (c *Conn) keeps(call *Call) bool { return c.keeping && call.Resend != nil }

// drop takes a call out of its slot because the connection has ended, or has it
// taken out when the receive in flight has completed.
func (c *Conn) drop(call *Call) {
	if call.aimed {
		if call.cancelErr == nil {
			call.cancelErr = errLost
		}
		return
	}
	if c.rx.call == call {
		c.rx.abandon()
	}
	c.release(call, false)
	c.lose(call)
}

// lose takes a call whose connection has ended, which is in no slot and no list
// and which no receive is aimed at.
func (c *Conn) lose(call *Call) {
	if why := call.cancelErr; why != nil && why != errLost {
		c.engine.complete(call, why)
		return
	}
	if call.Resend == nil || !c.keeping && !c.retired {
		c.engine.complete(call, c.lostError())
		return
	}
	// What has come of its reply counts for nothing.
	call.state, call.xid, call.cancelErr = stateQueued, 0, nil
	call.cursor, call.Received, call.Body = cursor{}, 0, call.Body[:0]
	c.sendElsewhere(call)
}

// timeUp is what a call whose deadline has passed ends with.
func (c *Conn) timeUp(call *Call) error {
	var lost *ConnError
	if c.err != nil && call.state == stateQueued && errors.As(c.lostError(), &lost) {
		return &OutageError{Lost: lost}
	}
	return ErrDeadline
}

// Resend has the calls that wait on the connection, which has ended, made again:
// each on the connection that its Resender says. It was asked before, when the
// connection ended or the call was added. Those that it says this one for go on
// waiting.
func (c *Conn) Resend() {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.resend()
}

// Retire is Resend for the last time: there is a new connection in this one's
// place, and no call may wait here any more.
func (c *Conn) Retire() {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.retire()
}

func (c *Conn) retire() {
	e := c.engine
	if !c.keeping {
		return
	}
	e.stats.Reconnects++
	c.keeping, c.retired = false, true
	c.resend()
	c.reapIfDead()
}

// Forsake fails the calls that wait on the connection, which has ended, and those
// still made on it: with [ErrClosed] if that is the reason, else with a
// [ConnError].
func (c *Conn) Forsake(why error) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.forsake(why)
}

func (c *Conn) forsake(why error) {
	if !c.keeping {
		return
	}
	c.keeping = false
	if errors.Is(why, ErrClosed) {
		c.err = ErrClosed
	} else {
		c.redial = why
	}
	for call := c.backlog.pop(); call != nil; call = c.backlog.pop() {
		c.engine.complete(call, c.lostError())
	}
	c.reapIfDead()
}

// Retried notes why there is no new connection yet, for the errors of calls whose
// time runs out meanwhile.
func (c *Conn) Retried(err error) {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	c.redial = err
}

func (c *Conn) resend() {
	e := c.engine
	waiting := c.backlog
	c.backlog = callList{}
	for call := waiting.pop(); call != nil; call = waiting.pop() {
		c.sendElsewhere(call)
	}
	e.flush()
	e.lazily()
}

// sendElsewhere asks the Resender of a call that was here where to make it again.
func (c *Conn) sendElsewhere(call *Call) {
	e := c.engine
	call.guardSame()
	err := call.Resend.Resend(call)
	call.guardReadied()
	to := call.Conn
	switch {
	case err != nil:
	case to == nil || to.engine != e:
		err = ErrForeignConn
	case to.closing:
		err = ErrClosed
	case to.err != nil && !to.keeps(call):
		err = to.lostError()
	}
	if err != nil {
		call.Conn = c
		e.complete(call, err)
		return
	}
	c.outstanding.Add(-1)
	to.outstanding.Add(1)
	if to.err == nil {
		e.stats.Resends++
	}
	to.enter(call)
}
