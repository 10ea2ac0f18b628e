package xdrwire

// AppendCall appends the header of a call with an empty verifier (RFC 5531
// §9). The record mark goes before it and the arguments after it; see
// [BeginRecord].
func AppendCall(b []byte, xid uint32, p Procedure, cred Auth) []byte {
	b = AppendUint32(b, xid)
	b = AppendUint32(b, MsgCall)
	b = AppendUint32(b, rpcVersion)
	b = AppendUint32(b, p.Prog)
	b = AppendUint32(b, p.Vers)
	b = AppendUint32(b, p.Proc)
	b = appendAuth(b, cred)
	return appendAuth(b, AuthNone())
}

// CallHeader is the header of a call. The bodies of Cred and Verf alias the
// input it was parsed from.
type CallHeader struct {
	XID       uint32
	Procedure Procedure
	Cred      Auth
	Verf      Auth
}

// ParseCall parses the header of a call. b starts after the record mark; the
// arguments start at b[n:]. Errors are [ErrShort], [ErrNotCall], [ErrMsgType],
// [ErrRPCVersion] and [*LengthError]; the XID is set whenever it was there.
func ParseCall(b []byte) (h CallHeader, n int, err error) {
	d := NewDecoder(b)
	h.XID = d.Uint32()
	msgType, version := d.Uint32(), uint32(rpcVersion)
	if d.Err() == nil && msgType == MsgCall {
		version = d.Uint32()
	}
	switch {
	case d.Err() != nil:
		return h, 0, d.Err()
	case msgType == MsgReply:
		return h, 0, ErrNotCall
	case msgType != MsgCall:
		return h, 0, ErrMsgType
	case version != rpcVersion:
		return h, 0, ErrRPCVersion
	}
	h.Procedure = Procedure{Prog: d.Uint32(), Vers: d.Uint32(), Proc: d.Uint32()}
	h.Cred, h.Verf = d.auth(), d.auth()
	if err := d.Err(); err != nil {
		return h, 0, err
	}
	return h, d.Offset(), nil
}
