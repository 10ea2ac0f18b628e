package server

import (
	"strings"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
)

// export is the path by which the volume is known to MOUNT.
func (s *Server) export() string { return "/" + s.volume }

func serveMount(c *conn, in *call) error {
	switch in.proc {
	case mount3.ProcNull.Proc:
		c.out.end(c.out.begin(in.xid))
	case mount3.ProcMnt.Proc:
		a, err := mount3.ParseMntArgs(in.args)
		if err != nil {
			c.out.refuse(in.xid, xdrwire.GarbageArgs)
			return nil
		}
		r := c.server.mnt(a.Path)
		c.out.end(mount3.AppendMntReply(c.out.begin(in.xid), &r))
	case mount3.ProcUmnt.Proc:
		if _, err := mount3.ParseUmntArgs(in.args); err != nil {
			c.out.refuse(in.xid, xdrwire.GarbageArgs)
			return nil
		}
		c.out.end(c.out.begin(in.xid)) // who has mounted is not kept
	case mount3.ProcExport.Proc:
		r := mount3.ExportReply{Exports: []mount3.Export{{Dir: c.server.export()}}}
		c.out.end(mount3.AppendExportReply(c.out.begin(in.xid), &r))
	default:
		c.out.refuse(in.xid, xdrwire.ProcUnavail)
	}
	return nil
}

// mnt lets the export be mounted and every directory below it. Whatever else
// is asked for is ACCES, as nfs-ganesha says; servers that look at the path
// before they look at their exports say NOENT and NOTDIR too.
func (s *Server) mnt(path string) mount3.MntReply {
	stat, err := s.directory(path)
	if err != nil || !stat.isDir() {
		return mount3.MntReply{Status: mount3.StatusAcces}
	}
	return mount3.MntReply{
		Root:    handleOf(stat.ID),
		Flavors: []uint32{xdrwire.FlavorSys, xdrwire.FlavorNone}, // not looked at
	}
}

// directory finds what a path below the export stands for.
func (s *Server) directory(path string) (Attr, error) {
	below, ok := strings.CutPrefix(path, s.export())
	if !ok || below != "" && below[0] != '/' {
		return Attr{}, syscall.ENOENT
	}
	stat, err := s.tree.Stat(RootID)
	for name := range strings.SplitSeq(below, "/") {
		switch {
		case err != nil:
			return Attr{}, err
		case name == "" || name == ".":
		case name == "..":
			return Attr{}, syscall.EACCES
		default:
			stat, err = s.tree.Lookup(stat.ID, name)
		}
	}
	return stat, err
}
