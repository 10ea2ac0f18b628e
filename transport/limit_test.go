package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// marks frames b in fragments that end at the cuts; the last goes on to the end.
func marks(b []byte, cuts ...int) []byte {
	var out []byte
	at := 0
	for _, cut := range append(cuts, len(b)) {
		out = binary.BigEndian.AppendUint32(out, uint32(xdrwire.MakeMark(cut-at, cut == len(b))))
		out = append(out, b[at:cut]...)
		at = cut
	}
	return out
}

// oneWay is a server's call of n bytes, without its mark.
func oneWay(n int) []byte {
	return append(transporttest.OneWay(1, nil)[xdrwire.MarkBytes:], make([]byte, n)...)[:n]
}

// What a record may have at most is what the largest call so far allows, given up
// or not; longer ones end the stream where the marks say so and not later.
func TestRecordLimit(t *testing.T) {
	const size = 300_001
	read := callSpec{xid: 2, segs: []int{1, size - 1}}
	body := callSpec{xid: 4, body: true, limit: size}
	most := minRecordLimit + xdrwire.PaddedBytes(size)
	for _, tc := range []struct {
		name   string
		specs  []callSpec
		stream []byte
		ends   int // bytes after which the stream is to have ended; 0: it goes on
	}{
		{"longest without calls", nil, marks(oneWay(minRecordLimit)), 0},
		{"longer without calls", nil, marks(oneWay(minRecordLimit + 1)), 4},
		{"longest beside a read", []callSpec{read}, marks(oneWay(most)), 0},
		{"longer beside a read", []callSpec{read}, marks(oneWay(most + 1)), 4},
		{"longest beside a body", []callSpec{body}, marks(oneWay(minRecordLimit + size)), 0},
		{"longer beside a body", []callSpec{body}, marks(oneWay(minRecordLimit + size + 1)), 4},
		{"longest in fragments", []callSpec{read}, marks(oneWay(most), 10, 10, 5000), 0},
		{"longer in fragments", []callSpec{read}, marks(oneWay(most+1), 10, 10, 5000), 5000 + 16},
		{"by one byte at the end", []callSpec{read}, marks(oneWay(most+1), most), most + 8},
		{"2 GiB", []callSpec{read, body}, []byte{0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3}, 4},
		{"2 GiB and more", []callSpec{read, body}, []byte{0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3}, 4},
		{"sums that overflow", nil, append(marks(oneWay(100))[:104:104], []byte{0x7F, 0xFF, 0xFF, 0xFF}...), 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.name == "sums that overflow" {
				tc.stream[0], tc.ends = 0, 108
			}
			for _, step := range []int{1, 4, len(tc.stream)} {
				w := newWorld(tc.specs)
				ended := 0
				var err error
				for at := 0; at < len(tc.stream) && err == nil; at += step {
					n := min(step, len(tc.stream)-at)
					if err = w.rx.feed(tc.stream[at : at+n]); err != nil {
						ended = at + n
					}
				}
				var record *RecordError
				if err != nil && !errors.As(err, &record) || (err != nil) != (tc.ends > 0) {
					t.Fatalf("steps of %d: %v", step, err)
				}
				if err == nil && w.stats.ServerCalls != 1 {
					t.Errorf("steps of %d: the record was not taken in", step)
				}
				if step == 1 && ended != tc.ends {
					t.Errorf("the stream ended after %d bytes, want %d", ended, tc.ends)
				}
			}
		})
	}
}

// Room that calls take for themselves stays a number, on 32 bits too.
func TestRecordLimitIsANumber(t *testing.T) {
	for _, c := range []*Call{
		{MaxBodyBytes: math.MaxInt},
		{MaxBodyBytes: -1},
		{Reply: &testRead{}, engineState: engineState{size: math.MaxInt}},
		{},
	} {
		r := receiver{limit: minRecordLimit}
		r.allow(c)
		if r.limit < minRecordLimit {
			t.Errorf("limit %d", r.limit)
		}
		limit := r.limit
		if r.allow(&Call{MaxBodyBytes: 1}); r.limit < limit {
			t.Error("a smaller call took room from the larger")
		}
	}
}

