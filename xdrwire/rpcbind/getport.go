package rpcbind

import (
	"errors"
	"math"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Transport protocols of GETPORT (RFC 1833 §3.1).
const (
	ProtocolTCP = 6  // IPPROTO_TCP
	ProtocolUDP = 17 // IPPROTO_UDP
)

// ErrPort says that a server named a port above 65535.
var ErrPort = errors.New("rpcbind: port is above 65535")

// GetPortArgs asks for the port of a program (mapping). The port that a mapping
// also has means nothing here and is sent as zero.
type GetPortArgs struct{ Prog, Vers, Protocol uint32 }

// AppendGetPortArgs appends the arguments of GETPORT.
func AppendGetPortArgs(b []byte, a *GetPortArgs) []byte {
	b = xdrwire.AppendUint32(xdrwire.AppendUint32(b, a.Prog), a.Vers)
	return xdrwire.AppendUint32(xdrwire.AppendUint32(b, a.Protocol), 0)
}

// ParseGetPortArgs parses the arguments of GETPORT.
func ParseGetPortArgs(b []byte) (GetPortArgs, error) {
	d := xdrwire.NewDecoder(b)
	a := GetPortArgs{Prog: d.Uint32(), Vers: d.Uint32(), Protocol: d.Uint32()}
	d.Skip(4)
	return a, d.Err()
}

// GetPortReply is the answer to GETPORT. Zero means that the program is not
// registered. A server may know other versions of it only and answer all the
// same.
type GetPortReply struct{ Port uint16 }

// AppendGetPortReply appends the results of GETPORT.
func AppendGetPortReply(b []byte, r *GetPortReply) []byte {
	return xdrwire.AppendUint32(b, uint32(r.Port))
}

// ParseGetPortReply parses the results of GETPORT. A port out of range is
// [ErrPort].
func ParseGetPortReply(b []byte) (GetPortReply, error) {
	d := xdrwire.NewDecoder(b)
	port := d.Uint32()
	if port > math.MaxUint16 {
		return GetPortReply{}, ErrPort
	}
	return GetPortReply{Port: uint16(port)}, d.Err()
}
