package transport

import (
	"time"
)

// deadlineTimer is one timer for all deadlines of an engine. It fires when the
// earliest that was ever set comes; by then that call has usually ended, and the
// timer moves on to the earliest there is. A read that sets a later deadline
// than the ones before it, as reads do, costs nothing.
type deadlineTimer struct {
	timer *time.Timer
	next  time.Time // when it fires; zero while stopped
}

func (d *deadlineTimer) consider(t time.Time) {
	if t.IsZero() || (!d.next.IsZero() && !t.Before(d.next)) {
		return
	}
	d.next = t
	d.timer.Reset(time.Until(t))
}

// expire ends the calls whose time is up.
func (e *Engine) expire() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	now := time.Now()
	e.deadline.next = time.Time{}
	for _, c := range e.conns {
		if c == nil {
			continue
		}
		for call := range c.slots.calls() {
			c.expireCall(call, now)
		}
		for call := c.backlog.head; call != nil; {
			next := call.next
			c.expireCall(call, now)
			call = next
		}
	}
	e.flush()
	e.lazily()
}

func (c *Conn) expireCall(call *Call, now time.Time) {
	if call.Deadline.IsZero() {
		return
	}
	if call.Deadline.After(now) {
		c.engine.deadline.consider(call.Deadline)
		return
	}
	c.cancel(call, c.timeUp(call))
}
