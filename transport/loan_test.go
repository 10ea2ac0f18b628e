package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"golang.org/x/sys/unix"
)

const marker = 0xEE

func mark(p []byte) []byte {
	for i := range p {
		p[i] = marker
	}
	return p
}

func marked(p []byte) bool { return len(bytes.Trim(p, string([]byte{marker}))) == 0 }

// eventually waits until the condition holds, which may look at what Engine.mu
// guards.
func eventually(t testing.TB, e *Engine, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(100 * time.Microsecond) {
		e.mu.Lock()
		ok := condition()
		e.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatal("never happened:", what)
		}
	}
}

// A call whose payload is being received ends before the server has sent all of
// it: from the report on its memory does not change any more, the rest of the
// record is dropped, and calls behind it are none the worse.
func TestEndWhileReceiving(t *testing.T) {
	const n = 100_000
	ways := map[string]func(q *Queue, c *Call){
		"cancel": func(q *Queue, c *Call) { q.Cancel(c, nil) },
		"cancel twice": func(q *Queue, c *Call) {
			q.Cancel(c, nil)
			q.Cancel(c, errors.New("too late"))
		},
		"deadline": nil,
	}
	type setting struct {
		name string
		o    Options
	}
	settings := []setting{
		{"exact", Options{Plan: PlanExact}},
		{"fixed", Options{Plan: PlanExact, FixedBuffers: true}},
		{"overlap", Options{Plan: PlanOverlap}},
		{"park at once", Options{Wait: -1}},
	}
	for how, end := range ways {
		for _, s := range settings {
			for _, cuts := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s/%s/%d", how, s.name, cuts), func(t *testing.T) {
					endWhileReceiving(t, s.o, n, cuts, end)
				})
			}
		}
	}
}

