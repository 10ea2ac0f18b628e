package faults

import (
	"encoding/binary"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Field is what [Corrupt] changes in a reply.
type Field int

// Values of [Field].
const (
	FieldXID            Field = iota // its top bit, unless that makes it one that is outstanding
	FieldMarkLonger                  // the fragment claims bytes of the next record
	FieldMarkShorter                 // the fragment disowns some of its bytes
	FieldMarkZero                    // the fragment is empty, and the record's last or not
	FieldMarkHuge                    // the fragment has 2³¹−1 bytes
	FieldMarkOpen                    // the record goes on with the next one
	FieldMsgType                     // a call, or nothing known
	FieldReplyStat                   // denied, or nothing known
	FieldVerifierLength              // more than there may be
	FieldAcceptStat                  // a refusal, or nothing known
	FieldLength                      // one of those that Options.Lengths finds
	FieldPayload                     // a bit of the payload: a lie, for tests of who verifies

	fields
)

var fieldNames = [fields]string{
	"XID", "mark longer", "mark shorter", "mark zero", "mark 2³¹−1", "mark not last", "msg_type",
	"reply_stat", "verifier length", "accept_stat", "length of payload", "payload",
}

func (f Field) String() string { return fieldNames[f] }

// Fields are all there are but [FieldPayload].
func Fields() []Field {
	list := make([]Field, FieldPayload)
	for i := range list {
		list[i] = Field(i)
	}
	return list
}

// Where the words of a reply with an empty verifier are, from the record mark on.
const (
	atXID            = xdrwire.MarkBytes
	atMsgType        = atXID + 4
	atReplyStat      = atXID + 8
	atVerifierLength = atXID + 16
	atAcceptStat     = atXID + 20
	atResults        = atXID + xdrwire.MinReplyBytes

	// maxVerifierBytes is the longest there may be (RFC 5531 §8.2).
	maxVerifierBytes = 400
	// payloadBytes is at least what a record with payload worth a lie has.
	payloadBytes = 1024
)

// corrupt changes the field in a record and reports whether it could: the record
// has to be a reply that was accepted.
func (r *relay) corrupt(c record, f *Fault) bool {
	m := xdrwire.ParseMark(c.bytes)
	fragment := c.bytes[:xdrwire.MarkBytes+m.Len()] // the first: it has what is changed
	if h, _, err := xdrwire.ParseReply(fragment[xdrwire.MarkBytes:]); err != nil || h.Err() != nil || len(h.Verf.Body) > 0 {
		return false
	}
	word := func(at int) uint32 { return binary.BigEndian.Uint32(fragment[at:]) }
	put := func(at int, v uint32) { binary.BigEndian.PutUint32(fragment[at:], v) }
	last := word(0) &^ xdrwire.MaxFragmentBytes
	switch f.Field {
	case FieldXID:
		x := word(atXID) ^ 1<<31
		if r.calls.outstanding(x) {
			return false
		}
		put(atXID, x)
	case FieldMarkLonger:
		put(0, last|uint32(m.Len())+1+f.Salt%4096)
	case FieldMarkShorter:
		put(0, last|f.Salt%uint32(m.Len()))
	case FieldMarkZero:
		put(0, f.Salt<<31)
	case FieldMarkHuge:
		put(0, last|xdrwire.MaxFragmentBytes)
	case FieldMarkOpen:
		if !m.Last() {
			return false
		}
		put(0, uint32(m.Len()))
	case FieldMsgType:
		put(atMsgType, wrong(f.Salt, xdrwire.MsgCall, 2, 1<<31))
	case FieldReplyStat:
		put(atReplyStat, wrong(f.Salt, uint32(xdrwire.MsgDenied), 2, 1<<31))
	case FieldVerifierLength:
		put(atVerifierLength, max(f.Salt, maxVerifierBytes+1))
	case FieldAcceptStat:
		put(atAcceptStat, 1+f.Salt%7)
	case FieldLength:
		return c.known && r.corruptLength(c.procedure, fragment[atResults:], f.Salt)
	case FieldPayload:
		if len(fragment) < payloadBytes {
			return false
		}
		fragment[len(fragment)-payloadBytes/4] ^= 1
	}
	return true
}

// corruptLength changes one of the lengths in the results.
func (r *relay) corruptLength(p xdrwire.Procedure, results []byte, salt uint32) bool {
	if r.proxy.opt.Lengths == nil {
		return false
	}
	found := r.proxy.opt.Lengths(p, results)
	if len(found) == 0 {
		return false
	}
	at := found[salt%uint32(len(found))]
	old := binary.BigEndian.Uint32(results[at:])
	v := wrong(salt>>8, 0, old+1, old-1, old+4, old*2, 1<<31-1, 1<<32-1)
	if v == old {
		v++
	}
	binary.BigEndian.PutUint32(results[at:], v)
	return true
}

// wrong chooses among values.
func wrong(salt uint32, values ...uint32) uint32 { return values[salt%uint32(len(values))] }
