package readv

import (
	"encoding/binary"
	"io"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

const cannedBytes = 8192

// cannedBrick answers every read after the first with the same bytes under
// another XID, without allocating.
func cannedBrick() *brick {
	return &brick{read: func(p *transporttest.Peer, r readCall) {
		r.size = cannedBytes
		reply := r.honest()
		p.Write(reply)
		var call [4096]byte
		buf := call[:]
		for {
			if _, err := io.ReadFull(p, buf[:xdrwire.MarkBytes]); err != nil {
				return
			}
			n := xdrwire.ParseMark(buf).Len()
			if _, err := io.ReadFull(p, buf[:n]); err != nil {
				return
			}
			const procedure = 20 // offset in the record
			if binary.BigEndian.Uint32(buf[procedure:]) != 12 {
				p.Close() // no READ: the test is over
				return
			}
			copy(reply[xdrwire.MarkBytes:], buf[:4])
			if _, err := p.Write(reply); err != nil {
				return
			}
		}
	}}
}