func endWhileReceiving(t *testing.T, o Options, n, cuts int, end func(*Queue, *Call)) {
	goOn := make(chan bool)
	release := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(release)
	e, c := start(t, o, func(p *transporttest.Peer) {
		calls := p.Calls(3)
		if calls == nil {
			return
		}
		reply := readReply(calls[0].XID, 0, n)
		p.Write(reply[:n/2])
		<-goOn
		p.Write(reply[n/2:])
		for _, c := range calls[1:] {
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
		}
		serveReads(p)
	})
	arena, err := ring.NewArena(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	region, err := e.Register(arena.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	q := e.NewQueue(3)
	var reads [3]*testRead
	for i := range reads {
		p := mark(arena.Get()[:n])
		k := n / cuts
		iovs := [][]byte{p[:k], p[k:]} // the second perhaps empty
		reads[i] = newRead(uint64(i), iovs...)
		if end == nil && i == 0 {
			reads[i].Deadline = time.Now().Add(30 * time.Millisecond)
		}
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Flush()
	first := &reads[0].Call
	eventually(t, e, "a receive aimed at the first call's memory", func() bool {
		return c.aimedAt(first) || first.state == stateDone
	})
	time.Sleep(2 * time.Millisecond) // let the first half land
	want := error(os.ErrDeadlineExceeded)
	if end != nil {
		end(q, first)
		want = context.Canceled
	}
	within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
	if got := q.Pop(); got != first || !errors.Is(first.Err, want) {
		t.Fatalf("reported %v, %v; want %v", got, first.Err, want)
	}
	half := bytes.Join(first.Iovs, nil)
	if k := n / 3; !bytes.Equal(half[:k], pattern(0, k)) {
		t.Error("the test ended the call too early: its first bytes are not there")
	}
	for _, p := range first.Iovs {
		mark(p)
	}
	release()
	within(t, 5*time.Second, func() { q.Wait(ctx, 2) })
	for i, r := range reads[1:] {
		if q.Pop() == nil || r.Err != nil || !bytes.Equal(bytes.Join(r.Iovs, nil), pattern(uint64(i+1), n)) {
			t.Errorf("read %d: %v, or wrong bytes", i+1, r.Err)
		}
	}
	if !marked(bytes.Join(first.Iovs, nil)) {
		t.Error("a byte landed after the report")
	}
	if err := q.Do(ctx, reads[0].on(c)); end != nil && err != nil {
		t.Error("the same call again:", err)
	}
	for _, r := range reads {
		arena.Put(r.Iovs[0][:arena.BlockBytes()])
	}
	if err := errors.Join(region.Close(), arena.Close()); err != nil {
		t.Error(err)
	}
}

// The connection ends for another reason while a receive is aimed at a call's
// memory: the call is not reported before that receive has completed.
func TestConnectionEndsWhileReceiving(t *testing.T) {
	const n = 100_000
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		if call, err := p.Call(); err == nil {
			p.Write(readReply(call.XID, 0, n)[:n/2])
			p.Hold()
		}
	})
	q := e.NewQueue(2)
	reads := []*testRead{newRead(0, make([]byte, n)), newRead(1, make([]byte, n))}
	for _, r := range reads {
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Flush()
	eventually(t, e, "a receive aimed at the first call's memory", func() bool {
		if !c.aimedAt(&reads[0].Call) {
			return false
		}
		// The lock is held: whatever the kernel completes is not seen yet.
		c.abort(unix.EPIPE)
		if reads[0].state != stateReceiving || reads[1].state != stateDone {
			t.Errorf("the call being received is in state %d, the other in %d", reads[0].state, reads[1].state)
		}
		if e.lent.overlaps(reads[0].Iovs[0]) != (reads[0].state == stateReceiving) {
			t.Error("the loan and the state disagree")
		}
		return true
	})
	within(t, 5*time.Second, func() { q.Wait(ctx, 2) })
	for range reads {
		if call := q.Pop(); call == nil || !lost(is(unix.EPIPE))(call.Err) {
			t.Errorf("%+v", call)
		}
	}
}

// Calls that have not been answered end at once; the late replies are dropped
// and counted, and their slots are used again.
func TestEndBeforeReply(t *testing.T) {
	answer := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		calls := p.Calls(4)
		<-answer
		for _, c := range calls {
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
		}
		serveReads(p)
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 4})
	q := e.NewQueue(6)
	mem := make([]byte, 6000)
	var reads [6]*testRead // the last two wait for a slot
	for i := range reads {
		reads[i] = newRead(uint64(i), mem[i*1000:][:1000])
		if i == 1 {
			reads[i].Deadline = time.Now().Add(10 * time.Millisecond)
		}
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Flush()
	reason := errors.New("a reason of the caller's")
	q.Cancel(&reads[0].Call, reason)
	q.Cancel(&reads[5].Call, nil)
	within(t, 5*time.Second, func() { q.Wait(ctx, 3) })
	for i, want := range map[int]error{0: reason, 1: os.ErrDeadlineExceeded, 5: context.Canceled} {
		if err := reads[i].Err; !errors.Is(err, want) {
			t.Errorf("call %d ended with %v, want %v", i, err, want)
		}
		if (reads[i].xid == 0) != (i == 5) {
			t.Errorf("call %d: xid %#x", i, reads[i].xid)
		}
	}
	for range 3 {
		mark(q.Pop().Iovs[0])
	}
	if q.Pop() != nil {
		t.Fatal("a call more than ended")
	}
	close(answer)
	within(t, 5*time.Second, func() { q.Wait(ctx, 3) })
	for _, i := range []int{2, 3, 4} {
		if q.Pop() == nil || reads[i].Err != nil || !bytes.Equal(reads[i].Iovs[0], pattern(uint64(i), 1000)) {
			t.Errorf("call %d: %v, or wrong bytes", i, reads[i].Err)
		}
	}
	for _, i := range []int{0, 1, 5} {
		if !marked(reads[i].Iovs[0]) {
			t.Errorf("call %d: bytes landed after the report", i)
		}
	}
	e.mu.Lock()
	if c.slots.dead != 0 || len(c.slots.free) != 4 {
		t.Errorf("%d slots dead, %d free", c.slots.dead, len(c.slots.free))
	}
	e.mu.Unlock()
	if s := e.Stats(); s.LateReplies != 2 || s.UnknownReplies != 0 {
		t.Errorf("%d late replies, %d to nothing", s.LateReplies, s.UnknownReplies)
	}
}

// A late reply frees its slot for a call that waits for one, while no other
// reply comes.
func TestLateReplyFreesSlot(t *testing.T) {
	cancelled := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		calls := p.Calls(2)
		<-cancelled
		if calls != nil {
			p.Write(readReply(calls[0].XID, 0, 10))
			serveReads(p)
		}
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 2})
	q := e.NewQueue(3)
	var reads [3]*testRead
	for i := range reads {
		reads[i] = newRead(uint64(i), make([]byte, 10))
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Cancel(&reads[0].Call, nil)
	close(cancelled)
	within(t, 5*time.Second, func() { q.Wait(ctx, 2) })
	q.Cancel(&reads[1].Call, nil)
	for i, want := range []int{0, 2, 1} {
		if call := q.Pop(); call != &reads[want].Call {
			t.Fatalf("call %d to end is not call %d", i, want)
		}
	}
	if reads[2].Err != nil {
		t.Error(reads[2].Err)
	}
}

