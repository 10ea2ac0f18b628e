package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
		{"staged", Options{Plan: PlanStaged}},
		{"speculative", Options{Plan: PlanSpeculative}},
		{"park at once", Options{Wait: -1}},
	}
	for how, end := range ways {
		for _, s := range settings {
			for _, cuts := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s/%s/%d", how, s.name, cuts), func(t *testing.T) {
					patience := 2 * time.Millisecond
					for !endWhileReceiving(t, s.o, n, cuts, end, patience) {
						if patience *= 4; patience > time.Second {
							t.Fatal("the test ends the call too early: its first bytes are not there")
						}
					}
				})
			}
		}
	}
}

// endWhileReceiving reports false if the call was ended before its first half had
// come.
func endWhileReceiving(t *testing.T, o Options, n, cuts int, end func(*Queue, *Call), patience time.Duration) (landed bool) {
	goOn := make(chan bool)
	release := sync.OnceFunc(func() { close(goOn) })
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
	t.Cleanup(release) // before the server's own, which waits for the script
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
			reads[i].Deadline = time.Now().Add(time.Hour)
		}
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Flush()
	first := &reads[0].Call
	eventually(t, e, "a receive aimed at the first call's memory", func() bool {
		return first.aimed || first.state == stateDone
	})
	time.Sleep(patience) // let the first half land
	want := error(os.ErrDeadlineExceeded)
	if end != nil {
		end(q, first)
		want = context.Canceled
	} else {
		e.mu.Lock()
		e.expireAt(first.Deadline)
		e.mu.Unlock()
	}
	within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
	half := bytes.Join(first.Iovs, nil) // nothing of it counts once it is popped
	if got := q.Pop(); got != first || !errors.Is(first.Err, want) {
		t.Fatalf("reported %v, %v; want %v", got, first.Err, want)
	}
	landed = bytes.Equal(half[:n/3], pattern(0, n/3))
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
	return landed
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
		if !reads[0].aimed {
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
