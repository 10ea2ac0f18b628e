package readv

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

const fakeSize = 1 << 20

func fakeFile(t testing.TB, b *brick, o *Options) *File {
	t.Helper()
	if b.size == 0 {
		b.size = fakeSize
	}
	return open(t, dialTest(t, b.serve(t), o), "file")
}

// checkRead reads somewhere else than the tests do, and must succeed: the
// connection is in order.
func checkRead(t testing.TB, f *File) {
	t.Helper()
	p := make([]byte, 5000)
	if n, err := f.ReadAt(p, 100_000); n != len(p) || err != nil || !bytes.Equal(p, content(100_000, len(p))) {
		t.Errorf("a read afterwards: %d bytes, %v", n, err)
	}
}

// badOnce answers reads at offset 0 with what reply gives, others honestly.
func badOnce(reply func(r readCall) []byte) *brick {
	return &brick{read: func(p *transporttest.Peer, r readCall) {
		if r.off == 0 {
			p.Write(reply(r))
		} else {
			p.Write(r.honest())
		}
	}}
}

// A reply that is wrong in one way fails its read with a typed error, leaves
// memory outside the iovecs alone, and leaves the connection in order.
func TestBadReplies(t *testing.T) {
	const n = 4096
	accepted := func(r readCall, ret, errno int32, size uint32, payload int) []byte {
		return transporttest.Accepted(r.XID, r.head(ret, errno, size), bytes.Repeat([]byte{0xBD}, payload))
	}
	isReadLength := func(err error) bool { return errors.Is(err, gfs.ErrReadLength) }
	isReply := func(err error) bool {
		var e *transport.ReplyError
		return errors.As(err, &e)
	}
	isStatus := func(errno syscall.Errno) func(error) bool {
		return func(err error) bool {
			var e *gfs.StatusError
			return errors.As(err, &e) && errors.Is(err, errno)
		}
	}
	isRPC := func(err error) bool {
		var e *xdrwire.RPCError
		return errors.As(err, &e)
	}
	for _, c := range []struct {
		name  string
		reply func(r readCall) []byte
		is    func(error) bool
	}{
		{"op_ret larger than asked", func(r readCall) []byte { return accepted(r, n+1, 0, n+1, n+1) }, isReadLength},
		{"op_ret huge, record as asked", func(r readCall) []byte { return accepted(r, 1<<30, 0, 1<<30, n) }, isReadLength},
		{"payload shorter than op_ret", func(r readCall) []byte { return accepted(r, n, 0, n, n-8) }, isReadLength},
		{"payload longer than op_ret", func(r readCall) []byte { return accepted(r, n-8, 0, n-8, n) }, isReadLength},
		{"size and op_ret differ", func(r readCall) []byte { return accepted(r, n, 0, n-8, n) }, isReadLength},
		{"record ends in the head", func(r readCall) []byte {
			return transporttest.Accepted(r.XID, r.head(n, 0, n)[:100])
		}, isReply},
		{"fragmented record ends in the payload", func(r readCall) []byte {
			b := append(xdrwire.AppendReply(nil, r.XID, xdrwire.Success), r.head(n, 0, n)...)
			return transporttest.Fragments(append(b, make([]byte, n-8)...), 1000)
		}, isReply},
		{"fragmented record goes on after the payload", func(r readCall) []byte {
			b := append(xdrwire.AppendReply(nil, r.XID, xdrwire.Success), r.head(n, 0, n)...)
			return transporttest.Fragments(append(b, make([]byte, n+8)...), 1000)
		}, isReply},
		{"xdata of 1 GiB", func(r readCall) []byte {
			head := r.head(n, 0, n)
			binary.BigEndian.PutUint32(head[len(head)-12:], 1<<30)
			return transporttest.Accepted(r.XID, head, make([]byte, n))
		}, func(err error) bool { var e *xdrwire.LengthError; return errors.As(err, &e) }},
		{"error status", func(r readCall) []byte { return accepted(r, -1, wireEBADF, 0, 0) }, isStatus(syscall.EBADF)},
		{"RPC reject", func(r readCall) []byte {
			return transporttest.Record(xdrwire.AppendReject(nil, r.XID, xdrwire.AuthTooWeak))
		}, isRPC},
		{"program mismatch", func(r readCall) []byte {
			return transporttest.Record(xdrwire.AppendProgMismatch(nil, r.XID, 0, 0))
		}, isRPC},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fakeFile(t, badOnce(c.reply), &Options{Timeout: 10 * time.Second})
			block := bytes.Repeat([]byte{0xA5}, n+200)
			got, err := f.Readv(ctx, [][]byte{block[100:1000], block[1000 : n+100]}, 0)
			var path *fs.PathError
			var op *transport.OpError
			if !c.is(err) || !errors.As(err, &path) || !errors.As(err, &op) || got != 0 {
				t.Errorf("%d, %v", got, err)
			}
			for _, i := range []int{0, 99, n + 100, n + 199} {
				if block[i] != 0xA5 {
					t.Errorf("byte %d outside the iovecs was written", i-100)
				}
			}
			checkRead(t, f)
			if s := f.Volume().Stats(); s.LostConns != 0 {
				t.Error("the connection was given up")
			}
		})
	}
}

