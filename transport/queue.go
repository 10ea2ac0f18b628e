package transport

import (
	"context"
	"time"
)

// A Queue takes calls in and hands the finished ones back to one consumer. Add
// and Flush may be called from many goroutines, Wait and Pop from one at a time.
type Queue struct {
	engine *Engine
	limit  int
	guard  queueGuard

	// Guarded by Engine.mu.
	done     callList
	inFlight int // accepted and not popped, the finished ones included
	min      int // what the waiter waits for
	ctx      context.Context
	until    time.Time   // the waiter goes then; zero: never
	alarm    *time.Timer // of until, while parked; nil until it is needed
	waiting  bool
	parked   bool
	next     *Queue // in parkedQueues
	prev     *Queue
	wake     chan struct{}
}

// NewQueue makes a queue that has at most limit calls accepted and not yet
// popped.
func (e *Engine) NewQueue(limit int) *Queue {
	return &Queue{engine: e, limit: max(limit, 1), wake: make(chan struct{}, 1)}
}

// Add accepts calls, all of them or none: from here on they and their memory are
// lent. It makes no syscall; the calls leave with the next Flush or Wait, or
// within some two milliseconds. An error ([ErrQueueFull], [ErrInFlight],
// [ErrForeignConn], [ErrBufferInUse], [ErrClosed], a [*ConnError]) means that nothing was lent.
func (q *Queue) Add(calls ...*Call) error {
	q.engine.mu.Lock()
	defer q.engine.mu.Unlock()
	return q.add(calls...)
}

func (q *Queue) add(calls ...*Call) error {
	q.guardUse()
	e := q.engine
	for i, c := range calls {
		if err := q.admit(c); err != nil {
			for _, c := range calls[:i] {
				q.dismiss(c)
			}
			return err
		}
	}
	for _, c := range calls {
		e.stats.Accepted++
		c.Conn.accept(c)
	}
	e.lazily()
	return nil
}

// admit lends one call, or says why not.
func (q *Queue) admit(c *Call) error {
	c.guardUse()
	if c.state == stateIdle && c.Resend != nil && c.Conn != nil && c.Conn.engine == q.engine && c.Conn.err != nil {
		// It was readied for a connection that has been lost since.
		if err := c.Resend.Resend(c); err != nil {
			return err
		}
	}
	switch {
	case c.state != stateIdle:
		return ErrInFlight
	case c.Conn == nil || c.Conn.engine != q.engine:
		return ErrForeignConn
	case q.engine.closing || c.Conn.closing:
		return ErrClosed
	case c.Conn.err != nil && !c.Conn.keeps(c):
		return c.Conn.lostError()
	case q.inFlight >= q.limit:
		return ErrQueueFull
	}
	if err := q.engine.lent.add(c.Iovs); err != nil {
		return err
	}
	c.queue, c.state = q, stateQueued
	q.inFlight++
	return nil
}

// dismiss takes back what admit did.
func (q *Queue) dismiss(c *Call) {
	q.engine.lent.remove(c.Iovs)
	c.queue, c.state = nil, stateIdle
	q.inFlight--
}

// Flush sends what was added. A Wait that follows at once makes it superfluous.
func (q *Queue) Flush() {
	e := q.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	e.flush()
}

// Wait returns when at least want calls are finished and not popped, or all that
// were accepted if those are fewer. When the context ends first, Wait returns
// its error; the calls stay in flight: see [Queue.Cancel].
func (q *Queue) Wait(ctx context.Context, want int) error {
	return q.WaitUntil(ctx, want, time.Time{})
}

// WaitUntil is Wait that also returns when t has come, which is no error. A zero t
// never comes.
func (q *Queue) WaitUntil(ctx context.Context, want int, t time.Time) error {
	q.engine.mu.Lock()
	defer q.engine.mu.Unlock()
	if q.waiting {
		return ErrBusyQueue
	}
	return q.wait(ctx, want, t)
}

func (q *Queue) wait(ctx context.Context, want int, until time.Time) error {
	q.guardUse()
	e := q.engine
	q.waiting, q.ctx, q.until = true, ctx, until
	defer func() { q.waiting, q.ctx = false, nil }()
	if (want <= 0 || q.late()) && !e.driver.driving {
		// A caller that polls drives, too.
		e.take()
		e.turn(0)
		e.driver.driving = false
	}
	for {
		q.min = min(want, q.inFlight)
		if q.done.count >= q.min {
			// What was added must leave. A receive armed on the way can
			// wait for the next entry into the kernel.
			if len(e.driver.toSend) > 0 {
				e.flush()
			}
			e.leave()
			return nil
		}
		if err := ctx.Err(); err != nil {
			e.leave()
			return err
		}
		if q.late() {
			e.flush()
			e.leave()
			return nil
		}
		if !e.driver.driving {
			if e.drive(q, q.min) || q.over() {
				continue
			}
			e.arm()
			if q.done.count >= q.min {
				continue
			}
		}
		if e.driver.waiting {
			// The driver is in the kernel and will not send for us.
			if e.flush(); q.done.count >= q.min || !e.driver.driving {
				continue
			}
		}
		q.park()
	}
}

