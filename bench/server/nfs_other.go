package server

import (
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// nfsOther answers the procedures that have no codec, because a reader does not
// use them.
func (c *conn) nfsOther(in *call) {
	tail, ok := nfsWrites[in.proc]
	if !ok {
		c.out.refuse(in.xid, xdrwire.ProcUnavail)
		return
	}
	b := xdrwire.AppendUint32(c.out.begin(in.xid), uint32(nfs3.StatusROFS))
	c.out.end(append(b, make([]byte, tail)...))
}

// noWcc is the size of a wcc_data without attributes from before or after.
const noWcc = 8

// nfsWrites are the procedures that write (RFC 1813 §3.3), with the bytes that
// follow the status of their failure: attributes, all absent.
var nfsWrites = map[uint32]int{
	2:  noWcc,     // SETATTR
	7:  noWcc,     // WRITE
	8:  noWcc,     // CREATE
	9:  noWcc,     // MKDIR
	10: noWcc,     // SYMLINK
	11: noWcc,     // MKNOD
	12: noWcc,     // REMOVE
	13: noWcc,     // RMDIR
	14: 2 * noWcc, // RENAME
	15: 4 + noWcc, // LINK
	21: noWcc,     // COMMIT
}
