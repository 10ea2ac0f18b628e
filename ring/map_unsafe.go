//go:build linux

package ring

import (
	"fmt"
	"unsafe"

	iouring "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// sqe and cqe are the kernel's entry formats; their sizes are asserted by a test.
type (
	sqe = iouring.SubmissionQueueEntry64
	cqe = iouring.CompletionQueueEvent16
)

// userDataOf reads what the package of the type only writes.
func userDataOf(e *sqe) uint64 {
	const offset = 32 // of user_data in struct io_uring_sqe
	return *(*uint64)(unsafe.Add(unsafe.Pointer(e), offset))
}

// queueMemory is what the kernel shares with us: index words and entry arrays.
// The pointers reach into the mappings and die with unmap.
type queueMemory struct {
	sqHead, sqTail, sqFlags *uint32
	cqHead, cqTail, cqFlags *uint32
	sqMask, cqMask          uint32
	sqes                    []sqe
	cqes                    []cqe

	rings, entries []byte
}

func mapQueues(fd int, p *iouring.IOURingParams) (queueMemory, error) {
	var m queueMemory
	if p.Features&featSingleMmap == 0 {
		return m, &UnsupportedError{Feature: "single mmap", Since: "5.4"}
	}
	size := max(
		int(p.SQOffset.Array)+int(p.SQEntries)*4,
		int(p.CQOffset.Cqes)+int(p.CQEntries)*int(unsafe.Sizeof(cqe{})))
	const prot, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	rings, err := unix.Mmap(fd, int64(iouring.IORING_OFF_SQ_RING), size, prot, flags)
	if err != nil {
		return m, fmt.Errorf("ring: mmap of the queue indexes: %w", err)
	}
	entries, err := unix.Mmap(fd, int64(iouring.IORING_OFF_SQES), int(p.SQEntries)*int(unsafe.Sizeof(sqe{})), prot, flags)
	if err != nil {
		unix.Munmap(rings)
		return m, fmt.Errorf("ring: mmap of the submission entries: %w", err)
	}
	m.rings, m.entries = rings, entries

	word := func(off uint32) *uint32 { return (*uint32)(unsafe.Pointer(&rings[off])) }
	m.sqHead, m.sqTail, m.sqFlags = word(p.SQOffset.Head), word(p.SQOffset.Tail), word(p.SQOffset.Flags)
	m.cqHead, m.cqTail, m.cqFlags = word(p.CQOffset.Head), word(p.CQOffset.Tail), word(p.CQOffset.Flags)
	m.sqMask, m.cqMask = *word(p.SQOffset.RingMask), *word(p.CQOffset.RingMask)
	m.sqes = unsafe.Slice((*sqe)(unsafe.Pointer(&entries[0])), p.SQEntries)
	m.cqes = unsafe.Slice((*cqe)(unsafe.Pointer(&rings[p.CQOffset.Cqes])), p.CQEntries)
	if p.Flags&setupNoSQArray == 0 {
		// Entries are always submitted in ring order: the indirection array
		// is the identity, written once.
		for i, array := uint32(0), unsafe.Slice(word(p.SQOffset.Array), p.SQEntries); i < p.SQEntries; i++ {
			array[i] = i
		}
	}
	return m, nil
}

func (m *queueMemory) unmap() error {
	err1, err2 := unix.Munmap(m.entries), unix.Munmap(m.rings)
	*m = queueMemory{}
	if err1 != nil {
		return err1
	}
	return err2
}
