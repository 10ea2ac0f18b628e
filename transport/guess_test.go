package transport

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// A server that answers in order is guessed at; one that does not is no more
// until it has earned trust again. The bytes are right all along.
func TestTrust(t *testing.T) {
	const batch, n = 8, 20_000 // bytes, more than a small read has
	var swap atomic.Bool
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		for {
			calls := p.Calls(batch)
			if calls == nil {
				return
			}
			if swap.Load() {
				calls[3], calls[4] = calls[4], calls[3]
			}
			var out []byte
			for _, c := range calls {
				off, n := parseReadArgs(c.Args)
				out = append(out, readReply(c.XID, off, n)...)
			}
			p.Write(out)
		}
	})
	q := e.NewQueue(batch)
	var reads [batch]*testRead
	for i := range reads {
		reads[i] = newRead(uint64(i)<<20, make([]byte, n))
	}
	read := func(batches int) (stats Stats) {
		t.Helper()
		for range batches {
			for _, r := range reads {
				if err := q.Add(r.on(c)); err != nil {
					t.Fatal(err)
				}
			}
			within(t, 5*time.Second, func() { q.Wait(ctx, batch) })
			for i, r := range reads {
				if q.Pop() == nil || r.Err != nil || !bytes.Equal(r.Iovs[0], pattern(uint64(i)<<20, n)) {
					t.Fatalf("read %d: %v, or wrong bytes", i, r.Err)
				}
				clear(r.Iovs[0])
			}
		}
		return e.Stats()
	}
	if s := read(1); s.SpeculativeReceives != 0 {
		t.Errorf("%d guesses after %d replies", s.SpeculativeReceives, batch)
	}
	if s := read(9); s.SpeculativeReceives == 0 || s.WrongGuesses != 0 || s.OutOfOrder != 0 {
		t.Errorf("a server that answers in order: %+v", s)
	}
	for range 50 { // a receive may end just before the reply that is out of order
		swap.Store(true)
		s := read(1)
		swap.Store(false)
		if s.OutOfOrder == 0 {
			t.Fatal("the server did not do its part")
		}
		if s.WrongGuesses > 0 {
			break
		}
		read(10)
	}
	before := e.Stats()
	if before.WrongGuesses != 1 {
		t.Fatalf("%d wrong guesses, want 1", before.WrongGuesses)
	}
	// Three replies of the batch came after the swapped pair, perhaps.
	if s := read(needAfterMiss/batch - 1); s.SpeculativeReceives != before.SpeculativeReceives {
		t.Errorf("%d guesses while trust was gone", s.SpeculativeReceives-before.SpeculativeReceives)
	}
	if s := read(5); s.SpeculativeReceives == before.SpeculativeReceives || s.WrongGuesses != 1 {
		t.Errorf("trust was not earned again: %+v", s)
	}
}

// A server that answers in order, with everything in the middle of guesses that is
// not what was hoped for: short payloads, none, statuses, refusals; for reads
// small and large.
func TestGuessesAmongOddReplies(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rounds := 150
	if raceEnabled {
		rounds = 40
	}
	for _, plan := range []Plan{PlanAuto, PlanSpeculative, PlanStaged} {
		t.Run(plan.String(), func(t *testing.T) { oddReplies(t, plan, seed, rounds) })
	}
}

// oddness is what the server makes of a read, told by its offset.
type oddness uint64

const (
	oddNot oddness = iota
	oddShort
	oddEmpty
	oddStatus
	oddRefusal
	oddKinds
)

// at is an offset that asks for it.
func (o oddness) at(off uint64) uint64 { return off*uint64(oddKinds) + uint64(o) }

func oddnessOf(off uint64) oddness { return oddness(off % uint64(oddKinds)) }

// payload is how many bytes of n come.
func (o oddness) payload(n int) int {
	switch o {
	case oddShort:
		return n / 3
	case oddEmpty:
		return 0
	}
	return n
}

func (o oddness) reply(xid uint32, off uint64, n int) []byte {
	switch o {
	case oddStatus:
		return transporttest.Accepted(xid, []byte{0, 0, 0, 5, 0, 0, 0, 0})
	case oddRefusal:
		return transporttest.Record(xdrwire.AppendReply(nil, xid, xdrwire.SystemErr))
	}
	return readReply(xid, off, o.payload(n))
}

func (o oddness) check(r *testRead, off uint64) error {
	var rpc *xdrwire.RPCError
	switch p := bytes.Join(r.Iovs, nil); {
	case o == oddStatus:
		if !errors.Is(r.Err, errStatus) {
			return fmt.Errorf("status: %w", r.Err)
		}
	case o == oddRefusal:
		if !errors.As(r.Err, &rpc) {
			return fmt.Errorf("refusal: %w", r.Err)
		}
	case r.Err != nil:
		return r.Err
	case r.Received != o.payload(len(p)) || !bytes.Equal(p[:r.Received], pattern(off, r.Received)):
		return fmt.Errorf("%d bytes of %d, or wrong ones", r.Received, len(p))
	}
	return nil
}

