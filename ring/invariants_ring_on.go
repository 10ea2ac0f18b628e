//go:build linux && invariants

package ring

import (
	"slices"
	"sync/atomic"
)

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

// guardWithdrawn lets the messages of what is queued be changed: the kernel will not
// read them.
func (r *Ring) guardWithdrawn() { r.guard.entered.Store(r.sqTail) }

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

// guardMessage runs when an entry that leads to the message is about to be
// published.
func (r *Ring) guardMessage(m *Message) {
	if m.guard.self != nil && m.guard.self != m {
		broken("a Message was copied")
	}
	m.guard = messageGuard{self: m, entered: &r.guard.entered, tail: r.sqTail + 1}
}

// guardTaken panics if the slot is not one that a buffer is in.
func (t *BufferTable) guardTaken(index int) {
	if slices.Contains(t.free, index) {
		broken("buffer %d was unregistered twice", index)
	}
}
