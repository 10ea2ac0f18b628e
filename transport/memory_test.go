package transport

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// heap is the memory in use, and all that ever was.
func heap() (live, total uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.TotalAlloc
}

// Whatever a server goes on saying, memory stays within what the package comment
// states, and is not even used for a moment per record.
func TestHostileMemory(t *testing.T) {
	if raceEnabled {
		skip.For(t, skip.Build, "the race detector's own memory counts too")
	}
	for _, s := range endlessServers {
		t.Run(s.name, func(t *testing.T) { hostileMemory(t, s) })
	}
}

const (
	bodyLimit  = 256 << 10
	engineHas  = 2 << 20
	connHas    = defaultStagingBytes + 32*defaultDepth + 2*minRecordLimit + 64<<10 // the last for what is sent
	serverUses = 1 << 20                                                           // this process is the server, too
)

func hostileMemory(t *testing.T, s endless) {
	live, total := heap()
	const used = engineHas + connHas + 2*bodyLimit + hostileBytes + serverUses
	check := func(when string) {
		now, _ := heap()
		if now > live+used {
			t.Fatalf("%s: %d bytes more in use, at most %d expected", when, now-live, used)
		}
	}
	e := newEngine(t, Options{})
	c := dial(t, e, transporttest.Serve(t, s.serve), ConnOptions{})
	q := e.NewQueue(5)
	g := newGuardedReads(0, []int{hostileBytes}, []int{100}, []int{5000})
	for _, r := range g.reads {
		r.Deadline = time.Now().Add(2 * patience)
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
	}
	echo := Call{Conn: c, Procedure: procEcho, Cred: xdrwire.AuthNone(), MaxBodyBytes: bodyLimit, Deadline: time.Now().Add(2 * patience)}
	if err := q.Add(&echo); err != nil {
		t.Fatal(err)
	}
	for q.InFlight() > 0 {
		within(t, 10*time.Second, func() { q.Wait(ctx, 1) })
		check("when a call ended")
		q.Pop()
	}
	// The server goes on, though nobody waits for anything.
	for range 4 {
		time.Sleep(patience / 2)
		check("with no call in flight")
	}
	stats := e.Stats()
	if _, now := heap(); now-total > used+stats.ReceivedBytes/8 {
		t.Errorf("%d bytes allocated for %d received", now-total, stats.ReceivedBytes)
	}
	if !s.ends && s.again != nil && stats.ReceivedBytes < 64<<10 {
		t.Errorf("the server sent %d bytes only", stats.ReceivedBytes)
	}
	runtime.KeepAlive(g)
}

// A result that is collected has the memory that its call allows it, in one
// fragment or in many, announced or not.
func TestHostileBody(t *testing.T) {
	for name, s := range map[string]endless{
		"too long":         {start: of(func(x uint32) []byte { return transporttest.Accepted(x, make([]byte, bodyLimit+1)) })},
		"much too long":    {start: of(func(x uint32) []byte { return transporttest.Accepted(x, make([]byte, bodyLimit+minRecordLimit)) }), ends: true},
		"fragments":        {start: of(func(x uint32) []byte { return framed(x, make([]byte, bodyLimit/2)) })},
		"endless":          {start: of(func(x uint32) []byte { return unfinished(x, bodyLimit/2) }), again: func([]transporttest.Call) []byte { return append([]byte{0, 0, 4, 0}, make([]byte, 1024)...) }, ends: true},
		"announced, empty": {start: of(func(x uint32) []byte { return transporttest.Accepted(x, make([]byte, 1<<16))[:40] })},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, Options{})
			c := dial(t, e, transporttest.Serve(t, s.serveOne), ConnOptions{})
			call := Call{Conn: c, Procedure: procEcho, Cred: xdrwire.AuthNone(), MaxBodyBytes: bodyLimit, Deadline: time.Now().Add(4 * patience)}
			var err error
			within(t, 10*time.Second, func() { err = e.NewQueue(1).Do(ctx, &call) })
			var reply *ReplyError
			switch {
			case name == "fragments" && (err != nil || len(call.Body) != bodyLimit/2),
				name == "too long" && !errors.As(err, &reply),
				name == "announced, empty" && !errors.Is(err, ErrDeadline),
				s.ends && !lost(record)(err):
				t.Errorf("%d bytes, %v", len(call.Body), err)
			}
			if cap(call.Body) > 2*bodyLimit {
				t.Errorf("%d bytes for a body, %d are allowed", cap(call.Body), bodyLimit)
			}
		})
	}
}

// serveOne is serve for one call.
func (s *endless) serveOne(p *transporttest.Peer) {
	call, err := p.Call()
	if err != nil {
		return
	}
	p.Write(s.start([]transporttest.Call{call}))
	for s.again != nil {
		if _, err := p.Write(s.again(nil)); err != nil {
			return
		}
	}
	p.Hold()
}
