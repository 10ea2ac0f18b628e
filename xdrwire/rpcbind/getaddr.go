package rpcbind

import "github.com/ringreadv/ringreadv/xdrwire"

// Network identifiers of GETADDR (RFC 5665 §5.1).
const (
	NetIDTCP  = "tcp"  // TCP over IPv4
	NetIDTCP6 = "tcp6" // TCP over IPv6
)

// maxStringBytes limits what a peer may send; RFC 1833 does not. The longest
// that makes sense is a universal address of IPv6 with a zone.
const maxStringBytes = 256

// GetAddrArgs asks for the address of a program (rpcb).
type GetAddrArgs struct {
	Prog, Vers uint32
	NetID      string
	Addr       string // the server's address as the client knows it, or nothing
	Owner      string // not looked at
}

// AppendGetAddrArgs appends the arguments of GETADDR.
func AppendGetAddrArgs(b []byte, a *GetAddrArgs) []byte {
	b = xdrwire.AppendUint32(xdrwire.AppendUint32(b, a.Prog), a.Vers)
	b = xdrwire.AppendString(b, a.NetID)
	return xdrwire.AppendString(xdrwire.AppendString(b, a.Addr), a.Owner)
}

// ParseGetAddrArgs parses the arguments of GETADDR.
func ParseGetAddrArgs(b []byte) (GetAddrArgs, error) {
	d := xdrwire.NewDecoder(b)
	a := GetAddrArgs{
		Prog: d.Uint32(), Vers: d.Uint32(), NetID: d.String(maxStringBytes),
		Addr: d.String(maxStringBytes), Owner: d.String(maxStringBytes),
	}
	return a, d.Err()
}

// GetAddrReply is the answer to GETADDR: a universal address for
// [ParseUniversalAddr], or nothing when the program is not registered.
type GetAddrReply struct{ Addr string }

// AppendGetAddrReply appends the results of GETADDR.
func AppendGetAddrReply(b []byte, r *GetAddrReply) []byte { return xdrwire.AppendString(b, r.Addr) }

// ParseGetAddrReply parses the results of GETADDR.
func ParseGetAddrReply(b []byte) (GetAddrReply, error) {
	d := xdrwire.NewDecoder(b)
	r := GetAddrReply{Addr: d.String(maxStringBytes)}
	return r, d.Err()
}
