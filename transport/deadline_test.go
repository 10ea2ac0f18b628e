package transport

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// One timer serves all deadlines, those of calls that wait for a slot too.
func TestDeadlinesInTurn(t *testing.T) {
	s := transporttest.Serve(t, (*transporttest.Peer).Hold)
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 4})
	q := e.NewQueue(5)
	began := time.Now()
	for i, ms := range []int{120, 40, 80, 1000_000, 60} { // the last finds no slot
		r := newRead(uint64(i), make([]byte, 10))
		r.Deadline = began.Add(time.Duration(ms) * time.Millisecond)
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 5*time.Second, func() { q.Wait(ctx, 4) })
	for _, want := range []uint64{1, 4, 2, 0} {
		call := q.Pop()
		if call.UserData != want || !errors.Is(call.Err, os.ErrDeadlineExceeded) || time.Now().Before(call.Deadline) {
			t.Errorf("call %v ended with %v, want call %d", call.UserData, call.Err, want)
		}
	}
	c.Close()
	if call := q.Pop(); call == nil || !errors.Is(call.Err, net.ErrClosed) {
		t.Error("the call whose deadline is far away:", call)
	}
}

// A call that gets its slot because another's time is up has its own deadline still.
func TestDeadlineOfTheNextInTheSlot(t *testing.T) {
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		if call, err := p.Call(); err == nil {
			p.Write(readReply(call.XID, 0, 100)[:30]) // of the head two bytes
			p.Hold()
		}
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 1})
	q := e.NewQueue(2)
	var reads [2]*testRead
	for i := range reads {
		reads[i] = newRead(0, make([]byte, 100))
		reads[i].Deadline = time.Now().Add(time.Duration(1+i) * time.Hour)
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Flush()
	eventually(t, e, "it is known whose reply comes, and nothing is aimed at it yet", func() bool {
		return reads[0].state == stateReceiving && !reads[0].aimed
	})
	e.mu.Lock()
	e.expireAt(reads[0].Deadline)
	if reads[0].state != stateDone || reads[1].state != stateSent || !e.deadline.next.Equal(reads[1].Deadline) {
		t.Errorf("states %d and %d, and the timer comes at %v", reads[0].state, reads[1].state, e.deadline.next)
	}
	e.mu.Unlock()
	c.Close()
	for range reads {
		q.Pop()
	}
}

func TestSilentServer(t *testing.T) {
	s := transporttest.Serve(t, (*transporttest.Peer).Hold)
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 2})
	q := e.NewQueue(3)
	var reads [3]*testRead
	for i := range reads {
		reads[i] = newRead(0, make([]byte, 10))
		reads[i].Deadline = time.Now().Add(10 * time.Millisecond)
		if i == 2 {
			reads[i].Deadline = time.Time{} // never gets a slot
		}
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 5*time.Second, func() { q.Wait(ctx, 3) })
	for range reads {
		q.Pop()
	}
	if !errors.Is(reads[0].Err, os.ErrDeadlineExceeded) || !errors.Is(reads[1].Err, os.ErrDeadlineExceeded) {
		t.Error(reads[0].Err, reads[1].Err)
	}
	if !lost(is(ErrSilent))(reads[2].Err) || !errors.Is(c.Err(), ErrSilent) {
		t.Error(reads[2].Err, c.Err())
	}
}
