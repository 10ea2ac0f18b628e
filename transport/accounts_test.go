//go:build invariants

package transport

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/panics"
	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// Whatever of the accounts is wrong, the check finds it. The engine has a call in
// every state: one being received, one whose reply is outstanding, one given up
// in a dead slot, one that waits for a slot, and one that is finished.
func TestAccountsAreChecked(t *testing.T) {
	const n = 100_000
	goOn := make(chan bool)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		calls := p.Calls(4)
		if calls == nil {
			return
		}
		p.Write(readReply(calls[0].XID, 0, n))
		reply := readReply(calls[1].XID, 1, n)
		p.Write(reply[:n/2])
		<-goOn
		p.Write(reply[n/2:])
		p.Write(readReply(calls[2].XID, 2, n))
		p.Write(readReply(calls[3].XID, 3, n))
		serveReads(p)
	})
	e := newEngine(t, Options{Plan: PlanOverlap})
	c := dial(t, e, s, ConnOptions{Depth: 4})
	q := e.NewQueue(8)
	var reads [6]*testRead
	for i := range reads {
		reads[i] = newRead(uint64(i), make([]byte, n))
		reads[i].Deadline = time.Now().Add(time.Minute)
		if err := q.Add(reads[i].on(c)); err != nil {
			t.Fatal(err)
		}
	}
	q.Flush()
	receiving, sent, given, queued := reads[1], reads[2], reads[3], reads[5]
	q.Cancel(&given.Call, nil)
	eventually(t, e, "a receive aimed at the second call", func() bool {
		return reads[0].state == stateDone && receiving.aimed && receiving.state == stateReceiving &&
			!e.driver.driving && c.listedToArm == false && !c.send.inFlight && !c.send.listed && c.backlog.count > 0
	})
	e.mu.Lock()
	e.guardNow()
	uses := e.uses
	for _, tc := range []struct {
		name, want  string
		spoil, mend func()
	}{
		{"conn.live", "live of the connection", func() { c.live++ }, func() { c.live-- }},
		{"conn.large", "large of the connection", func() { c.large-- }, func() { c.large++ }},
		{"conn.bodies", "bodies of", func() { c.bodies++ }, func() { c.bodies-- }},
		{"conn.entries", "entries of", func() { c.entries-- }, func() { c.entries++ }},
		{"conn.outstanding", "outstanding of", func() { c.outstanding.Add(1) }, func() { c.outstanding.Add(-1) }},
		{"driver.live", "driver.live", func() { e.driver.live-- }, func() { e.driver.live++ }},
		{"driver.large", "driver.large", func() { e.driver.large-- }, func() { e.driver.large++ }},
		{"driver.hoped", "driver.hoped", func() { e.driver.hoped++ }, func() { e.driver.hoped-- }},
		{"slots.dead", "dead slots", func() { c.slots.dead-- }, func() { c.slots.dead++ }},
		{"a lost slot", "free and dead and taken", func() { c.slots.all[given.xid&slotMask].dead = false }, func() { c.slots.all[given.xid&slotMask].dead = true }},
		{"a slot free and taken", "free and", func() { c.slots.free = append(c.slots.free, 0) }, func() { c.slots.free = c.slots.free[:0] }},
		{"an XID", "leads to a call", func() { sent.xid++ }, func() { sent.xid-- }},
		{"a state", "in state", func() { sent.state = stateQueued }, func() { sent.state = stateSent }},
		{"two received", "in state", func() { sent.state = stateReceiving }, func() { sent.state = stateSent }},
		{"sent.count", "calls in state sent", func() { c.sent.count++ }, func() { c.sent.count-- }},
		{"a link", "the sent list", func() { reads[4].prev = nil }, func() { reads[4].prev = &sent.Call }},
		{"a call not in the sent list", "calls in state sent", func() { c.sent.remove(&sent.Call) }, func() { c.sent.push(&sent.Call) }},
		{"the backlog", "the backlog list", func() { queued.state = stateSent }, func() { queued.state = stateQueued }},
		{"aimed without a receive", "aimed at", func() { sent.aimed = true }, func() { sent.aimed = false }},
		{"a receive and no aim", "does not know", func() { receiving.aimed = false }, func() { receiving.aimed = true }},
		{"memory aimed at and not lent", "not lent", func() { e.lent.remove(receiving.Iovs) }, func() { e.lent.add(receiving.Iovs) }},
		{"to end, and nobody does it", "nobody cancels", func() { receiving.cancelErr = ErrDeadline }, func() { receiving.cancelErr = nil }},
		{"to end, and could at once", "waits for no receive", func() { sent.cancelErr = ErrDeadline }, func() { sent.cancelErr = nil }},
		{"to be cancelled", "nobody does it", func() { c.cancelling = true }, func() { c.cancelling = false }},
		{"deaf", "nothing is received", func() { c.receiving = false; c.entries--; receiving.aimed = false }, func() { c.receiving = true; c.entries++; receiving.aimed = true }},
		{"mute", "nobody sends", func() { c.send.sent-- }, func() { c.send.sent++ }},
		{"no timer", "nothing comes at the deadline", func() { e.deadline.next = e.deadline.next.Add(time.Hour) }, func() { e.deadline.next = e.deadline.next.Add(-time.Hour) }},
		{"accelerators", "lack what they take", func() { e.uses = WaitAll | PollFirst }, func() { e.uses = uses }},
		{"a refused ring", "lives on", func() { e.broken = ErrClosed }, func() { e.broken = nil }},
		{"accepted", "accepted", func() { e.stats.Accepted++ }, func() { e.stats.Accepted-- }},
		{"reported", "accepted", func() { e.stats.Reported++ }, func() { e.stats.Reported-- }},
		{"queue.inFlight", "accepted and not popped", func() { q.inFlight-- }, func() { q.inFlight++ }},
		{"queue.done", "finished calls", func() { q.done.count++ }, func() { q.done.count-- }},
		{"toArm", "driver.toArm", func() { c.listedToArm = true }, func() { c.listedToArm = false }},
		{"toSend", "driver.toSend", func() { c.send.listed = true }, func() { c.send.listed = false }},
	} {
		tc.spoil()
		if !panics.With(t, tc.want, func() { e.guardNow() }) {
			t.Error(tc.name)
		}
		tc.mend()
	}
	panics.With(t, "ends while a receive is aimed at it", func() { e.complete(&receiving.Call, ErrDeadline) })
	e.guardNow()
	e.mu.Unlock()
	close(goOn)
	within(t, 5*time.Second, func() { q.Wait(ctx, len(reads)) })
	for c := q.Pop(); c != nil; c = q.Pop() {
		if c.Err != nil && c != &given.Call {
			t.Error(c.Err)
		}
	}
}

