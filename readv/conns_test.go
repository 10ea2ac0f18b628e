package readv

import (
	"slices"
	"sync"
	"testing"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// gate is a brick's way of reading that keeps all replies back until so many
// reads have come, and knows by which connections they did.
type gate struct {
	mu   sync.Mutex
	open int // reads to wait for
	held map[*transporttest.Peer][]readCall
}

func newGate(count int) *gate {
	return &gate{open: count, held: make(map[*transporttest.Peer][]readCall)}
}

func (g *gate) read(p *transporttest.Peer, r readCall) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held[p] = append(g.held[p], r)
	if g.open--; g.open > 0 {
		return
	}
	for p, calls := range g.held {
		for _, r := range calls {
			p.Write(r.honest())
		}
	}
}

// counts are the reads by connection, the most first.
func (g *gate) counts() []int {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []int
	for _, calls := range g.held {
		list = append(list, len(calls))
	}
	slices.SortFunc(list, func(a, b int) int { return b - a })
	return list
}

// readAll has count reads of n bytes in flight at once on each queue.
func readAll(t *testing.T, f *File, count, n int, queues ...*Queue) {
	t.Helper()
	for _, q := range queues {
		for i := range count {
			if _, err := q.Submit(&Op{File: f, Iovs: [][]byte{make([]byte, n)}, Off: int64(i * n)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	done := make([]*Op, count)
	for _, q := range queues {
		if n, err := q.Wait(ctx, done, count); n != count || err != nil {
			t.Fatal(n, err)
		}
		for _, o := range done {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
		}
	}
}

// Small reads keep together, large ones spread, and none lets a connection have
// more than a run more than another.
func TestReadsAreSpreadOverConnections(t *testing.T) {
	for _, c := range []struct {
		count, bytes int
		want         []int // reads by connection
	}{
		{1, 4 << 10, []int{1}},
		{8, 4 << 10, []int{8}},
		{16, 4 << 10, []int{8, 8}},
		{32, 4 << 10, []int{8, 8, 8, 8}},
		{40, 4 << 10, []int{16, 8, 8, 8}},
		{6, 16 << 10, []int{3, 3}},
		{4, 64 << 10, []int{1, 1, 1, 1}},
		{10, 128 << 10, []int{3, 3, 2, 2}},
	} {
		g := newGate(c.count)
		v := dialTest(t, (&brick{size: fakeSize, read: g.read}).serve(t), &Options{Conns: 4})
		readAll(t, open(t, v, "file"), c.count, min(c.bytes, fakeSize/c.count), v.NewQueue(c.count))
		if got := g.counts(); !slices.Equal(got, c.want) {
			t.Errorf("%d reads of %d bytes went by connections like this: %v, want %v", c.count, c.bytes, got, c.want)
		}
	}
}

// What is outstanding counts, not what went before: a connection that does not
// answer gets no more than its share.
func TestSlowConnectionIsPassedOver(t *testing.T) {
	var mu sync.Mutex
	var slow *transporttest.Peer // the first that is read from
	var held []readCall
	b := &brick{size: fakeSize, read: func(p *transporttest.Peer, r readCall) {
		mu.Lock()
		defer mu.Unlock()
		if slow == nil {
			slow = p
		}
		if p == slow {
			held = append(held, r)
		} else {
			p.Write(r.honest())
		}
	}}
	v := dialTest(t, b.serve(t), &Options{Conns: 3})
	f := open(t, v, "file")
	q := v.NewQueue(100)
	done := make([]*Op, 1)
	for i := range 100 {
		if _, err := q.Submit(&Op{File: f, Iovs: [][]byte{make([]byte, 4096)}, Off: int64(i)}); err != nil {
			t.Fatal(err)
		}
		if i < 30 {
			continue // these are outstanding at once
		}
		if _, err := q.Wait(ctx, done, 1); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	if n := len(held); n < 8 || n > 24 {
		t.Errorf("%d of 100 reads went to the connection that does not answer", n)
	}
	for _, r := range held {
		slow.Write(r.honest())
	}
	mu.Unlock()
	for q.InFlight() > 0 {
		if _, err := q.Wait(ctx, done, 1); err != nil {
			t.Fatal(err)
		}
	}
}
