package server

import (
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

func (c *conn) openFile(in *call) error {
	a, err := gfs.ParseOpenArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	if a.Flags&syscall.O_ACCMODE != syscall.O_RDONLY || a.Flags&syscall.O_TRUNC != 0 {
		c.replyOpen(in, openFD{}, syscall.EROFS)
		return nil
	}
	f, err := c.server.tree.Open(NodeID(a.GFID))
	c.replyOpen(in, openFD{file: f}, err)
	return nil
}

func (c *conn) openDirectory(in *call) error {
	a, err := gfs.ParseOpendirArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	stat, err := c.server.tree.Stat(NodeID(a.GFID))
	if err == nil && !stat.isDir() {
		err = syscall.ENOTDIR
	}
	c.replyOpen(in, openFD{dir: &openDir{id: NodeID(a.GFID)}}, err)
	return nil
}

func (c *conn) replyOpen(in *call, f openFD, err error) {
	var r gfs.OpenReply
	if err != nil {
		r.Result = failed(err)
	} else {
		r.FD = c.gluster.add(f)
	}
	c.out.end(gfs.AppendOpenReply(in.vers, c.out.begin(in.xid), &r))
}

func (c *conn) releaseFD(in *call) error {
	a, err := gfs.ParseReleaseArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	var r gfs.ReleaseReply
	if err := c.gluster.release(a.FD); err != nil {
		r.Result = failed(err)
	}
	c.out.end(gfs.AppendReleaseReply(in.vers, c.out.begin(in.xid), &r))
	return nil
}
