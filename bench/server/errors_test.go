package server_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

func smallTree(t testing.TB) server.Tree {
	t.Helper()
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// What is no call ends the connection and nothing else.
func TestGarbageEndsTheConnection(t *testing.T) {
	addr := start(t, smallTree(t))
	other := mount(t, addr, "/bench", gfs.V400)
	mark := func(n int, last bool) []byte {
		b := make([]byte, xdrwire.MarkBytes)
		xdrwire.PutMark(b, xdrwire.MakeMark(n, last))
		return b
	}
	tests := []struct {
		name string
		sent []byte
	}{
		{"a record of 2 GiB", mark(xdrwire.MaxFragmentBytes, true)},
		{"a record above 1 MiB", mark(1<<20, true)},
		{"fragments above 1 MiB", append(append(mark(1<<19, false), make([]byte, 1<<19)...), mark(1<<19, false)...)},
		{"fragments without end", make([]byte, 1<<20)},
		{"an empty record", mark(0, true)},
		{"a reply", append(mark(24, true), xdrwire.AppendReply(nil, 1, xdrwire.Success)...)},
		{"a call that ends in its header", append(mark(8, true), 0, 0, 0, 1, 0, 0, 0, 0)},
		{"text", []byte("\x80\x00\x00\x10GET / HTTP/1.1\r\n")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, addr, gfs.V400)
			c.net.Write(tt.sent) // may fail: the server need not read it all
			// Where unread bytes are left the kernel resets the connection.
			if b, err := c.record(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got record %x, %v; want the end of the connection", b, err)
			}
		})
	}
	if r := other.stat(gfs.RootGFID); r.Err() != nil {
		t.Errorf("on another connection: %v", r.Err())
	}
}

func TestCallInFragments(t *testing.T) {
	c := mount(t, start(t, smallTree(t)), "/bench", gfs.V400)
	whole := c.frame(gfs.ProcPing, nil)[xdrwire.MarkBytes:]
	for length := 1; length <= len(whole); length++ {
		var b []byte
		for rest := whole; len(rest) > 0; {
			n := min(length, len(rest))
			b = binary.BigEndian.AppendUint32(b, uint32(xdrwire.MakeMark(n, n == len(rest))))
			b, rest = append(b, rest[:n]...), rest[n:]
		}
		for _, p := range [][]byte{b[:5], b[5:]} { // over two reads
			if _, err := c.net.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		reply, err := c.record()
		if err != nil {
			t.Fatalf("fragments of %d: %v", length, err)
		}
		if _, n, err := xdrwire.ParseReply(reply); err != nil || len(reply) != n+12 {
			t.Fatalf("fragments of %d: %x, %v", length, reply, err)
		}
	}
}

func TestCallsThatAreNotServed(t *testing.T) {
	addr := start(t, smallTree(t))
	fop := func(op uint32) xdrwire.Procedure { return gfs.FOP(gfs.V400, op) }
	tests := []struct {
		name    string
		mounted bool
		call    xdrwire.Procedure
		args    []byte
		want    xdrwire.AcceptStat
	}{
		{"unknown program", true, xdrwire.Procedure{Prog: 100227, Vers: 3}, nil, xdrwire.ProgUnavail},
		{"unknown version", true, xdrwire.Procedure{Prog: gfs.ProgFOP, Vers: 310}, nil, xdrwire.ProgMismatch},
		{"unknown file operation", true, fop(999), nil, xdrwire.ProcUnavail},
		{"unknown handshake", true, xdrwire.Procedure{Prog: gfs.ProgHandshake, Vers: 2, Proc: 99}, nil, xdrwire.ProcUnavail},
		{"unknown dump", true, xdrwire.Procedure{Prog: gfs.ProgDump, Vers: 1, Proc: 99}, nil, xdrwire.ProcUnavail},
		{"unknown portmap", true, xdrwire.Procedure{Prog: gfs.ProgPortmap, Vers: 1, Proc: 99}, nil, xdrwire.ProcUnavail},
		{"READ cut short", true, fop(gfs.OpRead), make([]byte, 20), xdrwire.GarbageArgs},
		{"LOOKUP cut short", true, fop(gfs.OpLookup), make([]byte, 20), xdrwire.GarbageArgs},
		{"GETSPEC cut short", false, gfs.ProcGetSpec, nil, xdrwire.GarbageArgs},
		{"SETVOLUME cut short", false, gfs.ProcSetVolume, []byte{0, 0, 1, 0}, xdrwire.GarbageArgs},
		{"before SETVOLUME", false, fop(gfs.OpStat), gfs.AppendStatArgs(gfs.V400, nil, &gfs.StatArgs{GFID: gfs.RootGFID}), xdrwire.GarbageArgs},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, addr, gfs.V400)
			if tt.mounted {
				c.setVolume(volumeDict("/bench"))
			}
			h, _ := c.send(tt.call, tt.args)
			if h.Stat != xdrwire.MsgAccepted || h.Accept != tt.want {
				t.Errorf("reply %+v, want accept_stat %d", h, tt.want)
			}
			if tt.want == xdrwire.ProgMismatch && (h.Low != gfs.V330 || h.High != gfs.V400) {
				t.Errorf("versions %d to %d, want 330 to 400", h.Low, h.High)
			}
		})
	}
}

// Replies of refused operations have the full size of their type.
func TestWritesAreRefused(t *testing.T) {
	addr := start(t, smallTree(t))
	const head = 8 + 12 // outcome and no dictionary
	for op, want := range map[uint32]struct {
		bytes int
		errno syscall.Errno
	}{
		13: {head + 2*148, syscall.EROFS},     // WRITE
		23: {head + 3*148 + 8, syscall.EROFS}, // CREATE
		8:  {head + 5*148, syscall.EROFS},     // RENAME
		29: {head, syscall.EOPNOTSUPP},        // INODELK
	} {
		b := mount(t, addr, "/bench", gfs.V400).fop(op, nil)
		ret, errno := int32(binary.BigEndian.Uint32(b)), syscall.Errno(binary.BigEndian.Uint32(b[4:]))
		if len(b) != want.bytes || ret != -1 || errno != want.errno {
			t.Errorf("operation %d: %d bytes, %d, %v; want %d bytes, -1, %v", op, len(b), ret, errno, want.bytes, want.errno)
		}
	}
	c := mount(t, addr, "/bench", gfs.V330)
	if r := c.open(c.find("file").GFID, uint32(os.O_RDWR)); r.Errno != int32(syscall.EROFS) {
		t.Errorf("OPEN for writing: %+v, want EROFS", r.Result)
	}
}

// Close ends connections that are idle and ones that do not take their answers.
func TestCloseWithCallsUnderWay(t *testing.T) {
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: 64 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(server.Options{Tree: tree})
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	dial(t, l.Addr().String(), gfs.V400)
	c := mount(t, l.Addr().String(), "/bench", gfs.V400)
	id := c.find("file").GFID
	if _, err := c.net.Write(c.frame(gfs.FOP(gfs.V400, gfs.OpRead),
		gfs.AppendReadArgs(gfs.V400, nil, id, gfs.AnonymousFD, 0, 64<<20, 0))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.in.Peek(1); err != nil { // it has begun to answer
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
}
