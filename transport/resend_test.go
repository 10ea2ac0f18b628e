package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// successor is the Resender of a test's calls: they go to the connection in to,
// and where there is none they stay.
type successor struct {
	to    *Conn // guarded by Engine.mu
	err   error
	asked int
}

func (s *successor) Resend(c *Call) error {
	s.asked++
	if s.to != nil {
		c.Conn = s.to
	}
	return s.err
}

func (s *successor) set(e *Engine, c *Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s.to = c
}

// losing is an engine with a connection to a server that ends it when the test
// says so, with calls in every state.
type losing struct {
	*Engine
	conn  *Conn
	queue *Queue
	reads []*testRead
	next  *successor
	lost  chan *Conn
	cut   chan bool
}

const losingReads = 5

// newLosing has one call that is being received, some that were sent and one that
// waits for a slot.
func newLosing(t *testing.T, o Options) *losing {
	l := &losing{next: new(successor), lost: make(chan *Conn, 1), cut: make(chan bool)}
	began := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		calls := p.Calls(losingReads - 1)
		off, n := parseReadArgs(calls[0].Args)
		p.Write(readReply(calls[0].XID, off, n)[:10000])
		began <- true
		<-l.cut
	})
	l.Engine = newEngine(t, o)
	l.conn = dial(t, l.Engine, s, ConnOptions{Depth: losingReads - 1, Lost: func(c *Conn) { l.lost <- c }})
	l.queue = l.NewQueue(losingReads + 1)
	for i := range losingReads {
		l.reads = append(l.reads, l.read(uint64(i*100), 60000))
	}
	l.queue.Flush()
	<-began
	eventually(t, l.Engine, "the payload is received in part", func() bool {
		return l.stats.ReceivedBytes == 10000 && l.conn.receiving
	})
	return l
}

// read adds one more.
func (l *losing) read(off uint64, n int) *testRead {
	r := newRead(off, make([]byte, n/2), make([]byte, n-n/2))
	r.Resend = l.next
	if err := l.queue.Add(r.on(l.conn)); err != nil {
		r.Err = err
	}
	return r
}

// end has the server end the connection and waits until that is known.
func (l *losing) end(t *testing.T) {
	t.Helper()
	close(l.cut)
	within(t, 5*time.Second, func() {
		if c := <-l.lost; c != l.conn {
			t.Error("another connection was reported")
		}
	})
	eventually(t, l.Engine, "nothing is aimed at calls any more", func() bool { return !l.conn.receiving })
}

func (l *losing) await(t *testing.T, n int) {
	t.Helper()
	within(t, 5*time.Second, func() {
		if err := l.queue.Wait(ctx, n); err != nil {
			t.Error(err)
		}
	})
}

func (r *testRead) check(t *testing.T) {
	t.Helper()
	off := r.UserData.(uint64)
	got := bytes.Join(r.Iovs, nil)
	if r.Err != nil || r.Received != len(got) || !bytes.Equal(got, pattern(off, len(got))) {
		t.Errorf("read at %d: %d bytes, %v, or wrong bytes", off, r.Received, r.Err)
	}
}

func TestResend(t *testing.T) {
	for _, o := range []Options{{}, {Plan: PlanSpeculative}, {Plan: PlanStaged}} {
		l := newLosing(t, o)
		l.end(t)
		if n := l.queue.InFlight(); n != losingReads {
			t.Errorf("%d calls in flight, want %d", n, losingReads)
		}
		l.reads = append(l.reads, l.read(7777, 100))
		if err := l.reads[losingReads].Err; err != nil {
			t.Error("a call made between two connections:", err)
		}
		l.conn.Resend() // there is nowhere to go yet
		l.next.set(l.Engine, dial(t, l.Engine, transporttest.Serve(t, serveReads), ConnOptions{}))
		l.conn.Retire()
		l.await(t, len(l.reads))
		for l.queue.Pop() != nil {
		}
		for _, r := range l.reads {
			r.check(t)
		}
		late := l.read(1234, 3000)
		l.await(t, 1)
		l.queue.Pop()
		late.check(t)
		s := l.Stats()
		if s.Resends != losingReads+1 || s.Reconnects != 1 || s.LostConns != 1 || s.InFlight != 0 || s.Connections != 1 {
			t.Errorf("%+v", s)
		}
	}
}

