package transport

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Blocking readers and a deep queue read side by side, first alone, then with a
// goroutine for each P that computes and never blocks: the reads are not starved
// by it, nor is it by them.
func TestProcs(t *testing.T) {
	for _, procs := range []int{1, 2, 16} {
		for _, busy := range []bool{false, true} {
			t.Run(fmt.Sprintf("procs=%d/busy=%v", procs, busy), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				readOnProcs(t, procs, busy)
			})
		}
	}
}

func readOnProcs(t *testing.T, procs int, busy bool) {
	const (
		blocking, each = 8, 10
		depth, deep    = 64, 1000
		// What 16 threads that compute leave on two CPUs makes it seconds.
		limit = 30 * time.Second
	)
	e, c := start(t, Options{}, serveReads)
	var stop atomic.Bool
	var computers, readers sync.WaitGroup
	var ran atomic.Int64 // what the computers got, in ns
	began := time.Now()
	if busy {
		for range procs {
			computers.Go(func() { ran.Add(int64(compute(&stop))) })
		}
	}
	for i := range blocking {
		readers.Go(func() {
			if err := readBlocking(e, c, uint64(i)<<32, each); err != nil {
				t.Error(err)
			}
		})
	}
	readers.Go(func() {
		if err := readDeep(e, c, depth, deep); err != nil {
			t.Error(err)
		}
	})
	within(t, limit, readers.Wait)
	took := time.Since(began)
	stop.Store(true)
	computers.Wait()
	share := float64(ran.Load()) / float64(took) / float64(min(procs, runtime.NumCPU()))
	t.Logf("%v; those that compute had %.0f %% of the CPUs", took, 100*share)
	if busy && share < 0.05 {
		t.Errorf("those that compute had %.1f %% of the CPUs", 100*share)
	}
}

// compute keeps a P busy and returns for how long it did: gaps in its time are
// others'.
func compute(stop *atomic.Bool) (ran time.Duration) {
	for last := time.Now(); !stop.Load(); {
		now := time.Now()
		if gap := now.Sub(last); gap < 20*time.Microsecond {
			ran += gap
		}
		last = now
	}
	return ran
}

func readBlocking(e *Engine, c *Conn, off uint64, count int) error {
	q := e.NewQueue(1)
	p := make([]byte, 5000)
	want := pattern(off, len(p))
	for range count {
		clear(p)
		if err := q.Do(ctx, newRead(off, p).on(c)); err != nil {
			return err
		}
		if !bytes.Equal(p, want) {
			return errors.New("wrong bytes")
		}
	}
	return nil
}

func readDeep(e *Engine, c *Conn, depth, count int) error {
	q := e.NewQueue(depth)
	for started, ended := 0, 0; ended < count; {
		for started < count && started-ended < depth {
			if err := q.Add(newRead(uint64(started), make([]byte, 5000)).on(c)); err != nil {
				return err
			}
			started++
		}
		if err := q.Wait(ctx, 1); err != nil {
			return err
		}
		for call := q.Pop(); call != nil; call = q.Pop() {
			if call.Err != nil {
				return call.Err
			}
			if !bytes.Equal(call.Iovs[0], pattern(call.UserData.(uint64), 5000)) {
				return errors.New("wrong bytes")
			}
			ended++
		}
	}
	return nil
}
