package transport

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// The context of a Wait ends while the goroutine is parked, or drives.
func TestWaitCancelled(t *testing.T) {
	for _, wait := range []time.Duration{-1, 0, 50 * time.Millisecond} {
		t.Run(wait.String(), func(t *testing.T) {
			e, c := start(t, Options{Wait: wait}, (*transporttest.Peer).Hold)
			q := e.NewQueue(1)
			r := newRead(0, make([]byte, 10))
			if err := q.Add(r.on(c)); err != nil {
				t.Fatal(err)
			}
			short, stop := context.WithTimeout(ctx, 5*time.Millisecond)
			defer stop()
			within(t, 5*time.Second, func() {
				if err := q.Wait(short, 1); !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			})
			if q.Pop() != nil {
				t.Error("the end of a Wait ended its call")
			}
			again, stop := context.WithCancel(ctx)
			time.AfterFunc(5*time.Millisecond, stop)
			within(t, 5*time.Second, func() {
				if err := e.NewQueue(1).Do(again, newRead(0, make([]byte, 10)).on(c)); !errors.Is(err, context.Canceled) {
					t.Error("Do:", err)
				}
			})
			q.Cancel(&r.Call, nil)
			within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
			if q.Pop() == nil {
				t.Error("a cancelled call was not reported")
			}
		})
	}
}
