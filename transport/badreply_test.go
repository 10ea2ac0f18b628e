package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"golang.org/x/sys/unix"
)

// is and as make checks of an error's kind for tables.
func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func as[E error](ok func(E) bool) func(error) bool {
	return func(err error) bool {
		var e E
		var op *OpError
		return errors.As(err, &op) && errors.As(err, &e) && (ok == nil || ok(e))
	}
}

// lost is how calls end whose connection ended for a reason.
func lost(why func(error) bool) func(error) bool {
	return as(func(e *ConnError) bool { return e.Retryable() && why(e.Err) })
}

func record(err error) bool {
	var e *RecordError
	return errors.As(err, &e)
}

func refused(want xdrwire.RPCError) func(error) bool {
	return as(func(e *xdrwire.RPCError) bool { got := *e; got.XID = 0; return got == want })
}

// framed is a record in fragments.
func framed(xid uint32, result []byte) []byte {
	return transporttest.Fragments(append(xdrwire.AppendReply(nil, xid, xdrwire.Success), result...), 50)
}

// head is a read's result that announces n bytes and brings others.
func head(n int64, brings int) []byte {
	b := readResult(0, brings)
	copy(b[4:], xdrwire.AppendUint32(nil, uint32(n)))
	return b
}

const badReplyBytes = 300 // what the reads of TestBadReply ask for

var badReplies = []struct {
	name string
	// bytes is what the server says to the first call.
	bytes func(xid uint32) []byte
	want  func(error) bool // nil: success
	ends  bool             // the connection, with it
	stats func(Stats) bool // nil: nothing dropped
}{
	{name: "record longer than its payload", bytes: func(x uint32) []byte { return transporttest.Accepted(x, head(300, 304)) }, want: as[*ReplyError](nil)},
	{name: "record shorter than its payload", bytes: func(x uint32) []byte { return transporttest.Accepted(x, head(300, 299)) }, want: as[*ReplyError](nil)},
	{name: "payload longer than asked", bytes: func(x uint32) []byte { return transporttest.Accepted(x, head(301, 301)) }, want: as[*ReplyError](nil)},
	{name: "payload of 4 GiB", bytes: func(x uint32) []byte { return transporttest.Accepted(x, head(1<<32-1, 300)) }, want: as[*ReplyError](nil)},
	{name: "fragments longer than their payload", bytes: func(x uint32) []byte { return framed(x, head(300, 3000)) }, want: as[*ReplyError](nil)},
	{name: "fragments shorter than their payload", bytes: func(x uint32) []byte { return framed(x, head(300, 200)) }, want: as[*ReplyError](nil)},
	{name: "record that ends in its head", bytes: func(x uint32) []byte { return transporttest.Accepted(x, make([]byte, 5)) }, want: as[*ReplyError](nil)},
	{name: "record without a result", bytes: func(x uint32) []byte { return transporttest.Accepted(x) }, want: as[*ReplyError](nil)},
	{name: "status", bytes: func(x uint32) []byte { return transporttest.Accepted(x, []byte{0, 0, 0, 5, 0, 0, 0, 0}) }, want: is(errStatus)},
	{name: "program unavailable", bytes: accept(xdrwire.ProgUnavail), want: refused(xdrwire.RPCError{Accept: xdrwire.ProgUnavail})},
	{name: "procedure unavailable", bytes: accept(xdrwire.ProcUnavail), want: refused(xdrwire.RPCError{Accept: xdrwire.ProcUnavail})},
	{name: "garbage arguments", bytes: accept(xdrwire.GarbageArgs), want: refused(xdrwire.RPCError{Accept: xdrwire.GarbageArgs})},
	{name: "system error", bytes: accept(xdrwire.SystemErr), want: refused(xdrwire.RPCError{Accept: xdrwire.SystemErr})},
	{name: "unknown accept_stat", bytes: accept(99), want: refused(xdrwire.RPCError{Accept: 99})},
	{
		name:  "program mismatch",
		bytes: func(x uint32) []byte { return transporttest.Record(xdrwire.AppendProgMismatch(nil, x, 3, 4)) },
		want:  refused(xdrwire.RPCError{Accept: xdrwire.ProgMismatch, Low: 3, High: 4}),
	},
	{
		name:  "denied for its credential",
		bytes: func(x uint32) []byte { return transporttest.Record(xdrwire.AppendReject(nil, x, xdrwire.AuthTooWeak)) },
		want:  refused(xdrwire.RPCError{Stat: xdrwire.MsgDenied, Reject: xdrwire.AuthError, Auth: xdrwire.AuthTooWeak}),
	},
	{
		name:  "denied for its RPC version",
		bytes: func(x uint32) []byte { return transporttest.Record(xdrwire.AppendRPCMismatch(nil, x)) },
		want:  refused(xdrwire.RPCError{Stat: xdrwire.MsgDenied, Reject: xdrwire.RPCMismatch, Low: 2, High: 2}),
	},
	{
		name: "reply to nothing first",
		bytes: func(x uint32) []byte {
			return append(readReply(x^0xFFF00000, 9, 10_000), readReply(x, 0, badReplyBytes)...)
		},
		stats: func(s Stats) bool { return s.UnknownReplies == 1 },
	},
	{
		name: "reply twice",
		bytes: func(x uint32) []byte {
			return append(readReply(x, 0, badReplyBytes), readReply(x, 9, badReplyBytes)...)
		},
		stats: func(s Stats) bool { return s.UnknownReplies == 1 },
	},
	{
		name: "call from the server first",
		bytes: func(x uint32) []byte {
			return append(transporttest.OneWay(x, make([]byte, 100)), readReply(x, 0, badReplyBytes)...)
		},
		stats: func(s Stats) bool { return s.ServerCalls == 1 },
	},
	{name: "msg_type", bytes: spoilt(7, 9), want: lost(record), ends: true},
	{name: "reply_stat", bytes: spoilt(11, 2), want: lost(record), ends: true},
	{name: "verifier of 16 MiB", bytes: spoilt(17, 0xFF), want: lost(record), ends: true},
	{name: "empty record", bytes: func(uint32) []byte { return transporttest.Record() }, want: lost(record), ends: true},
	{name: "empty fragments without end", bytes: func(uint32) []byte { return make([]byte, 4096) }, want: lost(record), ends: true},
}

