package transport

import (
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// Wait until a time: not shorter if nothing ends, no longer if something does, and
// whatever was added leaves.
func TestWaitUntil(t *testing.T) {
	// Never parks, parks at once, may park.
	for _, wait := range []time.Duration{time.Hour, -1, 0} {
		t.Run(wait.String(), func(t *testing.T) {
			heard, answer := make(chan struct{}, 1), make(chan struct{})
			e, c := start(t, Options{Wait: wait}, func(p *transporttest.Peer) {
				call, err := p.Call()
				if err != nil {
					return
				}
				heard <- struct{}{}
				<-answer
				p.Write(readReply(call.XID, 0, 10))
				p.Hold()
			})
			q := e.NewQueue(1)
			r := newRead(0, make([]byte, 10))
			if err := q.Add(r.on(c)); err != nil {
				t.Fatal(err)
			}
			within(t, 10*time.Second, func() {
				// The time has come already: a look at what there is.
				e.mu.Lock()
				drives := e.driver.drives
				e.mu.Unlock()
				for range 100 {
					if err := q.WaitUntil(ctx, 1, time.Now()); err != nil {
						t.Error(err)
					}
				}
				<-heard
				e.mu.Lock()
				defer e.mu.Unlock()
				if looks := e.driver.drives - drives; looks < 50 {
					t.Errorf("%d looks", looks)
				}
			})
			for _, d := range []time.Duration{100 * time.Microsecond, 700 * time.Microsecond, 3 * time.Millisecond, 20 * time.Millisecond} {
				until := time.Now().Add(d)
				within(t, 10*time.Second, func() {
					if err := q.WaitUntil(ctx, 1, until); err != nil {
						t.Errorf("%v: %v", d, err)
					}
				})
				if early := time.Until(until); early > 0 {
					t.Errorf("%v: back %v before", d, early)
				}
			}
			if q.Pop() != nil {
				t.Error("the end of a wait ended its call")
			}
			close(answer)
			within(t, 10*time.Second, func() {
				if err := q.WaitUntil(ctx, 1, time.Now().Add(time.Hour)); err != nil {
					t.Error(err)
				}
			})
			if q.Pop() == nil {
				t.Error("back before the call had ended, and before the time")
			}
		})
	}
}

// The time comes while another goroutine is in the kernel for all.
func TestWaitUntilBesideDriver(t *testing.T) {
	e, c := start(t, Options{Wait: 50 * time.Millisecond}, (*transporttest.Peer).Hold)
	other, own := e.NewQueue(1), e.NewQueue(1)
	a, b := newRead(0, make([]byte, 10)), newRead(0, make([]byte, 10))
	if err := other.Add(a.on(c)); err != nil {
		t.Fatal(err)
	}
	var driver sync.WaitGroup
	driver.Go(func() { other.Wait(ctx, 1) })
	eventually(t, e, "a driver", func() bool { return e.driver.waiting })
	if err := own.Add(b.on(c)); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, func() {
		for range 3 {
			until := time.Now().Add(2 * time.Millisecond)
			if err := own.WaitUntil(ctx, 1, until); err != nil || time.Until(until) > 0 {
				t.Errorf("%v, %v before", err, time.Until(until))
			}
		}
	})
	other.Cancel(&a.Call, nil)
	driver.Wait()
	own.Cancel(&b.Call, nil)
	within(t, 10*time.Second, func() { own.Wait(ctx, 1) })
	if other.Pop() == nil || own.Pop() == nil {
		t.Error("a cancelled call was not reported")
	}
}

// Waits that bring nothing are made for every read of a slow server.
func TestWaitUntilAllocatesNothing(t *testing.T) {
	if raceEnabled {
		skip.For(t, skip.Build, "the race detector allocates")
	}
	for _, wait := range []time.Duration{-1, 0} {
		e, c := start(t, Options{Wait: wait}, (*transporttest.Peer).Hold)
		q, r := e.NewQueue(1), newRead(0, make([]byte, 10))
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
		per := allocations(200, func(count int) {
			for range count {
				if err := q.WaitUntil(ctx, 1, time.Now().Add(200*time.Microsecond)); err != nil {
					t.Fatal(err)
				}
			}
		})
		// Parking takes an object of the runtime now and then; a timer were several.
		if per >= 1 {
			t.Errorf("Options.Wait %v: %v allocations per wait", wait, per)
		}
		q.Cancel(&r.Call, nil)
		within(t, 10*time.Second, func() { q.Wait(ctx, 1) })
		q.Pop()
	}
}
