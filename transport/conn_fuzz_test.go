package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/wiretest"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"golang.org/x/sys/unix"
)

// xidMark stands in a fuzzed stream for the XID of a call: the real ones are known
// only when the calls have been made. The low byte says which.
const xidMark = 0xC1D0_0000

// connSpecs are the calls that a fuzzed server may answer.
var connSpecs = []callSpec{
	{segs: []int{0}},
	{segs: []int{1}},
	{segs: []int{3, 0, 5}},
	{segs: []int{100, 1, 900}, usual: 20},
	{segs: []int{4096}},
	{segs: []int{1, 19_998, 1}},
	{body: true, limit: 100},
	{body: true, limit: 5000},
}

// withXIDs puts the calls' XIDs in place of their marks.
func withXIDs(stream []byte, specs []callSpec) []byte {
	stream = bytes.Clone(stream)
	for at := 0; at+4 <= len(stream); {
		v := binary.BigEndian.Uint32(stream[at:])
		if i := int(v & 0xFF); v&^0xFF == xidMark && i < len(specs) {
			binary.BigEndian.PutUint32(stream[at:], specs[i].xid)
			at += 4
			continue
		}
		at++
	}
	return stream
}

// connSeeds are what honest servers say, to the calls of connSpecs and in real
// captures, and what others do.
func connSeeds(f *testing.F) [][]byte {
	var inOrder, reversed, fragmented []byte
	for i, s := range connSpecs {
		result := readResult(uint64(i), s.size())
		if s.body {
			result = pattern(uint64(i), s.limit)
		}
		record := transporttest.Accepted(xidMark+uint32(i), result)
		inOrder = append(inOrder, record...)
		reversed = append(bytes.Clone(record), reversed...)
		fragmented = append(fragmented, transporttest.Fragments(record[xdrwire.MarkBytes:], 37)...)
	}
	seeds := [][]byte{
		inOrder, reversed, fragmented, inOrder[:len(inOrder)/2], append(inOrder[:len(inOrder):len(inOrder)], inOrder...),
		append(transporttest.OneWay(xidMark, make([]byte, 50)), inOrder...),
		append(transporttest.Record(xdrwire.AppendReject(nil, xidMark+3, xdrwire.AuthTooWeak)), inOrder...),
		append(transporttest.Accepted(xidMark+4, head(1<<32-1, 300)), inOrder...),
		append(framed(xidMark+4, head(5000, 6000)), inOrder...),
		append(transporttest.Accepted(xidMark+99, readResult(0, 100)), inOrder...),
		{0xFF, 0xFF, 0xFF, 0xFF}, make([]byte, 80), nil,
	}
	files, err := filepath.Glob("../xdrwire/*/testdata/*-reply*.hex")
	if err != nil || len(files) == 0 {
		f.Fatal("no captures:", err)
	}
	for i, name := range files {
		b := wiretest.ReadHex(f, name)
		binary.BigEndian.PutUint32(b[xdrwire.MarkBytes:], xidMark+uint32(i%len(connSpecs)))
		seeds = append(seeds, append(b, inOrder...))
	}
	return seeds
}

// FuzzConn is a whole connection to a server that says what the fuzzer wants, in
// pieces, and hangs up. Every call is reported once, and as a naive reader of the
// same bytes would have it; a call cancelled on the way may also be just that. No
// byte outside the calls' memory is written, and none of it after the report.
func FuzzConn(f *testing.F) {
	var engines []*Engine
	for plan := PlanAuto; plan <= PlanSpeculative; plan++ {
		engines = append(engines, newEngine(f, Options{Plan: plan}))
	}
	for i, stream := range connSeeds(f) {
		for way := range engines {
			f.Add(stream, uint64(i), byte(way), byte(5*8+i%4)) // the largest read is cancelled
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64, way, cancel byte) {
		fuzzConn(t, engines[int(way)%len(engines)], stream[:min(len(stream), 64<<10)], rand.New(rand.NewPCG(seed, 1)), int(cancel))
	})
}