func accept(stat xdrwire.AcceptStat) func(uint32) []byte {
	return func(x uint32) []byte { return transporttest.Record(xdrwire.AppendReply(nil, x, stat)) }
}

// spoilt is a good reply with one byte of its header changed.
func spoilt(at int, b byte) func(uint32) []byte {
	return func(x uint32) []byte {
		r := readReply(x, 0, badReplyBytes)
		r[xdrwire.MarkBytes+at] = b
		return r
	}
}

// Each bad reply is given to the first of several calls, under each plan, in one
// piece or in many. It is that call's error; the others succeed, or fail with
// the connection.
func TestBadReply(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 3
	}
	n := rand.IntN(step)
	for _, tc := range badReplies {
		for _, plan := range []Plan{PlanExact, PlanOverlap, PlanStaged, PlanSpeculative} {
			for _, piece := range []int{1 << 20, 29} {
				if n++; n%step != 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%v/%d", tc.name, plan, piece), func(t *testing.T) {
					badReply(t, tc.bytes, tc.want, tc.ends, tc.stats, plan, piece)
				})
			}
		}
	}
}

func badReply(t *testing.T, bad func(uint32) []byte, want func(error) bool, ends bool, stats func(Stats) bool, plan Plan, piece int) {
	e, c := start(t, Options{Plan: plan}, func(p *transporttest.Peer) {
		calls := p.Calls(3)
		if calls == nil {
			return
		}
		out := bad(calls[0].XID)
		for _, c := range calls[1:] {
			off, n := parseReadArgs(c.Args)
			out = append(out, readReply(c.XID, off, n)...)
		}
		for len(out) > 0 {
			n := min(piece, len(out))
			p.Write(out[:n])
			out = out[n:]
			if piece < 100 && n < 3000 {
				time.Sleep(20 * time.Microsecond)
			}
		}
		serveReads(p)
	})
	q := e.NewQueue(3)
	guarded := bytes.Repeat([]byte{canary}, 3*badReplyBytes+200)
	var reads [3]*testRead
	for i := range reads {
		at := 50 + i*(badReplyBytes+50)
		reads[i] = newRead(uint64(i)*1000, guarded[at:at+100:at+100], guarded[at+100:at+badReplyBytes:at+badReplyBytes])
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 5*time.Second, func() {
		if err := q.Wait(ctx, 3); err != nil {
			t.Error(err)
		}
	})
	for range reads {
		if q.Pop() == nil {
			t.Fatal("a call was not reported")
		}
	}
	if err := reads[0].Err; want == nil && err != nil || want != nil && (err == nil || !want(err)) {
		t.Errorf("the call ended with %T %v", err, err)
	}
	for i, r := range reads[1:] {
		if ends && !want(r.Err) {
			t.Errorf("call %d on the same connection ended with %v", i+1, r.Err)
		}
		if !ends && (r.Err != nil || !bytes.Equal(bytes.Join(r.Iovs, nil), pattern(uint64(i+1)*1000, badReplyBytes))) {
			t.Errorf("call %d: %v, or wrong bytes", i+1, r.Err)
		}
	}
	for i := range 4 {
		at := i * (badReplyBytes + 50)
		if end := at + 50; len(bytes.Trim(guarded[at:end], string([]byte{canary}))) > 0 && i < 4 {
			t.Errorf("a byte before buffer %d was written", i)
		}
	}
	again := newRead(5, make([]byte, 1000))
	switch err := e.NewQueue(1).Do(ctx, again.on(c)); {
	case !ends && err != nil:
		t.Error("the connection is of no more use:", err)
	case ends && (err == nil || c.Err() == nil || !want(&OpError{Err: err})):
		t.Errorf("a call after the end: %v; the connection: %v", err, c.Err())
	}
	s := e.Stats()
	if stats == nil {
		stats = func(s Stats) bool { return s.UnknownReplies+s.LateReplies+s.ServerCalls == 0 }
	}
	if !stats(s) || s.Accepted != s.Reported || ends == (s.LostConns == 0) {
		t.Errorf("%+v", s)
	}
}

