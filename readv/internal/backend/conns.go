package backend

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/ringreadv/ringreadv/transport"
	"golang.org/x/sys/cpu"
)

// Conn is a connection and the engine it belongs to.
type Conn struct {
	*transport.Conn
	engine *transport.Engine
	index  int // among its Conns
}

// Dial connects on an engine.
func Dial(ctx context.Context, e *transport.Engine, address string, o transport.ConnOptions) (*Conn, error) {
	c, err := e.Dial(ctx, address, o)
	if err != nil {
		return nil, err
	}
	return &Conn{Conn: c, engine: e}, nil
}

// Index is the connection's place in the Conns that it was added to.
func (c *Conn) Index() int { return c.index }

// Conns are a volume's connections to one server, all alike, dealt over the
// volume's rings. Once they are there, methods are safe from many goroutines.
type Conns struct {
	all   []*Conn
	rings []ringConns
}

// ringConns are those on one ring. They share nothing with those on others.
type ringConns struct {
	list []*Conn
	run  atomic.Uint64 // the run under way: index in the list, reads left
	_    cpu.CacheLinePad
}

// Connect makes count connections, or one for each engine if that is more: the
// first on the first engine, the second on the second, and round again.
func (c *Conns) Connect(engines []*transport.Engine, count int, dial func(*transport.Engine) (*Conn, error)) error {
	c.rings = make([]ringConns, len(engines))
	for i := range max(count, len(engines)) {
		conn, err := dial(engines[i%len(engines)])
		if err != nil {
			return err
		}
		conn.index = i
		c.all = append(c.all, conn)
		r := &c.rings[i%len(engines)]
		r.list = append(r.list, conn)
	}
	return nil
}

// All lists the connections by index.
func (c *Conns) All() []*Conn { return c.all }

// Any gives the connection with the fewest calls outstanding, for a call that is
// not a read.
func (c *Conns) Any() *Conn { return least(c.all, 1) }

// Small reads go to one connection in runs: their calls leave with one send, and
// replies that come together are received together. A run ends with runBytes of
// calls and payload; a large read is one by itself.
const (
	runBytes  = 64 << 10
	callBytes = 4 << 10 // what a call costs besides its payload, as if it were payload
)

// Pick gives a ring's connection for a read of this size. Connections that have a
// run of calls more outstanding than another are passed over; one that has ended
// is only picked when all of the ring have. It does not allocate.
func (c *Conns) Pick(ring, size int) *Conn {
	r := &c.rings[ring]
	if len(r.list) == 1 {
		return r.list[0]
	}
	if run := r.run.Load(); uint32(run) > 0 {
		if conn := r.list[run>>32]; conn.Outstanding() < math.MaxInt {
			// Two goroutines here at once may take one place: the run is
			// longer by one then.
			r.run.Store(run - 1)
			return conn
		}
	}
	length := max(1, runBytes/(callBytes+size))
	conn := least(r.list, length)
	r.run.Store(uint64(conn.index/len(c.rings))<<32 | uint64(length-1))
	return conn
}

// least finds the connection with the fewest calls outstanding, counted in units
// of so many: of those that are alike the first, so that few reads do not spread
// thin.
func least(list []*Conn, unit int) *Conn {
	best, fewest := list[0], math.MaxInt
	for _, conn := range list {
		if n := conn.Outstanding() / unit; n < fewest {
			best, fewest = conn, n
		}
	}
	return best
}
