package transport

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

const canary = 0xA5

// callSpec is one call that a stream may answer.
type callSpec struct {
	xid   uint32
	body  bool  // the result is collected, at most limit bytes of it
	limit int   // bytes
	segs  []int // lengths of the iovecs
	usual int   // by how much the usual head is longer
}

func (s callSpec) size() int {
	n := 0
	for _, k := range s.segs {
		n += k
	}
	return n
}

// outcome is all that can be seen of a receiver's work, in comparable form.
type outcome struct {
	Ended       []ended // in the order of finish
	Dropped     []uint32
	ServerCalls uint64
	Memory      string // every call's iovecs and what lies between them
	Stream      string // the error that ended the stream
}

type ended struct {
	XID      uint32
	Err      string
	Received int
	Body     string
}

// world is a receiver with its calls, each waiting for one reply. It implements
// calls, as a connection does.
type world struct {
	rx      receiver
	stats   Stats
	memory  []byte
	calls   []*testRead // in the order of their specs
	waiting map[uint32]*testRead
	ended   map[uint32]error
	out     outcome
}

func newWorld(specs []callSpec) *world {
	w := &world{waiting: map[uint32]*testRead{}, ended: map[uint32]error{}}
	w.rx = newReceiver(w, &w.stats)
	total := 16
	for _, s := range specs {
		total += s.size() + 16*(len(s.segs)+1)
	}
	w.memory = bytes.Repeat([]byte{canary}, total)
	at := 16
	for _, s := range specs {
		r := &testRead{usual: s.usual}
		r.xid, r.MaxBodyBytes = s.xid, s.limit
		for _, n := range s.segs {
			r.Iovs = append(r.Iovs, w.memory[at:at+n:at+n])
			at += n + 16
		}
		if r.target, r.size = r.Iovs, s.size(); !s.body {
			r.Reply = r
		}
		w.calls = append(w.calls, r)
		w.waiting[s.xid] = r
	}
	return w
}

func (w *world) lookup(xid uint32) *Call {
	r := w.waiting[xid]
	if r == nil {
		w.out.Dropped = append(w.out.Dropped, xid)
		return nil
	}
	delete(w.waiting, xid)
	return &r.Call
}

func (w *world) finish(c *Call, err error) {
	w.ended[c.xid] = err
	e := ended{XID: c.xid, Received: c.Received, Body: string(c.Body)}
	if err != nil {
		e.Err, e.Received, e.Body = fmt.Sprintf("%T: %v", err, err), 0, ""
	}
	w.out.Ended = append(w.out.Ended, e)
}

func (w *world) outcome(err error) outcome {
	w.out.ServerCalls, w.out.Memory = w.stats.ServerCalls, string(w.memory)
	if err != nil {
		w.out.Stream = fmt.Sprintf("%T: %v", err, err)
	}
	return w.out
}

// guards fails if a byte outside the iovecs has changed.
func (w *world) guards(t testing.TB) {
	t.Helper()
	memory := bytes.Clone(w.memory)
	at := 16
	for _, r := range w.calls {
		for _, p := range r.Iovs {
			for i := range p {
				memory[at+i] = canary
			}
			at += len(p) + 16
		}
	}
	for i, b := range memory {
		if b != canary {
			t.Fatalf("byte %d outside the iovecs was written", i)
		}
	}
}

// feed gives the stream to the receiver in pieces of at most most bytes, without
// direct placement.
func (w *world) feed(stream []byte, most int, rnd *rand.Rand) outcome {
	for len(stream) > 0 {
		n := min(most, len(stream))
		if n > 1 && rnd != nil {
			n = 1 + rnd.IntN(n)
		}
		if err := w.rx.feed(stream[:n]); err != nil {
			return w.outcome(err)
		}
		stream = stream[n:]
	}
	return w.outcome(nil)
}

// kernel receives the stream as a plan aims it, cutting at random, or never
// without rnd. ends are where records end in a well-formed stream, nil if
// unknown; before, if set, runs before each receive.
type kernel struct {
	plan   Plan
	header int
	room   int
	rnd    *rand.Rand
	ends   []int
	before func(at int)
}

func (w *world) receive(t testing.TB, stream []byte, k kernel) outcome {
	t.Helper()
	staging := make([]byte, k.room)
	for at := 0; at < len(stream); {
		if k.before != nil {
			k.before(at)
		}
		a := w.rx.aimNext(k.plan, k.header, len(staging))
		total := a.direct + a.staging
		if total <= 0 || a.direct < 0 || a.staging < 0 || a.staging > len(staging) {
			t.Fatalf("at %d: aimed %+v", at, a)
		}
		if a.direct > 0 && (w.rx.call == nil || a.direct > w.rx.left) {
			t.Fatalf("at %d: aimed %+v at nobody's memory", at, a)
		}
		for len(k.ends) > 0 && k.ends[0] <= at {
			k.ends = k.ends[1:]
		}
		if a.certain && len(k.ends) > 0 && at+total > k.ends[0] {
			t.Fatalf("at %d: certain of %d bytes, the record has %d more", at, total, k.ends[0]-at)
		}
		n := min(total, len(stream)-at)
		if k.rnd != nil && k.rnd.IntN(2) == 0 {
			n = 1 + k.rnd.IntN(n)
		}
		// The kernel's part.
		piece := stream[at : at+n]
		direct := min(n, a.direct)
		if direct > 0 {
			place := w.rx.call.cursor
			place.copyFrom(w.rx.call.target, piece[:direct])
		}
		copy(staging, piece[direct:])
		if err := w.rx.settle(a, staging, n); err != nil {
			return w.outcome(err)
		}
		for i := range staging {
			staging[i] = 0xDD // nothing of it may be kept
		}
		at += n
	}
	return w.outcome(nil)
}

func kernels(rnd *rand.Rand) []kernel {
	var all []kernel
	for _, plan := range []Plan{PlanExact, PlanOverlap} {
		for _, header := range []int{28, 28 + readHead, 300} {
			for _, room := range []int{minStagingBytes, 28} {
				all = append(all, kernel{plan: plan, header: header, room: room, rnd: rnd}, kernel{plan: plan, header: header, room: room})
			}
		}
	}
	return all
}
