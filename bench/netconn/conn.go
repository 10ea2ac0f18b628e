package netconn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// maxHandshakeBytes bounds records that carry no payload: a volfile, a list of
// programs, attributes.
const maxHandshakeBytes = 4 << 20

// maxFragmentedBytes bounds records of several fragments that carry payload: no block
// is larger than that.
const maxFragmentedBytes = 64<<20 + maxHandshakeBytes

// conn is one TCP connection that carries RPC.
type conn struct {
	net      net.Conn
	in       *bufio.Reader
	out      []byte // the call under construction
	cred     xdrwire.Auth
	xid      uint32
	syscalls uint64                  // reads and writes
	head     [xdrwire.MarkBytes]byte // here because it would be allocated elsewhere
	readable readable
}

func dial(ctx context.Context, address string) (*conn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	cred, err := xdrwire.NewAuthGlusterV2(xdrwire.GlusterCred{PID: int32(os.Getpid())})
	if err != nil {
		nc.Close()
		return nil, err
	}
	c := &conn{net: nc, cred: cred}
	c.in = bufio.NewReader(counted{c})
	return c, nil
}

// counted counts the reads of the bufio.Reader.
type counted struct{ *conn }

func (c counted) Read(p []byte) (int, error) {
	c.syscalls++
	return c.net.Read(p)
}

// calls is how many system calls were made for the connection.
func (c *conn) calls() uint64 { return c.syscalls + c.readable.calls }

// bound makes what is under way fail when the context ends. The returned
// function ends that.
func (c *conn) bound(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, c.interrupt)
	return func() { stop() }
}

func (c *conn) interrupt() { c.net.SetDeadline(time.Unix(1, 0)) }

// send writes one call.
func (c *conn) send(p xdrwire.Procedure, args func([]byte) []byte) (xid uint32, err error) {
	xid = c.begin(p)
	c.out = args(c.out)
	return xid, c.end()
}

func (c *conn) begin(p xdrwire.Procedure) (xid uint32) {
	c.xid++
	c.out, _ = xdrwire.BeginRecord(c.out[:0])
	c.out = xdrwire.AppendCall(c.out, c.xid, p, c.cred)
	return c.xid
}

func (c *conn) end() error {
	xdrwire.EndRecord(c.out, 0)
	c.syscalls++
	_, err := c.net.Write(c.out)
	return err
}

// call does one call and returns the results of the procedure. No read may be in
// flight.
func (c *conn) call(ctx context.Context, p xdrwire.Procedure, args func([]byte) []byte) ([]byte, error) {
	defer c.bound(ctx)()
	xid, err := c.send(p, args)
	if err != nil {
		return nil, err
	}
	for {
		record, err := c.record()
		if err != nil {
			return nil, ended(ctx, err)
		}
		h, n, err := xdrwire.ParseReply(record)
		switch {
		case errors.Is(err, xdrwire.ErrNotReply):
			continue // a callback of the server
		case err != nil:
			return nil, err
		case h.XID != xid:
			return nil, fmt.Errorf("netconn: reply to call %d, waiting for %d", h.XID, xid)
		case h.Err() != nil:
			return nil, h.Err()
		}
		return record[n:], nil
	}
}

// record reads a whole record of the handshake.
func (c *conn) record() ([]byte, error) {
	mark, err := c.mark()
	if err != nil {
		return nil, err
	}
	return c.fragments(mark, maxHandshakeBytes)
}

// mark reads what stands before a fragment. That there is none is no end of a file.
func (c *conn) mark() (xdrwire.Mark, error) {
	_, err := io.ReadFull(c.in, c.head[:])
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return xdrwire.ParseMark(c.head[:]), err
}

// fragments reads a record of at most so many bytes, whose first mark has been read.
func (c *conn) fragments(mark xdrwire.Mark, most int) (record []byte, err error) {
	for {
		if len(record)+mark.Len() > most {
			return nil, fmt.Errorf("netconn: a record of more than %d bytes where none was expected", most)
		}
		at := len(record)
		record = append(record, make([]byte, mark.Len())...)
		if _, err := io.ReadFull(c.in, record[at:]); err != nil {
			return nil, err
		}
		if mark.Last() {
			return record, nil
		}
		if mark, err = c.mark(); err != nil {
			return nil, err
		}
	}
}

// ended prefers the reason for which the context ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
