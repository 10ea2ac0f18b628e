package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// ReleaseArgs gives a descriptor back with RELEASE or RELEASEDIR
// (gfx_release_req, gfx_releasedir_req and their gfs3 forms, all alike).
type ReleaseArgs struct {
	GFID  GFID
	FD    int64
	Xdata Dict
}

// AppendReleaseArgs appends the arguments of RELEASE or RELEASEDIR.
func AppendReleaseArgs(vers uint32, b []byte, a *ReleaseArgs) []byte {
	b = xdrwire.AppendInt64(append(b, a.GFID[:]...), a.FD)
	return appendXdata(is330(vers), b, a.Xdata)
}

// ParseReleaseArgs parses the arguments of RELEASE or RELEASEDIR.
func ParseReleaseArgs(vers uint32, b []byte) (ReleaseArgs, error) {
	d := newFOPDecoder(vers, b)
	a := ReleaseArgs{GFID: d.gfid(), FD: d.Int64(), Xdata: d.xdata()}
	return a, d.Err()
}

// ReleaseReply is the answer to RELEASE and RELEASEDIR (gfx_common_rsp,
// gf_common_rsp).
type ReleaseReply struct {
	Result
	Xdata Dict
}

// AppendReleaseReply appends the results of RELEASE or RELEASEDIR.
func AppendReleaseReply(vers uint32, b []byte, r *ReleaseReply) []byte {
	return appendXdata(is330(vers), appendResult(b, r.Result), r.Xdata)
}

// ParseReleaseReply parses the results of RELEASE or RELEASEDIR.
func ParseReleaseReply(vers uint32, b []byte) (ReleaseReply, error) {
	d := newFOPDecoder(vers, b)
	r := ReleaseReply{Result: d.result(), Xdata: d.xdata()}
	return r, d.Err()
}
