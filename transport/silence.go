package transport

import (
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// silence is what is known of a server that may have stopped answering.
type silence struct {
	since  time.Time // when it was first seen; zero while there is none
	heard  uint64    // receiver.heard then
	pinged bool
	at     time.Time // of the ping
	xid    uint32    // of the last ping there was
}

// watcher is one timer that looks at all connections of an engine while calls
// are outstanding on one that has ConnOptions.Silence.
type watcher struct {
	timer    *time.Timer
	watching bool
}

// looks is how often the patience with a server is looked at while it lasts: so
// much later than asked it may end.
const looks = 8

// watch has the connection looked at from now on; a call is outstanding.
func (c *Conn) watch() {
	w := &c.engine.watcher
	if !w.watching && c.opt.Silence > 0 {
		w.watching = true
		w.timer.Reset(c.opt.Silence / looks)
	}
}

// lookForSilence looks at every connection, as long as there is one to look at.
func (e *Engine) lookForSilence() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.watcher.watching = false
	if e.closed {
		return
	}
	now := time.Now()
	var next time.Duration
	for _, c := range e.conns {
		if c == nil || c.opt.Silence <= 0 || c.err != nil {
			continue
		}
		if c.outstanding.Load() == 0 {
			c.silence = silence{xid: c.silence.xid}
			continue
		}
		c.listen(now)
		if pause := c.opt.Silence / looks; next == 0 || pause < next {
			next = pause
		}
	}
	if next > 0 {
		e.watcher.watching = true
		e.watcher.timer.Reset(next)
	}
	e.flush()
	e.lazily()
}

// listen pings a server that has sent nothing for half of what it may, and ends
// the connection when the ping has had as long. It is the time since the ping
// that counts: the process may have been stopped meanwhile.
func (c *Conn) listen(now time.Time) {
	s := &c.silence
	half := c.opt.Silence / 2
	switch {
	case s.since.IsZero() || s.heard != c.rx.heard:
		*s = silence{since: now, heard: c.rx.heard, xid: s.xid}
	case !s.pinged && now.Sub(s.since) >= half:
		s.pinged, s.at = true, now
		c.ping()
	case s.pinged && now.Sub(s.at) < half:
	case s.pinged && c.trickles(half):
		*s = silence{since: now, heard: c.rx.heard, xid: s.xid}
	case s.pinged:
		c.abort(ErrSilent)
	}
}

// trickles reports whether bytes of a reply have come within so long that the
// receive in flight has not reported: it may wait for all of a large payload. The
// reply to a ping stands behind it.
func (c *Conn) trickles(within time.Duration) bool {
	if !c.rx.asked {
		return false
	}
	if c.engine.has(TCPInfo) {
		ago, err := lastReceived(c.fd)
		if err == nil {
			return ago < within
		}
		c.engine.demote(TCPInfo, err)
	}
	if c.recvUses&WaitAll == 0 && c.lowat == 1 {
		return false // it would have reported them
	}
	// It was made before TCPInfo was refused: it is made again as one that reports
	// what has come.
	c.cancelling = c.receiving
	c.listToArm()
	return true
}

// ping calls the procedure that does nothing. It takes no slot, for there may be
// none, and nobody waits for it: its XID is one that no slot has now, and any
// reply is a sign of life.
func (c *Conn) ping() {
	if c.opt.Ping == (xdrwire.Procedure{}) {
		return
	}
	c.engine.stats.Pings++
	c.silence.xid = c.slots.all[0].xid ^ 1<<31
	c.encode(c.silence.xid, c.opt.Ping, c.opt.PingCred, nil)
}
