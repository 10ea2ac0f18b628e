package ring

import (
	"runtime"
	"time"
	"unsafe"

	iouring "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// rawEnter is io_uring_enter(2) without telling the Go scheduler: the goroutine
// keeps its P, so the call must be bounded. With wait > 0 it returns at the
// latest after that long (ETIME), which needs IORING_FEAT_EXT_ARG.
//
// ts and arg live on this frame: a raw syscall cannot grow or move the stack,
// and KeepAlive stops the compiler from reusing their slots before it returns.
func rawEnter(fd int, submit, minComplete, flags uint32, wait time.Duration) (int, unix.Errno) {
	var argp, size uintptr
	var ts unix.Timespec
	var arg geteventsArg
	if wait > 0 {
		ts = unix.NsecToTimespec(int64(wait))
		arg.timespec = uint64(uintptr(unsafe.Pointer(&ts)))
		argp, size = uintptr(unsafe.Pointer(&arg)), unsafe.Sizeof(arg)
		flags |= enterExtArg
	}
	n, _, errno := unix.RawSyscall6(iouring.SYS_IO_URING_ENTER,
		uintptr(fd), uintptr(submit), uintptr(minComplete), uintptr(flags), argp, size)
	runtime.KeepAlive(&arg)
	runtime.KeepAlive(&ts)
	return int(n), errno
}
