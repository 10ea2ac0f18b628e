package transport

import "time"

// pace is how long waits have taken of late. A bound on a wait is a timer, and to
// set one that comes before the kernel's next tick costs as much as the rest of
// the wait (in a virtual machine above all). So where replies have come quickly
// the bound is one that the tick comes before; the first that does not costs the P
// that long once.
type pace struct {
	quick bool
	run   int // waits in a row that ended quickly
}

const (
	// quickWait is longer than a tick of any usual kernel (4 ms; 10 ms with
	// HZ=100), and no longer than goroutines compute at a stretch.
	quickWait = 10 * time.Millisecond
	quickRun  = 16
	// leastWait is a rest not worth another entry into the kernel.
	leastWait = 20 * time.Microsecond
	// fineWait is what the runtime's timers are exact to: it sleeps in whole
	// milliseconds. A shorter wait until a given time is one in the kernel.
	fineWait = time.Millisecond
)

// waited takes in a wait that took so long, with limit as the bound for slow ones.
func (p *pace) waited(took, limit time.Duration) {
	if took > limit {
		*p = pace{}
		return
	}
	p.run++
	p.quick = p.run >= quickRun
}

// turnFor takes turns until something has come (true) or the driver has waited for
// as long as it may. Before a wait that may take long others may use the P; they
// may end q's calls.
func (e *Engine) turnFor(q *Queue, want int) bool {
	p, limit := &e.driver.pace, e.opt.Wait
	if p.quick && e.opt.adaptive {
		limit = quickWait
	} else if e.yield(); q.done.count >= want || q.over() || e.closed {
		return true
	}
	begin := time.Now()
	limit, whole := q.bound(limit, begin)
	for left := limit; ; {
		came := e.turn(left)
		took := time.Since(begin)
		// A signal, of a collection as a rule, cuts a wait short.
		if left = limit - took; came || left < leastWait || e.closed || !e.has(BoundedWait) {
			if came || whole {
				p.waited(took, e.opt.Wait)
			}
			return came
		}
	}
}

// bound is how long the driver may wait at most, if limit is what it may without a
// time to go at, and whether that is no shorter.
func (q *Queue) bound(limit time.Duration, now time.Time) (time.Duration, bool) {
	if q.until.IsZero() {
		return limit, true
	}
	left := q.until.Sub(now)
	if left <= fineWait && q.engine.opt.adaptive {
		return left, left >= limit
	}
	return min(left, limit), left >= limit
}
