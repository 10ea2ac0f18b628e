package server

import (
	"encoding/binary"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// iattFlags says that all but creation time and attributes is set
// (IATT_* in libglusterfs/src/glusterfs/iatt.h), as a brick's answers do.
const iattFlags = 0x17ff

func iatt(a *Attr) gfs.Iatt {
	return gfs.Iatt{
		GFID: gfs.GFID(a.ID), Ino: a.Ino, Dev: a.Dev, Rdev: a.Rdev,
		Size: a.Size, Blocks: a.Blocks,
		Mode: a.Mode, Nlink: a.Nlink, UID: a.UID, GID: a.GID, BlockSize: a.BlockSize,
		Atime: gfs.Timestamp(a.Atime), Mtime: gfs.Timestamp(a.Mtime), Ctime: gfs.Timestamp(a.Ctime),
		Flags: iattFlags,
	}
}

func (c *conn) stat(in *call) error {
	a, err := gfs.ParseStatArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	stat, err := c.server.tree.Stat(NodeID(a.GFID))
	c.replyStat(in, &stat, stale(err))
	return nil
}

func (c *conn) fstat(in *call) error {
	a, err := gfs.ParseFstatArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	stat, err := c.statFD(a.FD, NodeID(a.GFID))
	c.replyStat(in, &stat, err)
	return nil
}

func (c *conn) statFD(fd int64, id NodeID) (Attr, error) {
	if fd == gfs.AnonymousFD {
		return c.server.tree.Stat(id)
	}
	f, err := c.gluster.get(fd)
	if err != nil {
		return Attr{}, err
	}
	if f.dir != nil {
		return c.server.tree.Stat(f.dir.id)
	}
	return f.file.Stat()
}

func (c *conn) replyStat(in *call, stat *Attr, err error) {
	var r gfs.StatReply
	if err != nil {
		r.Result = failed(err)
	} else {
		r.Stat = iatt(stat)
	}
	c.out.end(gfs.AppendStatReply(in.vers, c.out.begin(in.xid), &r))
}

// lookup goes by name in a directory, or by GFID alone.
func (c *conn) lookup(in *call) error {
	a, err := gfs.ParseLookupArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	r := c.lookedUp(&a)
	c.out.end(gfs.AppendLookupReply(in.vers, c.out.begin(in.xid), &r))
	return nil
}

func (c *conn) lookedUp(a *gfs.LookupArgs) (r gfs.LookupReply) {
	var stat Attr
	var err error
	tree := c.server.tree
	if a.Name == "" {
		stat, err = tree.Stat(NodeID(a.GFID))
	} else {
		var parent Attr
		parent, err = tree.Stat(NodeID(a.Parent))
		switch err = stale(err); {
		case err != nil:
		case !parent.isDir():
			err = syscall.EPERM // as a brick does
		default:
			r.PostParent = iatt(&parent)
			stat, err = tree.Lookup(NodeID(a.Parent), a.Name)
		}
	}
	if err != nil {
		r.Result = failed(err)
		return r
	}
	r.Stat = iatt(&stat)
	r.Xdata = xattrs(&stat, a.Xdata)
	return r
}

// dhtLayout is the xattr that says which hashes of names a directory's brick
// is responsible for. Without it cluster/distribute tries to repair the
// directory.
const dhtLayout = "trusted.glusterfs.dht"

// xattrs answers a client's wish for xattrs. Nodes have none but the layout of
// directories, which gives all hashes to the one brick there is: commit hash,
// type, first, last (dht_disk_layout_extract).
func xattrs(a *Attr, wanted gfs.Dict) gfs.Dict {
	have := gfs.Dict{}
	if _, ok := wanted.Get(dhtLayout); ok && a.isDir() {
		layout := binary.BigEndian.AppendUint32(nil, 1)
		layout = binary.BigEndian.AppendUint32(layout, 0)
		layout = binary.BigEndian.AppendUint32(layout, 0)
		layout = binary.BigEndian.AppendUint32(layout, 0xffffffff)
		have = append(have, gfs.Pair{Key: dhtLayout, Value: gfs.BytesValue(layout)})
	}
	return have
}

func (c *conn) readlink(in *call) error {
	a, err := gfs.ParseReadlinkArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	var r gfs.ReadlinkReply
	path, err := c.server.tree.Readlink(NodeID(a.GFID))
	if err == nil {
		var stat Attr
		stat, err = c.server.tree.Stat(NodeID(a.GFID))
		path = path[:min(len(path), int(a.Size))]
		r = gfs.ReadlinkReply{Result: gfs.Result{Ret: int32(len(path))}, Stat: iatt(&stat), Path: path}
	}
	if err != nil {
		r = gfs.ReadlinkReply{Result: failed(stale(err))}
	}
	c.out.end(gfs.AppendReadlinkReply(in.vers, c.out.begin(in.xid), &r))
	return nil
}
