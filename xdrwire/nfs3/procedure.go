package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// Program is NFS_PROGRAM and Version is NFS_V3 (RFC 1813 §2.2, §3).
const (
	Program = 100003
	Version = 3
)

// DefaultPort is where servers listen, though not all of them do (RFC 1813
// §2.3).
const DefaultPort = 2049

// Procedures (RFC 1813 §3.3).
var (
	ProcNull        = proc(0)  // NFSPROC3_NULL
	ProcGetattr     = proc(1)  // NFSPROC3_GETATTR
	ProcLookup      = proc(3)  // NFSPROC3_LOOKUP
	ProcAccess      = proc(4)  // NFSPROC3_ACCESS
	ProcReadlink    = proc(5)  // NFSPROC3_READLINK
	ProcRead        = proc(6)  // NFSPROC3_READ
	ProcReaddirplus = proc(17) // NFSPROC3_READDIRPLUS
	ProcFsinfo      = proc(19) // NFSPROC3_FSINFO
)

func proc(n uint32) xdrwire.Procedure {
	return xdrwire.Procedure{Prog: Program, Vers: Version, Proc: n}
}
