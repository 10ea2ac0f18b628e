package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// StatArgs asks for attributes by GFID (gfx_stat_req, gfs3_stat_req).
type StatArgs struct {
	GFID  GFID
	Xdata Dict
}

// AppendStatArgs appends the arguments of STAT.
func AppendStatArgs(vers uint32, b []byte, a *StatArgs) []byte {
	return appendXdata(is330(vers), append(b, a.GFID[:]...), a.Xdata)
}

// ParseStatArgs parses the arguments of STAT.
func ParseStatArgs(vers uint32, b []byte) (StatArgs, error) {
	d := newFOPDecoder(vers, b)
	a := StatArgs{GFID: d.gfid(), Xdata: d.xdata()}
	return a, d.Err()
}

// FstatArgs asks for attributes by descriptor (gfx_fstat_req, gfs3_fstat_req).
type FstatArgs struct {
	GFID  GFID
	FD    int64
	Xdata Dict
}

// AppendFstatArgs appends the arguments of FSTAT.
func AppendFstatArgs(vers uint32, b []byte, a *FstatArgs) []byte {
	b = xdrwire.AppendInt64(append(b, a.GFID[:]...), a.FD)
	return appendXdata(is330(vers), b, a.Xdata)
}

// ParseFstatArgs parses the arguments of FSTAT.
func ParseFstatArgs(vers uint32, b []byte) (FstatArgs, error) {
	d := newFOPDecoder(vers, b)
	a := FstatArgs{GFID: d.gfid(), FD: d.Int64(), Xdata: d.xdata()}
	return a, d.Err()
}

// StatReply is the answer to STAT and FSTAT (gfx_common_iatt_rsp,
// gfs3_stat_rsp, gfs3_fstat_rsp).
type StatReply struct {
	Result
	Stat  Iatt
	Xdata Dict
}

// AppendStatReply appends the results of STAT or FSTAT.
func AppendStatReply(vers uint32, b []byte, r *StatReply) []byte {
	b = appendResult(b, r.Result)
	if is330(vers) {
		return appendXdata(true, appendIatt(true, b, &r.Stat), r.Xdata)
	}
	return appendIatt(false, appendXdata(false, b, r.Xdata), &r.Stat)
}

// ParseStatReply parses the results of STAT or FSTAT.
func ParseStatReply(vers uint32, b []byte) (StatReply, error) {
	d := newFOPDecoder(vers, b)
	r := StatReply{Result: d.result()}
	if d.v330 {
		r.Stat, r.Xdata = d.iatt(), d.xdata()
	} else {
		r.Xdata, r.Stat = d.xdata(), d.iatt()
	}
	return r, d.Err()
}
