package netconn

import (
	"errors"
	"fmt"
	"io"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// Read is one read of a file into a slice.
type Read struct {
	File *File
	Buf  []byte
	Off  int64
	Tag  int // the caller's
	N    int // how much was read, once it has been
}

// reads is the reading side of a Client.
type reads struct {
	// Bounce has payload received into a buffer of the client and copied to
	// the caller's.
	Bounce bool

	inFlight map[uint32]Read
	bounce   []byte
	head     [512]byte
	copied   uint64
}

// CopiedBytes is how much payload was copied after it had been received: out of
// the bufio.Reader, and with Bounce out of the client's buffer.
func (cl *Client) CopiedBytes() uint64 { return cl.copied }

// Start sends the request for a read. Next returns it when its bytes are there;
// until then its Buf belongs to the client.
func (cl *Client) Start(r Read) error {
	if cl.inFlight == nil {
		cl.inFlight = make(map[uint32]Read)
	}
	f := r.File
	xid := cl.conn.begin(gfs.FOP(cl.version, gfs.OpRead))
	cl.conn.out = gfs.AppendReadArgs(cl.version, cl.conn.out, f.gfid, f.fd, uint64(r.Off), uint32(len(r.Buf)), 0)
	if err := cl.conn.end(); err != nil {
		return err
	}
	cl.inFlight[xid] = r
	return nil
}

// Next waits for the reply to any of the reads in flight and takes it in. An
// error that is a *gfs.StatusError concerns that read alone; after any other the
// connection is of no use.
func (cl *Client) Next() (Read, error) {
	for {
		if _, err := io.ReadFull(cl.conn.in, cl.head[:xdrwire.MarkBytes]); err != nil {
			return Read{}, err
		}
		mark := xdrwire.ParseMark(cl.head[:])
		if !mark.Last() {
			return Read{}, errors.New("netconn: a record of several fragments")
		}
		r, isReply, err := cl.reply(mark.Len())
		if err != nil || isReply {
			return r, err
		}
	}
}

// reply takes in a record of size bytes.
func (cl *Client) reply(size int) (r Read, isReply bool, err error) {
	got, err := cl.headTo(0, min(size, xdrwire.MinReplyBytes))
	if err != nil {
		return Read{}, false, err
	}
	h, n, err := xdrwire.ParseReply(cl.head[:got])
	if errors.Is(err, xdrwire.ErrNotReply) {
		_, err := cl.conn.in.Discard(size - got) // a callback of the server
		return Read{}, false, err
	}
	if err == nil {
		err = h.Err()
	}
	if err != nil {
		return Read{}, false, err
	}
	r, ok := cl.inFlight[h.XID]
	if !ok {
		return Read{}, false, fmt.Errorf("netconn: a reply to call %d, which was not made", h.XID)
	}
	delete(cl.inFlight, h.XID)
	want := gfs.ReadHeadBytesV400
	if cl.version == gfs.V330 {
		want = gfs.ReadHeadBytesV330
	}
	for {
		if got, err = cl.headTo(got, min(size, n+want)); err != nil {
			return r, true, err
		}
		head, k, err := gfs.ParseReadReplyHead(cl.version, cl.head[n:got])
		if err == xdrwire.ErrShort && got < size && k > want {
			want = k
			continue
		}
		if err == nil {
			err = head.Result().Err()
		}
		if err != nil {
			return r, true, err
		}
		if err := head.Check(uint32(len(r.Buf)), size-n-k); err != nil {
			return r, true, err
		}
		r.N = size - n - k
		return r, true, cl.payload(r.Buf[:r.N])
	}
}

// headTo reads on until the first n bytes of the record are in head.
func (cl *Client) headTo(got, n int) (int, error) {
	if n > len(cl.head) {
		return got, fmt.Errorf("netconn: a header of %d bytes", n)
	}
	if _, err := io.ReadFull(cl.conn.in, cl.head[got:n]); err != nil {
		return got, err
	}
	return n, nil
}

// payload receives the bytes of a read.
func (cl *Client) payload(p []byte) error {
	to := p
	if cl.Bounce {
		if len(cl.bounce) < len(p) {
			cl.bounce = make([]byte, len(p))
		}
		to = cl.bounce[:len(p)]
	}
	cl.copied += uint64(min(cl.conn.in.Buffered(), len(p)))
	if _, err := io.ReadFull(cl.conn.in, to); err != nil {
		return err
	}
	if cl.Bounce {
		cl.copied += uint64(copy(p, to))
	}
	return nil
}
