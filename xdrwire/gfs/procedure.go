package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// Versions of the file operation program.
const (
	V330 = 330 // GLUSTER_FOP_VERSION, bricks up to release 10
	V400 = 400 // GLUSTER_FOP_VERSION_v2, bricks since release 4
)

// Program numbers (rpc/rpc-lib/src/protocol-common.h, xdr-common.h).
const (
	ProgFOP       = 1298437   // GLUSTER_FOP_PROGRAM
	ProgHandshake = 14398633  // GLUSTER_HNDSK_PROGRAM
	ProgPortmap   = 34123456  // GLUSTER_PMAP_PROGRAM
	ProgDump      = 123451501 // GLUSTER_DUMP_PROGRAM
	ProgCallback  = 52743234  // GLUSTER_CBK_PROGRAM: one-way calls, server to client
)

// Procedures outside the file operation program.
var (
	ProcSetVolume   = xdrwire.Procedure{Prog: ProgHandshake, Vers: 2, Proc: 1} // GF_HNDSK_SETVOLUME
	ProcGetSpec     = xdrwire.Procedure{Prog: ProgHandshake, Vers: 2, Proc: 2} // GF_HNDSK_GETSPEC
	ProcPortByBrick = xdrwire.Procedure{Prog: ProgPortmap, Vers: 1, Proc: 1}   // GF_PMAP_PORTBYBRICK
	ProcDump        = xdrwire.Procedure{Prog: ProgDump, Vers: 1, Proc: 1}      // GF_DUMP_DUMP
	ProcPing        = xdrwire.Procedure{Prog: ProgDump, Vers: 1, Proc: 2}      // GF_DUMP_PING
)

// Procedure numbers of the file operation program, the same in both versions
// (enum gf_fop_procnum).
const (
	OpStat       = 1  // GFS3_OP_STAT
	OpReadlink   = 2  // GFS3_OP_READLINK
	OpOpen       = 11 // GFS3_OP_OPEN
	OpRead       = 12 // GFS3_OP_READ
	OpOpendir    = 20 // GFS3_OP_OPENDIR
	OpFstat      = 25 // GFS3_OP_FSTAT
	OpLookup     = 27 // GFS3_OP_LOOKUP
	OpReaddirp   = 40 // GFS3_OP_READDIRP
	OpRelease    = 41 // GFS3_OP_RELEASE
	OpReleasedir = 42 // GFS3_OP_RELEASEDIR
)

// FOP returns the procedure of a file operation in version vers.
func FOP(vers, op uint32) xdrwire.Procedure {
	is330(vers)
	return xdrwire.Procedure{Prog: ProgFOP, Vers: vers, Proc: op}
}

// Procedures of [ProgCallback] version 1 (enum gf_cbk_procnum).
const (
	CallbackFetchSpec         = 1  // GF_CBK_FETCHSPEC
	CallbackInodeFlush        = 2  // GF_CBK_INO_FLUSH
	CallbackEventNotify       = 3  // GF_CBK_EVENT_NOTIFY
	CallbackGetSnaps          = 4  // GF_CBK_GET_SNAPS
	CallbackCacheInvalidation = 5  // GF_CBK_CACHE_INVALIDATION
	CallbackChildUp           = 6  // GF_CBK_CHILD_UP
	CallbackChildDown         = 7  // GF_CBK_CHILD_DOWN
	CallbackRecallLease       = 8  // GF_CBK_RECALL_LEASE
	CallbackStateDump         = 9  // GF_CBK_STATEDUMP
	CallbackInodeContention   = 10 // GF_CBK_INODELK_CONTENTION
	CallbackEntryContention   = 11 // GF_CBK_ENTRYLK_CONTENTION
)
