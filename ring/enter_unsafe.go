//go:build linux

package ring

import (
	"runtime"
	"time"
	"unsafe"

	iouring "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// rawEnter is io_uring_enter(2). With keepP the Go scheduler is not told: the
// goroutine keeps its P, so the call must be bounded. With wait > 0 it returns at
// the latest after that long (ETIME), which needs IORING_FEAT_EXT_ARG.
//
// ts and arg live on this frame: neither kind of syscall grows the stack, and the
// runtime moves none that is in one; KeepAlive stops the compiler from reusing
// their slots before it returns.
func rawEnter(fd int, submit, minComplete, flags uint32, wait time.Duration, keepP bool) (int, unix.Errno) {
	var argp, size uintptr
	var ts timespec
	var arg geteventsArg
	if wait > 0 {
		ts = timespec{sec: int64(wait / time.Second), nsec: int64(wait % time.Second)}
		arg.timespec = uint64(uintptr(unsafe.Pointer(&ts)))
		argp, size = uintptr(unsafe.Pointer(&arg)), unsafe.Sizeof(arg)
		flags |= enterExtArg
	}
	var n uintptr
	var errno unix.Errno
	if keepP {
		n, _, errno = unix.RawSyscall6(iouring.SYS_IO_URING_ENTER,
			uintptr(fd), uintptr(submit), uintptr(minComplete), uintptr(flags), argp, size)
	} else {
		n, _, errno = unix.Syscall6(iouring.SYS_IO_URING_ENTER,
			uintptr(fd), uintptr(submit), uintptr(minComplete), uintptr(flags), argp, size)
	}
	runtime.KeepAlive(&arg)
	runtime.KeepAlive(&ts)
	return int(n), errno
}
