package server

import (
	"math"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// nfsReadMax is the most that a READ is answered with: what nfs-ganesha allows.
const nfsReadMax = 64 << 20

func (c *conn) nfsRead(in *call) error {
	a, err := nfs3.ParseReadArgs(in.args)
	if err != nil {
		return err
	}
	var r nfs3.ReadReply
	f, stat, err := c.nfsReadable(&a)
	if err != nil {
		r.Status = statusOf(err)
		c.out.end(nfs3.AppendReadReplyHead(c.out.begin(in.xid), &r))
		return nil
	}
	var n uint64
	if a.Offset < stat.Size {
		n = min(uint64(a.Count), nfsReadMax, stat.Size-a.Offset)
	}
	r.Attr = postOp(&stat)
	r.Count, r.Length = uint32(n), uint32(n)
	r.EOF = a.Offset+n >= stat.Size
	c.out.endWithPayload(nfs3.AppendReadReplyHead(c.out.begin(in.xid), &r),
		f, int64(a.Offset), int(n), xdrwire.PaddedBytes(int(n))-int(n))
	return nil
}

// nfsReadable returns the file to read from, which stays the session's.
func (c *conn) nfsReadable(a *nfs3.ReadArgs) (File, Attr, error) {
	id, err := nodeOf(&a.File)
	if err != nil {
		return nil, Attr{}, err
	}
	if a.Offset > math.MaxInt64-uint64(a.Count) {
		return nil, Attr{}, syscall.EFBIG // as nfs-ganesha says
	}
	return c.nfs.file(c.server.tree, id)
}
