package readv

import (
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
)

// Reads in steady state allocate nothing, whatever the door. The server of these
// tests runs in the same process, so each side is measured at what it adds: the
// floor is a server that answers from memory it already has.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		skip.For(t, skip.Build, "the race detector allocates")
	}
	f := fakeFile(t, cannedBrick(), nil)
	v := f.Volume()
	arena, err := ring.NewArena(cannedBytes, 16)
	if err != nil {
		t.Fatal(err)
	}
	region, err := v.Register(arena.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	heap := make([]byte, cannedBytes)

	check := func(name string, reads int, run func()) {
		t.Helper()
		run() // warms up pools and buffers
		if n := testing.AllocsPerRun(100, run); n > 0 {
			t.Errorf("%s: %v allocations in %d reads", name, n, reads)
		}
	}
	check("ReadAt", 1, func() {
		if _, err := f.ReadAt(heap, 0); err != nil {
			t.Fatal(err)
		}
	})
	iovs := [][]byte{heap[:100], heap[100:200], heap[200:]}
	check("Readv", 1, func() {
		if _, err := f.Readv(ctx, iovs, 0); err != nil {
			t.Fatal(err)
		}
	})
	q := v.NewQueue(16)
	ops, done := make([]Op, 16), make([]*Op, 16)
	for i := range ops {
		b := arena.Get()
		ops[i] = Op{File: f, Iovs: [][]byte{b[:1000], b[1000:2000], b[2000:]}}
	}
	// One loop waits without a limit, one for so short that it often comes back
	// with nothing.
	for name, limit := range map[string]time.Duration{"Queue": time.Hour, "Queue, until a time": 20 * time.Microsecond} {
		check(name, len(ops), func() {
			for i := range ops {
				if _, err := q.Add(&ops[i]); err != nil {
					t.Fatal(err)
				}
			}
			for left := len(ops); left > 0; {
				n, err := q.WaitUntil(ctx, done, 1, time.Now().Add(limit))
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range done[:n] {
					if o.Err != nil {
						t.Fatal(o.Err)
					}
				}
				left -= n
			}
		})
	}
	for i := range ops {
		b := ops[i].Iovs[0]
		arena.Put(b[:1])
	}
	if err := region.Close(); err != nil {
		t.Error(err)
	}
	if err := arena.Close(); err != nil {
		t.Error(err)
	}
}
