package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// Properties of a file system (RFC 1813 §3.3.19).
const (
	FSLink        = 0x01 // FSF3_LINK: hard links
	FSSymlink     = 0x02 // FSF3_SYMLINK
	FSHomogeneous = 0x08 // FSF3_HOMOGENEOUS: PATHCONF is the same for all files
	FSCanSetTime  = 0x10 // FSF3_CANSETTIME
)

// FsinfoArgs asks what a server can do (FSINFO3args).
type FsinfoArgs struct{ Root FileHandle }

// AppendFsinfoArgs appends the arguments of FSINFO.
func AppendFsinfoArgs(b []byte, a *FsinfoArgs) []byte { return appendHandle(b, &a.Root) }

// ParseFsinfoArgs parses the arguments of FSINFO.
func ParseFsinfoArgs(b []byte) (FsinfoArgs, error) {
	d := newDecoder(b)
	a := FsinfoArgs{Root: d.handle()}
	return a, d.Err()
}

// FsinfoReply is the answer to FSINFO (FSINFO3res). A failure has Attr only.
// Sizes are in bytes, and none of them is checked here.
type FsinfoReply struct {
	Status      Status
	Attr        OptionalFattr
	ReadMax     uint32    // rtmax: a READ for more is answered with no more
	ReadPref    uint32    // rtpref
	ReadMult    uint32    // rtmult: the unit READ sizes are best a multiple of
	WriteMax    uint32    // wtmax
	WritePref   uint32    // wtpref
	WriteMult   uint32    // wtmult
	DirPref     uint32    // dtpref: of a listing
	MaxFileSize uint64    // maxfilesize
	TimeDelta   Timestamp // time_delta: the server's resolution
	Properties  uint32    // FSLink and the like
}

// AppendFsinfoReply appends the results of FSINFO.
func AppendFsinfoReply(b []byte, r *FsinfoReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	b = appendOptionalFattr(b, &r.Attr)
	if r.Status != StatusOK {
		return b
	}
	for _, v := range [...]uint32{
		r.ReadMax, r.ReadPref, r.ReadMult, r.WriteMax, r.WritePref, r.WriteMult, r.DirPref,
	} {
		b = xdrwire.AppendUint32(b, v)
	}
	b = xdrwire.AppendUint64(b, r.MaxFileSize)
	return xdrwire.AppendUint32(appendTimestamp(b, r.TimeDelta), r.Properties)
}

// ParseFsinfoReply parses the results of FSINFO.
func ParseFsinfoReply(b []byte) (FsinfoReply, error) {
	d := newDecoder(b)
	r := FsinfoReply{Status: d.status(), Attr: d.optionalFattr()}
	if r.Status == StatusOK {
		r.ReadMax, r.ReadPref, r.ReadMult = d.Uint32(), d.Uint32(), d.Uint32()
		r.WriteMax, r.WritePref, r.WriteMult = d.Uint32(), d.Uint32(), d.Uint32()
		r.DirPref, r.MaxFileSize = d.Uint32(), d.Uint64()
		r.TimeDelta, r.Properties = d.timestamp(), d.Uint32()
	}
	return r, d.Err()
}
