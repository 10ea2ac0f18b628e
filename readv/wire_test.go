//go:build linux

package readv

import (
	"io"
	"testing"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// tshark, which has a GlusterFS dissector of its own, judges what is sent to a
// real server: every frame decodes, and every call is there and answered.
func TestRealWire(t *testing.T) {
	s := peers.Gluster(t)
	dir := s.Volume.Scratch(t)
	want := randomBytes(5, 300_000)
	s.Volume.Put(t, dir+"/file", want)
	capture := peers.CaptureOwn(t, s.Addr(), s.Volume.Bricks[0].Addr(t))

	const reads = 40
	v := dialTest(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+dir, &Options{Conns: 2, UID: 1000, GID: 1000, Groups: []uint32{4, 24}, Dial: capture.Dial})
	f := open(t, v, "file")
	p := make([]byte, 10_000)
	for i := range reads {
		if _, err := f.ReadAt(p, int64(i)*9_000); err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	if _, err := f.Stat(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := v.ReadDir(ctx, "."); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	checkWire(t, capture.Decode(t), []wireCount{
		{gfs.ProcGetSpec, 1}, {gfs.ProcPortByBrick, 1}, {gfs.ProcDump, 2}, {gfs.ProcSetVolume, 2},
		{gfs.FOP(gfs.V400, gfs.OpOpen), 2}, {gfs.FOP(gfs.V400, gfs.OpRead), reads}, {gfs.FOP(gfs.V400, gfs.OpFstat), 1},
		{gfs.FOP(gfs.V400, gfs.OpOpendir), 1}, {gfs.FOP(gfs.V400, gfs.OpReaddirp), 2}, {gfs.FOP(gfs.V400, gfs.OpRelease), 2},
	})
}

// The same for NFS, whose dissector is the best there is.
func TestRealNFSWire(t *testing.T) {
	s := peers.Ganesha(t)
	path, dir := scratch(t, s.Export)
	put(t, dir+"/file", randomBytes(17, 300_000), 0o644)
	capture := peers.CaptureOwn(t, s.Addr(), s.MountAddr())

	const reads = 40
	v := dialTest(t, nfsURL(s, path), &Options{UID: 1000, GID: 1000, Groups: []uint32{4, 24}, Dial: capture.Dial})
	f := open(t, v, "file")
	p := make([]byte, 10_000)
	for i := range reads {
		if _, err := f.ReadAt(p, int64(i)*9_000); err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	if _, err := v.ReadDir(ctx, "."); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	checkWire(t, capture.Decode(t), []wireCount{
		{mount3.ProcMnt, 1}, {mount3.ProcUmnt, 1}, {nfs3.ProcFsinfo, 1}, {nfs3.ProcLookup, 1}, {nfs3.ProcAccess, 1},
		{nfs3.ProcRead, reads}, {nfs3.ProcReaddirplus, 1},
	})
}

type wireCount struct {
	proc  xdrwire.Procedure
	count int
}

func checkWire(t *testing.T, d peers.Decoded, want []wireCount) {
	t.Helper()
	for _, c := range d.Complaints {
		t.Error(c)
	}
	for _, c := range want {
		p := peers.Procedure{Program: c.proc.Prog, Version: c.proc.Vers, Number: c.proc.Proc}
		if d.Calls[p] != c.count || d.Replies[p] != c.count {
			t.Errorf("%v: tshark saw %d calls and %d replies, want %d", c.proc, d.Calls[p], d.Replies[p], c.count)
		}
	}
}