// A new connection may be there before the receive that was in flight on the old
// one has completed: the calls it is aimed at are made again all the same.
func TestResendAfterRetire(t *testing.T) {
	for _, o := range []Options{{}, {Plan: PlanSpeculative}, {Plan: PlanStaged}} {
		l := newLosing(t, o)
		l.next.set(l.Engine, dial(t, l.Engine, transporttest.Serve(t, serveReads), ConnOptions{}))
		l.mu.Lock()
		l.conn.abort(ErrSilent)
		l.conn.retire()
		l.mu.Unlock()
		close(l.cut)
		<-l.lost
		l.await(t, losingReads)
		for l.queue.Pop() != nil {
		}
		for _, r := range l.reads {
			r.check(t)
		}
		if s := l.Stats(); s.Resends != losingReads || s.InFlight != 0 {
			t.Errorf("%+v", s)
		}
	}
}

// However a call ends that waits for a connection, it ends once and in time.
func TestEndWhileWaitingForAConnection(t *testing.T) {
	failure := errors.New("no route")
	for name, c := range map[string]struct {
		do   func(*losing)
		want func(error) bool
	}{
		"cancel": {func(l *losing) {
			for _, r := range l.reads {
				l.queue.Cancel(&r.Call, nil)
			}
		}, is(context.Canceled)},
		"forsake": {func(l *losing) { l.conn.Forsake(failure) }, func(err error) bool {
			var lost *ConnError
			return errors.As(err, &lost) && lost.Err == io.ErrUnexpectedEOF && lost.Redial == failure
		}},
		"close":        {func(l *losing) { l.conn.Close() }, is(net.ErrClosed)},
		"engine close": {func(l *losing) { l.Close() }, is(net.ErrClosed)},
		"resender":     {func(l *losing) { l.next.err = failure; l.conn.Retire() }, is(failure)},
		"no heir":      {func(l *losing) { l.conn.Retire() }, lost(is(io.ErrUnexpectedEOF))},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLosing(t, Options{})
			l.end(t)
			within(t, 5*time.Second, func() { c.do(l) })
			l.await(t, losingReads)
			for range losingReads {
				if call := l.queue.Pop(); !c.want(call.Err) {
					t.Error(call.Err)
				}
			}
			if name == "cancel" {
				l.conn.Forsake(failure)
			}
			if r := l.read(0, 10); r.Err == nil {
				t.Error("a call was taken on a connection without a future")
				l.await(t, 1)
				l.queue.Pop()
			}
		})
	}
}

func TestDeadlineWhileWaitingForAConnection(t *testing.T) {
	failure := errors.New("no route")
	l := newLosing(t, Options{})
	l.end(t)
	l.conn.Retried(failure)
	r := newRead(0, make([]byte, 10))
	r.Resend, r.Deadline = l.next, time.Now().Add(20*time.Millisecond)
	if err := l.queue.Add(r.on(l.conn)); err != nil {
		t.Fatal(err)
	}
	l.await(t, 1)
	l.queue.Pop()
	var lost *ConnError
	if !errors.Is(r.Err, os.ErrDeadlineExceeded) || !errors.As(r.Err, &lost) || lost.Redial != failure || time.Now().Before(r.Deadline) {
		t.Error(r.Err)
	}
	if l.queue.InFlight() != losingReads {
		t.Error("others ended with it")
	}
	l.conn.Forsake(failure)
	for l.queue.Pop() != nil {
	}
}

