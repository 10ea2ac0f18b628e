package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// GetattrArgs asks for attributes (GETATTR3args).
type GetattrArgs struct{ Object FileHandle }

// AppendGetattrArgs appends the arguments of GETATTR.
func AppendGetattrArgs(b []byte, a *GetattrArgs) []byte { return appendHandle(b, &a.Object) }

// ParseGetattrArgs parses the arguments of GETATTR.
func ParseGetattrArgs(b []byte) (GetattrArgs, error) {
	d := newDecoder(b)
	a := GetattrArgs{Object: d.handle()}
	return a, d.Err()
}

// GetattrReply is the answer to GETATTR (GETATTR3res). A failure has no Attr.
type GetattrReply struct {
	Status Status
	Attr   Fattr
}

// AppendGetattrReply appends the results of GETATTR.
func AppendGetattrReply(b []byte, r *GetattrReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	if r.Status != StatusOK {
		return b
	}
	return appendFattr(b, &r.Attr)
}

// ParseGetattrReply parses the results of GETATTR.
func ParseGetattrReply(b []byte) (GetattrReply, error) {
	d := newDecoder(b)
	r := GetattrReply{Status: d.status()}
	if r.Status == StatusOK {
		r.Attr = d.fattr()
	}
	return r, d.Err()
}
