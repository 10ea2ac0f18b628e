package faults

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// An honest proxy changes nothing, in either direction, and passes both ends on.
func TestHonest(t *testing.T) {
	var mu sync.Mutex
	var seen []uint32
	ended := make(chan error, 1)
	c, p := through(t, func(p *transporttest.Peer) {
		for {
			call, err := p.Call()
			if err != nil {
				ended <- err
				return
			}
			mu.Lock()
			seen = append(seen, call.XID)
			mu.Unlock()
			// In fragments, and with a call of its own before.
			p.Write(transporttest.OneWay(call.XID, make([]byte, 8)))
			p.Write(transporttest.Fragments(reply(call.XID, call.Args)[4:], 1000))
		}
	}, Options{})
	for xid := range uint32(10) {
		args := body(xid, 5000)
		if _, err := c.Write(call(xid, args)); err != nil {
			t.Fatal(err)
		}
		expect(t, c, transporttest.OneWay(xid, make([]byte, 8)), transporttest.Fragments(reply(xid, args)[4:], 1000))
	}
	c.CloseWrite()
	if err := <-ended; err != io.EOF {
		t.Errorf("the server saw %v, not the client's end", err)
	}
	expectEnd(t, c, io.EOF)
	if diff := cmp.Diff([]uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, seen); diff != "" {
		t.Errorf("calls: %s", diff)
	}
	expectStats(t, p)
}

// A server that resets the connection, and one that is not there.
func TestFailuresPassOn(t *testing.T) {
	c, p := through(t, func(p *transporttest.Peer) {
		p.Call()
		p.Conn.(*net.TCPConn).SetLinger(0)
	}, Options{})
	ask(t, c, 10, 1)
	expectEnd(t, c, syscall.ECONNRESET)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	if _, err := p.Dial(t.Context(), "tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
}

// Cut in the middle of a mark, of a header, of the payload, between two records,
// before anything: so many bytes come, and no more.
func TestCutAndReset(t *testing.T) {
	for _, kind := range []Kind{Cut, Reset, CloseToClient} {
		for _, at := range []int64{0, 1, 3, 4, 7, 20, 131, 136, 137, 200, 2 * 136} {
			c, p := through(t, echo, Options{Script: Always(Fault{Kind: kind, At: at}, Fault{Kind: Delay})})
			want := sum(ask(t, c, 100, 1, 2))[:at]
			if kind != Reset { // which may overtake bytes
				expect(t, c, want)
				expectEnd(t, c, io.EOF)
			} else if got, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) || int64(len(got)) > at {
				t.Errorf("%d bytes, %v; want RST after %d", len(got), err, at)
			}
			expectStats(t, p, kind)
		}
	}
}

// A connection whose stream to the client has ended still takes requests, and
// after a half close the server gets them.
func TestRequestsAfterTheEnd(t *testing.T) {
	for _, kind := range []Kind{Cut, CloseToClient} {
		calls := make(chan uint32, 10)
		c, _ := through(t, func(p *transporttest.Peer) {
			defer close(calls)
			for {
				call, err := p.Call()
				if err != nil {
					return
				}
				calls <- call.XID
				p.Write(reply(call.XID, call.Args))
			}
		}, Options{Script: Always(Fault{Kind: kind, At: 6})})
		want := ask(t, c, 10, 1)
		expect(t, c, want[0][:6])
		expectEnd(t, c, io.EOF)
		ask(t, c, 10, 2)
		c.Close()
		var got []uint32
		for x := range calls {
			got = append(got, x)
		}
		if reached := slices.Equal(got, []uint32{1, 2}); reached != (kind == CloseToClient) {
			t.Errorf("%v: calls %d reached the server", kind, got)
		}
	}
}

// A client that does not care about the end is cut off for good after a while.
func TestCutLingers(t *testing.T) {
	c, p := through(t, echo, Options{Script: Always(Fault{Kind: Cut})})
	ask(t, c, 10, 1)
	expectEnd(t, c, io.EOF)
	for end := time.Now().Add(10 * time.Second); p.Stats().Open > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is still open")
		}
	}
}

func TestCloseToServer(t *testing.T) {
	ended, goOn := make(chan error), make(chan bool)
	c, p := through(t, func(p *transporttest.Peer) {
		first, _ := p.Call()
		p.Write(reply(first.XID, first.Args))
		_, err := p.Call()
		ended <- err
		<-goOn
		p.Write(reply(3, nil))
	}, Options{Script: Always(Fault{Kind: CloseToServer, At: 10})})
	expect(t, c, sum(ask(t, c, 10, 1)))
	if err := <-ended; err != io.EOF {
		t.Errorf("the server saw %v", err)
	}
	ask(t, c, 10, 2) // to nobody, which is no failure
	time.Sleep(10 * time.Millisecond)
	close(goOn)
	expect(t, c, reply(3, nil))
	expectEnd(t, c, io.EOF)
	expectStats(t, p, CloseToServer)
}

