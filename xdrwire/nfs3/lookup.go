package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// LookupArgs asks what a name in a directory stands for (LOOKUP3args).
type LookupArgs struct {
	Dir  FileHandle
	Name string // one path element
}

// AppendLookupArgs appends the arguments of LOOKUP.
func AppendLookupArgs(b []byte, a *LookupArgs) []byte {
	return xdrwire.AppendString(appendHandle(b, &a.Dir), a.Name)
}

// ParseLookupArgs parses the arguments of LOOKUP.
func ParseLookupArgs(b []byte) (LookupArgs, error) {
	d := newDecoder(b)
	a := LookupArgs{Dir: d.handle(), Name: d.String(maxNameBytes)}
	return a, d.Err()
}

// LookupReply is the answer to LOOKUP (LOOKUP3res). A failure has DirAttr only.
type LookupReply struct {
	Status  Status
	Object  FileHandle
	Attr    OptionalFattr // of the object
	DirAttr OptionalFattr
}

// AppendLookupReply appends the results of LOOKUP.
func AppendLookupReply(b []byte, r *LookupReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	if r.Status == StatusOK {
		b = appendOptionalFattr(appendHandle(b, &r.Object), &r.Attr)
	}
	return appendOptionalFattr(b, &r.DirAttr)
}

// ParseLookupReply parses the results of LOOKUP.
func ParseLookupReply(b []byte) (LookupReply, error) {
	d := newDecoder(b)
	r := LookupReply{Status: d.status()}
	if r.Status == StatusOK {
		r.Object, r.Attr = d.handle(), d.optionalFattr()
	}
	r.DirAttr = d.optionalFattr()
	return r, d.Err()
}
