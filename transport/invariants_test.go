//go:build invariants

package transport

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/panics"
	"github.com/ringreadv/ringreadv/transport/transporttest"
)

func filled(iovs [][]byte, with byte) bool {
	return len(bytes.Trim(bytes.Join(iovs, nil), string([]byte{with}))) == 0
}

// Lent memory is poisoned, that of refused calls is not, and what does not count
// is poisoned at the report.
func TestPoison(t *testing.T) {
	const n = 1000
	answer := make(chan bool)
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		for _, c := range p.Calls(4) {
			<-answer
			off, n := parseReadArgs(c.Args)
			switch off {
			case 0:
				p.Write(readReply(c.XID, off, n))
			case 1, 2:
				p.Write(readReply(c.XID, off, n/2))
			default:
				p.Write(transporttest.Accepted(c.XID, []byte{0, 0, 0, 5, 0, 0, 0, 0}))
			}
		}
	})
	q := e.NewQueue(4)
	var reads [4]*testRead
	for i := range reads {
		p := mark(make([]byte, n))
		reads[i] = newRead(uint64(i), p[:n/3], p[n/3:])
		reads[i].Bounce = i == 2
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
		if !filled(reads[i].Iovs, poisonLent) || !filled(reads[i].target, poisonLent) {
			t.Errorf("read %d: memory that is lent has its old bytes", i)
		}
	}
	refused := mark(make([]byte, n))
	if err := q.Add(newRead(0, refused).on(c)); !errors.Is(err, ErrQueueFull) || !marked(refused) {
		t.Error("a refused call:", err, "or its memory was touched")
	}
	close(answer)
	within(t, 5*time.Second, func() { q.Wait(ctx, 4) })
	for i, want := range []int{n, n / 2, n / 2, 0} {
		r := reads[i]
		if got := q.Pop(); got != &r.Call || r.Received != want || (r.Err == nil) != (i < 3) {
			t.Fatalf("read %d: %d bytes, %v", i, r.Received, r.Err)
		}
		p := bytes.Join(r.Iovs, nil)
		if !bytes.Equal(p[:want], pattern(uint64(i), want)) || !filled([][]byte{p[want:]}, poisonVoid) {
			t.Errorf("read %d: wrong bytes, or some behind the %d that count", i, want)
		}
	}
}

// A call that its owner changes while it is with the engine is found at the latest
// when it is handed back.
func TestChangedCallPanics(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	q := e.NewQueue(1)
	for _, tc := range []struct {
		what   string
		change func(*Call)
	}{
		{"Iovs", func(c *Call) { c.Iovs = c.Iovs[:1] }},
		{"Iovs", func(c *Call) { c.Iovs[1] = c.Iovs[1][:10] }},
		{"Iovs", func(c *Call) { c.Iovs[0] = make([]byte, len(c.Iovs[0])) }},
		{"Args", func(c *Call) { c.Args[3]++ }},
		{"Args", func(c *Call) { c.Args = bytes.Clone(c.Args) }},
		{"Reply", func(c *Call) { c.Reply = &testRead{} }},
		{"Reply", func(c *Call) { c.Reply = nil }},
		{"Procedure", func(c *Call) { c.Procedure = procEcho }},
		{"Deadline", func(c *Call) { c.Deadline = time.Now().Add(time.Hour) }},
		{"Bounce", func(c *Call) { c.Bounce = true }},
	} {
		r := newRead(5, make([]byte, 100), make([]byte, 100))
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
		within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
		was := *newRead(5, r.Iovs[0], r.Iovs[1])
		was.Args = r.Args
		tc.change(&r.Call)
		panics.With(t, tc.what+" of a Call changed", func() { q.Pop() })
		// As it was, it can be handed back.
		r.Iovs, r.Args, r.Reply, r.Procedure = was.Iovs, was.Args, r, was.Procedure
		r.Deadline, r.Bounce = time.Time{}, false
		if tc.what == "Args" && r.Args[3] != 0 {
			r.Args[3]--
		}
		e.mu.Lock()
		q.done.push(&r.Call)
		e.mu.Unlock()
		if q.Pop() != &r.Call || r.Err != nil {
			t.Fatal(r.Err)
		}
	}
}

// Arguments that change while the call waits for a slot are not sent.
func TestChangedArgumentsAreNotSent(t *testing.T) {
	s := transporttest.Serve(t, serveReadsBut(1))
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 1})
	q := e.NewQueue(2)
	first, second := newRead(1, make([]byte, 10)), newRead(2, make([]byte, 10))
	if err := q.Add(first.on(c), second.on(c)); err != nil {
		t.Fatal(err)
	}
	q.Cancel(&first.Call, nil)
	second.Args[3]++
	e.mu.Lock()
	panics.With(t, "Args of a Call changed", func() { c.lookup(first.xid) })
	second.Args[3]--
	c.enqueue(&second.Call)
	e.mu.Unlock()
	within(t, 5*time.Second, func() { q.Wait(ctx, 2) })
	if q.Pop() != &first.Call || q.Pop() != &second.Call || second.Err != nil {
		t.Error(second.Err)
	}
}

// serveReadsBut answers reads, but for those at off.
func serveReadsBut(not uint64) func(*transporttest.Peer) {
	return func(p *transporttest.Peer) {
		for {
			c, err := p.Call()
			if err != nil {
				return
			}
			if off, n := parseReadArgs(c.Args); off != not {
				p.Write(readReply(c.XID, off, n))
			}
		}
	}
}

// A copy of a call or of a queue is no call and no queue: both would be linked
// into lists by two addresses.
func TestCopiesPanic(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	q := e.NewQueue(2)
	call := newRead(0, make([]byte, 10)).on(c)
	if err := q.Do(ctx, call); err != nil {
		t.Fatal(err)
	}
	callCopy, queueCopy := *call, *q
	panics.With(t, "a Call was copied", func() { q.Add(&callCopy) })
	panics.With(t, "a Queue was copied", func() { queueCopy.Add(call) })
	panics.With(t, "a Queue was copied", func() { queueCopy.Wait(ctx, 1) })
	panics.With(t, "a Queue was copied", func() { queueCopy.Pop() })
	panics.With(t, "a Queue was copied", func() { queueCopy.Cancel(call, nil) })
	if err := q.Add(call); err != nil {
		t.Fatal(err)
	}
	callCopy = *call
	panics.With(t, "a Call was copied", func() { q.Cancel(&callCopy, nil) })
	within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
	if q.Pop() != call || call.Err != nil {
		t.Error(call.Err)
	}
}
