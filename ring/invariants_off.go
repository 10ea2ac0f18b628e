//go:build !invariants

package ring

// With the build tag invariants use after Close, slots emptied twice, messages
// changed before the kernel has read them and writes to blocks nobody has panic.
// Without it all of this is nothing.

type (
	ringGuard    struct{}
	messageGuard struct{}
	arenaGuard   struct{}
)

func (r *Ring) guardQueue()           {}
func (r *Ring) guardSetup()           { _ = r.guard }
func (r *Ring) guardEnter()           {}
func (r *Ring) guardMapped()          {}
func (r *Ring) guardReaped()          {}
func (r *Ring) guardMessage(*Message) {}
func (m *Message) guardChange()       { _ = m.guard }
func (t *BufferTable) guardTaken(int) {}
func (a *Arena) guardGet([]byte)      { _ = a.guard }
func (a *Arena) guardPut([]byte)      {}
