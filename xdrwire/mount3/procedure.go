package mount3

import "github.com/ringreadv/ringreadv/xdrwire"

// Program is MOUNT_PROGRAM and Version is MOUNT_V3 (RFC 1813 §5.1).
const (
	Program = 100005
	Version = 3
)

// Procedures (RFC 1813 §5.2).
var (
	ProcNull   = proc(0) // MOUNTPROC3_NULL
	ProcMnt    = proc(1) // MOUNTPROC3_MNT
	ProcUmnt   = proc(3) // MOUNTPROC3_UMNT
	ProcExport = proc(5) // MOUNTPROC3_EXPORT
)

func proc(n uint32) xdrwire.Procedure {
	return xdrwire.Procedure{Prog: Program, Vers: Version, Proc: n}
}

// Limits of RFC 1813 §5.1.5.
const (
	maxPathBytes = 1024 // MNTPATHLEN
	maxNameBytes = 255  // MNTNAMLEN
)
