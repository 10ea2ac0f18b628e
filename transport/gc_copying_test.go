package transport

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// Large reads on many connections: all that is there lands in one entry into the
// kernel, which keeps the P for as long as the copying takes.
func TestCollectionsNotHeldUpByCopying(t *testing.T) {
	if raceEnabled {
		skip.For(t, skip.Build, "with the race detector stops take what it takes")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	const conns, n = 64, 1 << 20
	s := transporttest.Serve(t, serveCanned(n))
	e := newEngine(t, Options{})
	q := e.NewQueue(4 * conns)
	for range conns {
		c := dial(t, e, s, ConnOptions{})
		for range 4 {
			if err := q.Add(newRead(0, make([]byte, n)).on(c)); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := &reader{tb: t, q: q}
	r.read(8 * conns) // touch the memory
	took := stopsDuring(t, r)
	slices.Sort(took)
	t.Logf("%d stops, median %v, 90 %% at most %v, all %v", len(took), took[len(took)/2], took[len(took)*9/10], took[len(took)-1])
	if took[len(took)*9/10] > stopBound {
		t.Errorf("a tenth of the stops took %v or longer, the bound is %v", took[len(took)*9/10], stopBound)
	}
	r.stop()
}

func stopsDuring(t *testing.T, r *reader) (took []time.Duration) {
	before := stopTimes()
	var collected atomic.Bool
	go func() {
		defer collected.Store(true)
		for range 40 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}()
	for !collected.Load() {
		r.read(1)
	}
	after := stopTimes()
	for i, n := range after.Counts {
		for range n - before.Counts[i] {
			took = append(took, time.Duration(after.Buckets[i+1]*float64(time.Second)))
		}
	}
	return took
}
