package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// AppendReadArgs appends the arguments of READ without a dictionary
// (gfx_read_req, gfs3_read_req). fd may be [AnonymousFD]. It allocates nothing
// when b has room for 52 bytes.
func AppendReadArgs(vers uint32, b []byte, gfid GFID, fd int64, off uint64, size, flags uint32) []byte {
	b = append(b, gfid[:]...)
	b = xdrwire.AppendInt64(b, fd)
	b = xdrwire.AppendUint64(b, off)
	b = xdrwire.AppendUint32(b, size)
	b = xdrwire.AppendUint32(b, flags)
	return appendXdata(is330(vers), b, nil)
}

// ReadArgs is what a READ asks for.
type ReadArgs struct {
	GFID   GFID
	FD     int64
	Offset uint64 // bytes
	Size   uint32 // bytes
	Flags  uint32
	Xdata  Dict
}

// ParseReadArgs parses the arguments of READ.
func ParseReadArgs(vers uint32, b []byte) (ReadArgs, error) {
	d := newFOPDecoder(vers, b)
	a := ReadArgs{
		GFID: d.gfid(), FD: d.Int64(), Offset: d.Uint64(),
		Size: d.Uint32(), Flags: d.Uint32(), Xdata: d.xdata(),
	}
	return a, d.Err()
}

// ReadReply is what stands before the payload of a READ reply (gfx_read_rsp,
// gfs3_read_rsp). After success Ret and Size are the payload's length, and
// Errno is 2 (ENOENT) when it reaches the end of the file.
type ReadReply struct {
	Result
	Stat  Iatt
	Size  uint32 // bytes of payload
	Xdata Dict
}

// AppendReadReply appends the head of a READ reply. The payload follows it to
// the end of the record, unpadded.
func AppendReadReply(vers uint32, b []byte, r *ReadReply) []byte {
	v330 := is330(vers)
	b = appendIatt(v330, appendResult(b, r.Result), &r.Stat)
	return appendXdata(v330, xdrwire.AppendUint32(b, r.Size), r.Xdata)
}

// ParseReadReply parses the whole head of a READ reply; the payload starts at
// b[n:]. Where replies are many, [ParseReadReplyHead] does less.
func ParseReadReply(vers uint32, b []byte) (r ReadReply, n int, err error) {
	d := newFOPDecoder(vers, b)
	r = ReadReply{Result: d.result(), Stat: d.iatt(), Size: d.Uint32(), Xdata: d.xdata()}
	return r, d.Offset(), d.Err()
}
