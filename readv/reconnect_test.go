package readv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// outage is a Dial function and with it the network: while it is down, connections
// end and none can be made.
type outage struct {
	mu    sync.Mutex
	down  bool
	tries int
	open  []net.Conn
}

var errDown = errors.New("the network is down")

// dial connects through a relay that the outage can cut.
func (o *outage) dial(ctx context.Context, network, address string) (net.Conn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tries++
	if o.down {
		return nil, errDown
	}
	var d net.Dialer
	server, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	client, err := relay(server)
	if err == nil {
		o.open = append(o.open, server)
	}
	return client, err
}

// relay gives a connection whose other end is passed on to the server.
func relay(server net.Conn) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, err
	}
	middle, err := l.Accept()
	if err != nil {
		return nil, err
	}
	pass := func(to, from net.Conn) {
		io.Copy(to, from)
		to.Close()
		from.Close()
	}
	go pass(server, middle)
	go pass(middle, server)
	return client, nil
}

// set takes the network down, which cuts all connections, or up.
func (o *outage) set(down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down = down; down {
		o.closeAll()
	}
}

// cut ends all connections there are. New ones can be made at once.
func (o *outage) cut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closeAll()
}

func (o *outage) closeAll() {
	for _, c := range o.open {
		c.Close()
	}
	o.open = nil
}

// servers serve the same file by both protocols.
func servers(t *testing.T) map[string]string {
	return map[string]string{"gluster": (&brick{size: fakeSize}).serve(t), "nfs": new(nas).serve(t)}
}

// Reads that a lost connection leaves unanswered, and those made while there is
// none, wait and succeed, and so does everything else.
func TestReadsOutliveConnections(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			var network outage
			v := dialTest(t, url, &Options{Conns: 4, Dial: network.dial, Timeout: 20 * time.Second})
			f := open(t, v, "file")
			q := v.NewQueue(200)
			var reads []*Op
			for i := range 200 {
				if i%50 == 25 {
					network.set(true)
				}
				if i%50 == 40 {
					network.set(false)
				}
				size := 1 + i*997%20000
				o := &Op{File: f, Off: int64(i * 100), Iovs: [][]byte{make([]byte, size/3), make([]byte, size-size/3)}}
				reads = append(reads, o)
				if _, err := q.Submit(o); err != nil {
					t.Fatal(err)
				}
			}
			network.set(true)
			others := make(chan error, 3)
			go func() {
				_, err := v.Stat(ctx, "file")
				others <- err
			}()
			go func() {
				f, err := v.Open(ctx, "file")
				if err == nil {
					err = f.Close()
				}
				others <- err
			}()
			go func() {
				_, err := f.Stat(ctx)
				others <- err
			}()
			time.Sleep(20 * time.Millisecond)
			network.set(false)
			done := make([]*Op, 200)
			if n, err := q.Wait(ctx, done, 200); n != 200 || err != nil {
				t.Fatal(n, err)
			}
			for i, o := range reads {
				if o.Err != nil || !bytes.Equal(bytes.Join(o.Iovs, nil), content(int(o.Off), o.N)) {
					t.Fatalf("read %d: %d bytes, %v, or wrong ones", i, o.N, o.Err)
				}
			}
			for range 3 {
				if err := <-others; err != nil {
					t.Error(err)
				}
			}
			if s := v.Stats(); s.Reconnects == 0 || s.Resends == 0 || s.LostConns < s.Reconnects {
				t.Errorf("%+v", s)
			}
		})
	}
}

// A deadline that passes while there is no connection says what is the matter.
func TestDeadlineDuringOutage(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			var network outage
			v := dialTest(t, url, &Options{Dial: network.dial, Timeout: 100 * time.Millisecond})
			f := open(t, v, "file")
			network.set(true)
			_, err := f.ReadAt(make([]byte, 10), 0)
			var lost *transport.OutageError
			if !errors.As(err, &lost) || !errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(lost.Lost.Redial, errDown) {
				t.Error(err)
			}
			if _, err := v.Stat(ctx, "file"); !errors.As(err, &lost) || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("Stat:", err)
			}
			within, cancel := context.WithCancel(ctx)
			time.AfterFunc(10*time.Millisecond, cancel)
			if _, err := f.Readv(within, [][]byte{make([]byte, 10)}, 0); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			network.set(false)
			for end := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(end); {
				_, err = f.ReadAt(make([]byte, 10), 0)
			}
			checkRead(t, f)
		})
	}
}

