package backend

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

// Link is a way to the server that lasts: when its connection is lost, a new one
// takes its place. Only one goroutine at a time makes connections for it.
type Link struct {
	conns *Conns
	ring  int
	index int // in Conns.All

	conn  atomic.Pointer[Conn] // the newest, from when it is ready for calls
	ready atomic.Pointer[Conn] // the same, from when it has been renewed, too

	mu     sync.Mutex
	making bool              // a goroutine makes connections
	owed   []*transport.Conn // lost, with calls that wait for a new one

	// Of the goroutine that makes connections.
	tries  int       // in vain, or nearly so, since a connection last held
	failed bool      // the last try made no connection
	since  time.Time // when the connection came
}

// Index is the link's place in Conns.All.
func (l *Link) Index() int { return l.index }

// Conn is the link's connection, which may have been lost.
func (l *Link) Conn() *Conn { return l.conn.Load() }

// outstanding is the number of calls outstanding, math.MaxInt while the link is
// down.
func (l *Link) outstanding() int {
	if c := l.ready.Load(); c != nil {
		return c.Outstanding()
	}
	return math.MaxInt
}

func (l *Link) isUp() bool { return l.outstanding() < math.MaxInt }

// connect makes the link's first connection.
func (l *Link) connect(ctx context.Context) error {
	l.making = true
	c, err := l.dial(ctx)
	if err != nil {
		return err
	}
	l.place(c)
	l.ready.Store(c)
	if lost := l.rest(c); lost {
		return c.Err()
	}
	return nil
}

func (l *Link) dial(ctx context.Context) (*Conn, error) {
	o := l.conns.opt.Conn
	o.Lost = l.lost
	return l.conns.connector.Connect(ctx, l.conns.engines[l.ring], o)
}

func (l *Link) place(c *Conn) {
	l.conn.Store(c)
	l.since = time.Now()
}

// rest ends the making of connections with c in its place, unless c has been lost
// meanwhile.
func (l *Link) rest(c *Conn) (lost bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.making = c.Err() != nil
	return l.making
}

// lost implements transport.ConnOptions.Lost.
func (l *Link) lost(c *transport.Conn) {
	l.mu.Lock()
	// Who makes connections sees by itself that this one is of no use, and may have
	// replaced it by now.
	mine := !l.making && l.Conn().Conn == c
	if mine {
		l.making = true
	}
	l.mu.Unlock()
	if mine {
		l.restore(c)
	}
}

// attemptTimeout bounds one try to connect.
const attemptTimeout = 10 * time.Second

// restore puts a new connection in the lost one's place, however long that takes.
func (l *Link) restore(lost *transport.Conn) {
	for lost != nil && l.conns.ctx.Err() == nil {
		l.owe(lost)
		if time.Since(l.since) > steadyFactor*pause(l.tries) {
			l.tries = 0
		}
		lost = l.replace()
	}
	if lost != nil {
		l.owe(lost)
	}
	if l.conns.ctx.Err() != nil {
		l.settle(func(c *transport.Conn) { c.Forsake(transport.ErrClosed) })
	}
}

// replace makes a new connection, which it returns if it has been lost already.
// When it returns nil this goroutine makes no connections any more.
func (l *Link) replace() (lost *transport.Conn) {
	s := l.conns
	for {
		c, err := l.attempt()
		l.failed = err != nil
		switch {
		case s.ctx.Err() != nil:
			return nil
		case errors.Is(err, transport.ErrBroken): // there can be none
			l.settle(func(c *transport.Conn) { c.Forsake(err) })
			return nil
		case err != nil:
			l.complain(err)
			continue
		}
		s.opt.Logger.Info("connected again", "peer", c.Peer(), "tries", l.tries)
		l.place(c)
		// When c has been renewed, calls that wait find what they need on it; if it
		// was lost meanwhile, they wait for the next.
		if err := s.connector.Renew(s.ctx, l, c); err == nil || c.Err() == nil {
			l.ready.Store(c)
			l.settle((*transport.Conn).Retire)
			l.tellUp()
		}
		if l.rest(c) {
			return c.Conn
		}
		return nil
	}
}

// complain has the calls that wait know why they do.
func (l *Link) complain(err error) {
	level := slog.LevelDebug
	if l.tries == 1 {
		level = slog.LevelWarn
	}
	l.conns.opt.Logger.Log(l.conns.ctx, level, "no new connection", "peer", l.Conn().Peer(), "tries", l.tries, "err", err)
	for _, c := range l.waiting() {
		c.Retried(err)
	}
}

// attempt waits as long as it has to after those before it, and tries to connect.
// The wait for a server that was not there is over when another link has found it.
func (l *Link) attempt() (*Conn, error) {
	s := l.conns
	wait := time.NewTimer(jitter(pause(l.tries)))
	defer wait.Stop()
	var found <-chan struct{}
	if l.failed {
		found = s.nextRestored()
	}
	select {
	case <-wait.C:
	case <-found:
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
	l.tries++
	ctx, cancel := context.WithTimeout(s.ctx, attemptTimeout)
	defer cancel()
	return l.dial(ctx)
}

// owe notes a lost connection whose calls wait for a new one.
func (l *Link) owe(lost *transport.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed = append(l.owed, lost)
}

// waiting lists the lost connections whose calls wait.
func (l *Link) waiting() []*transport.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.owed)
}

// settle does to all of them what ends the waiting.
func (l *Link) settle(end func(*transport.Conn)) {
	l.mu.Lock()
	owed := l.owed
	l.owed = nil
	l.mu.Unlock()
	for _, c := range owed {
		end(c)
	}
}

// tellUp tells those who wait for a connection that there is one.
func (l *Link) tellUp() {
	s := l.conns
	for _, other := range s.rings[l.ring].list {
		for _, c := range other.waiting() {
			c.Resend()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.restored)
	s.restored = make(chan struct{})
}
