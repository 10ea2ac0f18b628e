//go:build linux

package transport

import (
	"errors"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/seccomp"
	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"golang.org/x/sys/unix"
)

// Filters that a program puts itself under while its engines work.
var (
	boundedWaits = seccomp.Rule{Call: seccomp.Enter.Call, Args: []seccomp.Arg{seccomp.Has(3, 1<<3)}} // IORING_ENTER_EXT_ARG
	lowWater     = seccomp.Rule{Call: unix.SYS_SETSOCKOPT, Args: []seccomp.Arg{seccomp.Is(1, unix.SOL_SOCKET), seccomp.Is(2, unix.SO_RCVLOWAT)}}
	tcpInfo      = seccomp.Rule{Call: unix.SYS_GETSOCKOPT, Args: []seccomp.Arg{seccomp.Is(1, unix.IPPROTO_TCP), seccomp.Is(2, unix.TCP_INFO)}}
)

// endsWithout checks that what was refused is all that the engine does without.
func endsWithout(t *testing.T, e *Engine, there, refused Accelerators) {
	t.Helper()
	if s := e.Stats(); s.Demotions != 1 || e.Accelerators() != (there&^refused).standing() {
		t.Errorf("%d demotions; left are %v of %v", s.Demotions, e.Accelerators(), there)
	}
}

// working is an engine with a connection that has been read from, which is going to
// be refused something.
func working(t *testing.T, o Options, co ConnOptions, script func(*transporttest.Peer)) (*Engine, *Conn) {
	t.Helper()
	newEngine(t, o) // or skipped
	e, err := NewEngine(o)
	if err != nil {
		t.Fatal(err)
	}
	endWell(t, e)
	return e, dial(t, e, transporttest.Serve(t, script), co)
}

// An engine whose bounded waits are refused waits on the runtime's poller.
func TestBoundedWaitIsRefused(t *testing.T) {
	if !seccomp.InChild(t) {
		return
	}
	e, c := working(t, Options{Engine: EngineURing}, ConnOptions{}, serveReads)
	there := e.Accelerators()
	readLarge(t, e, []*Conn{c}, 4)
	seccomp.Refuse(t, unix.EPERM, boundedWaits)
	readLarge(t, e, []*Conn{c}, 4)
	readLarge(t, e, []*Conn{c}, 1)
	endsWithout(t, e, there, BoundedWait)
}

