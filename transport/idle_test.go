package transport

import (
	"bytes"
	"fmt"
	"runtime"
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

// idles fails the test if the process does something for a second. An engine may
// take a few milliseconds to come to rest.
func idles(t *testing.T, e *Engine) {
	t.Helper()
	// The collector's own work is done before the clock runs.
	runtime.GC()
	time.Sleep(50 * time.Millisecond)
	calls, used := e.Stats().Syscalls, cpuTime(t)
	time.Sleep(time.Second)
	if n := e.Stats().Syscalls - calls; n > 0 {
		t.Errorf("%d syscalls while idle", n)
	}
	if used := cpuTime(t) - used; used > 10*time.Millisecond {
		t.Errorf("%v of CPU in a second of doing nothing", used)
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
