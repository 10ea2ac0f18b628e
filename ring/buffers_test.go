//go:build linux

package ring

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRegisteredBuffers(t *testing.T) {
	r := newRing(t, Options{})
	table, err := r.NewBufferTable(2)
	need(t, err)
	arena, err := NewArena(4096, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer arena.Close()
	heap := make([]byte, 4096)
	first, err1 := table.Register(arena.Bytes())
	second, err2 := table.Register(heap)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Register(heap); !errors.Is(err, ErrTableFull) {
		t.Error("third buffer in a table of two:", err)
	}

	near, far := socketPair(t)
	read := func(p []byte, index int) CQE {
		if err := r.ReadFixed(near, p, index, 1); err != nil {
			t.Fatal(err)
		}
		return collect(t, r, 1)[1]
	}
	block := arena.Get()
	defer arena.Put(block)
	for _, c := range []struct {
		p     []byte
		index int
	}{{block[100:164], first}, {heap[1000:1064], second}} {
		unix.Write(far, probePayload)
		if got := read(c.p, c.index); got.Result != probeBytes || !bytes.Equal(c.p, probePayload) {
			t.Errorf("buffer %d: result %d", c.index, got.Result)
		}
	}
	if got := read(heap[:64], first); got.Errno() != unix.EFAULT {
		t.Errorf("memory outside its registered buffer: %v, want EFAULT", got.Errno())
	}
	if err := table.Unregister(first); err != nil {
		t.Fatal(err)
	}
	if got := read(block[:64], first); got.Errno() != unix.EFAULT {
		t.Errorf("an emptied slot: %v, want EFAULT", got.Errno())
	}
	if again, err := table.Register(heap); err != nil || again != first {
		t.Errorf("slot %d, %v after unregistering %d", again, err, first)
	}
	if _, err := table.Register(nil); err == nil {
		t.Error("an empty buffer was registered")
	}
}
