package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// start serves tree until the test ends and returns the address.
func start(t testing.TB, tree server.Tree) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return startOn(t, tree, l)
}

func startOn(t testing.TB, tree server.Tree, l net.Listener) string {
	t.Helper()
	return startWith(t, server.Options{Tree: tree}, l)
}

func startWith(t testing.TB, o server.Options, l net.Listener) string {
	t.Helper()
	s := server.New(o)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := o.Tree.Close(); err != nil {
			t.Errorf("closing the tree: %v", err)
		}
	})
	return l.Addr().String()
}

// client is the plainest client there can be: one call at a time.
type client struct {
	t    testing.TB
	net  net.Conn
	in   *bufio.Reader
	xid  uint32
	vers uint32
	cred xdrwire.Auth
}

func dial(t testing.TB, addr string, vers uint32) *client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(30 * time.Second))
	return &client{t: t, net: nc, in: bufio.NewReader(nc), vers: vers, cred: cred(t)}
}

// mount dials and binds the connection to the brick.
func mount(t testing.TB, addr, brick string, vers uint32) *client {
	t.Helper()
	c := dial(t, addr, vers)
	r := c.setVolume(volumeDict(brick))
	if err := r.Err(); err != nil {
		t.Fatalf("SETVOLUME: %v, %v", err, r.Dict)
	}
	return c
}

var clientCount atomic.Int64

func volumeDict(brick string) gfs.Dict {
	id := fmt.Sprintf("CTX_ID:bench-server-%d-%d", time.Now().UnixNano(), clientCount.Add(1))
	return gfs.Dict{
		{Key: "remote-subvolume", Value: gfs.StringValue(brick)},
		{Key: "process-uuid", Value: gfs.StringValue(id)},
		{Key: "fops-version", Value: gfs.IntValue(gfs.ProgFOP)},
	}
}

