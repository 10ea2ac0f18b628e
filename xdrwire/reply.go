package xdrwire

import "encoding/binary"

// MinReplyBytes is the size of the header of an accepted reply with an empty
// verifier, which is what servers send. It is no lower bound for a record: the
// one that denies a call for its credential has 20 bytes.
const MinReplyBytes = 24

// ReplyHeader is the header of a reply (RFC 5531 §9). Which fields count
// depends on the ones before them, in the order they stand here.
type ReplyHeader struct {
	XID       uint32
	Stat      ReplyStat
	Accept    AcceptStat // accepted
	Reject    RejectStat // denied
	Auth      AuthStat   // denied with AuthError
	Low, High uint32     // ProgMismatch: program versions; RPCMismatch: RPC versions
	Verf      Auth       // accepted; Body aliases the input
}

// ParseReply parses the header of a reply. b starts after the record mark; the
// results of the procedure start at b[n:]. A status other than success is not
// an error here, see [ReplyHeader.Err]. Errors are [ErrShort], [ErrNotReply]
// (as soon as eight bytes are there), [ErrMsgType], [ErrReplyStat],
// [ErrRejectStat] and [*LengthError]; the XID is set whenever it was there.
func ParseReply(b []byte) (h ReplyHeader, n int, err error) {
	if n, ok := parseSuccess(b, &h); ok {
		return h, n, nil
	}
	d := NewDecoder(b)
	h.XID = d.Uint32()
	msgType := d.Uint32()
	switch {
	case d.Err() != nil:
		return h, 0, d.Err()
	case msgType == MsgCall:
		return h, 0, ErrNotReply
	case msgType != MsgReply:
		return h, 0, ErrMsgType
	}
	h.Stat = ReplyStat(d.Uint32())
	switch h.Stat {
	case MsgAccepted:
		h.Verf = d.auth()
		h.Accept = AcceptStat(d.Uint32())
		if h.Accept == ProgMismatch {
			h.Low, h.High = d.Uint32(), d.Uint32()
		}
	case MsgDenied:
		if err := h.parseDenied(&d); err != nil {
			return h, 0, err
		}
	default:
		return h, 0, ErrReplyStat
	}
	if err := d.Err(); err != nil {
		return h, 0, err
	}
	return h, d.Offset(), nil
}

// parseSuccess recognises the one header that nearly every reply has.
func parseSuccess(b []byte, h *ReplyHeader) (n int, ok bool) {
	if len(b) < MinReplyBytes {
		return 0, false
	}
	const replyAccepted = MsgReply << 32
	if binary.BigEndian.Uint64(b[4:]) != replyAccepted ||
		binary.BigEndian.Uint64(b[12:]) != 0 || // verifier
		binary.BigEndian.Uint32(b[20:]) != uint32(Success) {
		return 0, false
	}
	h.XID = binary.BigEndian.Uint32(b)
	return MinReplyBytes, true
}

func (h *ReplyHeader) parseDenied(d *Decoder) error {
	h.Reject = RejectStat(d.Uint32())
	switch h.Reject {
	case RPCMismatch:
		h.Low, h.High = d.Uint32(), d.Uint32()
	case AuthError:
		h.Auth = AuthStat(d.Uint32())
	default:
		return ErrRejectStat
	}
	return d.Err()
}

// AppendReply appends the header of an accepted reply with an empty verifier;
// with [Success] the results go after it. [ProgMismatch] has more to say: use
// [AppendProgMismatch].
func AppendReply(b []byte, xid uint32, stat AcceptStat) []byte {
	b = AppendUint32(b, xid)
	b = AppendUint32(b, MsgReply)
	b = AppendUint32(b, uint32(MsgAccepted))
	b = appendAuth(b, AuthNone())
	return AppendUint32(b, uint32(stat))
}

// AppendProgMismatch appends the reply to a call for a program version outside
// low to high, the ones served.
func AppendProgMismatch(b []byte, xid, low, high uint32) []byte {
	b = AppendReply(b, xid, ProgMismatch)
	return AppendUint32(AppendUint32(b, low), high)
}

// AppendReject appends the reply that denies a call for its credential.
func AppendReject(b []byte, xid uint32, why AuthStat) []byte {
	return AppendUint32(appendDenied(b, xid, AuthError), uint32(why))
}

// AppendRPCMismatch appends the reply that denies a call for its RPC version.
func AppendRPCMismatch(b []byte, xid uint32) []byte {
	b = appendDenied(b, xid, RPCMismatch)
	return AppendUint32(AppendUint32(b, rpcVersion), rpcVersion)
}

func appendDenied(b []byte, xid uint32, why RejectStat) []byte {
	b = AppendUint32(b, xid)
	b = AppendUint32(b, MsgReply)
	b = AppendUint32(b, uint32(MsgDenied))
	return AppendUint32(b, uint32(why))
}