// The server goes away: between records, inside a header, inside a payload, with
// a FIN and with a RST.
func TestServerCloses(t *testing.T) {
	const n = 10_000
	reply := len(readReply(0, 0, n))
	for _, tc := range []struct {
		name  string
		bytes int // of a second reply
		reset bool
		want  error
	}{
		{"between records", 0, false, io.EOF},
		{"inside a mark", 3, false, io.ErrUnexpectedEOF},
		{"inside a header", 20, false, io.ErrUnexpectedEOF},
		{"inside a payload", 5000, false, io.ErrUnexpectedEOF},
		{"before the last byte", reply - 1, false, io.ErrUnexpectedEOF},
		{"reset between records", 0, true, unix.ECONNRESET},
		{"reset inside a header", 20, true, unix.ECONNRESET},
		{"reset inside a payload", 5000, true, unix.ECONNRESET},
	} {
		t.Run(tc.name, func(t *testing.T) {
			received := make(chan bool)
			e, c := start(t, Options{}, func(p *transporttest.Peer) {
				calls := p.Calls(4)
				if calls == nil {
					return
				}
				p.Write(append(readReply(calls[0].XID, 0, n), readReply(calls[1].XID, 1, n)[:tc.bytes]...))
				<-received
				time.Sleep(5 * time.Millisecond)
				if tc.reset {
					p.Conn.(*net.TCPConn).SetLinger(0)
				}
			})
			q := e.NewQueue(4)
			var reads [4]*testRead
			for i := range reads {
				reads[i] = newRead(uint64(i), make([]byte, n))
				if err := q.Add(reads[i].on(c)); err != nil {
					t.Fatal(err)
				}
			}
			within(t, 5*time.Second, func() {
				q.Wait(ctx, 1)
				close(received)
				q.Wait(ctx, 4)
			})
			for i, r := range reads {
				if call := q.Pop(); call == nil {
					t.Fatal("a call was not reported")
				}
				if i == 0 && (r.Err != nil || !bytes.Equal(r.Iovs[0], pattern(0, n))) {
					t.Error("the read that was answered:", r.Err)
				}
				if i > 0 && !lost(is(tc.want))(r.Err) {
					t.Errorf("read %d: %v, want %v", i, r.Err, tc.want)
				}
			}
			if s := e.Stats(); s.Accepted != s.Reported || s.LostConns != 1 {
				t.Errorf("%+v", s)
			}
			if err := q.Add(reads[0].on(c)); !errors.Is(err, tc.want) || !errors.Is(c.Err(), tc.want) {
				t.Errorf("afterwards: %v, %v", err, c.Err())
			}
		})
	}
}