// One timer serves all deadlines, those of calls that wait for a slot too.
func TestDeadlinesInTurn(t *testing.T) {
	s := transporttest.Serve(t, (*transporttest.Peer).Hold)
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 4})
	q := e.NewQueue(5)
	began := time.Now()
	for i, ms := range []int{30, 10, 20, 1000_000, 15} { // the last finds no slot
		r := newRead(uint64(i), make([]byte, 10))
		r.Deadline = began.Add(time.Duration(ms) * time.Millisecond)
		if err := q.Add(r.on(c)); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 5*time.Second, func() { q.Wait(ctx, 4) })
	for _, want := range []uint64{1, 4, 2, 0} {
		call := q.Pop()
		if call.UserData != want || !errors.Is(call.Err, os.ErrDeadlineExceeded) || time.Now().Before(call.Deadline) {
			t.Errorf("call %v ended with %v, want call %d", call.UserData, call.Err, want)
		}
	}
	c.Close()
	if call := q.Pop(); call == nil || !errors.Is(call.Err, net.ErrClosed) {
		t.Error("the call whose deadline is far away:", call)
	}
}

// A second reply to a call comes when its slot has the next call already.
func TestDuplicateAfterReuse(t *testing.T) {
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		var last transporttest.Call
		for {
			c, err := p.Call()
			if err != nil {
				return
			}
			if last.XID != 0 {
				p.Write(readReply(last.XID, 1<<40, 100))
			}
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
			last = c
		}
	})
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 1})
	q := e.NewQueue(1)
	r := newRead(7, make([]byte, 100))
	for range 20 {
		if err := q.Do(ctx, r.on(c)); err != nil || !bytes.Equal(r.Iovs[0], pattern(7, 100)) {
			t.Fatal(err, "or another reply's bytes")
		}
	}
	if s := e.Stats(); s.UnknownReplies != 19 {
		t.Errorf("%d replies to nothing, want 19", s.UnknownReplies)
	}
}

func TestSilentServer(t *testing.T) {
	s := transporttest.Serve(t, (*transporttest.Peer).Hold)
	e := newEngine(t, Options{})
	c := dial(t, e, s, ConnOptions{Depth: 2})
	q := e.NewQueue(3)
	var reads [3]*testRead
	for i := range reads {
		reads[i] = newRead(0, make([]byte, 10))
		reads[i].Deadline = time.Now().Add(10 * time.Millisecond)
		if i == 2 {
			reads[i].Deadline = time.Time{} // never gets a slot
		}
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 5*time.Second, func() { q.Wait(ctx, 3) })
	for range reads {
		q.Pop()
	}
	if !errors.Is(reads[0].Err, os.ErrDeadlineExceeded) || !errors.Is(reads[1].Err, os.ErrDeadlineExceeded) {
		t.Error(reads[0].Err, reads[1].Err)
	}
	if !lost(is(ErrSilent))(reads[2].Err) || !errors.Is(c.Err(), ErrSilent) {
		t.Error(reads[2].Err, c.Err())
	}
}