// With FailFast nothing waits, and the connection comes back all the same.
func TestFailFast(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			var network outage
			v := dialTest(t, url, &Options{Dial: network.dial, FailFast: true})
			f := open(t, v, "file")
			network.set(true)
			began := time.Now()
			var lost *transport.ConnError
			if _, err := f.ReadAt(make([]byte, 10), 0); !errors.As(err, &lost) || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			if _, err := v.Stat(ctx, "file"); !errors.As(err, &lost) {
				t.Error(err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			network.set(false)
			for end := time.Now().Add(10 * time.Second); ; {
				if _, err := f.ReadAt(make([]byte, 10), 0); err == nil {
					break
				} else if time.Now().After(end) {
					t.Fatal(err)
				}
			}
			checkRead(t, f)
		})
	}
}

// Close does not wait for a server that is gone.
func TestCloseDuringOutage(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			var network outage
			v := dialTest(t, url, &Options{Dial: network.dial})
			q := v.NewQueue(1)
			o := &Op{File: open(t, v, "file"), Iovs: [][]byte{make([]byte, 10)}}
			network.set(true)
			if _, err := q.Submit(o); err != nil {
				t.Fatal(err)
			}
			for v.Stats().LostConns == 0 {
				time.Sleep(time.Millisecond)
			}
			began := time.Now()
			if err := v.Close(); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("took %v", took)
			}
			var done [1]*Op
			if n, err := q.Wait(ctx, done[:], 1); n != 1 || err != nil || !errors.Is(o.Err, ErrClosed) {
				t.Error(n, err, o.Err)
			}
		})
	}
}

// While one of several connections is down, reads go by the others.
func TestReadsGoByOtherConnections(t *testing.T) {
	var first atomic.Pointer[transporttest.Peer]
	var refuse atomic.Bool
	b := &brick{size: fakeSize, read: func(p *transporttest.Peer, r readCall) {
		if first.CompareAndSwap(nil, p) {
			refuse.Store(true)
		}
		if p == first.Load() {
			p.Close()
			return
		}
		p.Write(r.honest())
	}, conn: func(*transporttest.Peer) bool { return refuse.Load() }}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 3, Timeout: 10 * time.Second})
	f := open(t, v, "file")
	for range 20 {
		checkRead(t, f)
	}
	if _, err := v.Stat(ctx, "file"); err != nil {
		t.Error(err)
	}
	s := v.Stats()
	// With the one that is waited for; for a moment, with one that will be refused.
	for end := time.Now().Add(10 * time.Second); s.Connections != 3 && time.Now().Before(end); s = v.Stats() {
		time.Sleep(time.Millisecond)
	}
	if s.Reconnects != 0 || s.Resends != 1 || s.Connections != 3 {
		t.Errorf("%+v", s)
	}
}

