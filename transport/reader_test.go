package transport

import (
	"testing"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// serveCanned answers reads of whatever length they ask with n bytes, and
// allocates nothing while it does.
func serveCanned(n int) func(*transporttest.Peer) {
	return func(p *transporttest.Peer) {
		in := make([]byte, 0, 64<<10)
		var out []byte
		reply := readReply(0, 0, n)
		for {
			k, err := p.Read(in[len(in):cap(in)])
			if err != nil {
				return
			}
			in = in[:len(in)+k]
			b := in
			for len(b) >= 8 {
				size := xdrwire.MarkBytes + xdrwire.ParseMark(b).Len()
				if len(b) < size {
					break
				}
				copy(reply[4:8], b[4:8])
				out = append(out, reply...)
				b = b[size:]
			}
			in = in[:copy(in, b)]
			if _, err := p.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
}

// reader keeps depth reads of n bytes in flight.
type reader struct {
	tb testing.TB
	q  *Queue
}

func newReader(tb testing.TB, e *Engine, c *Conn, depth int, memory func() [][]byte) *reader {
	r := &reader{tb: tb, q: e.NewQueue(depth)}
	for range depth {
		if err := r.q.Add(newRead(0, memory()...).on(c)); err != nil {
			tb.Fatal(err)
		}
	}
	return r
}

// read ends at least count reads and begins as many.
func (r *reader) read(count int) {
	for count > 0 {
		if err := r.q.Wait(ctx, 1); err != nil {
			r.tb.Fatal(err)
		}
		for call := r.q.Pop(); call != nil; call = r.q.Pop() {
			if call.Err != nil {
				r.tb.Fatal(call.Err)
			}
			if err := r.q.Add(call); err != nil {
				r.tb.Fatal(err)
			}
			count--
		}
	}
}

// stop ends the reads in flight.
func (r *reader) stop() (calls []*Call) {
	if err := r.q.Wait(ctx, r.q.InFlight()); err != nil {
		r.tb.Fatal(err)
	}
	for call := r.q.Pop(); call != nil; call = r.q.Pop() {
		calls = append(calls, call)
	}
	return calls
}
