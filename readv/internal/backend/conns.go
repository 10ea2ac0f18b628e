package backend

import (
	"github.com/ringreadv/ringreadv/transport"
)

// Conns are the connections to one server.
type Conns []*transport.Conn

// Pick gives the index of the connection with the fewest calls outstanding. One
// that has ended is only picked when all have.
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
