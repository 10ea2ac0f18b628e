package readv

import (
	"io"
	"testing"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// tshark, which has a GlusterFS dissector of its own, judges what is sent to a
// real server: every frame decodes, and every call is there and answered.
func TestRealWire(t *testing.T) {
	s := peers.Gluster(t)
	dir := s.Volume.Scratch(t)
	want := randomBytes(5, 300_000)
	s.Volume.Put(t, dir+"/file", want)
	capture := peers.Capture(t, s.Addr(), s.Volume.Bricks[0].Addr(t))

	const reads = 40
	v := dialTest(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+dir, &Options{Conns: 2, UID: 1000, GID: 1000, Groups: []uint32{4, 24}})
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

	d := capture.Decode(t)
	for _, c := range d.Complaints {
		t.Error(c)
	}
	for _, c := range []struct {
		proc  xdrwire.Procedure
		count int
	}{
		{gfs.ProcGetSpec, 1}, {gfs.ProcPortByBrick, 1}, {gfs.ProcDump, 2}, {gfs.ProcSetVolume, 2},
		{gfs.FOP(gfs.V400, gfs.OpOpen), 2}, {gfs.FOP(gfs.V400, gfs.OpRead), reads}, {gfs.FOP(gfs.V400, gfs.OpFstat), 1},
		{gfs.FOP(gfs.V400, gfs.OpOpendir), 1}, {gfs.FOP(gfs.V400, gfs.OpReaddirp), 2}, {gfs.FOP(gfs.V400, gfs.OpRelease), 2},
	} {
		p := peers.Procedure{Program: c.proc.Prog, Version: c.proc.Vers, Number: c.proc.Proc}
		if d.Calls[p] != c.count || d.Replies[p] != c.count {
			t.Errorf("%v: tshark saw %d calls and %d replies, want %d", c.proc, d.Calls[p], d.Replies[p], c.count)
		}
	}
}
