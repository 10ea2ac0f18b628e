package transport

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
)

// One read at a time under plan exact costs three syscalls: call and header,
// payload, and the next receive before the caller goes on. Sixteen at a time
// under plan overlap cost two each at most.
//
// On the poller one at a time costs a send, two receives that bring something, and
// two in vain: Enter's, and one when the poller has been told to look out. Sixteen
// at a time share the sends and have most of their receives at once.
func TestSyscallsPerRead(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		skip.For(t, skip.Machine, "one CPU: a long wait keeps the only P from the server")
	}
	for _, tc := range []struct {
		plan   Plan
		depth  int
		most   float64
		poller float64
	}{{PlanExact, 1, 2, 5}, {PlanOverlap, 16, 1, 3}} {
		// The wait is long enough that nobody parks.
		e, c := start(t, Options{Plan: tc.plan, Wait: 20 * time.Millisecond}, serveCanned(4096))
		eventually(t, e, "the keeper on watch", func() bool { return e.driver.armed })
		r := newReader(t, e, c, tc.depth, func() [][]byte { return [][]byte{make([]byte, 4096)} })
		r.read(100)
		before := e.Stats()
		r.read(1000)
		after := e.Stats()
		r.stop()
		if e.Kind() == EnginePoller {
			tc.most = tc.poller
		}
		reads := float64(after.Reported - before.Reported)
		if per := float64(after.Syscalls-before.Syscalls) / reads; per > 1.1*tc.most {
			t.Errorf("%v, depth %d: %v syscalls per read, want %v", tc.plan, tc.depth, per, tc.most)
		}
		if after.CopiedBytes > 0 {
			t.Errorf("%v, depth %d: %d bytes copied", tc.plan, tc.depth, after.CopiedBytes)
		}
	}
}

// allocations is how many objects the process allocates per read.
func allocations(reads int, read func(count int)) float64 {
	read(reads) // until buffers have grown to their size
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read(reads)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(reads)
}

func TestReadsAllocateNothing(t *testing.T) {
	if raceEnabled {
		skip.For(t, skip.Build, "the race detector allocates")
	}
	const n, reads = 4096, 5000
	heap := func() [][]byte { return [][]byte{make([]byte, n)} }
	check := func(t *testing.T, read func(int)) {
		// The runtime allocates for itself now and then: a timer, a goroutine.
		if per := allocations(reads, read); per > 0.01 {
			t.Errorf("%v allocations per read", per)
		}
	}
	t.Run("Do", func(t *testing.T) {
		e, c := start(t, Options{}, serveCanned(n))
		q, r := e.NewQueue(1), newRead(0, heap()...).on(c)
		check(t, func(count int) {
			for range count {
				if err := q.Do(ctx, r); err != nil {
					t.Fatal(err)
				}
			}
		})
	})
	t.Run("depth 16", func(t *testing.T) {
		e, c := start(t, Options{}, serveCanned(n))
		r := newReader(t, e, c, 16, heap)
		check(t, r.read)
		r.stop()
	})
	t.Run("parked", func(t *testing.T) {
		e, c := start(t, Options{Wait: -1}, serveCanned(n))
		r := newReader(t, e, c, 16, heap)
		check(t, r.read)
		r.stop()
	})
	t.Run("bounced", func(t *testing.T) {
		e, c := start(t, Options{}, serveCanned(n))
		q, r := e.NewQueue(1), newRead(0, heap()...).on(c)
		r.Bounce = true
		check(t, func(count int) {
			for range count {
				if err := q.Do(ctx, r); err != nil {
					t.Fatal(err)
				}
			}
		})
	})
	for _, o := range []Options{{}, {Plan: PlanExact, FixedBuffers: true}} {
		t.Run("registered, 16 slices, "+o.Plan.String(), func(t *testing.T) {
			e, c := start(t, o, serveCanned(n))
			arena, err := ring.NewArena(n, 16)
			if err != nil {
				t.Fatal(err)
			}
			region, err := e.Register(arena.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			r := newReader(t, e, c, 16, func() (iovs [][]byte) {
				for p := arena.Get(); len(p) > 0; p = p[n/16:] {
					iovs = append(iovs, p[:n/16])
				}
				return iovs
			})
			check(t, r.read)
			for _, call := range r.stop() {
				arena.Put(call.Iovs[0][:n])
			}
			if err := errors.Join(region.Close(), arena.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}
