package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// patience is how long reads from hostile servers may take.
const patience = 60 * time.Millisecond

// endless is what a server says for ever: start once, then again and again.
type endless struct {
	name  string
	start func(calls []transporttest.Call) []byte
	again func(calls []transporttest.Call) []byte
	ends  bool // the connection, before the deadline
}

func nothing([]transporttest.Call) []byte { return nil }

// times repeats b until it is worth a write.
func times(b []byte) []byte { return bytes.Repeat(b, max(1, 64<<10/len(b))) }

// of makes bytes of the server's first call.
func of(f func(xid uint32) []byte) func([]transporttest.Call) []byte {
	return func(calls []transporttest.Call) []byte { return f(calls[0].XID) }
}

// unfinished is a reply to a read in fragments of which none is the last.
func unfinished(xid uint32, size int) []byte {
	b := transporttest.Fragments(readReply(xid, 0, size)[xdrwire.MarkBytes:], 1000)
	for at := 0; at < len(b); {
		m := xdrwire.ParseMark(b[at:])
		xdrwire.PutMark(b[at:], xdrwire.MakeMark(m.Len(), false))
		at += xdrwire.MarkBytes + m.Len()
	}
	return b
}

var endlessServers = []endless{
	{"marks of 2 GiB", nothing, func([]transporttest.Call) []byte { return times([]byte{0x7F, 0xFF, 0xFF, 0xFF}) }, true},
	{"last marks of 2 GiB", nothing, func([]transporttest.Call) []byte { return times([]byte{0xFF, 0xFF, 0xFF, 0xFF}) }, true},
	{"marks of nothing", nothing, func([]transporttest.Call) []byte { return times([]byte{0, 0, 0, 0}) }, true},
	{"fragments of one byte", nothing, func([]transporttest.Call) []byte { return times([]byte{0, 0, 0, 1, 0}) }, true},
	{"a reply in fragments of one byte", of(func(x uint32) []byte {
		b := transporttest.Fragments(readReply(x, 0, hostileBytes)[xdrwire.MarkBytes:], 1)
		b[len(b)-5] = 0 // the last is not the last
		return b
	}), func([]transporttest.Call) []byte { return times([]byte{0, 0, 0, 1, 0}) }, true},
	{"a reply of fragments without end", of(func(x uint32) []byte { return unfinished(x, hostileBytes) }),
		func([]transporttest.Call) []byte { return append([]byte{0, 0, 0x40, 0}, make([]byte, 0x4000)...) }, true},
	{"a reply of empty fragments", of(func(x uint32) []byte { return unfinished(x, hostileBytes/2) }),
		func([]transporttest.Call) []byte { return times([]byte{0, 0, 0, 0}) }, true},
	{"one-way calls", nothing, func([]transporttest.Call) []byte { return times(transporttest.OneWay(1, make([]byte, 20))) }, false},
	{"long one-way calls", nothing, func([]transporttest.Call) []byte { return times(transporttest.OneWay(1, make([]byte, 60_000))) }, false},
	{"one-way calls in fragments", nothing, func([]transporttest.Call) []byte {
		return times(transporttest.Fragments(transporttest.OneWay(1, nil)[xdrwire.MarkBytes:], 1))
	}, false},
	{"replies to nothing", nothing, func([]transporttest.Call) []byte { return times(transporttest.Accepted(1)) }, false},
	{"long replies to nothing", nothing, func([]transporttest.Call) []byte { return times(readReply(1, 0, 50_000)) }, false},
	{"the same reply", nothing, of(func(x uint32) []byte { return times(readReply(x, 0, hostileBytes)) }), false},
	{"the same failure", nothing, of(func(x uint32) []byte {
		return times(transporttest.Record(xdrwire.AppendReject(nil, x, xdrwire.AuthTooWeak)))
	}), false},
	{"replies to the calls to come", nothing, func(calls []transporttest.Call) []byte {
		var b []byte
		for _, c := range calls {
			for generation := range uint32(100) {
				b = append(b, transporttest.Record(xdrwire.AppendReject(nil, c.XID+generation<<slotBits, xdrwire.AuthTooWeak))...)
			}
		}
		return b
	}, false},
	{"half a reply", of(func(x uint32) []byte { r := readReply(x, 0, hostileBytes); return r[:len(r)/2] }), nil, false},
	{"half a head", of(func(x uint32) []byte { return readReply(x, 0, hostileBytes)[:15] }), nil, false},
	{"half a mark", of(func(x uint32) []byte { return []byte{0x80, 0} }), nil, false},
	{"a long verifier", of(func(x uint32) []byte {
		r := readReply(x, 0, hostileBytes)
		binary.BigEndian.PutUint32(r[xdrwire.MarkBytes+16:], 1<<32-1)
		return r
	}), nil, true},
}

