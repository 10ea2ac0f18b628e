package transport

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

func TestReceiverEveryWay(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 20
	}
	for round := range rounds {
		seed := uint64(round)
		if round >= rounds/2 {
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
				if round%3 > 0 {
					w.shuffle(rnd)
				}
				got := w.receive(t, s.stream, k)
				s.verify(t, w, got)
				want := want
				if w.guesses {
					want.Memory = ""
				}
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

// A call taken away from its reply, in the middle or before it has begun, gets no
// more bytes, and the calls after it are none the worse.
func TestReceiverAbandon(t *testing.T) {
	abandoned := map[Plan]int{}
	for seed := range uint64(300) {
		s := write(seed, 20, seed%2 == 0, (*author).goodRead)
		rnd := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(s.specs)
		var gone []*testRead
		k := kernel{plan: PlanExact + Plan(seed/2%4), header: 28 + readHead, room: minStagingBytes, small: 50, rnd: rnd, ends: s.ends}
		// It runs between receives: none is aimed at any call's memory.
		k.before = func(int) {
			if rnd.IntN(6) > 0 {
				return
			}
			for _, r := range w.calls {
				switch call := &r.Call; {
				case call == w.rx.call:
					w.rx.abandon()
				case w.waiting[r.xid] != nil && rnd.IntN(10) == 0:
					w.lookup(r.xid) // its late reply is one to nothing
				default:
					continue
				}
				gone = append(gone, r)
				for _, p := range r.Iovs {
					mark(p)
				}
			}
		}
		got := w.receive(t, s.stream, k)
		abandoned[k.plan] += len(gone)
		w.guards(t)
		if got.Stream != "" || len(got.Ended)+len(gone) != len(s.want) {
			t.Fatalf("seed %d: %d ended, %d abandoned of %d; %s", seed, len(got.Ended), len(gone), len(s.want), got.Stream)
		}
		for _, r := range gone {
			if _, ok := w.ended[r.xid]; ok {
				t.Errorf("seed %d: an abandoned call ended", seed)
			}
			for _, p := range r.Iovs {
				if !marked(p) {
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
	for plan := PlanExact; plan <= PlanSpeculative; plan++ {
		if abandoned[plan] < 50 {
			t.Errorf("%v: %d calls abandoned in all", plan, abandoned[plan])
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
