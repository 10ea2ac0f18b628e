package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// CookieVerifier goes with the cookies of a listing: the server refuses them
// (BAD_COOKIE) when it no longer stands for the directory's content
// (cookieverf3).
type CookieVerifier [8]byte

func (d *decoder) cookieVerifier() (v CookieVerifier) {
	copy(v[:], d.Fixed(len(v)))
	return v
}

// ReaddirplusArgs asks for directory entries with attributes and handles
// (READDIRPLUS3args). Cookie and Verifier are zero at first, then the Cookie of
// the last entry received and the Verifier of its reply.
type ReaddirplusArgs struct {
	Dir      FileHandle
	Cookie   uint64
	Verifier CookieVerifier
	DirCount uint32 // most bytes of names, cookies and file ids
	MaxCount uint32 // most bytes of the whole reply, RPC header aside
}

// AppendReaddirplusArgs appends the arguments of READDIRPLUS.
func AppendReaddirplusArgs(b []byte, a *ReaddirplusArgs) []byte {
	b = xdrwire.AppendUint64(appendHandle(b, &a.Dir), a.Cookie)
	b = append(b, a.Verifier[:]...)
	return xdrwire.AppendUint32(xdrwire.AppendUint32(b, a.DirCount), a.MaxCount)
}

// ParseReaddirplusArgs parses the arguments of READDIRPLUS.
func ParseReaddirplusArgs(b []byte) (ReaddirplusArgs, error) {
	d := newDecoder(b)
	a := ReaddirplusArgs{
		Dir: d.handle(), Cookie: d.Uint64(), Verifier: d.cookieVerifier(),
		DirCount: d.Uint32(), MaxCount: d.Uint32(),
	}
	return a, d.Err()
}

// ReaddirplusReply is the answer to READDIRPLUS (READDIRPLUS3res). A failure
// has DirAttr only. A parsed reply's Entries alias its input.
type ReaddirplusReply struct {
	Status   Status
	DirAttr  OptionalFattr
	Verifier CookieVerifier
	Entries  DirEntries
	EOF      bool // the last entry is the directory's last
}

// AppendReaddirplusReply appends the results of READDIRPLUS.
func AppendReaddirplusReply(b []byte, r *ReaddirplusReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	b = appendOptionalFattr(b, &r.DirAttr)
	if r.Status != StatusOK {
		return b
	}
	b = append(append(b, r.Verifier[:]...), r.Entries.wire...)
	return xdrwire.AppendBool(xdrwire.AppendBool(b, false), r.EOF)
}

// ParseReaddirplusReply parses the results of READDIRPLUS. All entries are
// checked here, so that walking them cannot fail.
func ParseReaddirplusReply(b []byte) (ReaddirplusReply, error) {
	d := newDecoder(b)
	r := ReaddirplusReply{Status: d.status(), DirAttr: d.optionalFattr()}
	if r.Status == StatusOK {
		r.Verifier, r.Entries = d.cookieVerifier(), d.dirEntries(b)
		r.EOF = d.Bool()
	}
	return r, d.Err()
}