func oddReplies(t *testing.T, plan Plan, seed uint64, rounds int) {
	const batch, guard, most = 24, 16, 3 * smallPayload
	e, c := start(t, Options{Plan: plan}, func(p *transporttest.Peer) {
		for {
			var out []byte
			calls := p.Calls(batch)
			if calls == nil {
				return
			}
			for _, c := range calls {
				off, n := parseReadArgs(c.Args)
				out = append(out, oddnessOf(off).reply(c.XID, off, n)...)
			}
			p.Write(out)
		}
	})
	rnd := rand.New(rand.NewPCG(seed, 3))
	q := e.NewQueue(batch)
	memory := make([]byte, batch*(most+guard)+guard)
	for round := range rounds {
		for i := range memory {
			memory[i] = canary
		}
		var reads [batch]*testRead
		var offs [batch]uint64
		lent := bytes.Clone(memory)
		for i := range reads {
			n := 1 + rnd.IntN(most)
			if rnd.IntN(3) == 0 {
				n = 1 + rnd.IntN(300)
			}
			odd := oddNot
			if round > 3 && rnd.IntN(6) == 0 {
				odd = oddness(rnd.IntN(int(oddKinds)))
			}
			at := guard + i*(most+guard)
			offs[i] = odd.at(rnd.Uint64N(1 << 40))
			reads[i] = newRead(offs[i], cut(rnd, memory[at:at+n:at+n], 4)...)
			if err := q.Add(reads[i].on(c)); err != nil {
				t.Fatal(err)
			}
		}
		within(t, 5*time.Second, func() { q.Wait(ctx, batch) })
		for i, r := range reads {
			if q.Pop() == nil {
				t.Fatal("a call was not reported")
			}
			if err := oddnessOf(offs[i]).check(r, offs[i]); err != nil {
				t.Fatalf("round %d, read %d: %v", round, i, err)
			}
			at := guard + i*(most+guard)
			copy(lent[at:at+r.size], memory[at:])
		}
		if !bytes.Equal(memory, lent) {
			t.Fatal("a byte outside the lent slices was written")
		}
	}
	s := e.Stats()
	t.Logf("%+v", s)
	if plan == PlanSpeculative && s.WrongGuesses == 0 || plan != PlanStaged && s.SpeculativeReceives == 0 {
		t.Error("the server did not do its part")
	}
	if s.OutOfOrder+s.UnknownReplies+s.LateReplies != 0 {
		t.Errorf("%+v", s)
	}
}

// Large payloads are not copied where a server answers in order, and hardly where
// it does not now and then.
func TestAutoCopiesLittle(t *testing.T) {
	for _, n := range []int{64 << 10, 128 << 10} {
		for _, late := range []int{0, 2000} {
			t.Run(fmt.Sprintf("%d/%d", n, late), func(t *testing.T) {
				copied, s := copiedShare(t, n, late)
				t.Logf("%.5f of all bytes; %+v", copied, s)
				if late == 0 && s.CopiedBytes > 0 {
					t.Errorf("%d bytes were copied", s.CopiedBytes)
				}
				if copied > 0.01 {
					t.Errorf("%.2f %% of the bytes were copied", copied*100)
				}
				if s.SpeculativeReceives == 0 || (late > 0) != (s.OutOfOrder > 0) {
					t.Error("the server did not do its part")
				}
			})
		}
	}
}

// copiedShare reads 5000 times n bytes, 16 reads at a time, from a server one in
// late of whose replies is overtaken by the next; 0 means none.
func copiedShare(t *testing.T, n, late int) (float64, Stats) {
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		first, second := readReply(0, 0, n), readReply(0, 0, n)
		for i := 1; ; i++ {
			call, err := p.Call()
			if err != nil {
				return
			}
			copy(first[4:8], xdrwire.AppendUint32(nil, call.XID))
			if late > 0 && i%late == 0 {
				if call, err = p.Call(); err != nil {
					return
				}
				copy(second[4:8], xdrwire.AppendUint32(nil, call.XID))
				p.Write(second)
			}
			if _, err := p.Write(first); err != nil {
				return
			}
		}
	})
	r := newReader(t, e, c, 16, func() [][]byte { return [][]byte{make([]byte, n)} })
	r.read(5000)
	r.stop()
	s := e.Stats()
	return float64(s.CopiedBytes) / float64(s.PayloadBytes), s
}
