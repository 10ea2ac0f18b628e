package chaos

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ringreadv/ringreadv/readv"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/faults"
)

// leg is a run by one protocol.
type leg struct {
	config     *Config
	source     *source
	proxy      *faults.Proxy
	quarantine *quarantine
	watch      *watch
	*tally

	workers   sync.WaitGroup
	numbers   uint64        // of workers, for their random numbers
	abandoned chan struct{} // closed when what hangs is waited for no longer
}

// lastTime is how long workers may take to end: a deadline, the grace, and a Close.
const lastTime = patience + 2*grace + closeTime

func newLeg(c *Config, s *source) *leg {
	script := c.script
	if script == nil {
		script = faults.Random(c.Seed, mix)
	}
	l := &leg{
		config: c, source: s, tally: newTally(), abandoned: make(chan struct{}),
		proxy: faults.New(faults.Options{Script: script, Lengths: lengths}),
	}
	l.quarantine = newQuarantine(func(s *slab) { l.complain(lateWrites, "%d bytes of memory", len(s.mem)) })
	l.watch = newWatch(func(what string, stacks []byte) {
		l.complain(hungCalls, "%s", what)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.noteStacks(stacks)
	})
	return l
}

// shapes are the volumes that are read from all the time.
func (l *leg) shapes() []readv.Options {
	return []readv.Options{
		{Conns: 4, Rings: 2},
		{Conns: 2, Plan: transport.PlanExact, FixedBuffers: true, Depth: 8},
		{Conns: 1, Plan: transport.PlanSpeculative},
	}
}

// run reads until the context ends.
func (l *leg) run(ctx context.Context) {
	before := holdingsNow()
	watched := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { l.watch.run(watched) })
	for _, o := range l.shapes() {
		l.start(func(rnd *rand.Rand) { l.client(ctx, o, rnd) })
	}
	l.start(func(rnd *rand.Rand) { l.travel(ctx, rnd) })
	l.wait(ctx)
	close(watched)
	watching.Wait()
	l.proxy.Close()
	l.quarantine.lookAtAll()
	left := before.beyond(settleTime)
	if left.goroutines > 0 {
		l.leave(leftGoroutines, left.goroutines)
	}
	if left.descriptors > 0 {
		l.leave(leftDescriptors, left.descriptors)
	}
}

// start has a worker run, with random numbers of its own.
func (l *leg) start(work func(rnd *rand.Rand)) {
	l.mu.Lock()
	l.numbers++
	rnd := rand.New(rand.NewPCG(l.config.Seed, l.numbers))
	l.mu.Unlock()
	l.workers.Go(func() { work(rnd) })
}

// wait waits for all workers, after the end of the context for a while only.
func (l *leg) wait(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		l.workers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(lastTime):
		l.watch.look(time.Now().Add(time.Hour)) // whatever is under way hangs
		close(l.abandoned)
		l.proxy.Close()
		select { // that may free it
		case <-done:
		case <-time.After(grace):
		}
	}
}
