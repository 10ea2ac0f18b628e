//go:build linux

package seccomp

import (
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of io_uring have the same numbers everywhere.
var (
	Setup    = Rule{Call: 425}
	Enter    = Rule{Call: 426}
	Register = Rule{Call: 427}
)

// Rule is a system call to be refused: always, or where all Args are as they say.
type Rule struct {
	Call uint32
	Args []Arg
}

// Arg is about the low 32 bits of an argument: those of Mask are Value.
type Arg struct {
	Index       uint32
	Mask, Value uint32
}

// Is has the argument be value.
func Is(index, value uint32) Arg { return Arg{index, ^uint32(0), value} }

// Has has the argument contain the flag.
func Has(index, flag uint32) Arg { return Arg{index, flag, flag} }

// Refuse has the system calls answer errno from now on. The process is to be one
// that InChild made.
func Refuse(t testing.TB, errno unix.Errno, rules ...Rule) {
	t.Helper()
	if err := Install(errno, rules...); err != nil {
		t.Fatal(err)
	}
}

// Install has the system calls answer errno from now on, on all threads, and in
// programs that this process becomes or starts.
func Install(errno unix.Errno, rules ...Rule) error {
	filter := program(errno, rules)
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	_, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	if failed != 0 {
		return os.NewSyscallError("seccomp", failed)
	}
	return nil
}

// program is the filter in the kernel's classic BPF, which sees a struct
// seccomp_data. What does not match a rule jumps to the next one.
func program(errno unix.Errno, rules []Rule) []unix.SockFilter {
	const (
		load  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		and   = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
		equal = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		ret   = unix.BPF_RET | unix.BPF_K

		args = 16 // offset of the arguments, 8 bytes each, here little-endian
	)
	var p []unix.SockFilter
	for _, r := range rules {
		left := uint8(3*len(r.Args) + 1) // instructions of the rule behind the next one
		p = append(p, unix.SockFilter{Code: load}, unix.SockFilter{Code: equal, K: r.Call, Jf: left})
		for _, a := range r.Args {
			left -= 3
			p = append(p, unix.SockFilter{Code: load, K: args + 8*a.Index},
				unix.SockFilter{Code: and, K: a.Mask}, unix.SockFilter{Code: equal, K: a.Value, Jf: left})
		}
		p = append(p, unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ERRNO | uint32(errno)})
	}
	return append(p, unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ALLOW})
}
