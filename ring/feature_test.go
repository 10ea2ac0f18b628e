//go:build linux

package ring

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/seccomp"
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

// What is in the way of a probe says nothing about the kernel, and is not kept.
func TestProbeCannotTell(t *testing.T) {
	var f Feature
	f.Settle(onSockets(func() (near, far int, err error) { return -1, -1, unix.EMFILE }, probeWaitAll))
	var forbidden *ForbiddenError
	if errors.As(f.Err, &forbidden) {
		skip.Forbidden(t, f.Err)
	}
	if f.Answer != Unknown || !errors.Is(f.Err, unix.EMFILE) {
		t.Error(f)
	}
	probe := func() Features {
		probed.mu.Lock()
		probed.features = nil
		probed.mu.Unlock()
		return Probe()
	}
	var limit, few unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	// The ring and its eventfd, and one socket.
	probe()
	next, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(next)
	few = unix.Rlimit{Cur: uint64(next) + 3, Max: limit.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	got := probe()
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for _, x := range []Feature{got.WaitAll, got.ReadFixed, got.PollFirst} {
		if x.Answer != Unknown {
			t.Error("without sockets:", x)
		}
	}
	if again := Probe(); again.WaitAll.Answer == Unknown {
		t.Error("kept:", again.WaitAll)
	}
}

// A kernel without loopback has POLL_FIRST all the same.
func TestProbeWithoutLoopback(t *testing.T) {
	if !seccomp.InChild(t) {
		return
	}
	here := Probe()
	if here.Ring.Answer == Forbidden {
		skip.Forbidden(t, here.Ring.Err)
	}
	seccomp.Refuse(t, unix.ENETUNREACH, seccomp.Rule{Call: unix.SYS_CONNECT})
	var f Feature
	f.Settle(probePollFirst())
	if f.Answer != here.PollFirst.Answer {
		t.Errorf("%v; with loopback: %v", f, here.PollFirst)
	}
}

// The probe of PollFirst can say no: where a receive takes bytes below the mark,
// as from a UNIX socket, which knows none.
func TestProbePollFirst(t *testing.T) {
	var forbidden *ForbiddenError
	var errno unix.Errno
	switch err := onSockets(tcpPair, probeLowWater); {
	case errors.As(err, &forbidden):
		skip.Forbidden(t, err)
	case errors.As(err, &errno):
		skip.Kernel(t, "5.19", err)
	case err != nil:
		t.Error(err)
	}
	if err := onRig(probeLowWater); err == nil {
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
