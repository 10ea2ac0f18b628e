package transport

import (
	"runtime"
	"time"

	"github.com/ringreadv/ringreadv/ring"
)

// Whoever waits drives. At any time at most one goroutine, the driver, enters
// the kernel to wait and hands out what completes. The role passes like this:
//
//   - A goroutine in Queue.Wait takes it if it is free. It waits in the kernel in
//     short bounded steps that keep its P: no goroutine switch, no wake-up of
//     another thread.
//   - When the steps run dry, the driver has completions signal the eventfd (it
//     arms the keeper) and parks. The keeper, a goroutine on the runtime's
//     poller, then drives whenever something completes.
//   - A driver that has what it came for hands over to another goroutine that is
//     parked, or else leaves; if nobody has come to drive after lazyArm, the
//     keeper is armed.
type driver struct {
	driving bool    // somebody has the role
	waiting bool    // … and is in the kernel, where it sees no new entries
	armed   bool    // completions wake the keeper
	inside  int     // goroutines in io_uring_enter without the lock
	live    int     // calls outstanding on all connections
	large   int     // of those, reads that are not small
	hoped   int     // bytes that the receives in flight are aimed at
	woke    bool    // the driver finished calls that others wait for
	busy    bool    // something came with the last turn
	drives  uint64  // how often the role was taken
	sends   int     // send entries queued and not yet submitted
	behind  bool    // since the last flush a call was encoded behind a send in flight
	toSend  []*Conn // connections with calls to send and no send in flight
	toArm   []*Conn // connections with a receive to arm or cancel, or to be buried

	pace      pace
	answered  uint64 // calls that replies have ended
	gathering gathering

	parked parkedQueues

	tick     *time.Timer
	ticking  bool
	lastTick uint64 // drives at the last tick
}

// maxHoped is how many bytes may be there to be copied in one entry into the kernel
// that keeps the P: what a collection may have to wait for.
const maxHoped = 3 << 20

// enter lets the kernel take the queued entries and waits for min completions or
// until wait has passed. The lock is not held meanwhile.
func (e *Engine) enter(min uint32, wait time.Duration) {
	if e.closed {
		return
	}
	e.queue()
	for len(e.driver.toSend)+len(e.driver.toArm) > 0 {
		// More than the submission queue holds. What the kernel does not
		// take now stays for the next turn.
		if err := e.ring.Enter(0, 0); err != nil || e.ring.Free() == 0 {
			break
		}
		e.queue()
	}
	e.enterQueued(min, wait)
}

// queue queues what the connections have to do, as far as there is room.
func (e *Engine) queue() {
	e.queueSends()
	e.queueReceives()
}

func (e *Engine) enterQueued(min uint32, wait time.Duration) {
	if e.broken != nil {
		e.takeBack()
		return
	}
	if !e.has(BoundedWait) {
		min, wait = 0, 0
	}
	if wait <= 0 && e.ring.Queued() == 0 {
		return
	}
	if wait > 0 {
		// Sends complete at once, as a rule: they are not what is waited for.
		min += uint32(e.driver.sends)
	}
	e.driver.sends = 0
	e.driver.inside++
	away := e.driver.hoped > maxHoped
	e.mu.Unlock()
	var err error
	if away {
		err = e.ring.EnterAway(min, wait)
	} else {
		err = e.ring.Enter(min, wait)
	}
	e.mu.Lock()
	e.driver.inside--
	switch {
	case e.broken != nil: // meanwhile
		e.takeBack()
	case err == nil:
	case !isRefusal(err):
		// The kernel wants completions reaped first, or is short of memory:
		// the entries stay queued for the next turn, which comes even if
		// nothing completes.
		e.opt.Logger.Warn("io_uring_enter", "err", err)
		e.lazily()
	case wait > 0:
		e.demote(BoundedWait, err)
		e.enterQueued(0, 0)
	default:
		e.fail(err)
	}
}

// turn submits, waits for at most wait, and hands out what has completed. It
// reports whether anything was received: sends complete by themselves. The caller
// is the driver.
func (e *Engine) turn(wait time.Duration) bool {
	d := &e.driver
	answered, receives := d.answered, e.stats.Receives
	d.waiting = true
	if wait > 0 {
		e.gather()
	}
	if !e.closed && e.ring.Ready() {
		wait = 0
	}
	e.enter(1, wait)
	d.waiting = false
	e.reap()
	if n := int(d.answered - answered); n > 0 && e.opt.Moderation > 0 {
		d.gathering.adapt(n, n+d.live, e.opt.Moderation)
	}
	d.busy = e.stats.Receives > receives
	e.guardAccounts()
	return d.busy
}

// flush submits what is queued, unless a driver is about to do so.
func (e *Engine) flush() {
	if !e.driver.driving || e.driver.waiting {
		// A send that has completed makes way for the next.
		n := e.reap()
		if e.driver.waiting {
			if n == 0 && e.driver.behind {
				// The send has not completed yet. The driver, which does
				// not wait for it, comes back when it does.
				n = 1
			}
			e.replace(n)
		}
		e.driver.behind = false
		e.enter(0, 0)
	}
	e.guardAccounts()
}