// hostileBytes is what the first read of TestHostile asks for; the others ask for
// less.
const hostileBytes = 100_000

func (s *endless) serve(p *transporttest.Peer) {
	calls := p.Calls(4)
	if calls == nil {
		return
	}
	p.Write(s.start(calls))
	if s.again == nil {
		p.Hold()
		return
	}
	for b := s.again(calls); ; {
		if _, err := p.Write(b); err != nil {
			return
		}
	}
}

// guardedReads are reads into one block of memory with guards between all of their
// slices.
type guardedReads struct {
	reads []*testRead
	block []byte
	guard []bool // of the bytes of the block
}

const guardBytes = 32

func newGuardedReads(offset uint64, sizes ...[]int) *guardedReads {
	g := &guardedReads{}
	total := guardBytes
	for _, segs := range sizes {
		for _, n := range segs {
			total += n + guardBytes
		}
	}
	g.block = bytes.Repeat([]byte{canary}, total)
	g.guard = make([]bool, total)
	at := 0
	fence := func() {
		for range guardBytes {
			g.guard[at] = true
			at++
		}
	}
	fence()
	for i, segs := range sizes {
		var iovs [][]byte
		for _, n := range segs {
			iovs = append(iovs, g.block[at:at+n:at+n])
			at += n
			fence()
		}
		g.reads = append(g.reads, newRead(offset+uint64(i)<<32, iovs...))
	}
	return g
}

func (g *guardedReads) check(t testing.TB) {
	t.Helper()
	for i, b := range g.block {
		if g.guard[i] && b != canary {
			t.Fatalf("byte %d of the memory, which is in no slice, was written", i)
		}
	}
}

// Whatever a server goes on saying, reads end with the connection or at their
// deadlines, another connection of the engine goes on, and closing takes its time
// and no more.
func TestHostile(t *testing.T) {
	all := []Plan{PlanAuto, PlanExact, PlanOverlap, PlanStaged, PlanSpeculative}
	for _, s := range endlessServers {
		plans := all
		if testing.Short() {
			i := rand.IntN(len(all))
			plans = all[i : i+1]
		}
		for _, plan := range plans {
			t.Run(fmt.Sprintf("%s/%v", s.name, plan), func(t *testing.T) {
				within(t, 20*time.Second, func() { hostile(t, s, plan) })
			})
		}
	}
}

func hostile(t *testing.T, s endless, plan Plan) {
	e := newEngine(t, Options{Plan: plan})
	c := dial(t, e, transporttest.Serve(t, s.serve), ConnOptions{})
	other := dial(t, e, transporttest.Serve(t, serveReads), ConnOptions{})

	g := newGuardedReads(0, []int{1, 0, hostileBytes - 1}, []int{100}, []int{20_000, 7}, []int{5000})
	q := e.NewQueue(len(g.reads))
	began := time.Now()
	for _, r := range g.reads {
		r.Deadline = began.Add(patience)
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
	}
	var good atomic.Int32
	stop := make(chan struct{})
	paced := make(chan struct{})
	go func() {
		defer close(paced)
		r, q := newRead(5, make([]byte, 3000)), e.NewQueue(1)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := q.Do(ctx, r.on(other)); err != nil {
				t.Error("on the other connection:", err)
				return
			}
			r.check(t)
			good.Add(1)
		}
	}()
	for range g.reads {
		if err := q.Wait(ctx, 1); err != nil {
			t.Error(err)
		}
		call := q.Pop()
		if call == nil {
			t.Fatal("a call was not reported")
		}
		var conn *ConnError
		var reply *ReplyError
		var rpc *xdrwire.RPCError
		switch err := call.Err; {
		case err == nil, errors.As(err, &reply), errors.As(err, &rpc): // its reply was there
		case s.ends && errors.As(err, &conn) && record(conn.Err):
		case errors.Is(err, ErrDeadline): // what ends may take its time
		default:
			t.Errorf("%v after %v", err, time.Since(began))
		}
	}
	if s.ends {
		eventually(t, e, "the end of the connection", func() bool { return c.err != nil })
	} else {
		// The server goes on; so do others.
		eventually(t, e, "reads from another server", func() bool { return good.Load() >= 3 })
		if err := c.Err(); err != nil {
			t.Error("the connection:", err)
		}
	}
	close(stop)
	<-paced
	g.check(t)
	after := bytes.Clone(g.block)
	began = time.Now()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("closing took %v", took)
	}
	if !bytes.Equal(g.block, after) {
		t.Error("memory changed after the reads were reported")
	}
}

