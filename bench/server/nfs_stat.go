package server

import (
	"math"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// nfsTypes are the file types by the bits of st_mode.
var nfsTypes = map[uint32]nfs3.FileType{
	syscall.S_IFREG:  nfs3.TypeRegular,
	syscall.S_IFDIR:  nfs3.TypeDirectory,
	syscall.S_IFBLK:  nfs3.TypeBlock,
	syscall.S_IFCHR:  nfs3.TypeCharacter,
	syscall.S_IFLNK:  nfs3.TypeSymlink,
	syscall.S_IFSOCK: nfs3.TypeSocket,
	syscall.S_IFIFO:  nfs3.TypeFIFO,
}

func fattr(a *Attr) nfs3.Fattr {
	at := func(t Timestamp) nfs3.Timestamp { return nfs3.Timestamp{Sec: uint32(t.Sec), Nsec: t.Nsec} }
	return nfs3.Fattr{
		Type: nfsTypes[a.Mode&syscall.S_IFMT], Mode: a.Mode &^ syscall.S_IFMT,
		Nlink: a.Nlink, UID: a.UID, GID: a.GID, Size: a.Size, Used: a.Blocks * 512,
		Rdev: nfs3.Device{Major: unix.Major(a.Rdev), Minor: unix.Minor(a.Rdev)},
		FSID: a.Dev, FileID: a.Ino,
		Atime: at(a.Atime), Mtime: at(a.Mtime), Ctime: at(a.Ctime),
	}
}

func postOp(a *Attr) nfs3.OptionalFattr {
	return nfs3.OptionalFattr{Present: true, Attr: fattr(a)}
}

func (c *conn) nfsGetattr(in *call) error {
	a, err := nfs3.ParseGetattrArgs(in.args)
	if err != nil {
		return err
	}
	_, stat, err := c.nfsStat(&a.Object)
	r := nfs3.GetattrReply{Status: statusOf(err), Attr: fattr(&stat)}
	c.out.end(nfs3.AppendGetattrReply(c.out.begin(in.xid), &r))
	return nil
}

func (c *conn) nfsLookup(in *call) error {
	a, err := nfs3.ParseLookupArgs(in.args)
	if err != nil {
		return err
	}
	r := c.nfsLookedUp(&a)
	c.out.end(nfs3.AppendLookupReply(c.out.begin(in.xid), &r))
	return nil
}

func (c *conn) nfsLookedUp(a *nfs3.LookupArgs) (r nfs3.LookupReply) {
	id, dir, err := c.nfsStat(&a.Dir)
	if err != nil {
		r.Status = statusOf(err)
		return r
	}
	r.DirAttr = postOp(&dir)
	var stat Attr
	switch {
	case !dir.isDir():
		err = syscall.ENOTDIR
	case !validName(a.Name):
		err = syscall.ENOENT // as nfs-ganesha says
	default:
		stat, err = c.server.tree.Lookup(id, a.Name)
	}
	if err != nil {
		r.Status = statusOf(err)
		return r
	}
	r.Object, r.Attr = handleOf(stat.ID), postOp(&stat)
	return r
}

// nfsAccess allows everybody all that is not writing.
func (c *conn) nfsAccess(in *call) error {
	a, err := nfs3.ParseAccessArgs(in.args)
	if err != nil {
		return err
	}
	var r nfs3.AccessReply
	_, stat, err := c.nfsStat(&a.Object)
	switch {
	case err != nil:
		r.Status = statusOf(err)
	case stat.isDir():
		r.Attr, r.Access = postOp(&stat), a.Access&(nfs3.AccessRead|nfs3.AccessLookup)
	case stat.Mode&0o111 != 0:
		r.Attr, r.Access = postOp(&stat), a.Access&(nfs3.AccessRead|nfs3.AccessExecute)
	default:
		r.Attr, r.Access = postOp(&stat), a.Access&nfs3.AccessRead
	}
	c.out.end(nfs3.AppendAccessReply(c.out.begin(in.xid), &r))
	return nil
}

func (c *conn) nfsReadlink(in *call) error {
	a, err := nfs3.ParseReadlinkArgs(in.args)
	if err != nil {
		return err
	}
	var r nfs3.ReadlinkReply
	id, stat, err := c.nfsStat(&a.Link)
	if err == nil {
		r.Path, err = c.server.tree.Readlink(id)
	}
	if err != nil {
		r.Status = statusOf(err)
	} else {
		r.Attr = postOp(&stat)
	}
	c.out.end(nfs3.AppendReadlinkReply(c.out.begin(in.xid), &r))
	return nil
}

// nfsFsinfo promises no more than READs up to nfsReadMax. Writes are refused
// whatever their size.
func (c *conn) nfsFsinfo(in *call) error {
	a, err := nfs3.ParseFsinfoArgs(in.args)
	if err != nil {
		return err
	}
	r := nfs3.FsinfoReply{
		ReadMax: nfsReadMax, ReadPref: 1 << 20, ReadMult: 4096,
		WriteMax: 1 << 20, WritePref: 1 << 20, WriteMult: 4096,
		DirPref: 64 << 10, MaxFileSize: math.MaxInt64, TimeDelta: nfs3.Timestamp{Nsec: 1},
		Properties: nfs3.FSLink | nfs3.FSSymlink | nfs3.FSHomogeneous,
	}
	_, stat, err := c.nfsStat(&a.Root)
	if err != nil {
		r.Status = statusOf(err)
	} else {
		r.Attr = postOp(&stat)
	}
	c.out.end(nfs3.AppendFsinfoReply(c.out.begin(in.xid), &r))
	return nil
}
