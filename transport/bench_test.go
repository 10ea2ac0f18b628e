package transport

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ringreadv/ringreadv/ring"
)

// BenchmarkRead reads from a scripted server in the same process: syscalls and
// copied bytes per read are the engine's, times include the server's.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{4 << 10, 128 << 10} {
		for _, depth := range []int{1, 16} {
			for _, plan := range []Plan{PlanExact, PlanOverlap} {
				b.Run(fmt.Sprintf("%dk/d%d/%v", n>>10, depth, plan), func(b *testing.B) {
					benchRead(b, Options{Plan: plan}, n, depth)
				})
			}
		}
	}
}

func benchRead(b *testing.B, o Options, n, depth int) {
	e, c := start(b, o, serveCanned(n))
	arena, err := ring.NewArena(n, depth)
	if err != nil {
		b.Fatal(err)
	}
	region, err := e.Register(arena.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	r := newReader(b, e, c, depth, func() [][]byte { return [][]byte{arena.Get()} })
	r.read(depth)
	before := e.Stats()
	b.SetBytes(int64(n))
	b.ReportAllocs()
	b.ResetTimer()
	r.read(b.N)
	b.StopTimer()
	after := e.Stats()
	reads := float64(after.Reported - before.Reported)
	b.ReportMetric(float64(after.Syscalls-before.Syscalls)/reads, "syscalls/op")
	b.ReportMetric(float64(after.CopiedBytes-before.CopiedBytes)/reads, "copied-B/op")
	b.ReportMetric(float64(after.Receives-before.Receives)/reads, "receives/op")
	for _, call := range r.stop() {
		arena.Put(call.Iovs[0])
	}
	if err := errors.Join(region.Close(), arena.Close()); err != nil {
		b.Error(err)
	}
}
