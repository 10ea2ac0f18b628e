package readv

import (
	"bytes"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// A connection that is lost while files are opened on it again is none that their
// reads go to: they wait for the next.
func TestLostWhileRenewing(t *testing.T) {
	var peers sync.Map // by the number of the connection
	var opens atomic.Int32
	half, goOn := make(chan bool), make(chan bool)
	b := &brick{size: fakeSize}
	b.conn = func(p *transporttest.Peer) (gone bool) {
		peers.Store(b.conns.Load()+1, p)
		return false
	}
	cut := func(conn int64) {
		p, _ := peers.Load(conn)
		p.(*transporttest.Peer).Close()
	}
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
