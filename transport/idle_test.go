package transport

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// An idle client with an open connection does nothing, whatever it did before,
// and neither does one that waits for a server that takes its time.
func TestIdle(t *testing.T) {
	for _, wait := range []time.Duration{0, -1} {
		t.Run(fmt.Sprintf("after reads/wait=%v", wait), func(t *testing.T) {
			e, c := start(t, Options{Wait: wait}, serveReads)
			one := newRead(0, make([]byte, 5000))
			if err := e.NewQueue(1).Do(ctx, one.on(c)); err != nil || !bytes.Equal(one.Iovs[0], pattern(0, 5000)) {
				t.Fatal(err, "or wrong bytes")
			}
			r := newReader(t, e, c, 16, func() [][]byte { return [][]byte{make([]byte, 5000)} })
			r.read(200)
			r.stop()
			idles(t, e)
		})
		t.Run(fmt.Sprintf("waiting/wait=%v", wait), func(t *testing.T) {
			e, c := start(t, Options{Wait: wait}, (*transporttest.Peer).Hold)
			q := e.NewQueue(16)
			for i := range 16 {
				r := newRead(uint64(i), make([]byte, 5000))
				r.Deadline = time.Now().Add(time.Hour)
				if err := q.Add(r.on(c)); err != nil {
					t.Fatal(err)
				}
			}
			done := make(chan error)
			go func() { done <- q.Wait(ctx, 1) }()
			idles(t, e)
			c.Close() // ends the calls
			if err := <-done; err != nil {
				t.Error(err)
			}
			for q.Pop() != nil {
			}
		})
	}
}

// idles fails the test if the engine makes a system call while nobody wants
// anything, or the process computes all the time: the runtime's own work, such as
// giving memory of earlier tests back, comes to an end.
func idles(t *testing.T, e *Engine) {
	t.Helper()
	debug.FreeOSMemory()
	time.Sleep(50 * time.Millisecond) // an engine may take a few milliseconds to come to rest
	calls := e.Stats().Syscalls
	least := time.Hour
	for try := 0; try < 8 && least > 5*time.Millisecond; try++ {
		used := cpuTime(t)
		time.Sleep(500 * time.Millisecond)
		least = min(least, cpuTime(t)-used)
	}
	if n := e.Stats().Syscalls - calls; n > 0 {
		t.Errorf("%d syscalls while idle", n)
	}
	if least > 5*time.Millisecond {
		t.Errorf("%v of CPU in half a second of doing nothing, at the least", least)
	}
}

// cpuTime is what the process has used.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