func TestBlackHole(t *testing.T) {
	calls := make(chan uint32, 10)
	var serverErr error
	c, p := through(t, func(p *transporttest.Peer) {
		defer close(calls)
		for {
			var call transporttest.Call
			if call, serverErr = p.Call(); serverErr != nil {
				return
			}
			calls <- call.XID
			p.Write(reply(call.XID, call.Args))
		}
	}, Options{Script: Always(Fault{Kind: BlackHole, At: 50})})
	want := sum(ask(t, c, 100, 1))
	expect(t, c, want[:50])
	expectSilence(t, c)
	ask(t, c, 100, 2)
	expectSilence(t, c)
	if x, n := <-calls, len(calls); x != 1 || n != 0 {
		t.Errorf("call %d and %d more reached the server", x, n)
	}
	if n := p.Stats().Open; n != 1 {
		t.Errorf("%d connections are open", n)
	}
	c.Close() // and with the client the connection goes
	for range calls {
	}
	if serverErr == nil {
		t.Error("the server's end is still open")
	}
	expectStats(t, p, BlackHole)
}

func TestDelay(t *testing.T) {
	const hold = 100 * time.Millisecond
	c, p := through(t, echo, Options{Script: Always(Fault{Kind: Delay, At: 30, For: hold})})
	start := time.Now()
	want := sum(ask(t, c, 100, 1, 2))
	expect(t, c, want[:30])
	expect(t, c, want[30:])
	if d := time.Since(start); d < hold {
		t.Errorf("all came within %v", d)
	}
	expectStats(t, p, Delay)
}

func TestCloseEndsAll(t *testing.T) {
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	s := transporttest.Serve(t, echo)
	before := count()
	// One of each state in which a goroutine of the proxy may be.
	for _, f := range []Fault{
		{Kind: Delay, For: time.Hour}, {Kind: BlackHole}, {Kind: CloseToClient}, {Kind: CloseToServer},
		{Kind: Cut}, {Kind: Reset}, {Kind: Reorder, Records: 1}, {Kind: Split, Bytes: 1 << 40},
	} {
		p := New(Options{Script: Always(f)})
		c := dial(t, p, s.Address())
		ask(t, c, 10, 1)
		time.Sleep(5 * time.Millisecond)
		p.Close()
		c.Close()
		if _, err := p.Dial(t.Context(), "tcp", s.Address()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v: dialled after Close: %v", f.Kind, err)
		}
		if n := p.Stats().Open; n != 0 {
			t.Errorf("%v: %d connections are open", f.Kind, n)
		}
	}
	deadline := time.Now().Add(5 * time.Second) // the server's ends follow
	for count() > before && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := count(); n > before {
		t.Errorf("%d descriptors, %d before", n, before)
	}
}

func TestScriptsByConnection(t *testing.T) {
	s := transporttest.Serve(t, echo)
	p := New(Options{Script: Only(1, Fault{Kind: Cut, At: 5})})
	defer p.Close()
	for i := range 3 {
		c := dial(t, p, s.Address())
		want := sum(ask(t, c, 10, 7))
		if i == 1 {
			expect(t, c, want[:5])
			expectEnd(t, c, io.EOF)
			continue
		}
		expect(t, c, want)
	}
	if got := p.Stats(); got.Conns != 3 || got.Faults[Cut] != 1 {
		t.Errorf("%+v", got)
	}
}

// The procedure of a call is known however its bytes come.
func TestCallsAreRead(t *testing.T) {
	stream := slices.Concat(
		call(1, nil),
		transporttest.Fragments(call(2, body(2, 100))[4:], 7),
		transporttest.Fragments(nil, 1), // an empty record
		reply(3, nil),                   // no call
		call(4, body(4, 1000)),
	)
	for size := 1; size < len(stream); size++ {
		r := callReader{calls: &calls{known: make(map[uint32]xdrwire.Procedure)}}
		for piece := range slices.Chunk(stream, size) {
			r.see(piece)
		}
		want := map[uint32]xdrwire.Procedure{1: procEcho, 2: procEcho, 4: procEcho}
		if diff := cmp.Diff(want, r.calls.known); diff != "" {
			t.Fatalf("in pieces of %d: %s", size, diff)
		}
	}
}
