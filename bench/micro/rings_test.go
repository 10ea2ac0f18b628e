package micro

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/ringreadv/ringreadv/readv"
)

// BenchmarkRings is two goroutines, each with a queue of its own, on a volume with
// one ring and with two. What they gain from sharing nothing shows on two CPUs or
// more; on one, what a second ring costs.
func BenchmarkRings(b *testing.B) {
	for _, l := range []load{{4 << 10, 1}, {4 << 10, 16}, {4 << 10, 64}, {128 << 10, 16}} {
		for _, rings := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/rings=%d", l, rings), func(b *testing.B) { benchRings(b, l, rings) })
		}
	}
}

func benchRings(b *testing.B, l load, rings int) {
	f := openFile(b, protocols[0], &readv.Options{Rings: rings, Conns: 2})
	const goroutines = 2
	b.SetBytes(int64(l.bytes))
	m := newMeter(b, f.Volume().Stats)
	var all sync.WaitGroup
	for i := range goroutines {
		count := b.N / goroutines
		if i < b.N%goroutines {
			count++
		}
		all.Go(func() {
			if err := readOwn(f, l, count); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	m.report(b)
}

// readOwn makes count reads on a queue of its own.
func readOwn(f *readv.File, l load, count int) error {
	q := f.Volume().NewQueue(l.depth)
	next := offsets{step: int64(l.bytes)}
	ops, done := make([]readv.Op, l.depth), make([]*readv.Op, l.depth)
	add := func(o *readv.Op) error {
		o.Off = next.take()
		count--
		_, err := q.Add(o)
		return err
	}
	for i := range ops[:min(count, l.depth)] {
		ops[i] = readv.Op{File: f, Iovs: [][]byte{make([]byte, l.bytes)}}
		if err := add(&ops[i]); err != nil {
			return err
		}
	}
	for q.InFlight() > 0 {
		n, err := q.Wait(context.Background(), done, 1)
		if err != nil {
			return err
		}
		for _, o := range done[:n] {
			if o.Err != nil {
				return o.Err
			}
			if count > 0 {
				if err := add(o); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