func TestUnknownXID(t *testing.T) {
	f := fakeFile(t, badOnce(func(r readCall) []byte {
		stray := r
		stray.XID += 1 << 20
		return append(stray.honest(), r.honest()...)
	}), nil)
	p := make([]byte, 4096)
	if n, err := f.ReadAt(p, 0); n != len(p) || err != nil || !bytes.Equal(p, content(0, len(p))) {
		t.Error(n, err)
	}
	checkRead(t, f)
	if s := f.Volume().Stats(); s.UnknownReplies != 1 {
		t.Errorf("%d unknown replies", s.UnknownReplies)
	}
}

func TestReplyThatNeverComes(t *testing.T) {
	release := make(chan readCall, 1)
	b := &brick{read: func(p *transporttest.Peer, r readCall) {
		switch r.off {
		case 0: // not now
			release <- r
		default:
			p.Write(r.honest())
			select {
			case late := <-release:
				p.Write(late.honest())
			default:
			}
		}
	}}
	f := fakeFile(t, b, nil)
	p := make([]byte, 4096)
	within, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	if n, err := f.Readv(within, [][]byte{p}, 0); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(n, err)
	}
	for i := range p {
		p[i] = 0xA5
	}
	checkRead(t, f) // after it the late reply comes
	checkRead(t, f)
	if !bytes.Equal(p, bytes.Repeat([]byte{0xA5}, 4096)) {
		t.Error("the late reply was written to the buffer")
	}
	if s := f.Volume().Stats(); s.LateReplies != 1 {
		t.Errorf("%d late replies", s.LateReplies)
	}

	gone, cancelled := context.WithCancel(ctx)
	time.AfterFunc(20*time.Millisecond, cancelled)
	if _, err := f.Readv(gone, [][]byte{p}, 0); !errors.Is(err, context.Canceled) {
		t.Error("cancelled:", err)
	}
}

func TestServerClosesInPayload(t *testing.T) {
	f := fakeFile(t, &brick{read: func(p *transporttest.Peer, r readCall) {
		reply := r.honest()
		p.Write(reply[:len(reply)/2])
		p.Close()
	}}, &Options{FailFast: true})
	n, err := f.ReadAt(make([]byte, 100_000), 0)
	var conn *transport.ConnError
	if n != 0 || !errors.As(err, &conn) || !conn.Retryable() || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(n, err)
	}
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.As(err, &conn) {
		t.Error("read on a lost connection:", err)
	}
}

