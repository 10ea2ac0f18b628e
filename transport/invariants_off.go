//go:build !invariants

package transport

// The build tag invariants has the engine check itself and those who call it:
// memory is poisoned when it is lent and where it does not count, the accounts
// are checked after every turn, and misuse that no error value tells of panics.
// Without the tag all of it is nothing.

type (
	callGuard   struct{}
	queueGuard  struct{}
	connGuard   struct{}
	engineGuard struct{}
)

func (c *Call) guardUse()        { _ = c.guard }
func (c *Call) guardTaken()      {}
func (c *Call) guardSame()       {}
func (c *Call) guardReadied()    {}
func (c *Call) guardComplete()   {}
func (c *Call) guardHandedBack() {}
func (q *Queue) guardUse()       { _ = q.guard }
func (c *Conn) guardArmed()      { _ = c.guard }
func (c *Conn) guardCancel(int)  {}
func (e *Engine) guardAccounts() {}
func (e *Engine) guardClosed()   { _ = e.guard }
