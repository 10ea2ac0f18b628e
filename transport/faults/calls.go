package faults

import (
	"encoding/binary"
	"sync"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// calls knows which calls of a connection have not been answered.
type calls struct {
	mu    sync.Mutex
	known map[uint32]xdrwire.Procedure // by XID
}

func (c *calls) add(xid uint32, p xdrwire.Procedure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[xid] = p
}

// answered forgets a call and says what it was.
func (c *calls) answered(xid uint32) (p xdrwire.Procedure, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok = c.known[xid]
	delete(c.known, xid)
	return p, ok
}

func (c *calls) outstanding(xid uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.known[xid]
	return ok
}

// callHeadBytes is a call's header up to the procedure.
const callHeadBytes = 24

// callReader finds the calls in the client's stream, which goes by in pieces.
type callReader struct {
	calls *calls

	mark  [xdrwire.MarkBytes]byte
	marks int // bytes of it
	left  int // bytes of the fragment
	head  [callHeadBytes]byte
	heads int // bytes of it
}

// see takes the next piece.
func (c *callReader) see(p []byte) {
	for len(p) > 0 {
		if c.marks < len(c.mark) {
			n := copy(c.mark[c.marks:], p)
			c.marks, p = c.marks+n, p[n:]
			c.left = xdrwire.ParseMark(c.mark[:]).Len()
		} else {
			n := min(c.left, len(p))
			c.body(p[:n])
			c.left, p = c.left-n, p[n:]
		}
		if c.marks == len(c.mark) && c.left == 0 {
			c.marks = 0
			if xdrwire.ParseMark(c.mark[:]).Last() {
				c.heads = 0
			}
		}
	}
}

func (c *callReader) body(p []byte) {
	if c.heads == len(c.head) {
		return
	}
	if c.heads += copy(c.head[c.heads:], p); c.heads < len(c.head) {
		return
	}
	word := func(i int) uint32 { return binary.BigEndian.Uint32(c.head[4*i:]) }
	if word(1) == xdrwire.MsgCall {
		c.calls.add(word(0), xdrwire.Procedure{Prog: word(3), Vers: word(4), Proc: word(5)})
	}
}
