package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

var ctx = context.Background()

func TestOneRead(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	q := e.NewQueue(1)
	for i := range 100 {
		buf := make([]byte, 1000+i)
		r := newRead(uint64(i), buf)
		if err := q.Do(ctx, r.on(c)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(buf, pattern(uint64(i), len(buf))) || r.Received != len(buf) {
			t.Fatalf("read %d: %d bytes, or wrong ones", i, r.Received)
		}
	}
}

// cut deals p out in 1 to most pieces of random, uneven sizes.
func cut(rnd *rand.Rand, p []byte, most int) [][]byte {
	var iovs [][]byte
	for n := 1 + rnd.IntN(most); n > 1 && len(p) > 1; n-- {
		k := rnd.IntN(len(p))
		iovs = append(iovs, p[:k:k])
		p = p[k:]
	}
	return append(iovs, p)
}

// A server that answers in random order, in fragments now and then, with calls
// of its own in between; reads of all sizes, vectored, registered and not, under
// every plan.
func TestReadsInAnyOrder(t *testing.T) {
	count := 2000
	switch {
	case raceEnabled:
		count = 500
	case testing.Short():
		count = 250
	}
	for _, o := range []Options{
		{Plan: PlanExact}, {Plan: PlanExact, FixedBuffers: true}, {Plan: PlanOverlap},
		{Plan: PlanStaged}, {Plan: PlanSpeculative}, {}, {Wait: -1},
	} {
		t.Run(fmt.Sprintf("%v,fixed=%v,wait=%v", o.Plan, o.FixedBuffers, o.Wait), func(t *testing.T) {
			s := readsInAnyOrder(t, o, count)
			if o.Plan == PlanExact && s.OverlapReceives > 0 {
				t.Error("overlapping receives under plan exact")
			}
			if o.Plan == PlanSpeculative && s.WrongGuesses == 0 {
				t.Error("no guess went wrong")
			}
			t.Logf("%+v", s)
		})
	}
}

func readsInAnyOrder(t *testing.T, o Options, count int) Stats {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	e, c := start(t, o, func(p *transporttest.Peer) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		stream := p.Stream()
		for c := range stream {
			calls := []transporttest.Call{c}
			for more := true; more && len(calls) < 16; {
				select {
				case c, more = <-stream:
					if more {
						calls = append(calls, c)
					}
				case <-time.After(200 * time.Microsecond):
					more = false
				}
			}
			rnd.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
			var out []byte
			for _, c := range calls {
				off, n := parseReadArgs(c.Args)
				switch rnd.IntN(4) {
				case 0:
					b := append(xdrwire.AppendReply(nil, c.XID, xdrwire.Success), readResult(off, n)...)
					out = append(out, transporttest.Fragments(b, 1+rnd.IntN(5000))...)
				case 1:
					out = append(out, transporttest.OneWay(c.XID, make([]byte, 4*rnd.IntN(100)))...)
					fallthrough
				default:
					out = append(out, readReply(c.XID, off, n)...)
				}
			}
			if _, err := p.Write(out); err != nil {
				return
			}
		}
	})
	readMany(t, e, c, rand.New(rand.NewPCG(seed, 2)), count, 32)
	s := e.Stats()
	if s.OutOfOrder == 0 || s.ServerCalls == 0 {
		t.Errorf("%d replies out of order, %d one-way calls: the server did not do its part", s.OutOfOrder, s.ServerCalls)
	}
	return s
}

// readMany makes count random reads, depth at a time, and checks every byte of
// every buffer, around the lent slices too.
func readMany(t testing.TB, e *Engine, c *Conn, rnd *rand.Rand, count, depth int) {
	t.Helper()
	const most, guard = 64 << 10, 16
	arena, err := ring.NewArena(most+2*guard, depth)
	if err != nil {
		t.Fatal(err)
	}
	region, err := e.Register(arena.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	type job struct {
		*testRead
		block []byte
		off   uint64
		n     int
	}
	q := e.NewQueue(depth)
	byCall := map[*Call]*job{}
	for started, ended := 0, 0; ended < count; {
		for started < count && started-ended < depth {
			j := &job{off: rnd.Uint64N(1 << 40), n: 1 + rnd.IntN(most)}
			if rnd.IntN(2) == 0 {
				j.n = 1 + rnd.IntN(300)
			}
			if rnd.IntN(2) == 0 {
				j.block = arena.Get()
			} else {
				j.block = make([]byte, most+2*guard)
			}
			for i := range j.block {
				j.block[i] = 0xA5
			}
			j.testRead = newRead(j.off, cut(rnd, j.block[guard:guard+j.n], 16)...)
			j.Bounce = rnd.IntN(8) == 0
			byCall[&j.Call] = j
			if err := q.Add(j.on(c)); err != nil {
				t.Fatal(err)
			}
			started++
		}
		if err := q.Wait(ctx, 1+rnd.IntN(4)); err != nil {
			t.Fatal(err)
		}
		for call := q.Pop(); call != nil; call = q.Pop() {
			j := byCall[call]
			delete(byCall, call)
			ended++
			if call.Err != nil {
				t.Fatal(call.Err)
			}
			if !bytes.Equal(j.block[guard:guard+j.n], pattern(j.off, j.n)) {
				t.Fatalf("wrong bytes in a read of %d at %d", j.n, j.off)
			}
			for i, b := range j.block[:guard] {
				if k := len(j.block) - 1 - i; b != 0xA5 || k >= guard+j.n && j.block[k] != 0xA5 {
					t.Fatal("a byte outside the lent slices was written")
				}
			}
			if cap(j.block) == arena.BlockBytes() {
				arena.Put(j.block)
			}
		}
	}
	if err := errors.Join(region.Close(), arena.Close()); err != nil {
		t.Error(err)
	}
}

func TestManyGoroutines(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	done := make(chan error)
	const workers = 32
	for w := range workers {
		go func() {
			done <- func() error {
				q := e.NewQueue(1)
				buf := make([]byte, 5000)
				r := newRead(uint64(w)<<32, buf)
				for range 100 {
					if err := q.Do(ctx, r.on(c)); err != nil {
						return err
					}
					if !bytes.Equal(buf, pattern(uint64(w)<<32, len(buf))) {
						return errors.New("wrong bytes")
					}
				}
				return nil
			}()
		}()
	}
	for range workers {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("hangs")
		}
	}
}

