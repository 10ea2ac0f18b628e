package server

import (
	"errors"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// glusterPrograms are those of a brick, in the order in which one lists them,
// and of glusterd. PORTMAP is not listed: to GlusterFS's clients a server that
// lists it is a glusterd and no brick, and they would ask for ports for ever.
func (s *Server) glusterPrograms() []program {
	return []program{
		{name: "GlusterFS 4.x v1", prog: gfs.ProgFOP, vers: gfs.V400, listed: true, serve: serveFOP},
		{name: "GlusterFS 3.3", prog: gfs.ProgFOP, vers: gfs.V330, listed: true, serve: serveFOP},
		{name: "GF-DUMP", prog: gfs.ProgDump, vers: gfs.ProcDump.Vers, listed: true, serve: serveDump},
		{name: "GlusterFS Handshake", prog: gfs.ProgHandshake, vers: gfs.ProcSetVolume.Vers, listed: true, serve: serveHandshake},
		{name: "Gluster Portmap", prog: gfs.ProgPortmap, vers: gfs.ProcPortByBrick.Vers, serve: servePortmap},
	}
}

func serveDump(c *conn, in *call) error {
	switch in.proc {
	case gfs.ProcDump.Proc:
		if _, err := gfs.ParseDumpArgs(in.args); err != nil {
			c.out.refuse(in.xid, xdrwire.GarbageArgs)
			return nil
		}
		r := gfs.DumpReply{GFSID: 123456789} // what GlusterFS's servers send
		for _, p := range c.server.programs {
			if p.listed {
				r.Programs = append(r.Programs, gfs.Program{Name: p.name, Prog: uint64(p.prog), Vers: uint64(p.vers)})
			}
		}
		c.out.end(gfs.AppendDumpReply(c.out.begin(in.xid), &r))
	case gfs.ProcPing.Proc:
		c.out.end(gfs.AppendPingReply(c.out.begin(in.xid), &gfs.PingReply{}))
	default:
		c.out.refuse(in.xid, xdrwire.ProcUnavail)
	}
	return nil
}

func serveHandshake(c *conn, in *call) error {
	switch in.proc {
	case gfs.ProcGetSpec.Proc:
		a, err := gfs.ParseGetSpecArgs(in.args)
		if err != nil {
			c.out.refuse(in.xid, xdrwire.GarbageArgs)
			return nil
		}
		r := c.getSpec(&a)
		c.out.end(gfs.AppendGetSpecReply(c.out.begin(in.xid), &r))
	case gfs.ProcSetVolume.Proc:
		a, err := gfs.ParseSetVolumeArgs(in.args)
		if err != nil {
			c.out.refuse(in.xid, xdrwire.GarbageArgs)
			return nil
		}
		r := c.setVolume(a.Dict)
		c.out.end(gfs.AppendSetVolumeReply(c.out.begin(in.xid), &r))
	default:
		c.out.refuse(in.xid, xdrwire.ProcUnavail)
	}
	return nil
}

func servePortmap(c *conn, in *call) error {
	if in.proc != gfs.ProcPortByBrick.Proc {
		c.out.refuse(in.xid, xdrwire.ProcUnavail)
		return nil
	}
	a, err := gfs.ParsePortByBrickArgs(in.args)
	if err != nil {
		c.out.refuse(in.xid, xdrwire.GarbageArgs)
		return nil
	}
	r := c.portByBrick(a.Brick)
	c.out.end(gfs.AppendPortByBrickReply(c.out.begin(in.xid), &r))
	return nil
}

// failed returns the outcome of an operation that failed with err.
func failed(err error) gfs.Result {
	errno := syscall.EIO
	errors.As(err, &errno)
	return gfs.Result{Ret: -1, Errno: int32(errno)}
}
