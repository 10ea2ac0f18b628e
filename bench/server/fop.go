package server

import (
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// serveFOP answers file operations of both versions.
func serveFOP(c *conn, in *call) error {
	if !c.gluster.bound {
		c.out.refuse(in.xid, xdrwire.GarbageArgs) // as a brick does
		return nil
	}
	var err error
	switch in.proc {
	case 0: // NULL
		c.out.end(c.out.begin(in.xid))
	case gfs.OpRead:
		err = c.read(in)
	case gfs.OpLookup:
		err = c.lookup(in)
	case gfs.OpStat:
		err = c.stat(in)
	case gfs.OpFstat:
		err = c.fstat(in)
	case gfs.OpOpen:
		err = c.openFile(in)
	case gfs.OpOpendir:
		err = c.openDirectory(in)
	case gfs.OpReaddirp:
		err = c.readdirp(in)
	case gfs.OpReadlink:
		err = c.readlink(in)
	case gfs.OpRelease, gfs.OpReleasedir:
		err = c.releaseFD(in)
	default:
		c.otherFOP(in)
	}
	if err != nil {
		c.out.refuse(in.xid, xdrwire.GarbageArgs)
	}
	return nil
}
