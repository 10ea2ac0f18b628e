package readv

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// testRings is how many rings dialTest gives a volume whose options do not say.
var testRings = 1

// What holds for one ring holds for three.
func TestWithThreeRings(t *testing.T) {
	testRings = 3
	defer func() { testRings = 1 }()
	for _, c := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"NoAllocations", TestNoAllocations},
		{"BadReplies", TestBadReplies},
		{"UnknownXID", TestUnknownXID},
		{"Misuse", TestMisuse},
		{"DialErrors", TestDialErrors},
		{"Handshake", TestHandshake},
		{"ShortReplies", TestShortReplies},
		{"ClosedFile", TestClosedFile},
		{"CancellingDoesNotEndTheConnection", TestCancellingDoesNotEndTheConnection},
		{"CancelOfAShortRead", TestCancelOfAShortRead},
		{"LoanLastsUntilHandedBack", TestLoanLastsUntilHandedBack},
		{"Polling", TestPolling},
		{"NFSFragments", TestNFSFragments},
		{"NFSFragmentedRandomReads", TestNFSFragmentedRandomReads},
		{"NFSFragmentsAreNotCopied", TestNFSFragmentsAreNotCopied},
		{"NFSSplitsLargeReads", TestNFSSplitsLargeReads},
		{"NFSBadReplies", TestNFSBadReplies},
		{"NFSDialErrors", TestNFSDialErrors},
	} {
		t.Run(c.name, c.run)
	}
}

// verifyOnAllRings is verifyRandomReads on each of the volume's rings at the same
// time, count in all.
func verifyOnAllRings(t *testing.T, v *Volume, f *File, want []byte, count, depth int) {
	t.Run("rings", func(t *testing.T) {
		for i := range v.engines {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				verifyRandomReads(t, v, f, want, count/len(v.engines), depth)
			})
		}
	})
	for i, e := range v.engines {
		if n := e.Stats().Reported; n < uint64(count/len(v.engines)) {
			t.Errorf("ring %d made %d reads", i, n)
		}
	}
}

func TestRandomReadsOnAllRings(t *testing.T) {
	count := 600
	if testing.Short() {
		count = 150
	}
	for _, o := range []Options{{}, {Rings: 3, Conns: 3}, {Rings: 2, Conns: 5, Depth: 4}} {
		f := fakeFile(t, &brick{}, &o)
		verifyOnAllRings(t, f.Volume(), f, content(0, fakeSize), count, 32)
	}
}

// A queue's reads go by its own ring's connections, whatever the other queues do.
func TestQueuesAreDealtOverRings(t *testing.T) {
	const count = 6
	g := newGate(3 * count)
	v := dialTest(t, (&brick{size: fakeSize, read: g.read}).serve(t), &Options{Rings: 3, Conns: 7})
	f := open(t, v, "file")
	var before [3]uint64
	for i, e := range v.engines {
		if n := e.Stats().Connections; n != []int{3, 2, 2}[i] {
			t.Errorf("ring %d has %d connections", i, n)
		}
		before[i] = e.Stats().Accepted
	}
	var queues []*Queue
	for range 3 {
		queues = append(queues, v.NewQueue(count))
	}
	readAll(t, f, count, 64<<10, queues...)
	for i, e := range v.engines {
		if n := e.Stats().Accepted - before[i]; n != count {
			t.Errorf("ring %d took %d reads, want %d", i, n, count)
		}
	}
	if got := fmt.Sprint(g.counts()); got != "[3 3 3 3 2 2 2]" {
		t.Error("reads by connection:", got)
	}
	var sum uint64
	for _, e := range v.engines {
		sum += e.Stats().Accepted
	}
	if s := v.Stats(); s.Accepted != sum || s.Connections != 7 {
		t.Errorf("the volume says %d reads on %d connections, its rings %d", s.Accepted, s.Connections, sum)
	}
}

// Blocking reads find their way over all rings.
func TestBlockingReadsOnRings(t *testing.T) {
	f := fakeFile(t, &brick{}, &Options{Rings: 3, Conns: 3})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(i), 0))
			p := make([]byte, 10_000)
			for range 50 {
				off := rnd.IntN(fakeSize - len(p))
				if n, err := f.ReadAt(p, int64(off)); n != len(p) || err != nil || !bytes.Equal(p, content(off, n)) {
					t.Errorf("read at %d: %d, %v", off, n, err)
					return
				}
			}
		})
	}
	all.Wait()
	for i, e := range f.Volume().engines {
		if e.Stats().Accepted < 10 {
			t.Errorf("ring %d made %d calls", i, e.Stats().Accepted)
		}
	}
}

