//go:build invariants

package ring

import (
	"bytes"
	"fmt"
	"slices"
	"sync/atomic"
)

// poisonFree fills blocks of an arena that were put back.
const poisonFree = 0xAF

func broken(format string, args ...any) {
	panic("ring: invariants: " + fmt.Sprintf(format, args...))
}

// guardQueue panics if an entry is queued on a closed ring.
func (r *Ring) guardQueue() {
	if r.closed {
		broken("an entry was queued after Close")
	}
}

// ringGuard knows how much of the submission queue the kernel was told of. How much
// it has taken shows later than completions of it.
type ringGuard struct{ entered atomic.Uint32 }

func (r *Ring) guardSetup() { r.guard.entered.Store(r.sqTail) }

// guardEnter runs before the kernel is told to take what is queued.
func (r *Ring) guardEnter() {
	r.guardMapped()
	tail := atomic.LoadUint32(r.q.sqTail)
	for was := r.guard.entered.Load(); int32(tail-was) > 0; was = r.guard.entered.Load() {
		if r.guard.entered.CompareAndSwap(was, tail) {
			break
		}
	}
}

// guardMapped panics if the queues are used that Close has unmapped.
func (r *Ring) guardMapped() {
	if r.q.sqes == nil {
		broken("a ring was used after Close")
	}
}

// guardReaped panics if more has completed than was queued.
func (r *Ring) guardReaped() {
	if n := r.inFlight.Load(); n < 0 {
		broken("%d completions too many", -n)
	}
}

// messageGuard knows which entry the kernel has to take before a message may be
// changed.
type messageGuard struct {
	self *Message
	ring *Ring
	tail uint32 // of the submission queue, with the entry in it
}

// guardMessage runs when an entry that leads to the message is about to be
// published.
func (r *Ring) guardMessage(m *Message) {
	if m.guard.self != nil && m.guard.self != m {
		broken("a Message was copied")
	}
	m.guard = messageGuard{self: m, ring: r, tail: r.sqTail + 1}
}

// guardChange panics if the message is a copy, or the kernel has still to read it.
func (m *Message) guardChange() {
	g := &m.guard
	if g.self == nil {
		g.self = m
	}
	if g.self != m {
		broken("a Message was copied")
	}
	if g.ring == nil {
		return
	}
	if int32(g.ring.guard.entered.Load()-g.tail) < 0 {
		broken("a Message was changed before the kernel has read it")
	}
	g.ring = nil
}

// guardTaken panics if the slot is not one that a buffer is in.
func (t *BufferTable) guardTaken(index int) {
	if slices.Contains(t.free, index) {
		broken("buffer %d was unregistered twice", index)
	}
}

// arenaGuard knows the blocks that have been put back, by address.
type arenaGuard map[uint64]bool

// guardPut poisons a block that nobody may use any more.
func (a *Arena) guardPut(p []byte) {
	for i := range p {
		p[i] = poisonFree
	}
	if a.guard == nil {
		a.guard = make(arenaGuard)
	}
	a.guard[addressOf(p)] = true
}

// guardGet panics if somebody has written to a block since it was put back.
func (a *Arena) guardGet(p []byte) {
	if a.guard[addressOf(p)] && len(bytes.TrimLeft(p, string([]byte{poisonFree}))) > 0 {
		broken("a block of an arena was written to after it was put back")
	}
}