// The reply to a large read may come when it has been given up, and a small one is
// in flight.
func TestLateReplyKeepsItsRoom(t *testing.T) {
	const size = 1 << 20
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		calls := p.Calls(2)
		for _, c := range calls {
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
		}
		serveReads(p)
	})
	q := e.NewQueue(2)
	large := newRead(0, make([]byte, size))
	large.Deadline = time.Now().Add(10 * time.Millisecond)
	small := newRead(9, make([]byte, 100))
	within(t, 5*time.Second, func() {
		if err := q.Add(large.on(c)); err != nil {
			t.Error(err)
		}
		q.Wait(ctx, 1)
		q.Pop()
		if err := q.Add(small.on(c)); err != nil {
			t.Error(err)
		}
		q.Wait(ctx, 1)
		q.Pop()
	})
	if !errors.Is(large.Err, ErrDeadline) || small.Err != nil || !bytes.Equal(small.Iovs[0], pattern(9, 100)) {
		t.Error(large.Err, small.Err)
	}
	if s := e.Stats(); s.LateReplies != 1 {
		t.Errorf("%d late replies", s.LateReplies)
	}
}

// A server that talks and answers nothing is silent: its own calls and replies to
// nothing are no sign that answers will come.
func TestChatterIsSilence(t *testing.T) {
	for _, chatter := range [][]byte{
		transporttest.OneWay(7, make([]byte, 100)),
		readReply(7, 0, 100),
	} {
		s := transporttest.Serve(t, func(p *transporttest.Peer) {
			for {
				if _, err := p.Write(chatter); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
		e := newEngine(t, Options{})
		c := dial(t, e, s, ConnOptions{Depth: 2})
		q := e.NewQueue(4)
		var reads [4]*testRead
		for i := range reads {
			reads[i] = newRead(0, make([]byte, 10))
			reads[i].Deadline = time.Now().Add(time.Duration(20+10*i) * time.Millisecond)
			if i > 1 {
				reads[i].Deadline = time.Now().Add(time.Hour)
			}
			if err := q.Add(reads[i].on(c)); err != nil {
				t.Fatal(err)
			}
		}
		within(t, 5*time.Second, func() { q.Wait(ctx, 4) })
		for i, r := range reads {
			q.Pop()
			if want := []error{ErrDeadline, ErrDeadline, ErrSilent, ErrSilent}[i]; !errors.Is(r.Err, want) {
				t.Errorf("read %d: %v, want %v", i, r.Err, want)
			}
		}
	}
}

// A reply that is on its way slowly is no silence, even if its call was given up.
func TestSlowReplyIsNoSilence(t *testing.T) {
	// A machine that does much else may be silent itself.
	var err error
	for patience := 20 * time.Millisecond; patience < 4*time.Second; patience *= 4 {
		if err = slowReply(t, patience); err == nil {
			return
		}
	}
	t.Error("given up:", err)
}

// slowReply makes reads with so much time until one succeeds, the replies to which
// come in pieces a twentieth of it apart, when the first has been given up.
func slowReply(t *testing.T, patience time.Duration) error {
	const size = 100_000
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		call, err := p.Call()
		if err != nil {
			return
		}
		time.Sleep(patience * 3 / 2)
		reply := readReply(call.XID, 0, size)
		for len(reply) > 0 {
			n := min(1000, len(reply))
			if _, err := p.Write(reply[:n]); err != nil {
				return
			}
			reply = reply[n:]
			time.Sleep(patience / 20)
		}
		serveReads(p)
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 2})
	q := e.NewQueue(1)
	r := newRead(0, make([]byte, size))
	for late := 0; ; late++ {
		r.Deadline = time.Now().Add(patience)
		err := q.Do(ctx, r.on(c))
		if err == nil && late < 3 {
			t.Errorf("%d reads were late", late)
		}
		if err == nil || !errors.Is(err, ErrDeadline) {
			return err
		}
	}
}
