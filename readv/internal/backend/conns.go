package backend

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/transport"
	"golang.org/x/sys/cpu"
)

// Conn is a connection and the engine it belongs to.
type Conn struct {
	*transport.Conn
	engine *transport.Engine
}

// Dial connects on an engine.
func Dial(ctx context.Context, e *transport.Engine, address string, o transport.ConnOptions) (*Conn, error) {
	c, err := e.Dial(ctx, address, o)
	if err != nil {
		return nil, err
	}
	return &Conn{Conn: c, engine: e}, nil
}

// ConnsOptions shape Conns.
type ConnsOptions struct {
	// Count is how many there are; fewer than engines means one for each.
	Count int
	// Conn is passed on to each connection.
	Conn transport.ConnOptions
	// FailFast has what a lost connection fails not tried again.
	FailFast bool
	// Timeout bounds what Retry waits for a connection; 0 means no bound.
	Timeout time.Duration
	Logger  *slog.Logger // not nil
}

// A Connector is what a protocol has to say about its connections.
type Connector interface {
	// Connect makes a connection that is ready for the protocol's calls. It is
	// called for every new one, also those that replace a lost one: whatever
	// may have changed at the server is asked again.
	Connect(context.Context, *transport.Engine, transport.ConnOptions) (*Conn, error)
	// Renew carries what was bound to the link's lost connection over to the
	// new one, c; what is made on the link meanwhile is bound to c. An error
	// means that c has been lost, or that the context has ended.
	Renew(ctx context.Context, l *Link, c *Conn) error
}

// Conns are a volume's links to one server, all alike, dealt over the volume's
// rings. Once they are there, methods are safe from many goroutines.
type Conns struct {
	opt       ConnsOptions
	engines   []*transport.Engine
	connector Connector
	all       []*Link
	rings     []ringLinks

	ctx  context.Context // of restoring links
	stop context.CancelFunc

	mu       sync.Mutex
	restored chan struct{} // closed when the next link has been
}

// ringLinks are those on one ring. They share nothing with those on others.
type ringLinks struct {
	list []*Link
	run  atomic.Uint64 // the run under way: index in the list, reads left
	_    cpu.CacheLinePad
}

// NewConns makes no connection yet. There is at least one engine.
func NewConns(engines []*transport.Engine, o ConnsOptions) *Conns {
	c := &Conns{opt: o, engines: engines, rings: make([]ringLinks, len(engines)), restored: make(chan struct{})}
	c.ctx, c.stop = context.WithCancel(context.Background())
	return c
}

// Engines are what the connections are dealt over.
func (c *Conns) Engines() []*transport.Engine { return c.engines }

// Connect makes the connections: the first on the first engine, the second on the
// second, and round again.
func (c *Conns) Connect(ctx context.Context, connector Connector) error {
	c.connector = connector
	for i := range max(c.opt.Count, len(c.engines)) {
		ring := i % len(c.engines)
		l := &Link{conns: c, ring: ring, index: i}
		c.all = append(c.all, l)
		c.rings[ring].list = append(c.rings[ring].list, l)
	}
	for _, l := range c.all {
		if err := l.connect(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends the making of new connections; the engines may be closed then. Calls
// that wait for one fail.
func (c *Conns) Stop() { c.stop() }

// nextRestored is closed when the next link has been restored.
func (c *Conns) nextRestored() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.restored
}

// All lists the links by index.
func (c *Conns) All() []*Link { return c.all }

// Any gives the link with the fewest calls outstanding, for a call that is not a
// read.
func (c *Conns) Any() *Link { return least(c.all, 1) }

// Small reads go to one connection in runs: their calls leave with one send, and
// replies that come together are received together. A run ends with runBytes of
// calls and payload; a large read is one by itself.
const (
	runBytes  = 64 << 10
	callBytes = 4 << 10 // what a call costs besides its payload, as if it were payload
)

// Pick gives a ring's link for a read of this size. Links that have a run of calls
// more outstanding than another are passed over; one that is down is only picked
// when all of the ring are. It does not allocate.
func (c *Conns) Pick(ring, size int) *Link {
	r := &c.rings[ring]
	if len(r.list) == 1 {
		return r.list[0]
	}
	if run := r.run.Load(); uint32(run) > 0 {
		if l := r.list[run>>32]; l.isUp() {
			// Two goroutines here at once may take one place: the run is
			// longer by one then.
			r.run.Store(run - 1)
			return l
		}
	}
	length := max(1, runBytes/(callBytes+size))
	l := least(r.list, length)
	r.run.Store(uint64(l.index/len(c.rings))<<32 | uint64(length-1))
	return l
}

// least finds the link with the fewest calls outstanding, counted in units of so
// many: of those that are alike the first, so that few reads do not spread thin.
func least(list []*Link, unit int) *Link {
	best, fewest := list[0], math.MaxInt
	for _, l := range list {
		if n := l.outstanding() / unit; n < fewest {
			best, fewest = l, n
		}
	}
	return best
}
