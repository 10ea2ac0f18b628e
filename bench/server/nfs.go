package server

import (
	"errors"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// nfsPrograms are those of an NFS server and of the rpcbind beside it.
func nfsPrograms() []program {
	return []program{
		{name: "NFS", prog: nfs3.Program, vers: nfs3.Version, serve: serveNFS},
		{name: "MOUNT", prog: mount3.Program, vers: mount3.Version, serve: serveMount},
		{name: "rpcbind", prog: rpcbind.Program, vers: rpcbind.ProcGetPort.Vers, serve: serveRPCBind},
		{name: "rpcbind", prog: rpcbind.Program, vers: rpcbind.ProcGetAddrV3.Vers, serve: serveRPCBind},
		{name: "rpcbind", prog: rpcbind.Program, vers: rpcbind.ProcGetAddrV4.Vers, serve: serveRPCBind},
	}
}

// serveNFS answers the procedures of NFS version 3.
func serveNFS(c *conn, in *call) error {
	var err error
	switch in.proc {
	case nfs3.ProcNull.Proc:
		c.out.end(c.out.begin(in.xid))
	case nfs3.ProcRead.Proc:
		err = c.nfsRead(in)
	case nfs3.ProcGetattr.Proc:
		err = c.nfsGetattr(in)
	case nfs3.ProcLookup.Proc:
		err = c.nfsLookup(in)
	case nfs3.ProcAccess.Proc:
		err = c.nfsAccess(in)
	case nfs3.ProcReadlink.Proc:
		err = c.nfsReadlink(in)
	case nfs3.ProcReaddirplus.Proc:
		err = c.nfsReaddirplus(in)
	case nfs3.ProcFsinfo.Proc:
		err = c.nfsFsinfo(in)
	default:
		c.nfsOther(in)
	}
	if err != nil {
		c.out.refuse(in.xid, xdrwire.GarbageArgs)
	}
	return nil
}

// errBadHandle is NFS3ERR_BADHANDLE, which no errno stands for.
var errBadHandle = errors.New("server: file handle of another server")

// handleOf makes a node's ID its file handle.
func handleOf(id NodeID) nfs3.FileHandle {
	h, err := nfs3.NewFileHandle(id[:])
	if err != nil {
		panic(err) // it is shorter than handles may be
	}
	return h
}

// nodeOf undoes handleOf.
func nodeOf(h *nfs3.FileHandle) (id NodeID, err error) {
	if len(h.Bytes()) != len(id) {
		return id, errBadHandle
	}
	return NodeID(h.Bytes()), nil
}

// nfsStat returns a node and its attributes.
func (c *conn) nfsStat(h *nfs3.FileHandle) (id NodeID, a Attr, err error) {
	if id, err = nodeOf(h); err != nil {
		return id, a, err
	}
	a, err = c.server.tree.Stat(id)
	return id, a, stale(err)
}

// statusOf returns how NFS says an error.
func statusOf(err error) nfs3.Status {
	var errno syscall.Errno
	switch {
	case err == nil:
		return nfs3.StatusOK
	case errors.Is(err, errBadHandle):
		return nfs3.StatusBadHandle
	case !errors.As(err, &errno):
		return nfs3.StatusIO
	}
	switch errno {
	case syscall.EPERM, syscall.ENOENT, syscall.ENXIO, syscall.EACCES, syscall.ENODEV,
		syscall.ENOTDIR, syscall.EISDIR, syscall.EINVAL, syscall.EFBIG:
		return nfs3.Status(errno) // the numbers are those of Unix
	case syscall.ENAMETOOLONG:
		return nfs3.StatusNameTooLong
	case syscall.ESTALE:
		return nfs3.StatusStale
	}
	return nfs3.StatusIO
}
