package transport

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// Calls that have not been answered end at once; the late replies are dropped
// and counted, and their slots are used again.
func TestEndBeforeReply(t *testing.T) {
	answer := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		calls := p.Calls(4)
		<-answer
		for _, c := range calls {
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
		}
		serveReads(p)
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 4})
	q := e.NewQueue(6)
	mem := make([]byte, 6000)
	var reads [6]*testRead // the last two wait for a slot
	for i := range reads {
		reads[i] = newRead(uint64(i), mem[i*1000:][:1000])
		if i == 1 {
			reads[i].Deadline = time.Now().Add(10 * time.Millisecond)
		}
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Flush()
	reason := errors.New("a reason of the caller's")
	q.Cancel(&reads[0].Call, reason)
	q.Cancel(&reads[5].Call, nil)
	within(t, 5*time.Second, func() { q.Wait(ctx, 3) })
	for i, want := range map[int]error{0: reason, 1: os.ErrDeadlineExceeded, 5: context.Canceled} {
		if err := reads[i].Err; !errors.Is(err, want) {
			t.Errorf("call %d ended with %v, want %v", i, err, want)
		}
		if (reads[i].xid == 0) != (i == 5) {
			t.Errorf("call %d: xid %#x", i, reads[i].xid)
		}
	}
	for range 3 {
		mark(q.Pop().Iovs[0])
	}
	if q.Pop() != nil {
		t.Fatal("a call more than ended")
	}
	close(answer)
	within(t, 5*time.Second, func() { q.Wait(ctx, 3) })
	for _, i := range []int{2, 3, 4} {
		if q.Pop() == nil || reads[i].Err != nil || !bytes.Equal(reads[i].Iovs[0], pattern(uint64(i), 1000)) {
			t.Errorf("call %d: %v, or wrong bytes", i, reads[i].Err)
		}
	}
	for _, i := range []int{0, 1, 5} {
		if !marked(reads[i].Iovs[0]) {
			t.Errorf("call %d: bytes landed after the report", i)
		}
	}
	e.mu.Lock()
	if c.slots.dead != 0 || len(c.slots.free) != 4 {
		t.Errorf("%d slots dead, %d free", c.slots.dead, len(c.slots.free))
	}
	e.mu.Unlock()
	if s := e.Stats(); s.LateReplies != 2 || s.UnknownReplies != 0 {
		t.Errorf("%d late replies, %d to nothing", s.LateReplies, s.UnknownReplies)
	}
}

// A late reply frees its slot for a call that waits for one, while no other
// reply comes.
func TestLateReplyFreesSlot(t *testing.T) {
	cancelled := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		calls := p.Calls(2)
		<-cancelled
		if calls != nil {
			p.Write(readReply(calls[0].XID, 0, 10))
			serveReads(p)
		}
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 2})
	q := e.NewQueue(3)
	var reads [3]*testRead
	for i := range reads {
		reads[i] = newRead(uint64(i), make([]byte, 10))
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Cancel(&reads[0].Call, nil)
	close(cancelled)
	within(t, 5*time.Second, func() { q.Wait(ctx, 2) })
	q.Cancel(&reads[1].Call, nil)
	for i, want := range []int{0, 2, 1} {
		if call := q.Pop(); call != &reads[want].Call {
			t.Fatalf("call %d to end is not call %d", i, want)
		}
	}
	if reads[2].Err != nil {
		t.Error(reads[2].Err)
	}
}

// A second reply to a call comes when its slot has the next call already.
func TestDuplicateAfterReuse(t *testing.T) {
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		var last transporttest.Call
		for {
			c, err := p.Call()
			if err != nil {
				return
			}
			if last.XID != 0 {
				p.Write(readReply(last.XID, 1<<40, 100))
			}
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
			last = c
		}
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 1})
	q := e.NewQueue(1)
	r := newRead(7, make([]byte, 100))
	for range 20 {
		if err := q.Do(ctx, r.on(c)); err != nil || !bytes.Equal(r.Iovs[0], pattern(7, 100)) {
			t.Fatal(err, "or another reply's bytes")
		}
	}
	if s := e.Stats(); s.UnknownReplies != 19 {
		t.Errorf("%d replies to nothing, want 19", s.UnknownReplies)
	}
}
