package transport

import (
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// A server that sends its replies one by one: with moderation one receive takes
// more of them.
func TestModeration(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("a wait keeps the only P from the server")
	}
	const n = 512
	oneByOne := func(p *transporttest.Peer) {
		reply := readReply(0, 0, n)
		for {
			call, err := p.Call()
			if err != nil {
				return
			}
			xdrwire.AppendUint32(reply[:4], call.XID)
			if _, err := p.Write(reply); err != nil {
				return
			}
			for begin := time.Now(); time.Since(begin) < 10*time.Microsecond; {
			}
		}
	}
	receives := func(o Options) float64 {
		e, c := start(t, o, oneByOne)
		r := newReader(t, e, c, 32, func() [][]byte { return [][]byte{make([]byte, n)} })
		r.read(200)
		before := e.Stats()
		r.read(3000)
		after := e.Stats()
		r.stop()
		return float64(after.Receives-before.Receives) / float64(after.Reported-before.Reported)
	}
	const wait = 2 * time.Millisecond
	var without, with float64
	for range 3 { // other work on the machine moderates, too
		without, with = receives(Options{Wait: wait}), receives(Options{Wait: wait, Moderation: wait})
		t.Logf("%.3f receives per read; %.3f with moderation", without, with)
		if with < without/2 {
			return
		}
	}
	t.Errorf("%.3f receives per read; %.3f with moderation", without, with)
}
