//go:build invariants

package ring

import (
	"bytes"
	"fmt"
	"sync/atomic"
)

// poisonFree fills blocks of an arena that were put back.
const poisonFree = 0xAF

func broken(format string, args ...any) {
	panic("ring: invariants: " + fmt.Sprintf(format, args...))
}

// messageGuard knows which entry the kernel has to take before a message may be
// changed.
type messageGuard struct {
	self    *Message
	entered *atomic.Uint32 // the submission queue's tail that the kernel knows
	tail    uint32         // of the submission queue, with the entry in it
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
	if g.entered == nil {
		return
	}
	if int32(g.entered.Load()-g.tail) < 0 {
		broken("a Message was changed before the kernel has read it")
	}
	g.entered = nil
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
