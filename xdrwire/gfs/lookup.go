package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// LookupArgs resolves a name or a GFID (gfx_lookup_req, gfs3_lookup_req). By
// name: GFID is zero and Parent the directory. Keys in Xdata ask for the
// xattrs of those names.
type LookupArgs struct {
	GFID, Parent GFID
	Flags        uint32
	Name         string
	Xdata        Dict
}

// AppendLookupArgs appends the arguments of LOOKUP.
func AppendLookupArgs(vers uint32, b []byte, a *LookupArgs) []byte {
	b = append(append(b, a.GFID[:]...), a.Parent[:]...)
	b = xdrwire.AppendUint32(b, a.Flags)
	b = xdrwire.AppendString(b, a.Name)
	return appendXdata(is330(vers), b, a.Xdata)
}

// ParseLookupArgs parses the arguments of LOOKUP.
func ParseLookupArgs(vers uint32, b []byte) (LookupArgs, error) {
	d := newFOPDecoder(vers, b)
	a := LookupArgs{
		GFID: d.gfid(), Parent: d.gfid(), Flags: d.Uint32(),
		Name: d.String(maxNameBytes), Xdata: d.xdata(),
	}
	return a, d.Err()
}

// LookupReply tells what a name stands for (gfx_common_2iatt_rsp,
// gfs3_lookup_rsp).
type LookupReply struct {
	Result
	Stat       Iatt
	PostParent Iatt // the directory
	Xdata      Dict // the xattrs asked for, as far as they exist
}

// AppendLookupReply appends the results of LOOKUP.
func AppendLookupReply(vers uint32, b []byte, r *LookupReply) []byte {
	b = appendResult(b, r.Result)
	if is330(vers) {
		b = appendIatt(true, b, &r.Stat)
		b = appendIatt(true, b, &r.PostParent)
		return appendXdata(true, b, r.Xdata)
	}
	b = appendXdata(false, b, r.Xdata)
	b = appendIatt(false, b, &r.Stat)
	return appendIatt(false, b, &r.PostParent)
}

// ParseLookupReply parses the results of LOOKUP.
func ParseLookupReply(vers uint32, b []byte) (LookupReply, error) {
	d := newFOPDecoder(vers, b)
	r := LookupReply{Result: d.result()}
	if d.v330 {
		r.Stat, r.PostParent, r.Xdata = d.iatt(), d.iatt(), d.xdata()
	} else {
		r.Xdata, r.Stat, r.PostParent = d.xdata(), d.iatt(), d.iatt()
	}
	return r, d.Err()
}
