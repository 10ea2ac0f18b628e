package faults

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// procEcho answers with its arguments.
var procEcho = xdrwire.Procedure{Prog: 0x20000001, Vers: 1, Proc: 2}

func call(xid uint32, args []byte) []byte {
	return transporttest.Record(xdrwire.AppendCall(nil, xid, procEcho, xdrwire.AuthNone()), args)
}

// reply is what the server answers to the call of this XID.
func reply(xid uint32, args []byte) []byte { return transporttest.Accepted(xid, args) }

// body is the arguments of a call: their length, which stands twice, and as many
// bytes.
func body(xid uint32, n int) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(n))
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	for i := range n {
		b = append(b, byte(i)^byte(xid))
	}
	return b
}

// echo answers every call at once.
func echo(p *transporttest.Peer) {
	for {
		c, err := p.Call()
		if err != nil {
			return
		}
		if _, err := p.Write(reply(c.XID, c.Args)); err != nil {
			return
		}
	}
}

// through dials the script's server through a proxy with these faults.
func through(t *testing.T, server func(*transporttest.Peer), o Options) (*net.TCPConn, *Proxy) {
	t.Helper()
	s := transporttest.Serve(t, server)
	p := New(o)
	t.Cleanup(func() { p.Close() })
	c := dial(t, p, s.Address())
	return c, p
}

func dial(t *testing.T, p *Proxy, address string) *net.TCPConn {
	t.Helper()
	nc, err := p.Dial(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	c := nc.(*net.TCPConn)
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// ask sends calls of these XIDs and returns what honest replies are.
func ask(t *testing.T, c net.Conn, size int, xids ...uint32) (replies [][]byte) {
	t.Helper()
	var calls []byte
	for _, x := range xids {
		args := body(x, size)
		calls = append(calls, call(x, args)...)
		replies = append(replies, reply(x, args))
	}
	if _, err := c.Write(calls); err != nil {
		t.Fatal(err)
	}
	return replies
}

// expect reads what has to come next.
func expect(t *testing.T, c net.Conn, parts ...[]byte) {
	t.Helper()
	want := slices.Concat(parts...)
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil {
		t.Fatalf("%d bytes of %d: %v", n, len(want), err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("other bytes:\n%x\nwant\n%x", got, want)
	}
}

// expectEnd wants the stream to end like this.
func expectEnd(t *testing.T, c net.Conn, want error) {
	t.Helper()
	var b [1]byte
	if n, err := c.Read(b[:]); n != 0 || !errors.Is(err, want) {
		t.Fatalf("%d more bytes, %v; want the end, %v", n, err, want)
	}
}

// expectSilence wants neither bytes nor an end for a while.
func expectSilence(t *testing.T, c net.Conn) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	var b [1]byte
	n, err := c.Read(b[:])
	if timeout, ok := err.(net.Error); n != 0 || !ok || !timeout.Timeout() {
		t.Fatalf("%d bytes, %v; want silence", n, err)
	}
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
}

// expectStats wants these faults, each once, and no others.
func expectStats(t *testing.T, p *Proxy, list ...Kind) {
	t.Helper()
	got := p.Stats().Faults
	if len(got) != len(list) {
		t.Errorf("faults %v, want %v", got, list)
	}
	for _, k := range list {
		if got[k] != 1 {
			t.Errorf("%d faults of kind %v, want 1", got[k], k)
		}
	}
}

// sum is all bytes, one after the other.
func sum(parts [][]byte) []byte { return slices.Concat(parts...) }
