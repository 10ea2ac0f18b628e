package transport

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/ringreadv/ringreadv/ring"
)

// A Region is memory registered with an engine's ring: its pages stay pinned, and
// receives into any part of it may use the kernel's fixed-buffer paths. Payload
// lands in it like in any other memory; registering is about cost only.
type Region struct {
	engine *Engine
	mem    []byte
	span   lentRange
	index  int // in the table; -1 for a region that is only kept in mind
	pinner runtime.Pinner
}

// maxRegions is the size of an engine's table of registered buffers.
const maxRegions = 256

// Register registers mem until the region is closed: memory of an arena, of a
// guest, or of Go's heap, which is pinned. The memory stays the caller's to use.
// Errors are ring.ForbiddenError (RLIMIT_MEMLOCK) and ring.ErrTableFull. 1 byte to
// 1 GiB, no overlap with another region. Without [BufferTable], as on the runtime's
// poller, there is nothing to register with, and no effect.
func (e *Engine) Register(mem []byte) (*Region, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if len(mem) == 0 || len(mem) > ring.MaxBufferBytes {
		return nil, fmt.Errorf("transport: a region has 1 byte to 1 GiB, not %d", len(mem))
	}
	if len(e.regions) == maxRegions {
		return nil, ring.ErrTableFull
	}
	r := &Region{engine: e, mem: mem, span: rangeOf(mem), index: -1}
	at, _ := slices.BinarySearchFunc(e.regions, r.span.start, regionOrder)
	if at > 0 && e.regions[at-1].span.end > r.span.start || at < len(e.regions) && e.regions[at].span.start < r.span.end {
		return nil, errors.New("transport: memory is registered already")
	}
	if e.has(BufferTable) {
		index, err := e.putInTable(mem)
		if err == nil {
			r.index = index
		} else if !e.refusedRegister(err) {
			return nil, err
		}
	}
	r.pinner.Pin(&mem[0])
	e.regions = slices.Insert(e.regions, at, r)
	return r, nil
}

// putInTable registers memory with the ring, whose table is made when it is first
// needed.
func (e *Engine) putInTable(mem []byte) (index int, err error) {
	if e.table == nil {
		if e.table, err = e.fixed.NewBufferTable(maxRegions); err != nil {
			return -1, err
		}
	}
	return e.table.Register(mem)
}

func regionOrder(r *Region, start uintptr) int {
	switch {
	case r.span.start < start:
		return -1
	case r.span.start > start:
		return 1
	}
	return 0
}

// Bytes is the registered memory.
func (r *Region) Bytes() []byte { return r.mem }

// Close unregisters the memory. While a call in flight uses any of it, Close
// refuses with [ErrBufferInUse]. A second Close does nothing.
func (r *Region) Close() error {
	e := r.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	at := slices.Index(e.regions, r)
	if at < 0 {
		return nil
	}
	if e.lent.overlaps(r.mem) {
		return ErrBufferInUse
	}
	if !e.closed && r.index >= 0 {
		// Refused, the pages stay pinned until the engine is closed.
		if err := e.table.Unregister(r.index); err != nil && !e.refusedRegister(err) {
			return err
		}
	}
	if e.leaking {
		return nil // pinned for good
	}
	e.regions = slices.Delete(e.regions, at, at+1)
	r.pinner.Unpin()
	return nil
}

// regionOf finds the region that holds all of p.
func (e *Engine) regionOf(p []byte) *Region {
	if len(e.regions) == 0 || len(p) == 0 {
		return nil
	}
	span := rangeOf(p)
	at, exact := slices.BinarySearchFunc(e.regions, span.start, regionOrder)
	if !exact {
		at--
	}
	if at < 0 || e.regions[at].span.end < span.end {
		return nil
	}
	return e.regions[at]
}
