package backend

import (
	"context"
	"time"

	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// RPC makes the calls that are not reads: one at a time, blocking, the whole
// result collected. It is safe from many goroutines.
type RPC struct {
	Cred xdrwire.Auth
	// Timeout bounds each call in addition to its context; 0 means no bound.
	Timeout time.Duration
	// MaxBodyBytes bounds results; 0 means 2 MiB: a page of a listing, or a
	// dictionary as large as it may be.
	MaxBodyBytes int
}

const defaultMaxBodyBytes = 2 << 20

// Call makes one call and returns its encoded result.
func (r *RPC) Call(ctx context.Context, c *Conn, p xdrwire.Procedure, args []byte) ([]byte, error) {
	call := &transport.Call{Conn: c.Conn, Procedure: p, Cred: r.Cred, Args: args, MaxBodyBytes: r.MaxBodyBytes}
	if call.MaxBodyBytes == 0 {
		call.MaxBodyBytes = defaultMaxBodyBytes
	}
	if r.Timeout > 0 {
		call.Deadline = time.Now().Add(r.Timeout)
	}
	if err := c.engine.NewQueue(1).Do(ctx, call); err != nil {
		return nil, err
	}
	return call.Body, nil
}
