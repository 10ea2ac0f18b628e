package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
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
			if s.whole && len(bytes.Trim(memory, string([]byte{canary}))) > 0 {
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

func TestReceiverEveryWay(t *testing.T) {
	for round := range 60 {
		seed := uint64(round)
		if round >= 30 {
			seed = rand.Uint64()
		}
		s := write(seed, 40, round%2 == 0, (*author).next)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			w := newWorld(s.specs)
			want := w.feed(s.stream, len(s.stream), nil)
			s.verify(t, w, want)
			for _, most := range []int{1, 7, 200} {
				w = newWorld(s.specs)
				if diff := cmp.Diff(want, w.feed(s.stream, most, rnd)); diff != "" {
					t.Fatalf("fed by at most %d bytes: %s", most, diff)
				}
			}
			for _, k := range kernels(rnd) {
				k.ends = s.ends
				w = newWorld(s.specs)
				got := w.receive(t, s.stream, k)
				s.verify(t, w, got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%v, header %d, room %d: %s", k.plan, k.header, k.room, diff)
				}
			}
		})
	}
}

// No payload is copied as long as all calls are reads with heads of the usual
// length, whatever else the server says in between.
func TestPlansCopyNothing(t *testing.T) {
	for seed := range uint64(200) {
		s := write(seed, 40, seed%2 == 0, func(a *author) {
			for a.usual = true; ; {
				n := len(a.specs)
				if a.next(); n == len(a.specs) || !a.specs[n].body {
					return
				}
				// A collected body: not this time.
				a.specs, a.want = a.specs[:n], a.want[:len(a.want)-1]
				a.ends = a.ends[:len(a.ends)-1]
				a.used = a.used[:len(a.used)-1]
				if a.stream = a.stream[:0]; len(a.ends) > 0 {
					a.stream = a.stream[:a.ends[len(a.ends)-1]]
				}
			}
		})
		for _, plan := range []Plan{PlanExact, PlanOverlap} {
			w := newWorld(s.specs)
			k := kernel{plan: plan, header: 28 + readHead, room: minStagingBytes, ends: s.ends}
			if seed%4 > 1 {
				k.rnd = rand.New(rand.NewPCG(seed, 1))
			}
			s.verify(t, w, w.receive(t, s.stream, k))
			if w.stats.CopiedBytes != 0 {
				t.Fatalf("seed %d, %v: %d bytes copied", seed, plan, w.stats.CopiedBytes)
			}
		}
	}
}

// A call taken away from its reply in the middle gets no more bytes, and the
// calls after it are none the worse.
func TestReceiverAbandon(t *testing.T) {
	for seed := range uint64(300) {
		s := write(seed, 20, seed%2 == 0, (*author).goodRead)
		rnd := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(s.specs)
		var gone []*testRead
		k := kernel{plan: PlanExact + Plan(seed%2), header: 28 + readHead, room: minStagingBytes, rnd: rnd, ends: s.ends}
		k.before = func(int) {
			if w.rx.call == nil || rnd.IntN(6) > 0 {
				return
			}
			for _, r := range w.calls {
				if w.rx.call == &r.Call {
					gone = append(gone, r)
					for _, p := range r.Iovs {
						for i := range p {
							p[i] = 0xEE
						}
					}
				}
			}
			w.rx.abandon()
		}
		got := w.receive(t, s.stream, k)
		w.guards(t)
		if got.Stream != "" || len(got.Ended)+len(gone) != len(s.want) || len(gone) == 0 && len(s.stream) > 5000 {
			t.Fatalf("seed %d: %d ended, %d abandoned of %d; %s", seed, len(got.Ended), len(gone), len(s.want), got.Stream)
		}
		for _, r := range gone {
			if w.ended[r.xid] != nil {
				t.Errorf("seed %d: an abandoned call ended", seed)
			}
			for _, p := range r.Iovs {
				if len(bytes.Trim(p, "\xee")) > 0 {
					t.Fatalf("seed %d: a byte landed after its call was abandoned", seed)
				}
			}
		}
		for _, want := range s.want {
			r := w.calls[want.spec]
			if err, ok := w.ended[r.xid]; ok && (err != nil || !bytes.Equal(bytes.Join(r.Iovs, nil)[:r.Received], want.payload)) {
				t.Fatalf("seed %d: %v, or wrong bytes", seed, err)
			}
		}
	}
}

