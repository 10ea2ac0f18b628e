//go:build linux

package transport

import (
	"bytes"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"golang.org/x/sys/unix"
)

// A thread that submitted the receive exits, and the kernel cancels it: reads of
// other goroutines go on.
func TestThreadExits(t *testing.T) {
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		for c := range p.Stream() {
			off, n := parseReadArgs(c.Args)
			time.Sleep(100 * time.Microsecond)
			reply := readReply(c.XID, off, n)
			p.Write(reply[:n/2])
			p.Write(reply[n/2:])
		}
	})
	e := newEngine(t, Options{})
	exited := 0
	for range 20 {
		c := dial(t, e, s, ConnOptions{})
		theirs := e.NewQueue(4)
		var reads []*testRead
		done := make(chan int)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			own := e.NewQueue(1)
			if err := own.Do(ctx, newRead(1, make([]byte, 1000)).on(c)); err != nil {
				t.Error(err)
			}
			for i := range 4 {
				r := newRead(uint64(i), make([]byte, 50_000))
				if err := theirs.Add(r.on(c)); err != nil {
					t.Error(err)
				}
				reads = append(reads, r)
			}
			theirs.Flush()
			done <- unix.Gettid()
		}()
		tid := <-done
		within(t, 5*time.Second, func() {
			if err := theirs.Wait(ctx, 4); err != nil {
				t.Error(err)
			}
		})
		if unix.Tgkill(os.Getpid(), tid, 0) == unix.ESRCH {
			exited++
		}
		for i, r := range reads {
			if theirs.Pop() == nil || r.Err != nil || !bytes.Equal(r.Iovs[0], pattern(uint64(i), 50_000)) {
				t.Fatalf("read %d: %v, or wrong bytes", i, r.Err)
			}
		}
	}
	if exited == 0 {
		t.Error("no thread exited in time: the test did not do its part")
	}
}
