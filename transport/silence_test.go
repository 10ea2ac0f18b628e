package transport

import (
	"errors"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

var procPing = xdrwire.Procedure{Prog: 0x20000001, Vers: 1, Proc: 0}

// A server that takes its time but answers pings is left in peace; one that does
// not is given up, and its calls with it.
func TestSilence(t *testing.T) {
	for name, c := range map[string]struct {
		ping    xdrwire.Procedure
		answers int // pings that the server answers
	}{
		"ping unanswered": {procPing, 0},
		"pings answered":  {procPing, 5},
		"no ping":         {xdrwire.Procedure{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			patience := 80 * time.Millisecond
			// A machine that does much else may be silent itself.
			for !silent(t, c.ping, c.answers, patience) {
				if patience *= 4; patience > 5*time.Second {
					t.Fatal("given up though pings were answered")
				}
			}
		})
	}
}

// silent makes one read from a server that answers so many pings, and then the read
// if it answered any. It reports false if the server was given up earlier.
func silent(t *testing.T, ping xdrwire.Procedure, answers int, patience time.Duration) bool {
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		var held []byte
		for answers := answers; ; {
			call, err := p.Call()
			switch {
			case err != nil:
				return
			case call.Procedure == procRead:
				held = readReply(call.XID, 0, 10)
			case answers > 0:
				p.Write(transporttest.Accepted(call.XID))
				if answers--; answers == 0 {
					p.Write(held)
				}
			}
		}
	})
	e := newEngine(t, Options{})
	conn := dial(t, e, s, ConnOptions{Depth: 1, Silence: patience, Ping: ping})
	r := newRead(0, make([]byte, 10))
	began := time.Now()
	err := e.NewQueue(1).Do(ctx, r.on(conn))
	took := time.Since(began)
	if answers > 0 && errors.Is(err, ErrSilent) {
		return false
	}
	if answers > 0 {
		r.check(t)
		if s := e.Stats(); s.Pings < uint64(answers) || s.UnknownReplies != 0 {
			t.Errorf("%+v", s)
		}
		return true
	}
	if !lost(is(ErrSilent))(err) || took < patience {
		t.Errorf("%v after %v", err, took)
	}
	var lost *ConnError
	if errors.As(err, &lost) && !lost.Retryable() {
		t.Error("not worth another try")
	}
	return true
}

// Nothing is pinged while nothing is outstanding.
func TestSilenceWhileIdle(t *testing.T) {
	s := transporttest.Serve(t, serveReads)
	silence := 40 * time.Millisecond
	e := newEngine(t, Options{})
	conn := dial(t, e, s, ConnOptions{Silence: silence, Ping: procPing})
	r := newRead(0, make([]byte, 10))
	// A machine that does much else may be silent itself.
	for err := e.NewQueue(1).Do(ctx, r.on(conn)); err != nil; err = e.NewQueue(1).Do(ctx, r.on(conn)) {
		if silence *= 4; silence > 4*time.Second {
			t.Fatal(err)
		}
		conn = dial(t, e, s, ConnOptions{Silence: silence, Ping: procPing})
	}
	before := e.Stats().Pings
	time.Sleep(5 * silence)
	if n := e.Stats().Pings - before; n > 0 || conn.Err() != nil {
		t.Errorf("%d pings, %v", n, conn.Err())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.watcher.watching {
		t.Error("the timer runs on")
	}
}

// A large payload that comes slowly is no silence, though the receive waits for a
// good part of it before it reports.
func TestSlowPayloadIsNoSilence(t *testing.T) {
	err := errors.New("not tried")
	// A machine that does much else may be silent itself.
	for silence := 200 * time.Millisecond; err != nil && silence < 4*time.Second; silence *= 4 {
		err = readSlowly(t, silence)
	}
	if err != nil {
		t.Error(err)
	}
}

// readSlowly reads a payload that comes in pieces, a tenth of what counts as silence
// apart.
func readSlowly(t *testing.T, silence time.Duration) error {
	const size = 1 << 20
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		call, err := p.Call()
		for reply := readReply(call.XID, 0, size); err == nil && len(reply) > 0; {
			n := min(len(reply), size/50)
			_, err = p.Write(reply[:n])
			reply = reply[n:]
			time.Sleep(silence / 10)
		}
		p.Hold()
	})
	e := newEngine(t, Options{Plan: PlanExact})
	conn := dial(t, e, s, ConnOptions{Silence: silence, Ping: procPing})
	r := newRead(0, make([]byte, size))
	if err := e.NewQueue(1).Do(ctx, r.on(conn)); err != nil {
		return err
	}
	r.check(t)
	return nil
}

// Calls that wait for a slot are looked after when all slots wait for replies to
// calls that their callers gave up.
func TestSilenceOfAllSlots(t *testing.T) {
	s := transporttest.Serve(t, (*transporttest.Peer).Hold)
	e := newEngine(t, Options{})
	conn := dial(t, e, s, ConnOptions{Depth: 1, Silence: 80 * time.Millisecond, Ping: procPing})
	q := e.NewQueue(2)
	given, waits := newRead(0, make([]byte, 10)), newRead(0, make([]byte, 10))
	if err := q.Add(given.on(conn)); err != nil {
		t.Fatal(err)
	}
	q.Flush()
	q.Cancel(&given.Call, nil)
	if err := q.Add(waits.on(conn)); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, func() { q.Wait(ctx, 2) })
	for q.Pop() != nil {
	}
	if !lost(is(ErrSilent))(waits.Err) {
		t.Error(waits.Err)
	}
}
