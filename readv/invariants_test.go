//go:build invariants

package readv

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/ringreadv/ringreadv/ci/panics"
	"github.com/ringreadv/ringreadv/transport/transporttest"
)

func TestChangedOpPanics(t *testing.T) {
	f := fakeFile(t, &brick{}, nil)
	q := f.Volume().NewQueue(1)
	var other File
	for _, tc := range []struct {
		what         string
		change, mend func(*Op)
	}{
		{"Iovs", func(o *Op) { o.Iovs = o.Iovs[:1] }, func(o *Op) { o.Iovs = o.Iovs[:2] }},
		{"Iovs", func(o *Op) { o.Iovs[1] = o.Iovs[1][:9] }, func(o *Op) { o.Iovs[1] = o.Iovs[1][:10] }},
		{"File", func(o *Op) { o.File = &other }, func(o *Op) { o.File = f }},
		{"Off", func(o *Op) { o.Off++ }, func(o *Op) { o.Off-- }},
	} {
		o := &Op{File: f, Iovs: [][]byte{make([]byte, 10), make([]byte, 10)}, Off: 5}
		if _, err := q.Submit(o); err != nil {
			t.Fatal(err)
		}
		if err := q.calls.Wait(ctx, 1); err != nil {
			t.Fatal(err)
		}
		tc.change(o)
		panics.With(t, tc.what+" of an Op changed", func() { o.guardHandedBack() })
		tc.mend(o)
		if n, err := q.Wait(ctx, make([]*Op, 1), 1); n != 1 || err != nil || o.Err != nil {
			t.Error(n, err, o.Err)
		}
	}
}

// copyOf does what go vet would find.
func copyOf(o *Op) *Op {
	twin := new(Op)
	reflect.ValueOf(twin).Elem().Set(reflect.ValueOf(o).Elem())
	return twin
}

func TestCopiedOpPanics(t *testing.T) {
	f := fakeFile(t, &brick{}, nil)
	q := f.Volume().NewQueue(2)
	o := &Op{File: f, Iovs: [][]byte{make([]byte, 10)}}
	wait := func() {
		if n, err := q.Wait(ctx, make([]*Op, 1), 1); n != 1 || err != nil || o.Err != nil {
			t.Error(n, err, o.Err)
		}
	}
	if _, err := q.Submit(o); err != nil {
		t.Fatal(err)
	}
	inFlight := copyOf(o)
	panics.With(t, "an Op was copied", func() { q.Cancel(inFlight) })
	wait()
	idle := copyOf(o)
	panics.With(t, "an Op was copied", func() { q.Submit(idle) })
}

// What of an operation's memory does not count is poisoned, in every part and
// whatever the others brought.
func TestVoidBytesArePoisoned(t *testing.T) {
	failing := &brick{read: func(p *transporttest.Peer, r readCall) {
		if r.off == 0 {
			p.Write(transporttest.Accepted(r.XID, []byte{0, 0}))
			return
		}
		p.Write(r.honest())
	}}
	for _, tc := range []struct {
		name  string
		brick *brick
		off   int
		want  int
	}{
		{"end of file", &brick{size: 1000}, 900, 100},
		{"the first of two parts fails", failing, 0, 0},
	} {
		f := fakeFile(t, tc.brick, nil)
		p := make([]byte, f.Volume().backend.MaxRead()+1000)
		n, err := f.ReadAt(p, int64(tc.off))
		if n != tc.want || err == nil || errors.Is(err, io.EOF) != (n > 0) {
			t.Errorf("%s: %d, %v", tc.name, n, err)
		}
		if !bytes.Equal(p[:n], content(tc.off, n)) || len(bytes.Trim(p[n:], string([]byte{poisonVoid}))) > 0 {
			t.Errorf("%s: wrong bytes, or some behind the %d that count", tc.name, n)
		}
	}
}

func TestCountsPanic(t *testing.T) {
	u := newUses(1)
	u.begin(0)
	u.end(0)
	panics.With(t, "1 uses of a file ended", func() { u.end(0) })
	q := &Queue{limit: 1, inFlight: 2}
	panics.With(t, "2 operations in flight on a queue for 1", q.guardCounts)
}
