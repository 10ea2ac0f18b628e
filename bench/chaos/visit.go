package chaos

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/ringreadv/ringreadv/readv"
	"github.com/ringreadv/ringreadv/transport"
)

// visitPause lies between two visits: they are there to disturb, not to load.
const visitPause = 5 * time.Millisecond

// visit opens, closes and lists files, until the context ends.
func (c *client) visit(ctx context.Context, rnd *rand.Rand) {
	for ctx.Err() == nil {
		f := c.any(rnd)
		switch rnd.IntN(4) {
		case 0:
			c.stat(f)
		case 1:
			c.list()
		case 2:
			if opened, err := c.open(context.Background(), f.content); err == nil {
				c.called("Close of a file", opened.Close())
			}
		default:
			c.closeUnderRead(rnd, f.content)
		}
		time.Sleep(visitPause)
	}
}

// call bounds a call that is no read.
func (c *client) call(what string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	task := c.watch.begin(what, time.Now().Add(patience))
	err := do(ctx)
	c.watch.end(task)
	c.called(what, err)
	return err
}

func (c *client) stat(f file) {
	c.call("Stat", func(ctx context.Context) error {
		info, err := f.Stat(ctx)
		if err == nil && f.content.whole && info.Size() != int64(len(f.content.bytes)) {
			c.complain(wrongBytes, "Stat of %s: %d bytes, not %d", f.content.name, info.Size(), len(f.content.bytes))
		}
		return err
	})
}

func (c *client) list() {
	c.call("ReadDir", func(ctx context.Context) error {
		list, err := c.volume.ReadDir(ctx, "")
		if err == nil && len(list) < len(c.files) {
			c.complain(wrongBytes, "ReadDir: %d names, not %d or more", len(list), len(c.files))
		}
		return err
	})
}

// closeUnderRead opens a file and closes it while it is read.
func (c *client) closeUnderRead(rnd *rand.Rand, content *content) {
	f, err := c.open(context.Background(), content)
	if err != nil {
		return
	}
	one := *c
	one.files = []file{f}
	a := newAsker(&one, rnd, 4)
	a.fill(1 + rnd.IntN(4))
	a.queue.Flush()
	c.called("Close of a file", f.Close())
	a.rest()
}

// travel dials volumes of all shapes, and closes them with reads in flight, until
// the context ends.
func (l *leg) travel(ctx context.Context, rnd *rand.Rand) {
	plans := []transport.Plan{0, transport.PlanExact, transport.PlanOverlap, transport.PlanStaged, transport.PlanSpeculative}
	for ctx.Err() == nil {
		rings := 1 + rnd.IntN(2)
		c, err := l.dial(ctx, readv.Options{
			Rings: rings, Conns: rings + rnd.IntN(3), Depth: 1 << rnd.IntN(7),
			Plan: plans[rnd.IntN(len(plans))], FixedBuffers: rnd.IntN(4) == 0, Bounce: rnd.IntN(8) == 0, FailFast: rnd.IntN(4) == 0,
		})
		if err != nil {
			continue
		}
		a := newAsker(c, rnd, 32)
		end := time.Now().Add(time.Duration(rnd.Int64N(int64(500 * time.Millisecond))))
		for time.Now().Before(end) && a.fill(1+rnd.IntN(32)) {
			a.reap(1)
		}
		a.fill(32)
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			c.close()
		}()
		a.rest()
		<-closed
		if a.add() == nil {
			c.complain(untypedErrors, "a read was taken in by a volume that is closed")
			a.rest()
		}
		if len(a.flying) == 0 {
			l.closed(c.volume.Stats())
		}
	}
}
