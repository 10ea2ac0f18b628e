package readv

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// cutter gives a function that ends one of the brick's connections, which are made
// one after the other.
func (b *brick) cutter() func(conn int64) {
	var peers sync.Map // by the number of the connection
	b.conn = func(p *transporttest.Peer) (gone bool) {
		peers.Store(b.conns.Load()+1, p)
		return false
	}
	return func(conn int64) {
		p, _ := peers.Load(conn)
		p.(*transporttest.Peer).Close()
	}
}

// A connection that is lost while files are opened on it again is none that their
// reads go to: they wait for the next.
func TestLostWhileRenewing(t *testing.T) {
	b := &brick{size: fakeSize}
	cut := b.cutter()
	var opens atomic.Int32
	half, goOn := make(chan bool), make(chan bool)
	b.opened = func(conn int64) error {
		if conn == 3 && opens.Add(1) == 2 {
			half <- true
			<-goOn
			cut(3)
		}
		return nil
	}
	v := dialTest(t, b.serve(t), &Options{Rings: 1})
	q := v.NewQueue(2)
	files := []*File{open(t, v, "file"), open(t, v, "file")}
	cut(2) // the first is to glusterd
	<-half
	var ops [2]Op
	for i := range ops {
		ops[i] = Op{File: files[i], Iovs: [][]byte{make([]byte, 1000)}, Off: 5, Deadline: time.Now().Add(20 * time.Second)}
	}
	if n, err := q.Submit(&ops[0], &ops[1]); err != nil {
		t.Errorf("read %d: %v", n, err)
	}
	close(goOn)
	for range ops {
		if _, err := q.Wait(ctx, make([]*Op, 2), 2); err != nil {
			t.Fatal(err)
		}
	}
	for i := range ops {
		if ops[i].Err != nil || !bytes.Equal(ops[i].Iovs[0], content(5, 1000)) {
			t.Errorf("read %d: %d bytes, %v", i, ops[i].N, ops[i].Err)
		}
	}
}

// A brick that takes longer to open a file again than a call may is asked again:
// reads of the file succeed when it answers.
func TestSlowToRenew(t *testing.T) {
	const timeout = 100 * time.Millisecond
	b := &brick{size: fakeSize}
	cut := b.cutter()
	var opens atomic.Int32
	b.opened = func(conn int64) error {
		if conn == 3 && opens.Add(1) == 1 {
			time.Sleep(2 * timeout)
		}
		return nil
	}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Timeout: timeout})
	f := open(t, v, "file")
	cut(2) // the first is to glusterd
	within, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	buf := make([]byte, 1000)
	for over := false; !over; {
		over = opens.Load() > 1
		if n, err := f.Readv(within, [][]byte{buf}, 5); err != nil || !bytes.Equal(buf, content(5, n)) {
			t.Fatalf("%d bytes, %v", n, err)
		}
	}
	if n := b.conns.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
}
