package server

import (
	"errors"
	"io"
	"net"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// conn is one connection: one goroutine answers all calls that one read
// brought, in order, before it reads again.
type conn struct {
	server  *Server
	net     net.Conn
	in      records
	out     *replies
	call    call // being answered; here because it would be allocated elsewhere
	gluster brickSession
	nfs     nfsSession
}

func newConn(s *Server, nc net.Conn) *conn {
	return &conn{server: s, net: nc, out: newReplies(nc, newReshaper(s.fragment, s.shuffle))}
}

// close gives back what the client left open. The connection itself is closed
// by the server.
func (c *conn) close() {
	c.gluster.close()
	c.nfs.close()
}

// serve returns nil when the client closed the connection between two calls.
func (c *conn) serve() error {
	for {
		if err := c.in.readFrom(c.net); err != nil {
			if errors.Is(err, io.EOF) && c.in.empty() {
				return nil
			}
			return err
		}
		for {
			record, ok, err := c.in.next()
			if err == nil && ok {
				err = c.answer(record)
			}
			if err != nil {
				// Calls before this one are entitled to their answers.
				return errors.Join(err, c.out.flush())
			}
			if !ok {
				break
			}
		}
		if err := c.out.flush(); err != nil {
			return err
		}
	}
}

// call is one call to a program.
type call struct {
	xid  uint32
	vers uint32
	proc uint32
	args []byte // valid until the call is answered
}

// program is what one version of one RPC program does. Its handler begins and
// ends one reply in c.out, or ends the connection with an error.
type program struct {
	name       string
	prog, vers uint32
	listed     bool // by DUMP
	serve      func(c *conn, call *call) error
}

// answer hands a record to its program. An error ends the connection: the
// record was no call.
func (c *conn) answer(record []byte) error {
	h, n, err := xdrwire.ParseCall(record)
	if errors.Is(err, xdrwire.ErrRPCVersion) {
		c.out.rpcMismatch(h.XID)
		return c.out.err
	}
	if err != nil {
		return err
	}
	low, high := ^uint32(0), uint32(0)
	for i := range c.server.programs {
		p := &c.server.programs[i]
		if p.prog != h.Procedure.Prog {
			continue
		}
		if p.vers == h.Procedure.Vers {
			c.call = call{xid: h.XID, vers: p.vers, proc: h.Procedure.Proc, args: record[n:]}
			if err := p.serve(c, &c.call); err != nil {
				return err
			}
			return c.out.err
		}
		low, high = min(low, p.vers), max(high, p.vers)
	}
	if low > high {
		c.out.refuse(h.XID, xdrwire.ProgUnavail)
	} else {
		c.out.progMismatch(h.XID, low, high)
	}
	return c.out.err
}