// Registered memory is registered on every ring, or on none.
func TestRegisterOnRings(t *testing.T) {
	g := newGate(2)
	v := dialTest(t, (&brick{size: fakeSize, read: g.read}).serve(t), &Options{Rings: 2, Plan: transport.PlanExact, FixedBuffers: true})
	f := open(t, v, "file")
	mem := make([]byte, 256<<10)
	region, err := v.Register(mem)
	if err != nil {
		t.Fatal(err)
	}
	if &region.Bytes()[0] != &mem[0] || len(region.Bytes()) != len(mem) {
		t.Error("other memory than was registered")
	}
	q := []*Queue{v.NewQueue(1), v.NewQueue(1)}
	done := make([]*Op, 1)
	for i := range q {
		half := mem[i*len(mem)/2:][:len(mem)/2]
		if _, err := q[i].Submit(&Op{File: f, Iovs: [][]byte{half}, Off: int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range q {
		if n, err := q[i].Wait(ctx, done, 1); n != 1 || err != nil || done[0].Err != nil {
			t.Fatal(n, err, done[0].Err)
		}
		if s := v.engines[i].Stats(); s.FixedReceives == 0 && v.Engine() == transport.EngineURing {
			t.Errorf("ring %d did not use the registration", i)
		}
		// The first read is handed back, the second is not.
		if err := region.Close(); (i == 0) != errors.Is(err, ErrBufferInUse) || i == 1 && err != nil {
			t.Errorf("closing the region with the read on ring %d handed back: %v", i, err)
		}
	}
	if err := region.Close(); err != nil {
		t.Error("a second Close:", err)
	}

	blocking, err := v.engines[1].Register(mem[:1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Register(mem); err == nil {
		t.Error("memory that one ring does not take was registered")
	}
	if err := blocking.Close(); err != nil {
		t.Fatal(err)
	}
	if region, err = v.Register(mem); err != nil {
		t.Fatal("a registration that failed left something behind:", err)
	}
	if err := region.Close(); err != nil {
		t.Error(err)
	}
}

// The time that Close gives reads in flight is the same for all rings.
func TestCloseOfRings(t *testing.T) {
	if testing.Short() {
		skip.For(t, skip.Short, "takes as long as Close waits")
	}
	v := dialTest(t, (&brick{size: fakeSize, read: func(*transporttest.Peer, readCall) {}}).serve(t), &Options{Rings: 3})
	f := open(t, v, "file")
	var ops [3]Op
	var queues [3]*Queue
	for i := range ops {
		ops[i] = Op{File: f, Iovs: [][]byte{make([]byte, 10)}}
		queues[i] = v.NewQueue(1)
		if _, err := queues[i].Submit(&ops[i]); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	if d := time.Since(start); d > 9*time.Second {
		t.Errorf("Close took %v", d)
	}
	for i, q := range queues {
		if n, err := q.Wait(ctx, make([]*Op, 1), 1); n != 1 || err != nil || !errors.Is(ops[i].Err, ErrClosed) {
			t.Error(n, err, ops[i].Err)
		}
	}
}

func TestRingOptions(t *testing.T) {
	url := (&brick{size: fakeSize}).serve(t)
	for _, c := range []struct {
		o            Options
		rings, conns int // 0: refused
	}{
		{Options{}, 1, 1},
		{Options{Conns: 3}, 1, 3},
		{Options{Rings: 2}, 2, 2},
		{Options{Rings: 2, Conns: 5}, 2, 5},
		{Options{Rings: 3, Conns: 2}, 0, 0},
		{Options{Rings: -1}, 0, 0},
		{Options{Conns: -1}, 0, 0},
		{Options{Rings: maxRings + 1}, 0, 0},
	} {
		v, err := Dial(ctx, url, &c.o)
		if (err == nil) != (c.rings > 0) {
			t.Errorf("%d rings, %d connections: %v", c.o.Rings, c.o.Conns, err)
		}
		if err != nil {
			continue
		}
		if n := v.Stats().Connections; len(v.engines) != c.rings || n != c.conns {
			t.Errorf("%d rings and %d connections became %d and %d", c.o.Rings, c.o.Conns, len(v.engines), n)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Whatever is counted is summed.
func TestStatsAreSummed(t *testing.T) {
	var a, want transport.Stats
	for i := range reflect.TypeFor[transport.Stats]().NumField() {
		for s, times := range map[*transport.Stats]int{&a: 1, &want: 3} {
			switch f := reflect.ValueOf(s).Elem().Field(i); f.Kind() {
			case reflect.Int:
				f.SetInt(int64(times * (i + 1)))
			case reflect.Uint64:
				f.SetUint(uint64(times * (i + 1)))
			default:
				t.Fatalf("a counter that is a %v", f.Kind())
			}
		}
	}
	sum := a
	for range 2 {
		add(reflect.ValueOf(&sum).Elem(), reflect.ValueOf(a))
	}
	if sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
}