func TestReceiverLosesItsPlace(t *testing.T) {
	accepted := func(change func(b []byte)) []byte {
		b := xdrwire.AppendReply(nil, 2, xdrwire.Success)
		change(b)
		return transporttest.Record(b)
	}
	for _, tc := range []struct {
		name   string
		stream []byte
		want   error
	}{
		{"message type", accepted(func(b []byte) { b[7] = 9 }), xdrwire.ErrMsgType},
		{"reply stat", accepted(func(b []byte) { b[11] = 2 }), xdrwire.ErrReplyStat},
		{"reject stat", accepted(func(b []byte) { b[11], b[15] = 1, 7 }), xdrwire.ErrRejectStat},
		{"long verifier", accepted(func(b []byte) { b[16] = 0x7F }), &xdrwire.LengthError{}},
		{"empty record", transporttest.Record(), nil},
		{"short record", transporttest.Record(make([]byte, 7)), nil},
		{"header cut off", transporttest.Record(xdrwire.AppendReply(nil, 2, xdrwire.ProgMismatch)), nil},
		{"empty fragments", make([]byte, 4*(maxEmptyFragments+1)), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			specs := []callSpec{{xid: 2, segs: []int{100}}}
			w := newWorld(specs)
			err := w.rx.feed(tc.stream)
			var record *RecordError
			if !errors.As(err, &record) {
				t.Fatalf("%v, want a RecordError", err)
			}
			var length *xdrwire.LengthError
			if _, ok := tc.want.(*xdrwire.LengthError); ok && !errors.As(err, &length) {
				t.Error(err)
			} else if !ok && !errors.Is(err, tc.want) && tc.want != nil {
				t.Error(err)
			}
			for _, k := range kernels(nil) {
				if got := newWorld(specs).receive(t, tc.stream, k); got.Stream == "" {
					t.Errorf("%v, header %d, room %d: no error", k.plan, k.header, k.room)
				}
			}
		})
	}
}

var fuzzSpecs = []callSpec{
	{xid: 0, segs: []int{0}},
	{xid: 1, segs: []int{1}},
	{xid: 2, segs: []int{3, 0, 5}},
	{xid: 3, segs: []int{100, 1, 900}, usual: 20},
	{xid: 4, segs: []int{4096}},
	{xid: 5, body: true, limit: 100},
	{xid: 6, body: true, limit: 5000},
}

func FuzzReceiver(f *testing.F) {
	for _, s := range []callSpec{fuzzSpecs[2], fuzzSpecs[3], fuzzSpecs[4]} {
		b := transporttest.Accepted(s.xid, readResult(0, s.size()))
		f.Add(b, uint64(1), byte(0))
		f.Add(append(transporttest.Fragments(b[4:], 3), b...), uint64(2), byte(1))
	}
	body := make([]byte, 200)
	f.Add(append(transporttest.Accepted(5, body), transporttest.Accepted(6, body)...), uint64(3), byte(2))
	f.Add(transporttest.OneWay(0, body), uint64(4), byte(3))
	f.Add(transporttest.Record(xdrwire.AppendReject(nil, 1, xdrwire.AuthTooWeak)), uint64(5), byte(4))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64, way byte) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(fuzzSpecs)
		want := w.feed(stream, len(stream), nil)
		w.guards(t)
		if n := cap(w.rx.head); n > 4*maxHeadBytes {
			t.Fatalf("%d bytes for a header", n)
		}
		for i, r := range w.calls {
			if s := fuzzSpecs[i]; s.body && len(r.Body) > s.limit {
				t.Fatalf("a body of %d bytes, allowed %d", len(r.Body), s.limit)
			}
		}
		w = newWorld(fuzzSpecs)
		if diff := cmp.Diff(want, w.feed(stream, 50, rnd)); diff != "" {
			t.Fatal("fed by cuts:", diff)
		}
		all := kernels(rnd)
		w = newWorld(fuzzSpecs)
		got := w.receive(t, stream, all[int(way)%len(all)])
		w.guards(t)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("received by %+v: %s", all[int(way)%len(all)], diff)
		}
	})
}
