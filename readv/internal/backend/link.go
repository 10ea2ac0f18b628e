package backend

import (
	"context"
	"log/slog"
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

	mu    sync.Mutex        // for what follows, and to put a connection in its place
	stray *transport.Conn   // lost before it was in its place
	owed  []*transport.Conn // lost, with calls that wait for a new one

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
	l.owe(lost)
	if time.Since(l.since) > steadyFactor*pause(l.tries) {
		l.tries = 0
	}
	if least(s.rings[l.ring].list, 1).isUp() {
		lost.Resend() // by other links
	}
	for {
		c, err := l.attempt()
		if err != nil && s.ctx.Err() == nil {
			lost.Retried(err)
			level := slog.LevelDebug
			if l.tries == 1 {
				level = slog.LevelWarn
			}
			s.opt.Logger.Log(s.ctx, level, "no new connection", "peer", lost.Peer(), "tries", l.tries, "err", err)
			continue
		}
		var stray bool
		if err == nil {
			s.opt.Logger.Info("connected again", "peer", c.Peer(), "tries", l.tries)
			stray = l.place(c)
			err = s.connector.Renew(s.ctx, l, c)
		}
		switch {
		case err == nil:
			l.settle((*transport.Conn).Retire)
			l.tellUp()
		case s.ctx.Err() != nil:
			l.settle(func(c *transport.Conn) { c.Forsake(transport.ErrClosed) })
			return
		}
		// Else the new connection has been lost meanwhile: what was to be made
		// again on it waits for the next.
		if !stray {
			return
		}
		lost = c.Conn
		l.owe(lost)
	}
}

// owe notes a lost connection whose calls wait for a new one.
func (l *Link) owe(lost *transport.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed = append(l.owed, lost)
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
	return l.dial(ctx)
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
