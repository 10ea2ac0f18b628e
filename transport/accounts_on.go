//go:build invariants

package transport

import (
	"cmp"
	"slices"
)

// engineGuard is what the checks of the accounts go by.
type engineGuard struct {
	held map[*Call]struct{} // accepted and not popped
	runs uint64             // checks made
	skip int                // checks left out until the next
}

// connGuard knows what the kernel was asked to cancel.
type connGuard struct {
	cancels int  // cancel entries queued or in flight
	asked   bool // one of them was for the receive in flight
}

// guardCancel takes note of n more cancel entries.
func (c *Conn) guardCancel(n int) {
	c.guard.cancels += n
	if n > 0 {
		c.guard.asked = true
	}
}

// guardArmed runs when a receive has been queued and the kernel has not seen it.
func (c *Conn) guardArmed() {
	c.guard.asked = false
	c.guardAim()
}

// guardUnits is how much of the engine is looked at in every turn. With more calls
// and slots than that every second turn is checked, or fewer.
const guardUnits = 2048

// guardAccounts panics if something that is counted, or known in two places, does
// not add up. It runs where an engine's lock may be given away. Once the engine
// is closed nothing changes but what is popped, and what the kernel did not let go of
// (leak.go) adds up to nothing.
func (e *Engine) guardAccounts() {
	g := &e.guard
	if e.closed {
		return
	}
	if g.skip > 0 {
		g.skip--
		return
	}
	g.skip = e.guardNow() / guardUnits
}

// guardNow checks, and says how much there was to look at.
func (e *Engine) guardNow() (units int) {
	e.guard.runs++
	if e.uses != e.uses.standing() {
		broken("an engine goes by %v, some of which lack what they take", e.uses)
	}
	live, large, hoped, waiting := 0, 0, 0, 0
	for id, c := range e.conns {
		if c == nil {
			continue
		}
		if int(c.id) != id {
			broken("the connection to %s is in place %d, not in its own %d", c.peer, id, c.id)
		}
		if e.broken != nil && c.err == nil {
			broken("the connection to %s lives on a ring that is refused", c.peer)
		}
		c.guardSlots()
		c.guardLists()
		c.guardEntries()
		live, large, waiting = live+c.live, large+c.large, waiting+c.backlog.count
		if c.receiving {
			hoped += c.hoped
		}
		units += len(c.slots.all)
	}
	d := &e.driver
	e.same("driver.live", d.live, live)
	e.same("driver.large", d.large, large)
	e.same("driver.hoped", d.hoped, hoped)
	e.guardListed(d.toSend, "driver.toSend", func(c *Conn) bool { return c.send.listed })
	e.guardListed(d.toArm, "driver.toArm", func(c *Conn) bool { return c.listedToArm })
	done := e.guardHeld()
	e.same("calls in slots, waiting for one and finished", live+waiting+done, len(e.guard.held))
	if e.stats.Accepted != e.stats.Reported+uint64(len(e.guard.held)) {
		broken("%d calls accepted are not %d reported and %d with the engine", e.stats.Accepted, e.stats.Reported, len(e.guard.held))
	}
	return units + len(e.guard.held)
}

func (e *Engine) same(what string, got, want int) {
	if got != want {
		broken("%s: %d instead of %d", what, got, want)
	}
}

func (c *Conn) same(what string, got, want int) {
	if got != want {
		broken("%s of the connection to %s: %d instead of %d", what, c.peer, got, want)
	}
}

