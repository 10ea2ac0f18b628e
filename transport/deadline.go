package transport

import (
	"time"
)

// deadlineTimer is one timer for all deadlines of an engine. It fires when the
// earliest that was ever set comes; by then that call has usually ended, and the
// timer moves on to the earliest there is. A read that sets a later deadline
// than the ones before it, as reads do, costs nothing.
type deadlineTimer struct {
	timer   *time.Timer
	next    time.Time // when it fires; zero while stopped
	expired []*Call   // scratch
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
	if !e.closed {
		e.expireAt(time.Now())
	}
}

// expireAt looks at all calls before it ends the first: an end may have others
// change their place, from the backlog into a slot or to another connection, where
// they would not be seen.
func (e *Engine) expireAt(now time.Time) {
	e.deadline.next = time.Time{}
	for _, c := range e.conns {
		if c == nil {
			continue
		}
		for call := range c.slots.calls() {
			e.deadline.look(call, now)
		}
		for call := c.backlog.head; call != nil; call = call.next {
			e.deadline.look(call, now)
		}
	}
	for _, call := range e.deadline.expired {
		call.Conn.cancel(call, call.Conn.timeUp(call))
	}
	clear(e.deadline.expired)
	e.deadline.expired = e.deadline.expired[:0]
	e.flush()
	e.lazily()
}

// look notes a call for its end or has the timer come back for it.
func (d *deadlineTimer) look(call *Call, now time.Time) {
	switch {
	case call.Deadline.IsZero():
	case call.Deadline.After(now):
		d.consider(call.Deadline)
	default:
		d.expired = append(d.expired, call)
	}
}