// replace queues as many completions as were taken from under a driver that
// waits: it counts on them, and would sleep on until its wait runs dry.
func (e *Engine) replace(n int) {
	for n = min(n, e.ring.Free()); n > 0; n-- {
		e.ring.Nop(kindNop << 32)
	}
}

// reap hands out what has completed and reports how much that was.
func (e *Engine) reap() (sum int) {
	for more := !e.closed; more; {
		n := e.ring.Reap(e.cqes[:])
		for i := range e.cqes[:n] {
			e.dispatch(e.cqes[i])
		}
		sum += n
		more = n == len(e.cqes)
	}
	return sum
}

// User data of an entry: what it is, and which connection's.
const (
	kindRecv = iota + 1
	kindSend
	kindCancel
	kindNop // of no connection
)

func (c *Conn) userData(kind uint64) uint64 { return kind<<32 | uint64(c.id) }

func (e *Engine) dispatch(cqe ring.CQE) {
	id, kind := uint32(cqe.UserData), cqe.UserData>>32
	if kind == kindNop {
		return
	}
	c := e.conns[id]
	c.entries--
	switch kind {
	case kindRecv:
		e.stats.Receives++
		c.received(cqe)
	case kindSend:
		e.stats.Sends++
		c.sendDone(cqe)
	case kindCancel:
		c.guardCancel(-1)
	}
	c.reapIfDead()
}

// take makes the calling goroutine the driver. The role is free.
func (e *Engine) take() {
	e.driver.driving = true
	e.driver.drives++
	if e.driver.armed && !e.closed {
		e.driver.armed = false
		e.ring.SetNotify(false)
	}
}

// arm has completions wake the keeper from now on, and sees to it that one which
// came a moment ago does too.
func (e *Engine) arm() {
	e.enter(0, 0)
	if e.closed || e.driver.driving || e.driver.armed {
		return
	}
	e.driver.armed = true
	e.ring.SetNotify(true)
	if e.ring.Ready() {
		e.stats.Syscalls++
		e.ring.Wake()
	}
}

// drive works until q has want calls finished (true) or nothing happened for as
// long as a driver may wait (false).
func (e *Engine) drive(q *Queue, want int) bool {
	e.take()
	for q.done.count < want && !e.closed {
		dry := !e.turnFor(q, want)
		if e.driver.woke {
			// Those who have their calls now run before this goroutine
			// blocks the P again.
			e.driver.woke = false
			e.yield()
		} else if dry {
			break
		}
		if q.over() {
			break
		}
	}
	e.driver.driving = false
	return q.done.count >= want
}

// yield lets other goroutines have the P and the lock.
func (e *Engine) yield() {
	e.mu.Unlock()
	runtime.Gosched()
	e.mu.Lock()
}

// leave passes the role on after the driver got what it came for.
func (e *Engine) leave() {
	if e.driver.driving || e.driver.armed {
		return
	}
	if q := e.driver.parked.first(); q != nil {
		q.signal()
		return
	}
	e.lazily()
}

// lazily makes sure that what is queued is submitted and that somebody looks
// after the ring even if no caller comes to wait.
func (e *Engine) lazily() {
	if !e.driver.ticking {
		e.driver.ticking = true
		e.driver.tick.Reset(lazyArm)
	}
}

func (e *Engine) onTick() {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := &e.driver
	switch {
	case e.closed:
		d.ticking = false
	case d.driving || d.drives != d.lastTick:
		d.lastTick = d.drives
		d.tick.Reset(lazyArm)
	default:
		d.ticking = false
		e.arm()
	}
}

// keep is the keeper: it drives when something completes and nobody else does.
func (e *Engine) keep() {
	for e.ring.Park() == nil {
		e.mu.Lock()
		e.stats.Syscalls++
		if e.closed {
			e.mu.Unlock()
			return
		}
		if !e.driver.driving {
			e.take()
			for e.turn(0) {
			}
			e.driver.woke = false
			e.driver.driving = false
			e.arm()
		}
		e.mu.Unlock()
	}
}

// driveUntil drives, or lets others drive, until done or for at most limit.
func (e *Engine) driveUntil(limit time.Duration, done func() bool) {
	for end := time.Now().Add(limit); !done() && !e.closed && time.Now().Before(end); {
		if e.driver.driving {
			e.letPass(100 * time.Microsecond)
			continue
		}
		e.take()
		if !e.turn(time.Millisecond) && !e.has(BoundedWait) {
			e.letPass(100 * time.Microsecond)
		}
		e.driver.driving = false
	}
	e.leave()
}

// letPass gives the lock away for a while.
func (e *Engine) letPass(d time.Duration) {
	e.mu.Unlock()
	time.Sleep(d)
	e.mu.Lock()
}