// guardSlots checks the slots against the calls in them and against what is
// counted of those.
func (c *Conn) guardSlots() {
	s := &c.slots
	live, large, bodies, sent, receiving, dead := 0, 0, 0, 0, 0, 0
	for i := range s.all {
		at := &s.all[i]
		if at.dead {
			dead++
			if at.call != nil {
				broken("slot %d of the connection to %s is dead and taken", i, c.peer)
			}
		}
		call := at.call
		if call == nil {
			continue
		}
		live++
		if call.size > smallPayload {
			large++
		}
		if call.Reply == nil {
			bodies++
		}
		switch {
		case call.xid != at.xid || call.Conn != c:
			broken("xid %#08x of the connection to %s leads to a call with xid %#08x", at.xid, c.peer, call.xid)
		case call.state == stateSent:
			sent++
		case call.state == stateReceiving && call == c.rx.call:
			receiving++
		default:
			broken("a call in slot %d of the connection to %s is in state %d", i, c.peer, call.state)
		}
		c.guardCall(call)
	}
	c.same("free and dead and taken slots", len(s.free)+dead+live, len(s.all))
	for _, i := range s.free {
		if s.all[i].dead || s.all[i].call != nil {
			broken("slot %d of the connection to %s is free and in use", i, c.peer)
		}
	}
	c.same("dead slots", s.dead, dead)
	c.same("live", c.live, live)
	c.same("large", c.large, large)
	c.same("bodies", c.bodies, bodies)
	c.same("calls in state sent", c.sent.count, sent)
	if c.rx.call != nil && receiving == 0 {
		broken("the receiver of the connection to %s has a call that is in no slot", c.peer)
	}
}

// guardCall checks one call in a slot or in the backlog.
func (c *Conn) guardCall(call *Call) {
	switch {
	case call.aimed && !c.receiving:
		broken("a call to %s is aimed at without a receive", c.peer)
	case call.aimed && !slices.ContainsFunc(c.aim.parts, func(p part) bool { return p.call == call }):
		broken("a call to %s is aimed at, but not by the receive in flight", c.peer)
	case call.cancelErr != nil && !call.aimed:
		broken("a call to %s that is to end waits for no receive: %v", c.peer, call.cancelErr)
	case call.cancelErr != nil && c.err == nil && !c.cancelling && !c.guard.asked:
		broken("a call to %s that is to end waits for a receive that nobody cancels", c.peer)
	case call.cancelErr == nil && !call.Deadline.IsZero():
		if next := c.engine.deadline.next; next.IsZero() || next.After(call.Deadline) {
			broken("nothing comes at the deadline of a call to %s", c.peer)
		}
	}
}

// guardLists checks the lists of calls that the connection has.
func (c *Conn) guardLists() {
	c.sent.guard(c, "sent", stateSent)
	c.backlog.guard(c, "backlog", stateQueued)
	if c.err == nil && c.backlog.count > 0 && c.slots.available() && c.send.room() {
		broken("%d calls to %s wait although a slot is free and there is room to send", c.backlog.count, c.peer)
	}
	if c.err != nil && c.backlog.count > 0 && !c.keeping {
		broken("%d calls to %s wait on a connection that has ended, and not to be made again", c.backlog.count, c.peer)
	}
	for call := c.backlog.head; call != nil; call = call.next {
		if call.aimed || call.Conn != c {
			broken("a call waits in the backlog of %s that is aimed at, or another connection's", c.peer)
		}
		c.guardCall(call)
	}
	c.same("outstanding", int(c.outstanding.Load()), c.live+c.backlog.count)
}

func (l *callList) guard(c *Conn, name string, want callState) {
	n := 0
	var last *Call
	for call := l.head; call != nil && n <= l.count; call = call.next {
		if call.prev != last || call.state != want {
			broken("the %s list of the connection to %s has a call in state %d, or a broken link", name, c.peer, call.state)
		}
		n, last = n+1, call
	}
	if n != l.count || last != l.tail {
		broken("the %s list of the connection to %s has another length than its count of %d", name, c.peer, l.count)
	}
}

// guardEntries checks what the kernel has of the connection, and that something is
// under way for everything that has to happen.
func (c *Conn) guardEntries() {
	entries := c.guard.cancels
	if c.receiving {
		entries++
	}
	if c.send.inFlight {
		entries++
	}
	c.same("entries", c.entries, entries)
	s := &c.send
	switch {
	case c.cancelling && !c.receiving:
		broken("a receive from %s is to be cancelled that there is not", c.peer)
	case c.cancelling && !c.listedToArm:
		broken("a receive from %s is to be cancelled and nobody does it", c.peer)
	case c.err == nil && !c.receiving && !c.listedToArm:
		broken("nothing is received from %s any more", c.peer)
	case c.err == nil && s.unsent() && !s.inFlight && !s.listed:
		broken("calls to %s are encoded and nobody sends them", c.peer)
	case c.err != nil && c.entries == 0 && c.fd >= 0 && !c.listedToArm:
		broken("the connection to %s has ended and nobody closes its socket", c.peer)
	}
	for i := range c.aim.parts {
		if call := c.aim.parts[i].call; call != nil && !c.receiving {
			broken("a call to %s is in the aim of no receive", c.peer)
		}
	}
	if c.receiving {
		c.guardAim()
	}
}

