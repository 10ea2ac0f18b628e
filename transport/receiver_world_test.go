package transport

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
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
	Memory      string // every call's iovecs and what lies between them; empty with guesses
	Stream      string // the error that ended the stream
}

type ended struct {
	XID      uint32
	Err      string
	Received int
	Body     string
	Payload  string
}

// world is a receiver with its calls, each waiting for one reply. It implements
// calls, as a connection does.
type world struct {
	rx      receiver
	stats   Stats
	scratch []byte
	expects []*Call // the calls waiting, in the order that guesses go by
	guesses bool    // bytes may land in any call's memory until it has ended well
	memory  []byte
	calls   []*testRead // in the order of their specs
	waiting map[uint32]*testRead
	ended   map[uint32]error
	out     outcome
}

func newWorld(specs []callSpec) *world {
	w := &world{waiting: map[uint32]*testRead{}, ended: map[uint32]error{}}
	w.rx = newReceiver(w, &w.stats, &w.scratch)
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
		w.expects = append(w.expects, &r.Call)
		w.rx.allow(&r.Call)
	}
	return w
}

// shuffle has guesses go wrong: by the order, and in many a length.
func (w *world) shuffle(rnd *rand.Rand) {
	if rnd != nil {
		rnd.Shuffle(len(w.expects), func(i, j int) { w.expects[i], w.expects[j] = w.expects[j], w.expects[i] })
	}
}

func (w *world) expected(after *Call) *Call {
	i := 0
	if after != nil {
		i = slices.Index(w.expects, after) + 1
	}
	if i == len(w.expects) {
		return nil
	}
	return w.expects[i]
}

func (w *world) lookup(xid uint32) (*Call, bool) {
	r := w.waiting[xid]
	if r == nil {
		w.out.Dropped = append(w.out.Dropped, xid)
		return nil, false
	}
	delete(w.waiting, xid)
	w.expects = slices.DeleteFunc(w.expects, func(c *Call) bool { return c == &r.Call })
	return &r.Call, false
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
	for i := range w.out.Ended {
		e := &w.out.Ended[i]
		for _, r := range w.calls {
			if r.xid == e.XID && e.Err == "" && r.Reply != nil {
				e.Payload = string(bytes.Join(r.Iovs, nil)[:e.Received])
			}
		}
	}
	w.out.ServerCalls, w.out.Memory = w.stats.ServerCalls, string(w.memory)
	if w.guesses {
		w.out.Memory = ""
	}
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
	small  int
	rnd    *rand.Rand
	ends   []int
	before func(at int)
}

func (w *world) receive(t testing.TB, stream []byte, k kernel) outcome {
	t.Helper()
	w.guesses = k.plan == PlanSpeculative
	staging := make([]byte, k.room)
	var a aim
	for at := 0; at < len(stream); {
		if k.before != nil {
			k.before(at)
		}
		w.rx.aimNext(&a, sight{k.plan, k.header, len(staging), k.small})
		total := w.checkAim(t, &a, len(staging))
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
		scatter(&a, staging, stream[at:at+n])
		if _, err := w.rx.settle(&a, staging, n); err != nil {
			return w.outcome(err)
		}
		for i := range staging {
			staging[i] = 0xDD // nothing of it may be kept
		}
		at += n
	}
	return w.outcome(nil)
}

// checkAim fails if the aim is at memory that is not lent. It marks the calls as
// a connection does.
func (w *world) checkAim(t testing.TB, a *aim, room int) (total int) {
	t.Helper()
	staged := 0
	for _, p := range a.parts {
		total += p.n
		if p.call == nil {
			staged += p.n
			continue
		}
		before := 0
		for _, s := range p.call.target[:min(p.at.index, len(p.call.target))] {
			before += len(s)
		}
		if p.call != w.rx.call && w.waiting[p.call.xid] == nil || before+p.at.offset+p.n > p.call.size || p.call.aimed {
			t.Fatalf("aimed %+v at memory that is not there for it", p)
		}
		p.call.aimed = true
	}
	if total <= 0 || staged > room {
		t.Fatalf("aimed %+v with %d bytes of staging memory", a, room)
	}
	return total
}

// scatter is the kernel's part of a receive.
func scatter(a *aim, staging, b []byte) {
	for _, p := range a.parts {
		piece := b[:min(len(b), p.n)]
		b = b[len(piece):]
		if p.call == nil {
			staging = staging[copy(staging, piece):]
		} else {
			p.at.copyFrom(p.call.target, piece)
		}
	}
}

func kernels(rnd *rand.Rand) []kernel {
	var all []kernel
	for _, plan := range []Plan{PlanExact, PlanOverlap, PlanStaged, PlanSpeculative} {
		for _, header := range []int{28, 28 + readHead, 300} {
			for _, room := range []int{minStagingBytes, 28} {
				k := kernel{plan: plan, header: header, room: room, small: 50}
				all = append(all, k)
				k.rnd = rnd
				all = append(all, k)
			}
		}
	}
	return all
}