// cred is what calls to GlusterFS carry: root's.
func cred(t testing.TB) xdrwire.Auth {
	a, err := xdrwire.NewAuthGlusterV2(xdrwire.GlusterCred{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// frame makes a call's record.
func (c *client) frame(p xdrwire.Procedure, args []byte) []byte {
	c.xid++
	b, at := xdrwire.BeginRecord(nil)
	b = append(xdrwire.AppendCall(b, c.xid, p, c.cred), args...)
	xdrwire.EndRecord(b, at)
	return b
}

// record reads a record of one fragment.
func (c *client) record() ([]byte, error) {
	var mark [xdrwire.MarkBytes]byte
	if _, err := io.ReadFull(c.in, mark[:]); err != nil {
		return nil, err
	}
	b := make([]byte, xdrwire.ParseMark(mark[:]).Len())
	_, err := io.ReadFull(c.in, b)
	return b, err
}

// send sends a call and returns the reply, whatever it is.
func (c *client) send(p xdrwire.Procedure, args []byte) (xdrwire.ReplyHeader, []byte) {
	c.t.Helper()
	if _, err := c.net.Write(c.frame(p, args)); err != nil {
		c.t.Fatal(err)
	}
	b, err := c.record()
	if err != nil {
		c.t.Fatalf("%v: %v", p, err)
	}
	h, n, err := xdrwire.ParseReply(b)
	if err != nil || h.XID != c.xid {
		c.t.Fatalf("%v: reply header %+v, %v; want xid %d", p, h, err, c.xid)
	}
	return h, b[n:]
}

func (c *client) call(p xdrwire.Procedure, args []byte) []byte {
	c.t.Helper()
	h, b := c.send(p, args)
	if err := h.Err(); err != nil {
		c.t.Fatalf("%v: %v", p, err)
	}
	return b
}

func (c *client) fop(op uint32, args []byte) []byte {
	c.t.Helper()
	return c.call(gfs.FOP(c.vers, op), args)
}

// must returns a parsed reply.
func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (c *client) setVolume(d gfs.Dict) gfs.SetVolumeReply {
	c.t.Helper()
	b := c.call(gfs.ProcSetVolume, gfs.AppendSetVolumeArgs(nil, &gfs.SetVolumeArgs{Dict: d}))
	return must[gfs.SetVolumeReply](c.t)(gfs.ParseSetVolumeReply(b))
}

func (c *client) lookup(a gfs.LookupArgs) gfs.LookupReply {
	c.t.Helper()
	b := c.fop(gfs.OpLookup, gfs.AppendLookupArgs(c.vers, nil, &a))
	return must[gfs.LookupReply](c.t)(gfs.ParseLookupReply(c.vers, b))
}

// find looks names up one below the other.
func (c *client) find(names ...string) gfs.Iatt {
	c.t.Helper()
	at := gfs.Iatt{GFID: gfs.RootGFID}
	for _, name := range names {
		r := c.lookup(gfs.LookupArgs{Parent: at.GFID, Name: name})
		if err := r.Err(); err != nil {
			c.t.Fatalf("LOOKUP %s: %v", name, err)
		}
		at = r.Stat
	}
	return at
}

func (c *client) open(id gfs.GFID, flags uint32) gfs.OpenReply {
	c.t.Helper()
	b := c.fop(gfs.OpOpen, gfs.AppendOpenArgs(c.vers, nil, &gfs.OpenArgs{GFID: id, Flags: flags}))
	return must[gfs.OpenReply](c.t)(gfs.ParseOpenReply(c.vers, b))
}

func (c *client) opendir(id gfs.GFID) gfs.OpenReply {
	c.t.Helper()
	b := c.fop(gfs.OpOpendir, gfs.AppendOpendirArgs(c.vers, nil, &gfs.OpendirArgs{GFID: id}))
	return must[gfs.OpenReply](c.t)(gfs.ParseOpenReply(c.vers, b))
}

func (c *client) mustOpen(id gfs.GFID) int64 {
	c.t.Helper()
	r := c.open(id, 0)
	if err := r.Err(); err != nil {
		c.t.Fatalf("OPEN: %v", err)
	}
	return r.FD
}

func (c *client) release(op uint32, id gfs.GFID, fd int64) gfs.Result {
	c.t.Helper()
	b := c.fop(op, gfs.AppendReleaseArgs(c.vers, nil, &gfs.ReleaseArgs{GFID: id, FD: fd}))
	return must[gfs.ReleaseReply](c.t)(gfs.ParseReleaseReply(c.vers, b)).Result
}

func (c *client) stat(id gfs.GFID) gfs.StatReply {
	c.t.Helper()
	b := c.fop(gfs.OpStat, gfs.AppendStatArgs(c.vers, nil, &gfs.StatArgs{GFID: id}))
	return must[gfs.StatReply](c.t)(gfs.ParseStatReply(c.vers, b))
}

func (c *client) fstat(id gfs.GFID, fd int64) gfs.StatReply {
	c.t.Helper()
	b := c.fop(gfs.OpFstat, gfs.AppendFstatArgs(c.vers, nil, &gfs.FstatArgs{GFID: id, FD: fd}))
	return must[gfs.StatReply](c.t)(gfs.ParseStatReply(c.vers, b))
}

func (c *client) readlink(id gfs.GFID, size uint32) gfs.ReadlinkReply {
	c.t.Helper()
	b := c.fop(gfs.OpReadlink, gfs.AppendReadlinkArgs(c.vers, nil, &gfs.ReadlinkArgs{GFID: id, Size: size}))
	return must[gfs.ReadlinkReply](c.t)(gfs.ParseReadlinkReply(c.vers, b))
}

func (c *client) readdirp(a gfs.ReaddirpArgs) gfs.ReaddirpReply {
	c.t.Helper()
	b := c.fop(gfs.OpReaddirp, gfs.AppendReaddirpArgs(c.vers, nil, &a))
	return must[gfs.ReaddirpReply](c.t)(gfs.ParseReaddirpReply(c.vers, b))
}

// read returns the reply and a payload that agrees with it.
func (c *client) read(id gfs.GFID, fd int64, off uint64, size, flags uint32) (gfs.ReadReply, []byte) {
	c.t.Helper()
	b := c.fop(gfs.OpRead, gfs.AppendReadArgs(c.vers, nil, id, fd, off, size, flags))
	r, n, err := gfs.ParseReadReply(c.vers, b)
	if err != nil {
		c.t.Fatal(err)
	}
	head, m, err := gfs.ParseReadReplyHead(c.vers, b)
	if err == nil {
		err = head.Check(size, len(b)-m)
	}
	if err != nil {
		c.t.Fatalf("READ of %d at %d: %v", size, off, err)
	}
	return r, b[n:]
}
