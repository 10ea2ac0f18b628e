package ring

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// geteventsArg is struct io_uring_getevents_arg.
type geteventsArg struct {
	sigmask     uint64
	sigmaskSize uint32
	minWaitUsec uint32
	timespec    uint64
}

// rsrcRegister is struct io_uring_rsrc_register.
type rsrcRegister struct {
	count uint32
	flags uint32
	_     uint64
	data  uint64
	tags  uint64
}

// rsrcUpdate2 is struct io_uring_rsrc_update2.
type rsrcUpdate2 struct {
	offset uint32
	_      uint32
	data   uint64
	tags   uint64
	count  uint32
	_      uint32
}

func addressOf(p []byte) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(p))))
}

func iovecOf(p []byte) unix.Iovec {
	v := unix.Iovec{Base: unsafe.SliceData(p)}
	v.SetLen(len(p))
	return v
}
