package transport

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// One read at a time under plan exact costs three syscalls: call and header,
// payload, and the next receive before the caller goes on. Sixteen at a time
// under plan overlap cost two each at most.
func TestSyscallsPerRead(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("a long wait keeps the only P from the server")
	}
	for _, tc := range []struct {
		plan  Plan
		depth int
		most  float64
	}{{PlanExact, 1, 2}, {PlanOverlap, 16, 1}} {
		// The wait is long enough that nobody parks.
		e, c := start(t, Options{Plan: tc.plan, Wait: 20 * time.Millisecond}, serveCanned(4096))
		eventually(t, e, "the keeper on watch", func() bool { return e.driver.armed })
		r := newReader(t, e, c, tc.depth, func() [][]byte { return [][]byte{make([]byte, 4096)} })
		r.read(100)
		before := e.Stats()
		r.read(1000)
		after := e.Stats()
		r.stop()
		reads := float64(after.Reported - before.Reported)
		if per := float64(after.Syscalls-before.Syscalls) / reads; per > 1.1*tc.most {
			t.Errorf("%v, depth %d: %v syscalls per read, want %v", tc.plan, tc.depth, per, tc.most)
		}
		if after.CopiedBytes > 0 {
			t.Errorf("%v, depth %d: %d bytes copied", tc.plan, tc.depth, after.CopiedBytes)
		}
	}
}

// serveCanned answers reads of whatever length they ask with n bytes, and
// allocates nothing while it does.
func serveCanned(n int) func(*transporttest.Peer) {
	return func(p *transporttest.Peer) {
		in := make([]byte, 0, 64<<10)
		var out []byte
		reply := readReply(0, 0, n)
		for {
			k, err := p.Read(in[len(in):cap(in)])
			if err != nil {
				return
			}
			in = in[:len(in)+k]
			b := in
			for len(b) >= 8 {
				size := xdrwire.MarkBytes + xdrwire.ParseMark(b).Len()
				if len(b) < size {
					break
				}
				copy(reply[4:8], b[4:8])
				out = append(out, reply...)
				b = b[size:]
			}
			in = in[:copy(in, b)]
			if _, err := p.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
}

// reader keeps depth reads of n bytes in flight.
type reader struct {
	tb testing.TB
	q  *Queue
}

func newReader(tb testing.TB, e *Engine, c *Conn, depth int, memory func() [][]byte) *reader {
	r := &reader{tb: tb, q: e.NewQueue(depth)}
	for range depth {
		if err := r.q.Add(newRead(0, memory()...).on(c)); err != nil {
			tb.Fatal(err)
		}
	}
	return r
}

// read ends at least count reads and begins as many.
func (r *reader) read(count int) {
	for count > 0 {
		if err := r.q.Wait(ctx, 1); err != nil {
			r.tb.Fatal(err)
		}
		for call := r.q.Pop(); call != nil; call = r.q.Pop() {
			if call.Err != nil {
				r.tb.Fatal(call.Err)
			}
			if err := r.q.Add(call); err != nil {
				r.tb.Fatal(err)
			}
			count--
		}
	}
}

// stop ends the reads in flight.
func (r *reader) stop() (calls []*Call) {
	if err := r.q.Wait(ctx, r.q.InFlight()); err != nil {
		r.tb.Fatal(err)
	}
	for call := r.q.Pop(); call != nil; call = r.q.Pop() {
		calls = append(calls, call)
	}
	return calls
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
		t.Skip("the race detector allocates")
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
