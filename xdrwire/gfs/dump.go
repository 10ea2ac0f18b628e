package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// DumpID is the gfs_id that clients send with DUMP.
const DumpID = 0xcaed

// DumpArgs asks a server which programs it serves (gf_dump_req).
type DumpArgs struct{ GFSID uint64 }

// AppendDumpArgs appends the arguments of DUMP.
func AppendDumpArgs(b []byte, a *DumpArgs) []byte { return xdrwire.AppendUint64(b, a.GFSID) }

// ParseDumpArgs parses the arguments of DUMP.
func ParseDumpArgs(b []byte) (DumpArgs, error) {
	d := newDecoder(b)
	a := DumpArgs{GFSID: d.Uint64()}
	return a, d.Err()
}

// Program is one that a server serves (gf_prog_detail).
type Program struct {
	Name       string
	Prog, Vers uint64
}

// DumpReply lists programs (gf_dump_rsp).
type DumpReply struct {
	GFSID uint64
	Result
	Programs []Program
}

// Serves reports whether the list has version vers of program prog.
func (r *DumpReply) Serves(prog, vers uint64) bool {
	for _, p := range r.Programs {
		if p.Prog == prog && p.Vers == vers {
			return true
		}
	}
	return false
}

// AppendDumpReply appends the results of DUMP.
func AppendDumpReply(b []byte, r *DumpReply) []byte {
	b = appendResult(xdrwire.AppendUint64(b, r.GFSID), r.Result)
	for i := range r.Programs {
		p := &r.Programs[i]
		b = xdrwire.AppendString(xdrwire.AppendBool(b, true), p.Name)
		b = xdrwire.AppendUint64(xdrwire.AppendUint64(b, p.Prog), p.Vers)
	}
	return xdrwire.AppendBool(b, false)
}

// ParseDumpReply parses the results of DUMP.
func ParseDumpReply(b []byte) (DumpReply, error) {
	d := newDecoder(b)
	r := DumpReply{GFSID: d.Uint64(), Result: d.result()}
	for d.Bool() {
		r.Programs = append(r.Programs, Program{
			Name: d.String(maxNameBytes), Prog: d.Uint64(), Vers: d.Uint64(),
		})
	}
	return r, d.Err()
}
