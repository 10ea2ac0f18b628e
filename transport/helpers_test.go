package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The tests' own protocol has one procedure that reads: arguments are an offset
// and a length, the result is a status word, a length and that many bytes of a
// pattern that depends on their offset.
var (
	procRead = xdrwire.Procedure{Prog: 0x20000001, Vers: 1, Proc: 1}
	procEcho = xdrwire.Procedure{Prog: 0x20000001, Vers: 1, Proc: 2}
)

const readHead = 8

func pattern(off uint64, n int) []byte {
	p := make([]byte, n)
	const step = 0x9E3779B97F4A7C15
	x := off * step
	for i := range p {
		p[i] = byte(x >> 56)
		x += step
	}
	return p
}

func readResult(off uint64, n int) []byte {
	b := xdrwire.AppendUint32(nil, 0)
	b = xdrwire.AppendUint32(b, uint32(n))
	return append(b, pattern(off, n)...)
}

func readReply(xid uint32, off uint64, n int) []byte {
	return transporttest.Accepted(xid, readResult(off, n))
}

func readArgs(off uint64, n int) []byte {
	return xdrwire.AppendUint32(xdrwire.AppendUint64(nil, off), uint32(n))
}

func parseReadArgs(b []byte) (off uint64, n int) {
	return binary.BigEndian.Uint64(b), int(binary.BigEndian.Uint32(b[8:]))
}

var errStatus = errors.New("the server reported a status")

type testRead struct {
	Call
	usual int // by how much the usual head is longer than this server's
}

func (r *testRead) UsualHead() int { return readHead + r.usual }

func (r *testRead) Head(b []byte, size int) (head, payload int, err error) {
	if len(b) < readHead {
		return readHead, 0, xdrwire.ErrShort
	}
	if binary.BigEndian.Uint32(b) != 0 {
		return 0, 0, errStatus
	}
	return readHead, int(binary.BigEndian.Uint32(b[4:])), nil
}

// newRead is a call that reads at off into the slices.
func newRead(off uint64, iovs ...[]byte) *testRead {
	r := &testRead{}
	r.Procedure, r.Cred, r.Iovs, r.Reply = procRead, xdrwire.AuthNone(), iovs, r
	n := 0
	for _, p := range iovs {
		n += len(p)
	}
	r.Args = readArgs(off, n)
	r.UserData = off
	return r
}

// on is the call, made on the connection.
func (r *testRead) on(c *Conn) *Call {
	r.Conn = c
	return &r.Call
}

func newEngine(t testing.TB, o Options) *Engine {
	t.Helper()
	if o.CloseTimeout == 0 {
		o.CloseTimeout = 100 * time.Millisecond
	}
	e, err := makeEngine(o)
	var forbidden *ring.ForbiddenError
	kind, _ := o.Engine.fromEnvironment()
	if kind == EngineURing && errors.As(err, &forbidden) { // others go by the poller
		skip.Forbidden(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	endWell(t, e)
	t.Cleanup(func() {
		if s := e.Stats(); s.Demotions != 0 && !t.Failed() {
			t.Errorf("%d accelerators refused; left are %v", s.Demotions, e.Accelerators())
		}
	})
	return e
}

// wrapRing, if set, is what comes between the engines of tests and their rings.
var wrapRing func(backing) backing

func makeEngine(o Options) (*Engine, error) {
	if wrapRing == nil {
		return NewEngine(o)
	}
	o = o.withDefaults()
	b, err := newBacking(&o)
	if err != nil {
		return nil, err
	}
	return newEngineOn(wrapRing(b), o), nil
}

// endWell closes the engine at the end of the test, and nothing may be left.
func endWell(t testing.TB, e *Engine) {
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error("closing the engine:", err)
		}
		if s := e.Stats(); s.InFlight != 0 && !t.Failed() {
			t.Errorf("accepted %d calls, reported %d", s.Accepted, s.Reported)
		}
		if len(e.lent.sorted) != 0 && !t.Failed() {
			t.Errorf("%d ranges still lent", len(e.lent.sorted))
		}
	})
}

// patienceForReads is beyond what reads take on the slowest machine.
const patienceForReads = 20 * time.Second

func dial(t testing.TB, e *Engine, s *transporttest.Server, o ConnOptions) *Conn {
	t.Helper()
	c, err := e.Dial(context.Background(), s.Address(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start serves the script and connects to it.
func start(t testing.TB, o Options, script func(*transporttest.Peer)) (*Engine, *Conn) {
	t.Helper()
	s := transporttest.Serve(t, script)
	e := newEngine(t, o)
	return e, dial(t, e, s, ConnOptions{})
}

// serveReads answers reads in order until the client goes.
func serveReads(p *transporttest.Peer) {
	for {
		c, err := p.Call()
		if err != nil {
			return
		}
		reply := transporttest.Accepted(c.XID) // of a ping
		if c.Procedure == procRead {
			off, n := parseReadArgs(c.Args)
			reply = readReply(c.XID, off, n)
		}
		if _, err := p.Write(reply); err != nil {
			return
		}
	}
}

// within fails the test if f takes too long: a hang is what it looks for.
func within(t testing.TB, limit time.Duration, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		panic("hangs")
	}
}

// eventually waits until the condition holds, which may look at what Engine.mu
// guards.
func eventually(t testing.TB, e *Engine, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Microsecond) {
		e.mu.Lock()
		ok := condition()
		e.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatal("never happened:", what)
		}
	}
}
