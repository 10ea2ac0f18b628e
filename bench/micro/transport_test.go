package micro

import (
	"context"
	"net"
	"net/url"
	"testing"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// export is a file of the embedded server as NFSv3 has it: what transport is
// told by the packages above it.
type export struct {
	engine *transport.Engine
	conn   *transport.Conn
	cred   xdrwire.Auth
	file   nfs3.FileHandle
}

func mountExport(b *testing.B, o transport.Options) *export {
	b.Helper()
	e, err := transport.NewEngine(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	})
	u, err := url.Parse(serving.URLs[string(server.NFS3)])
	if err != nil {
		b.Fatal(err)
	}
	address := net.JoinHostPort(u.Hostname(), u.Query().Get("nfsport"))
	x := &export{engine: e, cred: xdrwire.NewAuthSys(0, "micro", 0, 0, nil)}
	if x.conn, err = e.Dial(context.Background(), address, transport.ConnOptions{}); err != nil {
		b.Fatal(err)
	}
	mnt, err := mount3.ParseMntReply(x.call(b, mount3.ProcMnt, mount3.AppendMntArgs(nil, &mount3.PathArgs{Path: u.Path})))
	if err != nil || mnt.Status.Err() != nil {
		b.Fatalf("MNT: %v, %v", err, mnt.Status)
	}
	args := nfs3.AppendLookupArgs(nil, &nfs3.LookupArgs{Dir: mnt.Root, Name: fileName})
	found, err := nfs3.ParseLookupReply(x.call(b, nfs3.ProcLookup, args))
	if err != nil || found.Status.Err() != nil {
		b.Fatalf("LOOKUP: %v, %v", err, found.Status)
	}
	x.file = found.Object
	return x
}

func (x *export) call(b *testing.B, p xdrwire.Procedure, args []byte) []byte {
	b.Helper()
	c := transport.Call{Conn: x.conn, Procedure: p, Cred: x.cred, Args: args}
	if err := x.engine.NewQueue(1).Do(context.Background(), &c); err != nil {
		b.Fatal(err)
	}
	return c.Body
}

// read is a READ that is made again and again.
type read struct {
	transport.Call
	off int64
}

func (x *export) newRead(n int) *read {
	r := &read{}
	r.Conn, r.Procedure, r.Cred, r.Reply = x.conn, nfs3.ProcRead, x.cred, r
	r.Iovs, r.UserData = [][]byte{make([]byte, n)}, r
	return r
}

// aim has the next call read at off.
func (r *read) aim(file nfs3.FileHandle, off int64) {
	r.off = off
	r.Args = nfs3.AppendReadArgs(r.Args[:0], file, uint64(off), uint32(len(r.Iovs[0])))
}

func (*read) UsualHead() int { return nfs3.ReadHeadBytes }

func (r *read) Head(b []byte, size int) (head, payload int, err error) {
	h, n, err := nfs3.ParseReadReplyHead(b)
	if err == nil {
		err = h.Status.Err()
	}
	if err == nil {
		err = h.Check(uint32(len(r.Iovs[0])))
	}
	return n, int(h.Length), err
}

// BenchmarkTransport is the engine without what readv adds.
func BenchmarkTransport(b *testing.B) {
	for _, l := range loads {
		b.Run(l.String(), func(b *testing.B) { benchTransport(b, l) })
	}
}

func benchTransport(b *testing.B, l load) {
	x := mountExport(b, transport.Options{})
	q := x.engine.NewQueue(l.depth)
	next := offsets{step: int64(l.bytes)}
	add := func(r *read) {
		r.aim(x.file, next.take())
		if err := q.Add(&r.Call); err != nil {
			b.Fatal(err)
		}
	}
	pop := func() *read {
		c := q.Pop()
		if c == nil {
			return nil
		}
		if c.Err != nil || c.Received != l.bytes {
			b.Fatalf("%v, or %d bytes", c.Err, c.Received)
		}
		return c.UserData.(*read)
	}
	run := func(count int) {
		for count > 0 {
			if err := q.Wait(context.Background(), 1); err != nil {
				b.Fatal(err)
			}
			for r := pop(); r != nil; r = pop() {
				add(r)
				count--
			}
		}
	}
	for range l.depth {
		add(x.newRead(l.bytes))
	}
	run(4 * l.depth)
	b.SetBytes(int64(l.bytes))
	m := newMeter(b, x.engine.Stats)
	run(b.N)
	m.report(b)
	if err := q.Wait(context.Background(), l.depth); err != nil {
		b.Fatal(err)
	}
	for r := pop(); r != nil; r = pop() {
		check(b, r.Iovs[0], r.off)
	}
}
