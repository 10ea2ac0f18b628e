package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ringreadv/ringreadv/readv"
)

// asker keeps a queue full of reads and cancels some.
type asker struct {
	*client
	rnd    *rand.Rand
	queue  *readv.Queue
	depth  int
	idle   []*read
	flying []*read
	done   []*readv.Op
}

const (
	// waitTime bounds a Wait: what is overdue is looked for elsewhere.
	waitTime = 500 * time.Millisecond
	// refusedPause lies between a refusal and the next try.
	refusedPause = time.Millisecond
	// cancelOneIn is how rarely a read in flight is cancelled, by rounds.
	cancelOneIn = 20
)

func newAsker(c *client, rnd *rand.Rand, depth int) *asker {
	return &asker{client: c, rnd: rnd, queue: c.volume.NewQueue(depth), depth: depth, done: make([]*readv.Op, depth)}
}

// run asks until the context ends and then reaps what is in flight.
func (a *asker) run(ctx context.Context) {
	for ctx.Err() == nil {
		a.fill(a.depth)
		if len(a.flying) > 0 && a.rnd.IntN(cancelOneIn) == 0 {
			a.queue.Cancel(&a.flying[a.rnd.IntN(len(a.flying))].op)
		}
		a.reap(1 + a.rnd.IntN(max(len(a.flying)/2, 1)))
	}
	a.rest()
}

// rest reaps everything, after cancelling some of it.
func (a *asker) rest() {
	for _, r := range a.flying[:a.rnd.IntN(len(a.flying)+1)] {
		a.queue.Cancel(&r.op)
	}
	for len(a.flying) > 0 {
		select {
		case <-a.abandoned:
			return
		default:
			a.reap(len(a.flying))
		}
	}
}

// fill adds reads until so many are in flight or one is refused.
func (a *asker) fill(depth int) bool {
	for len(a.flying) < depth {
		if err := a.add(); err != nil {
			time.Sleep(refusedPause)
			return false
		}
		if a.rnd.IntN(8) == 0 {
			a.queue.Flush()
		}
	}
	return true
}

func (a *asker) add() error {
	r := a.fresh()
	f := a.any(a.rnd)
	off, n := f.content.place(a.rnd)
	r.slab = a.quarantine.take(n)
	r.slab.lay(a.rnd, n)
	return a.start(r, f, off, n)
}

func (a *asker) fresh() *read {
	if k := len(a.idle) - 1; k >= 0 {
		r := a.idle[k]
		a.idle = a.idle[:k]
		return r
	}
	return new(read)
}

// start hands a read to the queue; its slab is laid out.
func (a *asker) start(r *read, f file, off int64, n int) error {
	r.content, r.asked = f.content, n
	o := &r.op
	o.File, o.Off, o.Iovs, o.Deadline, o.UserData = f.File, off, r.slab.iovs, limit(a.rnd), r
	r.task = a.watch.begin(fmt.Sprintf("read of %d bytes at %d of %s", n, off, f.content.name), orPatience(o.Deadline))
	if _, err := a.queue.Add(o); err != nil {
		a.watch.end(r.task)
		a.refused(r.slab, err)
		a.quarantine.put(r.slab)
		a.idle = append(a.idle, r)
		return err
	}
	a.flying = append(a.flying, r)
	return nil
}

// reap takes back what has ended, at least so many if they do within a while.
func (a *asker) reap(least int) {
	ctx, cancel := context.WithTimeout(context.Background(), waitTime)
	defer cancel()
	task := a.watch.begin("Wait", time.Now().Add(waitTime))
	n, err := a.queue.Wait(ctx, a.done, least)
	a.watch.end(task)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		a.called("Wait", err)
		time.Sleep(refusedPause)
	}
	for _, o := range a.done[:n] {
		r := o.UserData.(*read)
		a.watch.end(r.task)
		a.judge(r.content, r.slab, o.Off, r.asked, o.N, o.Err)
		a.quarantine.put(r.slab)
		a.flying = slices.DeleteFunc(a.flying, func(f *read) bool { return f == r })
		a.idle = append(a.idle, r)
	}
}
