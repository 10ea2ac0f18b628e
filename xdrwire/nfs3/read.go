package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// AppendReadArgs appends the arguments of READ (READ3args). It allocates
// nothing when b has room for the handle and 16 bytes, 80 at most.
func AppendReadArgs(b []byte, file FileHandle, off uint64, count uint32) []byte {
	b = appendHandle(b, &file)
	return xdrwire.AppendUint32(xdrwire.AppendUint64(b, off), count)
}

// ReadArgs is what a READ asks for.
type ReadArgs struct {
	File   FileHandle
	Offset uint64 // bytes
	Count  uint32 // bytes
}

// ParseReadArgs parses the arguments of READ.
func ParseReadArgs(b []byte) (ReadArgs, error) {
	d := newDecoder(b)
	a := ReadArgs{File: d.handle(), Offset: d.Uint64(), Count: d.Uint32()}
	return a, d.Err()
}

// ReadReply is what stands before the payload of a READ reply (READ3res). A
// failure has Attr only, and no payload. An honest server sends Length equal to
// Count.
type ReadReply struct {
	Status Status
	Attr   OptionalFattr
	Count  uint32 // bytes that were read
	EOF    bool   // the payload reaches the end of the file
	Length uint32 // bytes of payload
}

// AppendReadReplyHead appends the head of a READ reply. After success Length
// bytes of payload follow it, and the zero bytes that make them
// [xdrwire.PaddedBytes].
func AppendReadReplyHead(b []byte, r *ReadReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	b = appendOptionalFattr(b, &r.Attr)
	if r.Status != StatusOK {
		return b
	}
	b = xdrwire.AppendBool(xdrwire.AppendUint32(b, r.Count), r.EOF)
	return xdrwire.AppendUint32(b, r.Length)
}

// ParseReadReply parses the whole head of a READ reply; the payload starts at
// b[n:]. Where replies are many, [ParseReadReplyHead] does less.
func ParseReadReply(b []byte) (r ReadReply, n int, err error) {
	d := newDecoder(b)
	r = ReadReply{Status: d.status(), Attr: d.optionalFattr()}
	if r.Status == StatusOK {
		r.Count, r.EOF, r.Length = d.Uint32(), d.Bool(), d.Uint32()
	}
	return r, d.Offset(), d.Err()
}
