package server

import (
	"errors"
	"io"
	"math"
	"net"
	"slices"

	"github.com/ringreadv/ringreadv/xdrwire"
)

const (
	// smallPayloadBytes is the longest payload that is copied between the
	// headers, for one write to send many replies.
	smallPayloadBytes = 16 << 10
	// fullOutputBytes is when replies are written though more calls wait.
	fullOutputBytes = 256 << 10
)

var errShrunk = errors.New("server: a file became shorter while it was read")

// replies gathers the replies of one connection and writes them.
//
// A reply is made with begin, appends to the slice that it returned, and end
// or endWithPayload. The first failure sticks in err and stops all output.
type replies struct {
	net         net.Conn
	buf         []byte
	mark        int // where the mark of the reply being made is
	err         error
	copiedBytes int    // as smallPayloadBytes
	fullBytes   int    // as fullOutputBytes
	scratch     []byte // where payloads pass through that the kernel cannot fetch itself
	sending     *fileSender
	reshape     *reshaper // nil: replies leave as they were made
}

// newReplies takes a nil reshaper too.
func newReplies(nc net.Conn, r *reshaper) *replies {
	o := &replies{
		net: nc, sending: newFileSender(nc), reshape: r,
		copiedBytes: smallPayloadBytes, fullBytes: fullOutputBytes,
	}
	if r != nil {
		o.copiedBytes, o.fullBytes = math.MaxInt, reshapedBytes
	}
	return o
}

// begin starts the reply of a call that was run.
func (o *replies) begin(xid uint32) []byte {
	return xdrwire.AppendReply(o.open(), xid, xdrwire.Success)
}

func (o *replies) open() []byte {
	var b []byte
	b, o.mark = xdrwire.BeginRecord(o.buf)
	return b
}

// end takes the finished reply.
func (o *replies) end(b []byte) {
	xdrwire.EndRecord(b, o.mark)
	o.buf = b
	if len(b) >= o.fullBytes {
		o.flush()
	}
}

// endWithPayload takes a reply that n bytes of f complete, and pad zero bytes.
func (o *replies) endWithPayload(b []byte, f File, off int64, n, pad int) {
	if n <= o.copiedBytes {
		head := len(b)
		b = slices.Grow(b, n+pad)[:head+n]
		o.readFull(f, b[head:], off)
		o.end(appendZeros(b, pad))
		return
	}
	record := len(b) - o.mark - xdrwire.MarkBytes + n + pad
	xdrwire.PutMark(b[o.mark:], xdrwire.MakeMark(record, true))
	o.buf = b
	if d, ok := f.(describedFile); ok && o.sending != nil {
		o.sendFile(d, off, n)
		o.buf = appendZeros(o.buf, pad) // in front of the next reply
		return
	}
	o.flush()
	for n > 0 && o.err == nil {
		p := o.room(n)
		o.readFull(f, p, off)
		o.write(p)
		off, n = off+int64(len(p)), n-len(p)
	}
	o.buf = appendZeros(o.buf, pad)
}

func appendZeros(b []byte, n int) []byte {
	var zeros [3]byte // XDR pads with no more
	return append(b, zeros[:n]...)
}

// room returns a buffer of n bytes, or of as many as one write should have.
func (o *replies) room(n int) []byte {
	if o.scratch == nil {
		o.scratch = make([]byte, fullOutputBytes)
	}
	return o.scratch[:min(n, len(o.scratch))]
}

func (o *replies) readFull(f File, p []byte, off int64) {
	if n, err := f.ReadAt(p, off); n < len(p) && o.err == nil {
		if errors.Is(err, io.EOF) {
			err = errShrunk
		}
		o.err = err
	}
}

func (o *replies) sendFile(f describedFile, off int64, n int) {
	if o.err == nil {
		o.err = o.sending.send(o.buf, f.Descriptor(), off, n)
	}
	o.buf = o.buf[:0]
}

// flush writes what is gathered.
func (o *replies) flush() error {
	if len(o.buf) > 0 {
		if o.reshape != nil {
			o.buf = o.reshape.reshaped(o.buf)
		}
		o.write(o.buf)
		o.buf = o.buf[:0]
	}
	return o.err
}

func (o *replies) write(p []byte) {
	if o.err == nil {
		_, o.err = o.net.Write(p)
	}
}

// refuse answers a call that is not run.
func (o *replies) refuse(xid uint32, stat xdrwire.AcceptStat) {
	o.end(xdrwire.AppendReply(o.open(), xid, stat))
}

func (o *replies) progMismatch(xid, low, high uint32) {
	o.end(xdrwire.AppendProgMismatch(o.open(), xid, low, high))
}

func (o *replies) rpcMismatch(xid uint32) {
	o.end(xdrwire.AppendRPCMismatch(o.open(), xid))
}
