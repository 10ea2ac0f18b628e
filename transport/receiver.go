package transport

import (
	"errors"
	"fmt"
	"math"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// receiver is the settle side of one connection: it knows where in the stream of
// records the next byte belongs, and gives each byte to its place. It is pure
// code, without a socket or a lock. Bytes come in two ways: feed takes them from
// staging memory and copies payload out of it; landed is told of payload bytes
// that the kernel has already put where they belong. Whatever mix of the two and
// wherever the stream is cut, the calls end the same.
type receiver struct {
	calls calls

	phase    phase
	mark     [xdrwire.MarkBytes]byte
	markLen  int
	fragment int  // bytes left in the current fragment
	last     bool // the current fragment ends the record
	empty    int  // empty fragments in a row
	record   int  // bytes of the record in fragments begun so far, at most limit
	limit    int  // bytes in a record

	head    []byte // the record's first bytes, up to want of them
	want    int
	rpcHead int   // length of the RPC header, once parsed
	call    *Call // whose reply this is; nil while unknown, and once finished
	asked   bool  // the record answers a call, be it one that was given up
	left    int   // payload bytes to come
	tail    int   // bytes seen after the payload
	err     error // what call will end with

	heard     uint64 // grows whenever something of such a record comes
	headBytes int    // from the start of the last record with payload to its payload
	settling  settling

	stats   *Stats
	scratch *[]byte // memory for a moment
}

// calls is what a receiver needs of its dispatcher.
type calls interface {
	// lookup finds the call waiting for a reply with this XID and marks it as
	// receiving; nil means that the record is to be dropped, and counted. late
	// says that it is the reply to a call that was given up, or to a ping.
	lookup(xid uint32) (c *Call, late bool)
	// finish ends a call whose reply has been received.
	finish(c *Call, err error)
	// expected is the call sent after c, of those whose reply has not begun;
	// the first of them if c is nil.
	expected(c *Call) *Call
}

type phase uint8

const (
	phaseHead    phase = iota // RPC header and the result's fixed part
	phasePayload              // into the caller's memory
	phaseBody                 // into Call.Body
	phaseTail                 // XDR padding after a payload
	phaseDrain                // nowhere
)

const (
	// maxHeadBytes bounds what a result may carry before its payload: fixed
	// part and xdata of a READ.
	maxHeadBytes = 64 << 10
	// maxRPCHeadBytes bounds the header of a reply, verifier and all.
	maxRPCHeadBytes = xdrwire.MinReplyBytes + xdrwire.MaxAuthBytes + 8
	// minRecordLimit is what any record may have, whatever was asked for:
	// servers have their own calls to make, small ones.
	minRecordLimit = maxRPCHeadBytes + maxHeadBytes
	// maxEmptyFragments bounds fragments without a byte, which carry nothing
	// and cost time.
	maxEmptyFragments = 16
	// maxPadBytes is the most that XDR adds after a payload.
	maxPadBytes = 3
)

func newReceiver(calls calls, stats *Stats, scratch *[]byte) receiver {
	return receiver{
		calls: calls, stats: stats, scratch: scratch, limit: minRecordLimit,
		head: make([]byte, 0, 512), want: xdrwire.MinReplyBytes,
	}
}

// allow makes room for the reply to a call that is sent. The room stays: the
// reply may come after the call was given up.
func (r *receiver) allow(c *Call) {
	n := xdrwire.PaddedBytes(min(c.size, math.MaxInt-2*minRecordLimit))
	if c.Reply == nil {
		n = min(c.maxBody(), math.MaxInt-minRecordLimit)
	}
	r.limit = max(r.limit, minRecordLimit+n)
}

// feed gives the stream's next bytes to the receiver, which keeps none of b. An
// error means that the place of the next record is lost: the connection is of
// no more use.
func (r *receiver) feed(b []byte) error {
	for len(b) > 0 {
		if r.fragment == 0 {
			n := copy(r.mark[r.markLen:], b)
			b = b[n:]
			if r.markLen += n; r.markLen == len(r.mark) {
				if err := r.startFragment(); err != nil {
					return err
				}
			}
			continue
		}
		n, err := r.take(b[:min(len(b), r.fragment)])
		if err == nil {
			err = r.passed(n)
		}
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// landed says that n bytes of the payload are in place. n is at most what
// is left of the payload in this fragment.
func (r *receiver) landed(n int) error {
	if n == 0 {
		return nil
	}
	r.call.cursor.advance(r.call.target, n)
	r.payloadPassed(n)
	return r.passed(n)
}

func (r *receiver) startFragment() error {
	m := xdrwire.ParseMark(r.mark[:])
	r.markLen = 0
	if m.Len() > r.limit-r.record {
		// Most likely this is no mark. To wait for the end of what it
		// announces is to wait for ever.
		return &RecordError{Reason: fmt.Sprintf("it goes on for %d bytes after %d, and no reply has more than %d", m.Len(), r.record, r.limit)}
	}
	r.fragment, r.last = m.Len(), m.Last()
	r.record += r.fragment
	if r.fragment > 0 {
		r.empty = 0
		return nil
	}
	if r.last {
		return r.endRecord()
	}
	if r.empty++; r.empty > maxEmptyFragments {
		return &RecordError{Reason: "more empty fragments than any server has a use for"}
	}
	return nil
}

// passed accounts for n bytes of the current fragment.
func (r *receiver) passed(n int) error {
	r.fragment -= n
	if r.fragment == 0 && r.last {
		return r.endRecord()
	}
	return nil
}

// take consumes some of b, which lies within one fragment, and says how much.
func (r *receiver) take(b []byte) (int, error) {
	switch r.phase {
	case phaseHead:
		n := min(len(b), r.want-len(r.head))
		r.head = append(r.head, b[:n]...)
		if len(r.head) == r.want {
			return n, r.parse()
		}
		return n, nil
	case phasePayload:
		n := min(len(b), r.left)
		r.copyToCall(b[:n])
		r.payloadPassed(n)
		return n, nil
	case phaseBody:
		r.body(b)
	case phaseTail:
		if r.tail += len(b); r.tail > maxPadBytes {
			r.fail(errGoesOn)
		}
	}
	return len(b), nil
}

func (r *receiver) payloadPassed(n int) {
	if r.left -= n; r.left == 0 {
		r.phase = phaseTail
	}
}

func (r *receiver) body(b []byte) {
	limit := r.call.maxBody()
	if len(r.call.Body)+len(b) > limit {
		r.fail(&ReplyError{Reason: "the result is larger than the call allows", Got: r.record, Want: limit})
		return
	}
	r.call.Body = append(r.call.Body, b...)
}

// fail settles what the call will end with; what is left of the record is
// dropped.
func (r *receiver) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.phase = phaseDrain
}

// parse looks at the head, which has all the bytes that were wanted.
func (r *receiver) parse() error {
	if r.call == nil {
		if err := r.parseRPC(); err != nil || r.phase != phaseHead || r.call == nil {
			return err
		}
		if need := r.rpcHead + r.call.Reply.UsualHead(); len(r.head) < need {
			r.want = need
			return nil
		}
	}
	r.parseResult()
	return nil
}

// parseRPC finds the call. It leaves phaseHead when there is no more to parse.
func (r *receiver) parseRPC() error {
	h, n, err := xdrwire.ParseReply(r.head)
	switch {
	case errors.Is(err, xdrwire.ErrShort):
		r.want = len(r.head) + 4
		return nil
	case errors.Is(err, xdrwire.ErrNotReply):
		r.stats.ServerCalls++
		r.phase = phaseDrain
		return nil
	case err != nil:
		return &RecordError{Reason: "no RPC message", Err: err}
	}
	r.rpcHead = n
	var late bool
	r.call, late = r.calls.lookup(h.XID)
	if r.call != nil || late {
		r.asked = true
		r.heard++
	}
	if r.call == nil {
		r.phase = phaseDrain
		return nil
	}
	if h.Accept != xdrwire.Success || h.Stat != xdrwire.MsgAccepted {
		r.fail(h.Err())
	} else if r.call.Reply == nil {
		r.phase = phaseBody
		r.body(r.head[n:])
	}
	return nil
}

// parseResult asks the call where its payload starts, and checks that it fits
// before a byte of it lands.
func (r *receiver) parseResult() {
	size := -1
	if r.last {
		size = r.record - r.rpcHead
	}
	b := r.head[r.rpcHead:]
	head, payload, err := r.call.Reply.Head(b, size)
	switch {
	case errors.Is(err, xdrwire.ErrShort):
		if head <= len(b) || head > maxHeadBytes {
			r.fail(&ReplyError{Reason: "the head of the result has an impossible length", Got: head, Want: maxHeadBytes})
			return
		}
		r.want = r.rpcHead + head
	case err != nil:
		r.fail(err)
	case payload < 0 || payload > r.call.size:
		r.fail(&ReplyError{Reason: "more payload than was asked for", Got: payload, Want: r.call.size})
	case head < 0 || head > len(b):
		r.fail(&ReplyError{Reason: "the head of the result has an impossible length", Got: head, Want: len(b)})
	case size >= 0 && (size-head < payload || size-head > payload+maxPadBytes):
		r.fail(&ReplyError{Reason: "record length and payload length disagree", Got: size - head, Want: payload})
	default:
		r.headBytes = xdrwire.MarkBytes + r.rpcHead + head
		r.startPayload(payload, b[head:])
	}
}

// startPayload goes on to the payload. early is what follows the head where it
// was shorter than usual: the start of the payload, or padding.
func (r *receiver) startPayload(payload int, early []byte) {
	r.phase, r.left, r.call.Received = phasePayload, payload, payload
	n := min(len(early), payload)
	r.copyToCall(early[:n])
	r.payloadPassed(n)
	if r.tail = len(early) - n; r.tail > maxPadBytes {
		r.fail(errGoesOn)
	}
}

var errGoesOn = &ReplyError{Reason: "the record goes on after its payload"}

// endRecord runs when the last byte of a record has been seen.
func (r *receiver) endRecord() error {
	if r.phase == phaseHead && r.call == nil {
		// A denial is shorter than what was waited for.
		if err := r.parse(); err != nil {
			return err
		}
		if r.phase == phaseHead && r.call == nil {
			return &RecordError{Reason: "a record too short for an RPC message"}
		}
	}
	if r.phase == phaseHead && r.call != nil {
		// A head may be shorter than usual, that of a failure above all.
		r.parseResult()
	}
	if r.call != nil {
		if r.phase == phaseHead || r.phase == phasePayload {
			r.fail(&ReplyError{Reason: "the record ends early", Got: r.record, Want: r.record + r.left})
		}
		r.calls.finish(r.call, r.err)
	}
	r.phase, r.head, r.want = phaseHead, r.head[:0], xdrwire.MinReplyBytes
	r.call, r.err, r.asked = nil, nil, false
	r.rpcHead, r.record, r.empty, r.left, r.tail = 0, 0, 0, 0, 0
	return nil
}

// abandon takes the call away from its reply, which is dropped from here on. No
// receive may be aimed at the call's memory.
func (r *receiver) abandon() {
	r.call, r.err, r.left = nil, nil, 0
	r.phase = phaseDrain
}
