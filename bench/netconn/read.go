package netconn

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// Read is one read of a file into a slice.
type Read struct {
	File *File // of a Client; an NFSFile reads itself
	Buf  []byte
	Off  int64
	Tag  int // the caller's
	N    int // how much was read, once it has been
}

// reads is the reading side of a connection.
type reads struct {
	// Bounce has payload received into a buffer of the client and copied to
	// the caller's.
	Bounce bool

	layout   layout
	inFlight map[uint32]Read
	bounce   []byte
	head     [512]byte
	copied   uint64
}

// layout is how a protocol's reply to a read looks.
type layout interface {
	// usual is how much stands before the payload, if nothing is odd.
	usual() int
	// parse takes the head apart. b starts after the RPC header; record bytes
	// follow it in all. With xdrwire.ErrShort head is how much is needed.
	parse(b []byte, asked, record int) (head, payload int, err error)
}

// CopiedBytes is how much payload was copied after it had been received: out of
// the bufio.Reader, and with Bounce out of the client's buffer.
func (rs *reads) CopiedBytes() uint64 { return rs.copied }

// started keeps a read until its reply.
func (rs *reads) started(xid uint32, r Read) {
	if rs.inFlight == nil {
		rs.inFlight = make(map[uint32]Read)
	}
	rs.inFlight[xid] = r
}

// Start sends the request for a read. Next returns it when its bytes are there;
// until then its Buf belongs to the client.
func (cl *Client) Start(r Read) error {
	f := r.File
	xid := cl.conn.begin(gfs.FOP(cl.version, gfs.OpRead))
	cl.conn.out = gfs.AppendReadArgs(cl.version, cl.conn.out, f.gfid, f.fd, uint64(r.Off), uint32(len(r.Buf)), 0)
	if err := cl.conn.end(); err != nil {
		return err
	}
	cl.started(xid, r)
	return nil
}

// Next waits for the reply to any of the reads in flight and takes it in. An
// error that is a *gfs.StatusError concerns that read alone; after any other the
// connection is of no use.
func (cl *Client) Next() (Read, error) { return cl.next(cl.conn) }

func (rs *reads) next(c *conn) (Read, error) {
	for {
		mark, err := c.mark()
		if err != nil {
			return Read{}, err
		}
		from, size := c, mark.Len()
		if !mark.Last() {
			// Servers hardly ever do this: put together first, it is as others are.
			record, err := c.fragments(mark, maxFragmentedBytes)
			if err != nil {
				return Read{}, err
			}
			from, size = &conn{in: bufio.NewReader(bytes.NewReader(record))}, len(record)
			rs.copied += uint64(size)
		}
		r, isReply, err := rs.reply(from, size)
		if err != nil || isReply {
			return r, err
		}
	}
}

// reply takes in a record of size bytes.
func (rs *reads) reply(c *conn, size int) (r Read, isReply bool, err error) {
	got, err := rs.headTo(c, 0, min(size, xdrwire.MinReplyBytes))
	if err != nil {
		return Read{}, false, err
	}
	h, n, err := xdrwire.ParseReply(rs.head[:got])
	if errors.Is(err, xdrwire.ErrNotReply) {
		_, err := c.in.Discard(size - got) // a callback of the server
		return Read{}, false, err
	}
	if err == nil {
		err = h.Err()
	}
	if err != nil {
		return Read{}, false, err
	}
	r, ok := rs.inFlight[h.XID]
	if !ok {
		return Read{}, false, fmt.Errorf("netconn: a reply to call %d, which was not made", h.XID)
	}
	delete(rs.inFlight, h.XID)
	want := rs.layout.usual()
	for {
		if got, err = rs.headTo(c, got, min(size, n+want)); err != nil {
			return r, true, err
		}
		k, payload, err := rs.layout.parse(rs.head[n:got], len(r.Buf), size-n)
		if err == xdrwire.ErrShort && got < size && k > want {
			want = k
			continue
		}
		if err == nil && n+k+payload > size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return r, true, err
		}
		r.N = payload
		if err := rs.payload(c, r.Buf[:payload]); err != nil {
			return r, true, err
		}
		_, err = c.in.Discard(size - n - k - payload)
		return r, true, err
	}
}

// headTo reads on until the first n bytes of the record are in head.
func (rs *reads) headTo(c *conn, got, n int) (int, error) {
	if n > len(rs.head) {
		return got, fmt.Errorf("netconn: a header of %d bytes", n)
	}
	if n < got {
		return got, nil
	}
	if _, err := io.ReadFull(c.in, rs.head[got:n]); err != nil {
		return got, err
	}
	return n, nil
}

// payload receives the bytes of a read.
func (rs *reads) payload(c *conn, p []byte) error {
	to := p
	if rs.Bounce {
		if len(rs.bounce) < len(p) {
			rs.bounce = make([]byte, len(p))
		}
		to = rs.bounce[:len(p)]
	}
	rs.copied += uint64(min(c.in.Buffered(), len(p)))
	if _, err := io.ReadFull(c.in, to); err != nil {
		return err
	}
	if rs.Bounce {
		rs.copied += uint64(copy(p, to))
	}
	return nil
}

// glusterLayout is that of a version of the GlusterFS file operations.
type glusterLayout struct{ version uint32 }

func (l glusterLayout) usual() int {
	if l.version == gfs.V330 {
		return gfs.ReadHeadBytesV330
	}
	return gfs.ReadHeadBytesV400
}

func (l glusterLayout) parse(b []byte, asked, record int) (head, payload int, err error) {
	h, n, err := gfs.ParseReadReplyHead(l.version, b)
	if err == nil {
		err = h.Result().Err()
	}
	if err == nil {
		err = h.Check(uint32(asked), record-n)
	}
	return n, record - n, err
}
