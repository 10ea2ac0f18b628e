package faults

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// relay is one connection: a goroutine for each direction.
type relay struct {
	proxy          *Proxy
	client, server *net.TCPConn
	calls          calls
	in             *bufio.Reader // from the server
	out            stream        // to the client
	buf            []byte
	deaf           atomic.Bool // requests are taken and dropped
}

const (
	pieceBytes = 64 << 10
	// holdTime is how long a record waits for others to overtake it.
	holdTime = 50 * time.Millisecond
	// lingerTime is how long a connection that was cut takes requests: closed
	// with some unread it would end with RST.
	lingerTime = time.Second
)

func newRelay(p *Proxy, client, server *net.TCPConn) *relay {
	r := &relay{
		proxy: p, client: client, server: server,
		in: bufio.NewReaderSize(server, pieceBytes), buf: make([]byte, pieceBytes),
	}
	r.calls.known = make(map[uint32]xdrwire.Procedure)
	r.out.relay = r
	return r
}

// end closes both connections; what reads or writes on them fails.
func (r *relay) end() {
	r.client.Close()
	r.server.Close()
}

func (r *relay) run() {
	defer r.end()
	var requests sync.WaitGroup
	defer requests.Wait()
	requests.Go(r.requests)
	r.replies()
}

// requests passes on what the client sends.
func (r *relay) requests() {
	reader := callReader{calls: &r.calls}
	buf := make([]byte, pieceBytes)
	for {
		n, err := r.client.Read(buf)
		if n > 0 && !r.deaf.Load() {
			reader.see(buf[:n])
			// One that went deaf meanwhile takes requests all the same.
			if _, err := r.server.Write(buf[:n]); err != nil && !r.deaf.Load() {
				r.end()
				return
			}
		}
		switch {
		case err == nil:
		case err == io.EOF && !r.deaf.Load():
			r.server.CloseWrite()
			return
		default:
			r.end()
			return
		}
	}
}

// errOver says that nothing more goes to the client: it is gone, or a fault has
// seen to it.
var errOver = errors.New("faults: the stream has ended")

// replies passes on what the server sends, with faults, until it ends.
func (r *relay) replies() {
	var err error
	for err == nil {
		if f := r.out.ofRecord(); f != nil {
			err = r.harm(f)
		} else {
			err = r.pass()
		}
	}
	switch {
	case errors.Is(err, errOver):
	case errors.Is(err, syscall.ECONNRESET):
		r.reset()
	default:
		r.client.CloseWrite()
	}
}

// pass passes one record on, piece by piece.
func (r *relay) pass() error {
	for first := true; ; first = false {
		word, err := r.passWord()
		if err != nil {
			return err
		}
		m := xdrwire.Mark(word)
		left := m.Len()
		if first && left >= 4 {
			xid, err := r.passWord()
			if err != nil {
				return err
			}
			r.calls.answered(xid)
			left -= 4
		}
		if n, err := io.CopyBuffer(&r.out, io.LimitReader(r.in, int64(left)), r.buf); err != nil {
			return err
		} else if n < int64(left) {
			return io.ErrUnexpectedEOF
		}
		if m.Last() {
			return nil
		}
	}
}

// passWord passes four bytes on, or what is left of the stream.
func (r *relay) passWord() (uint32, error) {
	var b [4]byte
	n, err := io.ReadFull(r.in, b[:])
	if _, failed := r.out.Write(b[:n]); failed != nil {
		return 0, failed
	}
	return binary.BigEndian.Uint32(b[:]), err
}

// record is a whole record, marks included, and which procedure it answers.
type record struct {
	bytes     []byte
	procedure xdrwire.Procedure
	known     bool // the procedure is
}

// record takes the next record in; with an error it has what there was.
func (r *relay) record() (c record, err error) {
	for {
		at := len(c.bytes)
		c.bytes = append(c.bytes, make([]byte, xdrwire.MarkBytes)...)
		if n, err := io.ReadFull(r.in, c.bytes[at:]); err != nil {
			c.bytes = c.bytes[:at+n]
			return c, err
		}
		m := xdrwire.ParseMark(c.bytes[at:])
		at = len(c.bytes)
		c.bytes = append(c.bytes, make([]byte, m.Len())...)
		if n, err := io.ReadFull(r.in, c.bytes[at:]); err != nil {
			c.bytes = c.bytes[:at+n]
			return c, err
		}
		if m.Last() {
			break
		}
	}
	if len(c.bytes) >= atMsgType {
		c.procedure, c.known = r.calls.answered(binary.BigEndian.Uint32(c.bytes[atXID:]))
	}
	return c, nil
}

// harm passes one record on with a fault, or as it is if it is not fit for it:
// then the fault waits for the next.
func (r *relay) harm(f *Fault) error {
	c, err := r.record()
	if err != nil {
		return errors.Join(r.send(c), err)
	}
	switch {
	case f.Kind == Reorder:
		return r.reorder(c, f.Records)
	case f.Kind == Duplicate:
		if err := r.send(c); err != nil {
			return err
		}
		r.out.done()
	case r.corrupt(c, f):
		r.out.done()
	}
	return r.send(c)
}

// reorder has the next records overtake this one, which waits for them for a
// while only: the client may have asked for nothing more.
func (r *relay) reorder(held record, records int) error {
	for i := range records {
		r.server.SetReadDeadline(time.Now().Add(holdTime))
		_, err := r.in.Peek(xdrwire.MarkBytes)
		r.server.SetReadDeadline(time.Time{})
		if err != nil {
			break // if it is the end of the stream, the next read says so again
		}
		c, err := r.record()
		if err != nil {
			return errors.Join(r.send(held), r.send(c), err)
		}
		if i == 0 {
			r.out.done()
		}
		if err := r.send(c); err != nil {
			return err
		}
	}
	return r.send(held)
}

// send passes a record on.
func (r *relay) send(c record) error {
	_, err := r.out.Write(c.bytes)
	return err
}

// reset ends the client's connection with RST, and the server's.
func (r *relay) reset() {
	r.deaf.Store(true)
	r.client.SetLinger(0)
	r.end()
}
