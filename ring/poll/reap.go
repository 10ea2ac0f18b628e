package poll

import (
	"time"

	"github.com/ringreadv/ringreadv/ring"
)

// completions are those not reaped yet, in their order, and who waits for more.
type completions struct {
	list           []ring.CQE
	first          int    // of list, that was not reaped
	posted, reaped uint64 // since the ring was made
	waiters        []*waiter
	idle           []*waiter // for the next to wait
}

// waiter is a goroutine in Enter.
type waiter struct {
	target uint64 // of completions posted
	ready  chan struct{}
	timer  *time.Timer
}

func (r *Ring) post(userData uint64, result int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.postLocked(userData, result)
}

// postLocked adds a completion. Ring.mu is held.
func (r *Ring) postLocked(userData uint64, result int32) {
	d := &r.done
	if d.first > 0 && len(d.list) == cap(d.list) {
		d.list, d.first = d.list[:copy(d.list, d.list[d.first:])], 0
	}
	d.list = append(d.list, ring.CQE{UserData: userData, Result: result})
	d.posted++
	for _, w := range d.waiters {
		if d.posted == w.target {
			w.ready <- struct{}{} // has room for it
		}
	}
	if r.notify {
		r.signal()
	}
}

// Reap copies completions into dst and returns how many there were.
func (r *Ring) Reap(dst []ring.CQE) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &r.done
	n := copy(dst, d.list[d.first:])
	d.first += n
	if d.first == len(d.list) {
		d.list, d.first = d.list[:0], 0
	}
	d.reaped += uint64(n)
	r.inFlight -= n
	return n
}

// Ready reports whether a completion waits to be reaped.
func (r *Ring) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done.first < len(r.done.list)
}

// await waits until so many completions have been posted, or the wait has passed.
func (r *Ring) await(target uint64, wait time.Duration) {
	w := r.queueUp(target)
	if w == nil {
		return
	}
	w.timer.Reset(wait)
	select {
	case <-w.ready:
		w.timer.Stop()
	case <-w.timer.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &r.done
	for i := range d.waiters {
		if d.waiters[i] == w {
			d.waiters = append(d.waiters[:i], d.waiters[i+1:]...)
			break
		}
	}
	select {
	case <-w.ready: // came with the end of the wait
	default:
	}
	d.idle = append(d.idle, w)
}

// queueUp adds a waiter, unless what it would wait for is there.
func (r *Ring) queueUp(target uint64) *waiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &r.done
	if d.posted >= target {
		return nil
	}
	var w *waiter
	if n := len(d.idle); n > 0 {
		w, d.idle = d.idle[n-1], d.idle[:n-1]
	} else {
		w = &waiter{ready: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
		w.timer.Stop()
	}
	w.target = target
	d.waiters = append(d.waiters, w)
	return w
}