// unsent reports whether there are bytes that no send entry has taken out.
func (s *sender) unsent() bool { return s.sent < len(s.sending.b) || len(s.filling.b) > 0 }

// guardAim panics if the receive may write to memory that is not lent.
func (c *Conn) guardAim() {
	for i := range c.aim.parts {
		p := &c.aim.parts[i]
		if p.call == nil {
			continue
		}
		if !p.call.aimed || p.call.Conn != c {
			broken("a receive from %s is aimed at a call that does not know of it", c.peer)
		}
		if p.call.state == stateDone || p.call.state == stateIdle {
			broken("a receive from %s is aimed at a call that has ended", c.peer)
		}
		at := p.at
		for left := p.n; left > 0; {
			piece := at.segment(p.call.target, left)
			if len(piece) == 0 || !p.call.Bounce && !c.engine.lent.covers(piece) {
				broken("a receive from %s is aimed at memory that is not lent", c.peer)
			}
			at.advance(p.call.target, len(piece))
			left -= len(piece)
		}
	}
}

// guardListed checks a list of connections against what they say of themselves.
func (e *Engine) guardListed(list []*Conn, name string, listed func(*Conn) bool) {
	n := 0
	for _, c := range e.conns {
		if c != nil && listed(c) {
			n++
		}
	}
	for _, c := range list {
		if !listed(c) {
			broken("the connection to %s is in %s and does not know", c.peer, name)
		}
		if e.conns[c.id] != c {
			n++ // closed since it was listed
		}
	}
	e.same(name, len(list), n)
}

// guardHeld checks the calls with the engine against the queues' accounts and
// reports how many are finished.
func (e *Engine) guardHeld() (done int) {
	for c := range e.guard.held {
		q := c.queue
		if q == nil || c.state == stateIdle {
			broken("a call with the engine is idle")
		}
		if q.guard.check != e.guard.runs {
			q.guard.check, q.guard.held, q.guard.done = e.guard.runs, 0, 0
		}
		q.guard.held++
		if c.state == stateDone {
			q.guard.done++
			done++
		}
	}
	for c := range e.guard.held {
		e.same("calls accepted and not popped, in their queue", c.queue.inFlight, c.queue.guard.held)
		e.same("finished calls in their queue", c.queue.done.count, c.queue.guard.done)
	}
	return done
}

// guardClosed checks what a closed engine may still have: finished calls, and
// their memory.
func (e *Engine) guardClosed() {
	if e.leaked != nil {
		return
	}
	e.guardNow()
	for c := range e.guard.held {
		if c.state != stateDone {
			broken("a call is in state %d after the engine was closed", c.state)
		}
	}
	if !slices.Equal(e.lent.all(), e.loans()) {
		broken("memory lent is not that of the %d calls finished and not popped", len(e.guard.held))
	}
	for _, c := range e.conns {
		if c != nil {
			broken("the connection to %s is left after the engine was closed", c.peer)
		}
	}
}

// covers reports whether all of p is lent by one loan.
func (l *lentRanges) covers(p []byte) bool {
	r := rangeOf(p)
	chunk, at := l.after(r.start)
	if at == 0 && chunk > 0 {
		chunk--
		at = len(l.sorted[chunk].ranges)
	}
	return at > 0 && l.sorted[chunk].ranges[at-1].end >= r.end
}

// all lists what is lent.
func (l *lentRanges) all() (ranges []lentRange) {
	for _, c := range l.sorted {
		ranges = append(ranges, c.ranges...)
	}
	return ranges
}

// loans lists what the calls with the engine have lent, by address.
func (e *Engine) loans() (ranges []lentRange) {
	for c := range e.guard.held {
		for _, p := range c.Iovs {
			if len(p) > 0 {
				ranges = append(ranges, rangeOf(p))
			}
		}
	}
	slices.SortFunc(ranges, func(a, b lentRange) int { return cmp.Compare(a.start, b.start) })
	return ranges
}
