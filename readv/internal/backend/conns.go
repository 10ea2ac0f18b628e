package backend

import (
	"errors"

	"github.com/ringreadv/ringreadv/transport"
)

// Conns are the connections to one server.
type Conns []*transport.Conn

// Pick gives the index of the connection with the fewest calls outstanding.
func (c Conns) Pick() int {
	best := 0
	if len(c) > 1 {
		least := c[0].Outstanding()
		for i, conn := range c[1:] {
			if n := conn.Outstanding(); n < least {
				best, least = i+1, n
			}
		}
	}
	return best
}

// Close closes all of them.
func (c Conns) Close() error {
	var errs []error
	for _, conn := range c {
		errs = append(errs, conn.Close())
	}
	return errors.Join(errs...)
}
