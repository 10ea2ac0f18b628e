package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// ReadlinkArgs asks where a symbolic link points (gfx_readlink_req,
// gfs3_readlink_req).
type ReadlinkArgs struct {
	GFID  GFID
	Size  uint32 // of the longest path wanted, bytes
	Xdata Dict
}

// AppendReadlinkArgs appends the arguments of READLINK.
func AppendReadlinkArgs(vers uint32, b []byte, a *ReadlinkArgs) []byte {
	b = xdrwire.AppendUint32(append(b, a.GFID[:]...), a.Size)
	return appendXdata(is330(vers), b, a.Xdata)
}

// ParseReadlinkArgs parses the arguments of READLINK.
func ParseReadlinkArgs(vers uint32, b []byte) (ReadlinkArgs, error) {
	d := newFOPDecoder(vers, b)
	a := ReadlinkArgs{GFID: d.gfid(), Size: d.Uint32(), Xdata: d.xdata()}
	return a, d.Err()
}

// ReadlinkReply is the answer to READLINK (gfx_readlink_rsp,
// gfs3_readlink_rsp).
type ReadlinkReply struct {
	Result
	Stat  Iatt // of the link
	Path  string
	Xdata Dict
}

// AppendReadlinkReply appends the results of READLINK.
func AppendReadlinkReply(vers uint32, b []byte, r *ReadlinkReply) []byte {
	b = appendResult(b, r.Result)
	if is330(vers) {
		b = xdrwire.AppendString(appendIatt(true, b, &r.Stat), r.Path)
		return appendXdata(true, b, r.Xdata)
	}
	b = appendIatt(false, appendXdata(false, b, r.Xdata), &r.Stat)
	return xdrwire.AppendString(b, r.Path)
}

// ParseReadlinkReply parses the results of READLINK.
func ParseReadlinkReply(vers uint32, b []byte) (ReadlinkReply, error) {
	d := newFOPDecoder(vers, b)
	r := ReadlinkReply{Result: d.result()}
	if d.v330 {
		r.Stat, r.Path, r.Xdata = d.iatt(), d.String(maxNameBytes), d.xdata()
	} else {
		r.Xdata, r.Stat, r.Path = d.xdata(), d.iatt(), d.String(maxNameBytes)
	}
	return r, d.Err()
}