func TestMisuse(t *testing.T) {
	b := &brick{size: fakeSize}
	v := dialTest(t, b.serve(t), nil)
	f := open(t, v, "file")
	q := v.NewQueue(2)
	shared := make([]byte, 1000)
	first := &Op{File: f, Iovs: [][]byte{shared[:600]}}
	second := &Op{File: f, Iovs: [][]byte{make([]byte, 10), shared[599:]}}
	if n, err := q.Submit(first); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := q.Submit(first); n != 0 || !errors.Is(err, ErrInFlight) {
		t.Error("the same Op twice:", n, err)
	}
	if n, err := q.Submit(second); n != 0 || !errors.Is(err, ErrBufferInUse) {
		t.Error("one byte in two reads:", n, err)
	}
	done := make([]*Op, 2)
	if n, err := q.Wait(ctx, done, 1); n != 1 || err != nil || done[0] != first || first.Err != nil {
		t.Fatal(n, err, first.Err)
	}
	if n, err := q.Submit(second); n != 1 || err != nil {
		t.Error("after the first was handed back:", n, err)
	}
	third, fourth := &Op{File: f, Iovs: [][]byte{make([]byte, 10)}}, &Op{File: f, Iovs: [][]byte{make([]byte, 10)}}
	if n, err := q.Submit(third, fourth); n != 1 || !errors.Is(err, ErrQueueFull) {
		t.Error("three in a queue of two:", n, err)
	}
	for q.InFlight() > 0 {
		if _, err := q.Wait(ctx, done, 1); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := q.Submit(&Op{File: f, Off: -1, Iovs: [][]byte{shared}}); n != 0 || !errors.Is(err, syscall.EINVAL) {
		t.Error("negative offset:", n, err)
	}
	// Reads of nothing are reported like others.
	if n, err := q.Submit(&Op{File: f}, &Op{File: f, Iovs: [][]byte{{}}}); n != 2 || err != nil {
		t.Error(n, err)
	}
	if n, err := q.Wait(ctx, done, 2); n != 2 || err != nil || done[0].Err != nil {
		t.Error("reads of nothing:", n, err)
	}

	region, err := v.Register(shared)
	if err != nil {
		t.Fatal(err)
	}
	if err := region.Close(); err != nil {
		t.Error(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := q.Submit(third); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Error("submit after Close:", n, err)
	}
	if _, err := f.ReadAt(shared, 0); !errors.Is(err, net.ErrClosed) {
		t.Error("ReadAt after Close:", err)
	}
}

func TestDialErrors(t *testing.T) {
	within, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	dial := func(url string) error {
		v, err := Dial(within, url, nil)
		if err == nil {
			v.Close()
		}
		return err
	}
	var badURL *url.Error
	for _, s := range []string{"", "no url", "ftp://host/vol", "gluster://", "gluster://host"} {
		if err := dial(s); !errors.As(err, &badURL) {
			t.Errorf("%q: %v", s, err)
		}
	}
	var dns *net.DNSError
	if err := dial("gluster://no-such-host.invalid/vol"); !errors.As(err, &dns) {
		t.Error("unknown host:", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	if err := dial("gluster://" + closed + "/vol"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error("closed port:", err)
	}
	refuses := &brick{setvol: func(gfs.SetVolumeArgs) gfs.SetVolumeReply {
		return gfs.SetVolumeReply{
			Result: gfs.Result{Ret: -1, Errno: wireEACCES},
			Dict:   gfs.Dict{{Key: "ERROR", Value: gfs.StringValue("Authentication failed")}},
		}
	}}
	var refused *gluster.SetVolumeError
	if err := dial(refuses.serve(t)); !errors.As(err, &refused) || !errors.Is(err, fs.ErrPermission) || refused.Reason != "Authentication failed" {
		t.Error("refused connection:", err)
	}
	old := &brick{version: gfs.V400, versions: []uint32{310}}
	if err := dial(old.serve(t)); err == nil {
		t.Error("a brick without a known version was dialled")
	}
	hangs := &brick{conn: func(p *transporttest.Peer) bool { p.Hold(); return true }}
	soon, cancelSoon := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancelSoon()
	if _, err := Dial(soon, hangs.serve(t), nil); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a server that says nothing:", err)
	}
}

// A brick that is up and not ready is asked again; each connection has a
// process-uuid of its own.
func TestHandshake(t *testing.T) {
	var mu sync.Mutex // each connection has a script of its own
	seen := map[string]bool{}
	asked := 0
	b := &brick{size: fakeSize, setvol: func(a gfs.SetVolumeArgs) gfs.SetVolumeReply {
		mu.Lock()
		defer mu.Unlock()
		asked++
		if asked == 1 {
			return gfs.SetVolumeReply{Result: gfs.Result{Ret: -1, Errno: wireEAGAIN}}
		}
		id, _ := a.Dict.Get("process-uuid")
		if seen[id.Text()] {
			t.Errorf("process-uuid %s twice", id.Text())
		}
		seen[id.Text()] = true
		return gfs.SetVolumeReply{}
	}}
	v := dialTest(t, b.serve(t), &Options{Conns: 3})
	checkRead(t, open(t, v, "file"))
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 3 {
		t.Errorf("%d connections bound", len(seen))
	}
}

// Bricks that only have version 330 are read the same way.
func TestVersion330(t *testing.T) {
	f := fakeFile(t, &brick{version: gfs.V330}, nil)
	checkRead(t, f)
	p := make([]byte, 100)
	if n, err := f.ReadAt(p, fakeSize-50); n != 50 || err != io.EOF {
		t.Error(n, err)
	}
}

// A reply may be short in the middle of a file: the rest is asked for.
func TestShortReplies(t *testing.T) {
	f := fakeFile(t, &brick{read: func(p *transporttest.Peer, r readCall) {
		r.size = min(r.size, 1000)
		p.Write(r.honest())
	}}, nil)
	p := make([]byte, 4500)
	if n, err := f.Readv(ctx, [][]byte{p[:10], p[10:1500], p[1500:]}, 77); n != len(p) || err != nil || !bytes.Equal(p, content(77, len(p))) {
		t.Error(n, err)
	}
	if n, err := f.ReadAt(p, fakeSize-2500); n != 2500 || err != io.EOF {
		t.Error("at the end:", n, err)
	}
}
