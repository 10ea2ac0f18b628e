package ring

import (
	"errors"

	"golang.org/x/sys/unix"
)

// ErrFull says that the submission queue has no free entry: call Enter and try
// again. Nothing was queued.
var ErrFull = errors.New("ring: submission queue is full")

// RecvFlags say how a receive goes about it: MSG_* of recv(2), and PollFirst.
type RecvFlags uint64

// PollFirst has a receive wait until the socket counts as readable (SO_RCVLOWAT)
// before it takes anything, instead of trying at once. Since 5.19.
const PollFirst RecvFlags = 1 << 32

// MaxBufferBytes is the largest piece of memory one slot of a table of registered
// buffers takes.
const MaxBufferBytes = 1 << 30

// ErrTableFull says that every slot of the table of registered buffers is taken.
var ErrTableFull = errors.New("ring: no free slot in the table of registered buffers")

// CQE is one completion, copied out of the kernel's queue.
type CQE struct {
	UserData uint64
	// Result is the number of bytes, or a negated errno.
	Result int32
	// Flags are IORING_CQE_F_*.
	Flags uint32
}

// Errno is the error of a failed entry, 0 for one that succeeded.
func (c CQE) Errno() unix.Errno {
	if c.Result >= 0 {
		return 0
	}
	return unix.Errno(-c.Result)
}
