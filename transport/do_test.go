package transport

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// A Call is used again with Do under another context: the first one's deadline
// is not the second one's.
func TestDoDeadlineIsItsOwn(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	q := e.NewQueue(1)
	r := newRead(0, make([]byte, 10))
	err := error(ErrDeadline)
	for patience := 20 * time.Millisecond; errors.Is(err, ErrDeadline) && patience < 5*time.Second; patience *= 4 {
		short, stop := context.WithTimeout(ctx, patience)
		defer stop()
		if err = q.Do(short, r.on(c)); err == nil {
			<-short.Done()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Do(ctx, r.on(c)); err != nil {
		t.Error("without a deadline:", err)
	}
	if !r.Deadline.IsZero() {
		t.Error("Do left its deadline in the call")
	}
}

// Do on a queue that somebody uses is refused before anything is lent.
func TestDoOnBusyQueue(t *testing.T) {
	answer := make(chan bool)
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		call, err := p.Call()
		if err != nil {
			return
		}
		<-answer
		p.Write(readReply(call.XID, 0, 10))
		serveReads(p)
	})
	q := e.NewQueue(4)
	first := make(chan error)
	go func() { first <- q.Do(ctx, newRead(0, make([]byte, 10)).on(c)) }()
	eventually(t, e, "a waiter", func() bool { return q.waiting })
	second := newRead(0, make([]byte, 10))
	if err := q.Do(ctx, second.on(c)); !errors.Is(err, ErrBusyQueue) {
		t.Error(err)
	}
	if n := e.Stats().InFlight; n != 1 {
		t.Errorf("%d calls in flight: the refused one is lent", n)
	}
	close(answer)
	if err := <-first; err != nil {
		t.Error(err)
	}
}