// A new connection is asked for where the brick listens now, introduces itself by
// a name of its own, and reads with descriptors of its own. A file that is not
// there any more fails by itself.
func TestWhatANewConnectionNeeds(t *testing.T) {
	var network outage
	var mu sync.Mutex
	uuids := make(map[string]int)
	var gone atomic.Bool
	b := &brick{size: fakeSize, portmap: true}
	b.setvol = func(a gfs.SetVolumeArgs) (r gfs.SetVolumeReply) {
		mu.Lock()
		defer mu.Unlock()
		uuid, _ := a.Dict.Get("process-uuid")
		uuids[uuid.Text()]++
		return r
	}
	opens := 0
	b.opened = func(int64) error {
		mu.Lock()
		defer mu.Unlock()
		if opens++; gone.Load() && opens%2 == 0 {
			return &gfs.StatusError{Errno: wireESTALE}
		}
		return nil
	}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 1, Dial: network.dial, Timeout: 10 * time.Second})
	files := []*File{open(t, v, "file"), open(t, v, "file")}
	asked := b.asked.Load()
	gone.Store(true)
	for range 2 {
		time.Sleep(1100 * time.Millisecond) // an answer of the portmapper holds that long
		before := v.Stats().Reconnects
		network.cut()
		for end := time.Now().Add(10 * time.Second); v.Stats().Reconnects == before && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		stale := 0
		for _, f := range files {
			_, err := f.ReadAt(make([]byte, 10), 0)
			if errors.Is(err, syscall.ESTALE) {
				stale++
				if _, err := f.Stat(ctx); !errors.Is(err, syscall.ESTALE) {
					t.Error(err)
				}
			} else if err != nil {
				t.Error(err)
			}
		}
		if stale != 1 {
			t.Errorf("%d of two files are stale", stale)
		}
	}
	if n := b.asked.Load() - asked; n != 2 {
		t.Errorf("the portmapper was asked %d times for two new connections", n)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(uuids) != 3 {
		t.Errorf("%d names for three connections", len(uuids))
	}
}

// A file whose OPEN on a new connection is answered with something else than what
// the brick says of the file is opened again, not given up.
func TestReopeningOutlivesBadReplies(t *testing.T) {
	var network outage
	var bad atomic.Int32
	b := &brick{size: fakeSize, opened: func(int64) error {
		if bad.Add(-1) >= 0 {
			return errNoResult
		}
		return nil
	}}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 1, Dial: network.dial, Timeout: 10 * time.Second})
	f := open(t, v, "file")
	bad.Store(2)
	network.set(true)
	network.set(false)
	checkRead(t, f)
	if n := bad.Load(); n != -1 {
		t.Errorf("the file was opened %d times, want 3", 2-n)
	}
	bad.Store(1000) // for ever: it is the file's reads that fail, and they say why
	network.set(true)
	network.set(false)
	var refused *xdrwire.RPCError
	if _, err := f.ReadAt(make([]byte, 10), 0); !errors.As(err, &refused) {
		t.Errorf("never opened again: %v", err)
	}
}

// A server that takes connections and drops them is not asked over and over.
func TestReconnectingSlowsDown(t *testing.T) {
	b := &brick{size: fakeSize, read: func(p *transporttest.Peer, r readCall) { p.Close() }}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 1, Timeout: time.Second})
	f := open(t, v, "file")
	if _, err := f.ReadAt(make([]byte, 10), 0); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	if n := b.conns.Load(); n < 3 || n > 12 {
		t.Errorf("%d connections in a second", n)
	}
}

// A server that stops answering on a connection, without ending it, is found.
func TestHalfOpenConnection(t *testing.T) {
	// A machine that does much else may be silent itself.
	silence := 100 * time.Millisecond
	s := halfOpen(t, silence)
	for ; s.LostConns > 1 && silence < 5*time.Second; s = halfOpen(t, silence) {
		silence *= 4
	}
	if s.Pings == 0 || s.LostConns != 1 || s.Reconnects != 1 || s.Resends != 1 {
		t.Errorf("%+v", s)
	}
}

// halfOpen makes a read of which the server leaves the first call unanswered.
func halfOpen(t *testing.T, silence time.Duration) transport.Stats {
	var holes atomic.Int32
	b := &brick{size: fakeSize, read: func(p *transporttest.Peer, r readCall) {
		if holes.Add(1) == 1 {
			p.Hold() // neither answers nor ends
			return
		}
		p.Write(r.honest())
	}}
	v := dialTest(t, b.serve(t), &Options{Rings: 1, Conns: 1, Silence: silence, Timeout: 20 * time.Second})
	checkRead(t, open(t, v, "file"))
	return v.Stats()
}
