package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// script is a well-framed stream and what it must lead to.
type script struct {
	specs  []callSpec
	stream []byte
	ends   []int
	want   []wantCall // in the order of finish
	drops  int
	oneWay int
	whole  bool // each record is one fragment: its length is known at once
}

type wantCall struct {
	spec    int
	class   string // of the error, "" for none
	payload []byte // or body
}

func class(err error) string {
	var reply *ReplyError
	var rpc *xdrwire.RPCError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &reply):
		return "reply"
	case errors.As(err, &rpc):
		return "rpc"
	case errors.Is(err, errStatus):
		return "status"
	}
	return err.Error()
}

type author struct {
	script
	rnd       *rand.Rand
	fragments bool
	used      []uint32 // XIDs already answered
	usual     bool     // all heads are as long as usual
}

func (a *author) spec(s callSpec) (int, uint32) {
	for s.xid == 0 {
		s.xid = a.rnd.Uint32() &^ 1
	}
	a.specs = append(a.specs, s)
	a.used = append(a.used, s.xid)
	return len(a.specs) - 1, s.xid
}

func (a *author) readSpec() callSpec {
	var s callSpec
	if !a.usual {
		s.usual = max(0, a.rnd.IntN(60)-30)
	}
	for range 1 + a.rnd.IntN(5) {
		n := a.rnd.IntN(40)
		if a.rnd.IntN(8) == 0 {
			n = a.rnd.IntN(5000)
		}
		s.segs = append(s.segs, n)
	}
	return s
}

// record frames b, in one fragment or many, some of them of one byte or none.
func (a *author) record(b []byte) {
	if !a.fragments || a.rnd.IntN(2) == 0 {
		a.stream = append(a.stream, transporttest.Record(b)...)
		a.ends = append(a.ends, len(a.stream))
		return
	}
	empty := 0
	for {
		n := a.rnd.IntN(len(b) + 1)
		switch a.rnd.IntN(4) {
		case 0:
			n = min(1, len(b))
		case 1:
			n = 0
		}
		if n > 0 {
			empty = 0
		} else if empty++; empty > maxEmptyFragments {
			n, empty = min(1, len(b)), 0
		}
		last := n == len(b) && (n > 0 || a.rnd.IntN(2) == 0 || empty == maxEmptyFragments)
		if last && a.rnd.IntN(3) == 0 && empty < maxEmptyFragments {
			last = false // an empty one will end it
		}
		a.stream = binary.BigEndian.AppendUint32(a.stream, uint32(xdrwire.MakeMark(n, last)))
		a.stream = append(a.stream, b[:n]...)
		if b = b[n:]; last {
			break
		}
	}
	a.ends = append(a.ends, len(a.stream))
}

// header is the header of an accepted reply, now and then with a verifier.
func (a *author) header(xid uint32) []byte {
	b := xdrwire.AppendReply(nil, xid, xdrwire.Success)
	if a.rnd.IntN(4) > 0 {
		return b
	}
	n := 4 * a.rnd.IntN(100)
	binary.BigEndian.PutUint32(b[16:], uint32(n))
	return append(append(b[:20:20], make([]byte, n)...), b[20:]...)
}

// read appends a reply to a read with a payload of n bytes that says it has
// said, followed by extra bytes.
func (a *author) read(s callSpec, said, n, extra int) (spec int, payload []byte) {
	spec, xid := a.spec(s)
	payload = make([]byte, n)
	for i := range payload {
		payload[i] = byte(a.rnd.Uint32())
	}
	b := xdrwire.AppendUint32(a.header(xid), 0)
	b = xdrwire.AppendUint32(b, uint32(said))
	a.record(append(append(b, payload...), make([]byte, extra)...))
	return spec, payload
}

func (a *author) finishes(spec int, class string, payload []byte) {
	a.want = append(a.want, wantCall{spec, class, payload})
}

// goodRead appends what a sane server sends.
func (a *author) goodRead() {
	s := a.readSpec()
	n := a.rnd.IntN(s.size() + 1)
	if a.rnd.IntN(2) == 0 {
		n = s.size()
	}
	spec, payload := a.read(s, n, n, a.rnd.IntN(4))
	a.finishes(spec, "", payload)
}

