//go:build linux

package ring

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	iouring "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// registerEventfd makes the eventfd that completions signal. It is non-blocking
// so that the runtime's poller takes it.
func (r *Ring) registerEventfd() (*os.File, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("ring: eventfd: %w", err)
	}
	fd32 := int32(fd)
	if err := iouring.IOURingRegister(r.fd, iouring.IORING_REGISTER_EVENTFD, unsafe.Pointer(&fd32), 1); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("ring: registering an eventfd: %w", refusal("io_uring_register", err))
	}
	return os.NewFile(uintptr(fd), "io_uring eventfd"), nil
}

// registerSparse makes an empty table of count buffer slots.
func (r *Ring) registerSparse(count int) error {
	reg := rsrcRegister{count: uint32(count), flags: rsrcRegisterSparse}
	err := iouring.IOURingRegister(r.fd, registerBuffers2, unsafe.Pointer(&reg), uint32(unsafe.Sizeof(reg)))
	if err == nil {
		return nil
	}
	// Before 5.19 there is no flag for it, but since 5.13 a slot may be
	// registered as a nil iovec and filled later.
	empty := make([]unix.Iovec, count)
	return iouring.IOURingRegister(r.fd, iouring.IORING_REGISTER_BUFFERS, unsafe.Pointer(unsafe.SliceData(empty)), uint32(count))
}

// updateBuffer puts p into slot index of the table; nil empties it.
func (r *Ring) updateBuffer(index int, p []byte) error {
	iov := iovecOf(p)
	up := rsrcUpdate2{offset: uint32(index), data: uint64(uintptr(unsafe.Pointer(&iov))), count: 1}
	n, _, errno := unix.Syscall6(iouring.SYS_IO_URING_REGISTER, uintptr(r.fd), uintptr(registerBuffersUpdate),
		uintptr(unsafe.Pointer(&up)), unsafe.Sizeof(up), 0, 0)
	runtime.KeepAlive(&iov)
	if errno != 0 {
		return errno
	}
	if n != 1 {
		return unix.EAGAIN
	}
	return nil
}
