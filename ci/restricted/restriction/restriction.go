//go:build linux

// Package restriction says what a process of ci/restricted may not do, and whether
// that is so: the program applies it, and a test in the process checks it.
package restriction

import (
	"encoding/json"
	"os"
	"runtime"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
	"golang.org/x/sys/unix"
)

// Env names the environment variable that holds a Restriction, as JSON.
const Env = "RINGREADV_RESTRICTION"

// Restriction is what holds in a process, and what the library is to make of it.
type Restriction struct {
	// Refuse is what the system calls of io_uring answer; 0: they are allowed.
	Refuse unix.Errno `json:",omitempty"`
	// UID is who the process is, without capabilities; 0 is root. MemlockBytes is
	// its RLIMIT_MEMLOCK, if UID is not 0.
	UID          int    `json:",omitempty"`
	MemlockBytes uint64 `json:",omitempty"`
	// Procs is GOMAXPROCS, 0 the machine's, and Arch GOARCH, "" this one's.
	Procs int    `json:",omitempty"`
	Arch  string `json:",omitempty"`

	// Engine is the kind of engine that the library is to choose.
	Engine string
	// Ring and Register are in the errors of io_uring and of registering 1 MiB
	// with the engine; "": there is none.
	Ring     string `json:",omitempty"`
	Register string `json:",omitempty"`
}

// Here is what holds in this process, or ends the test if it is none of
// ci/restricted. What is said to hold and does not fails the test.
func Here(t testing.TB) *Restriction {
	t.Helper()
	text := os.Getenv(Env)
	if text == "" {
		skip.For(t, skip.Run, Env+" is not set: not a process of ci/restricted")
	}
	r := new(Restriction)
	if err := json.Unmarshal([]byte(text), r); err != nil {
		t.Fatal(Env, err)
	}
	r.check(t)
	return r
}

func (r *Restriction) check(t testing.TB) {
	t.Helper()
	want := unix.EBADF // without a restriction: no ring has this descriptor
	if r.Refuse != 0 {
		want = r.Refuse
	}
	if _, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, ^uintptr(0), 0, 0, 0, 0, 0); errno != want {
		t.Errorf("io_uring_enter answers %v, want %v", errno, want)
	}
	if got := unix.Geteuid(); got != r.UID {
		t.Errorf("user %d, want %d", got, r.UID)
	}
	if r.UID != 0 {
		var limit unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil || limit.Max != r.MemlockBytes {
			t.Errorf("RLIMIT_MEMLOCK %d (%v), want %d", limit.Max, err, r.MemlockBytes)
		}
	}
	if got := runtime.GOMAXPROCS(0); r.Procs != 0 && got != r.Procs {
		t.Errorf("GOMAXPROCS=%d, want %d", got, r.Procs)
	}
	if r.Arch != "" && runtime.GOARCH != r.Arch {
		t.Errorf("built for %s, want %s", runtime.GOARCH, r.Arch)
	}
}
