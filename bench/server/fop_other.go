package server

import (
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// otherFOP answers the operations that have no codec, because a reader does
// not use them. A C client decodes the whole reply even of a failure, so that
// it must have its full size, all zero.
func (c *conn) otherFOP(in *call) {
	op, ok := otherFOPs[in.proc]
	if !ok {
		c.out.refuse(in.xid, xdrwire.ProcUnavail)
		return
	}
	var r gfs.ReleaseReply // the reply without content of its own
	if op.errno != 0 {
		r.Result = failed(op.errno)
	}
	b := gfs.AppendReleaseReply(in.vers, c.out.begin(in.xid), &r)
	tail := op.tail400
	if in.vers == gfs.V330 {
		tail = op.tail330 // its dictionary, last and empty, is zero as well
	}
	c.out.end(append(b, make([]byte, tail)...))
}

// otherFOPs are the operations of enum gf_fop_procnum that are refused, or
// succeed because there is nothing to do.
var otherFOPs = map[uint32]struct {
	errno            syscall.Errno
	tail400, tail330 int // bytes of the reply beside outcome and xdata
}{
	3:  {syscall.EROFS, 3 * 148, 3 * 100},     // MKNOD
	4:  {syscall.EROFS, 3 * 148, 3 * 100},     // MKDIR
	5:  {syscall.EROFS, 2 * 148, 2 * 100},     // UNLINK
	6:  {syscall.EROFS, 2 * 148, 2 * 100},     // RMDIR
	7:  {syscall.EROFS, 3 * 148, 3 * 100},     // SYMLINK
	8:  {syscall.EROFS, 5 * 148, 5 * 100},     // RENAME
	9:  {syscall.EROFS, 3 * 148, 3 * 100},     // LINK
	10: {syscall.EROFS, 2 * 148, 2 * 100},     // TRUNCATE
	13: {syscall.EROFS, 2 * 148, 2 * 100},     // WRITE
	14: {syscall.EOPNOTSUPP, 88, 88},          // STATFS
	15: {0, 0, 0},                             // FLUSH
	16: {0, 2 * 148, 2 * 100},                 // FSYNC
	17: {syscall.EROFS, 0, 0},                 // SETXATTR
	18: {syscall.ENODATA, 12 + 2*148, 4},      // GETXATTR
	19: {syscall.EROFS, 0, 0},                 // REMOVEXATTR
	21: {0, 0, 0},                             // FSYNCDIR
	22: {0, 0, 0},                             // ACCESS: nothing is checked
	23: {syscall.EROFS, 3*148 + 8, 3*100 + 8}, // CREATE
	24: {syscall.EROFS, 2 * 148, 2 * 100},     // FTRUNCATE
	26: {syscall.EOPNOTSUPP, 32, 32},          // LK
	28: {syscall.EOPNOTSUPP, 4, 4},            // READDIR
	29: {syscall.EOPNOTSUPP, 0, 0},            // INODELK
	30: {syscall.EOPNOTSUPP, 0, 0},            // FINODELK
	31: {syscall.EOPNOTSUPP, 0, 0},            // ENTRYLK
	32: {syscall.EOPNOTSUPP, 0, 0},            // FENTRYLK
	33: {syscall.EROFS, 12 + 2*148, 4},        // XATTROP
	34: {syscall.EROFS, 12 + 2*148, 4},        // FXATTROP
	35: {syscall.ENODATA, 12 + 2*148, 4},      // FGETXATTR
	36: {syscall.EROFS, 0, 0},                 // FSETXATTR
	37: {syscall.EOPNOTSUPP, 12, 8},           // RCHECKSUM
	38: {syscall.EROFS, 2 * 148, 2 * 100},     // SETATTR
	39: {syscall.EROFS, 2 * 148, 2 * 100},     // FSETATTR
	43: {syscall.EROFS, 0, 0},                 // FREMOVEXATTR
	44: {syscall.EROFS, 2 * 148, 2 * 100},     // FALLOCATE
	45: {syscall.EROFS, 2 * 148, 2 * 100},     // DISCARD
	46: {syscall.EROFS, 2 * 148, 2 * 100},     // ZEROFILL
	47: {syscall.EOPNOTSUPP, 0, 0},            // IPC
	48: {syscall.EOPNOTSUPP, 8, 8},            // SEEK
}
