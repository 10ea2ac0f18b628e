//go:build linux

package ring

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

// timespec is struct __kernel_timespec: of 64-bit numbers also where those of
// unix.Timespec have 32.
type timespec struct{ sec, nsec int64 }