// A cancel that comes while the lost connection's receive is still aimed at the
// call is not forgotten.
func TestCancelBetweenLossAndItsReceive(t *testing.T) {
	l := newLosing(t, Options{})
	defer close(l.cut)
	l.mu.Lock()
	l.conn.abort(io.EOF)
	if !l.reads[0].aimed {
		t.Error("the test does not test what it is to")
	}
	l.conn.cancel(&l.reads[0].Call, context.Canceled)
	l.mu.Unlock()
	l.await(t, 1)
	if call := l.queue.Pop(); call != &l.reads[0].Call || !errors.Is(call.Err, context.Canceled) {
		t.Error(call.Err)
	}
	<-l.lost
	l.conn.Forsake(io.EOF)
	for l.queue.Pop() != nil {
	}
}

// Calls without a Resender fail at once, also those made later.
func TestLossWithoutResender(t *testing.T) {
	over := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) { p.Call() })
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Lost: func(c *Conn) { <-over; c.Forsake(io.EOF) }})
	q := e.NewQueue(1)
	for range 2 { // the second is refused
		r := newRead(0, make([]byte, 10))
		var lost *ConnError
		if err := q.Do(ctx, r.on(c)); !errors.As(err, &lost) || lost.Err != io.EOF {
			t.Error(err)
		}
	}
	close(over)
}

// A cancel is not forgotten when the bytes that the receive brings end the
// connection.
func TestCancelAndTheEndInOneReceive(t *testing.T) {
	for range 100 {
		if cancelAndTheEndInOneReceive(t) {
			return
		}
	}
	t.Error("no receive was aimed at the call")
}

// cancelAndTheEndInOneReceive reports false where the receive was armed before there
// was a call to aim it at.
func cancelAndTheEndInOneReceive(t *testing.T) bool {
	step := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		first, _ := p.Call()
		p.Write(readReply(first.XID, 0, 60000))
		calls := p.Calls(2)
		if _, ok := <-step; calls == nil || !ok {
			return
		}
		bad := transporttest.Record(xdrwire.AppendUint32(xdrwire.AppendUint32(nil, 1), 7), make([]byte, 40))
		p.Write(append(readReply(calls[0].XID, 0, 60000), bad...))
		step <- true
		p.Hold()
	})
	e := newEngine(t, Options{Plan: PlanSpeculative})
	conn := dial(t, e, s, ConnOptions{Lost: func(c *Conn) {}})
	q := e.NewQueue(3)
	if err := q.Do(ctx, newRead(0, make([]byte, 60000)).on(conn)); err != nil {
		t.Fatal(err)
	}
	var reads [2]*testRead
	var calls []*Call
	for i := range reads {
		reads[i] = newRead(0, make([]byte, 60000))
		reads[i].Resend = new(successor)
		calls = append(calls, reads[i].on(conn))
	}
	if err := q.Add(calls...); err != nil {
		t.Fatal(err)
	}
	q.Flush()
	e.mu.Lock()
	aimed := reads[1].aimed
	if aimed {
		conn.cancel(&reads[1].Call, context.Canceled)
		step <- true
		<-step
		time.Sleep(20 * time.Millisecond) // for all to be in the socket
	} else {
		close(step)
	}
	e.mu.Unlock()
	if aimed {
		within(t, 5*time.Second, func() { q.Wait(ctx, 2) })
		if reads[0].Err != nil || !errors.Is(reads[1].Err, context.Canceled) {
			t.Error(reads[0].Err, reads[1].Err)
		}
	}
	conn.Close()
	for q.Pop() != nil {
	}
	return aimed
}

// A call that the receive in flight is aimed at goes to another connection, too,
// though that is known before the receive has completed.
func TestAimedCallGoesElsewhere(t *testing.T) {
	l := newLosing(t, Options{})
	defer close(l.cut)
	next := dial(t, l.Engine, transporttest.Serve(t, serveReads), ConnOptions{})
	l.mu.Lock()
	l.next.to = next
	l.conn.abort(ErrSilent)
	l.mu.Unlock()
	l.await(t, losingReads)
	for l.queue.Pop() != nil {
	}
	for _, r := range l.reads {
		r.check(t)
	}
	<-l.lost
	l.conn.Forsake(io.EOF)
}
