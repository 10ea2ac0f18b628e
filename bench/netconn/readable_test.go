package netconn_test

import (
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/netconn"
)

func TestReadable(t *testing.T) {
	c := dial(t, embedded(t), "bench")
	f := open(t, c, "/file")
	waits := true // for what is not in the buffer
	wait := func(d time.Duration) bool {
		t.Helper()
		until, before := time.Now().Add(d), c.Syscalls()
		found, err := c.Readable(until)
		if calls := c.Syscalls() - before; waits && calls == 0 {
			t.Error("a wait that is not counted")
		}
		if err != nil {
			t.Fatal(err)
		}
		if left := time.Until(until); !found && left > 0 {
			t.Errorf("nothing after %v, %v early", d, left)
		}
		return found
	}
	for _, d := range []time.Duration{-time.Second, 0, 100 * time.Microsecond, 3 * time.Millisecond} {
		if wait(d) {
			t.Errorf("a reply to nothing within %v", d)
		}
	}
	best := time.Hour
	for range 5 {
		begun := time.Now()
		wait(100 * time.Microsecond)
		best = min(best, time.Since(begun))
	}
	if best > 50*time.Millisecond {
		t.Errorf("a wait for 0.1 ms takes %v", best)
	}
	begun := time.Now()
	if found, err := c.Readable(begun.Add(time.Hour)); found || err != nil || time.Since(begun) < 50*time.Millisecond {
		t.Errorf("after %v: %t, %v; it wants to be asked again, but not at once", time.Since(begun), found, err)
	}
	waits = false
	// Two replies at once: of the second the buffer may have the beginning.
	for tag := range 2 {
		if err := c.Start(netconn.Read{File: f, Buf: make([]byte, 100), Tag: tag}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		for begun := time.Now(); !wait(50 * time.Millisecond); {
			if time.Since(begun) > 20*time.Second {
				t.Fatal("no reply")
			}
		}
		if r, err := c.Next(); err != nil || r.N != 100 {
			t.Fatalf("%d bytes, %v", r.N, err)
		}
	}
	if waits = true; wait(0) {
		t.Error("a third reply to two reads")
	}
	if n := testing.AllocsPerRun(10, func() { wait(100 * time.Microsecond) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
