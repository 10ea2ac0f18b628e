package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// What ACCESS asks and answers about (RFC 1813 §3.3.4).
const (
	AccessRead    = 0x01 // ACCESS3_READ
	AccessLookup  = 0x02 // ACCESS3_LOOKUP
	AccessModify  = 0x04 // ACCESS3_MODIFY
	AccessExtend  = 0x08 // ACCESS3_EXTEND
	AccessDelete  = 0x10 // ACCESS3_DELETE
	AccessExecute = 0x20 // ACCESS3_EXECUTE
)

// AccessArgs asks what the caller's credential allows (ACCESS3args).
type AccessArgs struct {
	Object FileHandle
	Access uint32
}

// AppendAccessArgs appends the arguments of ACCESS.
func AppendAccessArgs(b []byte, a *AccessArgs) []byte {
	return xdrwire.AppendUint32(appendHandle(b, &a.Object), a.Access)
}

// ParseAccessArgs parses the arguments of ACCESS.
func ParseAccessArgs(b []byte) (AccessArgs, error) {
	d := newDecoder(b)
	a := AccessArgs{Object: d.handle(), Access: d.Uint32()}
	return a, d.Err()
}

// AccessReply is the answer to ACCESS (ACCESS3res). A failure has Attr only.
type AccessReply struct {
	Status Status
	Attr   OptionalFattr
	Access uint32 // those asked for that are allowed
}

// AppendAccessReply appends the results of ACCESS.
func AppendAccessReply(b []byte, r *AccessReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	b = appendOptionalFattr(b, &r.Attr)
	if r.Status != StatusOK {
		return b
	}
	return xdrwire.AppendUint32(b, r.Access)
}

// ParseAccessReply parses the results of ACCESS.
func ParseAccessReply(b []byte) (AccessReply, error) {
	d := newDecoder(b)
	r := AccessReply{Status: d.status(), Attr: d.optionalFattr()}
	if r.Status == StatusOK {
		r.Access = d.Uint32()
	}
	return r, d.Err()
}
