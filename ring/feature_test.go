//go:build linux

package ring

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"golang.org/x/sys/unix"
)

// What every kernel from 5.10 (with Debian's backports) must answer yes to.
func TestProbe(t *testing.T) {
	f := Probe()
	for _, x := range f.All() {
		t.Log(x)
	}
	if f.Ring.Answer == Forbidden {
		skip.Forbidden(t, f.Ring.Err)
	}
	for _, x := range []Feature{f.Ring, f.BoundedWait, f.BufferTable, f.ReadFixed, f.WaitAll} {
		if x.Answer != Yes {
			t.Error(x)
		}
	}
}

// The probe of PollFirst can say no: where a receive takes bytes below the mark,
// as from a UNIX socket, which knows none.
func TestProbePollFirst(t *testing.T) {
	var forbidden *ForbiddenError
	var errno unix.Errno
	switch err := onSockets(tcpPair, probePollFirst); {
	case errors.As(err, &forbidden):
		skip.Forbidden(t, err)
	case errors.As(err, &errno):
		skip.Kernel(t, "5.19", err)
	case err != nil:
		t.Error(err)
	}
	if err := onRig(probePollFirst); err == nil {
		t.Error("found on a UNIX socket")
	}
}

// The runtime interrupts threads at any time, and a probe that says no because of
// that would say so for good. A full listener has connect wait.
func TestConnectIsNotInterrupted(t *testing.T) {
	const kind = unix.SOCK_STREAM | unix.SOCK_CLOEXEC
	listener, err := unix.Socket(unix.AF_INET, kind, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(listener)
	here := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	if err := errors.Join(unix.Bind(listener, here), unix.Listen(listener, 0)); err != nil {
		t.Fatal(err)
	}
	address, err := unix.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	process, thread := unix.Getpid(), unix.Gettid()
	waited := 0
	for range 4 {
		s, err := unix.Socket(unix.AF_INET, kind, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(s)
		time.AfterFunc(connectTimeout/4, func() { unix.Tgkill(process, thread, unix.SIGURG) })
		err = connect(s, address)
		if errors.Is(err, unix.EINTR) {
			t.Error("a signal ended it")
		} else if err != nil {
			waited++
		}
	}
	if waited == 0 {
		t.Error("no connect had to wait")
	}
}