// What an engine that is closed still has is checked, too.
func TestClosedAccountsAreChecked(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	q := e.NewQueue(1)
	r := newRead(0, make([]byte, 10))
	if err := q.Add(r.on(c)); err != nil {
		t.Fatal(err)
	}
	within(t, 5*time.Second, func() { q.Wait(ctx, 1) })
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	more := [][]byte{make([]byte, 10)}
	e.lent.add(more)
	panics.With(t, "memory lent", e.guardClosed)
	e.lent.remove(more)
	r.state = stateSent
	panics.With(t, "", e.guardClosed)
	r.state = stateDone
	e.guardClosed()
	q.pop()
}

// Whether memory is lent is seen for any part of it, however long the list.
func TestLentCovers(t *testing.T) {
	memory := make([]byte, 4000)
	rnd := rand.New(rand.NewPCG(1, 1))
	var l lentRanges
	lent := make([]bool, 400)
	for _, i := range rnd.Perm(400)[:300] {
		lent[i] = true
		l.add([][]byte{memory[10*i:][:10]})
	}
	for i := range lent {
		p := memory[10*i:][:10]
		for _, p := range [][]byte{p, p[:3], p[3:], p[3:7]} {
			if l.covers(p) != lent[i] {
				t.Fatalf("%d bytes in loan %d: %v", len(p), i, !lent[i])
			}
		}
		if i > 0 && l.covers(memory[10*i-5:][:10]) {
			t.Fatal("memory of two loans counts as one")
		}
	}
}
