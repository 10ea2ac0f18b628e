package backend

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

// Link is a way to the server that lasts: when its connection is lost, a new one
// takes its place.
type Link struct {
	conns *Conns
	ring  int
	index int // in Conns.All

	conn atomic.Pointer[Conn]

	mu    sync.Mutex      // for what follows, and to put a connection in its place
	stray *transport.Conn // lost before it was in its place

	// Of the one goroutine that restores.
	tries int       // in vain, or nearly so, since a connection last held
	since time.Time // when the connection came
}

// Index is the link's place in Conns.All.
func (l *Link) Index() int { return l.index }

// Conn is the link's connection, which may have been lost.
func (l *Link) Conn() *Conn { return l.conn.Load() }

// outstanding is the number of calls outstanding, math.MaxInt while the link is
// down.
func (l *Link) outstanding() int {
	if c := l.conn.Load(); c != nil {
		return c.Outstanding()
	}
	return math.MaxInt
}

func (l *Link) isUp() bool { return l.outstanding() < math.MaxInt }

// connect makes the link's first connection.
func (l *Link) connect(ctx context.Context) error {
	c, err := l.dial(ctx)
	if err != nil {
		return err
	}
	if stray := l.place(c); stray {
		err := c.Err()
		c.Close()
		return err
	}
	return nil
}

func (l *Link) dial(ctx context.Context) (*Conn, error) {
	o := l.conns.opt.Conn
	o.Lost = l.lost
	return l.conns.connector.Connect(ctx, l.conns.engines[l.ring], o)
}

// place makes c the link's connection. stray says that it has been lost already
// and that nobody else restores the link because of that.
func (l *Link) place(c *Conn) (stray bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn.Store(c)
	l.since = time.Now()
	return l.stray == c.Conn
}

// lost implements transport.ConnOptions.Lost.
func (l *Link) lost(c *transport.Conn) {
	l.mu.Lock()
	inPlace := l.conn.Load() != nil && l.conn.Load().Conn == c
	if !inPlace {
		l.stray = c
	}
	l.mu.Unlock()
	if inPlace {
		l.restore(c)
	}
}

// attemptTimeout bounds one try to connect.
const attemptTimeout = 10 * time.Second

// restore puts a new connection in the lost one's place, however long that takes.
func (l *Link) restore(lost *transport.Conn) {
	s := l.conns
	if time.Since(l.since) > steadyFactor*pause(l.tries) {
		l.tries = 0
	}
	if least(s.rings[l.ring].list, 1).isUp() {
		lost.Resend() // by other links
	}
	for stray := true; stray; {
		c, err := l.attempt()
		switch {
		case s.ctx.Err() != nil:
			lost.Forsake(transport.ErrClosed)
			return
		case err != nil:
			lost.Retried(err)
			s.opt.Logger.Warn("no new connection", "peer", lost.Peer(), "tries", l.tries, "err", err)
			continue
		}
		tries := l.tries // from here on another goroutine may restore
		stray = l.place(c)
		// What was opened on the old connection while the new one came.
		if err := s.connector.Renew(s.ctx, l, c); err != nil {
			s.opt.Logger.Warn("renewing", "peer", c.Peer(), "err", err)
		}
		lost.Retire()
		s.opt.Logger.Info("connected again", "peer", c.Peer(), "tries", tries)
		l.tellUp()
		lost = c.Conn
	}
}

// attempt waits as long as it has to after those before it, and tries to connect.
func (l *Link) attempt() (*Conn, error) {
	s := l.conns
	wait := time.NewTimer(jitter(pause(l.tries)))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
	l.tries++
	ctx, cancel := context.WithTimeout(s.ctx, attemptTimeout)
	defer cancel()
	c, err := l.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.connector.Renew(ctx, l, c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// tellUp tells those who wait for a connection that there is one.
func (l *Link) tellUp() {
	s := l.conns
	for _, other := range s.rings[l.ring].list {
		if c := other.Conn(); c != nil && !other.isUp() {
			c.Resend()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.restored)
	s.restored = make(chan struct{})
}