// next appends one record of a random kind.
func (a *author) next() {
	switch a.rnd.IntN(14) {
	case 0: // more than asked for
		s := a.readSpec()
		n := s.size() + 1 + a.rnd.IntN(100)
		spec, _ := a.read(s, n, n, 0)
		a.finishes(spec, "reply", nil)
	case 1: // the record goes on
		s := a.readSpec()
		spec, _ := a.read(s, s.size(), s.size(), 4+a.rnd.IntN(300))
		a.finishes(spec, "reply", nil)
	case 2: // the record ends early
		s := a.readSpec()
		s.segs = append(s.segs, 1)
		spec, _ := a.read(s, s.size(), a.rnd.IntN(s.size()), 0)
		a.finishes(spec, "reply", nil)
	case 3: // … in the head
		spec, xid := a.spec(a.readSpec())
		a.record(append(a.header(xid), make([]byte, a.rnd.IntN(readHead))...))
		a.finishes(spec, "reply", nil)
	case 4: // a status
		spec, xid := a.spec(a.readSpec())
		b := xdrwire.AppendUint32(a.header(xid), 5)
		a.record(append(b, make([]byte, 4+a.rnd.IntN(50))...))
		a.finishes(spec, "status", nil)
	case 5: // a refusal
		spec, xid := a.spec(a.readSpec())
		switch a.rnd.IntN(4) {
		case 0:
			a.record(xdrwire.AppendReject(nil, xid, xdrwire.AuthTooWeak))
		case 1:
			a.record(xdrwire.AppendRPCMismatch(nil, xid))
		case 2:
			a.record(xdrwire.AppendProgMismatch(nil, xid, 1, 2))
		default:
			a.record(xdrwire.AppendReply(nil, xid, xdrwire.AcceptStat(1+2*a.rnd.IntN(3))))
		}
		a.finishes(spec, "rpc", nil)
	case 6, 7: // a collected body, perhaps too long
		s := callSpec{body: true, limit: 1 + a.rnd.IntN(300)}
		spec, xid := a.spec(s)
		body := make([]byte, a.rnd.IntN(400))
		for i := range body {
			body[i] = byte(a.rnd.Uint32())
		}
		a.record(append(a.header(xid), body...))
		if len(body) > s.limit {
			a.finishes(spec, "reply", nil)
		} else {
			a.finishes(spec, "", body)
		}
	case 8: // a one-way call, as short as can be or longer
		b := xdrwire.AppendUint32(xdrwire.AppendUint32(nil, a.rnd.Uint32()), xdrwire.MsgCall)
		a.record(append(b, make([]byte, a.rnd.IntN(100))...))
		a.oneWay++
	case 9: // a reply to nothing
		a.record(append(a.header(a.rnd.Uint32()|1), make([]byte, a.rnd.IntN(200))...))
		a.drops++
	case 10: // a duplicate
		if len(a.used) > 0 {
			xid := a.used[a.rnd.IntN(len(a.used))]
			a.record(append(a.header(xid), readResult(0, a.rnd.IntN(200))...))
			a.drops++
		}
	default:
		a.goodRead()
	}
}

func write(seed uint64, records int, fragments bool, next func(*author)) script {
	a := &author{rnd: rand.New(rand.NewPCG(seed, 0)), fragments: fragments}
	for range records {
		next(a)
	}
	a.whole = !fragments
	return a.script
}

// verify compares what a receiver made of the script with what it should have.
func (s *script) verify(t testing.TB, w *world, got outcome) {
	t.Helper()
	w.guards(t)
	if got.Stream != "" {
		t.Fatal("the stream ended:", got.Stream)
	}
	if len(got.Dropped) != s.drops || got.ServerCalls != uint64(s.oneWay) {
		t.Errorf("%d records dropped, %d one-way calls; want %d, %d", len(got.Dropped), got.ServerCalls, s.drops, s.oneWay)
	}
	if len(got.Ended) != len(s.want) {
		t.Fatalf("%d calls ended of %d", len(got.Ended), len(s.want))
	}
	if w.rx.recordOpen() || w.rx.markLen > 0 {
		t.Error("the stream stands inside a record after its end")
	}
	for i, want := range s.want {
		e := got.Ended[i]
		if e.XID != s.specs[want.spec].xid {
			t.Fatalf("call %d ended out of turn", i)
		}
		if c := class(w.ended[e.XID]); c != want.class {
			t.Errorf("call %d ended with %q, want %q (%v)", i, c, want.class, w.ended[e.XID])
		}
		if want.class != "" {
			memory := bytes.Join(w.calls[want.spec].Iovs, nil)
			if s.whole && !w.guesses && len(bytes.Trim(memory, string([]byte{canary}))) > 0 {
				t.Errorf("call %d: bytes landed of a reply that lies (%v)", i, w.ended[e.XID])
			}
			continue
		}
		have := []byte(e.Body)
		if call := w.calls[want.spec]; call.Reply != nil {
			have = bytes.Join(call.Iovs, nil)[:e.Received]
		}
		if !bytes.Equal(have, want.payload) {
			t.Errorf("call %d: wrong bytes", i)
		}
	}
}