// Millions of replies to nothing are a second's work, and the read behind them
// succeeds.
func TestMillionsOfUnknownXIDs(t *testing.T) {
	junk := 20_000_000
	if raceEnabled {
		junk = 1_000_000
	}
	var sent atomic.Bool
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		call, err := p.Call()
		if err != nil {
			return
		}
		record := transporttest.Accepted(0)
		block := bytes.Repeat(record, 1000)
		xid := call.XID
		for range junk / 1000 {
			for at := 0; at < len(block); at += len(record) {
				if xid += 7 << slotBits; xid == call.XID {
					xid += 7 << slotBits
				}
				binary.BigEndian.PutUint32(block[at+xdrwire.MarkBytes:], xid)
			}
			if _, err := p.Write(block); err != nil {
				return
			}
		}
		sent.Store(true)
		off, n := parseReadArgs(call.Args)
		p.Write(readReply(call.XID, off, n))
		serveReads(p)
	})
	r := newRead(3, make([]byte, 1000))
	within(t, 60*time.Second, func() { e.NewQueue(1).Do(ctx, r.on(c)) })
	r.check(t)
	if s := e.Stats(); s.UnknownReplies != uint64(junk) || !sent.Load() {
		t.Errorf("%d replies to nothing, sent %d", s.UnknownReplies, junk)
	}
}

// A server that answers calls that it has not been sent, and takes in none, does
// not have more and more of them encoded. The XIDs are not hard to guess.
func TestAnswersAheadOfCalls(t *testing.T) {
	const argBytes = 64 << 10
	guesses := make(chan uint32)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		for xid := range guesses {
			p.Write(transporttest.Record(xdrwire.AppendReject(nil, xid, xdrwire.AuthTooWeak)))
		}
	})
	defer close(guesses)
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 2})
	q := e.NewQueue(1)
	r := newRead(0, make([]byte, 10))
	r.Args = make([]byte, argBytes)
	answered, most := 0, 0
	for ; answered < 1000; answered++ {
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
		e.mu.Lock()
		xid := r.xid
		most = max(most, cap(c.send.filling.b), cap(c.send.sending.b))
		e.mu.Unlock()
		if xid == 0 { // it has to wait
			q.Cancel(&r.Call, nil)
		} else {
			guesses <- xid
		}
		within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
		q.Pop()
		var rpc *xdrwire.RPCError
		if xid == 0 {
			break
		}
		if !errors.As(r.Err, &rpc) {
			t.Fatal(r.Err)
		}
	}
	if answered < 3 || answered == 1000 || most > 2*maxUnsentBytes {
		t.Errorf("%d calls answered, %d bytes encoded", answered, most)
	}
}

// What waits because the server takes nothing in is sent when it does.
func TestUnsentCallsAreSent(t *testing.T) {
	const calls, argBytes = 60, 200 << 10
	begin := make(chan bool)
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		<-begin
		for _, call := range p.Calls(calls) {
			off, n := parseReadArgs(call.Args)
			p.Write(readReply(call.XID, off, n))
		}
	})
	q := e.NewQueue(calls)
	for i := range calls {
		r := newRead(uint64(i), make([]byte, 10))
		r.Args = append(r.Args, make([]byte, argBytes)...)
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
	}
	e.mu.Lock()
	if n := len(c.send.filling.b); n > maxUnsentBytes+2*argBytes || c.backlog.count == 0 {
		t.Errorf("%d bytes encoded, %d calls wait", n, c.backlog.count)
	}
	e.mu.Unlock()
	close(begin)
	within(t, 20*time.Second, func() { q.Wait(ctx, calls) })
	for range calls {
		q.Pop().Reply.(*testRead).check(t)
	}
}
