//go:build linux && !race

package poll

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// vectors are iovecs that readv(2) is called with, kept for the next call:
// unix.Readv allocates those of more than eight segments.
type vectors struct{ list []unix.Iovec }

func (v *vectors) readv(fd int, segments [][]byte) (int, error) {
	v.list = v.list[:0]
	for _, p := range segments {
		iov := unix.Iovec{Base: unsafe.SliceData(p)}
		iov.SetLen(len(p))
		v.list = append(v.list, iov)
	}
	n, _, errno := unix.Syscall(unix.SYS_READV, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(v.list))), uintptr(len(v.list)))
	runtime.KeepAlive(segments)
	clear(v.list)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
