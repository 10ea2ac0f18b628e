//go:build invariants

package transport

import (
	"fmt"
	"hash/maphash"
	"reflect"
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

const (
	// poisonLent is what lent memory is filled with before anything lands in it.
	poisonLent = 0xAC
	// poisonVoid is what is put where nothing counts when a call is handed back.
	poisonVoid = 0xAD
)

// broken panics: what is wrong is a defect of the engine or of its caller, and
// going on would write to memory that is not lent.
func broken(format string, args ...any) {
	panic("transport: invariants: " + fmt.Sprintf(format, args...))
}

// callGuard remembers a call as it was when it was accepted.
type callGuard struct {
	self  *Call
	taken callCopy
}

// callCopy is what may not change while a call is with the engine.
type callCopy struct {
	iovs      []lentRange
	args      lentRange
	sum       uint64 // of the arguments
	reply     Reply
	procedure xdrwire.Procedure
	deadline  time.Time
	bounce    bool
}

var guardSeed = maphash.MakeSeed()

// guardUse panics if the call is a copy of one that has been used.
func (c *Call) guardUse() {
	if c.guard.self != nil && c.guard.self != c {
		broken("a Call was copied after its first use")
	}
	c.guard.self = c
}

// guardTaken runs when the call is accepted.
func (c *Call) guardTaken() {
	g := &c.guard
	c.remember(&g.taken)
	fill(c.Iovs, 0, poisonLent)
	fill(c.target, 0, poisonLent) // a bounce buffer
	e := c.queue.engine
	if e.guard.held == nil {
		e.guard.held = make(map[*Call]struct{})
	}
	e.guard.held[c] = struct{}{}
}

// guardReadied runs when the call has been readied for another connection, which
// may have changed all of it but its memory.
func (c *Call) guardReadied() {
	c.guardIovs()
	c.remember(&c.guard.taken)
	fill(c.Iovs, 0, poisonLent)
	fill(c.target, 0, poisonLent)
}

func (c *Call) remember(to *callCopy) {
	to.iovs = to.iovs[:0]
	for _, p := range c.Iovs {
		to.iovs = append(to.iovs, rangeOf(p))
	}
	to.args, to.sum = rangeOf(c.Args), maphash.Bytes(guardSeed, c.Args)
	to.reply, to.procedure, to.deadline, to.bounce = c.Reply, c.Procedure, c.Deadline, c.Bounce
}

// guardSame panics if the caller has changed the call since it was accepted.
func (c *Call) guardSame() {
	g, was := &c.guard, &c.guard.taken
	changed := c.guardChanged
	if g.self != c {
		changed("the address")
	}
	c.guardIovs()
	switch {
	case rangeOf(c.Args) != was.args || maphash.Bytes(guardSeed, c.Args) != was.sum:
		changed("Args")
	case !sameReply(c.Reply, was.reply):
		changed("Reply")
	case c.Procedure != was.procedure:
		changed("Procedure")
	case !c.Deadline.Equal(was.deadline):
		changed("Deadline")
	case c.Bounce != was.bounce:
		changed("Bounce")
	}
}

func (c *Call) guardIovs() {
	was := c.guard.taken.iovs
	same := len(c.Iovs) == len(was)
	for i := 0; same && i < len(c.Iovs); i++ {
		same = rangeOf(c.Iovs[i]) == was[i]
	}
	if !same {
		c.guardChanged("Iovs")
	}
}

func (c *Call) guardChanged(what string) {
	broken("%s of a Call changed while it was with the engine: %v at %s", what, c.Procedure, c.Conn.peer)
}

func sameReply(a, b Reply) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return a == nil || !reflect.TypeOf(a).Comparable() || a == b
}

// guardComplete panics if the call ends while the kernel may write to its memory.
func (c *Call) guardComplete() {
	if c.aimed && c.Conn.receiving {
		broken("a call ends while a receive is aimed at it: %v at %s", c.Procedure, c.Conn.peer)
	}
}

// guardHandedBack runs when the call is popped, before its loan ends.
func (c *Call) guardHandedBack() {
	c.guardUse()
	c.guardSame()
	if c.Err == nil {
		fill(c.Iovs, c.Received, poisonVoid)
	} else {
		fill(c.Iovs, 0, poisonVoid)
	}
	held := c.queue.engine.guard.held
	if _, ok := held[c]; !ok {
		broken("a Call was reported that is not with the engine, or twice: %v at %s", c.Procedure, c.Conn.peer)
	}
	delete(held, c)
	c.guard.taken = callCopy{iovs: c.guard.taken.iovs[:0]}
}

// fill overwrites everything behind the first from bytes of the slices.
func fill(iovs [][]byte, from int, with byte) {
	for _, p := range iovs {
		n := min(from, len(p))
		from -= n
		if p = p[n:]; len(p) == 0 {
			continue
		}
		p[0] = with
		for n := 1; n < len(p); n *= 2 {
			copy(p[n:], p[:n])
		}
	}
}

// queueGuard finds copies, and counts while the accounts are checked.
type queueGuard struct {
	self       *Queue
	check      uint64
	held, done int
}

// guardUse panics if the queue is a copy.
func (q *Queue) guardUse() {
	if q.guard.self == nil {
		q.guard.self = q
	}
	if q.guard.self != q {
		broken("a Queue was copied")
	}
}
