package transport

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// inPieces answers one call after the other, its reply in pieces with a pause
// between them.
func inPieces(n, piece int, pause time.Duration) func(*transporttest.Peer) {
	return func(p *transporttest.Peer) {
		for {
			call, err := p.Call()
			if err != nil {
				return
			}
			for b := readReply(call.XID, 0, n); len(b) > 0; {
				k := min(piece, len(b))
				if _, err := p.Write(b[:k]); err != nil {
					return
				}
				b = b[k:]
				time.Sleep(pause)
			}
		}
	}
}

// A large payload that comes in pieces takes a few receives, not one a piece.
func TestLargePayloadInPieces(t *testing.T) {
	const n, piece, reads = 1 << 20, 16 << 10, 20
	e, c := start(t, Options{}, inPieces(n, piece, 100*time.Microsecond))
	r := newReader(t, e, c, 4, func() [][]byte { return [][]byte{make([]byte, n)} })
	r.read(4)
	before := e.Stats()
	r.read(reads)
	after := e.Stats()
	for _, call := range r.stop() {
		if call.Err != nil {
			t.Error(call.Err)
		}
	}
	per := float64(after.Receives-before.Receives) / float64(after.Reported-before.Reported)
	if t.Logf("%.1f receives per read of %d pieces", per, n/piece); per > n/piece/4 {
		t.Errorf("%.1f receives per read of %d pieces", per, n/piece)
	}
}

// While a receive sleeps until much more has come, the end of its call or of the
// connection does not have to wait for that.
func TestEndsWhileMuchIsOwed(t *testing.T) {
	const n, part = 1 << 20, 100 << 10
	for _, tc := range []struct {
		name string
		end  func(*Queue, *Call, *transporttest.Peer)
		want error
	}{
		{"cancel", func(q *Queue, c *Call, _ *transporttest.Peer) { q.Cancel(c, nil) }, context.Canceled},
		{"end of stream", func(_ *Queue, _ *Call, p *transporttest.Peer) { p.Close() }, io.ErrUnexpectedEOF},
	} {
		t.Run(tc.name, func(t *testing.T) {
			peers := make(chan *transporttest.Peer, 1)
			e, c := start(t, Options{}, func(p *transporttest.Peer) {
				call, err := p.Call()
				if err != nil {
					return
				}
				p.Write(readReply(call.XID, 0, n)[:part])
				peers <- p
				p.Hold()
			})
			q := e.NewQueue(1)
			r := newRead(0, make([]byte, n))
			if err := q.Add(r.on(c)); err != nil {
				t.Fatal(err)
			}
			q.Flush()
			p := <-peers
			eventually(t, e, "a receive that waits for more", func() bool { return r.aimed && c.lowat > 1 })
			tc.end(q, &r.Call, p)
			within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
			if q.Pop() == nil || !errors.Is(r.Err, tc.want) {
				t.Errorf("%v, want %v", r.Err, tc.want)
			}
		})
	}
}
