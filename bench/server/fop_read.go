package server

import (
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// directAlignment is what O_DIRECT asks of offset and length.
const directAlignment = 512

// maxReadBytes keeps a reply's length within its mark with room for the head.
const maxReadBytes = 1<<30 - 4096

func (c *conn) read(in *call) error {
	a, err := gfs.ParseReadArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	f, err := c.readable(&a)
	if err != nil {
		c.readFailed(in, err)
		return nil
	}
	if a.FD == gfs.AnonymousFD {
		defer f.Close()
	}
	stat, err := f.Stat()
	if err != nil {
		c.readFailed(in, err)
		return nil
	}
	r := gfs.ReadReply{Stat: iatt(&stat)}
	var n uint64
	if a.Offset < stat.Size {
		n = min(uint64(a.Size), stat.Size-a.Offset)
	}
	if a.Offset+n >= stat.Size {
		r.Errno = int32(syscall.ENOENT) // how bricks say end of file
	}
	r.Ret, r.Size = int32(n), uint32(n)
	c.out.endWithPayload(gfs.AppendReadReply(in.vers, c.out.begin(in.xid), &r), f, int64(a.Offset), int(n), 0)
	return nil
}

// readable returns the file to read from. One that it opened for a READ
// without descriptor is the caller's to close.
func (c *conn) readable(a *gfs.ReadArgs) (File, error) {
	var fd *openFD
	if a.FD != gfs.AnonymousFD {
		var err error
		if fd, err = c.gluster.get(a.FD); err != nil {
			return nil, err
		}
		if fd.file == nil {
			return nil, syscall.EISDIR
		}
	}
	if a.Size == 0 || a.Size > maxReadBytes || int64(a.Offset) < 0 {
		return nil, syscall.EINVAL
	}
	if a.Flags&gfs.OpenDirect != 0 && (a.Offset|uint64(a.Size))%directAlignment != 0 {
		return nil, syscall.EINVAL
	}
	if fd != nil {
		return fd.file, nil
	}
	return c.server.tree.Open(NodeID(a.GFID))
}

func (c *conn) readFailed(in *call, err error) {
	r := gfs.ReadReply{Result: failed(err)}
	c.out.end(gfs.AppendReadReply(in.vers, c.out.begin(in.xid), &r))
}