func TestCollectedBody(t *testing.T) {
	long := pattern(7, 200_001)
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		for {
			c, err := p.Call()
			if err != nil {
				return
			}
			p.Write(transporttest.Accepted(c.XID, c.Args, long))
		}
	})
	q := e.NewQueue(1)
	call := &Call{Conn: c, Procedure: procEcho, Cred: xdrwire.AuthNone(), Args: []byte("echo")}
	for range 3 {
		if err := q.Do(ctx, call); err != nil {
			t.Fatal(err)
		}
		if want := append([]byte("echo"), long...); !bytes.Equal(call.Body, want) {
			t.Fatalf("body of %d bytes, want %d", len(call.Body), len(want))
		}
	}
	call.MaxBodyBytes = 1000
	var bad *ReplyError
	if err := q.Do(ctx, call); !errors.As(err, &bad) {
		t.Error("a body larger than allowed:", err)
	}
	if len(call.Body) != 0 {
		t.Errorf("a call that failed has a body of %d bytes", len(call.Body))
	}
	call.MaxBodyBytes = 0
	if err := q.Do(ctx, call); err != nil {
		t.Error("after one that was too large:", err)
	}
}

func TestMoreCallsThanDepth(t *testing.T) {
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		// Never more than four outstanding: the fifth must not come before
		// the first is answered.
		stream := p.Stream()
		var calls []transporttest.Call
		for range 4 {
			calls = append(calls, <-stream)
		}
		select {
		case <-stream:
			return // fails the reads
		case <-time.After(20 * time.Millisecond):
		}
		for _, c := range calls {
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
		}
		for c := range stream {
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
		}
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 4})
	q := e.NewQueue(20)
	for i := range 20 {
		r := newRead(uint64(i), make([]byte, 100))
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
	}
	extra := newRead(0, make([]byte, 1))
	if err := q.Add(extra.on(c)); !errors.Is(err, ErrQueueFull) {
		t.Error("21st call of 20:", err)
	}
	if err := q.Wait(ctx, 100); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		call := q.Pop()
		if call == nil || call.Err != nil || call.UserData != uint64(i) {
			t.Fatalf("call %d: %+v", i, call)
		}
	}
}

func TestZeroCopyUnderPlanExact(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		e, c := start(t, Options{Plan: PlanExact, FixedBuffers: fixed}, serveReads)
		arena, _ := ring.NewArena(128<<10, 8)
		region, err := e.Register(arena.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		q := e.NewQueue(8)
		for i := range 8 {
			r := newRead(uint64(i), arena.Get())
			if err := q.Add(r.on(c)); err != nil {
				t.Fatal(err)
			}
		}
		if err := q.Wait(ctx, 8); err != nil {
			t.Fatal(err)
		}
		for call := q.Pop(); call != nil; call = q.Pop() {
			if call.Err != nil {
				t.Fatal(call.Err)
			}
			arena.Put(call.Iovs[0])
		}
		s := e.Stats()
		if s.PayloadBytes != 8*128<<10 || s.CopiedBytes != 0 {
			t.Errorf("fixed=%v: %d bytes copied of %d", fixed, s.CopiedBytes, s.PayloadBytes)
		}
		if want := fixed && e.Kind() == EngineURing; want != (s.FixedReceives > 0) {
			t.Errorf("fixed=%v: %d receives into registered buffers", fixed, s.FixedReceives)
		}
		if err := errors.Join(region.Close(), arena.Close()); err != nil {
			t.Error(err)
		}
	}
}

// More slices than one receive takes, some in one region, some in another, some
// in none.
func TestManySlices(t *testing.T) {
	for _, o := range []Options{
		{Plan: PlanExact}, {Plan: PlanExact, FixedBuffers: true}, {Plan: PlanOverlap},
		{Plan: PlanStaged}, {Plan: PlanSpeculative},
	} {
		e, c := start(t, o, serveReads)
		const n = 17_000
		mem := make([]byte, 3*n)
		for _, piece := range [][]byte{mem[:n], mem[n : 2*n]} {
			region, err := e.Register(piece)
			if err != nil {
				t.Fatal(err)
			}
			defer region.Close()
		}
		q := e.NewQueue(3)
		var reads []*testRead
		for i := range 3 {
			var iovs [][]byte
			for at := 7 * i; at+21 < len(mem); at += 21 { // some lie across an edge
				iovs = append(iovs, mem[at:at+7:at+7])
			}
			reads = append(reads, newRead(uint64(i), iovs...))
		}
		for range 3 {
			for _, r := range reads {
				if err := q.Add(r.on(c)); err != nil {
					t.Fatal(err)
				}
			}
			within(t, 10*time.Second, func() { q.Wait(ctx, 3) })
			for i, r := range reads {
				if q.Pop() == nil || r.Err != nil || !bytes.Equal(bytes.Join(r.Iovs, nil), pattern(uint64(i), r.Received)) {
					t.Fatalf("%v, fixed=%v: read %d: %v, or wrong bytes", o.Plan, o.FixedBuffers, i, r.Err)
				}
			}
			clear(mem)
		}
	}
}
