//go:build linux && invariants

package ring

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ringreadv/ringreadv/ci/panics"
)

func TestUseAfterClosePanics(t *testing.T) {
	r := newRing(t, Options{})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	panics.With(t, "queued after Close", func() { r.Nop(1) })
	panics.With(t, "used after Close", func() { r.Reap(make([]CQE, 1)) })
	panics.With(t, "used after Close", func() { r.Enter(0, 0) })
}

func TestCompletionsTooManyPanic(t *testing.T) {
	r := newRing(t, Options{})
	if err := errors.Join(r.Nop(1), r.Enter(0, 0)); err != nil {
		t.Fatal(err)
	}
	r.inFlight.Add(-1)
	panics.With(t, "1 completions too many", func() { collect(t, r, 1) })
	r.inFlight.Add(1)
}

func TestUnregisterTwicePanics(t *testing.T) {
	r := newRing(t, Options{})
	table, err := r.NewBufferTable(2)
	need(t, err)
	index, err := table.Register(make([]byte, 4096))
	if err := errors.Join(err, table.Unregister(index)); err != nil {
		t.Fatal(err)
	}
	panics.With(t, "unregistered twice", func() { table.Unregister(index) })
}

// Until the kernel has taken the entry it may still read the message.
func TestMessageInUsePanics(t *testing.T) {
	r := newRing(t, Options{})
	near, far := socketPair(t)
	m := new(Message)
	m.Append(make([]byte, 10))
	if err := r.RecvMsg(near, m, 0, 1); err != nil {
		t.Fatal(err)
	}
	panics.With(t, "before the kernel has read it", m.Reset)
	panics.With(t, "before the kernel has read it", func() { m.Append(nil) })
	if err := r.Enter(0, 0); err != nil {
		t.Fatal(err)
	}
	m.Reset()
	twin := *m
	panics.With(t, "copied", twin.Reset)
	panics.With(t, "copied", func() { r.RecvMsg(near, &twin, 0, 1) })
	unix.Write(far, []byte{1})
	collect(t, r, 1)
}

func TestBlocksArePoisoned(t *testing.T) {
	a, err := NewArena(4096, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := a.Get()
	p[7] = 1
	a.Put(p)
	if p[7] != poisonFree || p[4095] != poisonFree {
		t.Error("a block that was put back has its old bytes")
	}
	p = a.Get()
	a.Put(p)
	p[4095] = 1
	panics.With(t, "written to after", func() { a.Get() })
	a.Put(p)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
