// Package transporttest has a scripted RPC server for tests: it speaks real TCP
// on loopback and does, byte for byte, what the test tells it to, which real
// servers do not.
package transporttest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Server accepts connections and runs a script on each.
type Server struct {
	listener net.Listener
	scripts  sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	done  bool
}

// Serve starts a server on a free loopback port. The script runs once per
// connection, each on its own goroutine; when it returns the connection is
// closed. The test's cleanup closes the server and all connections and waits
// for the scripts.
func Serve(t testing.TB, script func(*Peer)) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{listener: l, conns: make(map[net.Conn]bool)}
	s.scripts.Go(func() { s.accept(script) })
	t.Cleanup(s.close)
	return s
}

// Address is where the server listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

func (s *Server) accept(script func(*Peer)) {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.done {
			c.Close()
		} else {
			s.conns[c] = true
		}
		s.mu.Unlock()
		s.scripts.Go(func() {
			defer c.Close()
			script(&Peer{Conn: c})
		})
	}
}

func (s *Server) close() {
	s.listener.Close()
	s.mu.Lock()
	s.done = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.scripts.Wait()
}

// Peer is the server's end of one connection.
type Peer struct {
	net.Conn
}

// Call is one request.
type Call struct {
	xdrwire.CallHeader
	Args []byte
}

// Call reads the next request, which may come in several fragments. The error is
// io.EOF or net.ErrClosed when there are no more.
func (p *Peer) Call() (Call, error) {
	var record []byte
	for last := false; !last; {
		var mark [xdrwire.MarkBytes]byte
		if _, err := io.ReadFull(p, mark[:]); err != nil {
			return Call{}, err
		}
		m := xdrwire.ParseMark(mark[:])
		last = m.Last()
		at := len(record)
		record = append(record, make([]byte, m.Len())...)
		if _, err := io.ReadFull(p, record[at:]); err != nil {
			return Call{}, err
		}
	}
	h, n, err := xdrwire.ParseCall(record)
	if err != nil {
		return Call{}, errors.Join(errors.New("the client sent no call"), err)
	}
	return Call{CallHeader: h, Args: record[n:]}, nil
}

// Calls reads n requests, or nil if the connection ends before.
func (p *Peer) Calls(n int) []Call {
	calls := make([]Call, n)
	for i := range calls {
		c, err := p.Call()
		if err != nil {
			return nil
		}
		calls[i] = c
	}
	return calls
}

// Stream reads requests on a goroutine of its own, until the connection ends.
func (p *Peer) Stream() <-chan Call {
	calls := make(chan Call, 4096)
	go func() {
		defer close(calls)
		for {
			c, err := p.Call()
			if err != nil {
				return
			}
			calls <- c
		}
	}()
	return calls
}

// Record frames parts as one record of one fragment.
func Record(parts ...[]byte) []byte {
	b, at := xdrwire.BeginRecord(nil)
	for _, p := range parts {
		b = append(b, p...)
	}
	xdrwire.EndRecord(b, at)
	return b
}

// Fragments frames b as one record of several fragments, none longer than size.
func Fragments(b []byte, size int) []byte {
	var out []byte
	for first := true; first || len(b) > 0; first = false {
		n := min(size, len(b))
		mark := uint32(n)
		if n == len(b) {
			mark |= 1 << 31
		}
		out = binary.BigEndian.AppendUint32(out, mark)
		out = append(out, b[:n]...)
		b = b[n:]
	}
	return out
}

// Accepted is a record with an accepted reply and its result.
func Accepted(xid uint32, result ...[]byte) []byte {
	parts := append([][]byte{xdrwire.AppendReply(nil, xid, xdrwire.Success)}, result...)
	return Record(parts...)
}

// OneWay is a record with a call from the server, which expects no answer.
func OneWay(xid uint32, body []byte) []byte {
	call := xdrwire.AppendCall(nil, xid, xdrwire.Procedure{Prog: 52743234, Vers: 1, Proc: 5}, xdrwire.AuthNone())
	return Record(call, body)
}

// Hold blocks until the client closes the connection, dropping what it sends.
func (p *Peer) Hold() { io.Copy(io.Discard, p) }