// Misuse is refused, and nothing is lent by the attempt.
func TestMisuse(t *testing.T) {
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		time.Sleep(20 * time.Millisecond)
		serveReads(p)
	})
	q := e.NewQueue(8)
	mem := make([]byte, 1000)
	busy := newRead(0, mem[100:200], mem[300:400])
	if err := q.Add(busy.on(c)); err != nil {
		t.Fatal(err)
	}
	region, err := e.Register(mem)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign := start(t, Options{}, serveReads)
	for _, tc := range []struct {
		name string
		call *Call
		want error
	}{
		{"same call", busy.on(c), ErrInFlight},
		{"same memory", newRead(0, mem[100:200]).on(c), ErrBufferInUse},
		{"first byte", newRead(0, mem[50:101]).on(c), ErrBufferInUse},
		{"last byte", newRead(0, mem[199:201]).on(c), ErrBufferInUse},
		{"inside", newRead(0, mem[350:351]).on(c), ErrBufferInUse},
		{"around", newRead(0, mem).on(c), ErrBufferInUse},
		{"second slice", newRead(0, mem[500:600], mem[310:320]).on(c), ErrBufferInUse},
		{"twice in one call", newRead(0, mem[500:600], mem[599:700]).on(c), ErrBufferInUse},
		{"no connection", newRead(0, mem[500:600]).on(nil), ErrForeignConn},
		{"another engine's connection", newRead(0, mem[500:600]).on(foreign), ErrForeignConn},
	} {
		if err := q.Add(tc.call); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	// All or none.
	good, bad := newRead(0, mem[500:600]), newRead(0, mem[100:101])
	if err := q.Add(good.on(c), bad.on(c)); !errors.Is(err, ErrBufferInUse) || q.InFlight() != 1 {
		t.Errorf("a batch with one bad call: %v, %d in flight", err, q.InFlight())
	}
	if err := region.Close(); !errors.Is(err, ErrBufferInUse) {
		t.Error("closing a region that is lent:", err)
	}
	between := newRead(200, mem[200:300], mem[400:500], mem[:100], nil, mem[500:500])
	if err := q.Add(between.on(c)); err != nil {
		t.Error("memory between what is lent:", err)
	}
	parked := make(chan error, 1)
	go func() { parked <- q.Wait(ctx, 2) }()
	eventually(t, e, "a waiter", func() bool { return q.waiting })
	if err := q.Wait(ctx, 2); !errors.Is(err, ErrBusyQueue) {
		t.Error("a second waiter:", err)
	}
	within(t, 5*time.Second, func() {
		if err := <-parked; err != nil {
			t.Error(err)
		}
	})
	for q.Pop() != nil {
	}
	if busy.Err != nil || between.Err != nil || !bytes.Equal(bytes.Join(between.Iovs, nil), pattern(200, 300)) {
		t.Error(busy.Err, between.Err, "or wrong bytes")
	}
	q.Cancel(&busy.Call, nil) // popped: no effect
	if err := q.Do(ctx, newRead(0, mem).on(c)); err != nil {
		t.Error("all of it again:", err)
	}
	if err := errors.Join(region.Close(), region.Close()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := q.Add(good.on(c)); !errors.Is(err, net.ErrClosed) || !errors.Is(c.Err(), net.ErrClosed) {
		t.Error("after Conn.Close:", err, c.Err())
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := q.Add(good.on(c)); !errors.Is(err, net.ErrClosed) {
		t.Error("after Engine.Close:", err)
	}
	if _, err := e.Register(mem); !errors.Is(err, net.ErrClosed) {
		t.Error("Register after Engine.Close:", err)
	}
}

// The context of a Wait ends while the goroutine is parked, or drives.
func TestWaitCancelled(t *testing.T) {
	for _, wait := range []time.Duration{-1, 0, 50 * time.Millisecond} {
		t.Run(wait.String(), func(t *testing.T) {
			e, c := start(t, Options{Wait: wait}, (*transporttest.Peer).Hold)
			q := e.NewQueue(1)
			r := newRead(0, make([]byte, 10))
			if err := q.Add(r.on(c)); err != nil {
				t.Fatal(err)
			}
			short, stop := context.WithTimeout(ctx, 5*time.Millisecond)
			defer stop()
			within(t, 5*time.Second, func() {
				if err := q.Wait(short, 1); !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			})
			if q.Pop() != nil {
				t.Error("the end of a Wait ended its call")
			}
			again, stop := context.WithCancel(ctx)
			time.AfterFunc(5*time.Millisecond, stop)
			within(t, 5*time.Second, func() {
				if err := e.NewQueue(1).Do(again, newRead(0, make([]byte, 10)).on(c)); !errors.Is(err, context.Canceled) {
					t.Error("Do:", err)
				}
			})
			q.Cancel(&r.Call, nil)
			within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
			if q.Pop() == nil {
				t.Error("a cancelled call was not reported")
			}
		})
	}
}

// Deadlines and cancels hit calls in every state, from many goroutines, under
// load. Each popped buffer is overwritten at once and looked at again later: no
// late write, no lost call, and no byte of a successful read is wrong.
func TestEndsUnderLoad(t *testing.T) {
	for _, o := range []Options{{Plan: PlanExact}, {Plan: PlanOverlap}, {Wait: -1}} {
		t.Run(fmt.Sprintf("%v/%v", o.Plan, o.Wait), func(t *testing.T) { endsUnderLoad(t, o) })
	}
}

func endsUnderLoad(t *testing.T, o Options) {
	const workers, n = 8, 64 << 10
	rounds := 30
	if raceEnabled {
		rounds = 10
	}
	e, c := start(t, o, func(p *transporttest.Peer) {
		rnd := rand.New(rand.NewPCG(1, 1))
		for c := range p.Stream() {
			off, n := parseReadArgs(c.Args)
			reply := readReply(c.XID, off, n)
			for len(reply) > 0 {
				k := min(len(reply), 1+rnd.IntN(n))
				if _, err := p.Write(reply[:k]); err != nil {
					return
				}
				if reply = reply[k:]; rnd.IntN(2) == 0 {
					time.Sleep(time.Duration(rnd.IntN(200)) * time.Microsecond)
				}
			}
		}
	})
	var succeeded, ended [workers]int
	done := make(chan error, workers)
	for w := range workers {
		go func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 2))
			q := e.NewQueue(4)
			done <- func() error {
				var old [][]byte
				for range rounds {
					var reads []*testRead
					for range 4 {
						r := newRead(rnd.Uint64(), make([]byte, n))
						if rnd.IntN(3) == 0 {
							r.Deadline = time.Now().Add(time.Duration(rnd.IntN(3000)) * time.Microsecond)
						}
						if err := q.Add(r.on(c)); err != nil {
							return err
						}
						reads = append(reads, r)
					}
					q.Flush()
					if rnd.IntN(2) == 0 {
						time.Sleep(time.Duration(rnd.IntN(2000)) * time.Microsecond)
						q.Cancel(&reads[rnd.IntN(4)].Call, nil)
					}
					if err := q.Wait(ctx, 4); err != nil {
						return err
					}
					for _, p := range old {
						if !marked(p) {
							return errors.New("a byte landed after the report")
						}
					}
					old = old[:0]
					for call := q.Pop(); call != nil; call = q.Pop() {
						switch off := call.UserData.(uint64); {
						case call.Err == nil:
							succeeded[w]++
							if !bytes.Equal(call.Iovs[0], pattern(off, n)) {
								return errors.New("wrong bytes")
							}
						case errors.Is(call.Err, context.Canceled) || errors.Is(call.Err, os.ErrDeadlineExceeded):
							ended[w]++
						default:
							return call.Err
						}
						old = append(old, mark(call.Iovs[0]))
					}
					if len(old) != 4 {
						return fmt.Errorf("%d calls reported of 4", len(old))
					}
				}
				return nil
			}()
		}()
	}
	for range workers {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(20 * time.Second):
			panic("hangs")
		}
	}
	all := [2]int{}
	for w := range workers {
		all[0] += succeeded[w]
		all[1] += ended[w]
	}
	s := e.Stats()
	t.Logf("%d succeeded, %d ended early; %+v", all[0], all[1], s)
	if all[0] < 50 || all[1] < 50 || s.LateReplies == 0 {
		t.Error("the load did not do its part")
	}
}
