package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// ReadlinkArgs asks where a symbolic link points (READLINK3args).
type ReadlinkArgs struct{ Link FileHandle }

// AppendReadlinkArgs appends the arguments of READLINK.
func AppendReadlinkArgs(b []byte, a *ReadlinkArgs) []byte { return appendHandle(b, &a.Link) }

// ParseReadlinkArgs parses the arguments of READLINK.
func ParseReadlinkArgs(b []byte) (ReadlinkArgs, error) {
	d := newDecoder(b)
	a := ReadlinkArgs{Link: d.handle()}
	return a, d.Err()
}

// ReadlinkReply is the answer to READLINK (READLINK3res). A failure has Attr
// only.
type ReadlinkReply struct {
	Status Status
	Attr   OptionalFattr // of the link
	Path   string        // the server's bytes, not interpreted
}

// AppendReadlinkReply appends the results of READLINK.
func AppendReadlinkReply(b []byte, r *ReadlinkReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	b = appendOptionalFattr(b, &r.Attr)
	if r.Status != StatusOK {
		return b
	}
	return xdrwire.AppendString(b, r.Path)
}

// ParseReadlinkReply parses the results of READLINK.
func ParseReadlinkReply(b []byte) (ReadlinkReply, error) {
	d := newDecoder(b)
	r := ReadlinkReply{Status: d.status(), Attr: d.optionalFattr()}
	if r.Status == StatusOK {
		r.Path = d.String(maxPathBytes)
	}
	return r, d.Err()
}
