package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// ReaddirpArgs asks for directory entries with attributes (gfx_readdirp_req,
// gfs3_readdirp_req). Offset is zero at first, then the Offset of the last
// entry received.
type ReaddirpArgs struct {
	GFID   GFID
	FD     int64
	Offset uint64
	Size   uint32 // of the entries wanted, bytes, as the brick counts them
	Xdata  Dict   // keys ask for xattrs of each entry
}

// AppendReaddirpArgs appends the arguments of READDIRP.
func AppendReaddirpArgs(vers uint32, b []byte, a *ReaddirpArgs) []byte {
	b = xdrwire.AppendInt64(append(b, a.GFID[:]...), a.FD)
	b = xdrwire.AppendUint32(xdrwire.AppendUint64(b, a.Offset), a.Size)
	return appendXdata(is330(vers), b, a.Xdata)
}

// ParseReaddirpArgs parses the arguments of READDIRP.
func ParseReaddirpArgs(vers uint32, b []byte) (ReaddirpArgs, error) {
	d := newFOPDecoder(vers, b)
	a := ReaddirpArgs{
		GFID: d.gfid(), FD: d.Int64(), Offset: d.Uint64(), Size: d.Uint32(), Xdata: d.xdata(),
	}
	return a, d.Err()
}

// DirEntry is an entry of a directory (gfx_dirplist, gfs3_dirplist).
type DirEntry struct {
	Ino    uint64
	Offset uint64 // where the next READDIRP goes on
	Type   uint32 // d_type of readdir(3)
	Name   string
	Stat   Iatt // its GFID is zero for ".." and where the brick has yet to look
	Dict   Dict
}

// ReaddirpReply is the answer to READDIRP (gfx_readdirp_rsp,
// gfs3_readdirp_rsp). No entries means the end of the directory.
type ReaddirpReply struct {
	Result
	Entries []DirEntry
	Xdata   Dict
}

// AppendReaddirpReply appends the results of READDIRP.
func AppendReaddirpReply(vers uint32, b []byte, r *ReaddirpReply) []byte {
	v330 := is330(vers)
	b = appendResult(b, r.Result)
	if !v330 {
		b = appendXdata(false, b, r.Xdata)
	}
	for i := range r.Entries {
		b = appendDirEntry(v330, xdrwire.AppendBool(b, true), &r.Entries[i])
	}
	b = xdrwire.AppendBool(b, false)
	if v330 {
		b = appendXdata(true, b, r.Xdata)
	}
	return b
}

func appendDirEntry(v330 bool, b []byte, e *DirEntry) []byte {
	b = xdrwire.AppendUint64(xdrwire.AppendUint64(b, e.Ino), e.Offset)
	b = xdrwire.AppendUint32(b, uint32(len(e.Name))) // d_len
	b = xdrwire.AppendUint32(b, e.Type)
	b = xdrwire.AppendString(b, e.Name)
	return appendXdata(v330, appendIatt(v330, b, &e.Stat), e.Dict)
}

// ParseReaddirpReply parses the results of READDIRP. An entry takes at least
// 136 bytes of input, which bounds how many there can be.
func ParseReaddirpReply(vers uint32, b []byte) (ReaddirpReply, error) {
	d := newFOPDecoder(vers, b)
	r := ReaddirpReply{Result: d.result()}
	if !d.v330 {
		r.Xdata = d.xdata()
	}
	for d.Err() == nil && d.Bool() {
		r.Entries = append(r.Entries, d.dirEntry())
	}
	if d.v330 {
		r.Xdata = d.xdata()
	}
	return r, d.Err()
}

func (d *decoder) dirEntry() DirEntry {
	e := DirEntry{Ino: d.Uint64(), Offset: d.Uint64()}
	d.Skip(4) // d_len says again how long the name is
	e.Type, e.Name = d.Uint32(), d.String(maxNameBytes)
	e.Stat, e.Dict = d.iatt(), d.xdata()
	return e
}