// park blocks until the queue is signalled, its context ends, or what is left until
// its time comes can be waited for exactly.
func (q *Queue) park() {
	e := q.engine
	e.stats.Parks++
	e.driver.parked.push(q)
	alarm := q.setAlarm()
	e.mu.Unlock()
	select {
	case <-q.wake:
	case <-q.ctx.Done():
	case <-alarm:
	}
	e.mu.Lock()
	if alarm != nil {
		q.alarm.Stop()
	}
	e.driver.parked.remove(q)
}

// setAlarm returns what is to end a park for the time's sake; nil: nothing is.
func (q *Queue) setAlarm() <-chan time.Time {
	if q.until.IsZero() {
		return nil
	}
	left := time.Until(q.until)
	if left > fineWait {
		left -= fineWait
	}
	if q.alarm == nil {
		q.alarm = time.NewTimer(left)
	} else {
		q.alarm.Reset(left)
	}
	return q.alarm.C
}

func (q *Queue) cancelled() bool { return q.ctx != nil && q.ctx.Err() != nil }

// late reports whether the waiter's time has come.
func (q *Queue) late() bool { return !q.until.IsZero() && time.Until(q.until) <= 0 }

// over reports whether the waiter is to go, whatever has ended.
func (q *Queue) over() bool { return q.cancelled() || q.late() }

// signal wakes the goroutine parked in Wait.
func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// finished takes a call that has ended.
func (q *Queue) finished(c *Call) {
	q.done.push(c)
	if q.parked && q.done.count >= q.min {
		q.engine.driver.woke = true
		q.signal()
	}
}

// Pop hands back a finished call, the earliest first, or nil if there is none.
// With that the loan ends.
func (q *Queue) Pop() *Call {
	q.engine.mu.Lock()
	defer q.engine.mu.Unlock()
	return q.pop()
}

func (q *Queue) pop() *Call {
	q.guardUse()
	c := q.done.pop()
	if c == nil {
		return nil
	}
	c.guardHandedBack()
	q.inFlight--
	q.engine.stats.Reported++
	q.engine.lent.remove(c.Iovs)
	c.state = stateIdle
	c.queue, c.target = nil, nil
	return c
}

// InFlight is the number of calls accepted and not popped.
func (q *Queue) InFlight() int {
	q.engine.mu.Lock()
	defer q.engine.mu.Unlock()
	return q.inFlight
}

// Cancel asks for a call to end soon, with err as its error (context.Canceled if
// nil). The call is still reported through its queue, and its memory is lent
// until then. It may succeed all the same.
func (q *Queue) Cancel(c *Call, err error) {
	q.engine.mu.Lock()
	defer q.engine.mu.Unlock()
	if err == nil {
		err = context.Canceled
	}
	q.cancel(c, err)
}

func (q *Queue) cancel(c *Call, err error) {
	q.guardUse()
	e := q.engine
	if c.queue != q {
		return
	}
	c.guardUse()
	if err == context.DeadlineExceeded || err == ErrDeadline {
		err = c.Conn.timeUp(c)
	}
	c.Conn.cancel(c, err)
	e.flush()
	e.lazily()
}

// Do runs one call to its end, on a queue that has no other; else it refuses with
// [ErrBusyQueue]. A context that ends cancels the call, and its deadline is the
// call's unless that has an earlier one. Do returns when the call's memory is
// the caller's again.
func (q *Queue) Do(ctx context.Context, c *Call) error {
	q.engine.mu.Lock()
	defer q.engine.mu.Unlock()
	if q.waiting || q.inFlight > 0 {
		return ErrBusyQueue
	}
	if d, ok := ctx.Deadline(); ok && (c.Deadline.IsZero() || d.Before(c.Deadline)) {
		// The call may be used again under another context.
		defer func(own time.Time) { c.Deadline = own }(c.Deadline)
		c.Deadline = d
	}
	if err := q.add(c); err != nil {
		return err
	}
	for err := q.wait(ctx, 1, time.Time{}); err != nil; err = q.wait(context.WithoutCancel(ctx), 1, time.Time{}) {
		q.cancel(c, err)
	}
	q.pop()
	return c.Err
}

// parkedQueues are the queues whose waiters are parked, longest first.
type parkedQueues struct {
	head, tail *Queue
}

func (l *parkedQueues) first() *Queue { return l.head }

func (l *parkedQueues) push(q *Queue) {
	q.parked = true
	q.prev, q.next = l.tail, nil
	if l.tail == nil {
		l.head = q
	} else {
		l.tail.next = q
	}
	l.tail = q
}

func (l *parkedQueues) remove(q *Queue) {
	q.parked = false
	if q.prev == nil {
		l.head = q.next
	} else {
		q.prev.next = q.next
	}
	if q.next == nil {
		l.tail = q.prev
	} else {
		q.next.prev = q.prev
	}
	q.prev, q.next = nil, nil
}
