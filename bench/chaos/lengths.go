package chaos

import (
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// lengths finds the words in READ's results that tell how long the payload is:
// faults.Options.Lengths. A reply without payload has none: op_ret alone would
// make the end of a file out of a failure.
func lengths(p xdrwire.Procedure, results []byte) []int {
	switch p {
	case nfs3.ProcRead:
		if h, n, err := nfs3.ParseReadReplyHead(results); err == nil && h.Status == nfs3.StatusOK && h.Length > 0 {
			return []int{n - 12, n - 4} // count, length of data
		}
	case gfs.FOP(gfs.V400, gfs.OpRead):
		if h, _, err := gfs.ParseReadReplyHead(gfs.V400, results); err == nil && h.Ret > 0 {
			return []int{0, gfs.ReadHeadBytesV400 - 16, gfs.ReadHeadBytesV400 - 12} // op_ret, size, xdr_size
		}
	case gfs.FOP(gfs.V330, gfs.OpRead):
		if h, _, err := gfs.ParseReadReplyHead(gfs.V330, results); err == nil && h.Ret > 0 {
			return []int{0, gfs.ReadHeadBytesV330 - 8, gfs.ReadHeadBytesV330 - 4} // op_ret, size, length of xdata
		}
	}
	return nil
}
