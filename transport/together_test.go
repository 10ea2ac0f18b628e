package transport

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// A call made while another goroutine waits in the kernel leaves at once, not
// when that one comes back: a signal of the runtime's brings it back after some
// ten milliseconds.
func TestCallLeavesBesideADriver(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(4, runtime.GOMAXPROCS(0))))
	calls := make(chan uint32)
	answers := make(chan uint32)
	e, c := start(t, Options{Wait: 20 * time.Second}, func(p *transporttest.Peer) {
		go func() {
			for xid := range answers {
				p.Write(readReply(xid, 0, 10))
			}
		}()
		for call := range p.Stream() {
			calls <- call.XID
		}
	})
	defer close(answers)
	done := make(chan error)
	read := func() { done <- e.NewQueue(1).Do(ctx, newRead(0, make([]byte, 10)).on(c)) }
	var took []time.Duration
	for range 21 {
		go read()
		first := <-calls
		eventually(t, e, "a driver in the kernel", func() bool { return e.driver.waiting })
		begin := time.Now()
		go read()
		second := <-calls
		took = append(took, time.Since(begin))
		answers <- first
		answers <- second
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(took)
	if last := took[len(took)-1]; last > 10*time.Second {
		t.Errorf("a call took %v to leave: not before the driver came back", last)
	}
	if t.Log("median", took[len(took)/2]); took[len(took)/2] > 2*time.Millisecond {
		t.Errorf("half of the calls took %v or longer to leave", took[len(took)/2])
	}
}

// What has ended by Close can be had afterwards, by polling too.
func TestPollAfterClose(t *testing.T) {
	e, c := start(t, Options{}, (*transporttest.Peer).Hold)
	q := e.NewQueue(2)
	if err := q.Add(newRead(0, make([]byte, 10)).on(c)); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	c.abort(ErrClosed)
	e.mu.Unlock()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		within(t, time.Second, func() { q.Wait(ctx, 0) })
	}
	if call := q.Pop(); call == nil || call.Err == nil {
		t.Errorf("%v after Close", call)
	}
	within(t, time.Second, func() { q.Wait(ctx, 1) })
}

// Whoever takes completions while a driver is in the kernel puts as many in their
// place: the driver counts on them, and else sleeps on for as long as it may.
func TestTakenCompletionsAreReplaced(t *testing.T) {
	e := newEngine(t, Options{})
	e.mu.Lock()
	defer e.mu.Unlock()
	const n = 3
	e.replace(n)
	if err := e.ring.Enter(0, 0); err != nil {
		t.Fatal(err)
	}
	e.driver.driving, e.driver.waiting = true, true
	e.flush()
	if left := e.reap(); left != n {
		t.Errorf("a driver in the kernel finds %d completions of %d", left, n)
	}
	e.driver.driving, e.driver.waiting = false, false
}
