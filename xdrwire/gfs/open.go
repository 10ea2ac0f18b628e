package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// AnonymousFD in place of a descriptor lets a READ go by GFID alone, unchecked
// by an OPEN.
const AnonymousFD int64 = -2

// OpenDirect is O_DIRECT as OPEN and READ carry it, whatever the client's own
// number for it is (GF_O_DIRECT in rpc/xdr/src/glusterfs3.h).
const OpenDirect = 0o40000

// OpenArgs opens a file (gfx_open_req, gfs3_open_req).
type OpenArgs struct {
	GFID  GFID
	Flags uint32
	Xdata Dict
}

// AppendOpenArgs appends the arguments of OPEN.
func AppendOpenArgs(vers uint32, b []byte, a *OpenArgs) []byte {
	b = xdrwire.AppendUint32(append(b, a.GFID[:]...), a.Flags)
	return appendXdata(is330(vers), b, a.Xdata)
}

// ParseOpenArgs parses the arguments of OPEN.
func ParseOpenArgs(vers uint32, b []byte) (OpenArgs, error) {
	d := newFOPDecoder(vers, b)
	a := OpenArgs{GFID: d.gfid(), Flags: d.Uint32(), Xdata: d.xdata()}
	return a, d.Err()
}

// OpendirArgs opens a directory (gfx_opendir_req, gfs3_opendir_req).
type OpendirArgs struct {
	GFID  GFID
	Xdata Dict
}

// AppendOpendirArgs appends the arguments of OPENDIR.
func AppendOpendirArgs(vers uint32, b []byte, a *OpendirArgs) []byte {
	return appendXdata(is330(vers), append(b, a.GFID[:]...), a.Xdata)
}

// ParseOpendirArgs parses the arguments of OPENDIR.
func ParseOpendirArgs(vers uint32, b []byte) (OpendirArgs, error) {
	d := newFOPDecoder(vers, b)
	a := OpendirArgs{GFID: d.gfid(), Xdata: d.xdata()}
	return a, d.Err()
}

// OpenReply is the answer to OPEN and OPENDIR (gfx_open_rsp, gfs3_open_rsp,
// gfs3_opendir_rsp). FD belongs to the connection; zero is a valid one.
type OpenReply struct {
	Result
	FD    int64
	Xdata Dict
}

// AppendOpenReply appends the results of OPEN or OPENDIR.
func AppendOpenReply(vers uint32, b []byte, r *OpenReply) []byte {
	b = appendResult(b, r.Result)
	if is330(vers) {
		return appendXdata(true, xdrwire.AppendInt64(b, r.FD), r.Xdata)
	}
	return xdrwire.AppendInt64(appendXdata(false, b, r.Xdata), r.FD)
}

// ParseOpenReply parses the results of OPEN or OPENDIR.
func ParseOpenReply(vers uint32, b []byte) (OpenReply, error) {
	d := newFOPDecoder(vers, b)
	r := OpenReply{Result: d.result()}
	if d.v330 {
		r.FD, r.Xdata = d.Int64(), d.xdata()
	} else {
		r.Xdata, r.FD = d.xdata(), d.Int64()
	}
	return r, d.Err()
}
