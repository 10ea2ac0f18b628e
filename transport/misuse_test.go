package transport

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// Misuse is refused, and nothing is lent by the attempt.
func TestMisuse(t *testing.T) {
	goOn := make(chan bool)
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		<-goOn
		serveReads(p)
	})
	answer := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(answer) // before the server's own, which waits for the script
	q := e.NewQueue(8)
	mem := make([]byte, 1000)
	busy := newRead(0, mem[100:200], mem[300:400])
	if err := q.Add(busy.on(c)); err != nil {
		t.Fatal(err)
	}
	region, err := e.Register(mem)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign := start(t, Options{}, serveReads)
	for _, tc := range []struct {
		name string
		call *Call
		want error
	}{
		{"same call", busy.on(c), ErrInFlight},
		{"same memory", newRead(0, mem[100:200]).on(c), ErrBufferInUse},
		{"first byte", newRead(0, mem[50:101]).on(c), ErrBufferInUse},
		{"last byte", newRead(0, mem[199:201]).on(c), ErrBufferInUse},
		{"inside", newRead(0, mem[350:351]).on(c), ErrBufferInUse},
		{"around", newRead(0, mem).on(c), ErrBufferInUse},
		{"second slice", newRead(0, mem[500:600], mem[310:320]).on(c), ErrBufferInUse},
		{"twice in one call", newRead(0, mem[500:600], mem[599:700]).on(c), ErrBufferInUse},
		{"no connection", newRead(0, mem[500:600]).on(nil), ErrForeignConn},
		{"another engine's connection", newRead(0, mem[500:600]).on(foreign), ErrForeignConn},
	} {
		if err := q.Add(tc.call); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	// All or none.
	good, bad := newRead(0, mem[500:600]), newRead(0, mem[100:101])
	if err := q.Add(good.on(c), bad.on(c)); !errors.Is(err, ErrBufferInUse) || q.InFlight() != 1 {
		t.Errorf("a batch with one bad call: %v, %d in flight", err, q.InFlight())
	}
	if err := region.Close(); !errors.Is(err, ErrBufferInUse) {
		t.Error("closing a region that is lent:", err)
	}
	between := newRead(200, mem[200:300], mem[400:500], mem[:100], nil, mem[500:500])
	if err := q.Add(between.on(c)); err != nil {
		t.Error("memory between what is lent:", err)
	}
	parked := make(chan error, 1)
	go func() { parked <- q.Wait(ctx, 2) }()
	eventually(t, e, "a waiter", func() bool { return q.waiting })
	if err := q.Wait(ctx, 2); !errors.Is(err, ErrBusyQueue) {
		t.Error("a second waiter:", err)
	}
	answer()
	within(t, 5*time.Second, func() {
		if err := <-parked; err != nil {
			t.Error(err)
		}
	})
	for q.Pop() != nil {
	}
	if busy.Err != nil || between.Err != nil || !bytes.Equal(bytes.Join(between.Iovs, nil), pattern(200, 300)) {
		t.Error(busy.Err, between.Err, "or wrong bytes")
	}
	q.Cancel(&busy.Call, nil) // popped: no effect
	if err := q.Do(ctx, newRead(0, mem).on(c)); err != nil {
		t.Error("all of it again:", err)
	}
	if err := errors.Join(region.Close(), region.Close()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := q.Add(good.on(c)); !errors.Is(err, net.ErrClosed) || !errors.Is(c.Err(), net.ErrClosed) {
		t.Error("after Conn.Close:", err, c.Err())
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := q.Add(good.on(c)); !errors.Is(err, net.ErrClosed) {
		t.Error("after Engine.Close:", err)
	}
	if _, err := e.Register(mem); !errors.Is(err, net.ErrClosed) {
		t.Error("Register after Engine.Close:", err)
	}
}
