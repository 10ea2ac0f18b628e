//go:build linux

package transport

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"unsafe"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"golang.org/x/sys/unix"
)

// Where a seccomp filter forbids io_uring, as container runtimes install it, an
// engine goes by the poller and reads, and one that insists on io_uring fails.
func TestForbiddenIsThePoller(t *testing.T) {
	const variable = "RINGREADV_TEST_ERRNO"
	if s := os.Getenv(variable); s != "" {
		var errno unix.Errno
		fmt.Sscan(s, &errno)
		forbid(t, errno)
		t.Setenv(EngineVariable, "")
		if _, err := NewEngine(Options{Engine: EngineURing}); !missing(err) {
			t.Errorf("io_uring with a filter that answers %v: %v", errno, err)
		}
		e, err := NewEngine(Options{})
		if err != nil || e.Kind() != EnginePoller {
			t.Fatalf("an engine with a filter that answers %v: %v", errno, err)
		}
		defer e.Close()
		c := dial(t, e, transporttest.Serve(t, serveReads), ConnOptions{})
		if err := e.NewQueue(1).Do(ctx, newRead(0, make([]byte, 100_000)).on(c)); err != nil {
			t.Error(err)
		}
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, errno := range []unix.Errno{unix.EPERM, unix.ENOSYS} {
		child := exec.Command(exe, "-test.run=^TestForbiddenIsThePoller$", "-test.v", "-test.timeout=60s")
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, errno))
		out, err := child.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v\n%s", errno, err, out)
		}
	}
}

// forbid has the system calls of io_uring, 425 to 427 everywhere, answer errno on
// all threads, for good.
func forbid(t *testing.T, errno unix.Errno) {
	t.Helper()
	const (
		load  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		below = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		ret   = unix.BPF_RET | unix.BPF_K
	)
	filter := []unix.SockFilter{
		{Code: load}, // the number
		{Code: below, K: 425, Jf: 2},
		{Code: below, K: 428, Jt: 1},
		{Code: ret, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: ret, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	_, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failed != 0 {
		t.Fatal("seccomp:", failed)
	}
	runtime.KeepAlive(filter)
}
