package readv

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
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
		if conn > 2 && opens.Add(1) == 2 {
			half <- true
			<-goOn
			cut(conn)
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
	var last atomic.Int64 // the connection of the last open
	var again atomic.Bool // on that one
	b.opened = func(conn int64) error {
		if conn <= 2 {
			return nil
		}
		if last.Swap(conn) != conn {
			time.Sleep(2 * timeout)
		} else {
			again.Store(true)
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
		over = again.Load()
		if n, err := f.Readv(within, [][]byte{buf}, 5); err != nil || !bytes.Equal(buf, content(5, n)) {
			t.Fatalf("%d bytes, %v", n, err)
		}
	}
}

// A brick that refuses to take back the descriptor of a file that was closed while
// it was renewed does not keep the others' reads waiting.
func TestClosedWhileRenewing(t *testing.T) {
	b := &brick{size: fakeSize}
	cut := b.cutter()
	opening, goOn := make(chan bool), make(chan bool)
	var once sync.Once
	b.opened = func(conn int64) error {
		if conn > 2 {
			once.Do(func() {
				opening <- true
				<-goOn
			})
		}
		return nil
	}
	b.bend = func(c transporttest.Call, record []byte) []byte {
		if c.Procedure == gfs.FOP(gfs.V400, gfs.OpRelease) {
			return transporttest.Record(xdrwire.AppendReply(nil, c.XID, xdrwire.ProcUnavail))
		}
		return record
	}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Timeout: 10 * time.Second})
	files := []*File{open(t, v, "file"), open(t, v, "file")}
	cut(2) // the first is to glusterd
	<-opening
	for _, f := range files { // one of them is being renewed
		f.Close()
	}
	close(goOn)
	checkRead(t, open(t, v, "file"))
}

// While a link's files are renewed, reads go by another.
func TestRenewingLinkIsPassedOver(t *testing.T) {
	b := &brick{size: fakeSize}
	cut := b.cutter()
	opening, goOn := make(chan bool), make(chan bool)
	b.opened = func(conn int64) error {
		if conn == 4 {
			opening <- true
			<-goOn
		}
		return nil
	}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 2, Timeout: 10 * time.Second})
	f := open(t, v, "file")
	cut(2) // the first is to glusterd
	<-opening
	for range 20 {
		checkRead(t, f)
	}
	close(goOn)
}

// A file can be opened while one of two links is down, without asking the server
// over and over, and is read by both when both are up.
func TestOpenWhileALinkIsDown(t *testing.T) {
	b := &brick{size: fakeSize}
	cut := b.cutter()
	accept := b.conn
	var refuse atomic.Bool
	b.conn = func(p *transporttest.Peer) bool { return refuse.Load() || accept(p) }
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 2, Timeout: 10 * time.Second})
	refuse.Store(true)
	cut(3)
	for v.Stats().LostConns == 0 {
		time.Sleep(time.Millisecond)
	}
	before := v.Stats().Accepted
	f := open(t, v, "file")
	checkRead(t, f)
	if n := v.Stats().Accepted - before; n > 20 {
		t.Errorf("%d calls", n)
	}
	refuse.Store(false)
	for end := time.Now().Add(10 * time.Second); v.Stats().Reconnects == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	cut(2)
	checkRead(t, f)
}

// A glusterd that hangs does not keep a client from a brick that it knows.
func TestGlusterdHangs(t *testing.T) {
	hang := make(chan bool)
	defer close(hang)
	var hangs atomic.Bool
	b := &brick{size: fakeSize, portmap: true}
	cut := b.cutter()
	b.bend = func(c transporttest.Call, record []byte) []byte {
		if c.Procedure == gfs.ProcPortByBrick && hangs.Load() {
			<-hang
		}
		return record
	}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 1, Timeout: 9 * time.Second})
	f := open(t, v, "file")
	hangs.Store(true)
	time.Sleep(1100 * time.Millisecond) // an answer of the portmapper holds that long
	cut(3)                              // after glusterd for the volfile and for the port
	checkRead(t, f)
}

// A server that goes again right after it has taken a connection costs time, not
// reads.
func TestServerComesAndGoes(t *testing.T) {
	times := 40
	if testing.Short() {
		times = 10
	}
	for range times {
		var left atomic.Int32
		b := &brick{size: fakeSize}
		b.read = func(p *transporttest.Peer, r readCall) {
			if left.CompareAndSwap(3, 2) {
				p.Close()
				return
			}
			p.Write(r.honest())
		}
		b.after = func(c transporttest.Call) bool {
			return c.Procedure == gfs.FOP(gfs.V400, gfs.OpOpen) && left.Load() < 3 && left.Add(-1) >= 0
		}
		v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 1, Timeout: 10 * time.Second})
		f := open(t, v, "file")
		left.Store(3)
		checkRead(t, f)
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A read half of which came before the server fell silent goes by the link that is
// up, also when the lost one does not come back.
func TestHalfReadGoesByAnotherConnection(t *testing.T) {
	for range 5 {
		// A machine that does much else may be silent itself.
		silence := 100 * time.Millisecond
		s, err := halfRead(t, silence)
		for ; (err != nil || s.Resends > 1) && silence < 5*time.Second; s, err = halfRead(t, silence) {
			silence *= 4
		}
		if err != nil || s.Resends != 1 || s.Reconnects != 0 {
			t.Errorf("%v, %+v", err, s)
		}
	}
}

// halfRead makes a read of which the server sends half by one of two connections,
// and takes no others.
func halfRead(t *testing.T, silence time.Duration) (transport.Stats, error) {
	var refuse atomic.Bool
	b := &brick{size: fakeSize, conn: func(*transporttest.Peer) bool { return refuse.Load() }}
	b.read = func(p *transporttest.Peer, r readCall) {
		if refuse.CompareAndSwap(false, true) {
			reply := r.honest()
			p.Write(reply[:len(reply)/2])
			p.Hold()
			return
		}
		p.Write(r.honest())
	}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 2, Silence: silence, Timeout: 10 * time.Second})
	buf := make([]byte, 60_000) // so much is received in place
	_, err := open(t, v, "file").ReadAt(buf, 7)
	if err == nil && !bytes.Equal(buf, content(7, len(buf))) {
		t.Error("wrong bytes")
	}
	return v.Stats(), err
}

// A link that waits longest for a server that was gone does not go on waiting when
// another has found it.
func TestLinksComeBackTogether(t *testing.T) {
	took := linksComeBack(t)
	for tries := 1; took > 400*time.Millisecond && tries < 3; tries++ { // the machine may be busy
		took = linksComeBack(t)
	}
	if took > 400*time.Millisecond {
		t.Errorf("the last link came %v after the first", took)
	}
}

// linksComeBack tells how long after the first link that comes back the last does.
func linksComeBack(t *testing.T) time.Duration {
	var network outage
	v := dialTest(t, (&brick{size: fakeSize}).serve(t), &Options{Rings: 1, Conns: 8, Dial: network.dial})
	network.set(true)
	time.Sleep(1500 * time.Millisecond) // the pauses are a second long by now
	network.set(false)
	var first time.Time
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		n := v.Stats().Reconnects
		if n > 0 && first.IsZero() {
			first = time.Now()
		}
		if n == 8 {
			return time.Since(first)
		}
		if time.Now().After(end) {
			t.Fatal(n, "of 8 links are back")
		}
	}
}
