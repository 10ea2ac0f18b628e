package transport

import (
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// A server that sends its replies one by one: with moderation one receive takes
// more of them.
func TestGather(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		skip.For(t, skip.Machine, "one CPU: a wait keeps the only P from the server")
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
	var without, with float64
	for range 3 { // other work on the machine moderates, too
		without, with = receives(Options{Moderation: -1}), receives(Options{})
		t.Logf("%.3f receives per read; %.3f with moderation", without, with)
		if with < without/2 {
			return
		}
	}
	t.Errorf("%.3f receives per read; %.3f with moderation", without, with)
}

// Where pauses bring nothing they end, and where replies come close together
// they never begin.
func TestGatheringAdapts(t *testing.T) {
	const most = 400 * time.Microsecond
	var g gathering
	for range 100 {
		if g.adapt(9, 16, most); g.pause != 0 {
			t.Fatal("a pause though half of the replies came at once")
		}
	}
	for range 10 {
		g.adapt(2, 16, most)
	}
	if g.pause != most {
		t.Errorf("a pause of %v with two replies of sixteen at a time, want %v", g.pause, most)
	}
	if g.adapt(1, 16, most); g.pause != 0 {
		t.Errorf("a pause of %v after the longest brought one reply", g.pause)
	}
	for range gatherRetries {
		if g.adapt(1, 16, most); g.pause != 0 {
			t.Fatal("a pause soon after pauses were in vain")
		}
	}
	if g.adapt(1, 16, most); g.pause == 0 {
		t.Error("pauses are never tried again")
	}
	if g.adapt(1, gatherLeast-1, most); g.pause != 0 {
		t.Error("a pause with few calls outstanding")
	}
}
