//go:build linux

package ring

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// BufferTable is a ring's table of registered buffers. It starts empty; slots
// are filled and emptied while the ring works. Register and Unregister need the
// same guard as the ring's queue methods. Kernel 5.13 or newer (Debian's 5.10
// has it).
type BufferTable struct {
	ring *Ring
	free []int // stack of empty slots
}

// NewBufferTable makes the ring's table, with room for count buffers. A ring
// has one.
func (r *Ring) NewBufferTable(count int) (*BufferTable, error) {
	if err := r.registerSparse(count); err != nil {
		if errors.Is(err, unix.EINVAL) {
			return nil, &UnsupportedError{Feature: "table of registered buffers that is filled later", Since: "5.13", Err: err}
		}
		return nil, fmt.Errorf("ring: making a table of %d buffers: %w", count, registerError(err))
	}
	t := &BufferTable{ring: r, free: make([]int, count)}
	for i := range t.free {
		t.free[i] = count - 1 - i
	}
	return t, nil
}

// Register pins p's pages in the kernel and returns the slot for ReadFixed and
// its kin. p stays referenced and in place until Unregister. A [ForbiddenError] is
// about RLIMIT_MEMLOCK, against which the memory counts (ENOMEM), or a filter.
func (t *BufferTable) Register(p []byte) (index int, err error) {
	if len(p) == 0 || len(p) > MaxBufferBytes {
		return 0, fmt.Errorf("ring: a registered buffer has 1 byte to 1 GiB, not %d", len(p))
	}
	if len(t.free) == 0 {
		return 0, ErrTableFull
	}
	index = t.free[len(t.free)-1]
	if err := t.ring.updateBuffer(index, p); err != nil {
		return 0, fmt.Errorf("ring: registering %d bytes: %w", len(p), registerError(err))
	}
	t.free = t.free[:len(t.free)-1]
	return index, nil
}

// Unregister empties a slot. Entries in flight that use it keep its pages until
// they complete, in the kernel's own count.
func (t *BufferTable) Unregister(index int) error {
	t.guardTaken(index)
	if err := t.ring.updateBuffer(index, nil); err != nil {
		return fmt.Errorf("ring: unregistering buffer %d: %w", index, registerError(err))
	}
	t.free = append(t.free, index)
	return nil
}

func registerError(err error) error {
	if errors.Is(err, unix.ENOMEM) {
		return &ForbiddenError{Cause: "RLIMIT_MEMLOCK (ulimit -l) is too small", Err: err}
	}
	return refusal("io_uring_register", err)
}
