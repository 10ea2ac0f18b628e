package transport

import (
	"errors"
	"net"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// A kernel that does not let go of memory at Close is believed: the call is
// reported all the same, says so, and its memory stays pinned.
func TestKernelKeepsMemory(t *testing.T) {
	l := newLosing(t, Options{})
	defer close(l.cut)
	mem := make([]byte, 1<<16)
	region, err := l.Register(mem)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	l.mu.Lock()
	// Now the shutdown that is to end the receive misses it.
	socket := l.conn.fd
	l.conn.fd = int(other.Fd())
	l.mu.Unlock()
	defer unix.Close(socket)
	if err := l.Close(); !errors.Is(err, ErrLeaked) {
		t.Error(err)
	}
	if err := errors.Join(region.Close(), l.conn.Close()); err != nil {
		t.Error(err)
	}
	l.leaked = nil // what the test's end complains of
	kept := 0
	for call := l.queue.Pop(); call != nil; call = l.queue.Pop() {
		switch {
		case errors.Is(call.Err, ErrLeaked):
			kept++
			if call.pinner != (runtime.Pinner{}) {
				t.Error("the call's next use would end the pins of this one")
			}
		case !errors.Is(call.Err, net.ErrClosed):
			t.Error(call.Err)
		}
	}
	if kept != 1 || l.queue.InFlight() != 0 {
		t.Errorf("%d calls of which the kernel has memory, want 1; %d never reported", kept, l.queue.InFlight())
	}
	clear(l.reads)
	region, mem = nil, nil
	runtime.GC() // a pin that is lost is a panic
	runtime.GC()
}
