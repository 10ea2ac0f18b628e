package server

import (
	"net/netip"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// serveRPCBind answers for all programs that they are where the call came in.
// GETADDR does not look at the network identifier: it is that of the connection
// (RFC 1833 §2.2.1).
func serveRPCBind(c *conn, in *call) error {
	var err error
	switch {
	case in.proc == 0: // NULL
		c.out.end(c.out.begin(in.xid))
	case in.proc != rpcbind.ProcGetPort.Proc: // GETADDR has the same number
		c.out.refuse(in.xid, xdrwire.ProcUnavail)
	case in.vers == rpcbind.ProcGetPort.Vers:
		var a rpcbind.GetPortArgs
		if a, err = rpcbind.ParseGetPortArgs(in.args); err == nil {
			var r rpcbind.GetPortReply
			if a.Protocol == rpcbind.ProtocolTCP && c.server.serves(a.Prog) {
				_, port := hostPort(c.net.LocalAddr())
				r.Port = uint16(port)
			}
			c.out.end(rpcbind.AppendGetPortReply(c.out.begin(in.xid), &r))
		}
	default:
		var a rpcbind.GetAddrArgs
		if a, err = rpcbind.ParseGetAddrArgs(in.args); err == nil {
			var r rpcbind.GetAddrReply
			if at, err := netip.ParseAddrPort(c.net.LocalAddr().String()); err == nil && c.server.serves(a.Prog) {
				r.Addr = rpcbind.FormatUniversalAddr(at)
			}
			c.out.end(rpcbind.AppendGetAddrReply(c.out.begin(in.xid), &r))
		}
	}
	if err != nil {
		c.out.refuse(in.xid, xdrwire.GarbageArgs)
	}
	return nil
}

// serves reports whether some version of a program is served: rpcbind answers
// for others too.
func (s *Server) serves(prog uint32) bool {
	for i := range s.programs {
		if s.programs[i].prog == prog {
			return true
		}
	}
	return false
}
