package xdrwire

import (
	"errors"
	"fmt"
)

// Errors of decoders. They are static: failing costs no allocation.
var (
	// ErrShort says that the input ends before the value does. Over a stream
	// it asks for more bytes; at the end of a record it means the record lies.
	ErrShort = errors.New("xdrwire: more bytes are needed")
	// ErrBool says that a boolean was neither 0 nor 1 (RFC 4506 §4.4).
	ErrBool = errors.New("xdrwire: boolean is neither 0 nor 1")
	// ErrNegative says that a caller asked to read or skip a negative count.
	ErrNegative = errors.New("xdrwire: negative byte count")
	// ErrNotReply says that the message is a CALL: a server's callback.
	ErrNotReply = errors.New("xdrwire: message is a call, not a reply")
	// ErrNotCall says that the message is a REPLY.
	ErrNotCall = errors.New("xdrwire: message is a reply, not a call")
	// ErrMsgType says that msg_type is neither CALL nor REPLY.
	ErrMsgType = errors.New("xdrwire: message is neither call nor reply")
	// ErrReplyStat says that reply_stat is neither accepted nor denied.
	ErrReplyStat = errors.New("xdrwire: reply is neither accepted nor denied")
	// ErrRejectStat says that a denied reply carries an unknown reason.
	ErrRejectStat = errors.New("xdrwire: denied reply has an unknown reject_stat")
	// ErrRPCVersion says that a call is not of RPC version 2. A server answers
	// it with [AppendRPCMismatch].
	ErrRPCVersion = errors.New("xdrwire: call is not of RPC version 2")
)

// LengthError says that a variable-length value is longer than its reader
// allows.
type LengthError struct {
	Length uint32 // as read from the wire
	Max    int    // what the reader allowed
}

func (e *LengthError) Error() string {
	return fmt.Sprintf("xdrwire: opaque of %d bytes, at most %d allowed", e.Length, e.Max)
}
