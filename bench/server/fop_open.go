package server

import (
	"errors"
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
	f, err := c.opened(NodeID(a.GFID))
	c.replyOpen(in, f, err)
	return nil
}

// opened lets directories be opened as files are, and fails for other nodes
// as a brick does.
func (c *conn) opened(id NodeID) (openFD, error) {
	stat, err := c.server.tree.Stat(id)
	switch {
	case err != nil:
		return openFD{}, stale(err)
	case stat.isDir():
		return openFD{dir: &openDir{id: id}}, nil
	case stat.Mode&syscall.S_IFMT == syscall.S_IFLNK:
		return openFD{}, syscall.ELOOP
	}
	f, err := c.server.tree.Open(id)
	return openFD{file: f}, stale(err)
}

// stale makes ESTALE of ENOENT: what a brick answers where it does not know a
// GFID that is all it has to go by, except in LOOKUP and READ.
func stale(err error) error {
	if errors.Is(err, syscall.ENOENT) {
		return syscall.ESTALE
	}
	return err
}

func (c *conn) openDirectory(in *call) error {
	a, err := gfs.ParseOpendirArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	stat, err := c.server.tree.Stat(NodeID(a.GFID))
	switch err = stale(err); {
	case err != nil:
	case stat.Mode&syscall.S_IFMT == syscall.S_IFLNK:
		err = syscall.ENOENT // as a brick does
	case !stat.isDir():
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
	c.gluster.release(a.FD)
	// Bricks answer so whatever the descriptor was.
	c.out.end(gfs.AppendReleaseReply(in.vers, c.out.begin(in.xid), &gfs.ReleaseReply{}))
	return nil
}
