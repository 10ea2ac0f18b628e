package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// block reads with blocking calls until the context ends.
func (c *client) block(ctx context.Context, rnd *rand.Rand) {
	for ctx.Err() == nil {
		f := c.any(rnd)
		off, n := f.content.place(rnd)
		s := c.quarantine.take(n)
		got, err := c.readOnce(rnd, f, s, off, n)
		c.judge(f.content, s, off, n, got, err)
		c.quarantine.put(s)
	}
}

// readOnce reads in one of the ways there are, perhaps with a context that ends.
func (c *client) readOnce(rnd *rand.Rand, f file, s *slab, off int64, n int) (int, error) {
	what := fmt.Sprintf("blocking read of %d bytes at %d of %s", n, off, f.content.name)
	if rnd.IntN(2) == 0 {
		defer c.watch.end(c.watch.begin(what, time.Now().Add(patience)))
		s.one(n)
		return f.ReadAt(s.iovs[0], off)
	}
	s.lay(rnd, n)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	end := limit(rnd)
	defer c.watch.end(c.watch.begin(what, orPatience(end)))
	if !end.IsZero() {
		if rnd.IntN(2) == 0 {
			defer time.AfterFunc(time.Until(end), cancel).Stop()
		} else {
			var stop func()
			ctx, stop = context.WithDeadline(ctx, end)
			defer stop()
		}
	}
	return f.Readv(ctx, s.iovs, off)
}
