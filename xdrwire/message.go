package xdrwire

// Message types: msg_type of RFC 5531 §9.
const (
	MsgCall  = 0 // CALL
	MsgReply = 1 // REPLY
)

// rpcVersion is the version of the RPC protocol itself (RFC 5531 §9).
const rpcVersion = 2

// ParseMessage returns the two words every message starts with, so that a
// receiver can tell a reply from a server's callback before it has the rest.
// b starts after the record mark. The error is [ErrShort].
func ParseMessage(b []byte) (xid, msgType uint32, err error) {
	d := NewDecoder(b)
	xid, msgType = d.Uint32(), d.Uint32()
	return xid, msgType, d.Err()
}
