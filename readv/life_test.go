package readv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// A closed file reads nothing: its handle's number may be another file's.
func TestClosedFile(t *testing.T) {
	var released atomic.Int32
	held := make(chan func(), 1)
	b := &brick{size: fakeSize, released: &released, read: func(p *transporttest.Peer, r readCall) {
		if r.off == 0 {
			held <- func() { p.Write(r.honest()) }
			return
		}
		p.Write(r.honest())
		(<-held)()
	}}
	v := dialTest(t, b.serve(t), nil)
	f, other := open(t, v, "file"), open(t, v, "file")
	q := v.NewQueue(1)
	buf := make([]byte, 1000)
	o := &Op{File: f, Iovs: [][]byte{buf}}
	if _, err := q.Submit(o); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.ReadAt(make([]byte, 10), 10); !errors.Is(err, fs.ErrClosed) {
		t.Error("read after Close:", err)
	}
	if _, err := f.Stat(ctx); !errors.Is(err, fs.ErrClosed) {
		t.Error("stat after Close:", err)
	}
	if n, err := other.ReadAt(make([]byte, 10), 10); n != 10 || err != nil { // lets the first reply go, too
		t.Error(n, err)
	}
	var done [1]*Op
	if n, err := q.Wait(ctx, done[:], 1); n != 1 || err != nil || o.Err != nil || !bytes.Equal(buf, content(0, 1000)) {
		t.Error("a read in flight at Close:", n, err, o.Err)
	}
	if err := errors.Join(other.Close(), v.Close()); err != nil {
		t.Error(err)
	}
	if n, want := int(released.Load()), 2*testRings; n != want { // one on each connection
		t.Errorf("%d handles given back, want %d", n, want)
	}
	if _, err := v.Open(ctx, "file"); !errors.Is(err, ErrClosed) {
		t.Error("open after Close:", err)
	}
}

// Callers that give up say nothing about the server.
func TestCancellingDoesNotEndTheConnection(t *testing.T) {
	b := &brick{size: fakeSize, read: func(p *transporttest.Peer, r readCall) {
		time.Sleep(time.Millisecond)
		p.Write(r.honest())
	}}
	v := dialTest(t, b.serve(t), &Options{Depth: 4})
	f := open(t, v, "file")
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for range 100 {
		if _, err := f.Readv(gone, [][]byte{make([]byte, 10)}, 0); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	q := v.NewQueue(8)
	ops, done := make([]Op, 8), make([]*Op, 8)
	for i := range ops {
		ops[i] = Op{File: f, Iovs: [][]byte{make([]byte, 10)}}
		if _, err := q.Submit(&ops[i]); err != nil {
			t.Fatal(err)
		}
		q.Cancel(&ops[i])
	}
	for q.InFlight() > 0 {
		if _, err := q.Wait(ctx, done, 1); err != nil {
			t.Fatal(err)
		}
	}
	checkRead(t, f)
	small := dialTest(t, (&brick{size: 1000}).serve(t), &Options{Depth: 1})
	for range 3 {
		if n, err := open(t, small, "file").NewReader(ctx).WriteTo(io.Discard); n != 1000 || err != nil {
			t.Error(n, err)
		}
	}
}

// A read whose reply was short and that was cancelled before the rest was asked
// for ends; it does not ask.
func TestCancelOfAShortRead(t *testing.T) {
	reads := make(chan readCall, 10)
	b := &brick{size: fakeSize, read: func(p *transporttest.Peer, r readCall) {
		reads <- r
		if len(reads) == 1 {
			short := r
			short.size = 5
			p.Write(short.honest())
		}
	}}
	v := dialTest(t, b.serve(t), &Options{Timeout: 10 * time.Second})
	q := v.NewQueue(1)
	o := &Op{File: open(t, v, "file"), Iovs: [][]byte{make([]byte, 10)}}
	if _, err := q.Submit(o); err != nil {
		t.Fatal(err)
	}
	for v.Stats().PayloadBytes < 5 { // the short reply is in, and nobody has looked
		time.Sleep(time.Millisecond)
	}
	q.Cancel(o)
	var done [1]*Op
	start := time.Now()
	if n, err := q.Wait(ctx, done[:], 1); n != 1 || err != nil || !errors.Is(o.Err, context.Canceled) || o.N != 5 {
		t.Error(n, err, o.N, o.Err)
	}
	if time.Since(start) > 5*time.Second || len(reads) != 1 {
		t.Errorf("took %v and %d reads", time.Since(start), len(reads))
	}
}

// Memory is lent until the read is handed back, finished or not.
func TestLoanLastsUntilHandedBack(t *testing.T) {
	f := fakeFile(t, &brick{}, nil)
	q := f.Volume().NewQueue(2)
	buf := make([]byte, 100)
	a, b := &Op{File: f, Iovs: [][]byte{buf}}, &Op{File: f, Iovs: [][]byte{buf[50:]}, Off: 1000}
	if _, err := q.Submit(a); err != nil {
		t.Fatal(err)
	}
	for f.Volume().Stats().PayloadBytes < 100 {
		time.Sleep(time.Millisecond)
	}
	if _, err := q.Submit(b); !errors.Is(err, ErrBufferInUse) {
		t.Error("memory of a finished read that was not handed back:", err)
	}
	var done [2]*Op
	if n, err := q.Wait(ctx, done[:], 1); n != 1 || err != nil || !bytes.Equal(buf, content(0, 100)) {
		t.Error(n, err)
	}
}

// Wait that does not block still moves things.
func TestPolling(t *testing.T) {
	f := fakeFile(t, &brick{}, nil)
	q := f.Volume().NewQueue(1)
	o := &Op{File: f, Iovs: [][]byte{make([]byte, 100)}}
	if _, err := q.Add(o); err != nil {
		t.Fatal(err)
	}
	var done [1]*Op
	for end := time.Now().Add(10 * time.Second); ; {
		n, err := q.Wait(ctx, done[:], 0)
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("hangs")
		}
	}
	if done[0] != o || o.Err != nil {
		t.Error(o.Err)
	}
	if _, err := q.Submit(&Op{Iovs: o.Iovs}); err == nil {
		t.Error("an Op without a File was taken")
	}
}
