package server

import "encoding/binary"

// putIno makes ino the end of id, where bricks have it too: their clients
// compute inode numbers from GFIDs.
func putIno(id *NodeID, ino uint64) { binary.BigEndian.PutUint64(id[8:], ino) }

// inoOf undoes putIno.
func inoOf(id NodeID) uint64 { return binary.BigEndian.Uint64(id[8:]) }