// Memory that cannot be registered any more is read into all the same.
func TestRegisterIsRefused(t *testing.T) {
	if !seccomp.InChild(t) {
		return
	}
	e, c := working(t, Options{Engine: EngineURing, Plan: PlanExact, FixedBuffers: true}, ConnOptions{}, serveReads)
	there := e.Accelerators()
	before, err := e.Register(make([]byte, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	seccomp.Refuse(t, unix.EPERM, seccomp.Register)
	readLarge(t, e, []*Conn{c}, 4)
	if s := e.Stats(); s.FixedReceives != 0 {
		t.Errorf("%d receives into memory that is not registered", s.FixedReceives)
	}
	if err := before.Close(); err != nil {
		t.Error("memory registered before:", err)
	}
	endsWithout(t, e, there, BufferTable)
}

// A mark that cannot be raised is done without.
func TestLowWaterIsRefused(t *testing.T) {
	if !seccomp.InChild(t) {
		return
	}
	e, c := working(t, Options{}, ConnOptions{}, serveReads)
	there := e.Accelerators()
	seccomp.Refuse(t, unix.EPERM, lowWater)
	readLarge(t, e, []*Conn{c}, 4)
	endsWithout(t, e, there, LowWater)
	if e.Stats().LostConns != 0 {
		t.Error("the connection is lost")
	}
}

// A mark that cannot be lowered again would have receives wait for more than is
// owed: the connection ends, and the next one is read from.
func TestLowWaterStays(t *testing.T) {
	if !seccomp.InChild(t) {
		return
	}
	const n = 1 << 20
	goOn := make(chan bool)
	e, c := working(t, Options{}, ConnOptions{}, func(p *transporttest.Peer) {
		if call, err := p.Call(); err == nil {
			reply := readReply(call.XID, 0, n)
			p.Write(reply[:n/8])
			<-goOn
			p.Write(reply[n/8:])
			serveReads(p)
		}
	})
	there := e.Accelerators()
	q := e.NewQueue(1)
	first := newRead(0, make([]byte, n))
	if err := q.Add(first.on(c)); err != nil {
		t.Fatal(err)
	}
	q.Flush()
	eventually(t, e, "a receive that waits for much", func() bool { return c.lowat > 1 && c.receiving })
	seccomp.Refuse(t, unix.EPERM, lowWater)
	close(goOn)
	within(t, patienceForReads, func() { q.Wait(ctx, 1) })
	q.Pop()
	var err error
	var lost *ConnError
	within(t, patienceForReads, func() { err = q.Do(ctx, newRead(0, make([]byte, 100)).on(c)) })
	if !errors.As(err, &lost) {
		t.Error("a read on the connection:", err)
	}
	if first.Err != nil && !errors.As(first.Err, &lost) {
		t.Error("the read before:", first.Err)
	}
	readLarge(t, e, []*Conn{dial(t, e, transporttest.Serve(t, serveReads), ConnOptions{})}, 4)
	endsWithout(t, e, there, LowWater)
}

// A server that sends a large reply slowly is not silent, also when the socket does
// not say any more that bytes have come.
func TestTCPInfoIsRefused(t *testing.T) {
	if !seccomp.InChild(t) {
		return
	}
	const silence, pieces, n = 200 * time.Millisecond, 12, 240 << 10
	slow, o := inPieces(n, n/pieces, silence/3), ConnOptions{Silence: silence, Ping: xdrwire.Procedure{Prog: 1}}
	e, c := working(t, Options{}, o, slow)
	conns := []*Conn{c, dial(t, e, transporttest.Serve(t, slow), o)}
	there := e.Accelerators()
	seccomp.Refuse(t, unix.EPERM, tcpInfo)
	q := e.NewQueue(len(conns))
	for _, c := range conns { // one of them is the first to notice
		if err := q.Add(newRead(0, make([]byte, n)).on(c)); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	within(t, patienceForReads, func() { err = q.Wait(ctx, len(conns)) })
	for call := q.Pop(); call != nil; call = q.Pop() {
		err = errors.Join(err, call.Err)
	}
	if err != nil {
		t.Error(err)
	}
	if there&(WaitAll|PollFirst) == 0 {
		skip.Kernel(t, "5.19", "every receive reports what comes")
	}
	endsWithout(t, e, there, TCPInfo)
}

// An engine whose ring cannot be entered any more ends everything, soon and with the
// reason: calls queued, sent and being received, and those that come. Nothing leaks.
func TestEnterIsRefused(t *testing.T) {
	for _, plan := range []Plan{PlanAuto, PlanExact} {
		t.Run(plan.String(), func(t *testing.T) { enterIsRefused(t, plan) })
	}
}

func enterIsRefused(t *testing.T, plan Plan) {
	if !seccomp.InChild(t) {
		return
	}
	e, c := working(t, Options{Engine: EngineURing, Plan: plan}, ConnOptions{}, func(p *transporttest.Peer) {
		if calls := p.Calls(3); calls != nil {
			p.Write(readReply(calls[0].XID, 0, 100_000)[:50_000])
		}
		p.Hold()
	})
	q := e.NewQueue(5)
	var reads [4]*testRead
	for i := range reads {
		reads[i] = newRead(uint64(i), make([]byte, 100_000))
		if i == 3 {
			eventually(t, e, "a reply that is being received", func() bool { return reads[0].aimed && c.receiving })
			seccomp.Refuse(t, unix.EPERM, seccomp.Enter)
		}
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
		q.Flush()
	}
	within(t, patienceForReads, func() {
		if err := q.Wait(ctx, 4); err != nil {
			t.Error(err)
		}
	})
	var forbidden *ring.ForbiddenError
	for range 4 {
		if call := q.Pop(); call == nil || !errors.As(call.Err, &forbidden) || !errors.Is(call.Err, ErrBroken) {
			t.Errorf("a call ended with %+v", call)
		}
	}
	if err := q.Add(newRead(0, make([]byte, 10)).on(c)); !errors.As(err, &forbidden) {
		t.Error("a call that comes late:", err)
	}
	if _, err := e.Dial(ctx, transporttest.Serve(t, serveReads).Address(), ConnOptions{}); !errors.As(err, &forbidden) {
		t.Error("a connection that comes late:", err)
	}
	begin := time.Now()
	within(t, patienceForReads, func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("Close took %v", took)
	}
}

// Where a seccomp filter forbids io_uring, as container runtimes install it, or one of
// its calls, an engine goes by the poller and reads, and one that insists on io_uring
// fails.
func TestForbiddenIsThePoller(t *testing.T) {
	for name, rules := range map[string][]seccomp.Rule{
		"all": {seccomp.Setup, seccomp.Enter, seccomp.Register}, "enter": {seccomp.Enter}, "register": {seccomp.Register},
	} {
		for _, errno := range []unix.Errno{unix.EPERM, unix.ENOSYS} {
			t.Run(name+" "+unix.ErrnoName(errno), func(t *testing.T) { forbiddenIsThePoller(t, rules, errno) })
		}
	}
}

func forbiddenIsThePoller(t *testing.T, rules []seccomp.Rule, errno unix.Errno) {
	if !seccomp.InChild(t, EngineVariable+"=") {
		return
	}
	seccomp.Refuse(t, errno, rules...)
	var forbidden *ring.ForbiddenError
	if _, err := NewEngine(Options{Engine: EngineURing}); !errors.As(err, &forbidden) {
		t.Error("io_uring:", err)
	}
	e := newEngine(t, Options{})
	if e.Kind() != EnginePoller {
		t.Error("an engine of kind", e.Kind())
	}
	readLarge(t, e, []*Conn{dial(t, e, transporttest.Serve(t, serveReads), ConnOptions{})}, 4)
}
