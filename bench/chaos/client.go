package chaos

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/readv"
)

// client is a volume with its files open.
type client struct {
	*leg
	volume *readv.Volume
	// fast is set where reads may fail with their connection: Options.FailFast,
	// or no new connection is made because the volume is being closed.
	fast  *atomic.Bool
	files []file
}

type file struct {
	*readv.File
	content *content
}

// closeTime is how long closing a volume may take: readv.Volume.Close.
const closeTime = 10 * time.Second

// dial connects a volume through the proxy and opens all files. It may fail, as
// any call may.
func (l *leg) dial(ctx context.Context, o readv.Options) (*client, error) {
	o.Engine, o.Dial, o.Timeout, o.Silence = l.config.Engine, l.proxy.Dial, patience, silence
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	task := l.watch.begin("Dial", time.Now().Add(patience+closeTime)) // one that fails closes
	v, err := readv.Dial(ctx, l.source.dir, &o)
	l.watch.end(task)
	l.called("Dial", err)
	if err != nil {
		return nil, err
	}
	c := &client{leg: l, volume: v, fast: new(atomic.Bool)}
	c.fast.Store(o.FailFast)
	for _, f := range l.source.files {
		opened, err := c.open(ctx, f)
		if err != nil {
			c.close()
			return nil, err
		}
		c.files = append(c.files, opened)
	}
	return c, nil
}

func (c *client) open(ctx context.Context, f *content) (file, error) {
	task := c.watch.begin("Open", time.Now().Add(patience))
	defer c.watch.end(task)
	opened, err := c.volume.Open(ctx, f.name)
	c.called("Open", err)
	return file{opened, f}, err
}

// close closes the volume.
func (c *client) close() {
	c.fast.Store(true)
	task := c.watch.begin("Close", time.Now().Add(closeTime))
	err := c.volume.Close()
	c.watch.end(task)
	c.called("Close", err)
}

// any chooses one of the files.
func (c *client) any(rnd *rand.Rand) file { return c.files[rnd.IntN(len(c.files))] }

// client keeps one volume and has it read from until the context ends.
func (l *leg) client(ctx context.Context, o readv.Options, rnd *rand.Rand) {
	c := l.dialUntil(ctx, o)
	if c == nil {
		return
	}
	var all group
	for _, depth := range []int{1, 8, 100} {
		all.start(l, func(rnd *rand.Rand) { newAsker(c, rnd, depth).run(ctx) })
	}
	for range 2 {
		all.start(l, func(rnd *rand.Rand) { c.block(ctx, rnd) })
	}
	all.start(l, func(rnd *rand.Rand) { c.register(ctx, rnd) })
	all.start(l, func(rnd *rand.Rand) { c.visit(ctx, rnd) })
	if all.wait(l) {
		for _, f := range c.files[:rnd.IntN(len(c.files)+1)] {
			l.called("Close of a file", f.Close())
		}
		c.close()
		l.closed(c.volume.Stats())
	}
}

// dialUntil dials again and again; nil when the context has ended.
func (l *leg) dialUntil(ctx context.Context, o readv.Options) *client {
	for ctx.Err() == nil {
		if c, err := l.dial(ctx, o); err == nil {
			return c
		}
	}
	return nil
}

// group is workers that are waited for together.
type group struct{ ended []chan struct{} }

func (g *group) start(l *leg, work func(*rand.Rand)) {
	done := make(chan struct{})
	g.ended = append(g.ended, done)
	l.start(func(rnd *rand.Rand) {
		defer close(done)
		work(rnd)
	})
}

// wait reports whether all ended; what hangs is abandoned with the leg.
func (g *group) wait(l *leg) bool {
	for _, done := range g.ended {
		select {
		case <-done:
		case <-l.abandoned:
			return false
		}
	}
	return true
}
