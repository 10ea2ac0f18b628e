package rpcbind

import "github.com/ringreadv/ringreadv/xdrwire"

// Program is the number that all versions share, and Port is where the server
// listens (RFC 1833 §2.1, §3.1).
const (
	Program = 100000 // PMAP_PROG, RPCBPROG
	Port    = 111    // PMAP_PORT, RPCB_PORT
)

// Procedures.
var (
	ProcGetPort   = xdrwire.Procedure{Prog: Program, Vers: 2, Proc: 3} // PMAPPROC_GETPORT
	ProcGetAddrV3 = xdrwire.Procedure{Prog: Program, Vers: 3, Proc: 3} // RPCBPROC_GETADDR
	ProcGetAddrV4 = xdrwire.Procedure{Prog: Program, Vers: 4, Proc: 3} // RPCBPROC_GETADDR
)