func fuzzConn(t *testing.T, e *Engine, stream []byte, rnd *rand.Rand, cancel int) {
	server, client := socketPair(t)
	defer func() { unix.Close(server) }()
	c, err := e.NewConn(client, "the fuzzer", ConnOptions{Depth: len(connSpecs), StagingBytes: minStagingBytes << rnd.IntN(4)})
	if err != nil {
		t.Fatal(err)
	}
	specs := slices.Clone(connSpecs)
	w := newWorld(specs) // for its memory and its calls
	q := e.NewQueue(len(specs))
	for i, r := range w.calls {
		r.Conn, r.Procedure, r.Cred, r.UserData = c, procRead, xdrwire.AuthNone(), i
		if err := q.Add(&r.Call); err != nil {
			t.Fatal(err)
		}
		specs[i].xid = r.xid
	}
	stream = withXIDs(stream, specs)
	naive := newWorld(specs)
	want := naive.feed(stream, max(1, len(stream)), nil)

	reports := make(map[int]string) // what its memory was like when the call was reported
	pop := func() {
		for call := q.Pop(); call != nil; call = q.Pop() {
			i := call.UserData.(int)
			if _, twice := reports[i]; twice {
				t.Fatalf("call %d was reported twice", i)
			}
			reports[i] = string(bytes.Join(call.Iovs, nil))
		}
	}
	cancelled := -1
	for piece := 0; len(stream) > 0; piece++ {
		if cancel%8 == piece && cancel/8 < len(specs) && cancelled < 0 {
			cancelled = cancel / 8
			q.Cancel(&w.calls[cancelled].Call, nil)
			pop()
		}
		n := len(stream)
		if piece < 6 {
			n = 1 + rnd.IntN(n)
		}
		if n, err = unix.Write(server, stream[:n]); err != nil {
			break // the client has hung up first
		}
		stream = stream[n:]
		if err := q.Wait(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		pop()
	}
	unix.Shutdown(server, unix.SHUT_WR)
	deadline, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	if err := q.Wait(deadline, len(specs)); err != nil {
		t.Fatal("hangs:", err)
	}
	pop()
	if len(reports) != len(specs) || q.InFlight() != 0 {
		t.Fatalf("%d calls of %d reported", len(reports), len(specs))
	}
	w.guards(t)
	for i, r := range w.calls {
		if string(bytes.Join(r.Iovs, nil)) != reports[i] {
			t.Errorf("call %d: its memory changed after the report", i)
		}
		if i == cancelled && errors.Is(r.Err, context.Canceled) {
			continue
		}
		at := slices.IndexFunc(want.Ended, func(e ended) bool { return e.XID == specs[i].xid })
		if at < 0 {
			unanswered(t, i, r.Err, want.Stream)
		} else {
			answered(t, i, &r.Call, want.Ended[at])
		}
	}
}

// unanswered checks how a call ended whose reply has not come to its end.
func unanswered(t *testing.T, i int, err error, stream string) {
	t.Helper()
	var end *ConnError
	switch {
	case !errors.As(err, &end):
		t.Errorf("call %d, which was not answered, ended with %v", i, err)
	case stream != "" && fmt.Sprintf("%T: %v", end.Err, end.Err) != stream,
		stream == "" && end.Err != io.EOF && end.Err != io.ErrUnexpectedEOF:
		t.Errorf("the connection ended with %v, want %s", end.Err, stream)
	}
}

// answered checks a call that has been answered.
func answered(t *testing.T, i int, c *Call, want ended) {
	t.Helper()
	got := ""
	var op *OpError
	if errors.As(c.Err, &op) {
		got = fmt.Sprintf("%T: %v", op.Err, op.Err)
	}
	switch {
	case got != want.Err:
		t.Errorf("call %d ended with %q, want %q", i, got, want.Err)
	case c.Err != nil:
	case c.Reply == nil && string(c.Body) != want.Body,
		c.Reply != nil && (c.Received != want.Received || string(bytes.Join(c.Iovs, nil)[:c.Received]) != want.Payload):
		t.Errorf("call %d: wrong bytes", i)
	}
}

func socketPair(t *testing.T) (a, b int) {
	t.Helper()
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p[0], p[1]
}
