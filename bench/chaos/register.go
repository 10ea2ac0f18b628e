package chaos

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ringreadv/ringreadv/readv"
)

const (
	// regionReads is how many reads a region is registered for.
	regionReads = 20
	regionBytes = 256 << 10
	// regionPause lies between two regions: to register is dear.
	regionPause = 50 * time.Millisecond
)

// register registers memory, reads into it and takes it back, until the context
// ends.
func (c *client) register(ctx context.Context, rnd *rand.Rand) {
	for ctx.Err() == nil {
		s := c.quarantine.adopt(make([]byte, regionBytes))
		region, err := c.volume.Register(s.mem)
		c.called("Register", err)
		if err == nil {
			c.readInto(ctx, rnd, region, s)
		}
		select {
		case <-time.After(regionPause):
		case <-ctx.Done():
		}
	}
}

// readInto reads into the region, tries to take it back under a read, and takes it
// back.
func (c *client) readInto(ctx context.Context, rnd *rand.Rand, region *readv.Region, s *slab) {
	var err error
	for i := 0; i < regionReads && ctx.Err() == nil; i++ {
		f := c.any(rnd)
		off, n := f.content.place(rnd)
		n = min(n, regionBytes-spareBytes)
		early := make(chan error, 1)
		if i == regionReads-1 {
			go func() { early <- region.Close() }()
		} else {
			early <- nil
		}
		got, readErr := c.readOnce(rnd, f, s, off, n)
		if err = <-early; errors.Is(err, readv.ErrBufferInUse) {
			err = nil // as it should while the read is in flight
		}
		c.judge(f.content, s, off, n, got, readErr)
		s.wipe()
	}
	if err = errors.Join(err, region.Close()); err != nil {
		c.complain(leftRegions, "%v", err)
		return
	}
	c.quarantine.put(s)
}
