package backend

import (
	"context"
	"errors"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

// maxAgain is the longest pause before f is run again though there is a connection.
const maxAgain = 100 * time.Millisecond

// Retry runs f, which asks the server something that does not change it, and runs
// it again when its connection was lost, as soon as there is one: but not with
// FailFast, nor on an engine that is broken, nor when the context has ended or ConnsOptions.Timeout has passed,
// which gives a *transport.OutageError. A call under way then takes its own time.
func (c *Conns) Retry(ctx context.Context, f func() error) error {
	var timeUp <-chan time.Time
	for again := time.Millisecond; ; again = min(2*again, maxAgain) {
		restored := c.nextRestored()
		err := f()
		var lost *transport.ConnError
		if c.opt.FailFast || errors.Is(err, transport.ErrBroken) || !errors.As(err, &lost) {
			return err
		}
		if timeUp == nil && c.opt.Timeout > 0 {
			timer := time.NewTimer(c.opt.Timeout)
			defer timer.Stop()
			timeUp = timer.C
		}
		var soon <-chan time.Time
		if c.Any().isUp() {
			soon = time.After(again)
		}
		select {
		case <-soon:
		case <-restored:
		case <-ctx.Done():
			if ctx.Err() == context.Canceled {
				return errors.Join(ctx.Err(), lost)
			}
			return &transport.OutageError{Lost: lost}
		case <-timeUp:
			return &transport.OutageError{Lost: lost}
		case <-c.ctx.Done():
			return transport.ErrClosed
		}
	}
}
