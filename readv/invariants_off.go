//go:build !invariants

package readv

// With the build tag invariants an Op or a Queue that was copied panics, and so
// does an Op that was changed while the library had it; what of its memory does
// not count is poisoned at the report. Without it all of this is nothing. See
// also package transport.

type (
	opGuard    struct{}
	queueGuard struct{}
)

func (o *Op) guardUse()          { _ = o.state.guard }
func (o *Op) guardTaken()        {}
func (o *Op) guardHandedBack()   {}
func (q *Queue) guardUse()       { _ = q.guard }
func (q *Queue) guardCounts()    {}
func (u *uses) guardCount(int64) {}
